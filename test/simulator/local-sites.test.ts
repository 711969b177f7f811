import { describe, expect, test } from 'vitest';
import { nobody, type Thing, withTenant } from './asker.ts';

const SITES = '/endpoint/v1/settings/web-control/local-sites';
const tenants = { account: 'partner', tenants: 2, localSitesPerTenant: 130 } as const;

describe('local sites', () => {
  test('are listed over pages of at most a hundred, each once, many in several tenants', () =>
    withTenant(tenants, async (asker, second) => {
      const items = await asker.byPage(SITES, 100);
      expect([items.length, new Set(items.map(({ id }) => id)).size, new Set(items.map(({ url }) => url.toLowerCase())).size]).toEqual([130, 130, 130]);
      const urls = items.map(({ url }) => url);
      const others = new Set((await second.byPage(SITES, 100)).map(({ url }) => url));
      const common = urls.filter((url) => others.has(url));
      expect(common.length).toBeGreaterThan(30);
      expect(common.length).toBeLessThan(130);
      for (const looks of [/^\d+\.\d+\.\d+\.\d+$/, /\/24$/, /:8443$/, /[A-Z]/, /ü/, /^xn--/, /^https:/, /\?/])
        expect(urls.some((url) => looks.test(url))).toBe(true);
      expect(items.every(({ categoryId, tags }) => categoryId !== undefined || tags?.length > 0)).toBe(true);
      for (const part of ['tags', 'categoryId', 'comment']) expect(new Set(items.map((item) => part in item))).toEqual(new Set([true, false]));
      expect(await asker.status('GET', `${SITES}?pageSize=101`)).toBe(400);
      expect((await asker.get(`${SITES}?page=9&pageTotal=true&pageSize=100`)).json).toEqual({
        items: [],
        pages: { current: 9, size: 100, total: 2, items: 130, maxSize: 100 },
      });
    }));

  test('are shown in brief when told so, and whole one by one', () =>
    withTenant(tenants, async (asker) => {
      const [whole] = await asker.items(SITES);
      await asker.at.sim('POST', 'settings', { localSitesBrief: true });
      expect((await asker.items(SITES))[0]).toEqual({ id: whole.id, url: whole.url });
      expect((await asker.get(`${SITES}/${whole.id}`)).json).toEqual(whole);
    }));

  test('are added, changed and deleted; a deletion may come twice', () =>
    withTenant({ localSitesPerTenant: 3 }, async (asker) => {
      const made = await asker.ask('POST', SITES, { url: 'New.Example.com/a', categoryId: 28, comment: 'why' });
      expect(made.status).toBe(201);
      const { id } = made.json;
      expect(made.json).toEqual({ id, url: 'New.Example.com/a', categoryId: 28, comment: 'why' });
      expect((await asker.items(SITES)).at(-1)).toEqual(made.json);
      expect(await asker.status('POST', SITES, { url: 'new.example.com/A', tags: ['x'] })).toBe(409);
      const changed = await asker.ask('PATCH', `${SITES}/${id}`, { tags: ['t'], comment: '' });
      expect([changed.status, changed.json]).toEqual([200, { id, url: 'New.Example.com/a', categoryId: 28, comment: '', tags: ['t'] }]);
      for (let i = 0; i < 2; i++) expect((await asker.ask('DELETE', `${SITES}/${id}`)).json).toEqual({ deleted: true });
      expect(await asker.status('GET', `${SITES}/${id}`)).toBe(404);
      expect(await asker.status('PATCH', `${SITES}/${id}`, { comment: 'x' })).toBe(404);
      const again = await asker.ask('POST', SITES, { url: 'New.Example.com/a', categoryId: 28, comment: 'why' });
      expect([again.status, again.json.id === id]).toEqual([201, false]);
    }));

  test.each([
    [undefined],
    [{}],
    [{ categoryId: 1 }],
    [{ url: '', categoryId: 1 }],
    [{ url: ' a.example', categoryId: 1 }],
    [{ url: 'a.example' }],
    [{ url: 'a.example', tags: [] }],
    [{ url: 'a.example', categoryId: 57 }],
    [{ url: 'a.example', categoryId: '1' }],
    [{ url: 'a.example', categoryId: 1, colour: 'red' }],
    [{ url: 7, categoryId: 1 }],
    [[]],
  ])('are not made of %j', (body) =>
    withTenant({ localSitesPerTenant: 3 }, async (asker) => {
      expect(await asker.status('POST', SITES, body)).toBe(400);
      expect(await asker.items(SITES)).toHaveLength(3);
    }),
  );

  test('are not found by what is no id', () =>
    withTenant({}, async (asker) => {
      expect(await asker.status('GET', `${SITES}/${nobody}`)).toBe(404);
      for (const method of ['GET', 'DELETE']) expect(await asker.status(method, `${SITES}/x`)).toBe(400);
    }));
});

describe('categories', () => {
  test('are a bare list, and name the category of every site', () =>
    withTenant(tenants, async (asker) => {
      const { json } = await asker.get('/endpoint/v1/settings/web-control/categories');
      expect(json).toHaveLength(57);
      expect(json[29]).toEqual({ id: 29, name: 'Motor Vehicles', label: 'motor-vehicles' });
      expect(json[50].name).toBe('Tasteless & Offensive');
      expect(json.map(({ id }: Thing) => id)).toEqual(json.map((_: Thing, i: number) => i));
    }));
});

describe('TLS decryption', () => {
  const TLS = '/endpoint/v1/settings/web-control/tls-decryption';
  test('is set by category, with websites left out up to a limit', () =>
    withTenant({}, async (asker) => {
      const before = (await asker.get(TLS)).json;
      expect(before.excludedWebsites).toMatchObject({ total: 6, itemsCount: 6 });
      expect(before.categories[10].decryptionEnabled).toBe(true);
      const set = await asker.ask('PATCH', TLS, { categories: [{ id: 10, decryptionEnabled: false }] });
      expect([set.status, set.json.categories[10].decryptionEnabled]).toEqual([200, false]);
      for (const body of [{}, { categories: [{ id: 999, decryptionEnabled: true }] }, { categories: [{ id: 10 }] }])
        expect(await asker.status('PATCH', TLS, body)).toBe(400);
      const sites = `${TLS}/excluded-websites`;
      const changed = await asker.ask('PATCH', sites, {
        add: [{ value: '10.0.0.1', comment: 'x' }],
        remove: [{ value: 'bank0.example.com' }, { value: 'unknown' }],
      });
      expect(changed.json).toEqual({ added: [{ value: '10.0.0.1', comment: 'x' }], removed: [{ value: 'bank0.example.com' }] });
      expect(await asker.items(sites)).toHaveLength(6);
      expect(await asker.status('PATCH', sites, { add: Array.from({ length: 245 }, (_, i) => ({ value: `s${i}.example` })) })).toBe(422);
      expect((await asker.ask('DELETE', sites)).json).toEqual({ deleted: true });
      expect(await asker.items(sites)).toEqual([]);
    }));
});
