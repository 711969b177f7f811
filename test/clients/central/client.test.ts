import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import type { Clock, Report } from '../../../src/core/world.ts';
import { CentralError, Failure, SophosCentral, type SophosCentralOptions } from '../../../src/index.ts';
import { FarCentral } from '../../far-ends/central.ts';
import { openTestWorld } from '../world.ts';

let far: FarCentral;
let closers: (() => Promise<void>)[] = [];
let reports: Report[] = [];
const generous = { second: 1000, minute: 100_000, hour: 1_000_000, day: 1_000_000 };

beforeEach(async () => {
  far = await new FarCentral().open();
  closers = [() => far.close()];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

/** Real time, but sleeping takes a hundredth. */
const hasty: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) };

function open(options: Partial<SophosCentralOptions> = {}, clock: Clock = hasty): SophosCentral {
  const { world, reports: kept, close } = openTestWorld(clock);
  closers.push(close);
  reports = kept;
  return new SophosCentral({
    clientId: far.clientId,
    clientSecret: far.clientSecret,
    authUrl: far.url,
    apiUrl: far.url,
    rateLimits: generous,
    retries: 0,
    world,
    ...options,
  });
}
async function failure(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Failure);
  const failed = error as Failure;
  expect(JSON.stringify({ ...failed, message: failed.message, stack: failed.stack })).not.toMatch(/correct-horse|token-\d|old-token/);
  return failed;
}
async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
const tenant = () => ({ id: far.accountId, apiHost: far.url });
const item = (n: number) => ({ id: `id-${n}`, created_at: new Date(far.now - 3_600_000 + n).toISOString(), name: `item ${n}`, customer_id: far.accountId });

describe('the token', () => {
  it('is asked for once, however many calls wait for it, in the form that the identity service wants', async () => {
    const client = open();
    await Promise.all(Array.from({ length: 20 }, () => client.whoami()));
    expect(far.to('/api/v2/oauth2/token')).toHaveLength(1);
    const [asked] = far.to('/api/v2/oauth2/token');
    expect(asked).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: far.clientId,
      client_secret: far.clientSecret,
      scope: 'token',
    });
  });

  it('is renewed two minutes before it expires, by monotonic time', async () => {
    let shift = 0;
    const client = open({}, { ...hasty, monotonic: () => performance.now() + shift });
    await client.whoami();
    shift = 3_470_000;
    await client.whoami();
    expect(far.to('/api/v2/oauth2/token')).toHaveLength(1);
    shift = 3_481_000;
    await client.whoami();
    expect(far.to('/api/v2/oauth2/token')).toHaveLength(2);
  });

  it('is used to its end when its renewal fails for now', async () => {
    let shift = 0;
    const client = open({}, { ...hasty, monotonic: () => performance.now() + shift });
    await client.whoami();
    far.failNext('/api/v2/oauth2/token', { status: 503 }, { status: 503 });
    shift = 3_490_000;
    expect((await client.whoami()).id).toBe(far.accountId);
    shift = 3_601_000;
    expect(await failure(client.whoami())).toMatchObject({ kind: 'transient', code: 'central.unavailable' });
  });

  it('is replaced once for many calls that were refused with it', async () => {
    const client = open();
    await client.whoami();
    far.revokeTokens();
    await Promise.all(Array.from({ length: 10 }, () => client.whoami()));
    expect(far.to('/api/v2/oauth2/token')).toHaveLength(2);
  });

  it('is given up when three fresh ones in a row are refused for one call', async () => {
    const client = open();
    await client.whoami();
    far.intercept = ({ path }) => (path === '/whoami/v1' ? { status: 401, body: { error: 'Unauthorized', correlationId: 'c-1' } } : null);
    expect(await failure(client.whoami())).toMatchObject({ kind: 'auth', code: 'central.token-refused', status: 401, correlationId: 'c-1' });
    // The old one, and three fresh ones.
    expect(far.to('/api/v2/oauth2/token')).toHaveLength(4);
    expect(far.to('/whoami/v1')).toHaveLength(5);
  });

  it('is refused with the words of the identity service, and not asked for again at once', async () => {
    const client = open({ clientSecret: 'correct-horse-wrong' });
    const failed = await failure(client.whoami());
    expect(failed).toMatchObject({
      kind: 'auth',
      code: 'central.credentials-refused',
      status: 401,
      centralCode: 'oauth.invalid_client_secret',
      correlationId: 't-1',
      advice: expect.stringContaining('clientSecret'),
    });
    await failure(client.whoami());
    expect(far.to('/api/v2/oauth2/token')).toHaveLength(1);
  });

  it.each([
    [
      'a 200 whose errorCode is no success',
      { body: { access_token: 'token-x', errorCode: 'oauth.disabled', message: 'no' } },
      'auth',
      'central.credentials-refused',
    ],
    ['a 400', { status: 400, body: { errorCode: 'oauth.client_app_does_not_exist' } }, 'auth', 'central.credentials-refused'],
    ['a 429', { status: 429 }, 'transient', 'central.throttled'],
    ['a 503', { status: 503, raw: '<html>' }, 'transient', 'central.unavailable'],
    ['a 404', { status: 404 }, 'rejected', 'central.not-found'],
    ['no JSON', { raw: '<html>' }, 'transient', 'central.bad-body'],
    ['no token', { body: { errorCode: 'success' } }, 'transient', 'central.bad-body'],
    ['a token that would forge a header', { body: { access_token: 'token-1\r\nx: y' } }, 'transient', 'central.bad-body'],
    ['a reset', 'reset', 'transient', 'http.reset'],
  ] as const)('reads %s of the identity service', async (_, fault, kind, code) => {
    far.failNext('/api/v2/oauth2/token', fault);
    expect(await failure(open().whoami())).toMatchObject({ kind, code });
  });

  it('is not taken from others by one caller that gives up', async () => {
    const client = open();
    const leaving = new AbortController();
    const first = client.whoami(leaving.signal);
    const second = client.whoami();
    leaving.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    expect((await second).id).toBe(far.accountId);
  });
});

