/**
 * Cuts a page's bytes into a pack, without an object per item.
 *
 * One pass over the bytes checks the whole JSON grammar, so that a line of a pack is always valid JSON, and notes where each element
 * of the top-level list begins and ends, and where its `id` and its time stand. The elements then stay where they are
 * and the commas between them are overwritten by line feeds: a fresh 1 MB costs as much as half of the scan. Raw control characters are forbidden inside JSON strings; so a CR or
 * LF that is left in a valid element stands between two tokens and can be dropped without looking.
 *
 * What is rare (escapes in a key or a value that we need, other spellings of time) goes through `JSON.parse` of that one item.
 */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Json, Millis, Pack } from '../../core/types.ts';
import { instantAt, parseInstant } from './instant.ts';
import {
  BrokenPage,
  broken,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  CR,
  colon,
  LF,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  space,
  spells,
  string,
  value,
} from './scan.ts';

export { BrokenPage } from './scan.ts';

/** Where a page has what is looked for. */
export interface Anatomy {
  /** The list, at the top of the reply. */
  readonly list: string;
  /** The member of an item that tells its time. Without it an item's time is when it was fetched, and that is not odd. */
  readonly time?: string;
  /** Where the time stands when that one is missing or unreadable. */
  readonly otherTime?: string;
}

/** Of the SIEM feeds. */
export const siemAnatomy: Anatomy = { list: 'items', time: 'created_at', otherTime: 'when' };

/** What a page holds. */
export interface Cut {
  readonly items: Pack;
  /** How many items were given a key or a time, because they came without. */
  readonly odd: number;
  /** The reply without its items. */
  readonly envelope: { readonly [field: string]: Json };
}

/**
 * Cuts a page.
 *
 * Shape    elements in Central's order, byte for byte, without line breaks between tokens. Of a key that stands twice, the last counts, as in `JSON.parse`.
 * Calls    takes `raw` over: the pack shares its memory, and commas in it become line feeds.
 * Throws   BrokenPage when the body is not a JSON object with that array.
 */
export function cutPage(raw: Buffer, fetchedAt: Millis, anatomy: Anatomy = siemAnatomy): Cut {
  // Central's bytes are UTF-8; should they not be, each wrong byte becomes U+FFFD, as every JSON reader would do.
  const b = isUtf8(raw) ? raw : Buffer.from(raw.toString('utf8'));
  const start = b[0] === 0xef && b[1] === 0xbb && b[2] === 0xbf ? 3 : 0;
  const seeker = seekerOf(anatomy, fetchedAt);
  let cut: Elements | null = null;
  let i = space(b, start);
  if (b[i] !== OPEN_OBJECT) throw broken(i);
  i = space(b, i + 1);
  if (b[i] === CLOSE_OBJECT) i++;
  else
    for (;;) {
      const keyAt = i;
      const keyEnd = string(b, i);
      i = space(b, colon(b, space(b, Math.abs(keyEnd))));
      if (isKey(b, keyAt, keyEnd, anatomy.list)) {
        cut = b[i] === OPEN_LIST ? elements(b, i, seeker) : null;
        i = cut ? cut.end : value(b, i);
      } else i = value(b, i);
      i = space(b, i);
      const c = b[i++];
      if (c === CLOSE_OBJECT) break;
      if (c !== COMMA) throw broken(i - 1);
      i = space(b, i);
    }
  if (space(b, i) < b.length) throw broken(i);
  if (!cut) throw new BrokenPage(`there is no \`${anatomy.list}\` array`);
  const envelope = JSON.parse(`${b.toString('utf8', start, cut.start)}[]${b.toString('utf8', cut.end)}`);
  return { items: pack(b, cut), odd: cut.odd, envelope };
}

interface Elements {
  /** Of the array, brackets included. */
  readonly start: number;
  readonly end: number;
  readonly starts: number[];
  readonly ends: number[];
  readonly keys: string[];
  readonly times: number[];
  odd: number;
}

