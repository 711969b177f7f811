import { describe, expect, test } from 'vitest';
import { type Asker, nobody, type Thing, withTenant } from './asker.ts';

const LIST = '/endpoint/v1/endpoints';

async function computers(asker: Asker): Promise<string[]> {
  return (await asker.items(`${LIST}?type=computer&isolationStatus=notIsolated`)).map(({ id }) => id);
}

const isolation = async (asker: Asker, id: unknown): Promise<Thing> => (await asker.get(`${LIST}/${id}?view=full`)).json.isolation;
const later = (asker: Asker, advanceMs: number) => asker.at.sim('POST', 'clock', { advanceMs });

describe('isolation', () => {
  test('is accepted at once, in force a while later, and refuses another change meanwhile', () =>
    withTenant({}, async (asker) => {
      const [a = '', b = ''] = await computers(asker);
      const order = await asker.ask('POST', `${LIST}/isolation`, { enabled: true, comment: 'looks bad', ids: [a, b, nobody] });
      expect(order.status).toBe(202);
      expect(order.json.items.map(({ id }: Thing) => id)).toEqual([a, b]);
      expect(order.json.items[0].isolation).toMatchObject({ enabled: true, comment: 'looks bad', lastEnabledBy: { type: 'service' } });
      expect(await isolation(asker, a)).toEqual({ status: 'notIsolated', adminIsolated: false, selfIsolated: false });
      expect(await asker.status('PATCH', `${LIST}/${a}/isolation`, { enabled: false })).toBe(409);
      expect(await asker.status('POST', `${LIST}/isolation`, { enabled: false, ids: [b] })).toBe(409);
      await later(asker, 4000);
      expect(await isolation(asker, a)).toEqual({ status: 'isolated', adminIsolated: true, selfIsolated: false });
      expect((await asker.items(`${LIST}?isolationStatus=isolated`)).map(({ id }) => id)).toEqual(expect.arrayContaining([a, b]));
      const back = await asker.ask('PATCH', `${LIST}/${a}/isolation`, { enabled: false, comment: 'clean' });
      expect([back.status, back.json.enabled, back.json.comment]).toEqual([200, false, 'clean']);
      await later(asker, 4000);
      expect((await isolation(asker, a)).status).toBe('notIsolated');
      expect((await asker.get(`${LIST}/${a}/isolation`)).json).toMatchObject({
        enabled: false,
        lastEnabledAt: expect.any(String),
        lastDisabledAt: expect.any(String),
      });
      expect((await asker.at.truth('?stream=endpoints')).find(({ id }) => id === b)?.item).toMatchObject({ isolation: { status: 'isolated' } });
    }));

  test('finds none of unknown endpoints, and wants a whole body', () =>
    withTenant({}, async (asker) => {
      const [id] = await computers(asker);
      expect(await asker.status('POST', `${LIST}/isolation`, { enabled: true, ids: [nobody] })).toBe(404);
      expect(await asker.status('GET', `${LIST}/${nobody}/isolation`)).toBe(404);
      for (const body of [undefined, {}, { enabled: true }, { enabled: 'true', ids: [id] }, { enabled: true, ids: [] }, { enabled: true, ids: ['x'] }]) {
        expect(await asker.status('POST', `${LIST}/isolation`, body)).toBe(400);
      }
      expect(await asker.status('PATCH', `${LIST}/${id}/isolation`, {})).toBe(400);
    }));
});

describe('scans and update checks', () => {
  test.each(['scans', 'update-checks'])('%s are requested with a body, which may be empty but must be there', (what) =>
    withTenant({}, async (asker) => {
      const [id] = await computers(asker);
      const made = await asker.ask('POST', `${LIST}/${id}/${what}`, {});
      expect(made.status).toBe(201);
      expect(made.json).toEqual({ id: expect.any(String), status: 'requested', requestedAt: expect.stringMatching(/Z$/) });
      expect((await asker.ask('POST', `${LIST}/${id}/${what}`, {})).json.id).not.toBe(made.json.id);
      for (const body of [undefined, [], null, { force: true }]) expect(await asker.status('POST', `${LIST}/${id}/${what}`, body)).toBe(400);
      expect(await asker.status('POST', `${LIST}/${nobody}/${what}`, {})).toBe(404);
      expect(await asker.status('POST', `${LIST}/x/${what}`, {})).toBe(400);
    }),
  );
});

