/** The client against the simulator, which was written from the same contract by another hand. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Intelix, type IntelixOptions, MemoryCache, riskLevels, riskOf } from '../../../src/intelix.ts';
import { type RunningSimulator, startSimulator } from '../../../src/simulator/index.ts';
import { openTestWorld } from '../world.ts';
import { failure, hasty } from './bench.ts';

let simulator: RunningSimulator;
const closers: (() => Promise<void>)[] = [];
beforeAll(async () => {
  simulator = await startSimulator({ seed: 7 });
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await control('DELETE');
});
afterAll(() => simulator.close());

function client(options: Partial<IntelixOptions> = {}): Intelix {
  const { world, close } = openTestWorld(hasty);
  closers.push(close);
  const { intelixClientId: clientId, intelixClientSecret: clientSecret, url } = simulator;
  return new Intelix({ clientId, clientSecret, authUrl: url, apiUrl: url, rateLimits: { second: 5000, minute: 100_000, hour: 1e6 }, world, ...options });
}

async function control(method: string, wish?: object): Promise<Record<string, unknown>> {
  const reply = await fetch(`${simulator.url}/_sim/intelix`, { method, ...(wish === undefined ? {} : { body: JSON.stringify(wish) }) });
  const text = await reply.text();
  expect(reply.ok, text).toBe(true);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

describe('against the simulator', () => {
  it('proves its credential, and another one is refused', async () => {
    expect(await client().test()).toMatchObject({ apiUrl: simulator.url, lookup: { kind: 'url', cached: false } });
    expect(await failure(client({ clientSecret: 'wrong' }).test())).toMatchObject({ kind: 'auth', code: 'intelix.credentials-refused' });
  });

  it('understands every answer that it gives, and asks for each address once', async () => {
    const intelix = client();
    const addresses = [
      ...Array.from({ length: 200 }, (_, at) => `site${at}.example/a b?c=${at}`),
      ...Array.from({ length: 200 }, (_, at) => `192.0.2.${at}`),
      ...Array.from({ length: 200 }, (_, at) => at.toString(16).padStart(64, 'e')),
    ];
    const found = await Promise.all([...addresses, ...addresses].map((address) => intelix.lookup(address)));
    expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['url', 'ip', 'file']));
    expect(new Set(found.map((each) => riskOf(each)))).toEqual(new Set(riskLevels));
    const { urls, ips, files } = (await control('GET')) as Record<'urls' | 'ips' | 'files', Record<string, number>>;
    expect(Object.keys(urls).sort()).toEqual(addresses.slice(0, 200).sort());
    expect(Object.values({ ...urls, ...ips }).every((count) => count === 1)).toBe(true);
    expect(Object.values(files).every((count) => count === 1)).toBe(true);
    const kept = found.slice(0, addresses.length).filter(({ ttl }) => (ttl ?? 0) > 0);
    for (const { input } of kept) expect((await intelix.lookup(input)).cached).toBe(true);
  });

  it('gives what control says is known', async () => {
    const hash = 'ab'.repeat(32);
    await control('POST', { urls: { 'bad.example': { riskLevel: 'HIGH', ttl: 60 } }, ips: { '192.0.2.9': { category: 'malware' } }, files: { [hash]: null } });
    expect(await client().url('bad.example')).toMatchObject({ riskLevel: 'HIGH', ttl: 60 });
    expect(await client().ip('192.0.2.9')).toMatchObject({ categories: ['malware'] });
    expect(await client().file(hash)).toMatchObject({ band: 'unknown' });
    await control('POST', { unknownHash: 'neutral' });
    expect(await client().file(hash)).toMatchObject({ band: 'unknown', reputationScore: 50 });
  });

  it('gets through failures and throttling', async () => {
    await control('POST', { fail: { rate: 0.3, seed: 3, statuses: [500, 503] } });
    const intelix = client({ cache: new MemoryCache(), retries: 20 });
    const found = await Promise.all(Array.from({ length: 40 }, (_, at) => intelix.url(`site${at}.example`)));
    expect(found).toHaveLength(40);
    await control('POST', { fail: { rate: 0 }, quota: 0, retryAfterS: 86_400 });
    expect(await failure(intelix.url('late.example'))).toMatchObject({ code: 'intelix.throttled', retryAfterMs: 86_400_000 });
    expect(await failure(intelix.url('later.example'))).toMatchObject({ code: 'intelix.throttled' });
    expect(await control('GET')).toMatchObject({ refused: { 429: 1 } });
  });

  it('has a file analysed', async () => {
    const intelix = client();
    const job = await intelix.analysis.submit('static', Buffer.from('MZ, more or less'));
    expect(job.jobId).not.toBe('');
    expect(await intelix.analysis.report('static', { jobId: job.jobId })).toMatchObject({ jobId: job.jobId, jobStatus: expect.any(String) });
  });
});
