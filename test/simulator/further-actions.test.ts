import { describe, expect, test } from 'vitest';
import { type Ask, asTenant } from './as-tenant.ts';
import { type Item, withSimulator } from './client.ts';

const QUERY = { adHocQuery: { name: 'Mine', template: 'select name, pid from processes' } };

/** Follows keys to the end. */
async function drained(ask: Ask, path: string): Promise<{ readonly items: Item[]; readonly pages: number }> {
  const items: Item[] = [];
  let key = '';
  for (let pages = 1; ; pages++) {
    const { json } = await ask('GET', `${path}${key}`);
    items.push(...json.items);
    if (json.pages.nextKey === undefined) return { items, pages };
    key = `&pageFromKey=${encodeURIComponent(json.pages.nextKey)}`;
  }
}

describe('a live discover run', () => {
  const RUNS = '/live-discover/v1/queries/runs';

  test('goes from pending over started to finished, and tells of its endpoints and rows', () =>
    withSimulator({ endpoints: 60 }, async (at) => {
      const ask = await asTenant(at);
      const { json } = await ask('POST', RUNS, { ...QUERY, matchEndpoints: { all: true } });
      expect(json).toMatchObject({ status: 'pending', result: 'notAvailable', endpointCounts: { total: 60, statuses: { pending: 60 } } });
      await at.sim('POST', 'clock', { advanceMs: 1000 });
      expect((await ask('GET', `${RUNS}/${json.id}`)).json.status).toBe('started');
      expect((await ask('GET', `${RUNS}/${json.id}/results`)).status).toBe(404);
      await at.sim('POST', 'clock', { advanceMs: 2000 });
      const done = (await ask('GET', `${RUNS}/${json.id}`)).json;
      expect(done).toMatchObject({ status: 'finished', result: 'succeeded', timeRemainingInSeconds: 0 });
      const { succeeded, failed, timedOut } = done.endpointCounts.statuses.finished;
      expect(succeeded.withData + succeeded.withoutData + failed + timedOut).toBe(60);
      const withData = (await ask('GET', `${RUNS}/${json.id}/endpoints?match=finished:succeeded:withData&pageSize=100`)).json.items;
      expect(withData).toHaveLength(succeeded.withData);
      const { items, pages } = await drained(ask, `${RUNS}/${json.id}/results?pageSize=25`);
      expect([items.length, pages]).toEqual([done.resultCount, Math.ceil(done.resultCount / 25)]);
      expect(new Set(items.map((row) => row.endpointId))).toEqual(new Set(withData.map((one: Item) => one.id)));
      expect(Object.keys(items[0] ?? {})).toEqual(['endpointId', 'hostname', 'name', 'pid']);
      const whole = (await ask('GET', `${RUNS}/${json.id}/results`)).json;
      expect([whole.pages.size, whole.pages.maxSize, whole.metadata.columns.length]).toEqual([1000, 1000, 4]);
      expect((await ask('GET', `${RUNS}/${json.id}/results?pageSize=1001`)).status).toBe(400);
      expect((await ask('GET', `${RUNS}?status=finished`)).json.items).toHaveLength(1);
    }));

  test('may not be started eleven times a minute', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      const start = () => ask('POST', RUNS, { ...QUERY, matchEndpoints: { all: true } });
      for (let i = 0; i < 10; i++) expect((await start()).status).toBe(201);
      const refused = await start();
      expect([refused.status, refused.json.code]).toEqual([429, 'tooManyRequests']);
      await at.sim('POST', 'clock', { advanceMs: 60_000 });
      expect((await start()).status).toBe(201);
    }));

  test('takes a saved query with its variables, and refuses what it cannot run', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      const queries = (await ask('GET', '/live-discover/v1/queries?pageSize=100')).json.items;
      const asks = queries.find((one: { variables: unknown[] }) => one.variables.length === 1);
      const run = (body: object) => ask('POST', RUNS, { matchEndpoints: { all: true }, ...body });
      const variables = [{ name: asks.variables[0].name, dataType: 'text', value: 'x' }];
      expect((await run({ savedQuery: { queryId: asks.id }, variables })).json.query.id).toBe(asks.id);
      expect((await run({ savedQuery: { queryId: asks.id } })).status).toBe(400);
      expect((await run({})).status).toBe(400);
      for (const template of ['select 1', 'delete from processes', "select name from processes where (name = 'x'", `select ${'x'.repeat(50_000)}`])
        expect((await run({ adHocQuery: { template } })).status, template.slice(0, 30)).toBe(400);
      expect((await run({ ...QUERY, matchEndpoints: { filters: [] } })).status).toBe(400);
      const [endpoint] = (await ask('GET', '/endpoint/v1/endpoints')).json.items;
      const one = (await run({ ...QUERY, matchEndpoints: { filters: [{ ids: [endpoint.id] }] } })).json;
      expect(one.endpointCounts.total).toBe(1);
    }));

  test('ends as told, without rows', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      for (const runResult of ['failed', 'timedOut', 'canceled']) {
        await at.sim('POST', 'settings', { runResult, runs: 'at-once' });
        const { json } = await ask('POST', RUNS, { ...QUERY, matchEndpoints: { all: true } });
        expect([json.result, (await ask('GET', `${RUNS}/${json.id}/results`)).json.items]).toEqual([runResult, []]);
      }
      expect((await at.sim('POST', 'settings', { runResult: 'lost' })).status).toBe(400);
    }));
});

