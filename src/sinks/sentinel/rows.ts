/**
 * Writes records as rows: a JSON array of objects, whose keys are columns.
 *
 *   [{"TimeGenerated":"..","SophosRecord":"T/S/KEY",  LINE without its brace ,{...},...]
 */
import { isUtf8 } from 'node:buffer';
import { textOf } from '../../core/pack.ts';
import { compileTemplate } from '../../core/template.ts';
import type { Millis, Origin, Parcel, Section, StreamRecord } from '../../core/types.ts';
import { topLevel } from '../wire/field.ts';
import { JsonBody, wellFormed } from '../wire/json-body.ts';
import { recordIdStart } from '../wire/record-id.ts';
import type { SentinelOptions } from './options.ts';

/** The column that names a record for ever. */
export const recordColumn = 'SophosRecord';

/** Records for one stream of the rule. */
export interface Call {
  readonly streamName: string;
  readonly sections: readonly Section[];
}

export interface RowWriter {
  /** Bytes that a record takes beside its line, generously. */
  readonly overheadBytes: number;
  calls(parcel: Parcel): Call[];
  write(call: Call): Buffer;
}

/** Both columns of our own, a comma, and a column for the text. */
const skeletonBytes = 120;
const idBytes = 100;
const brace = 0x7b;
const closing = 0x7d;

/**
 * Compiles the template.
 *
 * Throws   config `config.template` for a template that cannot be read.
 */
export function compileRowWriter({
  streamName,
  body,
  column,
  timeGenerated,
}: Pick<SentinelOptions, 'streamName' | 'body' | 'column' | 'timeGenerated'>): RowWriter {
  const template = compileTemplate(streamName);
  return {
    overheadBytes: skeletonBytes + idBytes,
    calls({ sections }) {
      const calls = new Map<string, Section[]>();
      for (const section of sections) {
        const first = section.records[0];
        if (!first) continue;
        const name = template.plain(forStream(section.origin), first.time);
        const known = calls.get(name) ?? [];
        calls.set(name, known);
        known.push(section);
      }
      return [...calls].map(([name, own]) => ({ streamName: name, sections: own }));
    },
    write({ sections }) {
      const out = new JsonBody(sections.reduce((sum, { lines }) => sum + lines.bytes.length + lines.count * (skeletonBytes + idBytes), 64));
      let before = '[';
      for (const section of sections) {
        const { origin, records, lines } = section;
        const isClean = isUtf8(lines.bytes);
        const idStart = recordIdStart(origin);
        for (const [i, record] of records.entries()) {
          const line = isClean ? textOf(lines, i) : wellFormed(textOf(lines, i));
          const asFields = body === 'fields' && section.json && line[0] === brace;
          const needsTime = timeGenerated && !(asFields && typeof topLevel(line, 'TimeGenerated') === 'string');
          out.ascii(`${before}{${needsTime ? `"TimeGenerated":"${stampOf(record)}",` : ''}"${recordColumn}":"`);
          before = ',';
          out.inQuotes(idStart);
          out.inQuotes(record.key);
          if (asFields) writeRest(line, out);
          else {
            out.ascii(`","${column}":`);
            out.quoted(line);
            out.ascii('}');
          }
        }
      }
      out.ascii(before === '[' ? '[]' : ']');
      return out.bytes();
    },
  };
}

/** An object behind columns of our own. */
function writeRest(line: Uint8Array, out: JsonBody): void {
  const rest = line.subarray(1);
  const isEmpty = Buffer.from(rest.buffer, rest.byteOffset, Math.min(64, rest.byteLength)).toString('latin1').trimStart().codePointAt(0) === closing;
  out.ascii(isEmpty ? '"' : '",');
  out.utf8(rest);
}

/** What a time of .NET and of Kusto can be. */
const isWritable = (ms: Millis) => ms >= -62_135_596_800_000 && ms <= 253_402_300_799_999;

function stampOf({ time, fetchedAt }: StreamRecord): string {
  return new Date([time, fetchedAt].find(isWritable) ?? 0).toISOString();
}

/** Values as they may stand in the name of a stream. */
function forStream({ stream, tenant }: Origin): Origin {
  const safe = (value: string) => value.replace(/[^A-Za-z0-9_]/g, '_');
  const labels = Object.fromEntries(Object.entries(tenant.labels).map(([name, value]) => [name, safe(value)]));
  return { stream: safe(stream), tenant: { id: safe(tenant.id), name: safe(tenant.name), labels } };
}
