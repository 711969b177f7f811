/** A partner's whole estate, read by the program: every item once, in as few calls as the page maximum allows. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compare, type Ended, idsOf, nothingWrong, plentyOfCalls } from './house.ts';
import { openStage, type Stage } from './stage.ts';

const tenants = 30;
const estate = { account: 'partner', tenants, endpoints: 600, openAlertsPerTenant: 800, localSitesPerTenant: 130, eventsPerTenant: 0, alertsPerTenant: 0 };
const paths = {
  endpoints: '/endpoint/v1/endpoints',
  alerts: '/common/v1/alerts',
  'local-sites': '/endpoint/v1/settings/web-control/local-sites',
} as const;
const categories = '/endpoint/v1/settings/web-control/categories';
type Big = keyof typeof paths;

const lineOf = (stream: Big) => ['get', stream, ...(stream === 'alerts' ? ['--days', '90'] : [])];

async function openEstate(onTestFinished: Parameters<typeof openStage>[0], options: object = estate): Promise<Stage> {
  const stage = await openStage(onTestFinished, options);
  await stage.configure(`central: { ${plentyOfCalls} }\n`);
  return stage;
}

/** How often each path was answered well since the log was last emptied. */
async function wellAnswered({ simulator }: Stage): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const line of (await simulator.ask('GET', '/_sim/requests')).split('\n').filter(Boolean)) {
    const { path, status, transport } = JSON.parse(line) as { path: string; status: number; transport?: string };
    if (status === 200 && !['reset', 'truncate', 'hang'].includes(transport ?? '')) counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return counts;
}

interface Allowed {
  readonly pages: number;
  /** New tokens, where sessions end on the way. */
  readonly tokens?: number;
}

async function expectWhole(stage: Stage, stream: Big, ended: Ended, { pages, tokens = 1 }: Allowed): Promise<void> {
  expect(ended.code, ended.stderr).toBe(0);
  const truth = await stage.simulator.truth(`&stream=${stream}`);
  const found = idsOf(ended.stdout);
  expect(found).toHaveLength(truth.length);
  expect(compare(truth, found)).toEqual(nothingWrong);
  const calls = await wellAnswered(stage);
  const allowed: Record<string, number> = { '/api/v2/oauth2/token': tokens, '/whoami/v1': 1, '/partner/v1/tenants': 1, [paths[stream]]: tenants * pages };
  if (stream === 'local-sites') allowed[categories] = tenants;
  for (const [path, count] of calls) expect(count, path).toBeLessThanOrEqual(allowed[path] ?? 0);
}

/** What goes wrong on the way to a real API, in a way that ends: each at most as often in a row as a one-shot command asks. */
const faults = {
  rate: 0.15,
  seed: 42,
  kinds: ['429', '429-retry-after', '500', '503', '502-html', 'reset', 'truncate', 'slow', 'drip', 'revoke'],
  retryAfterS: 1,
  slowMs: 50,
  bytesPerS: 4_000_000,
};

