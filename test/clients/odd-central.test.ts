/** The client and the streams against another Central, which is legal and odd: each record once, or a clear failure; never a hang, never a loss. */
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { Failure } from '../../src/core/failure.ts';
import { textOf } from '../../src/core/pack.ts';
import type { Checkpoint, Stream } from '../../src/core/types.ts';
import { SophosCentral } from '../../src/index.ts';
import { streams } from '../../src/streams/index.ts';
import { OddCentral, type OddPage, type OddReply, type Ways } from '../far-ends/odd-central.ts';
import { openTestWorld } from './world.ts';

const never = new AbortController().signal;
const plenty = { second: 10_000, minute: 100_000, hour: 1_000_000, day: 1_000_000 };
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function begin(ways: Partial<Ways> = {}, options: { readonly retries?: number } = {}) {
  const far = await new OddCentral(ways).open();
  closers.push(() => far.close());
  // Real time, but sleeping takes a hundredth.
  const { world, reports, close } = openTestWorld({ ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) });
  closers.push(close);
  const { clientId, clientSecret, url } = far;
  const client = new SophosCentral({ clientId, clientSecret, authUrl: url, apiUrl: url, rateLimits: plenty, retries: 0, world, ...options });
  const open = (name = 'events', more: object = {}): Stream => {
    const kind = streams.find((each) => each.name === name);
    if (!kind) throw new Error(`no stream ${name}`);
    return kind.open(kind.options.parse(more), { id: far.accountId, name: 'Odd', labels: {}, apiHost: url }, client, world);
  };
  return { far, client, open, reports };
}

const createdAt = new Date(Date.now() - 90_000).toISOString();
const item = (n: number, more: object = {}) => JSON.stringify({ id: `id-${n}`, created_at: createdAt, name: `item ${n}`, ...more });
const items = (count: number, first = 0) => Array.from({ length: count }, (_, i) => item(first + i));

interface Got {
  /** What the journal would keep: the first of each key. */
  readonly kept: Map<string, string>;
  readonly pages: number;
  readonly odd: number;
  readonly place: Checkpoint | null;
}

/** Reads until the stream says that there is no more, as the engine does; a failure that passes is tried again a few times. */
async function drain(stream: Stream, from: Checkpoint | null = null, kept = new Map<string, string>(), patience = 0): Promise<Got> {
  let place = from;
  let odd = 0;
  for (let pages = 1, failures = 0; pages < 200; ) {
    try {
      const page = await stream.fetch(place, never);
      page.items.keys.forEach((key, i) => {
        if (!kept.has(key)) kept.set(key, Buffer.from(textOf(page.items, i)).toString());
      });
      odd += page.odd ?? 0;
      place = page.next;
      if (!page.more) return { kept, pages, odd, place };
      pages++;
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'transient' || ++failures > patience) throw error;
    }
  }
  throw new Error('the stream does not end');
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => new Error('nothing failed'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Failure)) throw error;
  expect(error.message).not.toMatch(/odd-secret|odd\.\d/);
  return error;
}

async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of all) found.push(each);
  return found;
}

const texts = ({ kept }: Got) => [...kept.values()];

