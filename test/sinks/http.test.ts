import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Sink } from '../../src/core/types.ts';
import { judge } from '../../src/sinks/http/status.ts';
import { http } from '../../src/sinks/http.ts';
import { startWebhook, type Webhook, type WebhookWays } from '../far-ends/http.ts';
import { jsonLines, noon, parcelOf } from '../laws/parcels.ts';
import { type Around, failureOf, opening, openWebSink, type Written, webToken } from './web-world.ts';

const keep = opening();
afterEach(() => keep.closeAll());
const never = new AbortController().signal;

async function start(written: Written = {}, ways: WebhookWays = {}, around: Around = {}): Promise<{ far: Webhook; sink: Sink }> {
  const far = keep(await startWebhook(ways));
  const { path = '/hook', ...others } = written;
  return { far, sink: keep(await openWebSink(http, { url: `${far.url}${String(path)}`, ...others }, around)) };
}

const parcel = parcelOf([{ tenant: 't1', items: jsonLines('t1', 3) }]);

/** Every status with a meaning, and some without. */
const statuses = [
  [301, 'config', 'webhook.redirected'],
  [302, 'config', 'webhook.redirected'],
  [307, 'config', 'webhook.redirected'],
  [308, 'config', 'webhook.redirected'],
  [400, 'rejected', 'webhook.refused'],
  [401, 'auth', 'webhook.unauthorized'],
  [402, 'config', 'webhook.unexpected'],
  [403, 'auth', 'webhook.unauthorized'],
  [404, 'config', 'webhook.nothing-there'],
  [405, 'config', 'webhook.nothing-there'],
  [406, 'config', 'webhook.unexpected'],
  [408, 'transient', 'webhook.busy'],
  [409, 'transient', 'webhook.busy'],
  [410, 'config', 'webhook.nothing-there'],
  [411, 'config', 'webhook.unexpected'],
  [413, 'rejected', 'webhook.too-large'],
  [415, 'rejected', 'webhook.refused'],
  [418, 'config', 'webhook.unexpected'],
  [422, 'rejected', 'webhook.refused'],
  [425, 'transient', 'webhook.busy'],
  [429, 'transient', 'webhook.busy'],
  [500, 'transient', 'webhook.unavailable'],
  [501, 'transient', 'webhook.unavailable'],
  [502, 'transient', 'webhook.unavailable'],
  [503, 'transient', 'webhook.unavailable'],
  [504, 'transient', 'webhook.unavailable'],
  [520, 'transient', 'webhook.unavailable'],
] as const;

describe('an answer of a webhook', () => {
  it.each(statuses)('with status %i is %s %s', async (status, kind, code) => {
    const { far, sink } = await start();
    far.faults.push({ status, headers: { 'retry-after': '7', location: 'https://elsewhere.example/x?session=hidden' } });
    const failure = await failureOf(sink.deliver(parcel, never));
    expect(failure).toMatchObject({ kind, code, retryAfterMs: kind === 'transient' ? 7000 : undefined });
    expect(failure.message).toContain(`sending 3 records to ${far.url} failed: HTTP ${status}`);
    expect(failure.message).not.toContain('hidden');
    expect(failure.advice).toBeTruthy();
    expect(far.requests, 'no redirection is followed').toHaveLength(1);
  });

  it.each([200, 201, 202, 204, 206])('with status %i is success, unless `expect` says otherwise', async (status) => {
    const { sink } = await start({}, { status });
    expect(await sink.deliver(parcel, never)).toEqual({ refused: [] });
    const strict = await start({ expect: [299] }, { status });
    expect(await failureOf(strict.sink.deliver(parcel, never))).toMatchObject({ kind: 'config', code: 'webhook.unexpected' });
  });

  it('cannot forge a log line, repeat a secret or fill the log', async () => {
    const secret = 'S3cret/with+signs=and"quotes';
    const path = 'hunter2-path-0123456789';
    const { far, sink } = await start({ path: `/${path}?key=hunter2-query-0123`, username: 'me', password: secret, secretHeaders: { 'x-api-key': webToken } });
    const basic = Buffer.from(`me:${secret}`).toString('base64');
    const told = [secret, encodeURIComponent(secret), JSON.stringify(secret), basic, webToken, path, 'hunter2-query-0123'];
    for (const body of [told.join(' \r\n\u001b[2J\u202e '), `${'x'.repeat(50)}${secret.repeat(400)}`, `${'é'.repeat(9000)}`]) {
      far.faults.push({ status: 400, body });
      const { message, advice, stack } = await failureOf(sink.deliver(parcel, never));
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(message.length).toBeLessThan(400);
      for (const each of told) expect(`${message}${advice}${stack}`).not.toContain(each);
    }
  });

  it('with a wish that nobody could mean is waited for a day at most', () => {
    const asked = { what: 'x', clean: String, now: noon, expected: null };
    const wish = (value: string) => judge(asked, { status: 429, headers: { 'retry-after': value }, body: Buffer.alloc(0) })?.retryAfterMs;
    expect(wish('9'.repeat(400))).toBe(86_400_000);
    expect(wish(new Date(noon + 30_000).toUTCString())).toBe(30_000);
    expect(wish('soon')).toBeUndefined();
  });
});