describe('a status', () => {
  it.each([
    [400, 'rejected', 'central.bad-request'],
    [403, 'rejected', 'central.forbidden'],
    [404, 'rejected', 'central.not-found'],
    [408, 'transient', 'central.unavailable'],
    [409, 'rejected', 'central.conflict'],
    [418, 'rejected', 'central.refused'],
    [422, 'rejected', 'central.unprocessable'],
    [429, 'transient', 'central.throttled'],
    [302, 'transient', 'central.redirected'],
    [500, 'transient', 'central.server-error'],
    [502, 'transient', 'central.unavailable'],
    [503, 'transient', 'central.unavailable'],
    [504, 'transient', 'central.unavailable'],
  ])('%i is %s, %s', async (status, kind, code) => {
    far.failNext('/whoami', { status });
    const failed = await failure(open().whoami());
    expect(failed).toBeInstanceOf(CentralError);
    expect(failed).toMatchObject({ kind, code, status, method: 'GET', url: `${far.url}/whoami/v1`, message: expect.stringContaining(String(status)) });
  });

  it.each([
    [
      'A',
      { error: 'notFound', message: 'Resource not found.', correlationId: 'c', requestId: 'r' },
      { centralCode: 'notFound', correlationId: 'c', requestId: 'r' },
    ],
    [
      'B',
      { error: 'tooMany', message: 'no', code: 'x', correlationId: 'c', requestId: 'r', createdAt: 'then', docUrl: 'https://x' },
      { centralCode: 'tooMany', correlationId: 'c', requestId: 'r' },
    ],
    ['C', { error: 'Forbidden', correlationId: 'c', requestId: 'r' }, { centralCode: 'Forbidden', correlationId: 'c', requestId: 'r' }],
    ['D', { errorCode: 'oauth.x', message: 'm', trackingId: 't' }, { centralCode: 'oauth.x', correlationId: 't', requestId: undefined }],
  ])('brings the words of an error body of form %s', async (_, body, expected) => {
    far.failNext('/whoami', { status: 403, body });
    const failed = await failure(open().whoami());
    expect(failed).toMatchObject(expected);
    expect(failed.message).toContain(expected.correlationId);
    expect(failed.advice).toContain('partner assistance');
  });

  it('takes the correlation id from the header when the body is nobody’s form', async () => {
    far.failNext('/whoami', { status: 502, raw: '<html><body>Bad gateway</body></html>', headers: { 'x-correlation-id': 'c-header' } });
    expect(await failure(open().whoami())).toMatchObject({ correlationId: 'c-header', centralCode: undefined, message: expect.not.stringContaining('<html>') });
  });

  it('cannot forge a line of a log', async () => {
    far.failNext('/whoami', { status: 400, body: { error: 'bad\r\nERROR forged \u001b[31m\u2028', message: 'm'.repeat(5000), correlationId: 'c\n' } });
    const { message } = await failure(open().whoami());
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
    expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028]/);
    expect(message.length).toBeLessThan(1000);
  });

  it.each([
    ['seconds', () => '7', 7000],
    ['a date, by the clock of the answer', () => new Date(far.now + 9000).toUTCString(), 9000],
    ['a date that is past', () => new Date(far.now - 9000).toUTCString(), 0],
    ['nonsense', () => 'soon', undefined],
  ])('429 keeps the wish in Retry-After: %s', async (_, wish, ms) => {
    far.failNext('/whoami', { status: 429, headers: { 'retry-after': wish() } });
    expect(await failure(open().whoami())).toMatchObject({ retryAfterMs: ms });
  });

  it('429 holds up every other call until the wish has passed', async () => {
    const client = open({}, systemClock);
    await client.whoami();
    far.failNext('/whoami', { status: 429, headers: { 'retry-after': '1' } });
    await failure(client.whoami());
    const refusedAt = performance.now();
    await client.siem.page('events', tenant(), {});
    expect(performance.now() - refusedAt).toBeGreaterThan(950);
  });
});

