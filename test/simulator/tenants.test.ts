import { describe, expect, test } from 'vitest';
import { withSimulator } from './client.ts';

describe('the tenant list', () => {
  test.each(['partner', 'organization'] as const)('is paged for a %s, with totals only on request', (account) =>
    withSimulator({ account, tenants: 120 }, async (at) => {
      const { id } = (await at.get('/whoami/v1')).json;
      const ask = (query: string) => at.get(`/${account}/v1/tenants${query}`, { [`x-${account}-id`]: id });
      const first = (await ask('')).json;
      expect(first.pages).toEqual({ current: 1, size: 50, maxSize: 100 });
      expect(first.items).toHaveLength(50);
      const second = (await ask('?page=2&pageSize=100&pageTotal=true')).json;
      expect(second.pages).toEqual({ current: 2, size: 100, total: 2, items: 120, maxSize: 100 });
      expect(second.items).toHaveLength(20);
      expect((await ask('?page=9&pageSize=100')).json.items).toEqual([]);
      for (const query of ['?pageSize=101', '?pageSize=0', '?page=0', '?page=-1', '?pageSize=ten']) expect((await ask(query)).status).toBe(400);
      await at.sim('POST', 'settings', { pageSizeTooLarge: 'clamp' });
      expect((await ask('?pageSize=101')).json.pages.size).toBe(100);
    }),
  );

  test('shows tenants of every billing type, two of one name, all at its own URL', () =>
    withSimulator({ account: 'partner', tenants: 20 }, async (at) => {
      const { id } = (await at.get('/whoami/v1')).json;
      const { items } = (await at.get('/partner/v1/tenants', { 'x-partner-id': id })).json;
      expect(new Set(items.map((t: { billingType: string }) => t.billingType))).toEqual(new Set(['usage', 'term', 'trial']));
      expect(items[9].name).toBe(items[4].name);
      expect(items[0]).toMatchObject({ apiHost: at.simulator.url, status: 'active', partner: { id }, dataRegion: expect.any(String) });
      const one = await at.get(`/partner/v1/tenants/${items[3].id}`, { 'x-partner-id': id });
      expect(one.json).toMatchObject({ id: items[3].id, showAs: items[3].name });
      expect((await at.get('/partner/v1/tenants/none', { 'x-partner-id': id })).status).toBe(404);
      expect((await at.get('/partner/v1/tenants?fields=id', { 'x-partner-id': id })).json.items[0]).toEqual({ id: items[0].id });
    }));

  test('is refused without the account header, with a wrong one, and to other kinds of account', async () => {
    await withSimulator({ account: 'partner' }, async (at) => {
      const { id } = (await at.get('/whoami/v1')).json;
      expect((await at.get('/partner/v1/tenants')).status).toBe(401);
      expect((await at.get('/partner/v1/tenants', { 'x-partner-id': 'x' })).status).toBe(403);
      expect((await at.get('/organization/v1/tenants', { 'x-organization-id': id })).status).toBe(403);
      expect((await at.request('GET', '/partner/v1/tenants', { 'x-partner-id': id })).status).toBe(401);
    });
    await withSimulator({ account: 'tenant' }, async (at) => {
      const { id } = (await at.get('/whoami/v1')).json;
      expect((await at.get('/partner/v1/tenants', { 'x-partner-id': id })).status).toBe(403);
    });
  });

  test('changes at run time: added, removed, renamed, not active, without a host', () =>
    withSimulator({ account: 'partner', tenants: 2, tenantNames: ['../evil\n', 'B'] }, async (at) => {
      const { id } = (await at.get('/whoami/v1')).json;
      const list = async () => (await at.get('/partner/v1/tenants', { 'x-partner-id': id })).json.items;
      expect((await list()).map((t: { name: string }) => t.name)).toEqual(['../evil\n', 'B']);
      const { added } = (await at.sim('POST', 'tenants', { add: [{ name: 'New', events: 7 }] })).json;
      expect((await at.drain(added[0].id, 'limit=200')).items).toHaveLength(7);
      const [first, second] = await at.tenantIds();
      await at.sim('POST', 'tenants', { remove: [first], update: [{ tenant: second, name: 'Renamed', status: 'suspended', apiHost: null }] });
      const [renamed, fresh] = await list();
      expect(renamed).toMatchObject({ id: second, name: 'Renamed', status: 'suspended' });
      expect([renamed.apiHost, renamed.dataRegion, fresh.name]).toEqual([undefined, undefined, 'New']);
      expect((await at.page(String(first), '')).status).toBe(403);
      expect((await at.sim('POST', 'tenants', { remove: ['nobody'] })).status).toBe(400);
      expect((await at.sim('POST', 'tenants', { rename: [] })).status).toBe(400);
    }));

  test('names a hostile host on request', () =>
    withSimulator({ account: 'partner', tenants: 1 }, async (at) => {
      await at.sim('POST', 'faults', { hostileHost: 'https://evil.example.com' });
      const { id } = (await at.get('/whoami/v1')).json;
      expect((await at.get('/partner/v1/tenants', { 'x-partner-id': id })).json.items[0].apiHost).toBe('https://evil.example.com');
    }));

  test('holds five thousand quiet tenants', () =>
    withSimulator({ account: 'partner', tenants: 5000 }, async (at) => {
      const { id } = (await at.get('/whoami/v1')).json;
      const last = await at.get('/partner/v1/tenants?pageSize=100&page=50&pageTotal=true', { 'x-partner-id': id });
      expect([last.json.items.length, last.json.pages.items]).toEqual([100, 5000]);
      expect((await at.drain(last.json.items[99].id, 'limit=200')).items).toEqual([]);
    }));
});