describe('a token reply', () => {
  it.each<[string, (access_token: string) => object]>([
    ['with a life written as text', (access_token) => ({ access_token, expires_in: '3600' })],
    ['with a life that has a fraction', (access_token) => ({ access_token, expires_in: 3599.5 })],
    ['without a life', (access_token) => ({ access_token })],
    ['with a life of null, nothing or less', (access_token) => ({ access_token, expires_in: null, token_type: null })],
    ['with a negative life', (access_token) => ({ access_token, expires_in: -1 })],
    ['with another spelling of success', (access_token) => ({ errorCode: 'SUCCESS', access_token, expires_in: 3600, token_type: 'JWT' })],
    ['with an empty code', (access_token) => ({ errorCode: '', message: '', access_token, expires_in: 3600 })],
    ['with a code of null and much else', (access_token) => ({ errorCode: null, scope: ['token'], access_token, nested: { access_token: 'no' } })],
  ])('%s is a token, asked for once', async (_, token) => {
    const { far, client } = await begin({ token });
    for (let i = 0; i < 3; i++) expect((await client.whoami()).id).toBe(far.accountId);
    expect(far.to('/api/v2')).toHaveLength(1);
  });

  it('that lives for two seconds serves a read of many pages without a refusal', async () => {
    const { far, open } = await begin({ token: (access_token) => ({ access_token, expires_in: 2 }), tokenLifeS: 2, pageItems: () => 10, dripMs: 10 });
    far.add(items(200));
    expect(texts(await drain(open()))).toEqual(items(200));
    const tokens = far.to('/api/v2').length;
    expect(tokens).toBeGreaterThan(1);
    expect(tokens).toBeLessThan(10);
  });

  it('whose token dies before it says so is asked for again, and nothing is lost', async () => {
    const { far, open } = await begin({ tokenLifeS: 0.3, pageItems: () => 10, dripMs: 3 });
    far.add(items(150));
    expect(texts(await drain(open()))).toEqual(items(150));
    expect(far.to('/api/v2').length).toBeGreaterThan(1);
  });

  it.each([
    [400, '"invalid_client"'],
    [401, '<html>Login</html>'],
    [403, ''],
  ])('with %i and the body %j is a refused credential', async (status, body) => {
    const { far, client } = await begin();
    far.instead.push({ path: /token/, reply: { status, body } });
    const error = await failureOf(client.whoami());
    expect([error.kind, error.code]).toEqual(['auth', 'central.credentials-refused']);
  });
});

describe('whoami', () => {
  it('with hosts in capitals, by http, with slashes, and with much else, names the host', async () => {
    const { far, client } = await begin({
      whoami: ({ id }, url) => ({
        version: 7,
        id,
        idType: 'TENANT',
        apiHosts: { dataRegion: `${url.replace('http:', 'HTTP:')}//`, global: `${url}/`, other: null },
        links: [],
      }),
    });
    const { idType, apiHosts } = await client.whoami();
    expect([idType, apiHosts.global, apiHosts.dataRegion]).toEqual(['tenant', far.url, far.url]);
  });

  it.each<[string, Ways['whoami']]>([
    ['no object', () => []],
    ['no hosts', ({ id, idType }) => ({ id, idType })],
    ['no id', ({ idType, apiHosts }) => ({ idType, apiHosts })],
  ])('with %s is a broken answer, clearly', async (_, whoami) => {
    const error = await failureOf((await begin({ whoami })).client.whoami());
    expect([error.kind, error.code]).toEqual(['transient', 'central.bad-body']);
  });
});

