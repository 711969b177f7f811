import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import type { Clock } from '../../../src/core/world.ts';
import { type CentralCredential, Failure, SophosCentral, type SophosCentralOptions, secret } from '../../../src/index.ts';
import { type RunningSimulator, startSimulator } from '../../../src/simulator/index.ts';
import { openTestWorld } from '../world.ts';

let sim: RunningSimulator;
let closers: (() => Promise<void>)[] = [];
/** What the store keeps, and how often it was asked. */
let kept: CentralCredential;
let asked = 0;
const generous = { second: 1000, minute: 100_000, hour: 1_000_000, day: 1_000_000 };
let shift = 0;
const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + shift, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) };

beforeEach(async () => {
  sim = await startSimulator({ eventsPerTenant: 20 });
  closers = [() => sim.close()];
  kept = { clientId: sim.clientId, clientSecret: sim.clientSecret };
  asked = 0;
  shift = 0;
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

async function control(path: string, wish: object): Promise<void> {
  const { status } = await fetch(`${sim.url}/_sim/${path}`, { method: 'POST', body: JSON.stringify(wish) });
  expect(status).toBe(200);
}

const rotate = (clientSecret: string, more: object = {}) => control('credential', { clientSecret, revokeTokens: true, ...more });

async function tokenRequests(): Promise<readonly number[]> {
  const lines = (await (await fetch(`${sim.url}/_sim/requests`)).text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as { path: string; status: number }).flatMap(({ path, status }) => (path.endsWith('/token') ? [status] : []));
}

function open(options: Partial<SophosCentralOptions> = {}): SophosCentral {
  const { world, close } = openTestWorld(clock);
  closers.push(close);
  const renew = async () => {
    asked++;
    return kept;
  };
  const credential = options.siemToken === undefined ? { clientId: sim.clientId, clientSecret: sim.clientSecret } : {};
  return new SophosCentral({ ...credential, authUrl: sim.url, apiUrl: sim.url, rateLimits: generous, retries: 0, world, renew, ...options });
}

async function failure(work: Promise<unknown>): Promise<Failure> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Failure)) throw new Error('no failure', { cause: error });
  return error;
}

describe('a credential that is rotated', () => {
  it('is read again when the identity service refuses it, and the call succeeds', async () => {
    const client = open();
    await rotate('second');
    kept = { clientId: sim.clientId, clientSecret: 'second' };
    expect((await client.whoami()).idType).toBe('tenant');
    expect(asked).toBe(1);
    expect(await tokenRequests()).toEqual([401, 200]);
  });

  it('in mid-run costs no call, however often and with however many calls under way', async () => {
    const client = open();
    await client.whoami();
    for (let n = 2; n < 6; n++) {
      kept = { clientId: `id-${n}`, clientSecret: secret(`secret-${n}`) };
      await rotate(`secret-${n}`, { clientId: `id-${n}` });
      await Promise.all(Array.from({ length: 50 }, () => client.whoami()));
      expect(asked).toBe(n - 1);
    }
    expect(await tokenRequests()).toEqual([200, 401, 200, 401, 200, 401, 200, 401, 200]);
  });

  it('is not looked for while the token is good', async () => {
    const client = open();
    await client.whoami();
    await control('credential', { clientSecret: 'second' });
    await client.whoami();
    expect(asked).toBe(0);
  });

  it('is refused as ever when the store still has the old one, and the store is asked once a minute', async () => {
    const client = open();
    await rotate('second');
    for (let i = 0; i < 10; i++) {
      const failures = await Promise.all(Array.from({ length: 20 }, () => failure(client.whoami())));
      expect(new Set(failures.map(({ kind, code }) => `${kind} ${code}`))).toEqual(new Set(['auth central.credentials-refused']));
      shift += 2500;
    }
    expect(asked).toBe(1);
    kept = { clientId: sim.clientId, clientSecret: 'second' };
    shift += 40_000;
    expect((await client.whoami()).idType).toBe('tenant');
    expect(asked).toBe(2);
  });

  it('is not asked for a third time in one call when the new one is refused too', async () => {
    const client = open();
    await rotate('third');
    kept = { clientId: sim.clientId, clientSecret: 'second' };
    expect(await failure(client.whoami())).toMatchObject({ kind: 'auth', code: 'central.credentials-refused' });
    expect([asked, await tokenRequests()]).toEqual([1, [401, 401]]);
  });

  it('is refused with what befell the store as the cause', async () => {
    const broken = new Error('the store is down');
    const client = open({ renew: () => Promise.reject(broken) });
    await rotate('second');
    expect(await failure(client.whoami())).toMatchObject({ code: 'central.credentials-refused', cause: broken });
  });

  it.each([{}, { clientId: 'only' }, { siemToken: 'url: https://x.sophos.com, x-api-key: a, Authorization: Basic b' }])(
    'is refused when the store gives what is none: %j',
    async (given) => {
      const client = open({ renew: async () => given });
      await rotate('second');
      expect(await failure(client.whoami())).toMatchObject({ code: 'central.credentials-refused', cause: { code: 'central.no-credential' } });
    },
  );

  it('is not read when nobody says where from', async () => {
    const client = new SophosCentral({ clientId: sim.clientId, clientSecret: 'wrong', authUrl: sim.url, apiUrl: sim.url, retries: 0 });
    closers.push(() => client.close());
    expect(await failure(client.whoami())).toMatchObject({ code: 'central.credentials-refused' });
    expect(await tokenRequests()).toEqual([401]);
  });

  it('is given up by a call that is aborted while the store thinks', async () => {
    const abort = new AbortController();
    const client = open({
      renew: (signal) => {
        abort.abort(new Error('enough'));
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
      },
    });
    await rotate('second');
    await expect(client.whoami(abort.signal)).rejects.toThrow('enough');
  });
});