describe('asking again', () => {
  it('goes on through faults that pass, and reports each', async () => {
    far.failNext('/whoami', 'reset', 'cut', { status: 503 }, { raw: '{"id":' });
    const client = open({ retries: 5 });
    expect((await client.whoami()).id).toBe(far.accountId);
    const failed = reports.filter(({ name }) => name === 'request.failed');
    expect(failed.map(({ code }) => code)).toEqual(['http.reset', 'http.truncated', 'central.unavailable', 'central.bad-body']);
  });

  it('tells each answer that it reads, with its path and without its query', async () => {
    const client = open({ retries: 0 });
    await client.whoami();
    const answered = reports.filter(({ name }) => name === 'call.answered');
    expect(answered).toEqual([expect.objectContaining({ method: 'GET', path: '/whoami/v1', status: 200, bytes: expect.any(Number), ms: expect.any(Number) })]);
  });

  it('ends after the tries that were allowed, and at once where nothing would change', async () => {
    far.intercept = ({ path }) => (path === '/whoami/v1' ? { status: 500 } : null);
    await failure(open({ retries: 3 }).whoami());
    expect(far.to('/whoami')).toHaveLength(4);
    far.intercept = ({ path }) => (path === '/whoami/v1' ? { status: 403 } : null);
    await failure(open({ retries: 3 }).whoami());
    expect(far.to('/whoami')).toHaveLength(5);
  });

  it('does not happen unless wanted', async () => {
    far.failNext('/whoami', { status: 503 });
    await failure(open({ retries: 0 }).whoami());
    expect(far.to('/whoami')).toHaveLength(1);
  });
});

