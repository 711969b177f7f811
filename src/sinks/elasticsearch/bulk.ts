/**
 * Writes a parcel as a bulk request: for each record a line that says where it goes, and a line that is the document.
 *
 *   {"create":{"_index":"logs-sophos_central.events-default","_id":"T/S/  KEY  "}}\n  {"@timestamp":"..",  LINE without its brace  \n
 *                      head, once per origin and day                                    only where it has none
 */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { textOf } from '../../core/pack.ts';
import { compileTemplate } from '../../core/template.ts';
import type { Millis, Origin, Parcel, Section, StreamRecord } from '../../core/types.ts';
import { topLevel } from '../wire/field.ts';
import { JsonBody, quote, wellFormed } from '../wire/json-body.ts';
import { recordIdStart } from '../wire/record-id.ts';
import type { ElasticsearchOptions } from './options.ts';

export interface BulkWriter {
  /** Bytes that a record takes beside its line, generously. */
  readonly overheadBytes: number;
  /** Do all records go to one index? Then a wrong one is the configuration's fault. */
  readonly isOneIndex: boolean;
  /** The index, with `*` for what differs between records. */
  readonly pattern: string;
  write(parcel: Parcel): Buffer;
}

interface Head {
  readonly day: number;
  readonly text: string;
}

const dayMs = 86_400_000;
/** What Elasticsearch takes for an `_id`. */
const maxIdBytes = 512;
const skeletonBytes = 90;
const idBytes = 100;
const placeholderBytes = 64;

const LF = 0x0a;
const brace = 0x7b;
const closing = 0x7d;
const lineEnd = Buffer.from('\n');
const stampKey = Buffer.from('"@timestamp"');

/**
 * Compiles the templates.
 *
 * Throws   config `config.template` for a template that cannot be read.
 */
export function compileBulkWriter({ index, pipeline, action }: Pick<ElasticsearchOptions, 'index' | 'pipeline' | 'action'>): BulkWriter {
  const indexTemplate = compileTemplate(index);
  const pipelineTemplate = pipeline === undefined ? null : compileTemplate(pipeline);
  const usesDate = indexTemplate.usesDate || (pipelineTemplate?.usesDate ?? false);
  const heads = new WeakMap<Origin, Head>();

  function headOf(origin: Origin, time: Millis): string {
    const day = usesDate ? Math.floor(time / dayMs) : 0;
    const kept = heads.get(origin);
    if (kept?.day === day) return kept.text;
    const named = pipelineTemplate ? `,"pipeline":${quote(pipelineTemplate.plain(origin, time))}` : '';
    const text = `{"${action}":{"_index":${quote(indexTemplate.plain(forIndex(origin), time))}${named},"_id":`;
    heads.set(origin, { day, text });
    return text;
  }

  const templates = index.length + (pipeline?.length ?? 0) + placeholderBytes * (`${index}${pipeline ?? ''}`.split('{').length - 1);
  return {
    overheadBytes: skeletonBytes + idBytes + templates,
    isOneIndex: !indexTemplate.usesOrigin && !indexTemplate.usesDate,
    pattern: index.replace(/\{[^{}]*\}/g, '*'),
    write({ sections }) {
      const size = sections.reduce((sum, { lines }) => sum + lines.bytes.length + lines.count * (skeletonBytes + idBytes + templates), 64);
      const out = new JsonBody(size);
      for (const section of sections) writeSection(section, out, headOf);
      return out.bytes();
    },
  };
}

function writeSection({ origin, records, lines, json }: Section, out: JsonBody, headOf: (origin: Origin, time: Millis) => string): void {
  const isClean = isUtf8(lines.bytes);
  const idStart = recordIdStart(origin);
  for (let i = 0; i < records.length; i++) {
    const record = records[i];
    if (!record) break;
    const line = isClean ? textOf(lines, i) : wellFormed(textOf(lines, i));
    out.utf8(Buffer.from(`${headOf(origin, record.time)}${quote(idOf(idStart, record.key))}}}\n`));
    if (json && line[0] === brace) writeDocument(record, line.includes(LF) ? line.map((byte) => (byte === LF ? 0x20 : byte)) : line, out);
    else {
      out.ascii(`{"@timestamp":"${stampOf(record)}","message":`);
      out.quoted(line);
      out.ascii('}');
    }
    out.utf8(lineEnd);
  }
}

/** A document as it is, with its time if it lacks one: data streams take none without. */
function writeDocument(record: StreamRecord, line: Uint8Array, out: JsonBody): void {
  if (typeof topLevel(line, '@timestamp') === 'string') {
    out.utf8(line);
    return;
  }
  const whole = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  const rest = whole.includes(stampKey) ? withoutStamp(whole) : whole;
  const isEmpty = rest.subarray(1).toString('latin1', 0, 64).trimStart().codePointAt(0) === closing;
  out.ascii(`{"@timestamp":"${stampOf(record)}"${isEmpty ? '' : ','}`);
  out.utf8(rest.subarray(1));
}

/** The same object without a `@timestamp` that is no text; keys that are there twice are refused. */
function withoutStamp(line: Buffer): Buffer {
  try {
    const document = JSON.parse(line.toString('utf8')) as Readonly<Record<string, unknown>>;
    if (!Object.hasOwn(document, '@timestamp')) return line;
    return Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(document).filter(([key]) => key !== '@timestamp'))));
  } catch (error) {
    // What is no JSON is for the far end to refuse.
    if (error instanceof SyntaxError || error instanceof RangeError) return line;
    throw error;
  }
}

/** From year 0 to 9999: what `strict_date_optional_time` reads. */
const isWritable = (ms: Millis) => ms >= -62_167_219_200_000 && ms <= 253_402_300_799_999;

function stampOf({ time, fetchedAt }: StreamRecord): string {
  return new Date([time, fetchedAt].find(isWritable) ?? 0).toISOString();
}

/** The record's name, or a digest of it where that is too long. */
export function idOf(start: string, key: string): string {
  const id = Buffer.from(start + key);
  return id.length <= maxIdBytes ? id.toString('utf8') : createHash('sha256').update(id).digest('hex');
}

/** Values as they may stand in the name of an index; in the name of a data stream a dash ends its part. */
function forIndex({ stream, tenant }: Origin): Origin {
  const safe = (value: string) => value.toLowerCase().replace(/[^a-z0-9_.]/g, '_');
  const labels = Object.fromEntries(Object.entries(tenant.labels).map(([name, value]) => [name, safe(value)]));
  return { stream: safe(stream), tenant: { id: safe(tenant.id), name: safe(tenant.name), labels } };
}
