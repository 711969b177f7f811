import { describe, expect, test } from 'vitest';
import { type Asker, nobody, type Thing, withTenant } from './asker.ts';

const LIST = '/common/v1/alerts';
const tenant = { account: 'partner', tenants: 2, openAlertsPerTenant: 400 } as const;
const DAY_MS = 86_400_000;

async function all(asker: Asker): Promise<Thing[]> {
  return (await asker.byKey(`${LIST}?pageSize=1000`)).items;
}

describe('the list of alerts', () => {
  test('shows every open one once, over the last 90 days, with decimal keys', () =>
    withTenant(tenant, async (asker) => {
      const { items, pages } = await asker.byKey(`${LIST}?pageSize=75`);
      expect([items.length, pages, new Set(items.map(({ id }) => id)).size]).toEqual([400, 6, 400]);
      const ages = items.map(({ raisedAt }) => (Date.now() - Date.parse(raisedAt)) / DAY_MS);
      expect(Math.max(...ages)).toBeLessThan(90);
      expect(Math.max(...ages)).toBeGreaterThan(85);
      expect(Math.min(...ages)).toBeGreaterThan(0);
      const { json } = await asker.get(`${LIST}?pageSize=2`);
      expect(json.pages).toEqual({ nextKey: expect.stringMatching(/^\d{13}$/), size: 2, maxSize: 1000 });
      expect(items[0].tenant).toEqual({ id: asker.tenant, name: expect.any(String) });
    }));

  test('allows a thousand a page, or a hundred when told so', () =>
    withTenant(tenant, async (asker) => {
      expect(await asker.status('GET', `${LIST}?pageSize=1001`)).toBe(400);
      await asker.at.sim('POST', 'settings', { alertsMaxSize: 100 });
      expect(await asker.status('GET', `${LIST}?pageSize=101`)).toBe(400);
      expect((await asker.get(`${LIST}?pageSize=100`)).json.pages.maxSize).toBe(100);
    }));

  test('has alerts without a device, without a person, with none to be found, and with no action', () =>
    withTenant(tenant, async (asker) => {
      const items = await all(asker);
      const kinds = (of: (item: Thing) => unknown) => new Set(items.map(of));
      expect(kinds((item) => 'managedAgent' in item)).toEqual(new Set([true, false]));
      expect(kinds((item) => 'person' in item)).toEqual(new Set([true, false]));
      expect(kinds(({ severity }) => severity)).toEqual(new Set(['high', 'medium', 'low']));
      expect(items.some(({ allowedActions }) => allowedActions.length === 0)).toBe(true);
      const found = async (path: string, ids: readonly string[]) => new Set(await Promise.all(ids.map((id) => asker.status('GET', `${path}/${id}`))));
      const agents = items.filter(({ managedAgent }) => managedAgent?.type === 'computer').slice(0, 40);
      expect(
        await found(
          '/endpoint/v1/endpoints',
          agents.map(({ managedAgent }) => managedAgent.id),
        ),
      ).toEqual(new Set([200, 404]));
      const people = items.filter(({ person }) => person !== undefined).slice(0, 40);
      expect(
        await found(
          '/common/v1/directory/users',
          people.map(({ person }) => person.id),
        ),
      ).toEqual(new Set([200, 404]));
      const { type, groupKey } = items.find((item) => item.category === 'malware');
      expect(Buffer.from(groupKey, 'base64').toString()).toMatch(new RegExp(`^1,${type},16,`));
    }));

  test.each([
    ['severity=high,low', { severity: ['high', 'low'] }, (a: Thing) => a.severity !== 'medium'],
    ['product=server&product=firewall', { product: ['server', 'firewall'] }, (a: Thing) => ['server', 'firewall'].includes(a.product)],
    ['category=pua', { category: ['pua'] }, (a: Thing) => a.category === 'pua'],
    ['severity=high&product=endpoint', { severity: ['high'], product: ['endpoint'] }, (a: Thing) => a.severity === 'high' && a.product === 'endpoint'],
  ] as const)('of %s has those and no others, with a body too', (query, body, fits) =>
    withTenant(tenant, async (asker) => {
      const wanted = (await all(asker)).filter(fits).map(({ id }) => id);
      expect(wanted.length).toBeGreaterThan(5);
      expect((await asker.byKey(`${LIST}?${query}&pageSize=9`)).items.map(({ id }) => id)).toEqual(wanted);
      const searched = await asker.ask('POST', `${LIST}/search`, { ...body, pageSize: 400 });
      expect([searched.status, searched.json.items.map(({ id }: Thing) => id)]).toEqual([200, wanted]);
    }),
  );

  test('is cut at instants: from is inclusive, to exclusive, in every spelling of a time', () =>
    withTenant(tenant, async (asker) => {
      const items = await all(asker);
      const ids = async (query: string) => (await asker.byKey(`${LIST}?pageSize=1000&${query}`)).items.map(({ id }) => id);
      const { raisedAt } = items[150];
      const wanted = items.slice(150).map(({ id }) => id);
      for (const spelled of [raisedAt, raisedAt.replace('Z', ''), raisedAt.replace('Z', '000Z'), raisedAt.replace('Z', '%2B00:00')]) {
        expect(await ids(`from=${spelled}`)).toEqual(wanted);
      }
      expect(await ids(`to=${raisedAt}`)).toEqual(items.slice(0, 150).map(({ id }) => id));
      const cut = await asker.ask('POST', `${LIST}/search`, { from: raisedAt, to: items[153].raisedAt, sort: ['raisedAt:desc'] });
      expect(cut.json.items.map(({ id }: Thing) => id)).toEqual(wanted.slice(0, 3).reverse());
    }));

  test('goes either way, shows some fields, and knows ids and group keys', () =>
    withTenant(tenant, async (asker) => {
      const items = await all(asker);
      const down = (await asker.byKey(`${LIST}?pageSize=64&sort=raisedAt:desc`)).items.map(({ id }) => id);
      expect(down).toEqual(items.map(({ id }) => id).reverse());
      const two = [items[5].id, items[9].id];
      expect((await asker.items(`${LIST}?ids=${two.join(',')}`)).map(({ id }) => id)).toEqual(two);
      expect(Object.keys((await asker.items(`${LIST}?fields=severity,allowedActions&pageSize=1`))[0])).toEqual(['id', 'allowedActions', 'severity']);
      const { groupKey } = items[5];
      const like = (await asker.byKey(`${LIST}?pageSize=1000&groupKey=${encodeURIComponent(groupKey)}`)).items;
      expect(like.length).toBe(items.filter((item) => item.groupKey === groupKey).length);
    }));

  test.each([
    'from=yesterday',
    'to=2026-13-01T00:00:00Z',
    'from=-P1D',
    'ids=x',
    'pageSize=-1',
    'sort=colour',
    'sort=raisedAt:up',
    'pageFromKey=12',
    'pageTotal=1',
  ])('refuses %s', (query) => withTenant({ openAlertsPerTenant: 3 }, async (asker) => expect(await asker.status('GET', `${LIST}?${query}`)).toBe(400)));

  test.each([[{ severity: 'high' }], [{ from: 'yesterday' }], [{ ids: ['x'] }], [{ pageSize: '5' }], [{ pageTotal: 'true' }], [{ colour: 'red' }], [[]]])(
    'refuses a search for %j',
    (body) => withTenant({ openAlertsPerTenant: 3 }, async (asker) => expect(await asker.status('POST', `${LIST}/search`, body)).toBe(400)),
  );

  test('leaves out the zone of a few times when told to', () =>
    withTenant(tenant, async (asker) => {
      await asker.at.sim('POST', 'settings', { zonelessTimes: true });
      expect(new Set((await all(asker)).map(({ raisedAt }) => raisedAt.endsWith('Z')))).toEqual(new Set([true, false]));
    }));
});

