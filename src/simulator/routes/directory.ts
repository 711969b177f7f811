/** The directory: users, user groups and membership (reference, section 5.2). */
import { parameterOf } from '../call.ts';
import type { Collection, Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { orderOf, pathId, searchOf, uuidsOf, wordOf } from './asking.ts';
import { bodyIn, type Shape, textsIn } from './body.ts';
import { iso } from './family.ts';
import { freshIdIn } from './held.ts';
import { chosen, pageReply } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';
import { groupsOf, isSynced, join, membersOf, part, shownGroup, shownUser, userGroupsOf, usersOf } from './users.ts';

const USERS = '/common/v1/directory/users';
const GROUPS = '/common/v1/directory/user-groups';
const SOURCES = ['custom', 'activeDirectory', 'azureActiveDirectory'];
const NAMES: Shape = { name: 'text', firstName: 'text', lastName: 'text', email: 'text', exchangeLogin: 'text' };
const SEARCHED = Object.fromEntries(['name', 'firstName', 'lastName', 'email', 'exchangeLogin'].map((field) => [field, (item: Item) => [item[field]]]));
const SEARCHED_GROUPS = Object.fromEntries(['name', 'description'].map((field) => [field, (item: Item) => [item[field]]]));
const SORTED = ['id', 'name', 'firstName', 'lastName', 'email', 'exchangeLogin', 'createdAt', 'updatedAt'];
const SORTED_GROUPS = ['id', 'name', 'createdAt', 'updatedAt'];

function one(collection: Collection, id: string): Item {
  const item = collection.get(id);
  if (item === undefined) throw new Refused(404);
  return item;
}

const userIn = (asked: Asked) => one(usersOf(asked), pathId(asked, 'userId'));
const groupIn = (asked: Asked) => one(userGroupsOf(asked), pathId(asked, 'groupId'));

/** What the filters that both lists have let through, in the order that is wanted. */
function found(asked: Asked, items: readonly Item[], searched: Parameters<typeof searchOf>[1], sorted: readonly string[]): readonly Item[] {
  const ids = new Set(uuidsOf(asked, 'ids'));
  const matches = searchOf(asked, searched);
  const source = wordOf(asked, 'sourceType', SOURCES);
  const domain = parameterOf(asked.query, 'domain')?.toLowerCase();
  const left = items.filter(
    (item) =>
      (ids.size === 0 || ids.has(String(item.id))) &&
      (source === undefined || (item.source as Item | undefined)?.type === source) &&
      (domain === undefined || String(item.domain ?? '').toLowerCase() === domain) &&
      matches(item),
  );
  const order = orderOf(asked, sorted);
  return order === null ? left : left.sort(order);
}

function userPage(asked: Asked, users: readonly Item[]): Reply {
  return pageReply(asked, found(asked, users, SEARCHED, SORTED), undefined, shownUser);
}

function groupPage(asked: Asked, groups: readonly Item[]): Reply {
  return pageReply(asked, found(asked, groups, SEARCHED_GROUPS, SORTED_GROUPS), undefined, (group) => shownGroup(asked, group));
}

function refuseSynced(item: Item): void {
  if (isSynced(item)) throw new Refused(409, 'it comes from a directory service');
}

function refuseTwin(collection: Collection, fields: readonly string[], given: Item, but?: unknown): void {
  const isTwin = (other: Item) =>
    other.id !== but &&
    fields.some((field) => typeof given[field] === 'string' && String(other[field] ?? '').toLowerCase() === String(given[field]).toLowerCase());
  if (collection.list().some(isTwin)) throw new Refused(409, `${fields.join(' or ')} is in use`);
}

function named(body: Item): Item {
  const parts = [body.firstName, body.lastName].filter((part) => typeof part === 'string' && part !== '');
  const name = body.name === undefined || body.name === '' ? parts.join(' ') : String(body.name);
  if (name === '') throw new Refused(400, 'name is required');
  return { ...body, name };
}

function addUser(asked: Asked): Reply {
  const body = bodyIn(asked, { ...NAMES, groupIds: 'uuids' });
  const { groupIds: _, ...given } = named(body);
  const groups = textsIn(body, 'groupIds').map((id) => one(userGroupsOf(asked), id.toLowerCase()));
  const users = usersOf(asked);
  refuseTwin(users, ['email'], given);
  const at = iso(asked.now);
  const user = users.put({
    id: freshIdIn(asked, 'users', users),
    ...given,
    groups: { items: groups.map(({ id, name }) => ({ id, name })) },
    tenant: { id: asked.tenant.id, name: asked.tenant.name },
    source: { type: 'custom' },
    createdAt: at,
    updatedAt: at,
  });
  return json(201, chosen(asked, shownUser(user)));
}

function addGroup(asked: Asked): Reply {
  const body = bodyIn(asked, { name: 'text!', description: 'text', userIds: 'uuids' });
  const { userIds: _, ...given } = body;
  if (given.name === '') throw new Refused(400, 'name is required');
  const members = textsIn(body, 'userIds').map((id) => one(usersOf(asked), id.toLowerCase()));
  const groups = userGroupsOf(asked);
  refuseTwin(groups, ['name'], given);
  const at = iso(asked.now);
  const tenant = { id: asked.tenant.id, name: asked.tenant.name };
  const group = groups.put({ id: freshIdIn(asked, 'user-groups', groups), ...given, source: { type: 'custom' }, tenant, createdAt: at, updatedAt: at });
  for (const member of members) join(asked, member, group);
  return json(201, chosen(asked, shownGroup(asked, group)));
}

function changeUser(asked: Asked): Reply {
  const user = userIn(asked);
  const given = bodyIn(asked, NAMES);
  refuseSynced(user);
  refuseTwin(usersOf(asked), ['email'], given, user.id);
  return json(200, chosen(asked, shownUser(usersOf(asked).put({ ...user, ...given, updatedAt: iso(asked.now) }))));
}

function changeGroup(asked: Asked): Reply {
  const group = groupIn(asked);
  const given = bodyIn(asked, { name: 'text', description: 'text' });
  refuseSynced(group);
  refuseTwin(userGroupsOf(asked), ['name'], given, group.id);
  const changed = userGroupsOf(asked).put({ ...group, ...given, updatedAt: iso(asked.now) });
  for (const member of membersOf(asked, group.id)) {
    const items = groupsOf(member).map((own) => (own.id === group.id ? { id: group.id, name: changed.name } : own));
    usersOf(asked).put({ ...member, groups: { items } });
  }
  return json(200, chosen(asked, shownGroup(asked, changed)));
}

/** `{deleted: true}`, whether there was one or not. */
function remove(collection: Collection, id: string, refuse: (item: Item) => void): Reply {
  const item = collection.get(id);
  if (item !== undefined) refuse(item);
  collection.remove(id);
  return json(200, { deleted: true });
}

function bodyIds(asked: Asked): readonly string[] {
  const ids = [...new Set(textsIn(bodyIn(asked, { ids: 'uuids!' }), 'ids').map((id) => id.toLowerCase()))];
  if (ids.length === 0) throw new Refused(400, 'ids is empty');
  return ids;
}

function queryIds(asked: Asked): readonly string[] {
  const ids = uuidsOf(asked, 'ids');
  if (ids.length === 0) throw new Refused(400, 'ids is required');
  return ids;
}

const shownIds = (ids: readonly string[]) => ids.map((id) => ({ id }));

function partOne(asked: Asked): Reply {
  const [user, group] = [userIn(asked), groupIn(asked)];
  refuseSynced(group);
  if (!part(asked, user, group.id)) throw new Refused(404);
  return json(200, { removed: true });
}

export const directoryRoutes: readonly Route[] = [
  route(`GET ${USERS}`, (asked) => {
    const [groupId] = uuidsOf(asked, 'groupId');
    return userPage(asked, groupId === undefined ? usersOf(asked).list() : membersOf(asked, groupId));
  }),
  route(`POST ${USERS}`, addUser),
  route(`GET ${USERS}/{userId}`, (asked) => json(200, chosen(asked, shownUser(userIn(asked))))),
  route(`PATCH ${USERS}/{userId}`, changeUser),
  route(`DELETE ${USERS}/{userId}`, (asked) => remove(usersOf(asked), pathId(asked, 'userId'), refuseSynced)),
  route(`GET ${USERS}/{userId}/groups`, (asked) => {
    const groups = userGroupsOf(asked);
    return groupPage(
      asked,
      groupsOf(userIn(asked))
        .map(({ id }) => groups.get(String(id)))
        .filter((group) => group !== undefined),
    );
  }),
  route(`POST ${USERS}/{userId}/groups`, (asked) => {
    const user = userIn(asked);
    const groups = bodyIds(asked).map((id) => one(userGroupsOf(asked), id));
    for (const group of groups) refuseSynced(group);
    for (const group of groups) join(asked, one(usersOf(asked), String(user.id)), group);
    return json(201, { addedToGroups: groups.map(({ id }) => ({ id })) });
  }),
  route(`DELETE ${USERS}/{userId}/groups`, (asked) => {
    const user = userIn(asked);
    const ids = queryIds(asked);
    const removed = ids.filter((id) => part(asked, one(usersOf(asked), String(user.id)), id));
    return json(200, { removedFromGroups: shownIds(removed), errors: { groupsNotFound: ids.filter((id) => !removed.includes(id)) } });
  }),
  route(`DELETE ${USERS}/{userId}/groups/{groupId}`, partOne),
  route(`GET ${GROUPS}`, (asked) => {
    const [userId] = uuidsOf(asked, 'userId');
    const own = userId === undefined ? null : groupsOf(usersOf(asked).get(userId) ?? {});
    const all = userGroupsOf(asked).list();
    return groupPage(asked, own === null ? all : all.filter((group) => own.some(({ id }) => id === group.id)));
  }),
  route(`POST ${GROUPS}`, addGroup),
  route(`GET ${GROUPS}/{groupId}`, (asked) => json(200, chosen(asked, shownGroup(asked, groupIn(asked))))),
  route(`PATCH ${GROUPS}/{groupId}`, changeGroup),
  route(`DELETE ${GROUPS}/{groupId}`, (asked) =>
    remove(userGroupsOf(asked), pathId(asked, 'groupId'), (group) => {
      refuseSynced(group);
      if (membersOf(asked, group.id).length > 0) throw new Refused(409, 'the group has members');
    }),
  ),
  route(`GET ${GROUPS}/{groupId}/users`, (asked) => userPage(asked, membersOf(asked, groupIn(asked).id))),
  route(`POST ${GROUPS}/{groupId}/users`, (asked) => {
    const group = groupIn(asked);
    refuseSynced(group);
    const users = bodyIds(asked).map((id) => one(usersOf(asked), id));
    for (const user of users) join(asked, user, group);
    return json(201, { addedUsers: users.map(({ id }) => ({ id })) });
  }),
  route(`DELETE ${GROUPS}/{groupId}/users`, (asked) => {
    const group = groupIn(asked);
    const ids = queryIds(asked);
    const removed = ids.filter((id) => part(asked, usersOf(asked).get(id) ?? {}, group.id));
    return json(200, { removedUsers: shownIds(removed), errors: { usersNotFound: ids.filter((id) => !removed.includes(id)) } });
  }),
  route(`DELETE ${GROUPS}/{groupId}/users/{userId}`, partOne),
];
