/** The settings of the Endpoint API, and roles and policies: made, read, changed and deleted against the simulator. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type List, SophosCentral, type TenantCalls } from '../../../../src/index.ts';
import { type RunningSimulator, startSimulator } from '../../../../src/simulator/index.ts';

let simulator: RunningSimulator;
let central: SophosCentral;
let calls: TenantCalls;

beforeAll(async () => {
  simulator = await startSimulator({ account: 'tenant', endpoints: 20 });
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

async function idsOf(list: List<{ readonly id?: string | number | null }>): Promise<readonly unknown[]> {
  return (await list.all()).map(({ id }) => id);
}

async function firstEndpoint(type: 'computer' | 'server'): Promise<string> {
  const { items } = await calls.endpoints.list({ type: [type], pageSize: 1 }).page(null);
  return items.keys[0] as string;
}

const gone = { code: 'central.not-found' };

describe('settings', () => {
  it('allow and block items', async () => {
    const { allowedItems, blockedItems } = calls;
    const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    const allowed = await allowedItems.create({ type: 'path', properties: { fileName: 'a.exe', path: 'c:\\a.exe' }, comment: 'ours' });
    expect(await allowedItems.update(allowed.id, { comment: 'still ours' })).toMatchObject({ comment: 'still ours' });
    expect(await idsOf(allowedItems.list())).toContain(allowed.id);
    expect(await allowedItems.delete(allowed.id)).toEqual({ deleted: true });
    await expect(allowedItems.get(allowed.id)).rejects.toMatchObject(gone);
    const blocked = await blockedItems.create({ type: 'sha256', properties: { sha256 }, comment: 'theirs' });
    expect(await blockedItems.get(blocked.id)).toMatchObject({ properties: { sha256 } });
    expect(await idsOf(blockedItems.list())).toContain(blocked.id);
    expect(await blockedItems.delete(blocked.id)).toEqual({ deleted: true });
  });

  it('block addresses', async () => {
    const before = (await calls.blockedAddresses.list().all()).length;
    await calls.blockedAddresses.block({ items: [{ item: ['192.0.2.1', '192.0.2.0/24', '2001:db8::1'] }] });
    const all = await calls.blockedAddresses.list({ sort: ['createdAt:desc'] }).all();
    expect(all.length).toBeGreaterThan(before);
    const ids = all.flatMap(({ id }) => (id ? [id] : []));
    expect(await calls.blockedAddresses.unblock({ ids })).toMatchObject({ failedToDelete: [] });
    expect(await calls.blockedAddresses.list().all()).toEqual([]);
  });

  it('exclude from scanning, intrusion prevention and isolation', async () => {
    const { scanningExclusions, intrusionPreventionExclusions, isolationExclusions } = calls;
    const scanned = await scanningExclusions.create({ value: 'c:\\build', type: 'path', scanMode: 'onDemand' });
    expect(await scanningExclusions.update(scanned.id, { comment: 'large' })).toMatchObject({ value: 'c:\\build', comment: 'large' });
    expect(await idsOf(scanningExclusions.list({ type: 'path' }))).toContain(scanned.id);
    expect(await scanningExclusions.get(scanned.id)).toMatchObject({ id: scanned.id });
    expect(await scanningExclusions.delete(scanned.id)).toEqual({ deleted: true });
    for (const [exclusions, type] of [
      [intrusionPreventionExclusions, 'intrusionPrevention'],
      [isolationExclusions, 'isolation'],
    ] as const) {
      const made = await exclusions.create({ direction: 'inbound', localPorts: [22], remoteAddresses: ['192.0.2.1'] });
      expect(made).toMatchObject({ type, localPorts: [22] });
      expect(await exclusions.update(made.id, { direction: 'both' })).toMatchObject({ direction: 'both' });
      expect(await idsOf(exclusions.list())).toContain(made.id);
      expect(await exclusions.get(made.id)).toMatchObject({ id: made.id });
      expect(await exclusions.delete(made.id)).toEqual({ deleted: true });
    }
  });

  it('choose what is decrypted', async () => {
    const { tlsDecryption } = calls;
    const [category] = (await tlsDecryption.get()).categories ?? [];
    expect(category?.id).toEqual(expect.any(Number));
    await tlsDecryption.update({ categories: [{ id: category?.id ?? 0, decryptionEnabled: true }] });
    const site = { value: 'bank.example', comment: 'private' };
    expect(await tlsDecryption.updateExcludedWebsites({ add: [site] })).toMatchObject({ added: [site] });
    expect(await tlsDecryption.excludedWebsites().all()).toContainEqual(site);
    expect(await tlsDecryption.clearExcludedWebsites()).toEqual({ deleted: true });
    expect(await tlsDecryption.excludedWebsites().all()).toEqual([]);
  });

  it('protect applications from exploits', async () => {
    const { exploitMitigation } = calls;
    const made = await exploitMitigation.createApplication({ paths: ['$programfiles\\FooApp\\foo.exe'] });
    const modifications = { protected: true, settings: { DEP: false } };
    expect(await exploitMitigation.updateApplication(made.id, { modifications })).toMatchObject({ modifications });
    expect(await exploitMitigation.application(made.id)).toMatchObject({ id: made.id });
    expect(await idsOf(exploitMitigation.applications({ type: 'custom' }))).toContain(made.id);
    expect(await exploitMitigation.deleteApplication(made.id)).toEqual({ deleted: true });
    const [exploit] = await exploitMitigation.detectedExploits().all();
    expect(await exploitMitigation.detectedExploit(exploit?.id ?? '')).toEqual(expect.objectContaining({ id: exploit?.id }));
  });

  it('tell of peripherals and limit the event journal', async () => {
    const [peripheral] = await calls.peripherals.list({ lastSeenAfter: '-P365D' }).all();
    expect(await calls.peripherals.get(peripheral?.id ?? '')).toEqual(expect.objectContaining({ id: peripheral?.id }));
    await calls.eventJournal.update('computer', { useRecommended: false, diskSpaceLimitInMB: 15_000 });
    expect(await calls.eventJournal.get('computer')).toMatchObject({ useRecommended: false, diskSpaceLimitInMB: { value: 15_000 } });
  });
});

describe('groups, policies and roles', () => {
  it('group endpoints', async () => {
    const { endpointGroups } = calls;
    const endpoint = await firstEndpoint('computer');
    const group = await endpointGroups.create({ name: 'Test computers', type: 'computer', endpointIds: [] });
    expect(await endpointGroups.addEndpoints(group.id, { ids: [endpoint] })).toMatchObject({ addedEndpoints: [{ id: endpoint }] });
    expect(await idsOf(endpointGroups.endpoints(group.id))).toEqual([endpoint]);
    expect(await endpointGroups.removeEndpoints(group.id, { ids: [endpoint] })).toMatchObject({ removedEndpoints: [{ id: endpoint }] });
    expect(await endpointGroups.update(group.id, { description: 'for tests' })).toMatchObject({ description: 'for tests' });
    expect(await idsOf(endpointGroups.list({ groupType: 'computer' }))).toContain(group.id);
    expect(await idsOf(endpointGroups.listOfType('computer'))).toContain(group.id);
    await endpointGroups.addEndpoints(group.id, { ids: [endpoint] });
    expect(await endpointGroups.removeEndpoint(group.id, endpoint)).toEqual({ removed: true });
    expect(await endpointGroups.delete(group.id)).toEqual({ deleted: true });
  });

  it('lay policies over the base', async () => {
    const { policies, basePolicies } = calls;
    const [policy] = await policies.list({ policyType: 'threat-protection' }).all();
    const [key] = Object.keys(await policies.settings(policy?.id ?? ''));
    expect(await policies.setting(policy?.id ?? '', key ?? '')).toHaveProperty('value');
    const copy = await policies.clone(policy?.id ?? '', { name: 'A copy' });
    expect(await policies.update(copy.id, { enabled: false })).toMatchObject({ id: copy.id, enabled: false });
    expect(await policies.delete(copy.id)).toEqual({ deleted: true });
    expect(await policies.metadata({ policyType: 'threat-protection' })).toHaveProperty('items');
    expect(await basePolicies.get('threat-protection')).toMatchObject({ type: 'threat-protection' });
    expect(await basePolicies.settings('threat-protection')).toHaveProperty([key ?? '']);
    expect(await basePolicies.resetSetting('threat-protection', key ?? '')).toHaveProperty('value');
  });

  it('make roles, and give them to admins', async () => {
    const { roles, admins, users } = calls;
    const [set] = await roles.permissionSets({ principalType: 'user' }).all();
    const role = await roles.create({ name: 'Test role', principalType: 'user', permissionSets: [set?.id ?? ''] });
    const user = await users.create({ name: 'Admin Example', email: 'admin.test@example.com' });
    const admin = await admins.create({ userId: user.id, roleAssignments: [{ roleId: role.id }] });
    const [assignment] = await admins.roleAssignments(admin.id).all();
    expect(await admins.roleAssignment(admin.id, assignment?.id ?? '')).toMatchObject({ roleId: role.id });
    expect(await idsOf(admins.list())).toContain(admin.id);
    expect(await admins.delete(admin.id)).toEqual({ deleted: true });
    expect(await roles.update(role.id, { description: 'for tests' })).toMatchObject({ description: 'for tests' });
    expect(await roles.delete(role.id)).toEqual({ deleted: true });
  });

  it('tell of software and its installers', async () => {
    const { packages, downloads } = calls;
    expect((await packages.recommended().all()).length).toBeGreaterThan(0);
    const [fixed] = await packages.list().all();
    expect(await packages.setComment(fixed?.id ?? '', { comment: 'for old servers' })).toMatchObject({ comment: 'for old servers' });
    expect((await packages.comments().all()).map(({ comment }) => comment)).toContain('for old servers');
    expect(await packages.deleteComment(fixed?.id ?? '')).toEqual({ deleted: true });
    const { installers } = await downloads.get({ platforms: ['windows'] });
    expect(installers?.every(({ platform }) => platform === 'windows')).toBe(true);
  });
});
