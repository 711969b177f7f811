import { describe, expect, test } from 'vitest';
import { asTenant } from './as-tenant.ts';
import { type Item, withSimulator } from './client.ts';

describe('a query for detections', () => {
  const PATH = '/detections/v1/queries/detections';

  test('waits, is done, has results by pages, and is forgotten after a day', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      const started = await ask('POST', PATH, { from: '-P30D', severity: [5, 6, 7, 8, 9, 10] });
      expect(started.status).toBe(201);
      expect(started.json).toMatchObject({ status: 'pending', result: 'notAvailable' });
      const run = `${PATH}/${started.json.id}`;
      expect((await ask('GET', `${run}/results`)).status).toBe(404);
      await at.sim('POST', 'clock', { advanceMs: 3000 });
      const done = (await ask('GET', run)).json;
      expect(done).toMatchObject({ status: 'finished', result: 'succeeded', resultCount: expect.any(Number) });
      expect(Date.parse(done.expiresAt) - Date.parse(done.createdAt)).toBe(86_400_000);
      const seen: Item[] = [];
      for (let page = 1; ; page++) {
        const { items } = (await ask('GET', `${run}/results?page=${page}&pageSize=40`)).json;
        seen.push(...items);
        if (items.length < 40) break;
      }
      expect(seen).toHaveLength(done.resultCount);
      expect(new Set(seen.map(({ id }) => id)).size).toBe(done.resultCount);
      expect(done.resultCount).toBeGreaterThan(100);
      for (const one of seen) expect(one).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{64}_[0-9a-f]{40}$/), severity: expect.any(Number) });
      expect(Math.min(...seen.map(({ severity }) => Number(severity)))).toBeGreaterThanOrEqual(5);
      await at.sim('POST', 'clock', { advanceMs: 86_400_000 });
      for (const path of [run, `${run}/results`]) expect((await ask('GET', path)).status).toBe(404);
    }));

  test('is about the last day when it does not say, and refuses what makes no sense', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      await at.sim('POST', 'settings', { runs: 'at-once' });
      const { id, status, resultCount } = (await ask('POST', PATH)).json;
      expect(status).toBe('finished');
      const { items } = (await ask('GET', `${PATH}/${id}/results`)).json;
      expect(items).toHaveLength(resultCount);
      expect(resultCount).toBeGreaterThan(5);
      expect(items.every((item: Item) => Date.now() - Date.parse(String(item.time)) <= 86_400_000)).toBe(true);
      for (const wrong of [{ severity: [11] }, { severity: 'high' }, { from: 'yesterday' }, { unknown: 1 }, { sort: [{ direction: 'asc' }] }])
        expect((await ask('POST', PATH, wrong)).status, JSON.stringify(wrong)).toBe(400);
      const sorted = (await ask('POST', PATH, { from: '-P30D', sort: [{ field: 'severity', direction: 'desc' }] })).json;
      const severities = (await ask('GET', `${PATH}/${sorted.id}/results?pageSize=100`)).json.items.map((item: Item) => item.severity);
      expect(severities).toEqual([...severities].sort((a, b) => b - a));
      expect((await ask('GET', `${PATH}/${sorted.id}/results?pageSize=101`)).status).toBe(400);
    }));

  test('fails when told to, and answers early readers as told', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      await at.sim('POST', 'settings', { runResult: 'failed', earlyResults: 409 });
      const { id } = (await ask('POST', PATH, {})).json;
      expect((await ask('GET', `${PATH}/${id}/results`)).status).toBe(409);
      await at.sim('POST', 'settings', { earlyResults: 'empty' });
      expect((await ask('GET', `${PATH}/${id}/results`)).json.items).toEqual([]);
      await at.sim('POST', 'clock', { advanceMs: 3000 });
      expect((await ask('GET', `${PATH}/${id}`)).json).toMatchObject({ status: 'finished', result: 'failed' });
      expect((await ask('GET', `/detections/v1/queries/detection-groups/${id}`)).status).toBe(404);
    }));

  test('agrees with its groups and counts, and goes on as time does', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      await at.sim('POST', 'settings', { runs: 'at-once' });
      const all = (await ask('POST', PATH, { from: '-P29D' })).json.resultCount;
      const groups = (await ask('POST', '/detections/v1/queries/detection-groups', { from: '-P29D' })).json;
      const { items } = (await ask('GET', `/detections/v1/queries/detection-groups/${groups.id}/results`)).json;
      expect(items.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(all);
      const counts = (await ask('GET', `${PATH}/counts?from=-P29D`)).json;
      expect(counts.resolution).toBe('day');
      expect(counts.resolutionDetectionCounts.reduce((sum: number, one: { totalCount: number }) => sum + one.totalCount, 0)).toBe(all);
      expect((await ask('GET', `${PATH}/counts?resolution=week`)).status).toBe(400);
      await at.sim('POST', 'clock', { advanceMs: 7 * 86_400_000 });
      expect((await ask('POST', PATH, {})).json.resultCount).toBeGreaterThan(5);
    }));
});

