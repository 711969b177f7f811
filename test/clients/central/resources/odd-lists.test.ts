/** Lists whose far end is odd, as the reference shows or leaves open. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SophosCentral } from '../../../../src/index.ts';
import { FarCentral } from '../../../far-ends/central.ts';
import { openTestWorld } from '../../world.ts';

let far: FarCentral;
let close: () => Promise<void>;
let tenant: ReturnType<SophosCentral['forTenant']>;

beforeEach(async () => {
  far = await new FarCentral().open();
  const { world, close: end } = openTestWorld();
  close = end;
  const central = new SophosCentral({ clientId: far.clientId, clientSecret: far.clientSecret, authUrl: far.url, apiUrl: far.url, retries: 0, world });
  tenant = central.forTenant({ id: far.accountId, apiHost: far.url });
});
afterEach(async () => {
  await close();
  await far.close();
});

describe('a list', () => {
  it('of firewall groups is read to its end, though its numbers are texts with commas', async () => {
    far.intercept = ({ path, query }) => {
      if (!path.startsWith('/firewall/')) return null;
      const page = Number(query.get('page'));
      const items = page > 2 ? [] : [{ id: `g-${page}a` }, { id: `g-${page}b` }];
      return { body: { items, pages: { current: `${page},`, total: '2,', size: '2,', maxSize: '2,', items: 4 } } };
    };
    expect((await tenant.firewallGroups.list().all()).map(({ id }) => id)).toEqual(['g-1a', 'g-1b', 'g-2a', 'g-2b']);
  });

  it('of quarantined mail holds a message once for each recipient, across pages, and its body says which page', async () => {
    const of = (forRecipient: string) => ({ id: 'm-1', forRecipient });
    const names = ['a', 'b', 'c', 'd', 'e'];
    far.intercept = ({ path, body }) => {
      if (!path.startsWith('/email/')) return null;
      const { page, pageFromKey, pageSize } = JSON.parse(body);
      const start = page === undefined ? Number(pageFromKey ?? 0) : (page - 1) * pageSize;
      const more = start + pageSize < names.length && page === undefined ? { nextKey: String(start + pageSize) } : {};
      return { body: { items: names.slice(start, start + pageSize).map(of), pages: { size: pageSize, ...more } } };
    };
    const week = { beginDate: '2026-11-13T00:00:00Z', endDate: '2026-11-20T00:00:00Z' };
    for (const list of [tenant.quarantine.search(week, { pageSize: 2 }), tenant.postDeliveryQuarantine.search(week, { pageSize: 2 })])
      expect((await list.all()).map(({ forRecipient }) => forRecipient)).toEqual(names);
    expect(far.to('/email/').every(({ query }) => query.size === 0)).toBe(true);
    expect(JSON.parse(far.to('/email/')[0]?.body ?? '')).toEqual({ ...week, pageSize: 2 });
  });

  it('of licences is the array of that name, and nothing when there are none', async () => {
    far.intercept = ({ path }) => (path === '/licenses/v1/licenses' ? { body: { tenant: { id: 't' }, licenses: [{ id: 'l-1' }] } } : null);
    expect(await tenant.licenses.list().all()).toEqual([{ id: 'l-1' }]);
    far.intercept = ({ path }) => (path === '/licenses/v1/licenses' ? { body: { tenant: { id: 't' }, licenses: [] } } : null);
    expect(await tenant.licenses.list().all()).toEqual([]);
    far.intercept = ({ path }) => (path === '/licenses/v1/licenses' ? { body: { tenant: { id: 't' } } } : null);
    await expect(tenant.licenses.list().all()).rejects.toMatchObject({ code: 'central.bad-body' });
  });

  it('of URLs may be a list of texts', async () => {
    far.intercept = ({ path }) =>
      path.endsWith('/urls') ? { body: { items: ['http://a.example', 'http://b.example'], pages: { current: 1, size: 50 } } } : null;
    expect(await tenant.quarantine.urls('m').all()).toEqual(['http://a.example', 'http://b.example']);
  });
});
