import { describe, expect, test } from 'vitest';
import { nobody, type Thing, withTenant } from './asker.ts';

const SETTINGS = '/endpoint/v1/settings';

describe('allowed and blocked items', () => {
  test('are added once, noted upon, and deleted as often as one likes', () =>
    withTenant({}, async (asker) => {
      const path = `${SETTINGS}/allowed-items`;
      const [user] = await asker.items('/common/v1/directory/users');
      const body = { type: 'sha256', properties: { sha256: 'ab'.repeat(32), fileName: 'x.exe' }, comment: 'fine', originPersonId: user.id };
      const made = await asker.ask('POST', path, body);
      expect([made.status, made.json.originPerson]).toEqual([201, { id: user.id, name: user.name }]);
      expect(await asker.status('POST', path, body)).toBe(409);
      expect((await asker.ask('PATCH', `${path}/${made.json.id}`, { comment: 'still fine' })).json).toMatchObject({ comment: 'still fine', type: 'sha256' });
      for (let i = 0; i < 2; i++) expect(await asker.status('DELETE', `${path}/${made.json.id}`)).toBe(200);
      expect(await asker.status('GET', `${path}/${made.json.id}`)).toBe(404);
      for (const wrong of [
        { ...body, type: 'path' },
        { ...body, type: 'colour' },
        { ...body, properties: { sha256: 'short' } },
        { ...body, comment: undefined },
      ]) {
        expect(await asker.status('POST', path, wrong)).toBe(400);
      }
      expect(await asker.status('POST', `${SETTINGS}/blocked-items`, { type: 'path', properties: { path: 'x' }, comment: 'c' })).toBe(400);
      expect(await asker.status('PATCH', `${SETTINGS}/blocked-items/${nobody}`, { comment: 'c' })).toBe(404);
    }));

  test('addresses are blocked and unblocked in bulk', () =>
    withTenant({}, async (asker) => {
      const path = `${SETTINGS}/blocked-addresses`;
      const before = await asker.items(path);
      expect(before.map(({ createdAt }) => createdAt)).toEqual(
        before
          .map(({ createdAt }) => createdAt)
          .sort()
          .reverse(),
      );
      const good = ['1.1.2.3', '1.2.0.0/17', '1.3.2.3-1.3.2.6', '2001:db8::1', '2001:db8::/32', '2001:db8::1-2001:db8::9'];
      const made = await asker.ask('POST', `${path}/bulk`, { items: [{ item: good }] });
      expect([made.status, made.json.items.map(({ item }: Thing) => item)]).toEqual([201, good]);
      for (const bad of ['1.2.3', '1.2.3.4/33', '1.1.1.1-::1', 'example.com', '1.1.1.1-1.1.1.2-1.1.1.3']) {
        expect(await asker.status('POST', `${path}/bulk`, { items: [{ item: [bad] }] })).toBe(400);
      }
      const ids = made.json.items.map(({ id }: Thing) => id);
      expect((await asker.ask('POST', `${path}/bulk/delete`, { ids: [...ids, nobody] })).json).toEqual({ failedToDelete: [nobody] });
      expect(await asker.items(path)).toEqual(before);
    }));
});

describe('exclusions', () => {
  test('from scanning are changed, but for those that a managing account has locked', () =>
    withTenant({}, async (asker) => {
      const path = `${SETTINGS}/exclusions/scanning`;
      const locked = (await asker.items(path)).find(({ lockedByManagingAccount }) => lockedByManagingAccount);
      expect(await asker.status('PATCH', `${path}/${locked.id}`, { comment: 'x' })).toBe(403);
      expect(await asker.status('DELETE', `${path}/${locked.id}`)).toBe(403);
      const body = { value: 'C:\\New\\', type: 'path', scanMode: 'onDemand', comment: 'c' };
      const made = await asker.ask('POST', path, body);
      expect([made.status, made.json.lockedByManagingAccount]).toEqual([201, false]);
      expect(await asker.status('POST', path, body)).toBe(400);
      expect((await asker.ask('PATCH', `${path}/${made.json.id}`, { scanMode: 'onAccess' })).json.scanMode).toBe('onAccess');
      expect((await asker.items(`${path}?type=path`)).every(({ type }) => type === 'path')).toBe(true);
      for (const wrong of [
        { ...body, type: undefined },
        { ...body, scanMode: 'always' },
        { ...body, value: '' },
      ])
        expect(await asker.status('POST', path, wrong)).toBe(400);
      expect(await asker.status('DELETE', `${path}/${made.json.id}`)).toBe(200);
    }));

  test.each([
    ['intrusion-prevention', 'intrusionPrevention'],
    ['isolation', 'isolation'],
  ])('from %s are of traffic', (where, type) =>
    withTenant({}, async (asker) => {
      const path = `${SETTINGS}/exclusions/${where}`;
      const made = await asker.ask('POST', path, { direction: 'inbound', localPorts: [443], comment: 'x' });
      expect([made.status, made.json.type]).toEqual([201, type]);
      expect((await asker.ask('PATCH', `${path}/${made.json.id}`, { remotePorts: [22] })).json).toMatchObject({ localPorts: [443], remotePorts: [22] });
      for (const wrong of [{ direction: 'inbound' }, { localPorts: [1] }, { direction: 'up', localPorts: [1] }, { direction: 'both', localPorts: [65536] }]) {
        expect(await asker.status('POST', path, wrong)).toBe(400);
      }
      expect(await asker.status('GET', `${path}/${nobody}`)).toBe(404);
    }),
  );
});

