import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { GapRow } from '../../src/core/store.ts';
import { openStore } from '../../src/journal/index.ts';
import { compare, nothingWrong, plentyOfCalls } from './house.ts';
import { addRecords, filedIds, openStage, pass, type Stage, until } from './stage.ts';

const hour = 3_600_000;
const configuration = (events = '') => `central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h, limit: 200${events} } }
sinks: { archive: { type: file, path: "out/{tenant.id}.ndjson" } }
routes: [{ from: events, to: archive }]
state: ./state
`;

async function gapsOf({ folder }: Stage): Promise<readonly GapRow[]> {
  const store = await openStore(join(folder.path, 'state'), { mode: 'beside', clock: systemClock, report: () => undefined });
  try {
    return await store.ledger.gaps();
  } finally {
    await store.close();
  }
}

const advance = (stage: Stage, advanceMs: number) => stage.simulator.ask('POST', '/_sim/clock', { advanceMs });
const clockOf = async (stage: Stage) => (JSON.parse(await stage.simulator.ask('GET', '/_sim/clock')) as { readonly now: number }).now;

describe('gaps', () => {
  it('has a row for the hours that the API forgot while nobody read, and delivers all that it still has', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 500, alertsPerTenant: 0 });
    await stage.configure(configuration());
    await pass(stage);
    const stoppedAt = await clockOf(stage);
    const forgotten = await addRecords(stage, { count: 5 });
    await advance(stage, 10 * hour);
    const remembered = await addRecords(stage, { count: 6 });
    await advance(stage, 20 * hour);
    const fresh = await addRecords(stage, { count: 7 });
    const said = await pass(stage);
    expect(said).toMatch(/gap/);
    const truth = await stage.simulator.truth('&stream=events');
    const found = await filedIds(stage);
    expect(found).toEqual(expect.arrayContaining([...remembered, ...fresh]));
    expect(compare(truth, found)).toEqual({ ...nothingWrong, lost: forgotten.length });

    const gaps = await gapsOf(stage);
    expect(gaps).toHaveLength(1);
    const [{ since, until: end, kind }] = gaps as [GapRow];
    expect(kind).toBe('gap');
    // From the end of the first pass to 24 h before the second.
    expect(Math.abs((since ?? 0) - stoppedAt)).toBeLessThan(30_000);
    expect(Math.abs(end - ((await clockOf(stage)) - 24 * hour))).toBeLessThan(90_000);
    expect((await stage.status()).gaps).toBe(1);
    // Told once.
    await pass(stage);
    expect((await stage.status()).gaps).toBe(1);
  });

  it('has none for a quiet tenant whose cursor merely grew old', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 50, alertsPerTenant: 0 });
    await stage.configure(configuration());
    await pass(stage);
    for (let day = 0; day < 3; day++) {
      await advance(stage, 20 * hour);
      await pass(stage);
    }
    const ids = await addRecords(stage, { count: 3 });
    await pass(stage);
    expect((await stage.status()).gaps).toBe(0);
    expect(await filedIds(stage)).toEqual(expect.arrayContaining(ids));
    expect(compare(await stage.simulator.truth('&stream=events'), await filedIds(stage))).toEqual(nothingWrong);
  });
});

describe('pages that mislead', () => {
  for (const kind of ['refuse-cursor', 'expire-cursor', 'cursor-loop', 'empty-more', 'repeat', 'reorder'] as const) {
    it(`are survived with every record once: ${kind}`, async ({ onTestFinished }) => {
      const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 900, alertsPerTenant: 0 });
      await stage.configure(configuration());
      await stage.simulator.ask('POST', '/_sim/faults', { sequence: [{ path: '/siem/v1/events', kind, times: 3 }] });
      await pass(stage);
      await addRecords(stage, { count: 5 });
      await stage.simulator.ask('POST', '/_sim/faults', { sequence: [{ path: '/siem/v1/events', kind, times: 1 }] });
      await pass(stage);
      expect(compare(await stage.simulator.truth('&stream=events'), await filedIds(stage))).toEqual(nothingWrong);
      expect((await stage.status()).gaps).toBe(0);
    });
  }

  for (const [fault, words] of [
    ['cursorLoop', /circle/],
    ['emptyMore', /empty pages/],
  ] as const) {
    it(`end even when they never stop misleading, and it is said: ${fault}`, async ({ onTestFinished }) => {
      const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 100, alertsPerTenant: 0 });
      await stage.configure(configuration());
      await stage.simulator.ask('POST', '/_sim/faults', { [fault]: true });
      const { code, stderr } = await stage.run('run', '--once');
      expect(code, stderr).toBe(4);
      expect(stderr).toMatch(/stream events of .* could not be served/);
      expect(stderr).toMatch(words);
      const { total } = JSON.parse(await stage.simulator.ask('GET', '/_sim/stats')) as { readonly total: number };
      expect(total).toBeLessThan(200);
      expect((await stage.status()).streams[0]?.error).toMatch(words);
      await stage.simulator.ask('DELETE', '/_sim/faults');
      await pass(stage);
      expect((await stage.status()).streams[0]?.error).toBeNull();
      expect(compare(await stage.simulator.truth('&stream=events'), await filedIds(stage))).toEqual(nothingWrong);
    });
  }
});

describe('late records', () => {
  it('are found behind the cursor by the service, once', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 300, alertsPerTenant: 0 });
    await stage.configure(configuration(', overlap: 4s'));
    const { child, ended } = stage.start('run');
    const isFiled = (ids: readonly string[], what: string) =>
      until(async () => {
        const filed = new Set(await filedIds(stage));
        return ids.every((id) => filed.has(id));
      }, what);
    await until(async () => (await stage.status()).routes[0]?.delivered === 300, 'the history is delivered');
    // The cursor moves on to now, and then something older turns up behind it.
    await isFiled(await addRecords(stage, { count: 1 }), 'the newest record');
    await isFiled(await addRecords(stage, { count: 3, late_minutes: 3 / 60 }), 'the late ones');
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(compare(await stage.simulator.truth('&stream=events'), await filedIds(stage))).toEqual(nothingWrong);
  });

  it('are found by `run --once` too, whenever a look back is due', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 300, alertsPerTenant: 0 });
    await stage.configure(configuration());
    await pass(stage);
    await addRecords(stage, { count: 1 });
    await pass(stage);
    await addRecords(stage, { count: 4, late_minutes: 9 });
    await advance(stage, 11 * 60_000);
    await pass(stage);
    expect(compare(await stage.simulator.truth('&stream=events'), await filedIds(stage))).toEqual(nothingWrong);
  });
});
