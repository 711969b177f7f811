/** Calls of many groups against the simulator: what is made can be read, what is deleted is gone, and runs come to their end. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import type { Clock } from '../../../../src/core/world.ts';
import { runDetectionGroups, runDetections, runLiveDiscover, runXdr, SophosCentral, type SophosCentralOptions } from '../../../../src/index.ts';
import { type RunningSimulator, type SimulatorOptions, startSimulator } from '../../../../src/simulator/index.ts';
import { openTestWorld } from '../../world.ts';

let closers: (() => Promise<void>)[] = [];
beforeEach(() => {
  closers = [];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

async function open(options: SimulatorOptions = {}, more: Partial<SophosCentralOptions> = {}) {
  const simulator = await startSimulator({ seed: 5, ...options });
  const { world, close } = openTestWorld();
  closers.push(() => simulator.close(), close);
  const { url, clientId, clientSecret } = simulator;
  const rateLimits = { second: 10_000, minute: 100_000, hour: 1_000_000, day: 1_000_000 };
  const central = new SophosCentral({ clientId, clientSecret, authUrl: url, apiUrl: url, rateLimits, retries: 0, world, ...more });
  const [tenant] = await all(central.tenants);
  if (!tenant) throw new Error('there is no tenant');
  return { simulator, central, tenant: central.forTenant(tenant) };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const every: T[] = [];
  for await (const item of items) every.push(item);
  return every;
}

/** Sleeping moves the simulator on instead. */
function movingClock({ url }: RunningSimulator): Clock {
  let at = 0;
  return {
    ...systemClock,
    monotonic: () => at,
    async sleep(ms) {
      at += ms;
      await control(url, 'clock', { advanceMs: ms });
    },
  };
}

async function control(url: string, what: string, body: unknown): Promise<void> {
  const { ok } = await fetch(`${url}/_sim/${what}`, { method: 'POST', body: JSON.stringify(body) });
  if (!ok) throw new Error(`the simulator refused ${what}`);
}

describe('a run against the simulator', () => {
  it('of every kind is waited for and listed, each row once', async () => {
    const { simulator, tenant } = await open();
    const clock = movingClock(simulator);
    const detections = await runDetections(tenant, { from: new Date(Date.now() - 29 * 86_400_000) }, { clock }).all();
    expect(detections.length).toBeGreaterThan(100);
    expect(new Set(detections.map(({ id }) => id)).size).toBe(detections.length);
    const groups = await runDetectionGroups(tenant, {}, { clock }).all();
    expect(groups.length).toBeGreaterThan(0);
    const live = runLiveDiscover(
      tenant,
      { adHocQuery: { name: 'all', template: 'select name, path from processes' }, matchEndpoints: { all: true } },
      { clock, pageSize: 7 },
    );
    const rows = await live.all();
    expect(rows).toHaveLength((await live.finished()).resultCount ?? -1);
    const xdr = await runXdr(tenant, { adHocQuery: { template: 'select name from xdr_data' } }, { clock, pageSize: 7 }).all();
    expect(xdr.length).toBeGreaterThan(7);
  });

  it.each(['failed', 'timedOut', 'canceled'] as const)('that is %s says so', async (runResult) => {
    const { simulator, tenant } = await open();
    await control(simulator.url, 'settings', { runResult, runs: 'at-once' });
    const failed = runXdr(tenant, { adHocQuery: { template: 'select name from xdr_data' } }, { clock: movingClock(simulator) }).all();
    await expect(failed).rejects.toMatchObject({ kind: 'rejected', code: 'central.run-failed', message: expect.stringContaining(`"${runResult}"`) });
  });

  it('is over after a day, and can be cancelled before its end', async () => {
    const { simulator, tenant } = await open();
    const clock = movingClock(simulator);
    const waiting = runDetections(tenant, {}, { clock });
    await waiting.all();
    await control(simulator.url, 'clock', { advanceMs: 86_400_000 });
    await expect(waiting.all()).rejects.toMatchObject({ code: 'central.run-gone' });
    const query = runXdr(tenant, { adHocQuery: { template: 'select name from xdr_data' } }, { clock });
    const { id } = await query.started();
    expect(await tenant.xdr.cancel(id)).toEqual({ canceled: true });
    await expect(query.all()).rejects.toMatchObject({ code: 'central.run-failed', message: expect.stringContaining('canceled') });
  });
});