describe('an XDR query', () => {
  const RUNS = '/xdr-query/v1/queries/runs';

  test('has its rows by keys without totals, no more than its limit', () =>
    withSimulator({ endpoints: 60 }, async (at) => {
      const ask = await asTenant(at);
      await at.sim('POST', 'settings', { runs: 'at-once' });
      const { id } = (await ask('POST', RUNS, { adHocQuery: { template: 'select * from "xdr_data" limit 70' }, from: '-P7D' })).json;
      const { items, pages } = await drained(ask, `${RUNS}/${id}/results?pageSize=30`);
      expect([items.length, pages]).toEqual([70, 3]);
      expect((await ask('GET', `${RUNS}/${id}/results?pageTotal=true`)).json.pages).toEqual({ nextKey: expect.any(String), size: 50, maxSize: 1000 });
      expect((await ask('GET', `${RUNS}/${id}/results?pageFromKey=foreign`)).status).toBe(400);
      for (const wrong of [
        { from: '2020-01-01' },
        { from: 'soon' },
        { adHocQuery: { template: 'select (' } },
        { matchEndpoints: { filters: [{ ids: ['x'] }] } },
      ])
        expect((await ask('POST', RUNS, { ...QUERY, ...wrong })).status).toBe(400);
    }));

  test('can be canceled while it runs, and not afterwards', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      const { id } = (await ask('POST', RUNS, QUERY)).json;
      expect((await ask('POST', `${RUNS}/${id}/cancel`)).status).toBe(400);
      expect((await ask('POST', `${RUNS}/${id}/cancel`, {})).json).toEqual({ canceled: true });
      expect((await ask('GET', `${RUNS}/${id}`)).json).toMatchObject({ status: 'canceled', result: 'canceled' });
      const other = (await ask('POST', RUNS, QUERY)).json.id;
      await at.sim('POST', 'clock', { advanceMs: 3000 });
      await ask('POST', `${RUNS}/${other}/cancel`, {});
      expect((await ask('GET', `${RUNS}/${other}`)).json.result).toBe('succeeded');
      expect((await ask('GET', `${RUNS}?statuses=canceled&order=desc`)).json.items).toHaveLength(1);
    }));
});