describe('the account', () => {
  it('names its hosts by https and without a slash', async () => {
    far.intercept = ({ path }) =>
      path === '/whoami/v1'
        ? { body: { id: 'x', idType: 'tenant', apiHosts: { global: 'http://api.central.sophos.com/', dataRegion: 'http://api-eu01.central.sophos.com/' } } }
        : null;
    expect(await open().whoami()).toEqual({
      id: 'x',
      idType: 'tenant',
      apiHosts: { global: 'https://api.central.sophos.com', dataRegion: 'https://api-eu01.central.sophos.com' },
    });
  });

  it('sends no token to a host that is not Sophos’', async () => {
    const other = await new FarCentral().open();
    closers.push(() => other.close());
    const client = open();
    expect(await failure(client.siem.page('events', { id: far.accountId, apiHost: other.url }, {}))).toMatchObject({
      kind: 'rejected',
      code: 'central.foreign-host',
    });
    far.failNext('/whoami', { body: { id: 'x', idType: 'partner', apiHosts: { global: other.url } } });
    expect(await failure(client.whoami())).toMatchObject({ kind: 'rejected', code: 'central.foreign-host' });
    expect(other.asked).toHaveLength(0);
  });

  it('of a tenant is that tenant', async () => {
    expect(await collect(open().tenants)).toEqual([{ id: far.accountId, name: far.accountId, apiHost: far.url }]);
  });

  it.each([
    ['partner', 'x-partner-id'],
    ['organization', 'x-organization-id'],
  ])('of a %s lists its tenants page by page, each once', async (idType, header) => {
    far.idType = idType;
    far.tenants = Array.from({ length: 250 }, (_, n) => ({ id: `t-${n}`, name: `Tenant ${n % 7}`, apiHost: far.url, status: 'active' }));
    // While page 2 is read, a new tenant appears at the front: everything moves on by one.
    far.intercept = ({ path, query }) => {
      if (path.endsWith('/tenants') && query.get('page') === '2' && far.tenants.length === 250)
        far.tenants.unshift({ id: 't-new', name: 'New', apiHost: far.url });
      return null;
    };
    const tenants = await collect(open().tenants);
    expect(tenants.map(({ id }) => id)).toEqual(Array.from({ length: 250 }, (_, n) => `t-${n}`));
    const asked = far.to(`/${idType}/v1/tenants`);
    expect(asked.map(({ query }) => query.toString())).toEqual(['page=1&pageSize=100', 'page=2&pageSize=100', 'page=3&pageSize=100']);
    expect(asked.every(({ headers }) => headers[header] === far.accountId)).toBe(true);
  });

  it('ends its list after a full last page, and refuses one without an end', async () => {
    far.idType = 'partner';
    far.tenants = Array.from({ length: 200 }, (_, n) => ({ id: `t-${n}`, name: 'T' }));
    expect(await collect(open().tenants)).toHaveLength(200);
    far.intercept = ({ path }) => (path.endsWith('/tenants') ? { body: { items: far.tenants.slice(0, 100), pages: { size: 100 } } } : null);
    expect(await failure(collect(open().tenants))).toMatchObject({ kind: 'rejected', code: 'central.page-loop' });
  });

  it('says why nothing can be read from a tenant', async () => {
    const { tenants } = open();
    expect(tenants.whyNot({ id: 'a', name: 'A', apiHost: far.url })).toBeNull();
    expect(tenants.whyNot({ id: 'a', name: 'A', apiHost: far.url, status: 'active' })).toBeNull();
    expect(tenants.whyNot({ id: 'a', name: 'A', apiHost: far.url, status: 'suspended' })).toContain('suspended');
    expect(tenants.whyNot({ id: 'a', name: 'A' })).toContain('not provisioned');
    expect(tenants.whyNot({ id: 'a', name: 'A', apiHost: '' })).toContain('not provisioned');
    expect(tenants.whyNot({ id: 'a', name: 'A', apiHost: 'https://evil.example' })).toContain('evil.example');
  });
});

