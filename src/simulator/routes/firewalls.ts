import { parameterOf } from '../call.ts';
import type { Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { flagOf, isUuid, searchOf, uuidsOf } from './asking.ts';
import { bodyIn, shapedIn, textsIn } from './body.ts';
import { adds, changes, type Family, heldBy, iso, lists, namedBy, principalIn, removes, shownBy } from './family.ts';
import { firewalls, firewallGroups as groupsMade } from './firewalls-made.ts';
import { pageReply } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const NEWEST = '21.0.2.349';
/** So many firewalls of a group are named in it. */
const NAMED = 5;
const SYNC_MS = 5000;

export const groups: Family = { ...groupsMade, show: shownGroup };

function groupIdOf(firewall: Item): unknown {
  return typeof firewall.group === 'object' && firewall.group !== null ? Reflect.get(firewall.group, 'id') : undefined;
}

function shownGroup(asked: Asked, group: Item): Item {
  const members = heldBy(firewalls, asked)
    .list()
    .filter((firewall) => groupIdOf(firewall) === group.id);
  const items = members.slice(0, NAMED).map(({ id }) => ({ id }));
  const { importedAt, importedFrom, ...plain } = group;
  const isDone = typeof importedAt === 'number' && asked.now >= importedAt;
  const progress = { sourceFirewall: { id: importedFrom }, percentComplete: isDone ? 100 : 0, status: isDone ? 'success' : 'initializing', errors: [] };
  return { ...plain, firewalls: { total: members.length, itemsCount: items.length, items }, ...(importedFrom === undefined ? {} : { configImport: progress }) };
}

const listFirewalls = lists(firewalls, (asked) => {
  const groupId = parameterOf(asked.query, 'groupId')?.toLowerCase();
  if (groupId !== undefined && groupId !== 'ungrouped' && !isUuid(groupId)) throw new Refused(400, 'groupId is neither a UUID nor ungrouped');
  const found = searchOf(asked, { name: (item) => [item.name], hostname: (item) => [item.hostname], serialNumber: (item) => [item.serialNumber] });
  return (item) => (groupId === undefined || (groupIdOf(item) ?? 'ungrouped') === groupId) && found(item);
});

function act(asked: Asked): Reply {
  const firewall = namedBy(firewalls, asked, 'firewallId');
  const { action } = bodyIn(asked, { action: 'text!' });
  if (action !== 'approveManagement') throw new Refused(400, 'action has an unknown value');
  const status = { ...(typeof firewall.status === 'object' ? firewall.status : {}), managing: 'approved', reporting: 'approved' };
  heldBy(firewalls, asked).put({ ...firewall, status, stateChangedAt: iso(asked.now) });
  return json(201, { status: 'succeeded', action });
}

/** Those of a list of ids; one that is unknown is a 404 for all. */
function named(asked: Asked, ids: readonly string[]): readonly Item[] {
  if (ids.length === 0) throw new Refused(400, 'no firewall is named');
  return ids.map((id) => {
    const item = heldBy(firewalls, asked).get(id.toLowerCase());
    if (item === undefined) throw new Refused(404);
    return item;
  });
}

function check(asked: Asked): Reply {
  const found = named(asked, textsIn(bodyIn(asked, { firewalls: 'uuids!' }), 'firewalls'));
  const shown = found.map(({ id, serialNumber, firmwareVersion }) => {
    const upgrade = String(firmwareVersion).endsWith(NEWEST) ? {} : { upgradeToVersion: [NEWEST] };
    return { id, serialNumber, firmwareVersion, ...upgrade };
  });
  return json(201, { firewalls: shown, firmwareVersions: [{ version: NEWEST, size: '1.1 GB', bugs: ['NC-134501'], news: ['Faster restarts'] }] });
}

/** Takes effect at once unless a later time is wished. */
function upgrade(asked: Asked): Reply {
  const { firewalls: wishes } = bodyIn(asked, { firewalls: 'objects!' });
  const wanted = (Array.isArray(wishes) ? wishes : []).map((wish) => shapedIn(wish, { id: 'uuid!', upgradeToVersion: 'text', upgradeAt: 'time' }, 'firewalls'));
  const found = named(
    asked,
    wanted.map(({ id }) => String(id)),
  );
  const collection = heldBy(firewalls, asked);
  for (const [i, item] of found.entries()) {
    const version = String(wanted[i]?.upgradeToVersion ?? NEWEST);
    if (wanted[i]?.upgradeAt === undefined)
      collection.put({ ...item, firmwareVersion: String(item.firmwareVersion).replace(/[\d.]+$/, version), updatedAt: iso(asked.now) });
  }
  return json(201, { firewalls: found.map(({ id }) => ({ id, status: 'scheduled' })) });
}

/** Puts firewalls into a group, or takes them out of it. */
function assign(asked: Asked, group: Item, body: Item): void {
  const collection = heldBy(firewalls, asked);
  const into = { id: group.id, name: group.name };
  const put = (ids: readonly string[], to: Item | null) => {
    for (const id of ids) {
      const firewall = collection.get(id.toLowerCase());
      if (firewall === undefined) throw new Refused(404);
      collection.put({ ...firewall, group: to });
    }
  };
  put(textsIn(body, 'assignFirewalls'), into);
  put(textsIn(body, 'unassignFirewalls'), null);
  // A group's name stands in its firewalls.
  put(
    collection
      .list()
      .filter((one) => groupIdOf(one) === group.id)
      .map(({ id }) => String(id)),
    into,
  );
}

const addGroup = adds(
  groups,
  { name: 'text!', configImportSourceFirewallId: 'uuid', assignFirewalls: 'uuids', parentGroupId: 'uuid' },
  (asked, { name, configImportSourceFirewallId: source, parentGroupId: parent, assignFirewalls }) => {
    if (parent !== undefined && heldBy(groups, asked).get(String(parent)) === undefined) throw new Refused(404);
    if (source !== undefined) named(asked, [String(source)]);
    if (textsIn({ assignFirewalls }, 'assignFirewalls').length > 0) named(asked, textsIn({ assignFirewalls }, 'assignFirewalls'));
    const at = iso(asked.now);
    const imported = source === undefined ? {} : { importedFrom: source, importedAt: asked.now + SYNC_MS };
    const facts = { tenant: { id: asked.tenant.id }, lockedByManagingAccount: false, createdBy: principalIn(asked), createdAt: at, updatedAt: at };
    return { name, ...(parent === undefined ? {} : { parentGroup: { id: parent } }), ...facts, ...imported };
  },
);

function createGroup(asked: Asked): Reply {
  const reply = addGroup(asked);
  const group = heldBy(groups, asked).list().at(-1);
  if (group === undefined) return reply;
  assign(asked, group, {
    assignFirewalls: bodyIn(asked, { name: 'text', configImportSourceFirewallId: 'uuid', assignFirewalls: 'uuids', parentGroupId: 'uuid' }).assignFirewalls,
  });
  return json(201, shownBy(groups, asked, group));
}

const changeGroup = changes(groups, 'groupId', { name: 'text', assignFirewalls: 'uuids', unassignFirewalls: 'uuids' }, (asked, body, item) => {
  const { assignFirewalls, unassignFirewalls, ...plain } = body;
  assign(asked, { ...item, ...plain }, { assignFirewalls, unassignFirewalls });
  return plain;
});

const removeGroup = removes(groups, 'groupId', (asked, group) => {
  const collection = heldBy(firewalls, asked);
  for (const one of collection.list()) if (groupIdOf(one) === group.id) collection.put({ ...one, group: null });
});

function syncStatus(asked: Asked): Reply {
  const group = namedBy(groups, asked, 'groupId');
  const ids = uuidsOf(asked, 'ids');
  const members = heldBy(firewalls, asked)
    .list()
    .filter((one) => groupIdOf(one) === group.id && (ids.length === 0 || ids.includes(String(one.id))));
  const items = members.map(({ id, status, updatedAt }) => {
    const isConnected = typeof status === 'object' && status !== null && Reflect.get(status, 'connected') === true;
    // With an offset instead of the letter, as this API writes it.
    return { firewall: { id }, status: isConnected ? 'inSync' : 'outOfSync', lastUpdatedAt: String(updatedAt).replace('Z', '+00:00') };
  });
  return pageReply(asked, items, firewalls.sizes);
}

const listGroups = lists(groups, (asked) => {
  const isDeep = flagOf(asked, 'recurseSubgroups') ?? false;
  const found = searchOf(asked, { name: (item) => [item.name] });
  return (item) => (isDeep || item.parentGroup === undefined) && found(item);
});

/** Firewalls and their groups. */
export const firewallRoutes: readonly Route[] = [
  route('GET /firewall/v1/firewalls', listFirewalls),
  route(
    'PATCH /firewall/v1/firewalls/{firewallId}',
    changes(firewalls, 'firewallId', { name: 'text', geoLocation: 'object' }, (asked, { geoLocation, ...body }) => ({
      ...body,
      ...(geoLocation === undefined ? {} : { geoLocation: shapedIn(geoLocation, { latitude: 'text!', longitude: 'text!' }, 'geoLocation') }),
      updatedBy: principalIn(asked),
    })),
  ),
  route('DELETE /firewall/v1/firewalls/{firewallId}', removes(firewalls, 'firewallId')),
  route('POST /firewall/v1/firewalls/{firewallId}/action', act),
  route('POST /firewall/v1/firewalls/actions/firmware-upgrade-check', check),
  route('POST /firewall/v1/firewalls/actions/firmware-upgrade', upgrade),
  route('DELETE /firewall/v1/firewalls/actions/firmware-upgrade', (asked) => {
    named(asked, uuidsOf(asked, 'ids'));
    return json(200, { deleted: true });
  }),
  route('GET /firewall/v1/firewall-groups', listGroups),
  route('POST /firewall/v1/firewall-groups', createGroup),
  route('PATCH /firewall/v1/firewall-groups/{groupId}', changeGroup),
  route('DELETE /firewall/v1/firewall-groups/{groupId}', removeGroup),
  route('GET /firewall/v1/firewall-groups/{groupId}/firewalls/sync-status', syncStatus),
];