describe('mail', () => {
  test('in quarantine is found, released or deleted, and then taken back', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      const path = '/email/v1/quarantine/messages';
      const all = { beginDate: '2020-01-01T00:00:00Z', endDate: '2099-01-01T00:00:00Z' };
      const first = (await ask('POST', `${path}/search`, { ...all, pageSize: 100, sort: ['quarantinedAt:DESC'] })).json;
      const second = (await ask('POST', `${path}/search`, { ...all, pageSize: 100, sort: ['quarantinedAt:DESC'], pageFromKey: first.pages.nextKey })).json;
      const ids = [...first.items, ...second.items].map(({ id }) => id);
      expect([ids.length, new Set(ids).size, second.pages.nextKey]).toEqual([140, 140, undefined]);
      const times = first.items.map((one: Item) => String(one.quarantinedAt));
      expect(times).toEqual([...times].sort().reverse());
      const spam = (await ask('POST', `${path}/search`, { ...all, filter: { reason: ['spam'] } })).json.items;
      expect(spam.every((one: Item) => one.reason === 'spam')).toBe(true);
      for (const wrong of [{ filter: { reason: ['odd'] } }, { sort: ['colour'] }, { beginDate: 'x' }, { endDate: '2019-01-01T00:00:00Z' }])
        expect((await ask('POST', `${path}/search`, { ...all, ...wrong })).status).toBe(400);
      const [released, deleted] = ids;
      const done = await ask('POST', `${path}/release`, { items: [{ id: released }, { id: 'x' }] });
      expect([done.status, done.json.items[0].id, done.json.errors[0].id]).toEqual([202, released, 'x']);
      expect((await ask('POST', `${path}/delete`, { items: [{ id: deleted }, { id: released }] })).json.errors).toHaveLength(1);
      expect((await ask('GET', `${path}/${deleted}/preview`)).status).toBe(404);
      const { recipient } = (await ask('GET', `/email/v1/messages/${released}/status`)).json.items[0];
      await ask('POST', `/email/v1/messages/${released}/clawback`, { recipients: [recipient, 'x@y.example'], reason: 'phishing' });
      expect((await ask('GET', `/email/v1/messages/${released}/status`)).json.items).toEqual([{ recipient, status: 'clawedBack' }]);
    }));

  test('has boxes of one address each, whose aliases are nobody else’s', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      const path = '/email/v1/mailboxes';
      expect((await drained(ask, `${path}?pageSize=40`)).items).toHaveLength(130);
      expect((await ask('GET', `${path}?emailStartsWith=TEAM`)).json.items.every((one: Item) => one.type !== 'user')).toBe(true);
      const box = (await ask('POST', path, { type: 'user', email: 'new@example.com' })).json;
      expect((await ask('POST', path, { type: 'user', email: 'NEW@example.com' })).status).toBe(409);
      const bulk = await ask('POST', `${path}/bulk`, { items: [{ type: 'user', email: 'x@example.com' }, { type: 'user', email: 'new@example.com' }, {}] });
      expect([bulk.status, bulk.json.items.length, bulk.json.errors.map((one: { error: string }) => one.error)]).toEqual([
        201,
        1,
        ['resourceConflict', 'badRequest'],
      ]);
      const edit = (await ask('POST', `${path}/${box.id}/aliases`, { add: ['a@example.com', 'x@example.com'], remove: ['never@example.com'] })).json;
      expect([edit.added, edit.removed]).toEqual([['a@example.com'], []]);
      expect([edit.errors.failedToAdd.length, edit.errors.failedToRemove.length]).toEqual([1, 1]);
      expect((await ask('GET', `${path}/${box.id}`)).json.aliases).toEqual(['a@example.com']);
      expect((await ask('POST', `${path}/delete`, { items: [{ id: box.id }, { id: box.id }] })).json).toMatchObject({
        items: [{ id: box.id }],
        errors: [{ error: 'notFound' }],
      });
    }));
});

