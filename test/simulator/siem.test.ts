import { describe, expect, test } from 'vitest';
import { type Item, idsOf, withSimulator } from './client.ts';

const HOUR = 3_600_000;
const ago = (ms: number) => `from_date=${Math.floor((Date.now() - ms) / 1000)}`;
const cursorOf = (text: string) => encodeURIComponent(Buffer.from(text).toString('base64'));

describe('the event feed', () => {
  test('hands out exactly the truth to who follows its cursors', () =>
    withSimulator({ eventsPerTenant: 2345, alertsPerTenant: 300 }, async (at) => {
      const [tenant = ''] = await at.tenantIds();
      const events = await at.drain(tenant, 'limit=1000');
      expect(events.pages).toBe(3);
      const truth = await at.truth('?stream=events');
      expect(truth).toHaveLength(2345);
      expect(events.items).toEqual(truth.map((line) => line.item));
      expect(new Set(idsOf(events.items)).size).toBe(2345);
      const alerts = await at.drain(tenant, 'limit=200', '/siem/v1/alerts');
      expect(idsOf(alerts.items)).toEqual(idsOf(await at.truth('?stream=siem-alerts')));
      expect(alerts.items).toHaveLength(300);
    }));

  test('says has_more false on a last page that is exactly full', () =>
    withSimulator({ eventsPerTenant: 400 }, async (at) => {
      const [tenant = ''] = await at.tenantIds();
      const events = await at.drain(tenant, 'limit=200');
      expect(events).toMatchObject({ pages: 2 });
      const first = await at.page(tenant, 'limit=400');
      expect([first.json.items.length, first.json.has_more]).toEqual([400, false]);
      expect(Object.keys(first.json)).toEqual(['has_more', 'items', 'next_cursor']);
    }));

  test('gives 200 items unless asked, and refuses limits outside 200 to 1000', () =>
    withSimulator({ eventsPerTenant: 1500 }, async (at) => {
      const [tenant = ''] = await at.tenantIds();
      const first = await at.page(tenant, 'nobody=knows');
      expect([first.json.items.length, first.json.has_more]).toEqual([200, true]);
      for (const limit of ['199', '1001', '0', '-1', 'many']) expect((await at.page(tenant, `limit=${limit}`)).status).toBe(400);
      await at.sim('POST', 'settings', { limitOutOfRange: 'clamp' });
      expect((await at.page(tenant, 'limit=5000')).json.items).toHaveLength(1000);
    }));

  test('finds added records with the cursor of an empty page', () =>
    withSimulator({ eventsPerTenant: 3 }, async (at) => {
      const [tenant = ''] = await at.tenantIds();
      const first = await at.drain(tenant, 'limit=200');
      const empty = await at.drain(tenant, `cursor=${encodeURIComponent(first.cursor)}`);
      expect(empty.items).toEqual([]);
      const { ids } = (await at.sim('POST', 'events', { tenant, stream: 'events', count: 5 })).json;
      const then = await at.drain(tenant, `cursor=${encodeURIComponent(empty.cursor)}`);
      expect(idsOf(then.items)).toEqual([...ids].sort());
      expect(idsOf(await at.truth())).toEqual([...idsOf(first.items), ...ids].sort());
    }));

  test('shows a late record only to who reads again from a date, or held back by an offset', () =>
    withSimulator({ eventsPerTenant: 10 }, async (at) => {
      const [tenant = ''] = await at.tenantIds();
      await at.sim('POST', 'events', { tenant, count: 1 });
      const first = await at.drain(tenant, 'limit=200');
      const held = await at.drain(tenant, 'limit=200&from_date_offset_minutes=10');
      expect(held.items).toHaveLength(10);
      const [late] = (await at.sim('POST', 'events', { tenant, count: 1, late_minutes: 5 })).json.ids;
      expect((await at.drain(tenant, `cursor=${encodeURIComponent(first.cursor)}`)).items).toEqual([]);
      expect(idsOf((await at.drain(tenant, ago(10 * 60_000))).items)).toContain(late);
      await at.sim('POST', 'clock', { advanceMs: 11 * 60_000 });
      expect(idsOf((await at.drain(tenant, `from_date_offset_minutes=10&cursor=${encodeURIComponent(held.cursor)}`)).items)).toContain(late);
      expect(idsOf(await at.truth())).toContain(late);
    }));

  test('refuses a from_date older than 24 h, clamps it on request, and finds nothing in the future', () =>
    withSimulator({ eventsPerTenant: 20 }, async (at) => {
      const [tenant = ''] = await at.tenantIds();
      expect((await at.page(tenant, ago(24 * HOUR + 5000))).status).toBe(400);
      expect((await at.page(tenant, 'from_date=yesterday')).status).toBe(400);
      await at.sim('POST', 'settings', { fromDateTooOld: 'clamp' });
      expect((await at.page(tenant, ago(48 * HOUR))).json.items).toHaveLength(20);
      expect((await at.page(tenant, ago(-HOUR))).json).toMatchObject({ has_more: false, items: [] });
      const recent = (await at.page(tenant, ago(6 * HOUR))).json.items;
      expect(recent.length).toBeGreaterThan(2);
      expect(recent.length).toBeLessThan(9);
    }));

  test('restarts silently with a cursor older than 24 h, and refuses what is no cursor', () =>
    withSimulator({ eventsPerTenant: 20 }, async (at) => {
      const [tenant = ''] = await at.tenantIds();
      const old = cursorOf('V2_CURSOR|2020-01-01T00:00:00.000Z');
      expect((await at.page(tenant, `cursor=${old}`)).json.items).toHaveLength(20);
      const plain = cursorOf(`V2_CURSOR|${new Date(Date.now() - 48 * HOUR).toISOString()}`);
      expect((await at.page(tenant, `cursor=${plain}&from_date=nonsense`)).json.items).toHaveLength(20);
      for (const bad of ['x', cursorOf('V1|2020'), cursorOf('V2_CURSOR|never'), '%22%7B']) expect((await at.page(tenant, `cursor=${bad}`)).status).toBe(400);
    }));

  test('forgets what is older than 24 h, and keeps it in the truth', () =>
    withSimulator({ eventsPerTenant: 20 }, async (at) => {
      const [tenant = ''] = await at.tenantIds();
      await at.sim('POST', 'clock', { advanceMs: 12 * HOUR });
      const half = (await at.page(tenant, 'limit=200')).json.items.length;
      expect(half).toBeGreaterThan(5);
      expect(half).toBeLessThan(15);
      await at.sim('POST', 'clock', { advanceMs: 13 * HOUR });
      expect((await at.page(tenant, 'limit=200')).json).toMatchObject({ has_more: false, items: [] });
      expect(await at.truth()).toHaveLength(20);
    }));

  test('generates events as the clock advances, and leaves out of the truth what nobody could read', () =>
    withSimulator({ eventsPerMinute: 2, historyMs: HOUR }, async (at) => {
      const [tenant = ''] = await at.tenantIds();
      expect((await at.drain(tenant, 'limit=200')).items).toHaveLength(120);
      await at.sim('POST', 'clock', { advanceMs: HOUR });
      const live = await at.drain(tenant, 'limit=200');
      expect(live.items.length).toBeGreaterThanOrEqual(239);
      expect(idsOf(live.items)).toEqual(idsOf(await at.truth('?stream=events')));
      // Two days in a blink: of these only the last 24 hours could ever be read.
      await at.sim('POST', 'clock', { advanceMs: 48 * HOUR });
      const count = (await at.truth('?stream=events')).length;
      expect(count).toBeGreaterThan(240 + 2870);
      expect(count).toBeLessThan(240 + 2890);
    }));

  test('leaves out excluded types of events, and of events only', () =>
    withSimulator({ eventsPerTenant: 900, alertsPerTenant: 60 }, async (at) => {
      const [tenant = ''] = await at.tenantIds();
      const all = (await at.drain(tenant, 'limit=1000')).items;
      const types = ['Event::Endpoint::UpdateSuccess', 'Event::Endpoint::WebControlViolation'];
      const kept = await at.drain(tenant, `limit=1000&exclude_types=${types.join(',')}`);
      expect(idsOf(kept.items)).toEqual(idsOf(all.filter((item) => !types.includes(item.type))));
      expect(kept.items.length).toBeLessThan(all.length);
      const alert = (await at.page(tenant, 'limit=200', '/siem/v1/alerts')).json.items[0].type;
      expect((await at.page(tenant, `limit=200&exclude_types=${alert}`, '/siem/v1/alerts')).json.items).toHaveLength(60);
    }));

  test('repeats or loses records of the boundary millisecond on request', () =>
    withSimulator({}, async (at) => {
      const [tenant = ''] = await at.tenantIds();
      const created_at = new Date(Date.now() - 1000).toISOString();
      await at.sim('POST', 'events', { tenant, items: Array.from({ length: 300 }, () => ({ created_at })) });
      for (const [boundary, rest] of [
        ['exact', 100],
        ['repeat', 200],
        ['lose', 0],
      ]) {
        await at.sim('POST', 'settings', { boundary });
        const first = await at.page(tenant, 'limit=200');
        expect((await at.page(tenant, `cursor=${encodeURIComponent(first.json.next_cursor)}`)).json.items).toHaveLength(Number(rest));
      }
    }));

  test('asks for a tenant, its own, and a bearer token', () =>
    withSimulator({ account: 'tenant', tenants: 2 }, async (at) => {
      const [own = '', foreign = ''] = await at.tenantIds();
      expect((await at.get('/siem/v1/events')).status).toBe(401);
      expect((await at.page('not-a-uuid', '')).status).toBe(400);
      expect((await at.page('00000000-0000-4000-8000-000000000000', '')).status).toBe(403);
      expect((await at.page(foreign, '')).status).toBe(403);
      expect((await at.page(own.toUpperCase(), '')).status).toBe(200);
      await at.sim('POST', 'settings', { unknownTenant: 404, missingTenantId: 400 });
      expect((await at.page(foreign, '')).status).toBe(404);
      expect((await at.get('/siem/v1/events')).status).toBe(400);
      const bare = await at.request('GET', '/siem/v1/events', { 'x-tenant-id': own });
      expect([bare.status, bare.json.error]).toEqual([401, 'Unauthorized']);
    }));

  test('serves the legacy gateway by key and token, without a tenant', () =>
    withSimulator({ eventsPerTenant: 30 }, async (at) => {
      const [, url = '', key = '', token = ''] = /^url: (.+), x-api-key: (.+), Authorization: (.+)$/.exec(at.simulator.siemToken) ?? [];
      expect(url).toBe(`${at.simulator.url}/gateway`);
      const good = await at.request('GET', '/gateway/siem/v1/events?limit=200', { 'x-api-key': key, authorization: token });
      expect(good.json.items).toHaveLength(30);
      expect((await at.request('GET', '/gateway/siem/v1/events', { 'x-api-key': 'x', authorization: token })).status).toBe(403);
      expect((await at.request('GET', '/gateway/siem/v1/events', { 'x-api-key': key })).status).toBe(401);
      expect((await at.request('GET', '/gateway/siem/v1/alerts', { 'x-api-key': key, authorization: token })).json.items).toEqual([]);
    }));
});

