/** `get alerts --new` every 15 minutes, as cron would: each alert once, whatever comes late, fails or is killed. */
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { Clock } from '../../src/core/world.ts';
import { type as typeLine } from '../cli/terminal.ts';
import { compare, nothingWrong, plentyOfCalls, seeded } from './house.ts';
import { indexedIds, openStage, type Stage } from './stage.ts';

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const tenants = 4;
const minuteMs = 60_000;
/** Of a HEC request: what is in flight when a process is killed. */
const recordsPerBatch = 20;
const line = ['get', 'alerts', '--new', '--output', 'sink:splunk', '--quiet'];

const configurationOf = ({ simulator }: Stage) => `central: { ${plentyOfCalls} }
sinks: { splunk: { type: splunk-hec, url: "${simulator.hecUrl}", token: "${simulator.hecToken}", batch: { records: ${recordsPerBatch} } } }
state: ./state
`;

type OnFinished = Parameters<typeof openStage>[0];

async function openDay(onTestFinished: OnFinished, options: object = {}): Promise<Stage> {
  const stage = await openStage(onTestFinished, { account: 'partner', tenants, openAlertsPerTenant: 0, eventsPerTenant: 0, alertsPerTenant: 0, ...options });
  await stage.configure(configurationOf(stage));
  return stage;
}

/** Whoever waits before asking again waits a twentieth of it. */
const hasty: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 20, signal) };

/** The same program in this process: a day has many quarters of an hour. */
const cron = (stage: Stage, argv: readonly string[] = line) => typeLine(argv, { cwd: stage.folder.path, env: stage.env, world: { clock: hasty } });

const raise = ({ simulator }: Stage, wish: object) => simulator.ask('POST', '/_sim/alerts', wish);
const advance = ({ simulator }: Stage, ms: number) => simulator.ask('POST', '/_sim/clock', { advanceMs: ms });
const truthOf = ({ simulator }: Stage) => simulator.truth('&stream=alerts');

/** A quarter of an hour in which alerts come, some of them raised up to six hours ago, in no order. */
async function quarter(stage: Stage, random: () => number): Promise<void> {
  await advance(stage, 15 * minuteMs);
  const count = Math.floor(random() * 4);
  for (let i = 0; i < count; i++) {
    const late = random() < 0.5 ? Math.floor(random() * 360) : Math.floor(random() * 15);
    await raise(stage, { tenant: Math.floor(random() * tenants), count: 1 + Math.floor(random() * 3), late_minutes: late });
  }
}

const centralFaults = { rate: 0.1, kinds: ['429', '500', '502-html', '503', 'reset', 'truncate', 'html-200', 'revoke'] };
/** Splunk says no before it takes anything: no reply is lost. */
const splunkFaults = { codes: { 9: 0.1, 8: 0.05 } };

