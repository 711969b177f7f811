import { describe, expect, it } from 'vitest';
import { compare, idsOf, nothingWrong, plentyOfCalls } from './house.ts';
import { addRecords, openStage, pass, type Stage, until } from './stage.ts';

const head = `central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h }, siem-alerts: { every: 1s, since: 24h } }
state: ./state
`;

async function idsIn(stage: Stage, name: string): Promise<string[]> {
  return idsOf((await stage.folder.read('out')).get(name) ?? '');
}

async function eventsOf({ simulator }: Stage): Promise<{ readonly id: string; readonly severity: string; readonly type: string }[]> {
  const text = await simulator.ask('GET', '/_sim/truth?stream=events');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { item: { id: string; severity: string; type: string } }).item);
}

const routeOf = async (stage: Stage, name: string) => (await stage.status()).routes.find(({ route }) => route === name);

describe('routes', () => {
  it('send each record where its `where` says, and count the rest as filtered', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 2_000, alertsPerTenant: 50 });
    await stage.configure(`${head}sinks:
  loud: { type: file, path: out/loud.ndjson }
  updates: { type: file, path: out/updates.ndjson }
  alerts: { type: file, path: out/alerts.ndjson }
routes:
  - { from: events, to: loud, where: 'severity >= "medium"' }
  - { from: events, to: updates, where: 'type ~ "*update*" and not (severity in ["high", "critical"])', format: raw }
  - { from: siem-alerts, to: alerts }
`);
    await pass(stage);
    const events = await eventsOf(stage);
    const loud = events.filter(({ severity }) => ['medium', 'high', 'critical'].includes(severity.toLowerCase())).map(({ id }) => id);
    const updates = events.filter(({ type, severity }) => /update/i.test(type) && !['high', 'critical'].includes(severity)).map(({ id }) => id);
    expect(Math.min(loud.length, updates.length), 'both have something').toBeGreaterThan(0);
    expect(compare(loud, await idsIn(stage, 'loud.ndjson'))).toEqual(nothingWrong);
    expect(compare(updates, await idsIn(stage, 'updates.ndjson'))).toEqual(nothingWrong);
    expect(compare(await stage.simulator.truth('&stream=siem-alerts'), await idsIn(stage, 'alerts.ndjson'))).toEqual(nothingWrong);
    expect(await routeOf(stage, 'loud')).toMatchObject({ delivered: loud.length, filtered: 2_000 - loud.length, waiting: 0 });
    expect(await routeOf(stage, 'updates')).toMatchObject({ delivered: updates.length, filtered: 2_000 - updates.length, waiting: 0 });
    expect(await routeOf(stage, 'alerts')).toMatchObject({ delivered: 50, filtered: 0 });
  });

  it('begin with what is read from then on when they are new, with `start: oldest` at all that is kept', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 500, alertsPerTenant: 0 });
    const sinks =
      'sinks: { first: { type: file, path: out/first.ndjson }, late: { type: file, path: out/late.ndjson }, all: { type: file, path: out/all.ndjson } }\n';
    await stage.configure(`${head}${sinks}routes: [{ from: events, to: first }]\n`);
    await pass(stage);
    await stage.configure(`${head}${sinks}routes: [{ from: events, to: first }, { from: events, to: late }, { from: events, to: all, start: oldest }]\n`);
    const fresh = await addRecords(stage, { count: 5 });
    await pass(stage);
    const truth = await stage.simulator.truth('&stream=events');
    expect(truth).toHaveLength(505);
    expect(compare(truth, await idsIn(stage, 'first.ndjson'))).toEqual(nothingWrong);
    expect(compare(fresh, await idsIn(stage, 'late.ndjson'))).toEqual(nothingWrong);
    expect(compare(truth, await idsIn(stage, 'all.ndjson'))).toEqual(nothingWrong);
  });

  it('block nobody once they are removed: their backlog is kept aside and goes on when they come back', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 300, alertsPerTenant: 0 });
    const both = `sinks:
  archive: { type: file, path: out/archive.ndjson }
  dead: { type: splunk-hec, url: "${stage.simulator.hecUrl}", token: "${stage.simulator.hecToken}" }
`;
    await stage.configure(`${head}${both}routes: [{ from: events, to: archive }, { from: events, to: dead }]\n`);
    await stage.simulator.ask('POST', '/_sim/hec/faults', { down: true });
    const { child, ended } = stage.start('run');
    await until(async () => (await routeOf(stage, 'dead'))?.waiting === 300, 'all is read');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);

    await stage.configure(`${head}${both}routes: [{ from: events, to: archive }]\n`);
    await addRecords(stage, { count: 5 });
    await pass(stage);
    expect(await routeOf(stage, 'dead')).toMatchObject({ retired: true, delivered: 0 });
    expect(await routeOf(stage, 'archive')).toMatchObject({ retired: false, waiting: 0, delivered: 305 });

    await stage.configure(`${head}${both}routes: [{ from: events, to: archive }, { from: events, to: dead }]\n`);
    await stage.simulator.ask('DELETE', '/_sim/hec/faults');
    await pass(stage);
    const truth = await stage.simulator.truth('&stream=events');
    expect(
      compare(
        truth,
        (await stage.simulator.indexed()).map((record) => record.split('/').at(-1) ?? ''),
      ),
    ).toEqual(nothingWrong);
    expect(compare(truth, await idsIn(stage, 'archive.ndjson'))).toEqual(nothingWrong);
  });

  it('of which two lead to one file are refused, or both are whole', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 300, alertsPerTenant: 20 });
    await stage.configure(`${head}sinks: { archive: { type: file, path: out/all.ndjson } }
routes: [{ from: events, to: archive }, { from: siem-alerts, to: archive, name: second }]
`);
    const { code, stderr } = await stage.run('run', '--once');
    const found = await idsIn(stage, 'all.ndjson');
    if (code === 0) expect(compare(await stage.simulator.truth(''), found)).toEqual(nothingWrong);
    else {
      expect(code, stderr).toBe(4);
      expect(stderr).toMatch(/all\.ndjson/);
      expect(compare(await stage.simulator.truth(''), found)).toMatchObject({ repeated: 0, strange: 0 });
    }
  });
});