describe('an old API token that is rotated', () => {
  const second = () => `url: ${sim.url}/gateway, x-api-key: key-2, Authorization: Basic c2Vjb25k`;
  const rotateLegacy = () => control('credential', { legacy: { apiKey: 'key-2', authorization: 'Basic c2Vjb25k' } });
  const events = async (client: SophosCentral) => (await client.siem.page('events', { id: 'any' }, {})).items.count;

  it('is read again once for all calls that were refused with it, and costs none', async () => {
    const client = open({ siemToken: sim.siemToken });
    expect(await events(client)).toBe(20);
    await rotateLegacy();
    kept = { siemToken: second() };
    expect(await Promise.all(Array.from({ length: 20 }, () => events(client)))).toEqual(Array(20).fill(20));
    expect(asked).toBe(1);
  });

  it('leads to the gateway that the new one names', async () => {
    const other = await startSimulator({ eventsPerTenant: 7, seed: 2 });
    closers.push(() => other.close());
    const client = open({ siemToken: sim.siemToken, authUrl: sim.url, apiUrl: other.url });
    await rotateLegacy();
    kept = { siemToken: other.siemToken };
    expect(await events(client)).toBe(7);
  });

  it('stays refused, and is not sent elsewhere, when the new one names a foreign host', async () => {
    const client = open({ siemToken: sim.siemToken });
    await rotateLegacy();
    kept = { siemToken: 'url: https://evil.example.com/gateway, x-api-key: key-2, Authorization: Basic c2Vjb25k' };
    const refusal = await failure(events(client));
    expect(refusal).toMatchObject({ kind: 'auth', code: 'central.legacy-token-refused' });
    expect(refusal.message).not.toMatch(/key-2|c2Vjb25k/);
  });

  it('stays refused when it is still the same, and the store is asked once a minute', async () => {
    const client = open({ siemToken: sim.siemToken });
    await rotateLegacy();
    kept = { siemToken: sim.siemToken };
    for (let i = 0; i < 5; i++) expect(await failure(events(client))).toMatchObject({ code: 'central.legacy-token-refused' });
    expect(asked).toBe(1);
    shift += 60_000;
    kept = { siemToken: second() };
    expect(await events(client)).toBe(20);
  });
});