describe('the requests of http', () => {
  it('carry method, headers, content type and credentials as configured', async () => {
    const { far, sink } = await start({
      method: 'PUT',
      username: 'me',
      password: 'p:w',
      headers: { 'X-Tenant': '{tenant.name} ({tenant.label.cost})', 'User-Agent': 'mine' },
      secretHeaders: { 'X-Key': `${webToken}\n` },
      contentType: 'application/x-ndjson',
    });
    const named = parcelOf([{ tenant: 't1', name: 'Müller & Söhne\r\nx-forged: 1', labels: { cost: '42 %' }, items: jsonLines('t1', 1) }]);
    await sink.deliver(named, never);
    expect(far.requests[0]).toMatchObject({
      method: 'PUT',
      headers: {
        'x-tenant': 'M%C3%BCller & S%C3%B6hne%0D%0Ax-forged: 1 (42 %25)',
        'x-key': webToken,
        'user-agent': 'mine',
        authorization: `Basic ${Buffer.from('me:p:w').toString('base64')}`,
        'content-type': 'application/x-ndjson',
      },
    });
    expect(far.requests[0]?.headers['x-forged']).toBeUndefined();
  });

  it.each([
    ['ndjson', true, 'application/x-ndjson', '{"a":1}\n{"b":2}\n'],
    ['ndjson', false, 'text/plain; charset=utf-8', '{"a":1}\n{"b":2}\n'],
    ['array', true, 'application/json', '[{"a":1},{"b":2}]'],
    ['array', false, 'application/json', '["{\\"a\\":1}","{\\"b\\":2}"]'],
  ] as const)('in layout %s with JSON lines %s are of type %s', async (layout, json, type, body) => {
    const { far, sink } = await start({ layout });
    await sink.deliver(parcelOf([{ tenant: 't1', json, items: ['{"a":1}', '{"b":2}'] }]), never);
    expect(far.requests.map(({ headers, body: sent }) => [headers['content-type'], sent])).toEqual([[type, body]]);
  });

  it('lead to one address for each tenant, stream and day, in order', async () => {
    const { far, sink } = await start({ path: '/in/{tenant.name}/{stream}/{date}?t={tenant.id}' });
    const day = 86_400_000;
    const items = [0, 0, day, day, 0].map((more, i) => ({ line: `{"n":${i}}`, time: noon + more }));
    const mixed = parcelOf([
      { tenant: 't1', name: '../../a?b#c', items },
      { tenant: 't2', name: '..', stream: 'alerts', items: ['{"n":9}'] },
    ]);
    expect(await sink.deliver(mixed, never)).toEqual({ refused: [] });
    expect(far.requests.map(({ path, query, body }) => [path, query.get('t'), body])).toEqual([
      ['/in/..%2F..%2Fa%3Fb%23c/events/2026-03-01', 't1', '{"n":0}\n{"n":1}\n{"n":4}\n'],
      ['/in/..%2F..%2Fa%3Fb%23c/events/2026-03-02', 't1', '{"n":2}\n{"n":3}\n'],
      ['/in/__/alerts/2026-03-01', 't2', '{"n":9}\n'],
    ]);
  });

  it('stay on the host that is configured, whatever a tenant is called', async () => {
    const { far, sink } = await start({ path: '/{tenant.name}' });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (name) => {
        const before = far.requests.length;
        await sink.deliver(parcelOf([{ tenant: 't', name, items: ['{}'] }]), never);
        expect(far.requests).toHaveLength(before + 1);
        expect(far.requests[before]?.path).toMatch(/^\/[^/]*$/);
      }),
      { numRuns: 60 },
    );
  });

  it('have a key that is the same for the same records only', async () => {
    const { far, sink } = await start();
    const again = keep(await openWebSink(http, { url: `${far.url}/hook` }));
    await sink.deliver(parcel, never);
    await again.deliver(parcel, never);
    await sink.deliver(parcelOf([{ tenant: 't1', after: 1, items: jsonLines('t1', 3) }]), never);
    const [first, second, third] = far.requests.map(({ headers }) => headers['idempotency-key']);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it('are signed over time and body, so that a receiver can check them as the documentation says', async () => {
    const key = 'signing-key-0123456789';
    for (const gzip of [false, true]) {
      const { far, sink } = await start({ gzip, sign: { secret: key } }, { key });
      await sink.deliver(parcelOf([{ tenant: 't1', items: jsonLines('t1', 100) }]), never);
      expect(far.taken).toHaveLength(100);
      expect(far.requests[0]?.headers['content-encoding']).toBe(gzip ? 'gzip' : undefined);
    }
    const { far, sink } = await start({ sign: { secret: key, header: 'X-Hub', timestampHeader: 'X-At' } });
    await sink.deliver(parcel, never);
    const [request] = far.requests;
    const seconds = Number(request?.headers['x-at']);
    expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60);
    expect(request?.headers['x-hub']).toBe(`sha256=${createHmac('sha256', key).update(`${seconds}.${request?.wire.toString()}`).digest('hex')}`);
    const wrong = await start({ sign: { secret: 'another' } }, { key });
    expect((await failureOf(wrong.sink.deliver(parcel, never))).kind).toBe('auth');
  });

  it('one by one name the record that is refused, and take the others', async () => {
    const { far, sink } = await start({ layout: 'one' });
    far.refuseLinesWith('refuse-me');
    const mixed = parcelOf([{ tenant: 't1', after: 4, items: ['{"a":1}', '{"a":"refuse-me"}', '{"a":3}'] }]);
    const { refused } = await sink.deliver(mixed, never);
    expect(refused).toMatchObject([{ lane: { route: 'route', stream: 't1/events' }, seq: 6, code: 'webhook.refused' }]);
    expect(far.taken.map(({ line }) => line)).toEqual(['{"a":1}', '{"a":3}']);
  });

  it('one by one tell the engine when every record is refused, as the configuration may be to blame', async () => {
    const { far, sink } = await start({ layout: 'one' });
    far.refuseLinesWith('t1');
    expect(await failureOf(sink.deliver(parcel, never))).toMatchObject({ kind: 'rejected', code: 'webhook.refused' });
  });

  it('that were taken are not sent again when a later one of their parcel fails', async () => {
    const { far, sink } = await start({ path: '/{tenant.id}' });
    const both = parcelOf([
      { tenant: 'a', items: jsonLines('a', 2) },
      { tenant: 'b', items: jsonLines('b', 2) },
    ]);
    far.faults.push({ status: 200 }, { status: 503 });
    expect((await failureOf(sink.deliver(both, never))).kind).toBe('transient');
    expect(await sink.deliver(both, never)).toEqual({ refused: [] });
    expect(far.requests.map(({ path }) => path)).toEqual(['/a', '/b', '/b']);
    // Once settled nothing is remembered: who sends it again means it.
    await sink.deliver(both, never);
    expect(far.requests.map(({ path }) => path)).toEqual(['/a', '/b', '/b', '/a', '/b']);
  });

  it('take turns between several addresses, and leave one that fails alone for a while', async () => {
    const fars = await Promise.all([1, 2].map(async () => keep(await startWebhook())));
    const sink = keep(await openWebSink(http, { url: fars.map(({ url }) => `${url}/x`) }));
    fars[0]?.faults.push({ status: 429, headers: { 'retry-after': '60' } });
    const failure = await failureOf(sink.deliver(parcel, never));
    expect([failure.kind, failure.retryAfterMs]).toEqual(['transient', undefined]);
    for (let i = 0; i < 3; i++) await sink.deliver(parcel, never);
    expect(fars.map(({ requests }) => requests.length)).toEqual([1, 3]);
  });

  it('are not sent when they would be above `batch.bytes`', async () => {
    const { far, sink } = await start({ layout: 'array', batch: { bytes: '1KB' } });
    const quotes = '"'.repeat(400);
    const failure = await failureOf(sink.deliver(parcelOf([{ tenant: 't1', json: false, items: [quotes, quotes] }]), never));
    expect([failure.kind, failure.code]).toEqual(['rejected', 'webhook.too-large']);
    expect(far.requests).toEqual([]);
  });

  it.each(['ndjson', 'array'] as const)('keep any text whole, and each a record of its own, in layout %s', async (layout) => {
    const { far, sink } = await start({ layout });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary', maxLength: 60 }), { minLength: 1, maxLength: 5 }), async (texts) => {
        const before = far.taken.length;
        await sink.deliver(parcelOf([{ tenant: 't', json: false, items: texts }]), never);
        const wanted = texts.map((text) => Buffer.from(layout === 'array' ? text : text.replaceAll('\n', ' ')).toString('utf8'));
        expect(far.taken.slice(before).map(({ line }) => line)).toEqual(wanted);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the options of http', () => {
  const read = (written: Written) => http.options.parse({ url: 'https://hooks.example.com/x', ...written });
  it.each([
    { url: 'ftp://x/y' },
    { url: 'https://{tenant.name}.example.com/x' },
    { url: 'https://user:pw@hooks.example.com/' },
    { url: [] },
    { method: 'GET' },
    { username: 'me' },
    { password: 'x' },
    { bearer: 'a', username: 'b', password: 'c' },
    { bearer: 'a', secretHeaders: { Authorization: 'b' } },
    { headers: { 'bad name': 'x' } },
    { headers: { 'Content-Length': '1' } },
    { expect: [404] },
    { sign: {} },
    { batch: { records: 0 } },
  ])('refuse %j', (written) => expect(() => read(written)).toThrow());

  it.each(['headers', 'secretHeaders'])('tell at %s that two of its words do not go together', (key) => {
    expect(() => read({ bearer: 'a', [key]: { Authorization: 'b' } })).toThrow(`"${key}"`);
  });

  it('refuse a secret that could forge a header, without saying it', async () => {
    for (const written of [{ bearer: `${webToken}\r\nx: y` }, { secretHeaders: { k: `${webToken}\u0000` } }]) {
      const failure = await failureOf(openWebSink(http, { url: 'https://hooks.example.com/x', ...written }));
      expect(failure).toMatchObject({ kind: 'config', code: 'wire.secret-malformed' });
      expect(failure.message + failure.advice).not.toContain(webToken);
    }
  });

  it('check asks without sending, and says what it cannot know', async () => {
    const { far, sink } = await start({ path: '/{stream}' });
    expect(await sink.check(never)).toBe(`${far.url} answers (HTTP 405 to HEAD); whether it takes records is seen at the first delivery`);
    expect(far.requests.map(({ method, path }) => [method, path])).toEqual([['HEAD', '/']]);
  });
});