describe('a tenant list', () => {
  const estate = (count: number, url = '') =>
    Array.from({ length: count }, (_, n) => ({ id: `t-${n}`, name: `Tenant ${n % 7}`, ...(url === '' ? {} : { apiHost: url }) }));
  const slice = (all: readonly object[], query: URLSearchParams, size: number) => {
    const page = Number(query.get('page'));
    return { page, items: all.slice((page - 1) * size, page * size) };
  };

  it.each<[string, Ways['tenantPage']]>([
    ['that says nothing of pages and has them', (all, query) => ({ items: slice(all, query, 40).items })],
    ['that says nothing of pages and has none', (all) => ({ items: all })],
    ['that says nothing of pages and stops at the size that was asked', (all, query) => ({ items: slice(all, query, 100).items, pages: null })],
    ['with pages smaller than asked', (all, query) => ({ pages: { size: 30, maxSize: 30 }, items: slice(all, query, 30).items })],
    ['with totals that nobody asked for', (all, query) => ({ pages: { size: 100, total: 3, items: 250 }, items: slice(all, query, 100).items })],
    [
      'with an empty page in the middle',
      (all, query) => {
        const page = Number(query.get('page'));
        const at = page > 1 ? page - 2 : 0;
        return { pages: { current: page, size: 100, total: 4 }, items: page === 2 ? [] : all.slice(at * 100, (at + 1) * 100) };
      },
    ],
    ['with short pages and a total', (all, query) => ({ pages: { size: 100, total: 5 }, items: slice(all, query, 50).items })],
    ['with a total of records, not pages', (all, query) => ({ pages: { size: 100, total: 250 }, items: slice(all, query, 100).items })],
    ['with each tenant twice', (all, query) => ({ pages: { size: 200 }, items: slice(all, query, 100).items.flatMap((each) => [each, each]) })],
  ])('%s gives each tenant once', async (_, tenantPage) => {
    const { far, client } = await begin({ tenantPage });
    far.tenants = estate(250);
    expect((await collect(client.tenants)).map(({ id }) => id)).toEqual(estate(250).map(({ id }) => id));
    expect(far.to('/partner').length).toBeLessThan(12);
  });

  it('that answers each full page with the first is given up, and not read for ever', async () => {
    const { far, client } = await begin({ tenantPage: (all) => ({ items: all.slice(0, 100) }) });
    far.tenants = estate(250);
    const error = await failureOf(collect(client.tenants));
    expect([error.kind, error.code]).toEqual(['rejected', 'central.page-loop']);
  });

  it('with statuses in capitals, none, and null, and tenants without a name, reads all of them', async () => {
    const { far, client } = await begin();
    const odd = [{ status: 'ACTIVE' }, { status: 'Active' }, { status: null }, { name: null }, { name: 7 }, { extra: { deep: [] } }];
    far.tenants = odd.map((more, n) => ({ id: `t-${n}`, apiHost: `${far.url}/`, ...more }));
    for await (const tenant of client.tenants) {
      expect(client.tenants.whyNot(tenant)).toBeNull();
      expect(tenant.name).toBeTypeOf('string');
    }
  });
});

