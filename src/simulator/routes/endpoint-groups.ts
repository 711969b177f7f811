/** Endpoint groups and who is in them (reference, section 6.4). Membership lies with the endpoints. */
import type { Collection, Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { orderOf, pathId, searchOf, uuidsOf, wordOf } from './asking.ts';
import { bodyIn, textsIn } from './body.ts';
import { inner } from './endpoint-filters.ts';
import { endpointGroupsMade } from './endpoint-groups-made.ts';
import { endpointPage, endpointsOf } from './endpoints.ts';
import { iso } from './family.ts';
import { collectionOf, freshIdIn, type Holder } from './held.ts';
import { chosen, pageReply } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const PATH = '/endpoint/v1/endpoint-groups';
const TYPES = ['computer', 'server'];
/** So many members are shown within a group. */
const EXCERPT = 10;

export function endpointGroupsOf(holder: Holder): Collection {
  return collectionOf(holder, 'endpoint-groups', () => endpointGroupsMade(holder));
}

function groupIn(asked: Asked): Item {
  const group = endpointGroupsOf(asked).get(pathId(asked, 'groupId'));
  if (group === undefined) throw new Refused(404);
  return group;
}

function membersOf(asked: Asked, groupId: unknown): readonly Item[] {
  return endpointsOf(asked)
    .list()
    .filter((endpoint) => inner(endpoint, 'group', 'id') === groupId);
}

function shown(asked: Asked, group: Item): Item {
  const members = membersOf(asked, group.id);
  const items = members.slice(0, EXCERPT).map(({ id, hostname }) => ({ id, hostname }));
  return { ...group, endpoints: { total: members.length, itemsCount: items.length, items } };
}

function list(asked: Asked, type: string | undefined): Reply {
  const ids = new Set(uuidsOf(asked, 'ids'));
  const endpointIds = uuidsOf(asked, 'endpointIds');
  const all = endpointsOf(asked);
  const wanted = new Set(endpointIds.map((id) => inner(all.get(id) ?? {}, 'group', 'id')));
  const matches = searchOf(asked, { name: ({ name }) => [name], description: ({ description }) => [description] });
  const found = endpointGroupsOf(asked)
    .list()
    .filter((group) => (type === undefined || group.type === type) && (ids.size === 0 || ids.has(String(group.id))))
    .filter((group) => (endpointIds.length === 0 || wanted.has(group.id)) && matches(group));
  const order = orderOf(asked, ['id', 'name', 'createdAt', 'updatedAt']);
  if (order !== null) found.sort(order);
  return pageReply(asked, found, undefined, (group) => shown(asked, group));
}

function groupType(asked: Asked): string {
  const type = asked.ids.groupType ?? '';
  if (!TYPES.includes(type)) throw new Refused(400, 'groupType is computer or server');
  return type;
}

function refuseTwin(asked: Asked, name: unknown, but?: unknown): void {
  const isTwin = (group: Item) => group.id !== but && String(group.name).toLowerCase() === String(name).toLowerCase();
  if (name === '') throw new Refused(400, 'name is required');
  if (endpointGroupsOf(asked).list().some(isTwin)) throw new Refused(409, 'the name is in use');
}

/** Puts endpoints into a group; what cannot be is told by id. */
function enter(asked: Asked, group: Item, ids: readonly string[]) {
  const endpoints = endpointsOf(asked);
  const entry: Readonly<Record<'added' | 'missing' | 'wrong', string[]>> = { added: [], missing: [], wrong: [] };
  for (const id of new Set(ids.map((each) => each.toLowerCase()))) {
    const endpoint = endpoints.get(id);
    if (endpoint === undefined) entry.missing.push(id);
    else if (endpoint.type !== group.type) entry.wrong.push(id);
    else {
      endpoints.put({ ...endpoint, group: { id: group.id, name: group.name } });
      entry.added.push(id);
    }
  }
  return entry;
}

function leave(asked: Asked, group: Item, id: string): boolean {
  const endpoint = endpointsOf(asked).get(id);
  if (endpoint === undefined || inner(endpoint, 'group', 'id') !== group.id) return false;
  const { group: _, ...alone } = endpoint;
  endpointsOf(asked).put(alone);
  return true;
}

function create(asked: Asked): Reply {
  const body = bodyIn(asked, { name: 'text!', description: 'text', type: TYPES, endpointIds: 'uuids' });
  const { endpointIds: _, ...given } = body;
  if (given.type === undefined) throw new Refused(400, 'type is required');
  refuseTwin(asked, given.name);
  const ids = textsIn(body, 'endpointIds');
  if (ids.some((id) => endpointsOf(asked).get(id.toLowerCase()) === undefined)) throw new Refused(404);
  const groups = endpointGroupsOf(asked);
  const at = iso(asked.now);
  const group = groups.put({ id: freshIdIn(asked, 'endpoint-groups', groups), ...given, tenant: { id: asked.tenant.id }, createdAt: at, updatedAt: at });
  enter(asked, group, ids);
  return json(201, chosen(asked, shown(asked, group)));
}

function update(asked: Asked): Reply {
  const group = groupIn(asked);
  const given = bodyIn(asked, { name: 'text', description: 'text' });
  if (given.name !== undefined) refuseTwin(asked, given.name, group.id);
  const changed = endpointGroupsOf(asked).put({ ...group, ...given, updatedAt: iso(asked.now) });
  for (const member of membersOf(asked, group.id)) endpointsOf(asked).put({ ...member, group: { id: group.id, name: changed.name } });
  return json(200, chosen(asked, shown(asked, changed)));
}

export const endpointGroupRoutes: readonly Route[] = [
  route(`GET ${PATH}`, (asked) => list(asked, wordOf(asked, 'groupType', TYPES))),
  route(`POST ${PATH}`, create),
  route(`GET ${PATH}/types/{groupType}`, (asked) => list(asked, groupType(asked))),
  route(`GET ${PATH}/{groupId}`, (asked) => json(200, chosen(asked, shown(asked, groupIn(asked))))),
  route(`PATCH ${PATH}/{groupId}`, update),
  route(`DELETE ${PATH}/{groupId}`, (asked) => {
    const id = pathId(asked, 'groupId');
    if (membersOf(asked, id).length > 0) throw new Refused(409, 'the group is not empty');
    endpointGroupsOf(asked).remove(id);
    return json(200, { deleted: true });
  }),
  route(`GET ${PATH}/{groupId}/endpoints`, (asked) => {
    const { id } = groupIn(asked);
    const matches = searchOf(asked, { hostname: ({ hostname }) => [hostname], osName: (endpoint) => [inner(endpoint, 'os', 'name')] });
    return endpointPage(asked, (endpoint) => inner(endpoint, 'group', 'id') === id && matches(endpoint));
  }),
  route(`POST ${PATH}/{groupId}/endpoints`, (asked) => {
    const group = groupIn(asked);
    const { added, missing, wrong } = enter(asked, group, textsIn(bodyIn(asked, { ids: 'uuids!' }), 'ids'));
    return json(201, { addedEndpoints: added.map((id) => ({ id })), errors: { endpointsNotFound: missing, endpointsOfWrongType: wrong } });
  }),
  route(`DELETE ${PATH}/{groupId}/endpoints`, (asked) => {
    const group = groupIn(asked);
    const ids = uuidsOf(asked, 'ids');
    if (ids.length === 0) throw new Refused(400, 'ids is required');
    const removed = ids.filter((id) => leave(asked, group, id));
    return json(200, { removedEndpoints: removed.map((id) => ({ id })), errors: { endpointsNotFound: ids.filter((id) => !removed.includes(id)) } });
  }),
  route(`DELETE ${PATH}/{groupId}/endpoints/{endpointId}`, (asked) => {
    if (!leave(asked, groupIn(asked), pathId(asked, 'endpointId'))) throw new Refused(404);
    return json(200, { removed: true });
  }),
];