describe('a SIEM feed', () => {
  it('is asked as the reference says', async () => {
    const client = open();
    await client.siem.page('events', tenant(), { fromDate: far.now / 1000 - 60, limit: 5000, excludeTypes: ['Event::A::B', 'Event::C'], offsetMinutes: 3 });
    await client.siem.page('alerts', tenant(), { cursor: far.cursorAt(0), fromDate: 1, limit: 1, excludeTypes: ['x'] });
    const [events, alerts] = far.to('/siem/v1/');
    expect(Object.fromEntries(events?.query ?? [])).toEqual({
      limit: '1000',
      from_date: String(far.now / 1000 - 60),
      exclude_types: 'Event::A::B,Event::C',
      from_date_offset_minutes: '3',
    });
    expect(Object.fromEntries(alerts?.query ?? [])).toEqual({ limit: '200', cursor: far.cursorAt(0) });
    expect(events?.headers).toMatchObject({ 'x-tenant-id': far.accountId, authorization: 'Bearer token-1', accept: 'application/json' });
  });

  it('gives items one by one, over as many pages as there are', async () => {
    far.feeds.events = Array.from({ length: 450 }, (_, n) => item(n));
    far.feeds.alerts = [item(7)];
    const client = open();
    expect((await collect(client.siem.events(tenant(), { limit: 200 }))).map(({ id }) => id)).toEqual(far.feeds.events.map(({ id }) => id));
    expect(await collect(client.siem.alerts(tenant(), { since: new Date(far.now - 3_600_000) }))).toEqual(far.feeds.alerts);
    expect(await collect(client.siem.alerts(tenant(), { since: far.now - 1000 }))).toEqual([]);
  });

  it('gives pages with the cursor to go on from', async () => {
    far.feeds.events = Array.from({ length: 450 }, (_, n) => item(n));
    const client = open();
    const seen: unknown[] = [];
    let cursor = '';
    for await (const { items, next } of client.siem.pages('events', tenant(), { limit: 200 })) {
      seen.push(...items);
      cursor = next ?? '';
      if (seen.length === 400) break;
    }
    seen.push(...(await collect(client.siem.events(tenant(), { cursor, limit: 200 }))));
    expect(seen).toEqual(far.feeds.events);
  });

  it('refuses to read for ever', async () => {
    far.intercept = ({ path }) => (path.startsWith('/siem') ? { body: { has_more: true, items: [], next_cursor: 'same' } } : null);
    expect(await failure(collect(open().siem.events(tenant())))).toMatchObject({ kind: 'rejected', code: 'central.page-loop' });
  });

  it.each([
    ['a body that is no JSON', { raw: '<html>ok</html>' }],
    ['a body that is cut short', { raw: '{"has_more":false,"items":[{"id":"a"' }],
    ['a body without items', { body: { has_more: false, next_cursor: 'x' } }],
    ['a body without has_more', { body: { items: [], next_cursor: 'x' } }],
  ])('calls %s a passing fault, never an empty page', async (_, fault) => {
    far.failNext('/siem', fault);
    expect(await failure(open().siem.page('events', tenant(), {}))).toMatchObject({ kind: 'transient', code: 'central.bad-body', status: 200 });
  });

  it('of a tenant without a host is refused before anything is sent', async () => {
    expect(await failure(open().siem.page('events', { id: 'T', apiHost: null }, {}))).toMatchObject({ kind: 'rejected', code: 'central.no-api-host' });
    expect(far.asked).toHaveLength(0);
  });
});

describe('Central’s time', () => {
  it('is the local clock before the first answer, and the Date of the last one plus what has passed since', async () => {
    const client = open();
    expect(Math.abs(client.now() - Date.now())).toBeLessThan(2000);
    await client.whoami();
    expect(client.now() - far.now).toBeGreaterThanOrEqual(0);
    expect(client.now() - far.now).toBeLessThan(2000);
    far.now += 7_200_000;
    const { askedAt } = await client.siem.page('events', tenant(), {});
    expect(askedAt).toBeLessThanOrEqual(far.now);
    expect(far.now - askedAt).toBeLessThan(2000);
  });

  it('is not told by a gateway that answers itself', async () => {
    const client = open();
    far.failNext('/whoami', { status: 503, headers: { date: new Date(0).toUTCString() } });
    await failure(client.whoami());
    expect(client.now() - far.now).toBeLessThan(2000);
    expect(client.now()).toBeGreaterThanOrEqual(far.now);
  });
});

