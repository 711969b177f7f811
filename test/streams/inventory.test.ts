/** Every kind against the simulator, which shares no code with it: what is told is what there is, for as many calls as pages. */
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Checkpoint, Stream } from '../../src/core/types.ts';
import type { World } from '../../src/core/world.ts';
import { SophosCentral } from '../../src/index.ts';
import { type RunningSimulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts';
import { streams } from '../../src/streams/index.ts';
import type { StreamKind, StreamTenant } from '../../src/streams/kind.ts';
import { openTestWorld } from '../clients/world.ts';
import { day, never, type Told, toldBy } from './inventory-scene.ts';

const generous = { second: 10_000, minute: 100_000, hour: 1_000_000, day: 1_000_000 };
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function begin(options: SimulatorOptions) {
  const sim = await startSimulator(options);
  closers.push(() => sim.close());
  const { world, close } = openTestWorld();
  closers.push(close);
  const calls = new Map<string, number>();
  const counting: World = {
    ...world,
    async http(request) {
      const reply = await world.http(request);
      const { pathname } = new URL(request.url);
      // A call that fails costs, and gives nothing: it is not counted.
      if (reply.status === 200) calls.set(pathname, (calls.get(pathname) ?? 0) + 1);
      return reply;
    },
  };
  const { clientId, clientSecret, url } = sim;
  const central = new SophosCentral({ clientId, clientSecret, authUrl: url, apiUrl: url, rateLimits: generous, retries: 0, world: counting });
  const tenants: StreamTenant[] = [];
  for await (const { id, name, apiHost = null } of central.tenants) tenants.push({ id, name, labels: {}, apiHost });
  calls.clear();
  const open = (name: string, parse: Record<string, unknown> = {}) => {
    const kind = kindOf(name);
    return tenants.map((tenant) => kind.open(kind.options.parse(parse), tenant, central, counting));
  };
  return { sim, calls, open, tenants };
}

function kindOf(name: string): StreamKind {
  const kind = streams.find((each) => each.name === name);
  if (!kind) throw new Error(`there is no ${name}`);
  return kind;
}

async function control(sim: RunningSimulator, path: string, wish: unknown): Promise<void> {
  const response = await fetch(`${sim.url}/_sim/${path}`, { method: 'POST', body: JSON.stringify(wish) });
  expect(response.status).toBe(200);
}

/** Reads to the end, starting again at the last place after each failure, as the engine does. */
async function read(stream: Stream, from: Checkpoint | null): Promise<Told[]> {
  const told: Told[] = [];
  let at = from;
  for (let failures = 0; ; ) {
    try {
      const page = await stream.fetch(at, never);
      told.push(...toldBy([page]));
      at = JSON.parse(JSON.stringify(page.next));
      if (page.brokenOff === undefined && !page.more) return told;
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'transient' || ++failures > 500) throw error;
    }
  }
}

const idsOf = (told: readonly Told[]) => told.flatMap(({ item }) => (typeof item.id === 'string' ? [item.id] : []));

describe('a partner of 30 tenants with 600 endpoints, 800 alerts and 130 local sites each', () => {
  const estate: SimulatorOptions = { account: 'partner', tenants: 30, endpoints: 600, openAlertsPerTenant: 800, localSitesPerTenant: 130 };

  async function readAll({ open, tenants }: Awaited<ReturnType<typeof begin>>): Promise<void> {
    for (const [name, count, from] of [
      ['endpoints', 600, null],
      ['alerts', 800, kindOf('alerts').restart(Date.now() - 90 * day - 1000)],
      ['local-sites', 130, null],
    ] as const) {
      const read1 = await Promise.all(open(name, name === 'alerts' ? { days: 90 } : {}).map((stream) => read(stream, from)));
      expect(read1.map((told) => new Set(idsOf(told)).size)).toEqual(tenants.map(() => count));
      expect(new Set(read1.flatMap((told, i) => told.map(({ key }) => `${i}/${key}`))).size).toBe(30 * (name === 'alerts' ? count : count + 1));
    }
  }

  it('is read whole, with one call for each page and one for the categories of each tenant', async () => {
    const stage = await begin(estate);
    await control(stage.sim, 'settings', { alertsMaxSize: 100 });
    await readAll(stage);
    expect(Object.fromEntries(stage.calls)).toEqual({
      '/endpoint/v1/endpoints': 30 * 2,
      '/common/v1/alerts': 30 * 8,
      '/endpoint/v1/settings/web-control/local-sites': 30 * 2,
      '/endpoint/v1/settings/web-control/categories': 30,
    });
  });

  it('is read whole through whatever can go wrong', async () => {
    const stage = await begin({ ...estate, tenants: 5 });
    const kinds = ['401', '500', '502-html', '503', 'html-200', 'reset', 'truncate', 'truncate-json', 'revoke', 'repeat'];
    await control(stage.sim, 'faults', { rate: 0.3, seed: 5, kinds, paths: '^/(common|endpoint)/' });
    for (const [name, count] of [
      ['endpoints', 600],
      ['local-sites', 130],
      ['alerts', 800],
    ] as const) {
      const from = name === 'alerts' ? kindOf(name).restart(Date.now() - 90 * day - 1000) : null;
      for (const stream of stage.open(name, { pageSize: 50, ...(name === 'alerts' ? { days: 90 } : {}) })) {
        expect(new Set(idsOf(await read(stream, from))).size).toBe(count);
      }
    }
  });
});

describe('every kind of snapshot', () => {
  it('brings what the simulator has, in pages, and its end', async () => {
    const stage = await begin({ endpoints: 60 });
    await control(stage.sim, 'settings', { runs: 'at-once' });
    for (const { name, pastMs, pageSize } of streams) {
      if (pastMs !== null && name !== 'detections') continue;
      const [stream] = stage.open(name, pageSize ? { pageSize: 3 } : {});
      if (!stream) throw new Error('there is no tenant');
      const told = await read(stream, null);
      const end = told.at(-1);
      expect([name, end?.item.items], name).toEqual([name, told.length - 1]);
      expect(told.length, name).toBeGreaterThan(1);
      expect(new Set(told.map(({ key }) => key)).size, name).toBe(told.length);
    }
  });
});
