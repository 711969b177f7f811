/** Commands that change something, killed in the middle and started again: nothing else is touched, and the log knows all of it. */
import { expect, it, onTestFinished } from 'vitest';
import { plentyOfCalls, seeded } from './house.ts';
import { openStage, type Stage, until } from './stage.ts';

const kills = Number(process.env.KILLS ?? 3);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
/** Tenants at once, and each does one change at a time: so many answers a kill may lose. */
const sideBySide = 4;

interface Told {
  readonly run: string;
  readonly number: number;
  readonly state: 'begun' | 'done' | 'failed';
  readonly object: { readonly id: string };
}

const parsed = <T>(text: string): readonly T[] => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T]));

/** The ids of what was asked to change, repeats included. `place`: where in the path the id stands. */
async function touched({ simulator }: Stage, method: string, place: number): Promise<readonly string[]> {
  const requests = parsed<{ method: string; path: string }>(await simulator.ask('GET', '/_sim/requests?changes=true'));
  return requests.filter((each) => each.method === method).map(({ path }) => path.split('/')[place] ?? '');
}

async function told({ folder }: Stage): Promise<readonly Told[]> {
  return parsed<Told>((await folder.read('state')).get('actions.ndjson') ?? '');
}

interface Thing {
  readonly id: string;
  readonly [field: string]: unknown;
}

async function truthOf({ simulator }: Stage, stream: string): Promise<readonly { readonly tenant: string; readonly item: Thing }[]> {
  return parsed(await simulator.ask('GET', `/_sim/truth?stream=${stream}`));
}

/** An answer takes a moment: most kills come between a request and its answer. */
async function open(options: object, paths: string): Promise<Stage> {
  const stage = await openStage(onTestFinished, { account: 'partner', eventsPerTenant: 0, seed: 7, ...options });
  await stage.configure(`central: { ${plentyOfCalls} }\nstate: ./state\n`);
  await stage.simulator.ask('POST', '/_sim/faults', { rate: 1, kinds: ['slow'], slowMs: 30, paths });
  return stage;
}

/** Starts the command and kills it when it has asked for some more changes. */
async function killed(stage: Stage, line: readonly string[], more: number, count: () => Promise<number>): Promise<void> {
  const enough = (await count()) + more;
  const { child, ended } = stage.start(...line);
  await until(async () => (await count()) >= enough, `${enough} changes`);
  child.kill('SIGKILL');
  const { code, stderr } = await ended;
  expect(code, stderr).toBeNull();
}

/** The log has all that was asked for, and what it leaves open is no more than a kill can break off. */
async function expectTold(stage: Stage, asked: readonly string[], broken: number): Promise<void> {
  const log = await told(stage);
  const begun = log.filter(({ state }) => state === 'begun');
  expect(asked.filter((id) => !begun.some(({ object }) => object.id === id))).toEqual([]);
  const ends = new Set(log.filter(({ state }) => state !== 'begun').map(({ run, number }) => `${run} ${number}`));
  const open = begun.filter(({ run, number }) => !ends.has(`${run} ${number}`));
  expect(open.length).toBeLessThanOrEqual(broken * sideBySide);
  expect(asked.length).toBeGreaterThanOrEqual(begun.length - open.length);
}

it(`scans what was chosen and nothing else, after ${kills} kills in the middle (SEED=${seed})`, async () => {
  const random = seeded(seed);
  const stage = await open({ tenants: 10, endpoints: 40 }, '/scans$');
  const chosen = (await truthOf(stage, 'endpoints')).filter(({ item }) => item.type === 'server').map(({ item }) => item.id);
  expect(chosen.length).toBeGreaterThan(40);
  const line = ['endpoint', 'scan', '--where', 'type == "server"', '--yes', '--max', '1000', '--concurrency', String(sideBySide)];
  const scanned = () => touched(stage, 'POST', 4);
  for (let kill = 1; kill <= kills; kill++) {
    await killed(stage, line, 3 + Math.floor(random() * 15), async () => (await scanned()).length);
    await expectTold(stage, await scanned(), kill);
  }
  const before = (await scanned()).length;
  const last = await stage.run(...line);
  expect(last.code, last.stderr).toBe(0);
  const all = await scanned();
  expect([...all.slice(before)].sort()).toEqual([...chosen].sort());
  expect(all.filter((id) => !chosen.includes(id))).toEqual([]);
  expect(last.stdout.split('\n').filter(Boolean)).toHaveLength(chosen.length);
  await expectTold(stage, all, kills);
});

