/** Endpoint policies, their settings, and the base policy of each type (reference, section 6.4). */
import type { Collection, Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { pathId, wordOf } from './asking.ts';
import { bodyIn, type Shape, shapedIn } from './body.ts';
import { iso, principalIn } from './family.ts';
import { collectionOf, freshIdIn, type Holder } from './held.ts';
import { chosen, pageReply } from './paging.ts';
import { basePolicyId, policiesMade, policyTypeNames, policyTypes, recommendedOf, type Setting } from './policies-made.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const PATH = '/endpoint/v1/policies';
const POLICY: Shape = { name: 'text', priority: 'int', enabled: 'flag', disableAt: 'time', appliesTo: 'object', settings: 'object' };
const APPLIES: Shape = { users: 'uuids', userGroups: 'uuids', endpoints: 'uuids', endpointGroups: 'uuids' };

export function policiesOf(holder: Holder): Collection {
  return collectionOf(holder, 'policies', () => policiesMade(holder));
}

type Find = (asked: Asked) => Item;

const byId: Find = (asked) => {
  const policy = policiesOf(asked).get(pathId(asked, 'policyId'));
  if (policy === undefined) throw new Refused(404);
  return policy;
};

/** The base policy of the type that the path names. */
const baseOf: Find = (asked) => {
  const type = asked.ids.policyType ?? '';
  if (!policyTypeNames.includes(type)) throw new Refused(404);
  const policy = policiesOf(asked).get(basePolicyId(asked, type));
  if (policy === undefined) throw new Refused(404);
  return policy;
};

const isBase = (asked: Asked, policy: Item) => policy.id === basePolicyId(asked, String(policy.type));
const settingsOf = ({ settings }: Item) => settings as Readonly<Record<string, Item>>;

function put(asked: Asked, policy: Item, changes: Item): Item {
  if (policy.lockedByManagingAccount === true) throw new Refused(409, 'the policy is locked by a managing account');
  return policiesOf(asked).put({ ...policy, ...changes, updatedAt: iso(asked.now), updatedBy: principalIn(asked) });
}

const FITS: Readonly<Record<Setting['type'], (value: unknown) => boolean>> = {
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isSafeInteger(value),
  string: (value) => typeof value === 'string',
  array: (value) => Array.isArray(value),
};

/** Settings with the values that a body gives: known ones, of their type. */
function merged(policy: Item, given: unknown): Item {
  const settings = { ...settingsOf(policy) };
  const known = policyTypes[String(policy.type)] ?? [];
  for (const [key, each] of Object.entries(given as Item)) {
    const setting = known.find(({ name }) => name === key);
    if (setting === undefined) throw new Refused(400, 'there is no such setting');
    const { value } = shapedIn(each, { value: 'any!' }, 'a setting');
    if (!FITS[setting.type](value)) throw new Refused(400, 'the value is not of the type of the setting');
    settings[key] = { ...settings[key], value };
  }
  return settings;
}

/** An object of settings, whose names are those of the type. */
function bodySettings({ body }: Asked): Item {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Refused(400, 'a body is required');
  return body as Item;
}

function checked(policy: Item, given: Item): Item {
  if (given.name === '') throw new Refused(400, 'name is required');
  if (given.appliesTo !== undefined) shapedIn(given.appliesTo, APPLIES, 'appliesTo');
  return given.settings === undefined ? given : { ...given, settings: merged(policy, given.settings) };
}

function create(asked: Asked): Reply {
  const body = bodyIn(asked, { ...POLICY, name: 'text!', type: policyTypeNames });
  if (body.type === undefined) throw new Refused(400, 'type is required');
  const type = String(body.type);
  const policies = policiesOf(asked);
  const at = iso(asked.now);
  const by = principalIn(asked);
  const stamps = { createdAt: at, createdBy: by, updatedAt: at, updatedBy: by };
  const usual = { lockedByManagingAccount: false, priority: 1, enabled: true, appliesTo: {}, tenant: { id: asked.tenant.id, name: asked.tenant.name } };
  const settings = recommendedOf(type);
  const given = checked({ type, settings }, body);
  return json(201, policies.put({ id: freshIdIn(asked, 'policies', policies), ...usual, settings, ...given, ...stamps }));
}

function clone(find: Find) {
  return (asked: Asked): Reply => {
    const original = find(asked);
    const { name } = bodyIn(asked, { name: 'text!' });
    if (name === '') throw new Refused(400, 'name is required');
    const policies = policiesOf(asked);
    const at = iso(asked.now);
    const own = { id: freshIdIn(asked, 'policies', policies), name, lockedByManagingAccount: false, createdAt: at, updatedAt: at };
    return json(201, policies.put({ ...original, ...own, priority: Math.max(1, Number(original.priority)), createdBy: principalIn(asked) }));
  };
}

function settingIn(asked: Asked, policy: Item): readonly [string, Item] {
  const key = asked.ids.settingKey ?? '';
  const settings = settingsOf(policy);
  if (!Object.hasOwn(settings, key)) throw new Refused(404);
  return [key, settings[key] ?? {}];
}

/** What can be done with the settings of a policy, be it found by its id or as the base of its type. */
function settingRoutes<P extends `/${string}`>(path: P, find: Find): readonly Route[] {
  const change = (asked: Asked, settings: Item) => settingsOf(put(asked, find(asked), { settings }));
  return [
    route(`GET ${path}/settings`, (asked) => json(200, settingsOf(find(asked)))),
    route(`PATCH ${path}/settings`, (asked) => json(200, change(asked, merged(find(asked), bodySettings(asked))))),
    route(`POST ${path}/settings/reset`, (asked) => json(200, change(asked, recommendedOf(String(find(asked).type))))),
    route(`GET ${path}/settings/{settingKey}`, (asked) => json(200, settingIn(asked, find(asked))[1])),
    route(`POST ${path}/settings/{settingKey}/reset`, (asked) => {
      const policy = find(asked);
      const [key] = settingIn(asked, policy);
      const settings = change(asked, { ...settingsOf(policy), [key]: recommendedOf(String(policy.type))[key] ?? {} });
      return json(200, settings[key]);
    }),
  ];
}

function patchSetting(asked: Asked): Reply {
  const policy = baseOf(asked);
  const [key] = settingIn(asked, policy);
  const body = bodySettings(asked);
  // The value itself, or the setting by its name as the official example has it.
  const given = Object.hasOwn(body, 'value') ? { [key]: body } : body;
  return json(200, settingsOf(put(asked, policy, { settings: merged(policy, given) }))[key]);
}

export const policyRoutes: readonly Route[] = [
  route(`GET ${PATH}`, (asked) => {
    const type = wordOf(asked, 'policyType', policyTypeNames);
    return pageReply(
      asked,
      policiesOf(asked)
        .list()
        .filter((policy) => type === undefined || policy.type === type),
    );
  }),
  route(`POST ${PATH}`, create),
  route(`GET ${PATH}/settings`, (asked) => {
    const type = wordOf(asked, 'policyType', policyTypeNames);
    const items = policyTypeNames.filter((name) => type === undefined || name === type).map((name) => ({ policyType: name, items: policyTypes[name] }));
    return json(200, { version: '1.0.0', schemas: {}, items });
  }),
  route(`GET ${PATH}/{policyId}`, (asked) => json(200, chosen(asked, byId(asked)))),
  route(`PATCH ${PATH}/{policyId}`, (asked) => {
    const policy = byId(asked);
    return json(200, put(asked, policy, checked(policy, bodyIn(asked, POLICY))));
  }),
  route(`DELETE ${PATH}/{policyId}`, (asked) => {
    const policy = policiesOf(asked).get(pathId(asked, 'policyId'));
    if (policy !== undefined && (isBase(asked, policy) || policy.lockedByManagingAccount === true)) throw new Refused(409, 'the policy cannot be deleted');
    policiesOf(asked).remove(pathId(asked, 'policyId'));
    return json(200, { deleted: true });
  }),
  route(`POST ${PATH}/{policyId}/clone`, clone(byId)),
  ...settingRoutes(`${PATH}/{policyId}`, byId),
  route(`GET ${PATH}/{policyType}/base`, (asked) => json(200, baseOf(asked))),
  route(`PATCH ${PATH}/{policyType}/base`, (asked) => {
    const policy = baseOf(asked);
    return json(200, put(asked, policy, checked(policy, bodyIn(asked, { settings: 'object!' }))));
  }),
  route(`POST ${PATH}/{policyType}/base/clone`, clone(baseOf)),
  ...settingRoutes(`${PATH}/{policyType}/base`, baseOf),
  route(`PATCH ${PATH}/{policyType}/base/settings/{settingKey}`, patchSetting),
];