describe('tamper protection', () => {
  test('has a password that can be made anew, is turned off and on, and on only with the account', () =>
    withTenant({}, async (asker) => {
      const [id] = await computers(asker);
      const path = `${LIST}/${id}/tamper-protection`;
      const before = (await asker.get(path)).json;
      expect(before).toEqual({ enabled: true, password: expect.any(String), previousPasswords: [] });
      const off = await asker.ask('POST', path, { enabled: false, regeneratePassword: true });
      expect(off.status).toBe(201);
      expect(off.json).toEqual({
        enabled: false,
        password: expect.any(String),
        previousPasswords: [{ password: before.password, invalidatedAt: expect.any(String) }],
      });
      expect(off.json.password).not.toBe(before.password);
      expect((await asker.items(`${LIST}?tamperProtectionEnabled=false`)).map((item) => item.id)).toContain(id);
      await asker.at.sim('POST', 'settings', { globalTamperProtection: false });
      expect((await asker.get('/endpoint/v1/settings/tamper-protection')).json).toEqual({ enabled: false });
      expect(await asker.status('POST', path, { enabled: true })).toBe(400);
      await asker.at.sim('POST', 'settings', { globalTamperProtection: true });
      expect((await asker.ask('POST', path, { enabled: true })).json.enabled).toBe(true);
      const [linux] = await asker.items(`${LIST}?tamperProtectionSupported=false`);
      expect(await asker.status('POST', `${LIST}/${linux.id}/tamper-protection`, { enabled: true })).toBe(400);
      expect(await asker.status('GET', `${LIST}/${nobody}/tamper-protection`)).toBe(404);
    }));
});

describe('adaptive attack protection', () => {
  test('is wanted at once, in force later, and expires', () =>
    withTenant({}, async (asker) => {
      const [id] = await computers(asker);
      const path = `${LIST}/${id}/adaptive-attack-protection`;
      const set = await asker.ask('POST', path, { enabled: true, expiresAfter: 'PT30M' });
      expect(set.json).toEqual({ desiredState: { enabled: true, expiresAfter: 'PT30M', source: 'user' }, actualState: { enabled: false } });
      await later(asker, 5000);
      expect((await asker.get(path)).json.actualState).toMatchObject({ enabled: true, expiresAt: expect.any(String) });
      await later(asker, 30 * 60_000);
      expect((await asker.get(path)).json.actualState.enabled).toBe(false);
      for (const body of [{}, { enabled: 1 }, { enabled: true, expiresAfter: 'a week' }, { enabled: true, expiresAfter: '-P1D' }]) {
        expect(await asker.status('POST', path, body)).toBe(400);
      }
    }));
});

describe('logs and dumps', () => {
  test.each([
    ['forensic-logs', { mode: 'fast', expires: 'PT4H' }, 'forensicLogFile'],
    ['memory-dumps', { mode: 'process', pid: 1234, expires: 'PT4H' }, 'memoryDumpFile'],
  ] as const)('%s are gathered by and by', (what, body, file) =>
    withTenant({}, async (asker) => {
      const [id, other] = await computers(asker);
      const made = await asker.ask('POST', `${LIST}/${id}/${what}`, body);
      expect([made.status, made.json.status, made.json[file]]).toEqual([202, 'pending', undefined]);
      const path = `${LIST}/${id}/${what}/${made.json.id}`;
      expect((await asker.get(path)).json).toEqual(made.json);
      await later(asker, 6000);
      const done = (await asker.get(path)).json;
      expect([done.status, Object.keys(done[file])]).toEqual(['finished', ['fileName', 'sha256', 'size']]);
      expect((await asker.get(path)).json).toEqual(done);
      expect(await asker.status('GET', `${LIST}/${other}/${what}/${made.json.id}`)).toBe(404);
      expect(await asker.status('GET', `${LIST}/${id}/${what}/${nobody}`)).toBe(404);
      for (const wrong of [{}, { mode: 'process', expires: 'soon' }, { mode: 'fast', expires: 'PT0S' }]) {
        expect(await asker.status('POST', `${LIST}/${id}/${what}`, wrong)).toBe(400);
      }
    }),
  );
});

