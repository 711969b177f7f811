/**
 * Writes records as the collector wants them: one JSON object after the other, without an object of ours per record.
 *
 *   {"time":1795158472.085  ,"host":..,"source":..,"sourcetype":..,"index":..,"event":  LINE  ,"fields":{..,"sophos_record":"T/S/  KEY  "}}\n
 *      per record                        head, once per origin                          line     tail, once per origin              key
 *
 * The line of a JSON format is pasted as it is; any other line becomes a JSON string, escaped byte by byte.
 */
import { isUtf8 } from 'node:buffer';
import { textOf } from '../../core/pack.ts';
import { compileTemplate, type Template } from '../../core/template.ts';
import type { Millis, Origin, Parcel, Section } from '../../core/types.ts';
import { JsonBody, quote, wellFormed } from '../wire/json-body.ts';
import { type HecOptions, recordField } from './options.ts';

export interface Envelope {
  /** Bytes that a record takes beside its line, generously. */
  readonly overheadBytes: number;
  /** Do all events go to one index, the token's own included? */
  readonly isOneIndex: boolean;
  /** The body of the request for this parcel. */
  write(parcel: Parcel): Buffer;
}

/** Head and tail for one origin; on one day, if a template asks for the date. */
interface Frame {
  readonly day: number;
  readonly head: Buffer;
  readonly tail: Buffer;
}

const dayMs = 86_400_000;
const timeHead = Buffer.from('{"time":');
const end = Buffer.from('"}}\n');
/** `{"time":1795158472.085,"event":"","fields":{"sophos_record":""}}` and the line end. */
const skeletonBytes = 70;
/** Tenant id, stream and record id, with their slashes. */
const recordIdBytes = 100;
const placeholderBytes = 64;

/**
 * Compiles the templates.
 *
 * Throws   config `config.template` for a template that cannot be read.
 */
export function compileEnvelope({
  host,
  source,
  sourcetype,
  index,
  fields,
}: Pick<HecOptions, 'host' | 'source' | 'sourcetype' | 'index' | 'fields'>): Envelope {
  const settings = templatesOf({ host, source, sourcetype, index });
  const extras = templatesOf(fields);
  const all = [...settings, ...extras];
  const usesDate = all.some(([, template]) => template.usesDate);
  const frames = new WeakMap<Origin, Frame>();

  function frameOf(origin: Origin, time: Millis): Frame {
    const day = usesDate ? Math.floor(time / dayMs) : 0;
    const kept = frames.get(origin);
    if (kept?.day === day) return kept;
    const { tenant, stream } = origin;
    const pairs = (templates: readonly NamedTemplate[]) =>
      templates
        .map(([name, template]) => [name, template.plain(origin, time)] as const)
        // What is empty is left to the token, as if it were unset.
        .filter(([, value]) => value !== '')
        .map(([name, value]) => `${quote(name)}:${quote(value)},`)
        .join('');
    const frame: Frame = {
      day,
      head: Buffer.from(`,${pairs(settings)}"event":`),
      tail: Buffer.from(`,"fields":{${pairs(extras)}"${recordField}":${quote(`${tenant.id}/${stream}/`).slice(0, -1)}`),
    };
    frames.set(origin, frame);
    return frame;
  }

  const overheadBytes = all.reduce(
    (sum, [name, { text }]) => sum + name.length + quote(text).length + 4 + placeholderBytes * (text.split('{').length - 1),
    skeletonBytes + recordIdBytes,
  );

  return {
    overheadBytes,
    isOneIndex: !settings.some(([name, template]) => name === 'index' && (template.usesDate || template.usesOrigin)),
    write(parcel) {
      const size = parcel.sections.reduce((sum, { lines }) => sum + lines.bytes.length + lines.count * overheadBytes, 64);
      const out = new JsonBody(size);
      for (const section of parcel.sections) writeSection(section, out, frameOf);
      return out.bytes();
    },
  };
}

type NamedTemplate = readonly [name: string, template: Template];

function templatesOf(texts: Readonly<Record<string, string | undefined>>): NamedTemplate[] {
  return Object.entries(texts).flatMap(([name, text]): NamedTemplate[] => (text === undefined ? [] : [[name, compileTemplate(text)]]));
}

function writeSection({ origin, records, lines, json }: Section, out: JsonBody, frameOf: (origin: Origin, time: Millis) => Frame): void {
  const isClean = isUtf8(lines.bytes);
  for (let i = 0; i < records.length; i++) {
    const record = records[i];
    if (!record) break;
    const { head, tail } = frameOf(origin, record.time);
    const line = isClean ? textOf(lines, i) : wellFormed(textOf(lines, i));
    out.utf8(timeHead);
    out.ascii(secondsOf(record.time));
    out.utf8(head);
    if (json) out.utf8(line);
    else out.quoted(line);
    out.utf8(tail);
    out.inQuotes(record.key);
    out.utf8(end);
  }
}

/** Seconds since 1970 with milliseconds, as `time` wants them. */
function secondsOf(time: Millis): string {
  return (Number.isFinite(time) ? time / 1000 : 0).toFixed(3);
}
