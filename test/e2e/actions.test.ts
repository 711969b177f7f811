/** Automatic actions of the built program, killed again and again: each alert that a rule wants is dealt with, once, and only once it stands everywhere. */
import { expect, it, onTestFinished } from 'vitest';
import { plentyOfCalls, seeded } from './house.ts';
import { indexedIds, openStage, type Stage, until } from './stage.ts';

const kills = Number(process.env.KILLS ?? 8);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const tenants = 4;
const alertsPerRound = 12;

/** A request to Central that acts on an alert, as the simulator saw it. */
interface Asked {
  readonly alert: string;
  readonly status: number;
  /** The answer did not arrive. */
  readonly isLost: boolean;
}

interface Told {
  readonly state: string;
  readonly command: string;
  readonly object: { readonly id: string };
}

/** What stands in lines that are whole: whoever was killed may have left the beginning of one. */
function wholeLines<T>(text: string): readonly T[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as T];
    } catch {
      return [];
    }
  });
}

async function asked({ simulator }: Stage): Promise<readonly Asked[]> {
  const requests = wholeLines<{ path: string; status: number; transport?: string }>(await simulator.ask('GET', '/_sim/requests?changes=true'));
  return requests.map(({ path, status, transport }) => {
    expect(path).toMatch(/^\/common\/v1\/alerts\/[^/]+\/actions$/);
    return { alert: path.split('/')[4] ?? '', status, isLost: transport === 'reset' || transport === 'truncate' };
  });
}

/** Those that Central took: it did what was asked, or had done so before. */
const isTaken = ({ status }: Asked) => status === 201 || status === 404;

async function filed({ folder }: Stage): Promise<readonly { readonly id: string; readonly change?: string }[]> {
  const files = await folder.read('out').catch(() => new Map<string, string>());
  return [...files.values()].flatMap((text) => wholeLines<{ id: string; change?: string }>(text));
}

async function told({ folder }: Stage): Promise<readonly Told[]> {
  return wholeLines<Told>((await folder.read('state').catch(() => new Map<string, string>())).get('actions.ndjson') ?? '');
}

/** Those of `some` that `all` has not. */
function missing(some: Iterable<string>, all: Iterable<string>): readonly string[] {
  const known = new Set(all);
  return [...new Set(some)].filter((each) => !known.has(each));
}

/** Nothing was done, or even asked for, that did not stand in both destinations and in the action log before. */
async function expectFollowing(stage: Stage): Promise<void> {
  const acted = (await asked(stage)).map(({ alert }) => alert);
  expect(
    missing(
      acted,
      (await filed(stage)).map(({ id }) => id),
    ),
    'acted on before it was in a file',
  ).toEqual([]);
  expect(missing(acted, await indexedIds(stage.simulator)), 'acted on before Splunk had it').toEqual([]);
  const begun = (await told(stage)).filter(({ state }) => state === 'begun');
  expect(
    missing(
      acted,
      begun.map(({ object }) => object.id),
    ),
    'acted on before the log told it',
  ).toEqual([]);
}

const configurationOf = ({ simulator }: Stage) => `central: { ${plentyOfCalls} }
streams: { alerts: { every: 1s } }
sinks:
  archive: { type: file, path: "out/{tenant.id}.ndjson" }
  splunk: { type: splunk-hec, url: "${simulator.hecUrl}", token: "${simulator.hecAckToken}", ack: true, ackPollMs: 50, batch: { records: 10 } }
routes:
  - { from: alerts, to: archive }
  - { from: alerts, to: splunk }
actions:
  - { name: low-alerts, from: alerts, where: 'severity == "low"', do: acknowledge, maxPerHour: 10000 }
state: ./state
`;

/** Some answers never come, some requests are refused for now. */
const centralFaults = { rate: 0.3, kinds: ['429', '500', '503', 'reset', 'truncate', 'revoke', 'slow', 'slow', 'slow'], slowMs: 80, paths: '^/common/' };
const splunkFaults = { codes: { 9: 0.1 }, loseReply: 0.03, slowMs: 20, ackDelayMs: 80 };