describe('exploit mitigation', () => {
  test('knows what was detected, its categories, and applications', () =>
    withTenant({}, async (asker) => {
      const path = `${SETTINGS}/exploit-mitigation`;
      const [exploit] = await asker.items(`${path}/detected-exploits`);
      expect((await asker.items(`${path}/detected-exploits?thumbprintNotIn=${exploit.thumbprint}`)).map(({ id }) => id)).not.toContain(exploit.id);
      const { json } = await asker.get(`${path}/categories`);
      expect([Object.keys(json), json.items[0]]).toEqual([['items'], { id: 'browsers', name: 'Browsers', settings: expect.any(Object) }]);
      const made = await asker.ask('POST', `${path}/applications`, { paths: ['$programfiles\\Foo\\foo.exe'] });
      expect(made.json).toMatchObject({ name: 'foo.exe', type: 'custom' });
      expect(await asker.status('POST', `${path}/applications`, { paths: ['$programfiles\\Foo\\foo.exe'] })).toBe(409);
      const one = `${path}/applications/${made.json.id}`;
      expect((await asker.ask('PATCH', one, { modifications: { protected: true, settings: { ASLR: false } } })).json.modifications.settings).toEqual({
        ASLR: false,
      });
      expect(await asker.status('PATCH', one, { modifications: { settings: { Magic: true } } })).toBe(400);
      expect((await asker.items(`${path}/applications?modified=true`)).map(({ id }) => id)).toContain(made.json.id);
    }));
});

describe('other settings', () => {
  test('peripherals are found by type and by when they were last seen', () =>
    withTenant({}, async (asker) => {
      const path = `${SETTINGS}/peripheral-control/peripherals`;
      const items = await asker.items(path);
      expect((await asker.get(`${path}/${items[2].id}`)).json).toEqual(items[2]);
      expect((await asker.items(`${path}?type=wireless`)).every(({ type }) => type === 'wireless')).toBe(true);
      const before = (await asker.items(`${path}?lastSeenBefore=${items[3].lastSeenAt}`)).length;
      expect(before + (await asker.items(`${path}?lastSeenAfter=${items[3].lastSeenAt}`)).length).toBe(items.length);
    }));

  test('the event journal has limits for each type of endpoint', () =>
    withTenant({}, async (asker) => {
      const path = `${SETTINGS}/event-journal/server`;
      const set = await asker.ask('PATCH', path, { useRecommended: false, diskSpaceLimitInMB: 15_000 });
      expect(set.json).toMatchObject({ useRecommended: false, diskSpaceLimitInMB: { recommendedValue: 5250, value: 15_000 } });
      expect((await asker.get(path)).json).toEqual(set.json);
      expect((await asker.get(`${SETTINGS}/event-journal/computer`)).json.useRecommended).toBe(true);
      for (const body of [{ diskSpaceLimitAsPercentage: 101 }, { diskSpaceLimitInMB: 'all' }]) expect(await asker.status('PATCH', path, body)).toBe(400);
      expect(await asker.status('GET', `${SETTINGS}/event-journal/toaster`)).toBe(400);
    }));
});