describe('a partner of 30 tenants with 600 endpoints, 800 alerts and 130 local sites each', () => {
  it('is read whole, every item once, in no more calls than the pages need', async ({ onTestFinished }) => {
    const stage = await openEstate(onTestFinished);
    for (const [stream, pages] of [
      ['endpoints', 2],
      ['alerts', 1],
      ['local-sites', 2],
    ] as const) {
      await stage.simulator.ask('DELETE', '/_sim/requests');
      const ended = await stage.run(...lineOf(stream));
      await expectWhole(stage, stream, ended, { pages });
      expect(idsOf(ended.stdout)).toHaveLength(tenants * { endpoints: 600, alerts: 800, 'local-sites': 130 }[stream]);
      expect(ended.peakBytes, `peak of ${stream}`).toBeLessThan(300e6);
    }

    // The API tells another maximum today.
    await stage.simulator.ask('POST', '/_sim/settings', { alertsMaxSize: 100 });
    await stage.simulator.ask('DELETE', '/_sim/requests');
    await expectWhole(stage, 'alerts', await stage.run(...lineOf('alerts')), { pages: 8 });
  });

  it('comes into one file for each tenant, named after it and its id, thirty at a time', async ({ onTestFinished }) => {
    const stage = await openEstate(onTestFinished);
    const { items } = JSON.parse(await stage.simulator.ask('GET', '/_sim/tenants')) as { items: { id: string; name: string }[] };
    for (const stream of ['endpoints', 'local-sites'] as const) {
      const ended = await stage.run(...lineOf(stream), '--out-dir', stream, '--concurrency', '30');
      expect(ended.code, ended.stderr).toBe(0);
      expect(ended.stdout).toBe('');
      expect(ended.peakBytes, `peak of ${stream}`).toBeLessThan(450e6);
      const folder = join(stage.folder.path, stream);
      // A name that ends with a dot is written without it.
      const names = new Map(items.map(({ id, name }) => [id, `${name.replace(/\.$/, '')}_${id}.json`]));
      expect((await readdir(folder)).sort()).toEqual([...names.values()].sort());
      for (const [id, name] of names) {
        const file = join(folder, name);
        if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
        const records = JSON.parse(await readFile(file, 'utf8')) as { id: string; tenant: { id: string; name: string } }[];
        expect(new Set(records.map(({ tenant }) => tenant.id))).toEqual(new Set([id]));
        const found = records.map((record) => record.id);
        expect(compare(await stage.simulator.truth(`&stream=${stream}&tenant=${id}`), found)).toEqual(nothingWrong);
      }
    }
  });

  it('is read just so while 15 % of all calls fail, with the same number of calls that succeed', async ({ onTestFinished }) => {
    const stage = await openEstate(onTestFinished);
    await stage.simulator.ask('POST', '/_sim/faults', faults);
    for (const [stream, pages] of [
      ['endpoints', 2],
      ['alerts', 1],
      ['local-sites', 2],
    ] as const) {
      await stage.simulator.ask('DELETE', '/_sim/requests');
      const ended = await stage.run(...lineOf(stream), '--concurrency', '16');
      const log = await stage.simulator.ask('GET', '/_sim/requests');
      await expectWhole(stage, stream, ended, { pages, tokens: 1 + log.split('"status":401').length });
    }
  });

  it('is read whole though lists repeat items, send empty or broken pages and lose their way', async ({ onTestFinished }) => {
    const stage = await openEstate(onTestFinished);
    for (const stream of ['endpoints', 'alerts', 'local-sites'] as const) {
      await stage.simulator.ask('DELETE', '/_sim/faults');
      // Alerts of 100 a page: a list of one page has nothing to twist.
      await stage.simulator.ask('POST', '/_sim/settings', { alertsMaxSize: 100 });
      const twists = (tenant: number, kind: string) => ({ path: paths[stream], tenant, kind, times: 1 });
      const sequence = Array.from({ length: tenants }, (_, tenant) =>
        twists(tenant, ['repeat', 'empty-page', 'key-loop', 'html-200', 'truncate-json'][tenant % 5] as string),
      );
      await stage.simulator.ask('POST', '/_sim/faults', { sequence });
      const ended = await stage.run(...lineOf(stream));
      expect(ended.code, ended.stderr).toBe(0);
      const truth = await stage.simulator.truth(`&stream=${stream}`);
      expect(compare(truth, idsOf(ended.stdout))).toEqual(nothingWrong);
    }
  });

  it('never passes off a part of a list as the whole', async ({ onTestFinished }) => {
    const stage = await openEstate(onTestFinished, { ...estate, tenants: 2 });
    await stage.simulator.ask('POST', '/_sim/faults', { sequence: [{ path: paths.endpoints, tenant: 1, kind: 'key-loop', times: 1000 }] });
    const { code, stdout, stderr } = await stage.run('get', 'endpoints', '--out-dir', 'out');
    expect(code, stderr).toBe(4);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/not be read to its end: the pages that Central sends run in a circle/);
    expect(await readdir(join(stage.folder.path, 'out'))).toHaveLength(1);
  });

  it('is read without a tenant that is forbidden, which is named, with exit code 4', async ({ onTestFinished }) => {
    const stage = await openEstate(onTestFinished);
    const { items } = JSON.parse(await stage.simulator.ask('GET', '/_sim/tenants')) as { items: { id: string; name: string }[] };
    const forbidden = items[7] ?? { id: '', name: '' };
    await stage.simulator.ask('POST', '/_sim/faults', { forbidden: { tenants: [7], form: 'A' } });
    for (const stream of ['endpoints', 'alerts', 'local-sites'] as const) {
      const { code, stdout, stderr } = await stage.run(...lineOf(stream));
      expect(code, stderr).toBe(4);
      expect(stderr).toContain(`${forbidden.name} (${forbidden.id})`);
      expect(stderr).toContain('403');
      const without = new Set(await stage.simulator.truth(`&stream=${stream}&tenant=${forbidden.id}`));
      const truth = (await stage.simulator.truth(`&stream=${stream}`)).filter((id) => !without.has(id));
      expect(compare(truth, idsOf(stdout))).toEqual(nothingWrong);
    }
  });
});