it(`acts once on each alert that a rule wants, and on no other, after ${kills} kills (SEED=${seed})`, async () => {
  const random = seeded(seed);
  const stage = await openStage(onTestFinished, { account: 'partner', tenants, openAlertsPerTenant: 0, eventsPerTenant: 0, alertsPerTenant: 0 });
  const { simulator } = stage;
  await stage.configure(configurationOf(stage));
  const wanted: string[] = [];
  const others: string[] = [];

  async function raise(): Promise<readonly string[]> {
    const fresh: string[] = [];
    for (let i = 0; i < alertsPerRound; i++) {
      const isLow = random() < 0.6;
      const isAllowed = random() < 0.85;
      const item = { severity: isLow ? 'low' : 'high', allowedActions: isAllowed ? ['acknowledge', 'cleanPua'] : ['cleanPua'] };
      const wish = { tenant: Math.floor(random() * tenants), items: [item], late_minutes: Math.floor(random() * 50) };
      const [id = ''] = (JSON.parse(await simulator.ask('POST', '/_sim/alerts', wish)) as { readonly ids: readonly string[] }).ids;
      (isLow && isAllowed ? wanted : others).push(id);
      if (isLow && isAllowed) fresh.push(id);
    }
    return fresh;
  }
  const takenIds = async () => new Set((await asked(stage)).filter(isTaken).map(({ alert }) => alert));

  // It begins with what is read from then on: so it has to have begun.
  await stage.run('run', '--once');
  await simulator.ask('POST', '/_sim/faults', { ...centralFaults, seed });
  await simulator.ask('POST', '/_sim/hec/faults', { ...splunkFaults, seed });
  let inMidWork = 0;
  let peakBytes = 0;
  for (let killed = 0; killed < kills; killed++) {
    await raise();
    const before = (await takenIds()).size;
    const { child, ended } = stage.start('run', '--log-level', 'error');
    if (killed % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 400 + random() * 1_500));
    else {
      await until(async () => (await takenIds()).size > before, 'the first action');
      // At once, between a request and its answer; or while later ones are read and delivered.
      if (random() < 0.5) {
        await raise();
        await new Promise((resolve) => setTimeout(resolve, random() * 900));
      }
    }
    child.kill('SIGKILL');
    const { code, stderr, peakBytes: peak } = await ended;
    expect(code, stderr).toBeNull();
    peakBytes = Math.max(peakBytes, peak);
    if (missing(wanted, await takenIds()).length > 0) inMidWork++;
    await expectFollowing(stage);
  }

  // Splunk alone is down: whatever the files have, nothing more is done.
  await simulator.ask('DELETE', '/_sim/faults');
  await simulator.ask('POST', '/_sim/hec/faults', { down: true });
  const service = stage.start('run', '--log-level', 'error');
  const held = await raise();
  await until(
    async () =>
      missing(
        held,
        (await filed(stage)).map(({ id }) => id),
      ).length === 0,
    'the files have what Splunk has not',
  );
  await until(async () => (await stage.status()).routes.some(({ route, error }) => route === 'splunk' && error !== null), 'Splunk is told to be down');
  const waiting = (await stage.status()).routes.find(({ route }) => route === 'action:low-alerts');
  expect(waiting?.waiting).toBeGreaterThanOrEqual(held.length);
  expect(missing(held, await takenIds())).toEqual(held);
  await simulator.ask('DELETE', '/_sim/hec/faults');
  await until(async () => missing(wanted, await takenIds()).length === 0, 'all is done');
  service.child.kill('SIGTERM');
  const stopped = await service.ended;
  expect(stopped.code, stopped.stderr).toBe(0);
  expect((await stage.run('run', '--once')).code).toBe(0);

  await expectFollowing(stage);
  const requests = await asked(stage);
  const taken = requests.filter(isTaken);
  const lost = taken.filter(({ isLost }) => isLost).length;
  const repeats = taken.length - new Set(taken.map(({ alert }) => alert)).size;
  console.log(
    `kills ${kills} (${inMidWork} with actions missing), alerts ${wanted.length + others.length}, to be acknowledged ${wanted.length}: requests ${requests.length}, answers lost ${lost}, repeated ${repeats} of at most ${kills + lost}`,
  );
  expect(inMidWork).toBeGreaterThan(0);
  expect([...(await takenIds())].sort()).toEqual([...wanted].sort());
  expect(
    missing(
      requests.map(({ alert }) => alert),
      wanted,
    ),
  ).toEqual([]);
  // One action is under way at a time: a kill loses one answer at most, and so does a broken connection.
  expect(repeats).toBeLessThanOrEqual(kills + lost);
  const done = (await told(stage)).filter(({ state }) => state === 'done');
  expect([...new Set(done.map(({ object }) => object.id))].sort()).toEqual([...wanted].sort());
  expect(new Set(done.map(({ command }) => command))).toEqual(new Set(['action:low-alerts']));

  const keys = (await filed(stage)).map(({ id, change }) => `${id} ${change ?? ''}`);
  expect(new Set(keys).size, 'no record is twice in the files').toBe(keys.length);
  expect(
    missing(
      [...wanted, ...others],
      (await filed(stage)).map(({ id }) => id),
    ),
  ).toEqual([]);
  const { routes } = await stage.status();
  expect(routes.find(({ route }) => route === 'action:low-alerts')).toMatchObject({ waiting: 0, refused: 0, error: null, retired: false });
  expect(Math.max(peakBytes, stopped.peakBytes)).toBeLessThan(250e6);
});