describe('acting on an alert', () => {
  test('closes it: it leaves the list and is found no more, and other tenants keep theirs', () =>
    withTenant(tenant, async (asker, second) => {
      const items = await all(asker);
      const alert = items.find(({ allowedActions }) => allowedActions.includes('cleanPua'));
      expect((await asker.get(`${LIST}/${alert.id}`)).json).toEqual(alert);
      expect(await second.status('POST', `${LIST}/${alert.id}/actions`, { action: 'cleanPua' })).toBe(404);
      const done = await asker.ask('POST', `${LIST}/${alert.id}/actions`, { action: 'cleanPua', message: 'Remove it' });
      expect(done.status).toBe(201);
      expect(done.json).toMatchObject({ id: expect.any(String), alertId: alert.id, action: 'cleanPua', status: 'started', completedAt: null });
      expect(await asker.status('GET', `${LIST}/${alert.id}`)).toBe(404);
      expect(await asker.status('POST', `${LIST}/${alert.id}/actions`, { action: 'acknowledge' })).toBe(404);
      expect((await all(asker)).map(({ id }) => id)).toEqual(items.map(({ id }) => id).filter((id) => id !== alert.id));
      // The truth knows what was ever there to be read.
      expect(await asker.at.truth(`?tenant=${asker.tenant}&stream=alerts&fields=ids`)).toHaveLength(400);
    }));

  test('is refused when the alert does not allow it, when nobody knows it, and without a body', () =>
    withTenant(tenant, async (asker) => {
      const items = await all(asker);
      const { id } = items.find(({ category }) => category === 'updating');
      for (const body of [{ action: 'cleanPua' }, { action: 'explode' }, {}, undefined, { action: 'acknowledge', force: true }]) {
        expect(await asker.status('POST', `${LIST}/${id}/actions`, body)).toBe(400);
      }
      expect(await asker.status('POST', `${LIST}/${nobody}/actions`, { action: 'acknowledge' })).toBe(404);
      expect(await asker.status('GET', `${LIST}/x`)).toBe(400);
      expect((await all(asker)).length).toBe(400);
    }));

  test('that only sends a message leaves it open', () =>
    withTenant(tenant, async (asker) => {
      const { id } = (await all(asker)).find(({ allowedActions }) => allowedActions.includes('sendMsgPua'));
      expect(await asker.status('POST', `${LIST}/${id}/actions`, { action: 'sendMsgPua', message: 'Please look' })).toBe(201);
      expect(await asker.status('GET', `${LIST}/${id}`)).toBe(200);
    }));

  test('between two pages shifts nothing', () =>
    withTenant(tenant, async (asker) => {
      const first = (await asker.get(`${LIST}?pageSize=100`)).json;
      for (const { id, allowedActions } of first.items.slice(60)) {
        if (allowedActions.includes('acknowledge')) await asker.ask('POST', `${LIST}/${id}/actions`, { action: 'acknowledge' });
      }
      const rest = (await asker.get(`${LIST}?pageSize=1000&pageFromKey=${first.pages.nextKey}`)).json;
      expect(rest.items).toHaveLength(300);
    }));
});