describe('the records', () => {
  test('are the same for the same seed, and others for another', async () => {
    const ids = async (seed: number) => {
      let found: string[] = [];
      await withSimulator({ seed, account: 'partner', tenants: 3, eventsPerTenant: 50 }, async (at) => {
        found = [
          at.simulator.clientId,
          at.simulator.clientSecret,
          at.simulator.hecToken,
          at.simulator.hecAckToken,
          ...(await at.tenantIds()),
          ...idsOf(await at.truth()),
        ];
      });
      return found;
    };
    const once = await ids(7);
    expect(await ids(7)).toEqual(once);
    expect((await ids(8)).filter((id) => once.includes(id))).toEqual([]);
    expect(new Set(once).size).toBe(once.length - 3);
  });

  test('come in every shape: oddities, unknown keys and types, long names, about 900 bytes', () =>
    withSimulator({ eventsPerTenant: 20_000 }, async (at) => {
      const text = (await at.sim('GET', 'truth?stream=events')).text;
      for (const sign of ['′', '″', '∕', '🎉', 'محمد', 'XGS-HQ "', '"n/a"', '"origin":null', 'NeverSeenBefore', 'brandNewKey', '\\"quoted\\"', '"MEDIUM"'])
        expect(text).toContain(sign);
      const items = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).item as Item]));
      expect(items.filter((item) => Buffer.byteLength(String(item.name)) > 4096).length).toBeGreaterThan(10);
      const mean = Buffer.byteLength(text) / items.length - 130;
      expect(mean).toBeGreaterThan(800);
      expect(mean).toBeLessThan(1000);
      const disorder = items.filter((item, i) => i > 0 && item.when < (items[i - 1] as Item).when).length;
      expect(disorder).toBeGreaterThan(100);
      expect(items.every((item, i) => i === 0 || item.created_at >= (items[i - 1] as Item).created_at)).toBe(true);
    }));

  test('name the event that raised an alert by the same id', () =>
    withSimulator({ eventsPerTenant: 1000, alertsPerTenant: 40 }, async (at) => {
      const events = new Map((await at.truth('?stream=events')).map((line) => [line.id, line.item]));
      const alerts = await at.truth('?stream=siem-alerts');
      expect(alerts).toHaveLength(40);
      for (const { item } of alerts) {
        const event = events.get(String(item?.event_service_event_id));
        expect([item?.id, item?.type, item?.when, item?.description]).toEqual([event?.id, event?.type, event?.when, event?.name]);
      }
    }));

  test('keep the bytes that control gave, and fill in what an item lacks', () =>
    withSimulator({}, async (at) => {
      const [tenant = ''] = await at.tenantIds();
      const text = '{"id":"odd","n":1.0,"big":12345678901234567890}';
      await at.sim('POST', 'events', { tenant, texts: [text], items: [{ name: 'mine' }] });
      await at.sim('POST', 'events', { tenant, as_is: true, items: [{ only: 'this' }, 'a text'] });
      const page = await at.page(tenant, 'limit=200');
      expect(page.text).toContain(text);
      expect(page.text).toContain('{"only":"this"},"a text"');
      expect(page.json.items[0]).toMatchObject({ name: 'mine', customer_id: tenant, id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
      expect((await at.truth('?fields=ids')).map((line) => line.id)).toEqual([page.json.items[0].id, 'odd', null, null]);
    }));
});
