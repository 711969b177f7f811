import { describe, expect, test } from 'vitest';
import { withTenant } from './asker.ts';
import { lines } from './client.ts';

interface Logged {
  readonly n: number;
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly tenant: string | null;
  readonly status: number;
  readonly changes: boolean;
}

const LIST = '/endpoint/v1/endpoints';

describe('the request log', () => {
  test('has every request in order, and tells what could have changed something', () =>
    withTenant({}, async (asker) => {
      const log = async (query = '') => lines((await asker.at.sim('GET', `requests${query}`)).text) as Logged[];
      await asker.at.sim('DELETE', 'requests');
      expect(await log()).toEqual([]);
      const [{ id }] = (await asker.items(`${LIST}?pageSize=1`)) as [{ id: string }];
      await asker.ask('POST', `${LIST}/${id}/scans`, {});
      await asker.ask('POST', '/common/v1/alerts/search', {});
      await asker.ask('DELETE', `${LIST}/nobody`);
      await asker.at.login();
      await asker.at.hec('{"event":1}');
      await asker.ask('PATCH', '/no/such/route', {});
      const all = await log();
      expect(all.map(({ method, path, status, changes }) => [method, path, status, changes])).toEqual([
        ['GET', LIST, 200, false],
        ['POST', `${LIST}/${id}/scans`, 201, true],
        ['POST', '/common/v1/alerts/search', 200, false],
        ['DELETE', `${LIST}/nobody`, 400, true],
        ['POST', '/api/v2/oauth2/token', 200, false],
        ['PATCH', '/no/such/route', 404, true],
      ]);
      expect(all[0]).toMatchObject({ query: 'pageSize=1', tenant: asker.tenant, at: expect.stringMatching(/Z$/) });
      expect(all.map(({ n }) => n)).toEqual(all.map((_, i) => (all[0]?.n ?? 0) + i));
      expect(await log('?changes=true')).toEqual(all.filter(({ changes }) => changes));
    }));

  test('also has what a fault has answered instead', () =>
    withTenant({}, async (asker) => {
      await asker.at.sim('POST', 'faults', {
        sequence: [
          { path: LIST, kind: '503' },
          { path: LIST, kind: 'reset' },
        ],
      });
      await asker.at.sim('DELETE', 'requests');
      expect(await asker.status('GET', LIST)).toBe(503);
      await expect(asker.get(LIST)).rejects.toThrow();
      const logged = lines((await asker.at.sim('GET', 'requests')).text) as { status: number; transport?: string }[];
      expect(logged.map(({ status, transport }) => [status, transport])).toEqual([
        [503, undefined],
        [200, 'reset'],
      ]);
    }));
});