describe('a legacy token', () => {
  const line = (url = far.url) => `url: ${url}/gateway, x-api-key: key-1, Authorization: Basic old-token`;
  const legacy = (siemToken: string) => {
    const { world, close } = openTestWorld();
    closers.push(close);
    return new SophosCentral({ siemToken, apiUrl: far.url, rateLimits: generous, retries: 0, world });
  };

  it('reads the feeds through its gateway, without a token or a tenant header', async () => {
    far.feeds.events = [item(1)];
    expect(await collect(legacy(line()).siem.events({ id: 'whatever' }))).toEqual(far.feeds.events);
    expect(far.asked.map(({ path }) => path)).toEqual(['/gateway/siem/v1/events']);
    expect(far.asked[0]?.headers).toMatchObject({ 'x-api-key': 'key-1', authorization: 'Basic old-token' });
    expect(far.asked[0]?.headers['x-tenant-id']).toBeUndefined();
  });

  it('is of the tenant that its first record names, and has a stable name before that', async () => {
    const client = legacy(line());
    const [unknown] = await collect(client.tenants);
    expect(unknown).toMatchObject({ id: 'legacy-be2974546978', apiHost: `${far.url}/gateway` });
    far.feeds.alerts = [item(1)];
    expect(await collect(client.tenants)).toEqual([{ id: far.accountId, name: far.accountId, apiHost: `${far.url}/gateway` }]);
  });

  it('cannot be asked whose it is, and is told apart from a wrong one', async () => {
    expect(await failure(legacy(line()).whoami())).toMatchObject({ kind: 'config', code: 'central.legacy-whoami' });
    expect(await failure(collect(legacy(line().replace('key-1', 'key-2')).tenants))).toMatchObject({
      kind: 'auth',
      code: 'central.legacy-token-refused',
      status: 403,
    });
  });

  it.each([
    'nonsense',
    'url: https://api1.central.sophos.com/gateway, x-api-key: a',
    'url:https://api1.central.sophos.com/gateway, x-api-key: a, Authorization: Basic b',
    'url: https://api1.central.sophos.com/gateway,x-api-key: a,Authorization: Basic b',
    'URL: https://api1.central.sophos.com/gateway, X-API-KEY: a, Authorization: Basic b',
    'url: https://api1.central.sophos.com/gateway, x-api-key: a, Authorization: b',
    'url: https://api1.central.sophos.com/gateway, x-api-key: a\nx: y, Authorization: Basic b',
  ])('is a mistake in the configuration when it reads %j', (text) => {
    expect(() => legacy(text)).toThrow(expect.objectContaining({ kind: 'config', code: 'central.legacy-token' }));
  });

  it('may only name a host of Sophos', () => {
    expect(() => legacy(line('https://gateway.example'))).toThrow(expect.objectContaining({ kind: 'config', code: 'central.foreign-host' }));
  });
});

describe('the options', () => {
  it('must hold a credential', () => {
    expect(() => new SophosCentral({ clientId: 'only' })).toThrow(expect.objectContaining({ kind: 'config', code: 'central.no-credential' }));
  });

  it('are enough without a world', async () => {
    const client = new SophosCentral({ clientId: far.clientId, clientSecret: far.clientSecret, authUrl: far.url, apiUrl: far.url });
    expect((await client.whoami()).idType).toBe('tenant');
    await client.close();
  });

  it('may share one budget between clients', async () => {
    const first = open({ rateLimits: { second: 1000, minute: 3 } });
    const second = open({ pace: first.pace });
    await first.whoami();
    const leaving = new AbortController();
    const waiting = second.whoami(leaving.signal);
    await expect.poll(() => first.pace.waitingUntil).not.toBeNull();
    leaving.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect(far.asked).toHaveLength(3);
  });
});