describe('a page of a feed', () => {
  const pretty = ({ items: all, more, cursor }: OddPage) =>
    `\r\n {\n\t"next_cursor" : ${JSON.stringify(cursor)} ,\n "extra": {"items": [1, {"has_more": true}]},\n "items" : [\n  ${all.join(' ,\n\n  ')} \n ] ,\n "has_more"\t: ${more}\n}\n\n`;

  it.each<[string, Partial<Ways>]>([
    [
      'with its keys in another order',
      { page: ({ items: all, more, cursor }) => `{"items":[${all}],"next_cursor":${JSON.stringify(cursor)},"has_more":${more}}` },
    ],
    ['written prettily', { page: pretty }],
    ['with a byte order mark, as every reply has', { byteOrderMark: true }],
    ['with a byte order mark and compressed, prettily', { byteOrderMark: true, page: pretty, encoding: 'gzip' }],
    ['of another content type', { contentType: 'text/plain; charset=iso-8859-1' }],
    ['without a content type', { contentType: null }],
    ['compressed, though nobody asked', { encoding: 'gzip' }],
    ['compressed, by an old name', { encoding: 'x-gzip' }],
    ['deflated', { encoding: 'deflate' }],
    ['deflated without a header', { encoding: 'deflate-raw' }],
    ['compressed by brotli', { encoding: 'br' }],
    ['in chunks', { framing: 'chunked' }],
    ['that ends with its connection', { framing: 'until-close' }],
    ['in pieces that come slowly', { framing: 'chunked', dripMs: 2 }],
    ['after which the connection is closed', { keepsConnections: false }],
    ['without a Date', { tellsDate: false }],
    ['with fewer items than asked for', { pageItems: () => 137 }],
    ['with more items than asked for', { pageItems: () => 1700 }],
    [
      'with no cursor at the end, and null is one',
      { page: ({ items: all, more, cursor }) => `{"has_more":${more},"items":[${all}],"next_cursor":${more ? JSON.stringify(cursor) : 'null'}}` },
    ],
    [
      'with no cursor at the end at all',
      { page: ({ items: all, more, cursor }) => `{"items":[${all}],"has_more":${more}${more ? `,"next_cursor":${JSON.stringify(cursor)}` : ''}}` },
    ],
  ])('%s is read: each record once, and what comes later too', async (_, ways) => {
    const { far, open } = await begin(ways);
    far.add(items(2345));
    const stream = open();
    const first = await drain(stream);
    expect(texts(first).map((text) => JSON.parse(text))).toEqual(items(2345).map((text) => JSON.parse(text)));
    far.add(items(20, 5000), 'events', far.accountId, Date.now());
    const second = await drain(stream, first.place, first.kept);
    expect(second.kept.size).toBe(2365);
    expect(second.odd).toBe(0);
  });

  it('may be empty and promise more, and the next one be full', async () => {
    let turn = 0;
    const { far, open } = await begin({ pageItems: () => (turn++ % 3 === 2 ? 100 : 0) });
    far.add(items(250));
    expect(texts(await drain(open()))).toEqual(items(250));
  });

  it('holds items of several megabytes', async () => {
    const { far, open } = await begin({ pageItems: () => 3 });
    const large = Array.from({ length: 5 }, (_, n) => item(n, { text: 'ä€😀'.repeat(250_000) }));
    far.add(large);
    expect(texts(await drain(open()))).toEqual(large);
  });

  it('keeps items without an id, or with a number for one, once each, and counts them', async () => {
    const { far, open } = await begin();
    const odd = ['{"id":1,"created_at":"2026-11-20T08:14:29.517Z"}', '{"id":2}', '{"name":"none"}', '{"id":null}', '{"id":""}', '{"id":{"a":1}}', '7', 'null'];
    far.add([...odd, ...odd]);
    const got = await drain(open());
    expect(texts(got)).toEqual(odd);
    expect(got.odd).toBe(16);
  });

  it.each([
    '"2026-11-20T08:14:29.517"',
    '"2026-11-20T08:14:29.517+00:00"',
    '"2026-11-20T09:14:29.517+0100"',
    '"2026-11-20T08:14:29.517000Z"',
    '"2026\\u002d11-20T08:14:29.517Z"',
  ])('reads the time %s', async (written) => {
    const { far, open } = await begin();
    far.add([`{"id":"a","created_at":${written}}`]);
    const page = await open().fetch(null, never);
    expect([page.items.times[0], page.odd]).toEqual([Date.parse('2026-11-20T08:14:29.517Z'), 0]);
  });

  it.each(['1795158869517', '1795158869', '"yesterday"', 'null', '"2026-11-20"', '{}', '"0000-00-00T00:00:00Z"'])(
    'gives an item whose time is %s the time of its reading',
    async (written) => {
      const { far, open } = await begin();
      far.add([`{"id":"a","created_at":${written}}`]);
      const page = await open().fetch(null, never);
      expect(Math.abs((page.items.times[0] ?? 0) - Date.now())).toBeLessThan(60_000);
      expect([page.items.count, page.odd]).toEqual([1, 1]);
    },
  );

  it.each<[string, string]>([
    ['has no `has_more`', '{"items":[],"next_cursor":"a"}'],
    ['has no items', '{"has_more":false,"next_cursor":"a"}'],
    ['is an error with 200', '{"error":"badRequest"}'],
    ['is a list', '[]'],
    ['is empty', ''],
    ['is a page of a proxy', '<html>Welcome</html>'],
  ])('that %s is a broken answer, clearly, and the next reading loses nothing', async (_, body) => {
    const { far, open } = await begin();
    far.add(items(3));
    far.instead.push({ path: /siem/, reply: { body } });
    const stream = open();
    const error = await failureOf(stream.fetch(null, never));
    expect([error.kind, error.code]).toEqual(['transient', 'central.bad-body']);
    expect(texts(await drain(stream))).toEqual(items(3));
  });
});

describe('a cursor', () => {
  it.each([400, 404, 410, 422])('that has aged away with %i is replaced in the same reading, and nothing is lost', async (status) => {
    const { far, open, reports } = await begin({ pageItems: () => 50 });
    far.add(items(100));
    const stream = open();
    const first = await drain(stream);
    far.ways = { ...far.ways, staleCursor: { status, body: 'gone' } };
    // Another reader comes between, so that ours is an old one.
    await drain(open());
    far.add(items(20, 1000), 'events', far.accountId, Date.now());
    far.ways = { ...far.ways, pageItems: () => 1000 };
    const second = await drain(stream, first.place, first.kept);
    expect([...second.kept.values()]).toEqual([...items(100), ...items(20, 1000)]);
    expect(reports.filter(({ name }) => name === 'stream.cursor-refused')).toHaveLength(1);
  });

  it('is not asked about twice when the feed itself is not there', async () => {
    const { far, open } = await begin();
    far.always = ({ path }) => (path.endsWith('alerts') ? { status: 404 } : null);
    const error = await failureOf(open('siem-alerts').fetch(null, never));
    expect([error.kind, error.code]).toEqual(['rejected', 'central.not-found']);
    expect(far.to('/siem')).toHaveLength(1);
    far.add(items(2));
    expect(texts(await drain(open()))).toEqual(items(2));
  });
});

