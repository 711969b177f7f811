/** Central's two ways to page a list (reference, section 8), strict about what they are asked. */
import { parameterOf } from '../call.ts';
import type { Collection, Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import type { Asked } from './route.ts';

export interface PageSizes {
  /** When none is asked for. */
  readonly usual: number;
  /** `pages.maxSize`. */
  readonly max: number;
}

/** How a list with keys names a place in itself. */
export interface Keys {
  /** The key of the page that begins behind an item; of the first page when there is none. */
  after(item: Item | undefined, place: number): string;
  /** Where the page of a key begins; `null` for a key of another list. */
  start(all: readonly Item[], key: string): number | null;
}

/** What a list shows of an item. */
export type Show = (item: Item) => Item;

const asItIs: Show = (item) => item;

interface Wanted {
  readonly size: number;
  readonly totals: boolean;
}

/** So many items of the page before come again under the fault `repeat`. */
const REPEATED = 3;

/** `page`, `pageSize`, `pageTotal`. Beyond the end: 200 and no items. */
export function pageReply(asked: Asked, all: readonly Item[], sizes: PageSizes = { usual: 50, max: 100 }, show: Show = asItIs): Reply {
  const wanted = wantedOf(asked, sizes);
  const current = positive(parameterOf(asked.query, 'page') ?? '1');
  if ('status' in wanted) return wanted;
  if (current === null) return asked.sim.forms.short(400, 'page must be a positive number');
  const { size, totals } = wanted;
  const start = (current - 1) * size;
  // A page with a number cannot shift those behind it: what is repeated comes on top.
  const items = all.slice(asked.twist.repeat ? Math.max(0, start - REPEATED) : start, start + size);
  const counted = totals ? { total: Math.ceil(all.length / size), items: all.length } : {};
  return json(200, { items: items.map((item) => chosen(asked, show(item))), pages: { current, size, ...counted, maxSize: sizes.max } });
}

/** `pageFromKey`, `pageSize`, `pageTotal`. Keys are opaque; a foreign one is refused. */
export function keyReply(
  asked: Asked,
  all: readonly Item[],
  sizes: PageSizes,
  more: Readonly<Record<string, unknown>> = {},
  { keys = placeKeys, show = asItIs }: { readonly keys?: Keys; readonly show?: Show } = {},
): Reply {
  const wanted = wantedOf(asked, sizes);
  if ('status' in wanted) return wanted;
  const { size, totals } = wanted;
  const { twist, sim } = asked;
  const fromKey = parameterOf(asked.query, 'pageFromKey');
  const start = fromKey === undefined ? 0 : keys.start(all, fromKey);
  if (start === null) return sim.forms.short(400, 'pageFromKey is not valid');
  const from = twist.repeat ? start - Math.min(REPEATED, start, size - 1) : start;
  const end = twist.emptyPage ? start : Math.min(from + size, all.length);
  const loops = twist.keyLoop || twist.emptyPage;
  const nextKey = loops ? (fromKey ?? keys.after(undefined, 0)) : end < all.length ? keys.after(all[end - 1], end) : null;
  const counted = totals ? { total: Math.ceil(all.length / size), items: all.length } : {};
  const pages = {
    ...(fromKey === undefined ? {} : { fromKey }),
    ...(nextKey !== null ? { nextKey } : sim.settings.lastKey === 'empty' ? { nextKey: '' } : {}),
    size,
    ...counted,
    maxSize: sizes.max,
  };
  const items = twist.emptyPage ? [] : all.slice(from, end);
  return json(200, { items: items.map((item) => chosen(asked, show(item))), ...more, pages });
}

/**
 * Keys that hold what must be escaped in a URL.
 *
 * Shape    a key names the item before the page, so that items added or removed meanwhile shift nothing.
 */
const placeKeys: Keys = {
  after(item, place) {
    // Standard base64, with `+`, `/` and `=`: the first bytes see to that.
    return Buffer.concat([Buffer.from([0xfb, 0xef, 0xff]), Buffer.from(`${place}|${String(item?.id ?? '')}`)]).toString('base64');
  },
  start(all, key) {
    const [, place, id] = /^(\d{1,9})\|(.*)$/s.exec(Buffer.from(key, 'base64').subarray(3).toString('utf8')) ?? [];
    if (place === undefined || this.after({ id }, Number(place)) !== key) return null;
    const isBefore = (item: Item | undefined) => item !== undefined && String(item.id) === id;
    if (isBefore(all[Number(place) - 1])) return Number(place);
    const found = all.findIndex(isBefore);
    return found < 0 ? Math.min(Number(place), all.length) : found + 1;
  },
};

/** How two items stand in a list: negative when the first comes first. */
export type Order = (a: Item, b: Item) => number;

/** How a key is spelled: a place, and the mark of its list; `null` when the text is none of that list. */
export interface Spelling {
  write(place: number, mark: number): string;
  read(key: string, mark: number): number | null;
}

/** Spelled like keys that must be escaped in a URL: standard base64 with `+`, `/` and `=`. */
export const opaqueSpelling: Spelling = {
  write: (place, mark) => Buffer.concat([Buffer.from([0xfb, 0xef, 0xff]), Buffer.from(`${mark}|${place}`)]).toString('base64'),
  read(key, mark) {
    const [, place] = /\|(\d{1,10})$/.exec(Buffer.from(key, 'base64').toString('latin1')) ?? [];
    return place === undefined || this.write(Number(place), mark) !== key ? null : Number(place);
  },
};

const MARKS = 900_000;
const PER_MARK = 1_000_000;

/** Spelled as the decimal numbers of the alerts. */
export const decimalSpelling: Spelling = {
  write: (place, mark) => String(2_000_000_000_000 + (mark % MARKS) * PER_MARK + place * 7),
  read(key, mark) {
    const place = /^\d{13}$/.test(key) ? (Number(key) - Number(this.write(0, mark))) / 7 : -1;
    return Number.isInteger(place) && place >= 0 ? place : null;
  },
};

/** What tells the keys of one list from those of others. */
function markOf(collection: Collection): number {
  return Number.parseInt(String(collection.at(0)?.id).slice(0, 8), 16) || 0;
}

/**
 * Keys that stay true whatever is added or removed between two pages.
 *
 * Shape    a key is the place in the collection of the item before the page, known also when that item has gone; 0 is the beginning.
 *          The list that is paged must be in the order that is given here.
 */
export function keysIn(collection: Collection, order: Order = byPlaceIn(collection), spelling: Spelling = opaqueSpelling): Keys {
  const mark = markOf(collection);
  return {
    after: (item) => spelling.write(item === undefined ? 0 : (collection.placeOf(String(item.id)) ?? 0) + 1, mark),
    start(all, key) {
      const place = spelling.read(key, mark);
      if (place === null) return null;
      if (place === 0) return 0;
      const last = collection.at(place - 1);
      if (last === undefined) return null;
      return behind(all, last, order);
    },
  };
}

/** Where the first item stands that comes behind another, in a list that is in order. */
function behind(all: readonly Item[], last: Item, order: Order): number {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order(all[middle] as Item, last) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function byPlaceIn(collection: Collection): Order {
  return (a, b) => (collection.placeOf(String(a.id)) ?? 0) - (collection.placeOf(String(b.id)) ?? 0);
}

function wantedOf({ sim, query }: Asked, { usual, max }: PageSizes): Wanted | Reply {
  let size = positive(parameterOf(query, 'pageSize') ?? String(usual));
  // A client in Python may write `True`.
  const totals = parameterOf(query, 'pageTotal')?.toLowerCase() ?? 'false';
  if (size === null || !['true', 'false'].includes(totals)) return sim.forms.short(400);
  if (size > max) {
    if (sim.settings.pageSizeTooLarge === 'reject') return sim.forms.short(400, `pageSize must be at most ${max}`);
    size = max;
  }
  return { size, totals: totals === 'true' };
}

/** `fields=a,b`: only these, at the top. */
export function chosen({ query }: Asked, item: Item): Item {
  const fields = listOf(query, 'fields');
  return fields.length === 0 ? item : Object.fromEntries(Object.entries(item).filter(([key]) => key === 'id' || fields.includes(key)));
}

/** A list in a query: commas, or the name several times. */
export function listOf(query: URLSearchParams, name: string): readonly string[] {
  return query
    .getAll(name)
    .flatMap((text) => text.split(','))
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function positive(text: string): number | null {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
}