describe('control', () => {
  test('raises alerts now and late, changes them, and closes them as a person would', () =>
    withTenant({ ...tenant, openAlertsPerTenant: 5 }, async (asker) => {
      const before = (await all(asker)).map(({ id }) => id);
      const { ids } = (await asker.at.sim('POST', 'alerts', { tenant: asker.tenant, count: 3 })).json;
      const late = (await asker.at.sim('POST', 'alerts', { tenant: asker.tenant, count: 1, late_minutes: 120 })).json.ids;
      const own = (
        await asker.at.sim('POST', 'alerts', { tenant: asker.tenant, raisedMinutesAgo: 5, items: [{ id: nobody, severity: 'high', description: 'Mine' }] })
      ).json.ids;
      expect(own).toEqual([nobody]);
      const now = await all(asker);
      // What is late stands where it was raised, before those that came earlier.
      expect(now.map(({ id }) => id)).toEqual([...before.filter((id) => !late.includes(id)), ...late, ...own, ...ids]);
      expect(now.find(({ id }) => id === nobody)).toMatchObject({ severity: 'high', description: 'Mine', tenant: { id: asker.tenant } });
      await asker.at.sim('POST', 'alerts', { tenant: asker.tenant, change: [{ id: nobody, severity: 'low' }], close: [before[0]] });
      expect((await asker.get(`${LIST}/${nobody}`)).json.severity).toBe('low');
      expect(await asker.status('GET', `${LIST}/${before[0]}`)).toBe(404);
      expect((await asker.at.truth('?stream=alerts')).filter(({ tenant: id }) => id === asker.tenant)).toHaveLength(10);
      for (const wrong of [{ tenant: 'nobody', count: 1 }, { many: 3 }, { change: [{ id: 'x' }] }, { close: [before[0]] }, { items: [{ raisedAt: 'noon' }] }]) {
        expect((await asker.at.sim('POST', 'alerts', { tenant: asker.tenant, ...wrong })).status).toBe(400);
      }
    }));
});
