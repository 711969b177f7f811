import type { Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { orderOf, searchOf, wordsOf } from './asking.ts';
import { bodyIn, type Shape } from './body.ts';
import { adds, changes, forgets, heldBy, iso, namedBy, principalIn, shows } from './family.ts';
import { collectionOf, idIn } from './held.ts';
import { deviceGroups, devices, MOBILE_SIZES, systems } from './mobile-made.ts';
import { pageReply } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const PATH = '/mobile/v1/devices';
const MOST_PROPERTIES = 100;

const DEVICE: Shape = {
  description: 'text',
  email: 'text',
  phoneNumber: 'text',
  ownershipType: ['corporate', 'employee'],
  groupId: 'uuid',
  assignedPersonId: 'uuid',
  externalId: 'text',
};

function group(asked: Asked, id: unknown): Item {
  if (id === undefined) return {};
  const found = heldBy(deviceGroups, asked).get(String(id).toLowerCase());
  if (found === undefined) throw new Refused(404, 'there is no such group');
  return { deviceGroup: { id: found.id, name: found.name } };
}

const create = adds(
  devices,
  { ...DEVICE, name: 'text!', platform: ['android', 'ios', 'ipados', 'chrome', 'windows', 'macos'] },
  (asked, { groupId, platform, ...body }) => {
    if (platform === undefined || body.ownershipType === undefined) throw new Refused(400, 'platform and ownershipType are required');
    const os = heldBy(systems, asked)
      .list()
      .find((one) => one.platform === platform);
    const at = iso(asked.now);
    const state = { compliance: { compliant: true }, managementType: 'notManaged', managedState: 'notManaged', os: os ?? { name: platform, platform } };
    const who = { createdAt: at, createdBy: principalIn(asked), updatedAt: at, updatedBy: principalIn(asked) };
    return { tenant: { id: asked.tenant.id, name: asked.tenant.name }, ...body, ...group(asked, groupId), ...state, ...who };
  },
);

const change = changes(devices, 'id', { ...DEVICE, name: 'text!' }, (asked, { groupId, ...body }) => ({
  ...body,
  ...group(asked, groupId),
  updatedBy: principalIn(asked),
}));

/** The properties of a device, by key. */
function propertiesOf(asked: Asked) {
  const { id, modelName } = namedBy(devices, asked, 'id');
  return collectionOf(asked, `properties of ${String(id)}`, () => [
    { id: 'system.modelName', key: 'system.modelName', value: String(modelName ?? 'unknown'), type: 'system' },
    { id: 'custom.costCentre', key: 'custom.costCentre', value: '4711', type: 'custom' },
  ]);
}

function bare({ id: _id, ...item }: Item): Item {
  return item;
}

function createProperty(asked: Asked): Reply {
  const properties = propertiesOf(asked);
  const { key, value } = bodyIn(asked, { key: 'text!', value: 'text!' });
  if (!/^custom\.[\w.-]+$/.test(String(key))) return asked.sim.forms.full(422, asked.now);
  if (properties.size >= MOST_PROPERTIES) return asked.sim.forms.full(422, asked.now);
  if (properties.get(String(key)) !== undefined) throw new Refused(409);
  return json(201, bare(properties.put({ id: key, key, value, type: 'custom' })));
}

function changeProperty(asked: Asked): Reply {
  const properties = propertiesOf(asked);
  const { value } = bodyIn(asked, { value: 'text!' });
  const property = properties.get(asked.ids.propertyKey ?? '');
  if (property === undefined) throw new Refused(400, 'there is no such property');
  if (property.type !== 'custom') throw new Refused(409);
  return json(200, bare(properties.put({ ...property, value })));
}

function deleteProperty(asked: Asked): Reply {
  const properties = propertiesOf(asked);
  const property = properties.get(asked.ids.propertyKey ?? '');
  if (property !== undefined && property.type !== 'custom') throw new Refused(409);
  properties.remove(String(property?.id));
  return json(200, { deleted: true });
}

/** A list that belongs to one device, sorted, searched and narrowed by one parameter. */
function lists(
  items: (asked: Asked, device: Item) => readonly Item[],
  fields: readonly string[],
  filter?: readonly [string, string, readonly string[]],
): Route['answer'] {
  return (asked) => {
    const device = namedBy(devices, asked, 'id');
    const found = searchOf(asked, Object.fromEntries(fields.map((field) => [field, (item: Item) => [item[field]]])));
    const wanted = filter === undefined ? [] : wordsOf(asked, filter[0], filter[2]);
    const order = orderOf(asked, fields);
    const kept = items(asked, device).filter((item) => found(item) && (wanted.length === 0 || wanted.includes(String(item[filter?.[1] ?? '']))));
    return pageReply(asked, order === null ? kept : [...kept].sort(order), MOBILE_SIZES);
  };
}

function violations({ tenant }: Asked, { compliance }: Item): readonly Item[] {
  if (Reflect.get(Object(compliance), 'compliant') !== false) return [];
  const severity = Reflect.get(Object(compliance), 'severity');
  return [{ description: 'The operating system is too old.', detectedAt: iso(tenant.bornAt - 3_600_000), type: 'minOsVersion', severity }];
}

function scanResults({ tenant }: Asked, { scanResultSummary }: Item): readonly Item[] {
  const count = Number(Reflect.get(Object(scanResultSummary), 'maliciousCount') ?? 0);
  const one = {
    type: 'malicious',
    name: 'Torch Deluxe',
    identifier: 'com.example.torch',
    version: '1.2',
    threatName: 'Andr/Torch-A',
    threatLink: 'https://threats.example.com/Andr-Torch-A',
  };
  return Array.from({ length: count }, () => ({ ...one, detectedAt: iso(tenant.bornAt - 7_200_000) }));
}

function policies(asked: Asked, { os }: Item): readonly Item[] {
  const platform = Reflect.get(Object(os), 'platform');
  const policy = (index: number, name: string) => ({ id: idIn(asked, 'mobile policies', index), name, platform, type: 'security', version: 1 });
  return [
    { name: 'Base', policy: policy(2, 'Base'), state: 'applied' },
    { name: 'Mail', policy: policy(3, 'Mail'), state: 'pending' },
  ];
}

function apps({ tenant }: Asked): readonly Item[] {
  return ['Docs', 'Mail', 'Maps', 'Notes', 'Shop'].map((name, i) => ({
    name,
    version: `${i + 1}.${i}`,
    identifier: `com.example.${name.toLowerCase()}`,
    source: i === 4 ? 'sideloaded' : 'store',
    installedAt: iso(tenant.bornAt - (i + 1) * 86_400_000),
  }));
}

function location(asked: Asked): Reply {
  const { lastSeenAt } = namedBy(devices, asked, 'id');
  if (lastSeenAt === undefined) throw new Refused(404);
  return json(200, { accuracy: '+- 4m', longitude: 11.58, latitude: 48.14, locatedAt: lastSeenAt });
}

/** One device, and what belongs to it. */
export const deviceRoutes: readonly Route[] = [
  route(`POST ${PATH}`, create),
  route(`GET ${PATH}/{id}`, shows(devices, 'id')),
  route(`PUT ${PATH}/{id}`, change),
  route(`DELETE ${PATH}/{id}`, forgets(devices, 'id')),
  route(
    `GET ${PATH}/{id}/properties`,
    lists((asked) => propertiesOf(asked).list().map(bare), ['key', 'value'], ['devicePropertyType', 'type', ['system', 'custom']]),
  ),
  route(`POST ${PATH}/{id}/properties`, createProperty),
  route(`PUT ${PATH}/{id}/properties/{propertyKey}`, changeProperty),
  route(`DELETE ${PATH}/{id}/properties/{propertyKey}`, deleteProperty),
  route(
    `GET ${PATH}/{id}/compliance-violations`,
    lists(violations, ['description', 'detectedAt', 'type', 'severity'], ['violationSeverity', 'severity', ['low', 'medium', 'high']]),
  ),
  route(
    `GET ${PATH}/{id}/scan-results`,
    lists(scanResults, ['name', 'identifier', 'threatName'], ['scanResultType', 'type', ['malicious', 'suspicious', 'pua', 'lowReputation']]),
  ),
  route(`GET ${PATH}/{id}/policies`, lists(policies, ['name'])),
  route(`GET ${PATH}/{id}/installed-apps`, lists(apps, ['name', 'version', 'identifier'], ['appSource', 'source', ['store', 'sideloaded', 'system']])),
  route(`GET ${PATH}/{id}/location`, location),
];
