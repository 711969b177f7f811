/** The calls of the Common and Endpoint APIs, as a user writes them, against the simulator. */
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { type Alert, type Endpoint, type List, type LocalSite, SophosCentral, type TamperProtection, type TenantCalls } from '../../../../src/index.ts';
import { type RunningSimulator, startSimulator } from '../../../../src/simulator/index.ts';

let simulator: RunningSimulator;
let central: SophosCentral;
let calls: TenantCalls;

beforeAll(async () => {
  simulator = await startSimulator({ account: 'tenant', endpoints: 1100, openAlertsPerTenant: 2100, localSitesPerTenant: 230, usersPerTenant: 120 });
  const { clientId, clientSecret, url } = simulator;
  const rateLimits = { second: 1000, minute: 100_000, hour: 1_000_000, day: 1_000_000 };
  central = new SophosCentral({ clientId, clientSecret, authUrl: url, apiUrl: url, rateLimits });
  const { id, apiHosts } = await central.whoami();
  calls = central.forTenant({ id, apiHost: apiHosts.dataRegion ?? null });
});
afterAll(async () => {
  await central.close();
  await simulator.close();
});

async function pagesOf<T extends { readonly id: string }>(list: List<T>): Promise<readonly (readonly T[])[]> {
  const pages: (readonly T[])[] = [];
  for await (const { items } of list.pages()) pages.push(items);
  expect(new Set(pages.flat().map(({ id }) => id)).size).toBe(pages.flat().length);
  return pages;
}

describe('lists', () => {
  it('of endpoints, alerts and local sites come whole, in as few pages as Central allows', async () => {
    expect((await pagesOf(calls.endpoints.list({ view: 'full' }))).map(({ length }) => length)).toEqual([500, 500, 100]);
    expect((await pagesOf(calls.alerts.list({ from: new Date(0) }))).map(({ length }) => length)).toEqual([1000, 1000, 100]);
    expect((await pagesOf(calls.alerts.search({ from: new Date(0) }))).flat()).toHaveLength(2100);
    expect((await pagesOf(calls.localSites.list())).map(({ length }) => length)).toEqual([100, 100, 30]);
    expect((await pagesOf(calls.users.list({ sort: ['name:asc'] }))).flat()).toHaveLength(120);
  });

  it('tell how many there are to who asks for it', async () => {
    const { info } = await calls.endpoints.list({ pageTotal: true, pageSize: 10 }).page(null);
    expect(info).toMatchObject({ size: 10, maxSize: 500, items: 1100, total: 110 });
  });

  it('without pages are lists all the same', async () => {
    const categories = await calls.webCategories.list().all();
    expect(categories.length).toBeGreaterThan(50);
    expectTypeOf(categories[0]?.id).toEqualTypeOf<number | undefined>();
    expect((await calls.roles.list().all()).length).toBeGreaterThan(0);
    expect((await calls.exploitMitigation.categories().all()).length).toBeGreaterThan(0);
  });

  it('have their types', () => {
    expectTypeOf(calls.endpoints.list()).toEqualTypeOf<List<Endpoint>>();
    expectTypeOf(calls.alerts.list({ severity: ['high', 'brand-new'], to: new Date() })).toEqualTypeOf<List<Alert>>();
    expectTypeOf(calls.localSites.list).parameter(0).toExtend<{ readonly pageSize?: number | undefined } | undefined>();
    // @ts-expect-error: there is no such filter.
    expectTypeOf(calls.endpoints.list({ healthState: ['good'] })).toEqualTypeOf<List<Endpoint>>();
    expectTypeOf(calls.endpoints.get).parameters.toExtend<[string, object?]>();
  });
});

describe('one object', () => {
  it('of an endpoint is isolated, scanned, told to update, and deleted', async () => {
    const [first, second] = (await calls.endpoints.list({ type: ['computer'], pageSize: 2 }).page(null)).items.keys as [string, string];
    expect(await calls.endpoints.get(first, { view: 'full' })).toMatchObject({ id: first });
    expect(await calls.endpoints.scan(first)).toMatchObject({ status: 'requested' });
    expect(await calls.endpoints.checkForUpdates(first)).toMatchObject({ status: 'requested' });
    expect(await calls.endpoints.isolate({ enabled: true, comment: 'odd traffic', ids: [first, second] })).toMatchObject({
      items: [{ id: first }, { id: second }],
    });
    expect(await calls.endpoints.isolation(first)).toMatchObject({ comment: 'odd traffic' });
    expect(await calls.endpoints.delete(second)).toEqual({ deleted: true });
    await expect(calls.endpoints.get(second)).rejects.toMatchObject({ code: 'central.not-found' });
    expect(await calls.endpoints.deleteMany({ endpointIds: [first] })).toEqual({ endpointIds: [first] });
  });

  it('of tamper protection has its password', async () => {
    const [id] = (await calls.endpoints.list({ pageSize: 1 }).page(null)).items.keys as [string];
    const before: TamperProtection = await calls.endpoints.tamperProtection(id);
    const after = await calls.endpoints.setTamperProtection(id, { regeneratePassword: true });
    expect(typeof before.password).toBe('string');
    expect(after.password).not.toBe(before.password);
    expect(await calls.tamperProtection.get()).toMatchObject({ enabled: expect.any(Boolean) });
  });

  it('of a local site is made, changed and deleted, twice if need be', async () => {
    const made: LocalSite = await calls.localSites.create({ url: 'intranet.example', categoryId: 6, comment: 'ours' });
    expect(await calls.localSites.update(made.id, { tags: ['own'] })).toMatchObject({ url: 'intranet.example', tags: ['own'] });
    expect(await calls.localSites.get(made.id)).toMatchObject({ categoryId: 6, comment: 'ours' });
    expect(await calls.localSites.delete(made.id)).toEqual({ deleted: true });
    expect(await calls.localSites.delete(made.id)).toEqual({ deleted: true });
    await expect(calls.localSites.get(made.id)).rejects.toMatchObject({ code: 'central.not-found' });
  });

  it('of an alert is acted on as it allows', async () => {
    for await (const { id, allowedActions } of calls.alerts.list()) {
      const [action] = allowedActions ?? [];
      if (action === undefined) continue;
      expect(await calls.alerts.act(id, { action, message: 'seen' })).toMatchObject({ alertId: id, action });
      return;
    }
    expect.unreachable('no alert allows anything');
  });

  it('of the directory is made, put into a group and taken out of it', async () => {
    const user = await calls.users.create({ name: 'Dana Example', email: 'dana.test@example.com' });
    const group = await calls.userGroups.create({ name: 'Test group', userIds: [user.id] });
    expect((await calls.userGroups.users(group.id).all()).map(({ id }) => id)).toEqual([user.id]);
    expect(await calls.userGroups.removeUsers(group.id, { ids: [user.id] })).toMatchObject({ removedUsers: [{ id: user.id }] });
    expect(await calls.userGroups.addUsers(group.id, { ids: [user.id] })).toMatchObject({ addedUsers: [{ id: user.id }] });
    expect(await calls.users.removeFromGroup(user.id, group.id)).toEqual({ removed: true });
    expect(await calls.userGroups.delete(group.id)).toEqual({ deleted: true });
    expect(await calls.users.delete(user.id)).toEqual({ deleted: true });
  });
});