describe('endpoint groups', () => {
  const GROUPS = '/endpoint/v1/endpoint-groups';

  test('are made, filled, renamed, emptied and deleted, and endpoints know it', () =>
    withTenant({ endpoints: 60 }, async (asker) => {
      const [a, b, c] = await computers(asker);
      const [server] = await asker.items(`${LIST}?type=server`);
      const made = await asker.ask('POST', GROUPS, { name: 'New ones', type: 'computer', endpointIds: [a] });
      expect(made.status).toBe(201);
      const { id } = made.json;
      expect(made.json.endpoints).toMatchObject({ total: 1, itemsCount: 1 });
      expect(await asker.status('POST', GROUPS, { name: 'new ones', type: 'server' })).toBe(409);
      expect(await asker.status('POST', GROUPS, { name: 'X', type: 'computer', endpointIds: [nobody] })).toBe(404);
      expect(await asker.status('POST', GROUPS, { name: 'X' })).toBe(400);
      const added = await asker.ask('POST', `${GROUPS}/${id}/endpoints`, { ids: [b, c, server.id, nobody] });
      expect([added.status, added.json]).toEqual([
        201,
        { addedEndpoints: [{ id: b }, { id: c }], errors: { endpointsNotFound: [nobody], endpointsOfWrongType: [server.id] } },
      ]);
      expect((await asker.byKey(`${GROUPS}/${id}/endpoints?pageSize=2`)).items.map((item) => item.id)).toEqual([a, b, c]);
      await asker.ask('PATCH', `${GROUPS}/${id}`, { name: 'Renamed' });
      expect((await asker.items(`${LIST}?groupIds=${id}`)).map((item) => item.group.name)).toEqual(['Renamed', 'Renamed', 'Renamed']);
      expect(await asker.status('DELETE', `${GROUPS}/${id}`)).toBe(409);
      expect((await asker.ask('DELETE', `${GROUPS}/${id}/endpoints?ids=${a},${nobody}`)).json).toEqual({
        removedEndpoints: [{ id: a }],
        errors: { endpointsNotFound: [nobody] },
      });
      for (const each of [b, c]) expect((await asker.ask('DELETE', `${GROUPS}/${id}/endpoints/${each}`)).json).toEqual({ removed: true });
      expect(await asker.status('DELETE', `${GROUPS}/${id}`)).toBe(200);
      expect(await asker.status('GET', `${GROUPS}/${id}`)).toBe(404);
    }));

  test('are listed by type, name, id and member', () =>
    withTenant({ endpoints: 60 }, async (asker) => {
      const groups = await asker.items(GROUPS);
      expect(groups.length).toBe(6);
      const names = async (path: string) => (await asker.items(path)).map(({ name }) => name);
      expect(await names(`${GROUPS}?groupType=server`)).toEqual(await names(`${GROUPS}/types/server`));
      expect(await names(`${GROUPS}?search=finance`)).toEqual(['Finance']);
      expect(await names(`${GROUPS}?ids=${groups[1].id}`)).toEqual([groups[1].name]);
      const member = (await asker.items(`${LIST}?assignedToGroup=true`))[0];
      expect(await names(`${GROUPS}?endpointIds=${member.id}`)).toEqual([member.group.name]);
      expect(await names(`${GROUPS}?sort=name:desc`)).toEqual(
        groups
          .map(({ name }) => name)
          .sort()
          .reverse(),
      );
      expect(await asker.status('GET', `${GROUPS}/types/toaster`)).toBe(400);
    }));
});
