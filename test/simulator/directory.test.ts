import { describe, expect, test } from 'vitest';
import { nobody, type Thing, withTenant } from './asker.ts';

const USERS = '/common/v1/directory/users';
const GROUPS = '/common/v1/directory/user-groups';
const ADMINS = '/common/v1/admins';
const ROLES = '/common/v1/roles';

const idsOf = (items: readonly Thing[]) => items.map(({ id }) => id);

describe('users', () => {
  test('are listed, searched, filtered and sorted', () =>
    withTenant({ usersPerTenant: 120 }, async (asker) => {
      const items = await asker.byPage(USERS, 50);
      expect(new Set(idsOf(items)).size).toBe(120);
      for (const field of ['firstName', 'email', 'domain', 'exchangeLogin'])
        expect(new Set(items.map((item) => field in item))).toEqual(new Set([true, false]));
      const found = async (query: string) => idsOf(await asker.items(`${USERS}?pageSize=100&${query}`));
      expect(await found('search=USER7@&searchFields=email')).toEqual(idsOf(items.filter(({ email }) => email?.startsWith('user7@'))));
      expect(await found('sourceType=azureActiveDirectory')).toEqual(idsOf(items.filter(({ source }) => source.type === 'azureActiveDirectory')));
      expect(await found('domain=ACME.example.com')).toEqual(idsOf(items.filter(({ domain }) => domain !== undefined)));
      expect(await found(`ids=${items[3].id},${items[1].id}`)).toEqual([items[1].id, items[3].id]);
      const { id: groupId } = items[0].groups.items[0];
      expect(await found(`groupId=${groupId}`)).toEqual(
        idsOf(items.filter(({ groups }) => groups.items.some(({ id }: Thing) => id === groupId))).slice(0, 100),
      );
      const names = (await asker.items(`${USERS}?pageSize=100&sort=name:desc,id`)).map(({ name }) => name);
      expect(names).toEqual([...names].sort().reverse());
      for (const query of ['sourceType=paper', 'sort=age', 'searchFields=age', 'ids=x', 'page=0'])
        expect(await asker.status('GET', `${USERS}?${query}`)).toBe(400);
    }));

  test('are made, changed and deleted; those of a directory service are left to it', () =>
    withTenant({}, async (asker) => {
      const [group] = await asker.items(GROUPS);
      const made = await asker.ask('POST', USERS, { firstName: 'Ada', lastName: 'L', email: 'ada@example.com', groupIds: [group.id] });
      expect(made.status).toBe(201);
      expect(made.json).toMatchObject({ name: 'Ada L', source: { type: 'custom' }, groups: { total: 1, itemsCount: 1, items: [{ id: group.id }] } });
      expect(await asker.status('POST', USERS, { name: 'Other', email: 'ADA@example.com' })).toBe(409);
      expect(await asker.status('POST', USERS, { name: 'Other', groupIds: [nobody] })).toBe(404);
      for (const body of [{}, { email: 'x@example.com' }, { name: 1 }, { name: 'x', age: 1 }]) expect(await asker.status('POST', USERS, body)).toBe(400);
      const path = `${USERS}/${made.json.id}`;
      expect((await asker.ask('PATCH', path, { name: 'Ada Lovelace' })).json.name).toBe('Ada Lovelace');
      for (let i = 0; i < 2; i++) expect((await asker.ask('DELETE', path)).json).toEqual({ deleted: true });
      expect(await asker.status('GET', path)).toBe(404);
      const [synced] = await asker.items(`${USERS}?sourceType=activeDirectory`);
      expect(await asker.status('PATCH', `${USERS}/${synced.id}`, { name: 'X' })).toBe(409);
      expect(await asker.status('DELETE', `${USERS}/${synced.id}`)).toBe(409);
    }));

  test('come into groups and go, from either side', () =>
    withTenant({ userGroupsPerTenant: 5 }, async (asker) => {
      const [a, b] = await asker.items(USERS);
      const made = await asker.ask('POST', GROUPS, { name: 'Club', userIds: [a.id] });
      expect([made.status, made.json.users.total]).toEqual([201, 1]);
      const { id } = made.json;
      expect(await asker.status('POST', GROUPS, { name: 'club' })).toBe(409);
      expect((await asker.ask('POST', `${GROUPS}/${id}/users`, { ids: [b.id] })).json).toEqual({ addedUsers: [{ id: b.id }] });
      expect(idsOf(await asker.items(`${GROUPS}/${id}/users`))).toEqual([a.id, b.id]);
      expect(idsOf(await asker.items(`${USERS}/${b.id}/groups`))).toContain(id);
      expect(idsOf(await asker.items(`${GROUPS}?userId=${b.id}`))).toContain(id);
      await asker.ask('PATCH', `${GROUPS}/${id}`, { name: 'Clubhouse' });
      expect((await asker.get(`${USERS}/${a.id}`)).json.groups.items.at(-1)).toEqual({ id, name: 'Clubhouse' });
      expect(await asker.status('DELETE', `${GROUPS}/${id}`)).toBe(409);
      expect((await asker.ask('DELETE', `${GROUPS}/${id}/users?ids=${a.id},${nobody}`)).json).toEqual({
        removedUsers: [{ id: a.id }],
        errors: { usersNotFound: [nobody] },
      });
      expect((await asker.ask('POST', `${USERS}/${a.id}/groups`, { ids: [id] })).json).toEqual({ addedToGroups: [{ id }] });
      expect((await asker.ask('DELETE', `${USERS}/${a.id}/groups?ids=${id},${nobody}`)).json).toEqual({
        removedFromGroups: [{ id }],
        errors: { groupsNotFound: [nobody] },
      });
      expect((await asker.ask('DELETE', `${USERS}/${b.id}/groups/${id}`)).json).toEqual({ removed: true });
      expect(await asker.status('DELETE', `${GROUPS}/${id}/users/${b.id}`)).toBe(404);
      expect(await asker.status('POST', `${USERS}/${a.id}/groups`, { ids: [nobody] })).toBe(404);
      expect(await asker.status('DELETE', `${GROUPS}/${id}`)).toBe(200);
    }));
});

