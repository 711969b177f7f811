/** Reading the parameters of a request as strictly as Central does: what cannot be understood is a 400. */
import { isIP } from 'node:net';
import { parameterOf } from '../call.ts';
import type { Item } from '../collection.ts';
import type { Order } from './paging.ts';
import { listOf } from './paging.ts';
import { type Asked, Refused } from './route.ts';

type Query = Pick<Asked, 'query'>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;
const DURATION =
  /^([+-])?P(?=.)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d+)?)S)?)?$/;
const DAY_MS = 86_400_000;
const UNITS_MS = [365 * DAY_MS, 30 * DAY_MS, 7 * DAY_MS, DAY_MS, 3_600_000, 60_000, 1000] as const;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/** An id of the path, in lower case. */
export function pathId({ ids }: Pick<Asked, 'ids'>, name: string): string {
  const id = ids[name];
  if (!isUuid(id)) throw new Refused(400, `${name} is not a UUID`);
  return id.toLowerCase();
}

/** A parameter that is `true` or `false`; a client in Python may write `True`. */
export function flagOf({ query }: Query, name: string): boolean | undefined {
  const text = parameterOf(query, name)?.toLowerCase();
  if (text !== undefined && text !== 'true' && text !== 'false') throw new Refused(400, `${name} must be true or false`);
  return text === undefined ? undefined : text === 'true';
}

/** A list of words out of a known set; empty when there is none. */
export function wordsOf({ query }: Query, name: string, known: readonly string[]): readonly string[] {
  const words = listOf(query, name);
  for (const word of words) if (!known.includes(word)) throw new Refused(400, `${name} has an unknown value`);
  return words;
}

export function wordOf(asked: Query, name: string, known: readonly string[]): string | undefined {
  const words = wordsOf(asked, name, known);
  if (words.length > 1) throw new Refused(400, `${name} takes one value`);
  return words[0];
}

export function uuidsOf({ query }: Query, name: string): readonly string[] {
  return listOf(query, name).map((id) => {
    if (!isUuid(id)) throw new Refused(400, `${name} has a value that is not a UUID`);
    return id.toLowerCase();
  });
}

/** Ms since 1970 of a time of the API, whose missing zone is UTC; `null` when it is none. */
export function instantOf(text: string): number | null {
  const [, zone] = INSTANT.exec(text) ?? [];
  if (!INSTANT.test(text)) return null;
  const at = Date.parse(zone === undefined ? `${text}Z` : text);
  return Number.isNaN(at) ? null : at;
}

/** Ms of a duration such as `-P90D` or `PT4H`; `null` when it is none. */
export function durationOf(text: string): number | null {
  const [whole, sign, ...amounts] = DURATION.exec(text) ?? [];
  if (whole === undefined) return null;
  const ms = amounts.reduce((sum, amount, i) => sum + Number(amount ?? 0) * (UNITS_MS[i] as number), 0);
  return sign === '-' ? -ms : ms;
}

/** A time, or a duration from now. */
export function momentOf({ query, now }: Pick<Asked, 'query' | 'now'>, name: string): number | undefined {
  const text = parameterOf(query, name);
  if (text === undefined) return undefined;
  // A plus sign that was not escaped comes as a blank.
  const spelled = text.replace(' ', '+');
  const relative = durationOf(spelled);
  const at = relative === null ? instantOf(spelled) : now + relative;
  if (at === null) throw new Refused(400, `${name} is neither a time nor a duration`);
  return at;
}

/** A time only. */
export function timeOf({ query }: Query, name: string): number | undefined {
  const text = parameterOf(query, name);
  if (text === undefined) return undefined;
  const at = instantOf(text.replace(' ', '+'));
  if (at === null) throw new Refused(400, `${name} is not a time`);
  return at;
}

/** Is it in the half-open stretch `After` (inclusive) to `Before` (exclusive)? What has no time is in none. */
export function within(value: unknown, after: number | undefined, before: number | undefined): boolean {
  if (after === undefined && before === undefined) return true;
  const at = typeof value === 'string' ? instantOf(value) : null;
  return at !== null && (after === undefined || at >= after) && (before === undefined || at < before);
}

export function addressesOf({ query }: Query, name: string): readonly string[] {
  return listOf(query, name).map((address) => {
    if (isIP(address) === 0) throw new Refused(400, `${name} has a value that is not an IP address`);
    return address.toLowerCase();
  });
}

/** Hardware addresses, EUI-48 or EUI-64, as bare lower-case digits. */
export function hardwareOf({ query }: Query, name: string): readonly string[] {
  return listOf(query, name).map((address) => {
    const bare = bareHardware(address);
    if (!/^([0-9a-f]{12}|[0-9a-f]{16})$/.test(bare)) throw new Refused(400, `${name} has a value that is not a MAC address`);
    return bare;
  });
}

export function bareHardware(address: string): string {
  return address.toLowerCase().replace(/[:.-]/g, '');
}

/** `sort=name:desc,id`: how the items stand; `null` when they stay as they are. */
export function orderOf({ query }: Query, known: readonly string[], usual?: string): Order | null {
  const words = listOf(query, 'sort');
  const criteria = (words.length === 0 && usual !== undefined ? [usual] : words).map((word) => {
    const [, field, direction] = /^([A-Za-z]+)(?::(asc|desc))?$/.exec(word) ?? [];
    if (field === undefined || !known.includes(field)) throw new Refused(400, `sort has an unknown value; there are ${known.join(', ')}`);
    return { field, factor: direction === 'desc' ? -1 : 1 };
  });
  if (criteria.length === 0) return null;
  return (a, b) => {
    for (const { field, factor } of criteria) {
      const difference = compared(a[field], b[field]);
      if (difference !== 0) return difference * factor;
    }
    return 0;
  };
}

/** What is missing stands last. */
function compared(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** `search` in `searchFields`: is it in any of these texts, whatever the case? */
export function searchOf(asked: Query, fields: Readonly<Record<string, (item: Item) => readonly unknown[]>>, usual = Object.keys(fields)) {
  const chosen = wordsOf(asked, 'searchFields', Object.keys(fields));
  const needle = parameterOf(asked.query, 'search')?.toLowerCase();
  if (needle === undefined) return () => true;
  const readers = (chosen.length === 0 ? usual : chosen).map((field) => fields[field]);
  return (item: Item) => readers.some((read) => read?.(item).some((value) => typeof value === 'string' && value.toLowerCase().includes(needle)));
}