describe('every other stream of `get`', () => {
  it('has what the simulator has', async ({ onTestFinished }) => {
    const stage = await openEstate(onTestFinished, {
      account: 'partner',
      tenants: 3,
      endpoints: 60,
      usersPerTenant: 130,
      policiesPerTenant: 120,
      eventsPerTenant: 0,
    });
    await stage.simulator.ask('POST', '/_sim/settings', { runs: 'at-once' });
    const streams = ['users', 'admins', 'roles', 'user-groups', 'endpoint-groups', 'policies', 'firewalls', 'firewall-groups', 'licenses', 'cases'];
    for (const stream of streams) {
      const ended = await stage.run('get', stream, '--output', 'json');
      expect(ended.code, ended.stderr).toBe(0);
      const found = (JSON.parse(ended.stdout) as { id: string }[]).map(({ id }) => id);
      const truth = await stage.simulator.truth(`&stream=${stream}`);
      expect(truth.length, stream).toBeGreaterThan(0);
      expect(found, stream).toHaveLength(truth.length);
      expect(compare(truth, found), stream).toEqual(nothingWrong);
    }
    const { stdout } = await stage.run('get', 'detections', '--days', '30', '--output', 'json');
    const detections = (await stage.simulator.ask('GET', '/_sim/truth?stream=detections'))
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { item: { id: string; time: string; suppressed?: string } }).item)
      // Central leaves these out unless they are asked for.
      .filter(({ suppressed }) => suppressed !== 'true');
    const isWithin = (days: number) => detections.filter((item) => Date.now() - Date.parse(item.time) < days * 86_400_000).map(({ id }) => id);
    const found = (JSON.parse(stdout) as { id: string }[]).map(({ id }) => id);
    // Those of the very edge leave the window while it is read.
    expect(isWithin(29.9).length).toBeGreaterThan(100);
    expect(compare(isWithin(29.9), found)).toMatchObject({ lost: 0, repeated: 0 });
    expect(compare(isWithin(30.1), found)).toMatchObject({ strange: 0 });

    const health = await stage.run('get', 'account-health', '--output', 'json');
    expect(health.code, health.stderr).toBe(0);
    expect((JSON.parse(health.stdout) as { tenant: { id: string } }[]).map(({ tenant }) => tenant.id)).toHaveLength(3);
  });
});

describe('the allowance', () => {
  it('is kept by default: never more than ten calls in a second, however many tenants are read side by side', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'partner', tenants: 25, endpoints: 20, eventsPerTenant: 0 });
    const ended = await stage.run('get', 'endpoints', '--concurrency', '25');
    expect(ended.code, ended.stderr).toBe(0);
    expect(idsOf(ended.stdout)).toHaveLength(500);
    const { peakPerSecond, throttled } = JSON.parse(await stage.simulator.ask('GET', '/_sim/stats')) as { peakPerSecond: number; throttled: number };
    expect(peakPerSecond).toBeLessThanOrEqual(10);
    expect(throttled).toBe(0);
  });
});
