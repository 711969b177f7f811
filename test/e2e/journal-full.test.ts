import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { openStore } from '../../src/journal/index.ts';
import { compare, nothingWrong, plentyOfCalls } from './house.ts';
import { filedIds, indexedIds, openStage, type Stage, until } from './stage.ts';

const events = 12_000;
const maxBytes = 2_000_000;
const configuration = (stage: Stage, whenFull: string) => `central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h, limit: 200 } }
sinks:
  archive: { type: file, path: "out/{tenant.id}.ndjson" }
  splunk: { type: splunk-hec, url: "${stage.simulator.hecUrl}", token: "${stage.simulator.hecToken}", timeout: 5s }
routes: [{ from: events, to: archive }, { from: events, to: splunk }]
state: ./state
journal: { maxSize: 2MB, minFree: 1MB, whenFull: ${whenFull} }
`;

/** All files of the state, the log of the database included. */
async function bytesOf({ folder }: Stage): Promise<number> {
  const names = await folder.read('state');
  let bytes = 0;
  for (const name of names.keys())
    bytes += await stat(join(folder.path, 'state', name)).then(
      ({ size }) => size,
      () => 0,
    );
  return bytes;
}

async function openFull(onTestFinished: Parameters<typeof openStage>[0], whenFull: string) {
  const stage = await openStage(onTestFinished, { account: 'partner', tenants: 3, eventsPerTenant: events / 3, alertsPerTenant: 0 });
  await stage.configure(configuration(stage, whenFull));
  await stage.simulator.ask('POST', '/_sim/hec/faults', { down: true });
  return { stage, service: stage.start('run', '--log-format', 'json') };
}

const read = async (stage: Stage) => (await stage.status()).streams.reduce((sum, each) => sum + each.read, 0);

describe('a journal that is full because a sink is down', () => {
  it('pauses reading, says so, stays small, and delivers all once the sink is back', async ({ onTestFinished }) => {
    const { stage, service } = await openFull(onTestFinished, 'pause');
    await until(() => service.said().includes('"journal.full"'), 'it says that it is full');
    expect(service.said()).toMatch(/Central forgets/);
    const paused = await read(stage);
    expect(paused).toBeLessThan(events);
    // Two looks a while apart: reading rests.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect((await read(stage)) - paused).toBeLessThan(2_000);
    expect(await bytesOf(stage)).toBeLessThan(4 * maxBytes);

    await stage.simulator.ask('DELETE', '/_sim/hec/faults');
    await until(async () => (await indexedIds(stage.simulator)).length >= events, 'all is delivered', 60_000);
    service.child.kill('SIGTERM');
    const { code, stderr, peakBytes } = await service.ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('"journal.has-room"');
    expect(peakBytes).toBeLessThan(300e6);
    const truth = await stage.simulator.truth('&stream=events');
    expect(compare(truth, await indexedIds(stage.simulator))).toEqual(nothingWrong);
    expect(compare(truth, await filedIds(stage))).toEqual(nothingWrong);
  });

  it('with `drop` goes on reading, and writes down what the slowest route will not have', async ({ onTestFinished }) => {
    const { stage, service } = await openFull(onTestFinished, 'drop');
    await until(async () => (await read(stage)) === events, 'all is read', 60_000);
    await until(async () => (await filedIds(stage)).length === events, 'the healthy route has all');
    await stage.simulator.ask('DELETE', '/_sim/hec/faults');
    const splunk = async () => (await stage.status()).routes.find(({ route }) => route === 'splunk');
    await until(async () => (await splunk())?.waiting === 0, 'what is left is delivered', 60_000);
    service.child.kill('SIGTERM');
    const { code, stderr } = await service.ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('"records.given-up"');

    const store = await openStore(join(stage.folder.path, 'state'), { mode: 'beside', clock: systemClock, report: () => undefined });
    onTestFinished(() => store.close());
    const gaps = await store.ledger.gaps();
    const givenUp = gaps.reduce((sum, { records }) => sum + (records ?? 0), 0);
    expect(new Set(gaps.map(({ kind, route }) => `${kind} ${route}`))).toEqual(new Set(['given-up splunk']));
    expect(givenUp).toBeGreaterThan(0);
    const truth = await stage.simulator.truth('&stream=events');
    const indexed = await indexedIds(stage.simulator);
    const { lost, ...others } = compare(truth, indexed);
    expect(others).toEqual({ repeated: 0, strange: 0 });
    // What was under way when it was given up may have arrived all the same; it is never counted twice.
    expect(lost).toBeLessThanOrEqual(givenUp);
    expect(lost).toBeGreaterThan(0);
    expect((await splunk())?.delivered).toBe(events - givenUp);
    expect(compare(truth, await filedIds(stage))).toEqual(nothingWrong);
  });
});
