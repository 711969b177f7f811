import { parameterOf } from '../call.ts';
import type { Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { flagOf, momentOf, orderOf, searchOf, uuidsOf, within, wordOf, wordsOf } from './asking.ts';
import { bodyIn, type Shape, shapedIn } from './body.ts';
import { adds, changes, type Family, forgets, heldBy, iso, namedBy, principalIn, shownBy, shows } from './family.ts';
import { freshIdIn } from './held.ts';
import { deviceRoutes } from './mobile-device.ts';
import { ACTIONS, actions, appGroups, deviceGroups, devices, MOBILE_SIZES, PLATFORMS, systems, typeOfAction } from './mobile-made.ts';
import { pageReply } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const EXECUTED_MS = 4000;

/** What every list of this API takes: ids, view, sort, search. */
function listOfMobile(family: Family, sorts: readonly string[], more: (asked: Asked) => (item: Item) => boolean): Route['answer'] {
  return (asked) => {
    const ids = uuidsOf(asked, 'ids');
    wordOf(asked, 'view', ['basic', 'full']);
    const order = orderOf(asked, sorts);
    const keep = more(asked);
    const kept = heldBy(family, asked)
      .list()
      .map((item) => shownBy(family, asked, item))
      .filter((item) => (ids.length === 0 || ids.includes(String(item.id))) && keep(item));
    return pageReply(asked, order === null ? kept : kept.sort(order), MOBILE_SIZES);
  };
}

const byName = (asked: Asked) => searchOf(asked, { name: (item) => [item.name] });

function listedDevices(asked: Asked): (item: Item) => boolean {
  const inner = (item: Item, field: string, key: string) => Reflect.get(Object(item[field]), key);
  const words = (name: string, known: readonly string[], of: (item: Item) => unknown) => {
    const wanted = wordsOf(asked, name, known);
    return (item: Item) => wanted.length === 0 || wanted.includes(String(of(item)));
  };
  const compliant = flagOf(asked, 'compliant');
  const [systemIds, groupIds] = [uuidsOf(asked, 'operatingSystemIds'), uuidsOf(asked, 'deviceGroupIds')];
  const times = ['createdAfter', 'createdBefore', 'lastSeenAfter', 'lastSeenBefore'].map((name) => momentOf(asked, name));
  const tests = [
    words('platform', PLATFORMS, (item) => inner(item, 'os', 'platform')),
    words('managementType', ['mdm', 'ixm', 'androidWorkProfile', 'notManaged'], (item) => item.managementType),
    words('managedState', ['managed', 'notManaged', 'enrolling', 'unenrolled'], (item) => item.managedState),
    words('violationSeverity', ['low', 'medium', 'high'], (item) => inner(item, 'compliance', 'severity')),
    words('healthState', ['green', 'amber', 'red'], (item) => inner(item, 'healthState', 'state')),
    words('ownershipType', ['corporate', 'employee'], (item) => item.ownershipType),
    (item: Item) => compliant === undefined || inner(item, 'compliance', 'compliant') === compliant,
    (item: Item) => systemIds.length === 0 || systemIds.includes(String(inner(item, 'os', 'id'))),
    (item: Item) => groupIds.length === 0 || groupIds.includes(String(inner(item, 'deviceGroup', 'id'))),
    (item: Item) => within(item.createdAt, times[0], times[1]) && within(item.lastSeenAt, times[2], times[3]),
    searchOf(asked, { name: (item) => [item.name], modelName: (item) => [item.modelName], osName: (item) => [inner(item, 'os', 'name')] }),
  ];
  return (item) => tests.every((test) => test(item));
}

/** Accepted at once, done after some seconds. */
const seen: Family = {
  ...actions,
  show: ({ now }, { doneMs, ...item }) =>
    doneMs === undefined || now < Number(doneMs) ? item : { ...item, state: 'successful', executedAt: iso(Number(doneMs)) },
};

function listedActions(asked: Asked): (item: Item) => boolean {
  const types = wordsOf(
    asked,
    'actionType',
    ACTIONS.flatMap((action) => [action, typeOfAction(action)]),
  ).map(typeOfAction);
  const states = wordsOf(asked, 'actionState', ['accepted', 'notified', 'successful', 'skipped', 'failed']);
  const [error, endpoints] = [parameterOf(asked.query, 'actionError'), uuidsOf(asked, 'endpointIds')];
  const times = ['scheduledAfter', 'scheduledBefore', 'executedAfter', 'executedBefore'].map((name) => momentOf(asked, name));
  return (item) =>
    (types.length === 0 || types.includes(String(item.type))) &&
    (states.length === 0 || states.includes(String(item.state))) &&
    (error === undefined || item.error === error) &&
    (endpoints.length === 0 || endpoints.includes(String(Reflect.get(Object(item.device), 'id')))) &&
    within(item.scheduledAt, times[0], times[1]) &&
    within(item.executedAt, times[2], times[3]);
}

const ARGUMENTS: Readonly<Record<string, Shape>> = {
  'send-message': { message: 'text!' },
  locate: { reason: 'text!' },
  lock: { lockCode: 'text' },
  wipe: { wipeCode: 'text' },
};

/** A code may come as a number: the example has it so. */
function argumentsIn(value: unknown, shape: Shape): Item {
  const given = Object.entries({ ...Object(value) }).map(([key, one]) => [key, typeof one === 'number' ? String(one) : one]);
  return shapedIn(Object.fromEntries(given), shape, 'arguments');
}

/** Orders one action for each device that is known; all unknown is a 422. */
function orders(action: string): Route['answer'] {
  const shape = ARGUMENTS[action];
  return (asked): Reply => {
    const body = bodyIn(asked, { endpoints: 'uuids!', ...(shape === undefined ? {} : { arguments: 'object' }) });
    if (shape !== undefined) argumentsIn(body.arguments ?? {}, shape);
    const ids = Array.isArray(body.endpoints) ? body.endpoints.map((id) => String(id).toLowerCase()) : [];
    if (ids.length === 0) throw new Refused(400, 'endpoints names nothing');
    const known = heldBy(devices, asked);
    const found = ids.flatMap((id) => known.get(id)?.id ?? []).map(String);
    const missing = ids.filter((id) => !found.includes(id));
    if (found.length === 0) return unprocessable(asked);
    const collection = heldBy(actions, asked);
    const at = iso(asked.now);
    const created = found.map((id) => {
      const device = { id, name: known.get(id)?.name };
      const who = { createdAt: at, createdBy: principalIn(asked), updatedAt: at, updatedBy: principalIn(asked) };
      const facts = { tenant: { id: asked.tenant.id, name: asked.tenant.name }, device, type: typeOfAction(action), state: 'accepted', scheduledAt: at };
      return shownBy(seen, asked, collection.put({ id: freshIdIn(asked, actions.name, collection), ...facts, ...who, doneMs: asked.now + EXECUTED_MS }));
    });
    return json(201, { created, ...(missing.length === 0 ? {} : { errors: { failedToCreate: { endpointNotFound: missing } } }) });
  };
}

function unprocessable({ sim, now }: Asked): Reply {
  return sim.forms.full(422, now);
}

const GROUP: Shape = { description: 'text', employeeCompliancePolicyId: 'text', corporateCompliancePolicyId: 'text', iosAutoEnrollment: 'object' };

function grouped(asked: Asked, { employeeCompliancePolicyId: employee, corporateCompliancePolicyId: corporate, ...body }: Item): Item {
  const policies = {
    ...(employee === undefined ? {} : { employeeCompliancePolicy: { id: employee, name: 'Private devices' } }),
    ...(corporate === undefined ? {} : { corporateCompliancePolicy: { id: corporate, name: 'Company devices' } }),
  };
  return { ...body, ...policies, updatedBy: principalIn(asked) };
}

function fresh(asked: Asked): Item {
  const at = iso(asked.now);
  return {
    tenant: { id: asked.tenant.id, name: asked.tenant.name },
    createdAt: at,
    createdBy: principalIn(asked),
    updatedAt: at,
    updatedBy: principalIn(asked),
  };
}

function withApps(body: Item): Item {
  const apps = (Array.isArray(body.apps) ? body.apps : []).map((app) => shapedIn(app, { identifier: 'text!', name: 'text', link: 'text' }, 'apps'));
  return body.apps === undefined ? body : { ...body, apps, count: apps.length };
}

/** A group that still has devices stays. */
function isEmpty(asked: Asked, { id }: Item): void {
  const has = heldBy(devices, asked)
    .list()
    .some(({ deviceGroup }) => Reflect.get(Object(deviceGroup), 'id') === id);
  if (has) throw new Refused(409, 'the group has devices');
}

const PATH = '/mobile/v1';

/** Mobile: devices, their groups, groups of apps, actions. */
export const mobileRoutes: readonly Route[] = [
  route(`GET ${PATH}/static-setup-data/ixm-auto-enrollment`, (asked) => {
    const code = { token: asked.tenant.id, checkinUri: `https://enroll.example.com/${asked.tenant.id}/checkin` };
    return json(200, { connectionCode: Buffer.from(JSON.stringify(code)).toString('base64'), tenant: { id: asked.tenant.id } });
  }),
  route(
    `GET ${PATH}/operating-systems`,
    listOfMobile(systems, ['id', 'name', 'platform', 'version'], (asked) => {
      const platforms = wordsOf(asked, 'platform', PLATFORMS);
      const version = parameterOf(asked.query, 'version');
      return (item) => (platforms.length === 0 || platforms.includes(String(item.platform))) && (version === undefined || item.version === version);
    }),
  ),
  route(`GET ${PATH}/operating-systems/{id}`, shows(systems, 'id')),
  route(`GET ${PATH}/devices`, listOfMobile(devices, ['id', 'name', 'createdAt', 'lastSeenAt', 'managedState'], listedDevices)),
  ...deviceRoutes,
  route(`GET ${PATH}/device-groups`, listOfMobile(deviceGroups, ['id', 'name', 'createdAt'], byName)),
  route(
    `POST ${PATH}/device-groups`,
    adds(deviceGroups, { ...GROUP, name: 'text!' }, (asked, body) => ({ ...fresh(asked), ...grouped(asked, body) })),
  ),
  route(`GET ${PATH}/device-groups/{id}`, shows(deviceGroups, 'id')),
  route(`PUT ${PATH}/device-groups/{id}`, changes(deviceGroups, 'id', { ...GROUP, name: 'text!' }, grouped)),
  route(`DELETE ${PATH}/device-groups/{id}`, forgets(deviceGroups, 'id', isEmpty)),
  route(`GET ${PATH}/actions`, listOfMobile(seen, ['id', 'type', 'state', 'scheduledAt', 'executedAt'], listedActions)),
  route(`GET ${PATH}/actions/{id}`, (asked) => json(200, shownBy(seen, asked, namedBy(actions, asked, 'id')))),
  route(`DELETE ${PATH}/actions/{id}`, forgets(actions, 'id')),
  ...ACTIONS.map((action) => route(`POST ${PATH}/actions/${action}`, orders(action))),
  route(
    `GET ${PATH}/app-groups`,
    listOfMobile(appGroups, ['id', 'name', 'platform', 'createdAt'], (asked) => {
      const [platforms, found] = [wordsOf(asked, 'platform', PLATFORMS), byName(asked)];
      return (item) => (platforms.length === 0 || platforms.includes(String(item.platform))) && found(item);
    }),
  ),
  route(
    `POST ${PATH}/app-groups`,
    adds(appGroups, { name: 'text!', platform: PLATFORMS, apps: 'objects!' }, (asked, body) => {
      if (body.platform === undefined) throw new Refused(400, 'platform is required');
      return { ...fresh(asked), ...withApps(body) };
    }),
  ),
  route(`GET ${PATH}/app-groups/{id}`, shows(appGroups, 'id')),
  route(
    `PATCH ${PATH}/app-groups/{id}`,
    changes(appGroups, 'id', { name: 'text', apps: 'objects' }, (_asked, body) => withApps(body)),
  ),
  route(`DELETE ${PATH}/app-groups/{id}`, forgets(appGroups, 'id')),
];
