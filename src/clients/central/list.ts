import { CentralError } from '../../core/failure.ts';
import { textOf } from '../../core/pack.ts';
import type { Json, Millis, Pack } from '../../core/types.ts';
import { badBody } from '../request.ts';
import type { Answer, Call, Caller } from './caller.ts';
import { type Anatomy, BrokenPage, type Cut, cutPage } from './cut.ts';
import type { Paging } from './form.ts';
import { byKey, byPage, type Paged, type PageInfo, type PageOf } from './pages.ts';

/**
 * Where a list goes on. The size stands in it, since page numbers mean nothing without it.
 *
 * Shape    JSON, so it can be kept.
 */
export type Position = { readonly page: number; readonly size: number } | { readonly key: string; readonly size: number };

/** One page of a list, cut but not parsed. */
export interface PackedPage {
  /** Keys are the items' `id`, or a digest of those that have none. */
  readonly items: Pack;
  /**
   * Where to go on; `null` after the last page, as far as this page can tell. Of a list that says nothing of pages, that is the first empty
   * one: who follows by himself must stop when all keys of a page are known.
   */
  readonly next: Position | null;
  /** How many items came without an `id` or a time. */
  readonly odd: number;
  readonly info: PageInfo | null;
  /** Items per page, as applied: a far end may make it smaller than what was asked for. */
  readonly size: number;
  /** Central's time when the request was sent. */
  readonly askedAt: Millis;
}

/** Page sizes that Central has told, by path: the one that is allowed today counts, not the one that was written down. */
export type PageSizes = Map<string, number>;

/** A list that is about to be read. */
export interface ListCall {
  readonly caller: Caller;
  readonly call: Call;
  /** The path with its placeholders. */
  readonly path: string;
  readonly paging: Paging;
  readonly sizes: PageSizes;
  /** Items per page, as the user wants it. */
  readonly pageSize?: number | undefined;
  /** Should Central count the pages and items? */
  readonly pageTotal?: boolean | undefined;
}

/** No API allows more, and a reply that claims so is not believed. */
const largest = 1000;
/** What to ask for instead when a size may have been refused. */
const smaller = [100, 50];

/**
 * A list of Central's. Iterating gives each item once; nothing is asked before the first.
 *
 * Throws   as every call; rejected `central.page-loop` when the list does not end.
 */
export class List<T> implements AsyncIterable<T> {
  readonly #of: ListCall;

  constructor(of: ListCall) {
    this.#of = of;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for await (const { items } of this.pages()) yield* items;
  }

  /** Every item, in memory at once. */
  async all(): Promise<T[]> {
    const all: T[] = [];
    for await (const item of this) all.push(item);
    return all;
  }

  /** Page by page, each with the position that follows: keep it, and nothing is read twice. */
  async *pages(from: Position | null = null): AsyncGenerator<PageOf<T, Position>> {
    const { paging, call } = this.#of;
    let size = from?.size ?? 0;
    const ask = async (at: Position | null): Promise<Paged<Keyed<T>>> => {
      const { items, info, next, size: applied } = await this.page(at);
      // The same for all pages: a page's number means nothing without it.
      if (size === 0) size = applied;
      const keyOf = (i: number) => (paging.sharesIds ? Buffer.from(textOf(items, i)).toString('latin1') : (items.keys[i] as string));
      const parsed = Array.from({ length: items.count }, (_, i) => ({ key: keyOf(i), item: parse<T>(items, i) }));
      return { items: parsed, pages: isSilent(info) ? null : { ...info, size: applied, nextKey: next !== null && 'key' in next ? next.key : null } };
    };
    const seen = new Set<string>();
    const isNew = ({ key }: Keyed<T>) => paging.sharesIds === true || seen.size < seen.add(key).size;
    const plain = <P>({ items, next }: PageOf<Keyed<T>, P>, at: (next: P) => Position): PageOf<T, Position> => ({
      items: items.map(({ item }) => item),
      next: next === null ? null : at(next),
    });
    if (paging.style === 'page') {
      const first = from !== null && 'page' in from ? from.page : 1;
      const pageAt = (page: number) => ask(page === 1 && size === 0 ? null : { page, size });
      for await (const each of byPage(pageAt, from?.size ?? this.#size(), ({ key }) => key, first, `The attempt ${call.purpose}`))
        yield plain(each, (page) => ({ page, size }));
    } else if (paging.style === 'key') {
      const keyAt = (key: string | null) => ask(key === null ? null : { key, size });
      const first = from !== null && 'key' in from ? from.key : null;
      for await (const { items, next } of byKey(keyAt, first, `The attempt ${call.purpose}`))
        yield plain({ items: items.filter(isNew), next }, (key) => ({ key, size }));
    } else yield plain({ ...(await ask(null)), next: null } as PageOf<Keyed<T>, never>, (never) => never);
  }

  /**
   * One page, as bytes: for those who pass them on.
   *
   * Shape    `time` names the member that tells an item's time; without it, that is when it was fetched.
   * Calls    safe to repeat with the same position. Of a first page that is refused with 400 smaller sizes are asked for.
   */
  async page(at: Position | null, time?: string): Promise<PackedPage> {
    const { sizes, path, pageSize, paging } = this.#of;
    const size = at?.size ?? this.#size();
    try {
      return await this.#ask(at, size, time);
    } catch (error) {
      if (!isRefused(error) || at !== null || pageSize !== undefined || paging.style === 'none') throw error;
      for (const less of smaller.filter((each) => each < size)) {
        const page = await this.#ask(null, less, time).catch(nullIfRefused);
        if (page === null) continue;
        if (!sizes.has(path)) sizes.set(path, less);
        return page;
      }
      throw error;
    }
  }

  #size(): number {
    const { pageSize, sizes, path, paging } = this.#of;
    return pageSize ?? sizes.get(path) ?? paging.size;
  }

  async #ask(at: Position | null, size: number, time: string | undefined): Promise<PackedPage> {
    const { caller, call, paging, sizes, path, pageTotal } = this.#of;
    const anatomy: Anatomy = { list: paging.list, ...(time === undefined ? {} : { time }) };
    return await caller.call(placed(call, paging, at, size, pageTotal), (answer) => {
      const { items, odd, envelope } = cutWhole(answer, anatomy);
      const info = infoOf(envelope.pages);
      const max = Math.min(largest, Math.floor(info?.maxSize ?? 0));
      if (paging.style !== 'none' && max > 0) sizes.set(path, max);
      const applied = appliedOf(paging, items.count, info, size, max);
      return { items, odd, info, size: applied, askedAt: answer.askedAt, next: nextOf(paging, items.count, info, at, applied) };
    });
  }
}

