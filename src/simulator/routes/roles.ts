/** Roles of an estate, and what they may permit (reference, section 5.3). */
import type { Collection, Item } from '../collection.ts';
import { json } from '../reply.ts';
import { adminsOf, assignmentsOf } from './admins-made.ts';
import { flagOf, wordOf } from './asking.ts';
import { textsIn } from './body.ts';
import { adds, changes, type Family, forgets, iso, listsAll, shows } from './family.ts';
import { collectionOf, type Holder, idIn } from './held.ts';
import { chosen } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const ROLES = '/common/v1/roles';
const DAY_MS = 86_400_000;
const PREDEFINED = ['Super Admin', 'Admin', 'Help Desk', 'Read-Only', 'Service Principal Super Admin', 'Service Principal ReadOnly'];
const SETS = ['central_admin', 'endpoint_product_admin', 'endpoint_product_read', 'firewall_product_admin', 'email_product_admin', 'central_read'];

const permissionSets = SETS.map((name, i) => ({
  id: name,
  name,
  type: name.startsWith('central') ? 'base' : 'product',
  principalTypes: i % 3 === 2 ? ['user'] : ['user', 'service'],
  allowedInCustomRoles: i % 4 !== 3,
}));

/** The first is that of super admins. */
const roles: Family = {
  name: 'roles',
  unique: 'name',
  make: (holder) =>
    [...PREDEFINED, 'Büro „Admin“'].map((name, i) => {
      const at = iso(holder.tenant.bornAt - 400 * DAY_MS);
      const type = i < PREDEFINED.length ? 'predefined' : 'custom';
      const principalType = name.startsWith('Service') ? 'service' : 'user';
      return {
        id: idIn(holder, 'roles', i),
        name,
        description: `${name} role`,
        type,
        principalType,
        permissionSets: SETS.slice(i % 3),
        createdAt: at,
        updatedAt: at,
      };
    }),
};

export function rolesOf(holder: Holder): Collection {
  return collectionOf(holder, 'roles', () => roles.make(holder));
}

function refuseBusy(asked: Asked, role: Item): void {
  if (role.type === 'predefined') throw new Refused(409, 'the role is predefined');
  if (
    adminsOf(asked)
      .list()
      .some((admin) => assignmentsOf(admin).some(({ roleId }) => roleId === role.id))
  )
    throw new Refused(409, 'the role is assigned');
}

function checkedSets(_asked: Asked, body: Item): Item {
  if (textsIn(body, 'permissionSets').some((name) => !SETS.includes(name))) throw new Refused(400, 'permissionSets has an unknown one');
  return body;
}

const newRole = { name: 'text!', description: 'text', principalType: ['user', 'service'], permissionSets: 'texts!' } as const;

export const roleRoutes: readonly Route[] = [
  route(
    `GET ${ROLES}`,
    listsAll(roles, (asked) => {
      const [type, principal] = [wordOf(asked, 'type', ['predefined', 'custom']), wordOf(asked, 'principalType', ['user', 'service'])];
      return (role) => (type === undefined || role.type === type) && (principal === undefined || role.principalType === principal);
    }),
  ),
  route(
    `POST ${ROLES}`,
    adds(roles, newRole, (asked, body) => {
      if (body.name === '' || body.principalType === undefined) throw new Refused(400, 'name and principalType are required');
      return { ...checkedSets(asked, body), type: 'custom', createdAt: iso(asked.now), updatedAt: iso(asked.now) };
    }),
  ),
  route(`GET ${ROLES}/permission-sets`, (asked) => {
    const [type, principal] = [wordOf(asked, 'type', ['base', 'product']), wordOf(asked, 'principalType', ['user', 'service'])];
    const allowed = flagOf(asked, 'allowedInCustomRole');
    const product = asked.query.get('product');
    const access = asked.query.get('access');
    const items = permissionSets.filter(
      (set) =>
        (type === undefined || set.type === type) &&
        (principal === undefined || set.principalTypes.includes(principal)) &&
        (allowed === undefined || set.allowedInCustomRoles === allowed) &&
        (product === null || set.name.startsWith(product)) &&
        (access === null || set.name.endsWith(access)),
    );
    return json(200, { items: items.map((item) => chosen(asked, item)) });
  }),
  route(`GET ${ROLES}/{roleId}`, shows(roles, 'roleId')),
  route(
    `PATCH ${ROLES}/{roleId}`,
    changes(roles, 'roleId', { name: 'text', description: 'text', permissionSets: 'texts' }, (asked, body, role) => {
      if (role.type === 'predefined') throw new Refused(409, 'the role is predefined');
      return checkedSets(asked, body);
    }),
  ),
  route(`DELETE ${ROLES}/{roleId}`, forgets(roles, 'roleId', refuseBusy)),
];
