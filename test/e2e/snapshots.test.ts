/** Snapshot streams of the service, killed while the estate changes: each change once, each whole snapshot whole. */
import { expect, it, onTestFinished } from 'vitest';
import { plentyOfCalls, seeded } from './house.ts';
import { openStage, type Stage, tenantIds, until } from './stage.ts';

const kills = Number(process.env.KILLS ?? 8);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const tenants = 3;
const snapshots = 6;
const recordsPerBatch = 25;

interface Told {
  readonly id?: string;
  readonly hostname?: string;
  readonly change?: string;
  readonly items?: number;
  readonly snapshot: { readonly id: string; readonly end?: boolean };
  readonly tenant: { readonly id: string };
}

const parsed = <T>(text: string): readonly T[] => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T]));

/** What a file has, whole lines of it. */
async function filed({ folder }: Stage, name: string): Promise<readonly Told[]> {
  const text = (await folder.read('out').catch(() => new Map<string, string>())).get(name) ?? '';
  return parsed(text.slice(0, text.lastIndexOf('\n') + 1));
}

const sentence = ({ tenant, change = '', id = '', hostname = '' }: Told) => `${tenant.id} ${change} ${id} ${change === 'removed' ? '' : hostname}`;

const configurationOf = ({ simulator }: Stage) => `central: { ${plentyOfCalls} }
streams:
  endpoints: { every: 1s, changes: true, pageSize: 20 }
  local-sites: { every: 1s, pageSize: 20 }
sinks:
  archive: { type: file, path: "out/{stream}.ndjson" }
  splunk: { type: splunk-hec, url: "${simulator.hecUrl}", token: "${simulator.hecToken}", batch: { records: ${recordsPerBatch} } }
routes:
  - { from: "*", to: archive, format: json }
  - { from: endpoints, to: splunk }
state: ./state
`;

it(`tells each change once and each list whole, over ${snapshots} snapshots and ${kills} kills (SEED=${seed})`, async () => {
  const random = seeded(seed);
  const stage = await openStage(onTestFinished, { account: 'partner', tenants, endpoints: 70, localSitesPerTenant: 50, eventsPerTenant: 0 });
  const { simulator, folder } = stage;
  await stage.configure(configurationOf(stage));
  await simulator.ask('POST', '/_sim/faults', {
    rate: 0.3,
    kinds: ['slow', 'slow', '503', 'reset', 'revoke'],
    slowMs: 80,
    seed,
    paths: '^/endpoint/',
  });
  await simulator.ask('POST', '/_sim/hec/faults', { slowMs: 60 });
  const ids = await tenantIds(stage);
  const truth = async (stream: string) =>
    parsed<{ tenant: string; id: string; item: { hostname?: string } }>(await simulator.ask('GET', `/_sim/truth?stream=${stream}`));
  const expected = new Set((await truth('endpoints')).map(({ tenant, id, item }) => `${tenant} added ${id} ${item.hostname ?? ''}`));
  expect(expected.size).toBe(tenants * 70);

  let killed = 0;
  async function kill(): Promise<void> {
    const { child, ended } = stage.start('run', '--log-level', 'error');
    await new Promise((resolve) => setTimeout(resolve, 500 + random() * 1_300));
    child.kill('SIGKILL');
    const { code, stderr } = await ended;
    expect(code, stderr).toBeNull();
    killed++;
  }
  const isToldAll = async () => {
    const found = new Set((await filed(stage, 'endpoints.ndjson')).map(sentence));
    return [...expected].every((each) => found.has(each));
  };
  /** A service that is left alone until all is told. */
  async function settle(): Promise<void> {
    if (await isToldAll()) return;
    const { child, ended } = stage.start('run', '--log-level', 'error');
    await until(isToldAll, 'every change is told');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  }

  const left = (await truth('endpoints')).map(({ tenant, id }) => ({ tenant, id }));
  const pick = () => left.splice(Math.floor(random() * left.length), 1)[0] ?? { tenant: '', id: '' };
  /** What happens in an estate: each endpoint is renamed or removed once at most, so that each change can be told from the others. */
  async function change(round: number): Promise<void> {
    for (let i = 0; i < 5; i++) {
      const { tenant, id } = pick();
      const hostname = `renamed-${round}-${i}`;
      await simulator.ask('POST', '/_sim/collection', { tenant, name: 'endpoints', put: [{ id, hostname }] });
      expected.add(`${tenant} changed ${id} ${hostname}`);
    }
    for (let i = 0; i < 2; i++) {
      const { tenant, id } = pick();
      await simulator.ask('POST', '/_sim/collection', { tenant, name: 'endpoints', remove: [id] });
      expected.add(`${tenant} removed ${id} `);
    }
    const tenant = ids[round % tenants] ?? '';
    const hostname = `new-${round}`;
    const { ids: added } = JSON.parse(
      await simulator.ask('POST', '/_sim/collection', { tenant, name: 'endpoints', put: [{ hostname, type: 'computer' }] }),
    ) as {
      ids: readonly string[];
    };
    expected.add(`${tenant} added ${added[0] ?? ''} ${hostname}`);
    const url = `round-${round}.example.com`;
    await simulator.ask('POST', '/_sim/collection', { tenant, name: 'local-sites', put: [{ url, categoryId: 28, tags: [], comment: '' }] });
  }

  await kill();
  await settle();
  for (let round = 0; round < snapshots; round++) {
    await change(round);
    while (killed < Math.ceil(((round + 1) * kills) / snapshots)) await kill();
    await settle();
  }
  await simulator.ask('DELETE', '/_sim/faults');
  const last = await stage.run('run', '--once');
  expect(last.code, last.stderr).toBe(0);

  const changes = (await filed(stage, 'endpoints.ndjson')).map(sentence);
  expect(changes.filter((each) => !expected.has(each))).toEqual([]);
  expect([...changes].sort()).toEqual([...expected].sort());
  const indexed = await simulator.indexed();
  const repeated = indexed.length - new Set(indexed).size;
  expect(new Set(indexed).size).toBe(expected.size);
  expect(repeated).toBeLessThanOrEqual(killed * recordsPerBatch * 2);

  const sites = await filed(stage, 'local-sites.ndjson');
  let ends = 0;
  for (const tenant of ids) {
    let open: Told[] = [];
    let whole: readonly Told[] = [];
    for (const record of sites.filter((each) => each.tenant.id === tenant)) {
      if (!record.snapshot.end) open.push(record);
      else {
        // From its first record to its end: all of it, nothing twice, nothing of another.
        expect(new Set(open.map(({ id }) => id)).size).toBe(open.length);
        expect(record.items).toBe(open.length);
        expect(new Set([...open, record].map(({ snapshot }) => snapshot.id)).size).toBe(1);
        whole = open;
        open = [];
        ends++;
      }
    }
    expect(open).toEqual([]);
    const now = (await truth('local-sites')).filter((each) => each.tenant === tenant).map(({ id }) => id);
    expect(whole.map(({ id }) => id).sort()).toEqual(now.sort());
  }
  expect(ends).toBeGreaterThanOrEqual(tenants * snapshots);
  expect((await folder.read('out')).size).toBe(2);
  console.log(`kills ${killed}, changes ${expected.size}: repeated in Splunk ${repeated}; whole snapshots ${ends}`);
});