interface Keyed<T> {
  readonly key: string;
  readonly item: T;
}

/** The call with page and size where they belong. */
function placed(call: Call, { style, in: where }: Paging, at: Position | null, size: number, pageTotal: boolean | undefined): Call {
  if (style === 'none') return call;
  const wanted: Record<string, string | number | boolean> = { pageSize: size };
  if (at !== null && 'key' in at) wanted.pageFromKey = at.key;
  if (style === 'page') wanted.page = at !== null && 'page' in at ? at.page : 1;
  if (pageTotal !== undefined) wanted.pageTotal = pageTotal;
  if (where === 'body') return { ...call, body: { ...(call.body as { readonly [field: string]: Json } | undefined), ...wanted } };
  return { ...call, query: { ...call.query, ...wanted, ...(pageTotal === undefined ? {} : { pageTotal: String(pageTotal) }) } };
}

/** The size that was applied: what the page tells, but never more than we asked for, nor less than it holds. With keys any size will do. */
function appliedOf({ style }: Paging, count: number, info: PageInfo | null, asked: number, max: number): number {
  const told = style === 'page' ? Math.floor(info?.size ?? 0) : 0;
  return Math.min(asked, Math.max(count, told || max || asked));
}

/** Then the size may have been made smaller without a word, and a short page is no end. */
export function isSilent(info: PageInfo | null): boolean {
  return !info?.size && !info?.maxSize && !info?.total && !info?.nextKey;
}

function isRefused(error: unknown): boolean {
  return error instanceof CentralError && error.status === 400;
}

function nullIfRefused(error: unknown): null {
  if (isRefused(error)) return null;
  throw error;
}

function nextOf({ style }: Paging, count: number, info: PageInfo | null, at: Position | null, size: number): Position | null {
  if (style === 'none') return null;
  if (style === 'key') return info?.nextKey ? { key: info.nextKey, size } : null;
  const page = at !== null && 'page' in at ? at.page : 1;
  const isMore = count > 0 && (isSilent(info) || count >= size || Number(info?.total) > page);
  return isMore ? { page: page + 1, size: at?.size ?? size } : null;
}

function infoOf(pages: Json | undefined): PageInfo | null {
  if (typeof pages !== 'object' || pages === null || Array.isArray(pages)) return null;
  const { fromKey, nextKey, ...numbers } = pages as { readonly [field: string]: Json };
  // Some numbers come as text (reference, 7.6).
  const read = Object.entries(numbers).map(([name, value]) => [name, typeof value === 'string' ? Number.parseInt(value, 10) : value]);
  const info = Object.fromEntries(read.filter(([, value]) => typeof value === 'number' && value >= 0));
  return { ...info, ...(typeof fromKey === 'string' ? { fromKey } : {}), ...(isKey(nextKey) ? { nextKey: String(nextKey) } : {}) };
}

/** Decimal keys may come as numbers. */
function isKey(value: Json | undefined): boolean {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

/** Some lists come as a bare array (reference, 8.4). */
function cutWhole({ reply, ask, askedAt }: Answer, anatomy: Anatomy): Cut {
  const isBare = /^[\uFEFF\s]*\[/.test(reply.body.toString('latin1', 0, 64).replace('\u00ef\u00bb\u00bf', ''));
  const body = isBare ? Buffer.concat([Buffer.from(`{"${anatomy.list}":`), stripped(reply.body), Buffer.from('}')]) : reply.body;
  try {
    return cutPage(body, askedAt, anatomy);
  } catch (error) {
    if (error instanceof BrokenPage) throw badBody(ask, reply, `the body is broken, ${error.message}`);
    throw error;
  }
}

function stripped(body: Buffer): Buffer {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
}

function parse<T>(pack: Pack, i: number): T {
  return JSON.parse(Buffer.from(textOf(pack, i)).toString('utf8'));
}