describe('cases', () => {
  test('are listed by pages of at most 50 and narrowed', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      const first = (await ask('GET', '/cases/v1/cases?pageTotal=true')).json;
      expect(first.pages).toEqual({ current: 1, size: 50, total: 2, items: 60, maxSize: 50 });
      expect((await ask('GET', '/cases/v1/cases?pageSize=51')).status).toBe(400);
      const own = (await ask('GET', '/cases/v1/cases?managedBy=self&status=new,closed')).json.items;
      expect(own.length).toBeGreaterThan(0);
      for (const one of own) expect([one.managedBy, ['new', 'closed'].includes(one.status)]).toEqual(['self', true]);
      expect((await ask('GET', '/cases/v1/cases?managedBy=nobody')).status).toBe(400);
      expect((await ask('GET', '/cases/v1/cases?assignee=Unassigned')).json.items.every((one: Item) => !('assignee' in one))).toBe(true);
      expect((await ask('GET', '/cases/v1/cases?createdAfter=-P1D')).json.items.length).toBeLessThan(4);
    }));

  test('are made, changed and deleted; those that Sophos manages are not', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      const { status, json } = await ask('POST', '/cases/v1/cases', { name: 'Mine', severity: 'high', assignee: 'me@example.com' });
      expect([status, json.managedBy, json.detectionCount, json.assignee.name]).toEqual([201, 'self', 0, 'me@example.com']);
      expect(json.id).toMatch(/^[A-Za-z0-9]+-[A-Za-z0-9]+$/);
      const path = `/cases/v1/cases/${json.id}`;
      expect((await ask('PATCH', path, { status: 'resolved' })).json).toMatchObject({ status: 'resolved', resolvedAt: expect.any(String), name: 'Mine' });
      expect((await ask('PATCH', path, { status: 'over' })).status).toBe(400);
      expect((await ask('DELETE', path)).json).toEqual({ deleted: true });
      expect([(await ask('GET', path)).status, (await ask('DELETE', path)).status]).toEqual([404, 404]);
      const [theirs] = (await ask('GET', '/cases/v1/cases?managedBy=sophos')).json.items;
      expect((await ask('DELETE', `/cases/v1/cases/${theirs.id}`)).status).toBe(403);
    }));

  test('know their detections, entities and tactics', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      for (const { id, detectionCount } of (await ask('GET', '/cases/v1/cases')).json.items.slice(0, 5)) {
        const { items } = (await ask('GET', `/cases/v1/cases/${id}/detections`)).json;
        expect(items).toHaveLength(detectionCount);
        expect((await ask('GET', `/cases/v1/cases/${id}/detections/${items[0].id}`)).json).toEqual(items[0]);
        expect((await ask('GET', `/cases/v1/cases/${id}/impacted-entities?type=device`)).json.items[0].type).toBe('device');
        expect((await ask('GET', `/cases/v1/cases/${id}/mitre-attack-summary`)).json.tactics.length).toBeGreaterThan(0);
      }
    }));
});

