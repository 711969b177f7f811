/** An object, as Central shows it. */
export type Item = Readonly<Record<string, unknown>>;

interface Entry {
  item: Item;
  gone: boolean;
}

/**
 * The objects of one kind in one estate, in a fixed order; those that are added stand at the end.
 *
 * Why      what was removed keeps its place: a page key may name it, and the truth must still know it.
 */
export class Collection {
  readonly #entries: Entry[] = [];
  readonly #places = new Map<string, number>();
  #live: readonly Item[] | null = null;
  #numbers = 0;

  constructor(items: Iterable<Item>) {
    for (const item of items) this.put(item);
  }

  get size(): number {
    return this.list().length;
  }

  list(): readonly Item[] {
    this.#live ??= this.#entries.filter(({ gone }) => !gone).map(({ item }) => item);
    return this.#live;
  }

  /** Also those that were removed, as they were last. */
  ever(): readonly Item[] {
    return this.#entries.map(({ item }) => item);
  }

  get(id: string): Item | undefined {
    const entry = this.#entries[this.placeOf(id) ?? -1];
    return entry === undefined || entry.gone ? undefined : entry.item;
  }

  /** Its number in the order of insertion, which stays when others go. */
  placeOf(id: string): number | undefined {
    return this.#places.get(id);
  }

  /** What stands, or stood, at a place. */
  at(place: number): Item | undefined {
    return this.#entries[place]?.item;
  }

  /** Adds it, or puts it in the place of its like. */
  put(item: Item): Item {
    const id = String(item.id);
    const place = this.#places.get(id);
    if (place === undefined) this.#places.set(id, this.#entries.push({ item, gone: false }) - 1);
    else this.#entries[place] = { item, gone: false };
    this.#live = null;
    return item;
  }

  remove(id: string): boolean {
    const entry = this.#entries[this.placeOf(id) ?? -1];
    if (entry === undefined || entry.gone) return false;
    entry.gone = true;
    this.#live = null;
    return true;
  }

  clear(): void {
    for (const entry of this.#entries) entry.gone = true;
    this.#live = null;
  }

  /** Counts what was added since the start, so that each gets an id of its own. */
  nextNumber(): number {
    return this.#numbers++;
  }
}
