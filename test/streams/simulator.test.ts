/** The client and the streams against the simulator, which shares no code with them: what is read is what there was. */
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import { textOf } from '../../src/core/pack.ts';
import type { Checkpoint, Stream } from '../../src/core/types.ts';
import type { Report } from '../../src/core/world.ts';
import { SophosCentral, type SophosCentralOptions } from '../../src/index.ts';
import { type RunningSimulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts';
import { events } from '../../src/streams/events.ts';
import type { StreamKind } from '../../src/streams/kind.ts';
import { siemAlerts } from '../../src/streams/siem-alerts.ts';
import { openTestWorld } from '../clients/world.ts';

const streams: readonly StreamKind[] = [events, siemAlerts];
const never = new AbortController().signal;
const generous = { second: 10_000, minute: 100_000, hour: 1_000_000, day: 1_000_000 };
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function begin(options: SimulatorOptions, client: Partial<SophosCentralOptions> = {}, limit = 1000) {
  const sim = await startSimulator(options);
  closers.push(() => sim.close());
  const { world, reports, close } = openTestWorld();
  closers.push(close);
  const { clientId, clientSecret, url } = sim;
  const central = new SophosCentral({ clientId, clientSecret, authUrl: url, apiUrl: url, rateLimits: generous, retries: 0, timeoutMs: 2000, world, ...client });
  const open: Stream[] = [];
  for await (const tenant of central.tenants) {
    expect(central.tenants.whyNot(tenant)).toBeNull();
    const { id, name, apiHost = null } = tenant;
    for (const kind of streams) open.push(kind.open(kind.options.parse({ since: '24h', limit }), { id, name, labels: {}, apiHost }, central, world));
  }
  return { sim, central, open, reports };
}
async function control(sim: RunningSimulator, path: string, wish?: unknown): Promise<string> {
  const response = await fetch(`${sim.url}/_sim/${path}`, wish === undefined ? {} : { method: 'POST', body: JSON.stringify(wish) });
  expect(response.status).toBe(200);
  return response.text();
}
/** `tenant/stream/id` to the item's text. */
async function truthOf(sim: RunningSimulator): Promise<Map<string, string>> {
  const truth = new Map<string, string>();
  for (const line of (await control(sim, 'truth')).split('\n').filter((each) => each !== '')) {
    const { tenant, stream, id } = JSON.parse(line);
    truth.set(`${tenant}/${stream}/${id}`, line.slice(line.indexOf(',"item":') + 8, -1));
  }
  return truth;
}
/** Reads to the end, starting again at the last place after each failure, as the engine does. */
async function read(stream: Stream, read: Map<string, string>, failures: Failure[] = [], from: Checkpoint | null = null): Promise<Checkpoint | null> {
  let at = from;
  for (;;) {
    try {
      const page = await stream.fetch(at, never);
      page.items.keys.forEach((key, i) => void read.set(`${stream.id}/${key}`, Buffer.from(textOf(page.items, i)).toString()));
      at = page.next;
      if (!page.more) return at;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
      if (failures.length > 5000) throw error;
    }
  }
}
const isStuck = ({ name }: Report) => name === 'stream.cursor-stuck';

describe('reading the simulator', () => {
  it('brings every record of every tenant, byte for byte', async () => {
    const { sim, open } = await begin({ account: 'partner', tenants: 130, eventsPerTenant: 20 });
    expect(open).toHaveLength(260);
    const got = new Map<string, string>();
    await Promise.all(open.map((stream) => read(stream, got)));
    expect(got).toEqual(await truthOf(sim));
  });

  it('brings every record of large pages', async () => {
    const { sim, open } = await begin({ eventsPerTenant: 12_345 });
    const got = new Map<string, string>();
    for (const stream of open) await read(stream, got);
    const truth = await truthOf(sim);
    expect(truth.size).toBeGreaterThan(12_345);
    expect(got).toEqual(truth);
  });

  it('loses nothing to whatever can go wrong, and names each fault', async () => {
    const { sim, open, reports } = await begin({ account: 'organization', tenants: 6, eventsPerTenant: 5000, seed: 7 }, {}, 200);
    const kinds = [
      '401',
      '500',
      '500-full',
      '502-html',
      '503',
      '504-html',
      'html-200',
      'redirect',
      'reset',
      'truncate',
      'truncate-json',
      'revoke',
      'expire-cursor',
      'refuse-cursor',
      'repeat',
      'reorder',
      'empty-more',
      'cursor-loop',
    ];
    await control(sim, 'faults', { rate: 0.35, seed: 11, kinds, paths: '^/siem/' });
    const got = new Map<string, string>();
    const failures: Failure[] = [];
    // One after the other, so that a seed gives the same faults. A read that a loop of cursors ended goes on in its next turn.
    for (const stream of open) {
      let at: Checkpoint | null = null;
      for (let turn = 0; turn < 4; turn++) at = await read(stream, got, failures, at);
    }
    const truth = await truthOf(sim);
    expect(failures.length).toBeGreaterThan(10);
    expect(new Set(failures.map(({ kind }) => kind))).toEqual(new Set(['transient']));
    expect(failures.map(({ code }) => code)).toEqual(expect.arrayContaining(['central.bad-body', 'central.unavailable', 'central.redirected']));
    expect(reports.some(isStuck)).toBe(true);
    expect(got).toEqual(truth);
  });

  it('stays within an allowance that is enforced: no call is refused', async () => {
    const limits = { second: 20, minute: 100_000, hour: 100_000, day: 100_000 };
    const { sim, open } = await begin({ account: 'partner', tenants: 20, eventsPerTenant: 5, rateLimits: limits }, { rateLimits: limits });
    const got = new Map<string, string>();
    await Promise.all(open.map((stream) => read(stream, got)));
    const stats = JSON.parse(await control(sim, 'stats'));
    expect(stats.throttled).toBe(0);
    expect(stats.peakPerSecond).toBeLessThanOrEqual(20);
    expect(got).toEqual(await truthOf(sim));
  });

  it('reads the feeds with a legacy token', async () => {
    const { sim } = await begin({ eventsPerTenant: 700 });
    const { world, close } = openTestWorld();
    closers.push(close);
    const central = new SophosCentral({ siemToken: sim.siemToken, apiUrl: sim.url, rateLimits: generous, retries: 0, world });
    const got = new Map<string, string>();
    for await (const tenant of central.tenants) {
      for (const kind of streams) await read(kind.open(kind.options.parse({ since: '24h' }), { ...tenant, labels: {}, apiHost: null }, central, world), got);
    }
    expect(got).toEqual(await truthOf(sim));
  });
});