describe('`get alerts --new` to Splunk, 96 times a day', () => {
  it(`sends each alert once, late ones and those out of order too, while Central and Splunk fail (SEED=${seed})`, async ({ onTestFinished }) => {
    const stage = await openDay(onTestFinished);
    const random = seeded(seed);
    await stage.simulator.ask('POST', '/_sim/faults', { ...centralFaults, seed });
    await stage.simulator.ask('POST', '/_sim/hec/faults', { ...splunkFaults, seed });
    const codes: number[] = [];
    for (let run = 0; run < 96; run++) {
      await quarter(stage, random);
      codes.push((await cron(stage)).code);
    }
    await stage.simulator.ask('DELETE', '/_sim/faults');
    await stage.simulator.ask('DELETE', '/_sim/hec/faults');
    expect(await cron(stage)).toMatchObject({ code: 0 });
    const truth = await truthOf(stage);
    expect(truth.length).toBeGreaterThan(100);
    expect(compare(truth, await indexedIds(stage.simulator))).toEqual(nothingWrong);
    expect(codes.filter((code) => code === 0).length, codes.join()).toBeGreaterThan(48);
  });

  it(`repeats after kill -9 nothing but the batch in flight, with the same id, and loses nothing (SEED=${seed})`, async ({ onTestFinished }) => {
    const stage = await openDay(onTestFinished);
    const random = seeded(seed);
    // A slow Splunk: there is always something in flight.
    await stage.simulator.ask('POST', '/_sim/hec/faults', { slowMs: 40 });
    let killed = 0;
    let inMidWork = 0;
    for (let run = 0; run < 12; run++) {
      await advance(stage, 15 * minuteMs);
      for (let tenant = 0; tenant < tenants; tenant++) await raise(stage, { tenant, count: 50, late_minutes: Math.floor(random() * 360) });
      const before = (await indexedIds(stage.simulator)).length;
      const { child, ended } = stage.start(...line);
      const isOver = { yet: false };
      void ended.then(() => {
        isOver.yet = true;
      });
      // At any moment, and every other time at any moment after Splunk has had some of it.
      if (run % 2 === 1) while (!isOver.yet && (await indexedIds(stage.simulator)).length === before) await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setTimeout(resolve, random() * (run % 2 === 1 ? 400 : 1500)));
      child.kill('SIGKILL');
      if ((await ended).code === null) killed++;
      if (compare(await truthOf(stage), await indexedIds(stage.simulator)).lost > 0) inMidWork++;
    }
    await stage.simulator.ask('DELETE', '/_sim/hec/faults');
    expect(await cron(stage)).toMatchObject({ code: 0 });
    const indexed = await stage.simulator.indexed();
    const { lost, strange, repeated } = compare(await truthOf(stage), await indexedIds(stage.simulator));
    console.log(`kills ${killed} (${inMidWork} with alerts missing), alerts ${12 * 50 * tenants}: lost ${lost}, repeated ${repeated}`);
    expect({ lost, strange }).toEqual({ lost: 0, strange: 0 });
    expect(inMidWork).toBeGreaterThan(0);
    expect(repeated).toBeLessThanOrEqual(killed * recordsPerBatch);
    // A repeat can be folded: it is the same record under the same id.
    expect(indexed.length - new Set(indexed).size).toBe(repeated);
    expect(await cron(stage)).toMatchObject({ code: 0 });
    expect(await stage.simulator.indexed()).toHaveLength(indexed.length);
  });

  it('remembers what Splunk took before it failed, and sends the rest the next time', async ({ onTestFinished }) => {
    const stage = await openDay(onTestFinished);
    await raise(stage, { tenant: '*', count: 70, late_minutes: 30 });
    // Now and then it refuses the token, which ends the run.
    await stage.simulator.ask('POST', '/_sim/hec/faults', { codes: { 4: 0.3 }, seed: 7 });
    let failedMidway = 0;
    for (let run = 0; run < 30; run++) {
      const before = (await indexedIds(stage.simulator)).length;
      const { code, err } = await cron(stage);
      const taken = (await indexedIds(stage.simulator)).length - before;
      expect(taken === 0 || code === 0 || code === 1, err).toBe(true);
      if (code === 1 && taken > 0) failedMidway++;
      if (code === 0) break;
    }
    expect(failedMidway).toBeGreaterThan(0);
    expect(compare(await truthOf(stage), await indexedIds(stage.simulator))).toEqual(nothingWrong);
  });

  it('tells that an alert has changed or was closed, each once', async ({ onTestFinished }) => {
    const stage = await openDay(onTestFinished, { tenants: 1 });
    const { ids } = JSON.parse(await raise(stage, { tenant: 0, count: 3, late_minutes: 30 })) as { ids: string[] };
    const [changed = '', closed = ''] = ids;
    const say = async () =>
      (await cron(stage, ['get', 'alerts', '--new', '--fields', 'id,change'])).out
        .split('\n')
        .filter(Boolean)
        .map((each) => JSON.parse(each));
    expect(await say()).toHaveLength(3);
    await advance(stage, 15 * minuteMs);
    await raise(stage, { tenant: 0, change: [{ id: changed, description: 'It is worse than it looked.' }], close: [closed] });
    expect(await say()).toEqual([
      { id: changed, change: 'changed' },
      { id: closed, change: 'closed' },
    ]);
    expect(await say()).toEqual([]);
  });
});