describe('firewalls', () => {
  test('come a hundred to a page, and at most a thousand', () =>
    withSimulator({ endpoints: 1200 }, async (at) => {
      const ask = await asTenant(at);
      const { items, pages } = (await ask('GET', '/firewall/v1/firewalls?pageTotal=true')).json;
      expect([items.length, pages]).toEqual([100, { current: 1, size: 100, total: 2, items: 120, maxSize: 1000 }]);
      expect((await ask('GET', '/firewall/v1/firewalls?pageSize=1001')).status).toBe(400);
      const ungrouped = (await ask('GET', '/firewall/v1/firewalls?groupId=ungrouped')).json.items;
      expect(ungrouped.length).toBe(30);
      expect(ungrouped.every((one: Item) => one.group === null)).toBe(true);
      expect((await ask('GET', `/firewall/v1/firewalls?search=${items[7].serialNumber}`)).json.items).toHaveLength(1);
      expect((await ask('GET', '/firewall/v1/firewalls?groupId=x')).status).toBe(400);
    }));

  test('are renamed but not like another, approved, upgraded and deleted', () =>
    withSimulator({ endpoints: 100 }, async (at) => {
      const ask = await asTenant(at);
      const [one, other] = (await ask('GET', '/firewall/v1/firewalls')).json.items;
      const path = `/firewall/v1/firewalls/${one.id}`;
      expect((await ask('PATCH', path, { name: 'FIREWALL 2' })).status).toBe(409);
      expect((await ask('PATCH', path, { name: one.name, geoLocation: { latitude: '1', longitude: '2' } })).json.geoLocation.latitude).toBe('1');
      expect((await ask('PATCH', path, { geoLocation: { latitude: 1 } })).status).toBe(400);
      expect((await ask('POST', `${path}/action`, { action: 'reboot' })).status).toBe(400);
      expect(await ask('POST', `${path}/action`, { action: 'approveManagement' })).toMatchObject({ status: 201, json: { status: 'succeeded' } });
      const upgrades = '/firewall/v1/firewalls/actions/firmware-upgrade';
      const check = await ask('POST', `${upgrades}-check`, { firewalls: [one.id, other.id] });
      expect([check.status, check.json.firewalls.length]).toEqual([201, 2]);
      expect((await ask('POST', upgrades, { firewalls: [{ id: one.id }] })).status).toBe(201);
      expect((await ask('DELETE', `${upgrades}?ids=${one.id}`)).json).toEqual({ deleted: true });
      expect((await ask('DELETE', path)).json).toEqual({ deleted: true });
      expect((await ask('DELETE', path)).status).toBe(404);
    }));

  test('stand in groups that are made, filled, emptied and deleted', () =>
    withSimulator({ endpoints: 100 }, async (at) => {
      const ask = await asTenant(at);
      const all = (await ask('GET', '/firewall/v1/firewalls')).json.items;
      const top = (await ask('GET', '/firewall/v1/firewall-groups')).json.items;
      expect([top.length, (await ask('GET', '/firewall/v1/firewall-groups?recurseSubgroups=true')).json.items.length]).toEqual([2, 3]);
      const made = await ask('POST', '/firewall/v1/firewall-groups', { name: 'New', assignFirewalls: [all[0].id, all[4].id], parentGroupId: top[0].id });
      expect([made.status, made.json.firewalls.total]).toEqual([201, 2]);
      const path = `/firewall/v1/firewall-groups/${made.json.id}`;
      expect((await ask('PATCH', path, { name: 'Newer', unassignFirewalls: [all[0].id] })).json).toMatchObject({ name: 'Newer', firewalls: { total: 1 } });
      expect((await ask('GET', `/firewall/v1/firewalls?groupId=${made.json.id}`)).json.items[0].group).toEqual({ id: made.json.id, name: 'Newer' });
      expect((await ask('GET', `${path}/firewalls/sync-status`)).json.items).toEqual([
        { firewall: { id: all[4].id }, status: expect.stringMatching(/Sync$/), lastUpdatedAt: expect.stringMatching(/\+00:00$/) },
      ]);
      expect((await ask('DELETE', path)).status).toBe(200);
      expect((await ask('GET', '/firewall/v1/firewalls')).json.items[4].group).toBeNull();
    }));

  test('take their threat feed in transactions', () =>
    withSimulator({ endpoints: 100 }, async (at) => {
      const ask = await asTenant(at);
      const list = (await ask('GET', '/firewall/v1/firewalls')).json.items;
      const { id } = list.find((one: { status: { connected: boolean } }) => one.status.connected);
      const path = `/firewall/v1/firewall-config/firewalls/${id}`;
      const indicators = [
        { value: '192.0.2.1', type: 'ipv4-addr' },
        { value: 'bad.example.com', type: 'domain-name' },
      ];
      const first = await ask('POST', `${path}/mdr-threat-feed/indicators`, { indicators });
      expect(first).toMatchObject({ status: 202, json: { transactionId: expect.any(String) } });
      expect((await ask('GET', `${path}/transactions/${first.json.transactionId}`)).json).toMatchObject({ status: 'pending', result: 'notAvailable' });
      const search = await ask('POST', `${path}/mdr-threat-feed/indicators/search`, { indicatorValues: ['bad.example.com', 'x'] });
      await at.sim('POST', 'clock', { advanceMs: 2000 });
      const done = (await ask('GET', `${path}/transactions/${search.json.transactionId}`)).json;
      expect(done).toMatchObject({ status: 'finished', result: 'success', response: { indicators: [indicators[1]] }, request: { method: 'POST' } });
      expect((await ask('GET', `/firewall/v1/firewall-config/firewalls/${list[5].id}/transactions/${done.id}`)).status).toBe(404);
      expect((await ask('POST', `${path}/mdr-threat-feed/indicators`, { indicators: [{ value: 'x', type: 'ipv4-addr' }] })).status).toBe(400);
      expect((await ask('DELETE', `${path}/mdr-threat-feed/indicators`)).status).toBe(202);
    }));
});