describe('admins and roles', () => {
  test('of admins there is always one super admin', () =>
    withTenant({}, async (asker) => {
      const admins = await asker.items(ADMINS);
      expect(admins).toHaveLength(4);
      const [first, second] = admins;
      const [superRole, adminRole] = await asker.items(ROLES);
      expect(first.roleAssignments[0].roleId).toBe(superRole.id);
      expect(await asker.status('DELETE', `${ADMINS}/${first.id}`)).toBe(409);
      expect(await asker.status('POST', `${ADMINS}/${first.id}/role-assignments`, { roleId: adminRole.id })).toBe(409);
      const assigned = await asker.ask('POST', `${ADMINS}/${second.id}/role-assignments`, { roleId: superRole.id });
      expect(assigned.status).toBe(201);
      expect((await asker.get(`${ADMINS}/${second.id}/role-assignments`)).json).toEqual({ items: [assigned.json] });
      expect((await asker.get(`${ADMINS}/${second.id}/role-assignments/${assigned.json.id}`)).json).toEqual(assigned.json);
      expect((await asker.ask('DELETE', `${ADMINS}/${first.id}`)).json).toEqual({ deleted: true });
      expect(await asker.status('DELETE', `${ADMINS}/${first.id}`)).toBe(404);
      expect(await asker.status('DELETE', `${ADMINS}/${second.id}/role-assignments/${assigned.json.id}`)).toBe(409);
      const user = (await asker.items(USERS))[9];
      const made = await asker.ask('POST', ADMINS, { userId: user.id, roleAssignments: [{ roleId: adminRole.id }] });
      expect([made.status, made.json.profile.name]).toEqual([201, user.name]);
      expect(idsOf(await asker.items(`${ADMINS}?roleId=${adminRole.id}`))).toContain(made.json.id);
      expect(await asker.status('POST', ADMINS, { userId: nobody, roleAssignments: [{ roleId: adminRole.id }] })).toBe(404);
      expect(await asker.status('POST', ADMINS, { userId: user.id, roleAssignments: [{ roleId: nobody }] })).toBe(404);
      expect(await asker.status('POST', ADMINS, { userId: user.id, roleAssignments: [] })).toBe(400);
    }));

  test('the list of admins has no `pages` when told so', () =>
    withTenant({}, async (asker) => {
      expect((await asker.get(ADMINS)).json.pages).toEqual({ current: 1, size: 50, maxSize: 100 });
      await asker.at.sim('POST', 'settings', { adminsPages: false });
      expect(Object.keys((await asker.get(`${ADMINS}?pageSize=2`)).json)).toEqual(['items']);
    }));

  test('roles are listed at once; predefined and assigned ones stay', () =>
    withTenant({}, async (asker) => {
      const { json } = await asker.get(ROLES);
      expect(Object.keys(json)).toEqual(['items']);
      const [predefined] = json.items;
      expect(await asker.status('DELETE', `${ROLES}/${predefined.id}`)).toBe(409);
      const made = await asker.ask('POST', ROLES, { name: 'Mine', principalType: 'user', permissionSets: ['central_admin'] });
      expect([made.status, made.json.type]).toEqual([201, 'custom']);
      expect(await asker.status('POST', ROLES, { name: 'mine', principalType: 'user', permissionSets: [] })).toBe(409);
      expect(await asker.status('POST', ROLES, { name: 'X', principalType: 'user', permissionSets: ['everything'] })).toBe(400);
      expect((await asker.ask('PATCH', `${ROLES}/${made.json.id}`, { description: 'd' })).json.description).toBe('d');
      expect(idsOf(await asker.items(`${ROLES}?type=custom`))).toContain(made.json.id);
      expect(idsOf(await asker.items(`${ROLES}?principalType=service`)).length).toBe(2);
      const [admin] = await asker.items(ADMINS);
      await asker.ask('POST', `${ADMINS}/${(await asker.items(ADMINS))[1].id}/role-assignments`, { roleId: made.json.id });
      expect(await asker.status('DELETE', `${ROLES}/${made.json.id}`)).toBe(409);
      expect(await asker.status('GET', `${ROLES}/${admin.id}`)).toBe(404);
      expect((await asker.items(`${ROLES}/permission-sets?type=base&access=admin`)).map(({ name }) => name)).toEqual(['central_admin']);
    }));
});
