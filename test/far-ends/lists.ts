/**
 * Lists of a small Central that are read page by page: by numbers, or by keys that stay true whatever is added or removed meanwhile.
 * Give `answer` to `FarCentral.intercept`.
 */
import type { Asked, Fault, Reply } from './central.ts';

export type FarThing = Record<string, unknown>;

export interface FarList {
  readonly path: string;
  readonly style: 'page' | 'key';
  /** `maxSize`: a larger `pageSize` is refused. */
  max: number;
  /** In the order of the list. */
  items: FarThing[];
  /** A member to sort and to filter by (`from`). */
  readonly time?: string;
}

export class FarLists {
  readonly #lists: readonly FarList[];
  /** Numbers that stay with an item: what a key names. */
  readonly #numbers = new Map<FarThing[string], number>();
  /** What one request meets instead. */
  misbehave: (asked: Asked, reply: Reply) => Fault | null = () => null;

  constructor(...lists: readonly FarList[]) {
    this.#lists = lists;
  }

  answer(asked: Asked): Fault | null {
    const list = this.#lists.find(({ path }) => path === asked.path);
    if (!list || !asked.headers.authorization) return null;
    const reply = this.#page(list, asked.query);
    return this.misbehave(asked, reply) ?? reply;
  }

  #page({ style, items, max, time }: FarList, query: URLSearchParams): Reply {
    const size = Number(query.get('pageSize') ?? 50);
    if (size > max) return { status: 400, body: { error: 'badRequest', message: `pageSize must be at most ${max}` } };
    for (const { id } of items) if (!this.#numbers.has(id)) this.#numbers.set(id, this.#numbers.size);
    const from = Date.parse(query.get('from') ?? '');
    const found = time === undefined ? items : items.filter((item) => !(Date.parse(String(item[time])) < from)).sort((a, b) => this.#order(time, a, b));
    const pages = { size, maxSize: max };
    if (style === 'page') {
      const current = Number(query.get('page') ?? 1);
      return { body: { items: found.slice((current - 1) * size, current * size), pages: { ...pages, current } } };
    }
    const key = query.get('pageFromKey');
    const start = key === null ? 0 : found.findIndex((item) => this.#keyOf(item, time) > key);
    if (key !== null && !/^[0-9T:.Z-]+\|\d{9}$/.test(key)) return { status: 400, body: { error: 'badRequest', message: 'pageFromKey is not valid' } };
    const page = start < 0 ? [] : found.slice(start, start + size);
    const last = page.at(-1);
    const isLast = last === undefined || start + size >= found.length;
    return { body: { items: page, pages: { ...pages, ...(isLast ? {} : { nextKey: this.#keyOf(last, time) }) } } };
  }

  #order(time: string, a: FarThing, b: FarThing): number {
    return this.#keyOf(a, time) < this.#keyOf(b, time) ? -1 : 1;
  }

  /** It sorts as the list does. */
  #keyOf(item: FarThing, time: string | undefined): string {
    return `${time === undefined ? '0' : String(item[time])}|${String(this.#numbers.get(item.id)).padStart(9, '0')}`;
  }
}
