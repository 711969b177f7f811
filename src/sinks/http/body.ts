/** The body of a request, its content type, and the key by which a receiver knows it again. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { textOf } from '../../core/pack.ts';
import { JsonBody, wellFormed } from '../wire/json-body.ts';
import { type Group, recordsOf } from './addressing.ts';
import type { Layout } from './options.ts';

const LF = 0x0a;
const lineEnd = Buffer.from('\n');
const comma = Buffer.from(',');

export function contentTypeOf(layout: Layout, json: boolean): string {
  if (layout === 'array') return 'application/json';
  if (!json) return 'text/plain; charset=utf-8';
  return layout === 'one' ? 'application/json' : 'application/x-ndjson';
}

/** Lines of JSON as they are; other lines as they are, too, but in an array as JSON strings. */
export function bodyOf(group: Group, layout: Layout): Buffer {
  const { runs, json } = group;
  const out = new JsonBody(64 + runs.reduce((sum, { section }) => sum + section.lines.bytes.length, 0) + 2 * recordsOf(group));
  let first = true;
  if (layout === 'array') out.ascii('[');
  for (const { section, from, to } of runs)
    for (let i = from; i < to; i++) {
      const bytes = textOf(section.lines, i);
      const line = isUtf8(bytes) ? bytes : wellFormed(bytes);
      if (layout === 'one') out.utf8(line);
      else if (layout === 'array') {
        if (!first) out.utf8(comma);
        if (json) out.utf8(line);
        else out.quoted(line);
      } else {
        out.utf8(onOneLine(line));
        out.utf8(lineEnd);
      }
      first = false;
    }
  if (layout === 'array') out.ascii(']');
  return out.bytes();
}

/** A line feed within a record would be the end of it: in JSON it means nothing, in text it becomes a blank. */
export function onOneLine(line: Uint8Array): Uint8Array {
  return line.includes(LF) ? line.map((byte) => (byte === LF ? 0x20 : byte)) : line;
}

/** The same records for the same address have the same key, also after a restart. */
export function idempotencyKeyOf({ runs }: Group, url: string): string {
  const hash = createHash('sha256').update(JSON.stringify(url));
  for (const { section, from, to } of runs) {
    hash.update(JSON.stringify([section.lane.route, section.lane.stream]));
    for (const { seq, key } of section.records.slice(from, to)) hash.update(JSON.stringify([seq, key]));
  }
  return hash.digest('hex').slice(0, 32);
}