describe('reset of what `get --new` remembers', () => {
  const hours = (n: number) => n * 60;

  it('makes each output send the last days again, or only the one that is named; and tells which', async ({ onTestFinished }) => {
    const stage = await openDay(onTestFinished, { tenants: 2 });
    for (const late of [1, 30, 100, 150]) await raise(stage, { tenant: '*', count: 5, late_minutes: hours(late) });
    const toSplunk = ['get', 'alerts', '--new', '--days', '30', '--output', 'sink:splunk'];
    const toFolder = ['get', 'alerts', '--new', '--days', '30', '--out-dir', 'out'];
    for (const each of [toSplunk, toFolder]) expect(await cron(stage, each)).toMatchObject({ code: 0 });
    expect(await indexedIds(stage.simulator)).toHaveLength(40);

    const dry = await cron(stage, ['reset', 'alerts', '--days', '3', '--dry-run']);
    expect(dry).toMatchObject({
      code: 0,
      err: expect.stringMatching(/get alerts --new --out-dir .*out --output json[\s\S]*get alerts --new --output sink:splunk[\s\S]*At most 80 records/),
    });
    expect((await cron(stage, ['reset', 'alerts', '--output', 'sink:other', '--yes'])).err).toContain('get alerts --new --output sink:splunk');

    const one = await cron(stage, ['reset', 'alerts', '--days', '3', '--output', 'sink:splunk', '--yes']);
    expect(one).toMatchObject({ code: 0, err: expect.stringMatching(/Done: the next `get alerts --new --output sink:splunk` reads 2 streams again/) });
    expect(one.err).not.toContain('out-dir');
    for (const each of [toSplunk, toFolder, toSplunk]) expect(await cron(stage, each)).toMatchObject({ code: 0 });
    // Those of the last three days once more, and no others.
    expect(await indexedIds(stage.simulator)).toHaveLength(60);
    const recent = (await stage.folder.read('out')).size;
    expect(recent).toBe(2);

    const [tenant = ''] = (JSON.parse(await stage.simulator.ask('GET', '/_sim/tenants')) as { items: { id: string }[] }).items.map(({ id }) => id);
    expect(await cron(stage, ['reset', 'alerts', '--days', '7', '--tenant', tenant, '--yes'])).toMatchObject({ code: 0 });
    for (const each of [toSplunk, toFolder]) expect(await cron(stage, each)).toMatchObject({ code: 0 });
    expect(await indexedIds(stage.simulator)).toHaveLength(80);
    expect(
      JSON.parse((await stage.folder.read('out')).get([...(await stage.folder.read('out')).keys()].find((name) => name.includes(tenant)) ?? '') ?? '[]'),
    ).toHaveLength(20);
  });

  it('sends once what had not been sent before, and once more what had', async ({ onTestFinished }) => {
    const stage = await openDay(onTestFinished, { tenants: 1 });
    await raise(stage, { tenant: 0, count: 10, late_minutes: 30 });
    expect(await cron(stage)).toMatchObject({ code: 0 });
    await raise(stage, { tenant: 0, count: 10, late_minutes: 10 });
    await stage.simulator.ask('POST', '/_sim/hec/faults', { codes: { 4: 1 } });
    expect(await cron(stage)).toMatchObject({ code: 1 });
    await stage.simulator.ask('DELETE', '/_sim/hec/faults');
    expect(await cron(stage, ['reset', 'alerts', '--days', '1', '--yes'])).toMatchObject({ code: 0 });
    expect(await cron(stage)).toMatchObject({ code: 0 });
    expect(await indexedIds(stage.simulator)).toHaveLength(30);
    expect(compare(await truthOf(stage), await indexedIds(stage.simulator))).toEqual({ lost: 0, repeated: 10, strange: 0 });
  });
});