it(`acknowledges what was chosen and nothing else, no alert more than twice, after ${kills} kills (SEED=${seed})`, async () => {
  const random = seeded(seed);
  const stage = await open({ tenants: 5, openAlertsPerTenant: 60 * kills }, '/actions$');
  const isChosen = ({ severity, allowedActions }: Thing) => severity === 'medium' && (allowedActions as readonly string[]).includes('acknowledge');
  const chosen = (await truthOf(stage, 'alerts')).filter(({ item }) => isChosen(item)).map(({ item }) => item.id);
  expect(chosen.length).toBeGreaterThan(30 * kills);
  const line = ['alert', 'act', 'acknowledge', '--where', 'severity == "medium"', '--days', '90', '--yes', '--max', '10000'];
  const asked = () => touched(stage, 'POST', 4);
  for (let kill = 1; kill <= kills; kill++) {
    await killed(stage, line, 3 + Math.floor(random() * 15), async () => (await asked()).length);
    await expectTold(stage, await asked(), kill);
  }
  const last = await stage.run(...line);
  expect(last.code, last.stderr).toBe(0);
  const all = await asked();
  expect([...new Set(all)].sort()).toEqual([...chosen].sort());
  // What Central had taken is closed, and so is not found again: it takes a kill between the request and its work to ask twice.
  expect(all.length - new Set(all).size).toBeLessThanOrEqual(kills * sideBySide);
  expect(Math.max(...[...new Set(all)].map((id) => all.filter((each) => each === id).length))).toBeLessThanOrEqual(2);
  await expectTold(stage, all, kills);
  const again = await stage.run(...line);
  expect(again.code, again.stderr).toBe(0);
  expect(await asked()).toHaveLength(all.length);
});

it(`puts back from the action log exactly what was deleted before a kill (SEED=${seed})`, async () => {
  const random = seeded(seed);
  const stage = await open({ tenants: 3, localSitesPerTenant: 40 }, '/local-sites');
  const estate = async () =>
    (await truthOf(stage, 'local-sites')).map(({ tenant, item: { id: _id, ...content } }) => JSON.stringify([tenant, Object.entries(content).sort()])).sort();
  const before = await estate();
  const sites = await truthOf(stage, 'local-sites');
  const named = sites.filter((_, i) => i % 2 === 0).map(({ item }) => item.id);
  expect(named).toHaveLength(60);
  const deleted = () => touched(stage, 'DELETE', 6);
  const line = ['local-site', 'delete', ...named, '--yes'];
  await killed(stage, line, 10 + Math.floor(random() * 20), async () => (await deleted()).length);
  const gone = await deleted();
  expect(gone.length).toBeLessThan(60);
  await expectTold(stage, gone, 1);
  expect(await estate()).toHaveLength(before.length - gone.length);

  // Restoring is killed as well, and goes on.
  const restore = ['local-site', 'restore', 'state/actions.ndjson', '--yes'];
  const restored = async () => (await touched(stage, 'POST', 6)).length;
  await killed(stage, restore, 3, restored);
  const last = await stage.run(...restore);
  expect(last.code, last.stderr).toBe(0);
  expect(await estate()).toEqual(before);
  expect(await restored()).toBe(gone.length);
  const untouched = sites.filter(({ item }) => !gone.includes(item.id)).map(({ item }) => item.id);
  const now = new Set((await truthOf(stage, 'local-sites')).map(({ item }) => item.id));
  expect(
    untouched.filter((id) => !now.has(id)),
    'what was not deleted is what it was',
  ).toEqual([]);
});