/** What is looked for in each item, with the lengths of the names, quotes included. */
interface Seeker {
  readonly fetchedAt: Millis;
  readonly time: string;
  readonly timeLength: number;
  readonly otherTime: string;
  readonly otherLength: number;
}

function seekerOf({ time = '', otherTime = '' }: Anatomy, fetchedAt: Millis): Seeker {
  // No member's name is shorter than its two quotes.
  const lengthOf = (name: string) => (name === '' ? 0 : Buffer.byteLength(name) + 2);
  return { fetchedAt, time, timeLength: lengthOf(time), otherTime, otherLength: lengthOf(otherTime) };
}

function elements(b: Buffer, start: number, seeker: Seeker): Elements {
  const found = { start, end: 0, starts: [] as number[], ends: [] as number[], keys: [] as string[], times: [] as number[], odd: 0 };
  let i = space(b, start + 1);
  if (b[i] === CLOSE_LIST) return { ...found, end: i + 1 };
  for (;;) {
    found.starts.push(i);
    const end = b[i] === OPEN_OBJECT ? object(b, i, found, seeker) : value(b, i);
    if (b[i] !== OPEN_OBJECT) describeOdd(b, i, end, found, seeker);
    found.ends.push(end);
    i = b[end] === COMMA ? end : space(b, end);
    const c = b[i++];
    if (c === CLOSE_LIST) return { ...found, end: i };
    if (c !== COMMA) throw broken(i - 1);
    if (b[i] !== OPEN_OBJECT) i = space(b, i);
  }
}

/** One element that is an object: where it ends; its key and time are noted on the way. */
function object(b: Buffer, start: number, found: Elements, seeker: Seeker): number {
  const { time: timeName, timeLength, otherTime, otherLength } = seeker;
  let idAt = 0;
  let idEnd = 0;
  let createdAt = 0;
  let createdEnd = 0;
  let whenAt = 0;
  let whenEnd = 0;
  let escaped = false;
  let i = start + 1;
  if (b[i] !== QUOTE) i = space(b, i);
  if (b[i] === CLOSE_OBJECT) i++;
  else
    for (;;) {
      const keyAt = i;
      const keyEnd = string(b, i);
      if (keyEnd < 0) {
        escaped = true;
        i = -keyEnd;
      } else i = keyEnd;
      i = b[i] === COLON ? i + 1 : colon(b, space(b, i));
      let c = b[i] as number;
      if (c <= 0x20) {
        i = space(b, i);
        c = b[i] as number;
      }
      const valueAt = i;
      let end: number;
      if (c === QUOTE) {
        end = string(b, i);
        i = Math.abs(end);
      } else end = i = value(b, i);
      // Quotes included, `id` is 4 long.
      const length = keyEnd - keyAt;
      if (length === 4) {
        if (b[keyAt + 1] === 0x69 && b[keyAt + 2] === 0x64) {
          idAt = valueAt;
          idEnd = end;
        }
      } else if (length === timeLength && spells(b, keyAt + 1, timeName)) {
        createdAt = valueAt;
        createdEnd = end;
      } else if (length === otherLength && spells(b, keyAt + 1, otherTime)) {
        whenAt = valueAt;
        whenEnd = end;
      }
      c = b[i] as number;
      if (c <= 0x20) {
        i = space(b, i);
        c = b[i] as number;
      }
      i++;
      if (c === CLOSE_OBJECT) break;
      if (c !== COMMA) throw broken(i - 1);
      if (b[i] !== QUOTE) i = space(b, i);
    }
  if (escaped || idEnd < 0 || createdEnd < 0 || whenEnd < 0) {
    describeParsed(b, start, i, found, seeker);
    return i;
  }
  let odd = 0;
  if (b[idAt] === QUOTE && idEnd - idAt > 2) found.keys.push(textAt(b, idAt + 1, idEnd - 1));
  else {
    found.keys.push(digest(b, start, i));
    odd = 1;
  }
  let time = timeAt(b, createdAt, createdEnd);
  if (Number.isNaN(time)) time = timeAt(b, whenAt, whenEnd);
  if (Number.isNaN(time)) {
    time = seeker.fetchedAt;
    if (timeLength > 0) odd = 1;
  }
  found.times.push(time);
  found.odd += odd;
  return i;
}

