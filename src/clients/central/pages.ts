/**
 * Central's four ways to page (reference, section 8), each as a generator of pages with the position to go on from.
 *
 * None trusts the far end to end: a position that comes twice is `rejected` instead of an endless loop.
 */
import { Failure } from '../../core/failure.ts';
import { beginTrail, follow, type Trail } from './cycle.ts';

/** Items, and where to go on; `null` after the last page. */
export interface PageOf<T, Position> {
  readonly items: readonly T[];
  readonly next: Position | null;
}

/** What Central says about a page. */
export interface PageInfo {
  readonly current?: number | null;
  readonly size?: number | null;
  readonly total?: number | null;
  readonly items?: number | null;
  readonly maxSize?: number | null;
  readonly fromKey?: string | null;
  readonly nextKey?: string | null;
}

/** A reply of the page and key styles. */
export interface Paged<T> {
  readonly items?: readonly T[] | null;
  readonly pages?: PageInfo | null;
}

/**
 * `page=1, 2, 3 ...` until a page is short.
 *
 * Totals are not asked for: they change while paging. One that is told all the same can only make us go on, over one empty page at most.
 * Who tells nothing of pages is asked until a page is empty or known. `idOf` guards against a far end that answers each page with the
 * first, and drops what moved to the next page while we read.
 */
export async function* byPage<T>(
  ask: (page: number) => Promise<Paged<T>>,
  pageSize: number,
  idOf: (item: T) => string,
  from = 1,
  doing = 'Reading page by page',
): AsyncGenerator<PageOf<T, number>> {
  const seen = new Set<string>();
  const isNew = (item: T) => {
    const before = seen.size;
    return seen.add(idOf(item)).size > before;
  };
  for (let page = from, empties = 0; ; page++) {
    const { items: given, pages } = await ask(page);
    const all = listOf(given);
    const items = all.filter(isNew);
    const isRepeated = all.length > 0 && items.length === 0;
    // Without a word on pages, a list that is longer or shorter than was asked may be the whole, each time.
    if (isRepeated && !pages && all.length !== pageSize) return yield { items, next: null };
    if (isRepeated) throw endless(doing, `page ${page} holds only what earlier pages held`);
    empties = all.length === 0 ? empties + 1 : 0;
    // The size that was applied, which a far end may make smaller than the one we asked for.
    const isFull = all.length > 0 && all.length >= (pages?.size || pageSize);
    const isPromised = pages ? Number(pages.total) > page && empties < 2 : empties === 0;
    if (!isFull && !isPromised) return yield { items, next: null };
    yield { items, next: page + 1 };
  }
}

/** `pageFromKey=nextKey` until none is named. Empty and short pages on the way are no end. */
export async function* byKey<T>(
  ask: (key: string | null) => Promise<Paged<T>>,
  from: string | null = null,
  doing = 'Reading page by page',
): AsyncGenerator<PageOf<T, string>> {
  let trail: Trail | null = from === null ? null : beginTrail(from);
  for (let key = from; ; ) {
    const reply = await ask(key);
    const items = listOf(reply.items);
    const next = reply.pages?.nextKey || null;
    yield { items, next };
    if (next === null) return;
    trail = trail ? follow(trail, next) : beginTrail(next);
    if (!trail) throw endless(doing, 'a `nextKey` came twice');
    key = next;
  }
}

/** `cursor=next_cursor` while there is more. The last page names a position too: the one to poll from. */
export async function* byCursor<T>(
  ask: (cursor: string | null) => Promise<{ readonly items: readonly T[]; readonly hasMore: boolean; readonly nextCursor: string }>,
  from: string | null = null,
): AsyncGenerator<PageOf<T, string> & { readonly hasMore: boolean }> {
  let trail: Trail | null = from === null ? null : beginTrail(from);
  for (let cursor = from; ; ) {
    const { items, hasMore, nextCursor } = await ask(cursor);
    yield { items, next: nextCursor, hasMore };
    if (!hasMore) return;
    trail = trail ? follow(trail, nextCursor) : beginTrail(nextCursor);
    if (!trail) throw endless('Reading page by page', 'a `next_cursor` came twice');
    cursor = nextCursor;
  }
}

/** A reply without paging: a bare array, `{ items: [...] }`, or a single object. */
export function unpaged<T>(reply: unknown): readonly T[] {
  if (Array.isArray(reply)) return reply;
  if (typeof reply !== 'object' || reply === null) return [];
  const { items } = reply as { items?: unknown };
  return Array.isArray(items) ? items : [reply as T];
}

function listOf<T>(items: readonly T[] | null | undefined): readonly T[] {
  if (Array.isArray(items)) return items;
  throw new Failure('transient', 'central.bad-body', 'A page was asked for, and the reply has no `items` array', {
    advice: 'Look for a proxy or gateway in between that changes answers; without one, try again later.',
  });
}

function endless(doing: string, seen: string): Failure {
  return new Failure('rejected', 'central.page-loop', `${doing} was given up: ${seen}`, {
    advice: 'Central, or something between, answers with the same page again and again. Try later, then ask Sophos.',
  });
}