describe('faults', () => {
  test('of lists with keys: a loop, an empty page, a page that repeats; nothing is lost by the last two', () =>
    withTenant({ endpoints: 50 }, async (asker) => {
      const page = async (key?: string) => (await asker.get(`${LIST}?pageSize=20${key === undefined ? '' : `&pageFromKey=${encodeURIComponent(key)}`}`)).json;
      const ids = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id);
      const first = await page();
      const second = await page(first.pages.nextKey);
      await asker.at.sim('POST', 'faults', {
        sequence: [
          { path: LIST, kind: 'key-loop' },
          { path: LIST, kind: 'empty-page' },
          { path: LIST, kind: 'repeat' },
        ],
      });
      const loop = await page(first.pages.nextKey);
      expect([ids(loop), loop.pages.nextKey]).toEqual([ids(second), first.pages.nextKey]);
      const empty = await page(first.pages.nextKey);
      expect([empty.items, empty.pages.nextKey]).toEqual([[], first.pages.nextKey]);
      const repeated = await page(first.pages.nextKey);
      expect(ids(repeated)).toEqual([...ids(first).slice(-3), ...ids(second).slice(0, 17)]);
      expect(ids(await page(repeated.pages.nextKey)).slice(0, 3)).toEqual(ids(second).slice(17));
    }));

  test('of pages with numbers: items of the page before come again on top', () =>
    withTenant({ localSitesPerTenant: 20 }, async (asker) => {
      const path = '/endpoint/v1/settings/web-control/local-sites';
      const all = (await asker.items(path)).map(({ id }) => id);
      await asker.at.sim('POST', 'faults', { sequence: [{ path, kind: 'repeat' }] });
      expect((await asker.items(`${path}?page=2&pageSize=10`)).map(({ id }) => id)).toEqual(all.slice(7));
    }));

  test('by rate, by sequence and by tenant reach every route, and the log of stats names them', () =>
    withTenant({ account: 'partner', tenants: 2 }, async (asker, second) => {
      await asker.at.sim('POST', 'faults', { forbidden: { tenants: [1], form: 'A' }, sequence: [{ path: '^/common/v1/', tenant: 0, status: 429, times: 2 }] });
      expect([
        await asker.status('GET', '/common/v1/alerts'),
        await asker.status('GET', '/common/v1/roles'),
        await asker.status('GET', '/common/v1/alerts'),
      ]).toEqual([429, 429, 200]);
      for (const path of [LIST, '/common/v1/alerts', '/common/v1/directory/users', '/endpoint/v1/policies']) {
        const refused = await second.get(path);
        expect([refused.status, refused.json.error]).toEqual([403, 'forbidden']);
        expect(refused.headers.get('x-correlation-id')).toBe(refused.json.correlationId);
      }
      await asker.at.sim('POST', 'faults', { rate: 1, kinds: ['500'] });
      expect(await asker.status('GET', LIST)).toBe(500);
      await asker.at.sim('DELETE', 'faults');
      expect(await second.status('GET', LIST)).toBe(200);
      const stats = (await asker.at.sim('GET', 'stats')).json;
      expect(stats.requests['/common/v1/alerts']).toEqual({ 429: 1, 403: 1, 200: 1 });
    }));

  test('without a token or a tenant there is nothing to be had', () =>
    withTenant({ account: 'partner', tenants: 1 }, async (asker) => {
      const bearer = { authorization: `Bearer ${await asker.at.token()}` };
      for (const path of [LIST, '/common/v1/alerts', '/endpoint/v1/settings/web-control/categories']) {
        expect((await asker.at.request('GET', path, { 'x-tenant-id': asker.tenant })).status).toBe(401);
        expect((await asker.at.request('GET', path, bearer)).status).toBe(401);
        expect((await asker.at.request('GET', path, { ...bearer, 'x-tenant-id': 'x' })).status).toBe(400);
      }
      expect((await asker.at.request('POST', `${LIST}/delete`, { ...bearer, 'x-tenant-id': asker.tenant }, '{not json')).status).toBe(400);
    }));
});

describe('the truth and control of collections', () => {
  test('tell and change what there is now, of every kind', () =>
    withTenant({}, async (asker) => {
      const change = (wish: object) => asker.at.sim('POST', 'collection', { tenant: asker.tenant, ...wish });
      for (const [name, path] of [
        ['local-sites', '/endpoint/v1/settings/web-control/local-sites'],
        ['users', '/common/v1/directory/users'],
        ['user-groups', '/common/v1/directory/user-groups'],
        ['admins', '/common/v1/admins'],
        ['roles', '/common/v1/roles'],
        ['endpoint-groups', '/endpoint/v1/endpoint-groups'],
        ['policies', '/endpoint/v1/policies'],
      ] as const) {
        const ids = (await asker.items(`${path}?pageSize=100`)).map(({ id }) => id);
        expect(ids.length).toBeGreaterThan(1);
        expect((await asker.at.truth(`?stream=${name}&fields=ids`)).map(({ id }) => id)).toEqual(ids);
        expect((await change({ name, remove: [ids[0]], put: [{ id: ids[1], comment: 'changed' }] })).status).toBe(200);
        const truth = await asker.at.truth(`?stream=${name}`);
        expect(truth.map(({ id }) => id)).toEqual(ids.slice(1));
        expect(truth[0]?.item).toMatchObject({ id: ids[1], comment: 'changed' });
      }
      const [gone] = await asker.items(LIST);
      await change({ name: 'endpoints', remove: [gone.id], put: [{ hostname: 'NEW', type: 'computer' }] });
      const now = await asker.items(`${LIST}?pageSize=500`);
      expect([now.length, now.at(-1).hostname, await asker.status('GET', `${LIST}/${gone.id}`)]).toEqual([50, 'NEW', 404]);
      for (const wrong of [{ name: 'toasters' }, { name: 'endpoints', remove: [gone.id] }, { name: 'endpoints', take: [] }, { name: 'endpoints', put: [7] }]) {
        expect((await change(wrong)).status).toBe(400);
      }
      expect((await asker.at.sim('GET', 'truth?stream=toasters')).status).toBe(400);
    }));

  test('tenants that are never asked cost nothing, and large ones are quick', () =>
    withTenant({ account: 'partner', tenants: 3000, endpoints: 600, openAlertsPerTenant: 800, localSitesPerTenant: 130 }, async (asker, second) => {
      for (const each of [asker, second]) {
        expect((await each.byKey(`${LIST}?pageSize=500`)).items).toHaveLength(600);
        expect((await each.byKey('/common/v1/alerts?pageSize=1000')).items).toHaveLength(800);
      }
    }));
});