describe('a tenant’s calls against the simulator', () => {
  it('list everything, with ids that are there once', async () => {
    const { tenant } = await open();
    const lists = {
      cases: tenant.cases.list(),
      firewalls: tenant.firewalls.list(),
      firewallGroups: tenant.firewallGroups.list(),
      licenses: tenant.licenses.list(),
      mailboxes: tenant.mailboxes.list(),
      mobileDevices: tenant.mobileDevices.list(),
      mobileDeviceGroups: tenant.mobileDeviceGroups.list(),
      mobileOperatingSystems: tenant.mobileOperatingSystems.list(),
      liveDiscover: tenant.liveDiscover.queries(),
      categories: tenant.xdr.categories(),
      runtimeProfiles: tenant.runtimeProfiles.list(),
    };
    for (const [name, list] of Object.entries(lists)) {
      const items: readonly { readonly id: string }[] = await (list as AsyncIterable<{ id: string }> & { all(): Promise<{ id: string }[]> }).all();
      expect(items.length, name).toBeGreaterThan(0);
      expect(new Set(items.map(({ id }) => id)).size, name).toBe(items.length);
    }
    expect((await tenant.licenses.firewalls().all()).length).toBeGreaterThan(0);
    const month = { beginDate: new Date(Date.now() - 30 * 86_400_000), endDate: new Date() };
    for (const list of [tenant.quarantine, tenant.postDeliveryQuarantine]) {
      const messages = await list.search(month).all();
      expect(messages.length).toBeGreaterThan(0);
      expect((await list.search(month, { pageSize: 3 }).all()).length).toBe(messages.length);
      expect(await list.preview(messages[0]?.id ?? '')).toMatchObject({ headers: expect.any(Array) });
    }
    expect(await tenant.accountHealth.check()).toMatchObject({ endpoint: expect.anything() });
  });

  it('make, change and delete', async () => {
    const { tenant } = await open();
    const made = await tenant.cases.create({ name: 'Odd sign-ins', type: 'investigation', managedBy: 'self', severity: 'high' });
    expect(await tenant.cases.update(made.id, { status: 'investigating' })).toMatchObject({ id: made.id, status: 'investigating' });
    expect((await tenant.cases.list({ managedBy: 'self' }).all()).map(({ id }) => id)).toContain(made.id);
    expect(await tenant.cases.delete(made.id)).toEqual({ deleted: true });
    await expect(tenant.cases.get(made.id)).rejects.toMatchObject({ code: 'central.not-found' });

    const location = await tenant.dnsLocations.create({ name: 'Dublin', ipList: ['192.0.2.1'] });
    expect((await tenant.dnsLocations.get(location.id)).name).toBe('Dublin');
    expect(await tenant.dnsLocations.delete(location.id)).toEqual({ deleted: true });

    await tenant.wifi.setMacFilter({ macAddresses: ['5c:85:7e:32:97:26'] });
    expect((await tenant.wifi.macFilter()).macAddresses).toEqual(['5c:85:7e:32:97:26']);

    const token = await tenant.accessTokens.create({ label: 'sensor', type: 'sophosLinuxSensor' });
    expect((await tenant.accessTokens.list().all()).map(({ id }) => id)).toContain(token.id);
    expect(await tenant.accessTokens.revoke(token.id)).toEqual({ deleted: true });

    const [profile] = await tenant.runtimeProfiles.list().all();
    await tenant.runtimeProfiles.rename(profile?.id ?? '', { name: 'Renamed' });
    expect((await tenant.runtimeProfiles.get(profile?.id ?? '')).name).toBe('Renamed');
  });

  it('are refused without what they are about, and nothing is sent', async () => {
    const { tenant } = await open();
    await expect(tenant.firewalls.cancelUpgrade({ ids: [] })).rejects.toMatchObject({ code: 'central.bad-parameter' });
    await expect(tenant.runtimeProfiles.deleteMany({ profileIds: [] })).rejects.toMatchObject({ code: 'central.bad-parameter' });
    // @ts-expect-error: the query is needed
    await expect(tenant.runtimeProfiles.deleteMany()).rejects.toMatchObject({ code: 'central.bad-parameter' });
  });
});

describe('an account’s calls against the simulator', () => {
  it('of a partner', async () => {
    const { central } = await open({ account: 'partner', tenants: 103 });
    const tenants = await central.partner.tenants.list().all();
    expect(tenants).toHaveLength(103);
    const role = await central.partner.roles.create({ name: 'Night shift', principalType: 'user', permissionSets: [] }).catch((error: unknown) => error);
    if (!(role instanceof Error)) expect(await central.partner.roles.delete((role as { id: string }).id)).toEqual({ deleted: true });
    expect((await central.partner.roles.list().all()).length).toBeGreaterThan(0);
    expect((await central.partner.admins.list().all()).length).toBeGreaterThan(0);
    expect((await central.partner.billing.usage('2026', '10').all()).length).toBeGreaterThan(0);
    await expect(central.organization.tenants.list().all()).rejects.toMatchObject({ name: 'CentralError' });
  });

  it('of an organization', async () => {
    const { central } = await open({ account: 'organization', tenants: 3 });
    const [first] = await central.organization.tenants.list().all();
    expect(await central.organization.tenants.get(first?.id ?? '')).toMatchObject({ id: first?.id });
  });
});
