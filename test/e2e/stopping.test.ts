import { describe, expect, it } from 'vitest';
import { compare, idsOf, nothingWrong, plentyOfCalls } from './house.ts';
import { indexedIds, openStage, type Stage, until } from './stage.ts';

const events = 8_000;

/** Small parcels and a slow Splunk: there is always something in flight. */
const configuration = (stage: Stage) => `central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h, limit: 200 } }
sinks:
  archive: { type: file, path: "out/{tenant.id}.ndjson" }
  splunk: { type: splunk-hec, url: "${stage.simulator.hecUrl}", token: "${stage.simulator.hecToken}", batch: { records: 50 } }
routes: [{ from: events, to: archive }, { from: events, to: splunk }]
state: ./state
`;

const filesOf = async (stage: Stage) => [...(await stage.folder.read('out')).values()].flatMap(idsOf);

describe('stopping', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends with 0 at ${signal}, settles what is in flight, and the next run goes on where it stood`, async ({ onTestFinished }) => {
      const stage = await openStage(onTestFinished, { account: 'partner', tenants: 2, eventsPerTenant: events / 2, alertsPerTenant: 0 });
      await stage.configure(configuration(stage));
      await stage.simulator.ask('POST', '/_sim/hec/faults', { slowMs: 100 });
      const { child, ended } = stage.start('run');
      await until(async () => (await indexedIds(stage.simulator)).length > 200, 'something is delivered');
      child.kill(signal);
      const first = await ended;
      expect(first.code, first.stderr).toBe(0);
      // The far end was healthy and nothing was cut off: so what it took, and no more, is settled.
      const taken = await indexedIds(stage.simulator);
      const splunk = (await stage.status()).routes.find(({ route }) => route === 'splunk');
      expect(splunk?.delivered).toBe(taken.length);
      expect(taken.length).toBeLessThan(events);

      await stage.simulator.ask('DELETE', '/_sim/hec/faults');
      const second = await stage.run('run', '--once');
      expect(second.code, second.stderr).toBe(0);
      const truth = await stage.simulator.truth('&stream=events');
      expect(truth).toHaveLength(events);
      expect(compare(truth, await filesOf(stage))).toEqual(nothingWrong);
      expect(compare(truth, await indexedIds(stage.simulator))).toEqual(nothingWrong);
    });
  }

  it('ends at once with 130 at a second Ctrl-C, and loses nothing by it', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 1_000, alertsPerTenant: 0 });
    await stage.configure(configuration(stage));
    await stage.simulator.ask('POST', '/_sim/hec/faults', { hang: 1, hangMs: 60_000 });
    const { child, ended } = stage.start('run');
    await until(async () => JSON.parse(await stage.simulator.ask('GET', '/_sim/hec')).requests > 0, 'a request hangs');
    child.kill('SIGINT');
    // Two signals that come together may arrive as one, so the impatient user goes on pressing.
    const impatient = setInterval(() => child.kill('SIGINT'), 500);
    const before = performance.now();
    const { code } = await ended;
    clearInterval(impatient);
    expect(code).toBe(130);
    expect(performance.now() - before).toBeLessThan(5_000);

    await stage.simulator.ask('DELETE', '/_sim/hec/faults');
    const next = await stage.run('run', '--once');
    expect(next.code, next.stderr).toBe(0);
    const truth = await stage.simulator.truth('&stream=events');
    expect(compare(truth, await filesOf(stage))).toEqual(nothingWrong);
    expect(compare(truth, await indexedIds(stage.simulator))).toMatchObject({ lost: 0, strange: 0 });
  });

  it('ends soon after SIGTERM when the sink does not answer within its timeout, and loses nothing by it', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 1_000, alertsPerTenant: 0 });
    await stage.configure(configuration(stage).replace('batch: {', 'timeout: 2s, batch: {'));
    await stage.simulator.ask('POST', '/_sim/hec/faults', { hang: 1, hangMs: 60_000 });
    const { child, ended } = stage.start('run');
    await until(async () => JSON.parse(await stage.simulator.ask('GET', '/_sim/hec')).requests > 0, 'a request hangs');
    const before = performance.now();
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(performance.now() - before).toBeLessThan(5_000);

    await stage.simulator.ask('DELETE', '/_sim/hec/faults');
    const next = await stage.run('run', '--once');
    expect(next.code, next.stderr).toBe(0);
    const truth = await stage.simulator.truth('&stream=events');
    expect(compare(truth, await filesOf(stage))).toEqual(nothingWrong);
    expect(compare(truth, await indexedIds(stage.simulator))).toMatchObject({ lost: 0, strange: 0 });
  });
});