/** The time of a value that stands there (its quotes included) without escapes, or NaN. */
function timeAt(b: Buffer, at: number, end: number): Millis {
  if (at === 0 || b[at] !== QUOTE) return Number.NaN;
  const time = instantAt(b, at + 1, end - 1);
  return Number.isNaN(time) ? parseInstant(textAt(b, at + 1, end - 1)) : time;
}

function textAt(b: Buffer, at: number, end: number): string {
  for (let i = at; i < end; i++) if ((b[i] as number) >= 0x80) return b.toString('utf8', at, end);
  return b.toString('latin1', at, end);
}

/** The same as `object`, by way of `JSON.parse`. */
function describeParsed(b: Buffer, start: number, end: number, found: Elements, { fetchedAt, time: name, otherTime }: Seeker): void {
  const item: Readonly<Record<string, unknown>> = JSON.parse(b.toString('utf8', start, end));
  const hasId = typeof item.id === 'string' && item.id !== '';
  found.keys.push(hasId ? String(item.id) : digest(b, start, end));
  const texts = [name, otherTime].map((each) => (Object.hasOwn(item, each) ? item[each] : undefined));
  const time = texts.map((text) => (typeof text === 'string' ? parseInstant(text) : Number.NaN)).find((each) => !Number.isNaN(each));
  found.times.push(time ?? fetchedAt);
  if (!hasId || (time === undefined && name !== '')) found.odd++;
}

function describeOdd(b: Buffer, start: number, end: number, found: Elements, { fetchedAt }: Seeker): void {
  found.keys.push(digest(b, start, end));
  found.times.push(fetchedAt);
  found.odd++;
}

/** Of the text as it will be kept, so that line breaks between tokens do not matter. */
function digest(b: Buffer, start: number, end: number): string {
  const text = b.subarray(start, end);
  const kept = text.includes(LF) || text.includes(CR) ? text.filter((c) => c !== LF && c !== CR) : text;
  return createHash('sha256').update(kept).digest('hex');
}

function pack(b: Buffer, cut: Elements): Pack {
  const count = cut.starts.length;
  const ends = new Uint32Array(count);
  const times = Float64Array.from(cut.times);
  const first = cut.starts[0] ?? cut.end;
  const last = cut.ends[count - 1] ?? first;
  const whole = b.subarray(first, last);
  // As Central writes: one comma between two elements, and no line break anywhere. After the last element there is at least a `]`.
  if (!whole.includes(LF) && !whole.includes(CR) && isTight(cut)) {
    for (let n = 0; n < count; n++) {
      const end = cut.ends[n] as number;
      ends[n] = end - first;
      b[end] = LF;
    }
    return { count, bytes: b.subarray(first, count === 0 ? first : last + 1), ends, keys: cut.keys, times };
  }
  const bytes = Buffer.allocUnsafe(whole.length + count);
  let at = 0;
  for (let n = 0; n < count; n++) {
    for (let i = cut.starts[n] as number; i < (cut.ends[n] as number); i++) {
      const c = b[i] as number;
      if (c !== LF && c !== CR) bytes[at++] = c;
    }
    ends[n] = at;
    bytes[at++] = LF;
  }
  return { count, bytes: bytes.subarray(0, at), ends, keys: cut.keys, times };
}

function isTight({ starts, ends }: Elements): boolean {
  for (let n = 1; n < starts.length; n++) if ((starts[n] as number) - (ends[n - 1] as number) !== 1) return false;
  return true;
}

function isKey(b: Buffer, at: number, end: number, name: string): boolean {
  if (end < 0) return JSON.parse(b.toString('utf8', at, -end)) === name;
  return end - at === name.length + 2 && spells(b, at + 1, name);
}