describe('the rest', () => {
  test('orders actions for mobile devices, which are done later', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      const [device] = (await ask('GET', '/mobile/v1/devices?pageSize=500')).json.items;
      const order = (await ask('POST', '/mobile/v1/actions/get-logs', { endpoints: [device.id, '00000000-0000-4000-8000-000000000000'] })).json;
      expect(order.created[0]).toMatchObject({ type: 'getLogs', state: 'accepted', device: { id: device.id } });
      expect(order.errors.failedToCreate.endpointNotFound).toHaveLength(1);
      await at.sim('POST', 'clock', { advanceMs: 5000 });
      expect((await ask('GET', `/mobile/v1/actions/${order.created[0].id}`)).json.state).toBe('successful');
      expect((await ask('POST', '/mobile/v1/actions/sync', { endpoints: ['00000000-0000-4000-8000-000000000000'] })).status).toBe(422);
      const [group] = (await ask('GET', '/mobile/v1/device-groups')).json.items;
      expect((await ask('DELETE', `/mobile/v1/device-groups/${group.id}`)).status).toBe(409);
      expect((await ask('POST', `/mobile/v1/devices/${device.id}/properties`, { key: 'plain', value: 'x' })).status).toBe(422);
      expect((await ask('GET', '/mobile/v1/devices?pageSize=501')).status).toBe(400);
    }));

  test('keeps at most fifty DNS locations, of different names and addresses', () =>
    withSimulator({}, async (at) => {
      const ask = await asTenant(at);
      const path = '/dns-protection/v2/locations';
      const [first] = (await ask('GET', path)).json.items;
      expect((await ask('POST', path, { name: 'HEAD office' })).status).toBe(409);
      expect((await ask('POST', path, { name: 'New', ipList: first.ipList })).status).toBe(409);
      expect((await ask('DELETE', `${path}/${first.id}`)).status).toBe(400);
      for (let i = 4; i < 50; i++) expect((await ask('POST', path, { name: `L${i}` })).status).toBe(201);
      expect((await ask('POST', path, { name: 'too many' })).status).toBe(400);
      expect((await ask('PATCH', `${path}/${first.id}`, { dohEnabled: true, ipAddresses: { remove: first.ipList } })).json).toMatchObject({
        ipList: [],
        dohUrl: expect.any(String),
      });
    }));

  test('lets partners make tenants, and guards roles that are in use', () =>
    withSimulator({ account: 'partner', tenants: 2 }, async (at) => {
      const partner = (await at.get('/whoami/v1')).json.id;
      const ask = async (method: string, path: string, body?: unknown) => {
        const headers = { authorization: `Bearer ${await at.token()}`, 'x-partner-id': partner };
        return at.request(method, path, headers, body === undefined ? undefined : JSON.stringify(body));
      };
      const address = { address1: 'Street 1', city: 'Town', countryCode: 'DE', postalCode: '1' };
      const contact = { firstName: 'A', lastName: 'B', email: 'a@b.example', address };
      const made = await ask('POST', '/partner/v1/tenants', { name: 'Made', dataGeography: 'DE', billingType: 'trial', contact });
      expect([made.status, made.json.dataRegion, made.json.billingType]).toEqual([201, 'eu02', 'trial']);
      expect((await ask('GET', `/partner/v1/tenants/${made.json.id}`)).json.name).toBe('Made');
      expect((await ask('POST', '/partner/v1/tenants', { name: 'X', dataGeography: 'XX', billingType: 'trial', contact })).status).toBe(400);
      const roles = (await ask('GET', '/partner/v1/roles')).json.items;
      expect((await ask('DELETE', `/partner/v1/roles/${roles[0].id}`)).status).toBe(409);
      const own = (await ask('POST', '/partner/v1/roles', { name: 'Own', principalType: 'user', permissionSets: [] })).json;
      const [admin] = (await ask('GET', '/partner/v1/admins')).json.items;
      const assignment = (await ask('POST', `/partner/v1/admins/${admin.id}/role-assignments`, { roleId: own.id, scope: { type: 'tenant', id: made.json.id } }))
        .json;
      expect((await ask('DELETE', `/partner/v1/roles/${own.id}`)).status).toBe(409);
      expect((await ask('DELETE', `/partner/v1/admins/${admin.id}/role-assignments/${assignment.id}`)).json).toEqual({ deleted: true });
      expect((await ask('DELETE', `/partner/v1/roles/${own.id}`)).json).toEqual({ deleted: true });
      expect((await ask('GET', `/partner/v1/billing/usage/2026/1?pageSize=4`)).json).toMatchObject({ pages: { nextKey: expect.any(String), size: 4 } });
      await at.sim('POST', 'tenants', { remove: [0] });
      expect((await ask('GET', '/partner/v1/roles')).json.items.map((role: Item) => role.id)).toEqual(roles.map((role: Item) => role.id));
    }));
});