describe('a window of exactly 24 h', () => {
  it.each([true, false])('is never asked beyond (Date told: %s)', async (tellsDate) => {
    const { far, open } = await begin({ tellsDate });
    far.add(items(5), 'events', far.accountId, Date.now() - 20 * 3_600_000);
    expect(texts(await drain(open('events', { since: '24h' })))).toEqual(items(5));
  });
});

describe('a refusal', () => {
  it.each<[string, OddReply, string, string]>([
    ['401 with a page', { status: 401, body: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } }, 'auth', 'central.token-refused'],
    ['403 with nothing', { status: 403 }, 'rejected', 'central.forbidden'],
    ['403 with a list', { status: 403, body: '[{"error":"x"}]' }, 'rejected', 'central.forbidden'],
    ['500 with a text', { status: 500, body: '"oops"' }, 'transient', 'central.server-error'],
    ['503 with an object in an object', { status: 503, body: '{"error":{"code":1,"message":["a"]}}' }, 'transient', 'central.unavailable'],
    ['429 with nothing', { status: 429 }, 'transient', 'central.throttled'],
    ['520 of nobody', { status: 520, body: 'x' }, 'transient', 'central.unavailable'],
    ['204', { status: 204 }, 'transient', 'central.bad-body'],
    ['302', { status: 302, headers: { location: 'https://evil.example/' } }, 'transient', 'central.redirected'],
  ])('%s is named, and what it held up is read afterwards', async (_, reply, kind, code) => {
    const { far, open } = await begin();
    far.add(items(3));
    let isRefusing = true;
    far.always = ({ path }) => (isRefusing && path.startsWith('/siem') ? reply : null);
    const stream = open();
    const error = await failureOf(stream.fetch(null, never));
    expect([error.kind, error.code]).toEqual([kind, code]);
    isRefusing = false;
    expect(texts(await drain(stream))).toEqual(items(3));
  });

  it.each([
    ['2', 2000],
    ['1.5', 1500],
    [' 3 ', 3000],
    ['soon', undefined],
    ['', undefined],
    [() => new Date(Date.now() + 5000).toUTCString(), 5000],
  ])('429 that says %s is kept as a wish', async (wish, ms) => {
    const { far, open } = await begin({}, { retries: 0 });
    far.instead.push({ path: /siem/, reply: { status: 429, headers: { 'retry-after': typeof wish === 'string' ? wish : wish() } } });
    const { retryAfterMs } = await failureOf(open().fetch(null, never));
    if (ms === undefined) expect(retryAfterMs).toBeUndefined();
    else expect(Math.abs((retryAfterMs ?? 0) - ms)).toBeLessThanOrEqual(typeof wish === 'string' ? 0 : 1000);
  });

  it('of every kind in turn, resets among them, loses nothing and repeats nothing', async () => {
    const { far, open } = await begin({ pageItems: () => 60 });
    far.add(items(600));
    const faults: (OddReply | 'reset')[] = [
      { status: 500 },
      'reset',
      { status: 429, headers: { 'retry-after': '0.2' } },
      { body: '{"has_more":' },
      { status: 502, body: '<p>' },
    ];
    let turn = 0;
    far.always = ({ path }) => {
      if (path.startsWith('/siem') && turn++ % 2 === 1) far.instead.push({ path: /siem/, reply: faults[(turn >> 1) % faults.length] ?? 'reset' });
      return null;
    };
    expect(texts(await drain(open(), null, new Map(), 100))).toEqual(items(600));
  });
});