describe('licences and account health', () => {
  test('are told for one tenant, and firewalls for all of a partner', () =>
    withSimulator({ account: 'partner', tenants: 3, endpoints: 100 }, async (at) => {
      const ask = await asTenant(at, 1);
      const { licenses, tenant, partner } = (await ask('GET', '/licenses/v1/licenses')).json;
      const id = (await at.get('/whoami/v1')).json.id;
      expect([tenant.id, partner.id]).toEqual([(await at.tenantIds())[1], id]);
      expect(licenses.some((one: { endDate?: string }) => one.endDate === undefined)).toBe(true);
      expect(licenses[0]).toMatchObject({ startDate: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/), product: { code: 'CIXAXDR' } });
      const own = (await ask('GET', '/licenses/v1/licenses/firewalls')).json.items;
      const serials = (await ask('GET', '/firewall/v1/firewalls')).json.items.map((one: Item) => one.serialNumber);
      expect(own.map((one: Item) => one.serialNumber)).toEqual(serials);
      const all = (await at.get('/licenses/v1/licenses/firewalls', { 'x-partner-id': id })).json.items;
      expect(all).toHaveLength(30);
    }));

  test('score what the numbers say, show what is asked for, and remember what is snoozed', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      const path = '/account-health-check/v1';
      const all = (await ask('GET', `${path}/health-check`)).json;
      const { total, notFullyProtected, score, snoozed } = all.endpoint.protection.computer;
      expect([score, snoozed]).toEqual([Math.round(((total - notFullyProtected) / total) * 100), false]);
      const some = (await ask('GET', `${path}/health-check?checks=protection&products=endpoint`)).json;
      expect([Object.keys(some.endpoint), some.networkDevice]).toEqual([['protection'], undefined]);
      expect((await ask('GET', `${path}/health-check?checks=colour`)).status).toBe(400);
      expect((await ask('POST', `${path}/snooze`, { endpoint: { protection: { computer: { snoozed: true } } } })).status).toBe(200);
      expect((await ask('GET', `${path}/health-check`)).json.endpoint.protection.computer.snoozed).toBe(true);
      const history = (await ask('GET', `${path}/scores/historical?startDate=2026-01-01&endDate=2026-01-10`)).json;
      expect(history.datapoints).toHaveLength(10);
      expect((await ask('GET', `${path}/scores/historical?startDate=2026-02-30`)).status).toBe(400);
      expect((await ask('GET', `${path}/scores/regional`)).json.bands.length).toBeGreaterThan(0);
    }));
});

describe('what control knows', () => {
  test.each([
    ['cases', '/cases/v1/cases'],
    ['firewalls', '/firewall/v1/firewalls'],
  ])('of %s is what the API lists', (stream, path) =>
    withSimulator({ endpoints: 300 }, async (at) => {
      const ask = await asTenant(at);
      const seen = [...(await ask('GET', path)).json.items, ...(await ask('GET', `${path}?page=2`)).json.items];
      expect((await at.truth(`?tenant=0&stream=${stream}`)).map(({ item }) => item)).toEqual(seen);
    }),
  );

  test('of detections is what queries find, and it can add some', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      await at.sim('POST', 'settings', { runs: 'at-once' });
      const time = new Date(Date.now() - 60_000).toISOString();
      const put = [{ id: 'ab_cd', time, severity: 10, detectionRule: 'OWN-RULE', type: 'Threat' }];
      expect((await at.sim('POST', 'collection', { name: 'detections', put })).status).toBe(200);
      const found = (await ask('POST', '/detections/v1/queries/detections', { detectionRule: 'own-rule' })).json;
      expect((await ask('GET', `/detections/v1/queries/detections/${found.id}/results`)).json.items).toEqual(put);
      const all = (await ask('POST', '/detections/v1/queries/detections', { from: '-P31D', showSuppressed: true })).json;
      expect(all.resultCount).toBe((await at.truth('?tenant=0&stream=detections')).length);
    }));
});
