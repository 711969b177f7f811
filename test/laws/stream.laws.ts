/**
 * What every stream promises.
 *
 * A stream's own test calls `streamLaws(name, setup)`; `setup` starts a fresh far end for each law. Between `fetch` and the journal
 * nothing is kept; so all that a stream knows must stand in its checkpoints, and these are JSON.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import { textOf } from '../../src/core/pack.ts';
import type { Checkpoint, Page, Stream } from '../../src/core/types.ts';

/** A far end that records items, and the way to read it. */
export interface FarStream {
  /** Another instance for the same tenant: as after a restart. */
  open(): Stream;
  /** Records so many items more. */
  add(count: number): void;
  /** Keys of all items that were ever recorded, in the order of their recording. */
  keys(): readonly string[];
  /** The next request fails in a way that passes. */
  failOnce(): void;
  /** The next request is not answered. */
  hangOnce(): void;
  /** So that some pages are needed: more items than one page holds. */
  readonly severalPages: number;
  /** Of a snapshot stream: the item that a record is about, or `null` when it is the snapshot's end. Each reading brings everything again. */
  readonly itemOf?: (key: string) => string | null;
  close(): Promise<void>;
}

const never = new AbortController().signal;

export function streamLaws(name: string, setup: () => Promise<FarStream>): void {
  const opened: FarStream[] = [];
  afterEach(async () => {
    for (const far of opened.splice(0)) await far.close();
  });
  async function begin(items = 0): Promise<FarStream> {
    const far = await setup();
    opened.push(far);
    far.add(items);
    return far;
  }

  describe(`${name} as a stream`, () => {
    it('visits every item by following `next`, in the order of Central', async () => {
      const far = await begin();
      far.add(far.severalPages);
      const pages = await drain(far.open(), null);
      expect(pages.length).toBeGreaterThan(2);
      expect(itemsOf(far, pages)).toEqual(far.keys());
    });

    it('yields exactly the rest when it is opened again at any checkpoint', async () => {
      const far = await begin();
      far.add(far.severalPages);
      const pages = await drain(far.open(), null);
      for (const [i, page] of pages.entries()) {
        const rest = await drain(far.open(), JSON.parse(JSON.stringify(page.next)));
        if (page.more || !far.itemOf) expect(itemsOf(far, rest)).toEqual(itemsOf(far, pages.slice(i + 1)));
        else expect(itemsOf(far, rest)).toEqual(far.keys());
      }
    });

    it('finds what was recorded since, and nothing else unless it is a snapshot', async () => {
      const far = await begin(3);
      const stream = far.open();
      let at = (await drain(stream, null)).at(-1)?.next ?? null;
      for (const more of [1, 0, 5]) {
        const before = far.keys().length;
        far.add(more);
        const pages = await drain(stream, at);
        expect(itemsOf(far, pages)).toEqual(far.keys().slice(far.itemOf ? 0 : before));
        at = pages.at(-1)?.next ?? null;
      }
    });

    it('gives the same items again when asked again, perhaps followed by newer', async () => {
      const far = await begin();
      far.add(far.severalPages);
      const stream = far.open();
      const first = await stream.fetch(null, never);
      expect(itemsOf(far, [await stream.fetch(null, never)])).toEqual(itemsOf(far, [first]));
      const second = await stream.fetch(first.next, never);
      far.add(2);
      expect(itemsOf(far, await drain(stream, first.next)).slice(0, second.items.count)).toEqual(itemsOf(far, [second]));
      expect(itemsOf(far, await drain(stream, null))).toEqual(far.keys());
    });

    it('advances, or says that there is no more', async () => {
      const far = await begin();
      far.add(far.severalPages);
      const seen = new Set<string>();
      for (const page of await drain(far.open(), null)) {
        const text = JSON.stringify(page.next);
        if (page.more) expect(seen).not.toContain(text);
        seen.add(text);
      }
    });

    it('keeps its place when a fetch fails', async () => {
      const far = await begin();
      far.add(far.severalPages);
      const stream = far.open();
      const first = await stream.fetch(null, never);
      far.failOnce();
      const error = await stream.fetch(first.next, never).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Failure);
      expect(error).toMatchObject({ kind: 'transient' });
      expect(itemsOf(far, [first, ...(await drain(stream, first.next))])).toEqual(far.keys());
    });

    it('ends at once when it is aborted, with the reason', async () => {
      const far = await begin(1);
      const stream = far.open();
      await stream.fetch(null, never);
      far.hangOnce();
      const leaving = new AbortController();
      const fetching = stream.fetch(null, leaving.signal);
      const began = performance.now();
      setTimeout(() => leaving.abort(new Error('gone')), 20);
      await expect(fetching).rejects.toThrow('gone');
      expect(performance.now() - began).toBeLessThan(1000);
    });

    it('packs items whole: valid JSON, one line each, with key and time', async () => {
      const far = await begin(20);
      const { items, odd } = await far.open().fetch(null, never);
      expect(odd ?? 0).toBe(0);
      const count = far.itemOf ? 21 : 20;
      expect([items.count, items.ends.length, items.keys.length, items.times.length]).toEqual([count, count, count, count]);
      for (let i = 0; i < items.count; i++) {
        const text = Buffer.from(textOf(items, i)).toString();
        expect(text).not.toMatch(/[\r\n]/);
        expect(JSON.parse(text)).toBeTypeOf('object');
        expect(items.times[i]).toBeGreaterThan(0);
        expect(items.bytes[items.ends[i] as number]).toBe(0x0a);
      }
    });

    it('has an identity that stays', async () => {
      const far = await begin();
      const [first, second] = [far.open(), far.open()];
      expect(first.id).toBe(`${first.tenant.id}/${first.stream}`);
      expect([second.id, second.stream, second.repeats]).toEqual([first.id, first.stream, first.repeats]);
    });
  });
}

/** All pages from a checkpoint to the first that promises no more. */
export async function drain(stream: Stream, from: Checkpoint | null): Promise<Page[]> {
  const pages: Page[] = [];
  let at = from;
  for (;;) {
    const page = await stream.fetch(at, never);
    pages.push(page);
    at = page.next;
    if (!page.more) return pages;
    if (pages.length > 5000) throw new Error('this read does not end');
  }
}

export function keysOf(pages: readonly Page[]): string[] {
  return pages.flatMap(({ items }) => items.keys);
}

/** Keys of the items; of a snapshot, whichever it was. */
function itemsOf({ itemOf }: FarStream, pages: readonly Page[]): string[] {
  const keys = keysOf(pages);
  return itemOf ? keys.map(itemOf).filter((key) => key !== null) : keys;
}