describe('policies', () => {
  const PATH = '/endpoint/v1/policies';
  test('are made, changed, cloned and deleted; base and locked ones stay', () =>
    withTenant({}, async (asker) => {
      const items = await asker.items(PATH);
      const base = (await asker.get(`${PATH}/web-control/base`)).json;
      expect(items.map(({ id }) => id)).toContain(base.id);
      expect(await asker.status('DELETE', `${PATH}/${base.id}`)).toBe(409);
      const locked = items.find(({ lockedByManagingAccount }) => lockedByManagingAccount);
      for (const [method, body] of [['DELETE'], ['PATCH', { enabled: false }]] as const)
        expect(await asker.status(method, `${PATH}/${locked.id}`, body)).toBe(409);
      const key = 'endpoint.device-encryption.encrypt-non-boot-volumes';
      const made = await asker.ask('POST', PATH, { name: 'New', type: 'device-encryption', priority: 3, settings: { [key]: { value: false } } });
      expect([made.status, made.json.settings[key]]).toEqual([201, { value: false, recommendedValue: true }]);
      const one = `${PATH}/${made.json.id}`;
      expect((await asker.get(`${one}/settings/${key}`)).json.value).toBe(false);
      expect((await asker.ask('POST', `${one}/settings/${key}/reset`)).json.value).toBe(true);
      expect((await asker.ask('PATCH', `${one}/settings`, { [key]: { value: false } })).json[key].value).toBe(false);
      expect((await asker.ask('POST', `${one}/settings/reset`)).json[key].value).toBe(true);
      const cloned = await asker.ask('POST', `${one}/clone`, { name: 'Twin' });
      expect([cloned.status, cloned.json.name, cloned.json.settings]).toEqual([201, 'Twin', (await asker.get(one)).json.settings]);
      expect((await asker.items(`${PATH}?policyType=device-encryption`)).map(({ name }) => name)).toEqual(expect.arrayContaining(['New', 'Twin']));
      expect(await asker.status('DELETE', one)).toBe(200);
      expect(await asker.status('GET', one)).toBe(404);
      for (const wrong of [
        { name: 'X' },
        { name: 'X', type: 'toaster' },
        { name: '', type: 'web-control' },
        { name: 'X', type: 'web-control', settings: { a: { value: 1 } } },
      ]) {
        expect(await asker.status('POST', PATH, wrong)).toBe(400);
      }
    }));

  test('of a type have a base, whose settings are set one by one', () =>
    withTenant({}, async (asker) => {
      const path = `${PATH}/web-control/base`;
      const key = 'endpoint.web-control.enabled';
      expect((await asker.ask('PATCH', `${path}/settings/${key}`, { value: false })).json).toEqual({ value: false, recommendedValue: true });
      expect(await asker.status('PATCH', `${path}/settings/${key}`, { value: 'off' })).toBe(400);
      expect((await asker.get(`${path}/settings`)).json[key].value).toBe(false);
      expect((await asker.ask('POST', `${path}/settings/reset`)).json[key].value).toBe(true);
      expect(await asker.status('GET', `${PATH}/toaster/base`)).toBe(404);
      expect((await asker.get(`${PATH}/settings?policyType=web-control`)).json.items).toHaveLength(1);
    }));
});

describe('software', () => {
  test('packages are shown, special ones once added, and noted upon', () =>
    withTenant({}, async (asker) => {
      const path = '/endpoint/v1/software';
      const shown = await asker.items(`${path}/packages/static`);
      const hidden = (
        await asker.at.sim('POST', 'collection', {
          tenant: asker.tenant,
          name: 'static-packages',
          put: [{ name: 'S', type: 'special', platform: 'windows', visible: false }],
        })
      ).json.ids[0];
      expect((await asker.ask('POST', `${path}/packages/static/${hidden}/add`)).status).toBe(201);
      expect(await asker.status('POST', `${path}/packages/static/${hidden}/add`)).toBe(409);
      expect(await asker.items(`${path}/packages/static`)).toHaveLength(shown.length + 1);
      expect((await asker.items(`${path}/packages/static?releasedTo=${shown[0].releasedAt}`)).map(({ id }) => id)).not.toContain(shown[0].id);
      const note = `${path}/comments/${shown[0].id}`;
      expect(await asker.status('GET', note)).toBe(404);
      expect((await asker.ask('PUT', note, { comment: 'for the tills' })).json.comment).toBe('for the tills');
      expect((await asker.items(`${path}/comments`)).map(({ id }) => id)).toEqual([shown[0].id]);
      expect((await asker.ask('DELETE', note)).json).toEqual({ deleted: true });
      const { installers } = (await asker.get('/endpoint/v1/downloads?platforms=linux')).json;
      expect(installers.map(({ platform }: Thing) => platform)).toEqual(['linux']);
    }));

  test('endpoints migrate when the receiver has asked and the sender has its token', () =>
    withTenant({ account: 'partner', tenants: 2 }, async (receiver, sender) => {
      const path = '/endpoint/v1/migrations';
      const endpoints = (await sender.items('/endpoint/v1/endpoints?pageSize=2')).map(({ id }) => id);
      const job = (await receiver.ask('POST', path, { fromTenant: sender.tenant, endpoints })).json;
      expect(job).toMatchObject({ mode: 'receiving', token: expect.any(String) });
      expect(await sender.status('PUT', `${path}/${job.id}`, { token: 'guess', endpoints })).toBe(400);
      expect(await sender.status('PUT', `${path}/${job.id}`, { token: job.token, endpoints })).toBe(201);
      expect(await sender.status('PUT', `${path}/${job.id}`, { token: job.token, endpoints })).toBe(200);
      expect((await receiver.items(`${path}/${job.id}/endpoints`)).map(({ status }) => status)).toEqual(['pending', 'pending']);
      await receiver.at.sim('POST', 'clock', { advanceMs: 10_000 });
      expect((await receiver.items(`${path}/${job.id}/endpoints`)).map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
      expect((await sender.get(`${path}?mode=sending`)).json.pages.maxSize).toBe(500);
    }));
});
