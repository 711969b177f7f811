/** What a list of Central's promises, whatever the far end does. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import type { Clock } from '../../../src/core/world.ts';
import { CentralError, Failure, type List, type Position, SophosCentral, type TenantCalls } from '../../../src/index.ts';
import { type Asked, FarCentral, type Fault, type Reply } from '../../far-ends/central.ts';
import { openTestWorld } from '../world.ts';

/** Real time, but sleeping takes a hundredth. */
const hasty: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) };

let far: FarCentral;
let closers: (() => Promise<void>)[] = [];
let calls: TenantCalls;

beforeEach(async () => {
  far = await new FarCentral().open();
  const { world, close } = openTestWorld(hasty);
  closers = [() => far.close(), close];
  const rateLimits = { second: 10_000, minute: 100_000, hour: 1_000_000, day: 1_000_000 };
  const { clientId, clientSecret, url } = far;
  calls = new SophosCentral({ clientId, clientSecret, authUrl: url, apiUrl: url, rateLimits, world }).forTenant({ id: far.accountId, apiHost: url });
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

const numbered = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => ({ id: `id-${from + i}`, url: `site-${from + i}.example` }));
const asked = () => far.asked.filter(({ path }) => !path.startsWith('/api/v2'));
const told = (name: string) => asked().map(({ query }) => query.get(name));
const body = (items: readonly unknown[], pages?: Readonly<Record<string, unknown>>): Reply => ({ body: pages ? { items, pages } : { items } });
const idsOf = async (list: List<{ readonly id: string }>) => (await list.all()).map(({ id }) => id);
const idsTo = (count: number) => numbered(0, count).map(({ id }) => id);

/** Answers by number, with so many items; `maxSize` is kept by refusing or by clamping. */
function numberedPages(count: number, { maxSize = 100, clamps = false, tells = true } = {}): void {
  far.intercept = (request) => {
    if (request.path.startsWith('/api/v2')) return null;
    let size = Number(request.query.get('pageSize') ?? 50);
    if (size > maxSize && !clamps) return { status: 400, body: { error: 'badRequest', message: 'pageSize is too large' } };
    size = Math.min(size, maxSize);
    const start = (Number(request.query.get('page') ?? 1) - 1) * size;
    return body(numbered(start, Math.min(count, start + size)), tells ? { current: start / size + 1, size, maxSize } : undefined);
  };
}

/** Answers one page for each key; the first has none. */
function keyedPages(pages: Readonly<Record<string, { readonly items: readonly unknown[]; readonly pages?: Readonly<Record<string, unknown>> }>>): void {
  far.intercept = (request) => {
    if (request.path.startsWith('/api/v2')) return null;
    const page = pages[request.query.get('pageFromKey') ?? ''];
    return page ? { body: page } : { status: 400, body: { error: 'badRequest' } };
  };
}

/** The first `faults` calls meet these, the others an answer. */
function meeting(faults: readonly Fault[], answer: (asked: Asked) => Fault): void {
  let met = 0;
  far.intercept = (request) => (request.path.startsWith('/api/v2') ? null : (faults[met++] ?? answer(request)));
}

async function failure(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

describe('a list by number', () => {
  it('gives every item once, in as many calls as pages are needed', async () => {
    numberedPages(250);
    expect(await idsOf(calls.localSites.list())).toEqual(idsTo(250));
    expect(told('page')).toEqual(['1', '2', '3']);
    expect(told('pageSize')).toEqual(['100', '100', '100']);
    expect(asked().map(({ headers }) => headers['x-tenant-id'])).toEqual(Array(3).fill(far.accountId));
  });

  it('asks once more after a last page that is full', async () => {
    numberedPages(200);
    expect(await idsOf(calls.localSites.list())).toEqual(idsTo(200));
    expect(told('page')).toEqual(['1', '2', '3']);
  });

  it('believes the number of pages when it is told one', async () => {
    far.intercept = ({ path, query }) =>
      path.startsWith('/api/v2') ? null : body(numbered((Number(query.get('page')) - 1) * 10, Number(query.get('page')) * 10), { size: 100, total: 3 });
    expect(await idsOf(calls.localSites.list({ pageTotal: true }))).toEqual(idsTo(30));
    expect(told('pageTotal')).toEqual(['true', 'true', 'true']);
  });

  it('asks for less when the size may have been refused, and remembers it', async () => {
    numberedPages(130, { maxSize: 50 });
    expect(await idsOf(calls.localSites.list())).toEqual(idsTo(130));
    expect(told('pageSize')).toEqual(['100', '50', '50', '50']);
    far.asked.length = 0;
    expect(await idsOf(calls.localSites.list())).toEqual(idsTo(130));
    expect(told('pageSize')).toEqual(['50', '50', '50']);
  });

  it('does not ask for less than its user wants, nor twice', async () => {
    numberedPages(10, { maxSize: 50 });
    expect(await failure(calls.localSites.list({ pageSize: 80 }).all())).toMatchObject({ code: 'central.bad-request' });
    far.intercept = ({ path }) => (path.startsWith('/api/v2') ? null : { status: 400, body: { error: 'badRequest', message: 'no such filter' } });
    const refused = await failure(calls.localSites.list().all());
    expect(refused).toMatchObject({ code: 'central.bad-request' });
    expect(told('pageSize')).toEqual(['80', '100', '50']);
  });

  it.each([
    ['tells the size', { clamps: true, maxSize: 30 }],
    ['tells nothing', { clamps: true, maxSize: 30, tells: false }],
  ])('loses nothing when the far end makes pages smaller and %s', async (_, manner) => {
    numberedPages(100, manner);
    expect(await idsOf(calls.localSites.list())).toEqual(idsTo(100));
  });

  it('learns a larger page when one is allowed', async () => {
    numberedPages(300, { maxSize: 200 });
    await calls.localSites.list().all();
    far.asked.length = 0;
    expect(await idsOf(calls.localSites.list())).toEqual(idsTo(300));
    expect(told('pageSize')).toEqual(['200', '200']);
  });

  it.each([[-5], [0], [0.4], ['many'], [1e12], [null]])('is not led astray by a `maxSize` of %s', async (maxSize) => {
    far.intercept = ({ path }) => (path.startsWith('/api/v2') ? null : body(numbered(0, 3), { size: 100, maxSize }));
    expect(await idsOf(calls.localSites.list())).toEqual(idsTo(3));
    await calls.localSites.list().all();
    expect(Number(told('pageSize').at(-1))).toBe(maxSize === 1e12 ? 1000 : 100);
  });

  it.each([[1], [1e9], [-1], ['x']])('is not led astray by a `size` of %s', async (size) => {
    far.intercept = ({ path, query }) =>
      path.startsWith('/api/v2') ? null : body(numbered((Number(query.get('page')) - 1) * 100, Math.min(150, Number(query.get('page')) * 100)), { size });
    expect(await idsOf(calls.localSites.list())).toEqual(idsTo(150));
  });

  it('drops what moved to the next page while it was read', async () => {
    far.intercept = ({ path, query }) =>
      path.startsWith('/api/v2') ? null : query.get('page') === '1' ? body(numbered(0, 100), { size: 100 }) : body(numbered(95, 120), { size: 100 });
    expect(await idsOf(calls.localSites.list())).toEqual(idsTo(120));
  });

  it('is given up when each page is the same', async () => {
    far.intercept = ({ path }) => (path.startsWith('/api/v2') ? null : body(numbered(0, 100), { size: 100 }));
    expect(await failure(calls.localSites.list().all())).toMatchObject({ kind: 'rejected', code: 'central.page-loop' });
    expect(asked()).toHaveLength(2);
  });

  it('goes on from a position that was kept', async () => {
    numberedPages(250);
    let kept: Position | null = null;
    for await (const { next } of calls.localSites.list().pages()) {
      kept = next;
      break;
    }
    const rest: string[] = [];
    for await (const { items } of calls.localSites.list().pages(JSON.parse(JSON.stringify(kept)))) rest.push(...items.map(({ id }) => id));
    expect(rest).toEqual(idsTo(250).slice(100));
    expect(told('page')).toEqual(['1', '2', '3']);
  });

  it('goes on with the size that a position was made with', async () => {
    numberedPages(100);
    const rest: string[] = [];
    for await (const { items } of calls.localSites.list().pages({ page: 3, size: 20 })) rest.push(...items.map(({ id }) => id));
    expect(rest).toEqual(idsTo(100).slice(40));
    expect(told('pageSize')).toEqual(['20', '20', '20', '20']);
  });

  it.each([[0], [-1], [1.5], [Number.NaN]])('refuses a page size of %s before anything is sent', async (pageSize) => {
    expect(() => calls.localSites.list({ pageSize })).toThrow(expect.objectContaining({ code: 'central.bad-parameter' }));
    expect(far.asked).toEqual([]);
  });
});

describe('a list by key', () => {
  it('repeats every other parameter, and escapes the key', async () => {
    keyedPages({ '': { items: numbered(0, 2), pages: { nextKey: 'a+b/c=&d' } }, 'a+b/c=&d': { items: numbered(2, 3), pages: {} } });
    expect(await idsOf(calls.endpoints.list({ view: 'full', healthStatus: ['bad', 'suspicious'] }))).toEqual(idsTo(3));
    expect(told('view')).toEqual(['full', 'full']);
    expect(told('healthStatus')).toEqual(['bad,suspicious', 'bad,suspicious']);
    expect(told('pageSize')).toEqual(['500', '500']);
    expect(told('page')).toEqual([null, null]);
  });

  it.each([
    ['""', { nextKey: '' }],
    ['null', { nextKey: null }],
    ['absent', {}],
    ['there without pages', undefined],
  ])('ends when the key is %s', async (_, pages) => {
    keyedPages({ '': { items: numbered(0, 2), ...(pages ? { pages } : {}) } });
    expect(await idsOf(calls.endpoints.list())).toEqual(idsTo(2));
    expect(asked()).toHaveLength(1);
  });

  it('goes on over short and empty pages, and over keys that are numbers', async () => {
    keyedPages({ '': { items: [], pages: { nextKey: 7 } }, 7: { items: numbered(0, 1), pages: { nextKey: '8' } }, 8: { items: numbered(1, 3) } });
    expect(await idsOf(calls.alerts.list())).toEqual(idsTo(3));
  });

  it('gives an item once that stands on two pages', async () => {
    keyedPages({ '': { items: numbered(0, 5), pages: { nextKey: 'k' } }, k: { items: numbered(3, 8), pages: {} } });
    expect(await idsOf(calls.endpoints.list())).toEqual(idsTo(8));
  });

  it.each([
    ['itself', { '': 'a', a: 'a' }],
    ['an earlier one', { '': 'a', a: 'b', b: 'c', c: 'd', d: 'b' }],
  ])('is given up when a page leads to %s', async (_, keys) => {
    keyedPages(Object.fromEntries(Object.entries(keys).map(([key, nextKey], i) => [key, { items: numbered(i, i + 1), pages: { nextKey } }])));
    expect(await failure(calls.endpoints.list().all())).toMatchObject({ code: 'central.page-loop' });
    expect(asked().length).toBeLessThan(20);
  });

  it('goes on from a position that was kept', async () => {
    keyedPages({ '': { items: numbered(0, 2), pages: { nextKey: 'k' } }, k: { items: numbered(2, 4), pages: {} } });
    const { value } = await calls.endpoints.list().pages().next();
    expect(value).toMatchObject({ next: { key: 'k', size: 500 } });
    far.asked.length = 0;
    const rest: unknown[] = [];
    for await (const { items } of calls.endpoints.list().pages(value?.next)) rest.push(...items.map(({ id }) => id));
    expect(rest).toEqual(['id-2', 'id-3']);
    expect(asked()).toHaveLength(1);
  });

  it('tells key and size in the body of a search, beside what is searched for', async () => {
    meeting([body(numbered(0, 1), { nextKey: 'k' })], () => body(numbered(1, 2), {}));
    const from = new Date('2026-11-20T00:00:00.000Z');
    expect(await idsOf(calls.alerts.search({ severity: ['high'], from }))).toEqual(idsTo(2));
    expect(asked().map(({ method, body: sent, query }) => ({ method, sent: JSON.parse(sent), query: [...query.keys()] }))).toEqual([
      { method: 'POST', sent: { severity: ['high'], from: from.toISOString(), pageSize: 1000 }, query: [] },
      { method: 'POST', sent: { severity: ['high'], from: from.toISOString(), pageSize: 1000, pageFromKey: 'k' }, query: [] },
    ]);
  });
});

describe('a list that comes whole', () => {
  it.each([
    ['in an object', '{"items":[{"id":1,"name":"a"},{"id":2}]}'],
    ['bare', '[{"id":1,"name":"a"},{"id":2}]'],
    ['bare, behind a byte order mark and blanks', '\uFEFF \r\n\t[{"id":1,"name":"a"},\n {"id":2}]\n'],
    ['behind a byte order mark', '\uFEFF{"items":[{"id":1,"name":"a"},{"id":2}]}'],
  ])('is read %s', async (_, raw) => {
    meeting([], () => ({ raw }));
    expect(await calls.webCategories.list().all()).toEqual([{ id: 1, name: 'a' }, { id: 2 }]);
    expect([...(asked()[0]?.query.keys() ?? [])]).toEqual([]);
  });

  it.each([
    ['an empty array', '[]'],
    ['no items', '{"items":[]}'],
  ])('may be %s', async (_, raw) => {
    meeting([], () => ({ raw }));
    expect(await calls.webCategories.list().all()).toEqual([]);
  });
});

describe('every list', () => {
  it('asks nothing before somebody reads, and again for each who does', async () => {
    numberedPages(3);
    const list = calls.localSites.list();
    expect(far.asked).toEqual([]);
    expect(await idsOf(list)).toEqual(idsTo(3));
    expect(await idsOf(list)).toEqual(idsTo(3));
    expect(asked()).toHaveLength(2);
  });

  it.each<[string, Fault]>([
    ['cut off by the network', 'cut'],
    ['cut off and still a 200', { raw: '{"items":[{"id":"id-0"},{"id":"id-' }],
    ['empty', { raw: '' }],
    ['without its array', { body: { pages: {} } }],
    ['a page of a gateway', { raw: '<html>busy</html>' }],
    ['an error inside', { status: 500, body: {} }],
  ])('asks again when the answer is %s, also a search', async (_, fault) => {
    meeting([fault], () => body(numbered(0, 2), {}));
    expect(await idsOf(calls.endpoints.list())).toEqual(idsTo(2));
    meeting([fault], () => body(numbered(0, 2), {}));
    expect(await idsOf(calls.alerts.search({}))).toEqual(idsTo(2));
    expect(asked()).toHaveLength(4);
  });

  it('keeps fields that it does not know', async () => {
    const odd = { id: 'x', brandNew: { deep: [1, null, 'two'] }, __proto__x: 1 };
    meeting([], () => body([odd]));
    expect(await calls.endpoints.list().all()).toEqual([odd]);
  });

  it('is not poisoned by a key named like a prototype', async () => {
    meeting([], () => ({ raw: '{"items":[{"id":"x","__proto__":{"polluted":1}}],"pages":{"__proto__":{"nextKey":"k"},"constructor":1}}' }));
    expect(await idsOf(calls.endpoints.list())).toEqual(['x']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(asked()).toHaveLength(1);
  });

  it('ends when it is told to, before and amid a call', async () => {
    const before = AbortSignal.abort(new Error('enough'));
    await expect(calls.endpoints.list({ signal: before }).all()).rejects.toThrow('enough');
    expect(asked()).toEqual([]);
    const stop = new AbortController();
    far.intercept = ({ path }) => {
      if (path.startsWith('/api/v2')) return null;
      stop.abort(new Error('that will do'));
      return 'hang';
    };
    await expect(calls.endpoints.list({ signal: stop.signal }).all()).rejects.toThrow('that will do');
    expect(asked()).toHaveLength(1);
  });

  it('says what was attempted, and for whom', async () => {
    meeting([], () => ({ status: 403, body: { error: 'Forbidden' } }));
    const error = await failure(calls.endpoints.list().all());
    expect(error).toBeInstanceOf(CentralError);
    expect(error.message).toContain(`to list the endpoints of tenant ${far.accountId}: 403`);
  });
});
