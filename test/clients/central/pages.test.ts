import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byCursor, byKey, byPage, type PageInfo, unpaged } from '../../../src/clients/central/pages.ts';

async function collect<T, P>(pages: AsyncIterable<{ readonly items: readonly T[]; readonly next: P | null }>): Promise<T[]> {
  const all: T[] = [];
  for await (const { items } of pages) all.push(...items);
  return all;
}

/** Cuts a list at random places: pages may be short, and empty on the way. */
const cutLists = fc.tuple(fc.uniqueArray(fc.nat(10_000), { maxLength: 60 }), fc.array(fc.nat(7), { maxLength: 40 })).map(([all, sizes]) => {
  const pages: number[][] = [];
  let at = 0;
  for (const size of sizes) {
    pages.push(all.slice(at, at + size));
    at += size;
  }
  return { all, pages: [...pages, all.slice(at)] };
});

describe('the page style', () => {
  const serve = (all: readonly number[], size: number) => async (page: number) => ({
    items: all.slice((page - 1) * size, page * size).map((n) => ({ id: `${n}` })),
    pages: { current: page, size } satisfies PageInfo,
  });

  it('visits every item once, whatever the page size, full last pages included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(10_000), { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), async (all, size) => {
        const found = await collect(byPage(serve(all, size), 100, ({ id }) => id));
        expect(found.map(({ id }) => Number(id))).toEqual(all);
      }),
    );
  });

  it('goes on from a page', async () => {
    expect(await collect(byPage(serve([1, 2, 3, 4, 5], 2), 100, ({ id }) => id, 2))).toHaveLength(3);
  });

  it('gives up on a far end that answers each page with the first', async () => {
    const first = serve([1, 2, 3, 4], 2);
    await expect(
      collect(
        byPage(
          () => first(1),
          100,
          ({ id }) => id,
        ),
      ),
    ).rejects.toMatchObject({ kind: 'rejected', code: 'central.page-loop' });
  });

  it('takes a reply without items for a broken answer, never for the end', async () => {
    await expect(collect(byPage(async () => ({}), 100, String))).rejects.toMatchObject({ kind: 'transient', code: 'central.bad-body' });
  });
});

describe('the key style', () => {
  it.each([undefined, null, ''])('visits every item once over short and empty pages, with nextKey %j at the end', async (end) => {
    await fc.assert(
      fc.asyncProperty(cutLists, async ({ all, pages }) => {
        const keys: (string | null)[] = [];
        const ask = async (key: string | null) => {
          keys.push(key);
          const at = key === null ? 0 : Number(Buffer.from(key, 'base64').toString());
          const next = at + 1 < pages.length ? Buffer.from(`${at + 1}`).toString('base64') : end;
          return { items: pages[at] ?? [], pages: { ...(next === undefined ? {} : { nextKey: next }) } };
        };
        expect(await collect(byKey(ask))).toEqual(all);
        expect(keys).toHaveLength(pages.length);
      }),
    );
  });

  it('gives up when keys run in a circle', async () => {
    const ask = async (key: string | null) => ({ items: [key], pages: { nextKey: key === 'a' ? 'b' : 'a' } });
    await expect(collect(byKey(ask))).rejects.toMatchObject({ kind: 'rejected', code: 'central.page-loop' });
  });
});

describe('the cursor style', () => {
  it('ends with has_more, and names the position to poll from even then', async () => {
    await fc.assert(
      fc.asyncProperty(cutLists, async ({ all, pages }) => {
        const ask = async (cursor: string | null) => {
          const at = Number(cursor ?? 0);
          return { items: pages[at] ?? [], hasMore: at + 1 < pages.length, nextCursor: `${at + 1}` };
        };
        let last: string | null = null;
        const found: number[] = [];
        for await (const { items, next } of byCursor(ask)) {
          found.push(...items);
          last = next;
        }
        expect(found).toEqual(all);
        expect(last).toBe(`${pages.length}`);
      }),
    );
  });

  it('gives up when the cursor stands still while more is promised', async () => {
    const ask = async () => ({ items: [], hasMore: true, nextCursor: 'x' });
    await expect(collect(byCursor(ask))).rejects.toMatchObject({ kind: 'rejected', code: 'central.page-loop' });
  });
});

describe('a reply without paging', () => {
  it.each([
    [
      [1, 2],
      [1, 2],
    ],
    [{ items: [1] }, [1]],
    [{ id: 'x' }, [{ id: 'x' }]],
    [null, []],
    ['text', []],
  ])('%j gives %j', (reply, items) => {
    expect(unpaged(reply)).toEqual(items);
  });
});
