import { describe, expect, it } from 'vitest';
import { compare, nothingWrong, plentyOfCalls } from './house.ts';
import { addRecords, indexedIds, openStage, pass, type Stage, until } from './stage.ts';

const configuration = (stage: Stage, more = '') => `central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h } }
sinks: { splunk: { type: splunk-hec, url: "${stage.simulator.hecUrl}", token: "${stage.simulator.hecToken}", batch: { records: 100 }${more} } }
routes: [{ from: events, to: splunk }]
state: ./state
`;

interface Letter {
  readonly id: number;
  readonly tenant: { readonly id: string; readonly name: string };
  readonly stream: string;
  readonly route: string;
  readonly record: string;
  readonly code: string;
  readonly reason: string;
  readonly time: string;
}

async function letters(stage: Stage): Promise<readonly Letter[]> {
  const { code, stdout, stderr } = await stage.run('dead-letter', 'list', '--output', 'json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as readonly Letter[];
}

/** 500 good records, and three that Splunk will not have. */
async function openPoisoned(onTestFinished: Parameters<typeof openStage>[0]) {
  const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 500, alertsPerTenant: 0 });
  await stage.configure(configuration(stage));
  const items = [1, 2, 3].map((n) => ({ name: `POISON ${n}` }));
  const poison = await addRecords(stage, { items });
  await stage.simulator.ask('POST', '/_sim/hec/faults', { refuse: { pattern: 'POISON' } });
  return { stage, poison };
}

describe('dead letters', () => {
  it('are exactly the records that the sink refuses; retried when the far end is mended, they arrive once', async ({ onTestFinished }) => {
    const { stage, poison } = await openPoisoned(onTestFinished);
    const said = await pass(stage);
    expect(said).toMatch(/3 refused/);
    const found = await letters(stage);
    expect(
      compare(
        poison,
        found.map(({ record }) => record),
      ),
    ).toEqual(nothingWrong);
    const tenant = (await stage.status()).tenants[0];
    for (const letter of found) {
      expect(letter).toMatchObject({ tenant: { id: tenant?.id, name: tenant?.name }, stream: 'events', route: 'splunk' });
      expect(letter.code).toMatch(/^hec\./);
      expect(letter.reason).not.toBe('');
      expect(Number.isNaN(Date.parse(letter.time))).toBe(false);
    }
    const truth = await stage.simulator.truth('&stream=events');
    expect(compare(truth, await indexedIds(stage.simulator))).toMatchObject({ lost: 3, strange: 0 });

    // Refused once more, they come back as they were.
    const again = await stage.run('dead-letter', 'retry', '--all', '--yes');
    expect(again.code, again.stderr).toBe(0);
    expect(await letters(stage)).toHaveLength(0);
    await pass(stage);
    expect(
      compare(
        poison,
        (await letters(stage)).map(({ record }) => record),
      ),
    ).toEqual(nothingWrong);

    await stage.simulator.ask('DELETE', '/_sim/hec/faults');
    expect((await stage.run('dead-letter', 'retry', '--all', '--yes')).code).toBe(0);
    await pass(stage);
    await pass(stage);
    expect(await letters(stage)).toHaveLength(0);
    const indexed = await indexedIds(stage.simulator);
    expect(compare(truth, indexed)).toMatchObject({ lost: 0, strange: 0 });
    expect(
      compare(
        poison,
        indexed.filter((id) => poison.includes(id)),
      ),
    ).toEqual(nothingWrong);
  });

  it('are sent again by a service that runs, at a wish of another process; those that are dropped are not', async ({ onTestFinished }) => {
    const { stage, poison } = await openPoisoned(onTestFinished);
    const { child, ended } = stage.start('run');
    await until(async () => (await stage.status()).routes[0]?.delivered === 500, 'the good ones are delivered');
    // Until something is accepted after them, it may be the far end that is to blame.
    await addRecords(stage, { count: 1 });
    await until(async () => (await stage.status()).deadLetters === 3, 'three dead letters');
    await stage.simulator.ask('DELETE', '/_sim/hec/faults');
    const [first, ...others] = await letters(stage);
    const dropped = await stage.run('dead-letter', 'drop', String(first?.id), '--yes');
    expect(dropped.code, dropped.stderr).toBe(0);
    const retried = await stage.run('dead-letter', 'retry', '--all', '--yes');
    expect(retried.code, retried.stderr).toBe(0);
    const kept = others.map(({ record }) => record);
    await until(async () => {
      const indexed = new Set(await indexedIds(stage.simulator));
      return kept.every((id) => indexed.has(id));
    }, 'they are delivered');
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(await letters(stage)).toHaveLength(0);
    expect(
      compare(
        kept,
        (await indexedIds(stage.simulator)).filter((id) => poison.includes(id)),
      ),
    ).toEqual(nothingWrong);
  });

  it('stay where they are when their route is configured no more', async ({ onTestFinished }) => {
    const { stage } = await openPoisoned(onTestFinished);
    await pass(stage);
    await stage.configure(configuration(stage).replace('to: splunk', 'to: splunk, name: other'));
    const { code, stderr } = await stage.run('dead-letter', 'retry', '--all', '--yes');
    expect(code).toBe(2);
    expect(stderr).toContain('nothing goes to `splunk` any more');
    expect(await letters(stage)).toHaveLength(3);
  });

  it('need --yes where nobody can be asked', async ({ onTestFinished }) => {
    const { stage } = await openPoisoned(onTestFinished);
    await pass(stage);
    const { code, stderr } = await stage.run('dead-letter', 'drop', '--all');
    expect(code, stderr).toBe(2);
    expect(stderr).toContain('--yes');
    expect(await letters(stage)).toHaveLength(3);
  });

  for (const [what, faults, more] of [
    ['an index that the token may not write to', { indexes: ['main'] }, ', index: secret'],
    ['whatever it is', { refuse: { pattern: 'event' } }, ''],
  ] as const) {
    it(`are none when every record is refused for one reason, ${what}: the route waits, and goes on by itself`, async ({ onTestFinished }) => {
      const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 600, alertsPerTenant: 0 });
      await stage.configure(configuration(stage, more));
      await stage.simulator.ask('POST', '/_sim/hec/faults', faults);
      const { code, stderr } = await stage.run('run', '--once');
      expect(code, stderr).toBe(4);
      expect(stderr).toMatch(/route splunk could not be served/);
      const { deadLetters, routes } = await stage.status();
      expect(deadLetters).toBe(0);
      expect(routes[0]).toMatchObject({ waiting: 600, delivered: 0, refused: 0 });
      expect(routes[0]?.error).not.toBeNull();

      await stage.simulator.ask('DELETE', '/_sim/hec/faults');
      await pass(stage);
      expect(compare(await stage.simulator.truth('&stream=events'), await indexedIds(stage.simulator))).toEqual(nothingWrong);
    });
  }
});
