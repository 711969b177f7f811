/** The client against far ends that misbehave: tokens, budget, retries, sharing, caching. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CentralError, Intelix, type IntelixOptions, MemoryCache } from '../../../src/intelix.ts';
import { HandClock } from '../world.ts';
import { failure, hasty, IntelixBench } from './bench.ts';

let bench: IntelixBench;
beforeEach(async () => {
  bench = await new IntelixBench().open();
});
afterEach(() => bench.close());

describe('the token', () => {
  it('is asked for once, however many calls wait for it', async () => {
    const client = bench.client();
    await Promise.all(Array.from({ length: 20 }, (_, at) => client.url(`host${at}.example`)));
    expect(bench.far.tokenCalls).toHaveLength(1);
    expect(bench.far.lookups).toHaveLength(20);
  });

  it('is renewed a minute before it expires, by monotonic time', async () => {
    let shift = 0;
    const client = bench.client({ cache: null }, { ...hasty, monotonic: () => performance.now() + shift });
    await client.url('example.com');
    shift = 3_530_000;
    await client.url('example.com');
    expect(bench.far.tokenCalls).toHaveLength(1);
    shift = 3_541_000;
    await client.url('example.com');
    expect(bench.far.tokenCalls).toHaveLength(2);
  });

  it('is replaced once for many calls that were refused with it', async () => {
    const client = bench.client({ cache: null });
    await client.url('example.com');
    bench.far.revokeTokens();
    await Promise.all(Array.from({ length: 10 }, (_, at) => client.url(`host${at}.example`)));
    expect(bench.far.tokenCalls).toHaveLength(2);
  });

  it('is given up when three fresh ones in a row are refused', async () => {
    const client = bench.client({ cache: null });
    await client.url('example.com');
    bench.far.intercept = ({ target }) => (target.startsWith('/lookup') ? { status: 401, body: { error: 'Unauthorized', correlationId: 'c-1' } } : null);
    expect(await failure(client.url('example.com'))).toMatchObject({ kind: 'auth', code: 'intelix.token-refused', status: 401, correlationId: 'c-1' });
    expect(bench.far.tokenCalls).toHaveLength(4);
    expect(bench.far.lookups).toHaveLength(5);
  });

  it('is refused with the words of the service, without the secret that they repeat, and not asked for again at once', async () => {
    const client = bench.client({ clientSecret: 'correct-horse-wrong', retries: 3 });
    const failed = await failure(client.url('example.com'));
    expect(failed).toMatchObject({ kind: 'auth', code: 'intelix.credentials-refused', status: 401, centralCode: 'invalid_client' });
    expect(failed.message).toContain('Intelix says');
    expect(failed.message).toContain('[secret]');
    await failure(client.url('example.org'));
    expect(bench.far.asked).toHaveLength(1);
  });

  it.each([
    ['a 400', { status: 400, body: { error: 'invalid_request' } }, 'auth', 'intelix.credentials-refused'],
    ['a 403 in plain', { status: 403, body: { error: 'x', message: 'correct-horse-battery-staple-intelix' } }, 'auth', 'intelix.credentials-refused'],
    ['a 429', { status: 429 }, 'transient', 'intelix.throttled'],
    ['a 503', { status: 503, body: '<html>' }, 'transient', 'intelix.unavailable'],
    ['a 404', { status: 404 }, 'rejected', 'intelix.not-found'],
    ['no JSON', { body: '<html>' }, 'transient', 'intelix.bad-body'],
    ['no token', { body: { token_type: 'bearer' } }, 'transient', 'intelix.bad-body'],
    ['a token that breaks a header', { body: { access_token: 'a\r\nb' } }, 'transient', 'intelix.bad-body'],
  ] as const)('that is answered with %s fails with its meaning', async (_what, fault, kind, code) => {
    bench.far.failNext('/oauth2/token', fault);
    expect(await failure(bench.client().url('example.com'))).toMatchObject({ kind, code });
  });
});

describe('a failed lookup', () => {
  it.each([
    [400, 'rejected', 'intelix.bad-input'],
    [403, 'auth', 'intelix.not-subscribed'],
    [405, 'rejected', 'intelix.refused'],
    [408, 'transient', 'intelix.unavailable'],
    [429, 'transient', 'intelix.throttled'],
    [500, 'transient', 'intelix.unavailable'],
    [502, 'transient', 'intelix.unavailable'],
  ] as const)('with %i says Intelix, and carries its correlation id', async (status, kind, code) => {
    bench.far.failNext('/lookup', { status, body: { error: 'e', message: 'm', requestId: 'r' } });
    const failed = await failure(bench.client().url('example.com/?key=hunter2', { correlationId: 'c-7' }));
    expect(failed).toBeInstanceOf(CentralError);
    expect(failed).toMatchObject({ kind, code, status, correlationId: 'c-7', requestId: 'r', url: `${bench.far.url}/lookup/urls/v1/{url}` });
    expect(failed.message).toMatch(
      /^GET \/lookup\/urls\/v1\/\{url\} at 127.*to look up the URL "example\.com\/\?\.\.\.": \d+, .*Intelix says "e: m" \(correlation id c-7\)$/,
    );
    expect(failed.message).not.toMatch(/hunter2|Central/);
  });

  it.each([
    ['reset', 'http.reset'],
    ['cut', 'http.truncated'],
    ['hang', 'http.timeout'],
  ] as const)('by the network (%s) carries its correlation id too', async (fault, code) => {
    bench.far.failNext('/lookup', fault);
    const failed = await failure(bench.client({ timeoutMs: fault === 'hang' ? 1000 : 30_000 }).url('example.com', { correlationId: 'c-8' }));
    expect(failed).toMatchObject({ kind: 'transient', code, advice: expect.any(String) });
    expect(failed.message).toContain('(correlation id c-8)');
  });

  it('does not follow a redirect, and sends the token nowhere else', async () => {
    const other = await new IntelixBench().open();
    try {
      bench.far.failNext('/lookup', { status: 302, headers: { location: `${other.far.url}/lookup/urls/v1/x` } });
      expect(await failure(bench.client().url('example.com'))).toMatchObject({ kind: 'transient', code: 'intelix.redirected' });
      expect(other.far.asked).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('is asked again, with growing pauses and one correlation id, until it is answered', async () => {
    bench.far.failNext('/lookup', { status: 502, body: '<html>' }, 'reset', 'cut', { body: '{"risk' }, { status: 500 });
    const found = await bench.client({ retries: 5 }).url('example.com');
    expect(found.cached).toBe(false);
    expect(bench.far.lookups).toHaveLength(6);
    expect(new Set(bench.far.lookups.map(({ headers }) => headers['x-correlation-id'])).size).toBe(1);
    expect(bench.reports.filter(({ name }) => name === 'request.failed').map(({ pauseMs }) => pauseMs)).toEqual([250, 500, 1000, 2000, 4000]);
  });

  it.each([400, 403, 405])('with %i is not asked again', async (status) => {
    bench.far.intercept = ({ target }) => (target.startsWith('/lookup') ? { status, body: {} } : null);
    await failure(bench.client({ retries: 5 }).url('example.com'));
    expect(bench.far.lookups).toHaveLength(1);
  });
});

describe('a 429', () => {
  it('is waited out as long as it says, by all who use the client', async () => {
    const clock = new HandClock();
    const client = bench.client({ retries: 5 }, clock);
    bench.far.failNext('/lookup', { status: 429, headers: { 'retry-after': '30' } });
    const first = client.url('a.example');
    await until(() => clock.sleeping > 0);
    const second = client.url('b.example');
    await clock.pass(29_900);
    expect(bench.far.lookups).toHaveLength(1);
    await passUntil(clock, Promise.all([first, second]));
    expect(bench.far.lookups).toHaveLength(3);
  });

  it('that says nothing is tried again after a second', async () => {
    const clock = new HandClock();
    bench.far.failNext('/lookup', { status: 429 });
    const found = bench.client({ retries: 1 }, clock).url('a.example');
    await until(() => clock.sleeping > 0);
    await clock.pass(900);
    expect(bench.far.lookups).toHaveLength(1);
    await passUntil(clock, found);
    expect(bench.far.lookups).toHaveLength(2);
  });

  it('that asks for hours ends all that waits, and what comes until then, without asking', async () => {
    const clock = new HandClock();
    const client = bench.client({ retries: 5, rateLimits: { second: 1 } }, clock);
    bench.far.intercept = ({ target }) => (target.startsWith('/lookup') ? { status: 429, headers: { 'retry-after': '7200' } } : null);
    const many = ['a', 'b', 'c', 'd'].map((name) => failure(client.url(`${name}.example`)));
    await passUntil(clock, Promise.all(many));
    for (const failed of await Promise.all(many)) expect(failed).toMatchObject({ code: 'intelix.throttled', retryAfterMs: 7_200_000 });
    await failure(client.ip('192.0.2.1'));
    expect(bench.far.lookups).toHaveLength(1);
    bench.far.intercept = () => null;
    await clock.pass(7_300_000);
    await passUntil(clock, client.url('a.example'));
  });
});

describe('the budget', () => {
  it('is ten calls a second unless it is set', async () => {
    expect(new Intelix({ clientId: 'a', clientSecret: 'b' }).pace.limits).toEqual({ second: 10, minute: 600, hour: 36_000, day: 864_000 });
    expect(bench.client({ rateLimits: { minute: 6 } }).pace.limits).toMatchObject({ minute: 6, hour: 36_000 });
  });

  it('holds, tokens counted', async () => {
    const clock = new HandClock();
    const client = bench.client({ rateLimits: { minute: 5 } }, clock);
    const all = Promise.all(Array.from({ length: 12 }, (_, at) => client.url(`host${at}.example`)));
    await passUntil(clock, bench.far.hasAsked(5));
    await clock.pass(40_000);
    expect(bench.far.asked).toHaveLength(5);
    await passUntil(clock, all);
    expect(bench.far.asked).toHaveLength(13);
  });
});

describe('two lookups of one address at once', () => {
  it('are one call, and each gets what it asked for', async () => {
    const client = bench.client();
    bench.far.known.set('example.com', { riskLevel: 'HIGH' });
    const inputs = ['example.com', 'http://Example.COM/', ' example.com. '];
    const found = await Promise.all(inputs.map((input) => client.lookup(input)));
    expect(found.map(({ input }) => input)).toEqual(inputs);
    for (const each of found) expect(each).toMatchObject({ riskLevel: 'HIGH', cached: false });
    expect(bench.far.lookups).toHaveLength(1);
  });

  it('survive that the first gives up', async () => {
    const client = bench.client();
    const gate = new AbortController();
    bench.far.gate = new Promise((resolve) => gate.signal.addEventListener('abort', () => resolve()));
    const giving = new AbortController();
    const first = client.url('example.com', { signal: giving.signal });
    const second = client.url('example.com');
    await bench.far.hasAsked(1);
    giving.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    gate.abort();
    expect((await second).cached).toBe(false);
    expect(bench.far.lookups).toHaveLength(1);
  });

  it('end when both give up, and the next begins anew', async () => {
    const client = bench.client();
    const giving = new AbortController();
    bench.far.failNext('/lookup', 'hang');
    const both = [client.url('example.com', { signal: giving.signal }), client.url('example.com', { signal: giving.signal })];
    await bench.far.hasAsked(2);
    giving.abort(new Error('enough'));
    for (const each of both) await expect(each).rejects.toThrow('enough');
    expect(await client.url('example.com')).toMatchObject({ kind: 'url' });
    await expect(client.url('example.com', { signal: giving.signal })).rejects.toThrow('enough');
  });
});

describe('the cache', () => {
  it('answers again while the answer may be kept, with the words of who asks', async () => {
    let shift = 0;
    const client = bench.client({}, { ...hasty, now: () => Date.now() + shift });
    bench.far.known.set('example.com', { riskLevel: 'LOW', ttl: 60 });
    const first = await client.url('example.com');
    shift = 58_000;
    expect(await client.url('HTTP://example.com')).toEqual({ ...first, input: 'HTTP://example.com', cached: true });
    expect(bench.far.lookups).toHaveLength(1);
    shift = 61_000;
    expect((await client.url('example.com')).cached).toBe(false);
  });

  it.each([0, -1, undefined, null, 'soon'])('keeps nothing that has the life %s', async (ttl) => {
    bench.far.known.set('example.com', { ttl });
    const client = bench.client();
    await client.url('example.com');
    expect((await client.url('example.com')).cached).toBe(false);
  });

  it('keeps nothing longer than seven days, and nothing that another clock has written', async () => {
    let shift = 0;
    const cache = new MemoryCache();
    const client = bench.client({ cache }, { ...hasty, now: () => Date.now() + shift });
    bench.far.known.set('example.com', { ttl: 1e9 });
    await client.url('example.com');
    expect((cache.get('url', 'example.com')?.expiresAt ?? 0) - Date.now()).toBeLessThanOrEqual(7 * 86_400_000);
    shift = 6.9 * 86_400_000;
    expect((await client.url('example.com')).cached).toBe(true);
    shift = -86_400_000;
    expect((await client.url('example.com')).cached).toBe(false);
  });

  it('keeps kinds apart, keeps what is not known too, and forgets the oldest when it is full', async () => {
    const cache = new MemoryCache(2);
    const client = bench.client({ cache });
    bench.far.known.set('192.0.2.1', { category: 'bot' });
    expect(await client.ip('192.0.2.1')).toMatchObject({ kind: 'ip' });
    expect(await client.url('192.0.2.1')).toMatchObject({ kind: 'url', cached: false });
    expect(await client.ip('192.0.2.1')).toMatchObject({ kind: 'ip', cached: true });
    await client.url('third.example');
    expect(cache.size).toBe(2);
    expect((await client.ip('192.0.2.1')).cached).toBe(false);
  });

  it('keeps no failure', async () => {
    const client = bench.client();
    bench.far.failNext('/lookup', { status: 500 });
    await failure(client.url('example.com'));
    expect((await client.url('example.com')).cached).toBe(false);
  });
});

describe('the test of a credential', () => {
  it('gets a token of its own, asks the host, and says what came back', async () => {
    bench.far.known.set('sophos.com', { riskLevel: 'TRUSTED' });
    const client = bench.client();
    await client.url('sophos.com');
    expect(await client.test()).toMatchObject({
      tokenUrl: `${bench.far.url}/oauth2/token`,
      apiUrl: bench.far.url,
      lookup: { riskLevel: 'TRUSTED', cached: false },
    });
    expect(bench.far.tokenCalls).toHaveLength(2);
    bench.far.failNext('/oauth2/token', { status: 401 });
    expect(await failure(client.test())).toMatchObject({ kind: 'auth', code: 'intelix.credentials-refused' });
  });
});

describe('the options', () => {
  const good: IntelixOptions = { clientId: 'a', clientSecret: 'correct-horse' };
  it.each<[string, Partial<IntelixOptions>, string]>([
    ['no id', { clientId: '' }, 'intelix.no-credential'],
    ['an id with a colon', { clientId: 'a:b' }, 'intelix.no-credential'],
    ['no secret', { clientSecret: '' }, 'intelix.no-credential'],
    ['a region that is a host', { region: 'evil.example/#' as 'us' }, 'intelix.region'],
    ['an apiUrl that is none', { apiUrl: 'us.api.labs.sophos.com' }, 'intelix.url'],
    ['an apiUrl with a password', { apiUrl: 'https://u:correct-horse@x.example' }, 'intelix.url'],
    ['an authUrl with a query', { authUrl: 'https://x.example/?a=b' }, 'intelix.url'],
    ['an authUrl that is a file', { authUrl: 'file:///etc/passwd' }, 'intelix.url'],
  ])('are refused with %s', async (_what, options, code) => {
    expect(await failure((async () => new Intelix({ ...good, ...options }))())).toMatchObject({ kind: 'config', code, advice: expect.any(String) });
  });

  it('name the hosts of the region, and take whole token URLs', async () => {
    const cases: readonly (readonly [options: Partial<IntelixOptions>, tokenUrl: string, apiUrl: string])[] = [
      [{}, 'https://api.labs.sophos.com/oauth2/token', 'https://us.api.labs.sophos.com'],
      [{ region: 'de' }, 'https://api.labs.sophos.com/oauth2/token', 'https://de.api.labs.sophos.com'],
      [{ authUrl: 'https://x.example/a/oauth2/token/', apiUrl: 'https://y.example/b/' }, 'https://x.example/a/oauth2/token', 'https://y.example/b'],
    ];
    for (const [options, tokenUrl, apiUrl] of cases) {
      const asked: string[] = [];
      const world = { clock: hasty, random: () => 0, report: () => undefined, http: answering(asked) };
      expect(await new Intelix({ ...good, ...options, retries: 0, world }).test()).toMatchObject({ tokenUrl, apiUrl });
      expect(asked).toEqual([tokenUrl, `${apiUrl}/lookup/urls/v1/sophos.com`]);
    }
  });

  it('keep the secret out of sight', () => {
    const client = new Intelix({ ...good });
    expect(JSON.stringify(client)).not.toContain('correct-horse');
    expect(client).toBeInstanceOf(Intelix);
  });
});

function answering(asked: string[]) {
  return async ({ url }: { readonly url: string }) => {
    asked.push(url);
    return { status: 200, headers: {}, body: Buffer.from('{"access_token":"t"}') };
  };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

/** Moves the clock while the network works, until this is done. */
async function passUntil<T>(clock: HandClock, work: Promise<T>): Promise<T> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    if (clock.sleeping > 0) await clock.pass(50);
  }
  return done;
}
