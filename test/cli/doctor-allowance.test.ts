/** `doctor` with a call budget that is too small: it waits for nothing for long, and reckons all the same. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { NotWaited, openPatientPace } from '../../src/cli/doctor/patience.ts';
import type { RateLimits } from '../../src/clients/pace.ts';
import type { Report } from '../../src/core/world.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { HandClock } from '../clients/world.ts';
import { type } from './terminal.ts';

describe('patience', () => {
  const signal = new AbortController().signal;
  const plenty = { second: 100, minute: 1000, hour: 10_000, day: 100_000 };
  function open(limits: RateLimits, isWhole = false) {
    const clock = new HandClock();
    const reports: Report[] = [];
    return { clock, reports, pace: openPatientPace({ clock, report: (each) => reports.push(each), limits }, isWhole) };
  }

  it('refuses a call that would wait, at once, with the allowance and the wait, and tells of no wait', async () => {
    const { clock, reports, pace } = open({ ...plenty, minute: 1 });
    (await pace.takeFirst(signal)).landed();
    await expect(pace.take(signal)).rejects.toThrow('the allowance of 1 call a minute is used up; doctor would wait 1m');
    await expect(pace.take(signal)).rejects.toMatchObject({ isToken: false });
    await expect(pace.takeFirst(signal)).rejects.toMatchObject({ isToken: true });
    expect([reports, clock.sleeping, pace.waitingUntil]).toEqual([[], 0, null]);
  });

  it('waits for what is short', async () => {
    const { clock, reports, pace } = open({ ...plenty, second: 1 });
    (await pace.take(signal)).landed();
    const next = pace.take(signal);
    await clock.pass(1_100);
    (await next).landed();
    expect(reports).toEqual([]);
  });

  it('with everything asked for waits longer, and tells until when', async () => {
    const { clock, reports, pace } = open({ ...plenty, minute: 1 }, true);
    (await pace.take(signal)).landed();
    const next = pace.take(signal);
    expect(reports).toEqual([expect.objectContaining({ name: 'pace.waiting', until: clock.now() + 60_100 })]);
    await clock.pass(60_100);
    (await next).landed();
    expect(pace.tooMany(100)).toMatch(/100 calls more are beyond the allowance of 1 call a minute; doctor would wait 1h 41m/);
  });

  it('says that a 429 is the cause where the allowance is not', async () => {
    const { pace } = open(plenty);
    (await pace.take(signal)).landed();
    pace.refused(60_000);
    const refused = await pace.take(signal).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(NotWaited);
    expect(String(refused)).toContain('Sophos asked to wait (429); doctor would wait 1m');
  });

  it('leaves half of an hour and of a day to the service, unless everything is asked for', () => {
    const { pace } = open({ ...plenty, hour: 20 });
    expect(pace.tooMany(10)).toBeNull();
    expect(pace.tooMany(11)).toBe('11 calls more would use up over half of the allowance of 20 calls an hour, which the service needs');
    expect(pace.tooMany(21)).toBe('21 calls more are beyond the allowance of 20 calls an hour; doctor would wait 1h');
    expect(open({ ...plenty, hour: 20 }, true).pace.tooMany(20)).toBeNull();
  });

  it('goes with the abort of who waits', async () => {
    const { pace } = open({ ...plenty, second: 1 });
    (await pace.take(signal)).landed();
    const stop = new AbortController();
    const next = pace.take(stop.signal);
    stop.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
  });
});

describe('doctor with a small allowance', () => {
  let sim: RunningSimulator;
  let folder: string;
  beforeAll(async () => {
    sim = await startSimulator({ account: 'partner', tenants: 25, eventsPerTenant: 1 });
  });
  afterAll(() => sim.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function ask(path: string, body?: unknown): Promise<string> {
    const reply = await fetch(`${sim.url}${path}`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) });
    expect(reply.status, path).toBeLessThan(300);
    return await reply.text();
  }

  const env = () => ({ MY_ID: sim.clientId, MY_SECRET: sim.clientSecret, SOPHOS_CENTRAL_AUTH_URL: sim.url, SOPHOS_CENTRAL_API_URL: sim.url });
  function configure(limits: object, every = '1m'): void {
    const text = `central: { clientId: "\${env:MY_ID}", clientSecret: "\${env:MY_SECRET}", rateLimits: ${JSON.stringify(limits)} }
streams: { events: { every: ${every} }, siem-alerts: {} }
sinks: { archive: { type: file, path: "out/{tenant.id}.ndjson" } }
routes: [{ from: "*", to: archive }]
state: ./state
journal: { minFree: 1MB }
`;
    writeFileSync(join(folder, 'sophos-central.yaml'), text, { mode: 0o600 });
  }

  async function examine(...args: readonly string[]): Promise<{ readonly code: number; of(area: string): readonly Finding[]; readonly calls: number }> {
    const before = JSON.parse(await ask('/_sim/stats')) as { total: number };
    const { code, out, err } = await type(['doctor', '--json', ...args], { cwd: folder, env: env() });
    expect(out, err).toMatch(/^\{/);
    const { findings } = JSON.parse(out) as { findings: readonly Finding[] };
    const after = JSON.parse(await ask('/_sim/stats')) as { total: number; throttled: number };
    expect(after.throttled).toBe(0);
    // One look at the host goes without the credential.
    return { code, of: (area) => findings.filter((each) => each.area === area), calls: after.total - before.total - 1 };
  }

  const cases = [
    {
      limits: { second: 1, minute: 1, hour: 10, day: 20 },
      calls: 1,
      code: 0,
      seen: /^at least 1 tenant x 2 .* 120 calls an hour; 0\.8 are allowed by `rateLimits\.day: 20`/,
      cure: /`streams\.events\.every: 3h`.*There may be more tenants/,
    },
    {
      limits: { minute: 2 },
      calls: 2,
      code: 0,
      seen: /^at least 1 tenant x .*; 120 are allowed by `rateLimits\.minute: 2`/,
      cure: /every: 80s`.*`rateLimits\.minute: 3`/,
    },
    {
      limits: { hour: 20 },
      calls: 9,
      code: 0,
      seen: /^25 tenants x 2 streams: at least 3,000 calls an hour; 20 are allowed/,
      cure: /every: 190m`.*`rateLimits\.hour: 3750`/,
    },
    { limits: { day: 5 }, calls: 3, code: 1, seen: /^25 tenants .*; 0\.2 are allowed by `rateLimits\.day: 5`/, cure: /every: 300h`.*`rateLimits\.day: 90000`/ },
    { limits: { hour: 100 }, calls: 23, code: 0, seen: /^25 tenants .*; 100 are allowed/, cure: /every: 38m`/ },
  ] as const;
  for (const { limits, calls, code, seen, cure } of cases) {
    it(`ends, and names the budget: ${JSON.stringify(limits)}`, async () => {
      configure(limits);
      const found = await examine();
      const [budget, ...more] = found.of('budget');
      expect(more).toEqual([]);
      expect(budget).toMatchObject({ state: code === 0 ? 'warning' : 'failed', seen: expect.stringMatching(seen), cure: expect.stringMatching(cure) });
      expect(budget?.cause).toMatch(/the budget is (far )?too small for the plan/);
      expect([found.calls, found.code]).toEqual([calls, code]);
      expect(found.of('identity')[0]).toMatchObject({ state: 'ok', seen: expect.stringContaining('the credential is accepted') });
    });
  }

  it('says what was not asked, how long it would take, and why', async () => {
    configure({ minute: 1 });
    const one = await examine();
    expect(one.of('identity').at(-1)).toMatchObject({
      state: 'skipped',
      seen: expect.stringMatching(/was not asked: the allowance of 1 call a minute is used up; doctor would wait 1m$/),
    });
    expect(one.of('rights')).toEqual([expect.objectContaining({ state: 'skipped', seen: expect.stringContaining('see above') })]);
    configure({ hour: 20 });
    expect((await examine()).of('rights')).toContainEqual(
      expect.objectContaining({
        state: 'skipped',
        seen: '7 of 10 tenants not asked: 20 calls more are beyond the allowance of 20 calls an hour; doctor would wait 1h',
      }),
    );
  });

  it('takes the number of tenants from the journal when there is no call left for the list', async () => {
    configure({});
    expect((await type(['run', '--once', '--quiet'], { cwd: folder, env: env() })).code).toBe(0);
    configure({ minute: 2 });
    const { of } = await examine();
    expect(of('budget')[0]?.seen).toMatch(/^25 tenants, as the journal knows them, x 2 streams: at least 3,000 calls an hour/);
  });

  it('does not say that it fits when only one tenant of many is known', async () => {
    configure({ minute: 2 }, '2m');
    const { of, code } = await examine();
    expect(of('budget')).toEqual([
      expect.objectContaining({ state: 'skipped', seen: expect.stringMatching(/it fits up to 1 tenant, and how many there are is not known/) }),
    ]);
    expect(code).toBe(0);
  });
});
