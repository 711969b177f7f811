import { parameterOf } from '../call.ts';
import type { Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { tenantRoutes } from '../tenants.ts';
import { flagOf, isUuid, orderOf, wordOf, wordsOf } from './asking.ts';
import { bodyIn, type Shape, shapedIn, textsIn } from './body.ts';
import { adds, changes, type Family, forgets, heldBy, holderOf, iso, listsAll, many, namedBy, shows } from './family.ts';
import { freshIdIn, idIn } from './held.ts';
import { chosen, keyReply, pageReply } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const DAY_MS = 86_400_000;
const ROLES = ['Partner Super Admin', 'Partner Admin', 'Partner Help Desk', 'Service Principal Super Admin', 'Night shift'] as const;
const SETS = ['partner_admin', 'partner_read', 'endpoint_admin', 'endpoint_read', 'billing_read'] as const;
const REGIONS: Readonly<Record<string, string>> = { US: 'us03', IE: 'eu01', DE: 'eu02', CA: 'ca01', AU: 'au01', JP: 'jp01', IN: 'in01', BR: 'br01' };
const ADDRESS = /^[^\s@"<>]+@[^\s@"<>]+\.[^\s@"<>]+$/;

const roles: Family = {
  name: 'partner roles',
  owner: 'account',
  unique: 'name',
  make: (holder) =>
    many(holder, 'partner roles', ROLES.length, (i, _random, id) => ({
      id,
      name: ROLES[i],
      description: `${ROLES[i]} of the partner.`,
      type: i === ROLES.length - 1 ? 'custom' : 'predefined',
      principalType: i === 3 ? 'service' : 'user',
      permissionSets: SETS.slice(i % SETS.length),
      createdAt: iso(holder.tenant.bornAt - 500 * DAY_MS),
      updatedAt: iso(holder.tenant.bornAt - 100 * DAY_MS),
    })),
};

/** The first is primary. */
const admins: Family = {
  name: 'partner admins',
  owner: 'account',
  unique: 'username',
  make: (holder) =>
    many(holder, 'partner admins', 12, (i, _random, id) => ({
      id,
      username: `admin${i}@partner.example.com`,
      profile: { name: `Partner Admin ${i}`, firstName: 'Partner', lastName: `Admin ${i}` },
      active: i % 6 !== 5,
      primary: i === 0,
      roleAssignments: [
        { id: idIn(holder, 'partner assignments', i), roleId: idIn(holder, 'partner roles', i === 0 ? 0 : 1 + (i % 2)), scope: { type: 'partner' } },
      ],
    })),
};

function assignmentsOf({ roleAssignments }: Item): readonly Item[] {
  return Array.isArray(roleAssignments) ? roleAssignments : [];
}

/** A predefined role stays as it is, and one that somebody has stays at all. */
function isFree(asked: Asked, role: Item): void {
  if (role.type === 'predefined') throw new Refused(409, 'the role is predefined');
  if (
    heldBy(admins, asked)
      .list()
      .some((admin) => assignmentsOf(admin).some(({ roleId }) => roleId === role.id))
  )
    throw new Refused(409, 'the role is in use');
}

function setsIn(body: Item): Item {
  for (const name of textsIn(body, 'permissionSets')) if (!SETS.some((known) => known === name)) throw new Refused(400, 'permissionSets has an unknown value');
  return body;
}

const permissionSets = SETS.map((name, i) => ({
  id: name,
  name,
  type: i < 2 ? 'base' : 'product',
  ...(i < 2 ? {} : { product: i < 4 ? 'endpoint' : 'billing' }),
  access: name.endsWith('admin') ? 'admin' : 'read',
  principalTypes: ['user', 'service'],
  allowedInCustomRoles: name !== 'partner_admin',
}));

function listSets(asked: Asked): Reply {
  const allowed = flagOf(asked, 'allowedInCustomRole');
  const [type, access] = [wordOf(asked, 'type', ['base', 'product']), wordOf(asked, 'access', ['admin', 'read'])];
  const product = parameterOf(asked.query, 'product');
  const principal = wordOf(asked, 'principalType', ['user', 'service']);
  const kept: readonly Item[] = permissionSets.filter(
    (set) =>
      (type === undefined || set.type === type) &&
      (access === undefined || set.access === access) &&
      (product === undefined || set.product === product) &&
      (principal === undefined || set.principalTypes.includes(principal)) &&
      (allowed === undefined || set.allowedInCustomRoles === allowed),
  );
  return json(200, { items: kept.map((set) => chosen(asked, set)) });
}

function listAdmins(asked: Asked): Reply {
  const text = (name: string) => parameterOf(asked.query, name)?.toLowerCase();
  const [search, email, roleId, tenant] = ['search', 'email', 'roleId', 'withAccessToTenant'].map(text);
  if (roleId !== undefined && !isUuid(roleId)) throw new Refused(400, 'roleId is not a UUID');
  const order = orderOf(asked, ['id', 'username', 'active', 'primary']);
  const reaches = ({ scope }: Item) => Reflect.get(Object(scope), 'type') !== 'tenant' || Reflect.get(Object(scope), 'id') === tenant;
  const kept = heldBy(admins, asked)
    .list()
    .filter(
      ({ username, profile }) =>
        search === undefined || [username, Reflect.get(Object(profile), 'name')].some((one) => String(one).toLowerCase().includes(search)),
    )
    .filter(({ username }) => email === undefined || String(username).toLowerCase() === email)
    .filter((admin) => roleId === undefined || assignmentsOf(admin).some((one) => one.roleId === roleId))
    .filter((admin) => tenant === undefined || assignmentsOf(admin).some(reaches));
  return pageReply(asked, order === null ? kept : kept.sort(order));
}

const PROFILE: Shape = { name: 'text', firstName: 'text', lastName: 'text', phone: 'text', mobile: 'text', fax: 'text' };

/** An assignment that fits: the role is there, and so is the tenant that it is for. */
function assignmentIn(asked: Asked, value: unknown): Item {
  const { roleId, scope } = shapedIn(value, { roleId: 'uuid!', scope: 'object!' }, 'a role assignment');
  const { type, id } = shapedIn(scope, { type: ['tenant', 'partner'], id: 'uuid' }, 'scope');
  if (type === undefined) throw new Refused(400, 'type is required');
  if (heldBy(roles, asked).get(String(roleId).toLowerCase()) === undefined) throw new Refused(404, 'there is no such role');
  if (id !== undefined && asked.sim.estate.byId(String(id).toLowerCase()) === undefined) throw new Refused(404, 'there is no such tenant');
  const fresh = freshIdIn(holderOf(admins, asked), 'partner assignments', heldBy(admins, asked));
  return { id: fresh, roleId, scope: { type, ...(id === undefined ? {} : { id }) } };
}

const addAdmin = adds(admins, { username: 'text!', profile: 'object!', roleAssignments: 'objects!' }, (asked, body) => {
  if (!ADDRESS.test(String(body.username))) throw new Refused(400, 'username is no address');
  const wishes = Array.isArray(body.roleAssignments) ? body.roleAssignments : [];
  if (wishes.length === 0) throw new Refused(400, 'roleAssignments names nothing');
  const roleAssignments = wishes.map((one) => assignmentIn(asked, one));
  return { username: body.username, profile: shapedIn(body.profile, PROFILE, 'profile'), active: true, primary: false, roleAssignments };
});

function assign(asked: Asked): Reply {
  const admin = namedBy(admins, asked, 'adminId');
  const assignment = assignmentIn(asked, asked.body);
  heldBy(admins, asked).put({ ...admin, roleAssignments: [...assignmentsOf(admin), assignment] });
  return json(201, assignment);
}

function showAssignment(asked: Asked): Reply {
  const found = assignmentsOf(namedBy(admins, asked, 'adminId')).find(({ id }) => id === asked.ids.assignmentId?.toLowerCase());
  if (found === undefined) throw new Refused(404);
  return json(200, found);
}

function unassign(asked: Asked): Reply {
  const admin = namedBy(admins, asked, 'adminId');
  const left = assignmentsOf(admin).filter(({ id }) => id !== asked.ids.assignmentId?.toLowerCase());
  heldBy(admins, asked).put({ ...admin, roleAssignments: left });
  return json(200, { deleted: true });
}

const ADDRESS_SHAPE: Shape = { address1: 'text!', address2: 'text', address3: 'text', city: 'text!', state: 'text', countryCode: 'text!', postalCode: 'text!' };

function createTenant(asked: Asked): Reply {
  const shape: Shape = { showAs: 'text', name: 'text!', dataGeography: Object.keys(REGIONS), billingType: ['trial', 'usage'], contact: 'object!' };
  const body = bodyIn(asked, shape);
  if (body.dataGeography === undefined || body.billingType === undefined) throw new Refused(400, 'dataGeography and billingType are required');
  const contact = shapedIn(
    body.contact,
    { firstName: 'text!', lastName: 'text!', email: 'text!', phone: 'text', mobile: 'text', fax: 'text', address: 'object!' },
    'contact',
  );
  if (!ADDRESS.test(String(contact.email))) throw new Refused(400, 'email is no address');
  shapedIn(contact.address, ADDRESS_SHAPE, 'address');
  const tenant = asked.sim.estate.add(String(body.name), 0, 0);
  tenant.billingType = String(body.billingType);
  tenant.geography = String(body.dataGeography);
  tenant.region = REGIONS[tenant.geography] ?? tenant.region;
  return { ...tenantRoutes(asked.sim, asked.call, 'partner', tenant.id), status: 201 };
}

/** One line for each tenant and product of a month that has begun. */
function billing(asked: Asked): Reply {
  const { year = '', month = '' } = asked.ids;
  const first = /^20\d\d$/.test(year) && /^(0?[1-9]|1[0-2])$/.test(month) ? Date.UTC(Number(year), Number(month) - 1) : Number.NaN;
  if (Number.isNaN(first) || first > asked.now) throw new Refused(404);
  const last = Date.UTC(Number(year), Number(month)) - DAY_MS;
  const [email, account] = [parameterOf(asked.query, 'contactEmail')?.toLowerCase(), parameterOf(asked.query, 'accountId')?.toLowerCase()];
  const products = [
    ['CIXA-MSP', 'Intercept X Advanced - MSP Monthly', 'User'],
    ['MDRC-MSP', 'Managed Detection and Response Complete - MSP Monthly', 'Server'],
  ] as const;
  const items = asked.sim.estate.list().flatMap((tenant) =>
    products.map(([productCode, productDescription, productGroup], i) => ({
      partnerAccountId: asked.sim.accountId,
      partnerAccountName: 'Partner',
      billingStartDate: iso(first).slice(0, 10),
      billingEndDate: iso(last).slice(0, 10),
      orderNumber: `OrderID-${year}${month.padStart(2, '0')}${tenant.number}`,
      orderLineItemNumber: `OrderLine-${tenant.number}-${i}`,
      accountNumberOrSerialNumber: tenant.id,
      accountContactEmail: `contact@tenant-${tenant.number}.example.com`,
      productDescription,
      productGroup,
      sku: `${productCode}-1`,
      billableQuantity: asked.sim.setup.endpoints,
      accountId: tenant.id,
      accountStatus: tenant.status,
      actualQuantity: asked.sim.setup.endpoints,
      productCode,
    })),
  );
  const kept = items.filter((item) => (email === undefined || item.accountContactEmail === email) && (account === undefined || item.accountId === account));
  return keyReply(asked, kept, { usual: 50, max: 100 });
}

const ROLE: Shape = { description: 'text', permissionSets: 'texts' };

/** What a partner administers beside its tenants, on the global host. */
export const partnerRoutes: readonly Route[] = [
  route('POST /partner/v1/tenants', createTenant, 'partner'),
  route(
    'GET /partner/v1/roles',
    listsAll(roles, (asked) => {
      const [types, principals] = [wordsOf(asked, 'type', ['predefined', 'custom']), wordsOf(asked, 'principalType', ['user', 'service'])];
      return (role) =>
        (types.length === 0 || types.includes(String(role.type))) && (principals.length === 0 || principals.includes(String(role.principalType)));
    }),
    'partner',
  ),
  route(
    'POST /partner/v1/roles',
    adds(roles, { ...ROLE, name: 'text!', permissionSets: 'texts!', principalType: ['user', 'service'] }, (asked, body) => {
      if (body.principalType === undefined) throw new Refused(400, 'principalType is required');
      return { ...setsIn(body), type: 'custom', createdAt: iso(asked.now), updatedAt: iso(asked.now) };
    }),
    'partner',
  ),
  route('GET /partner/v1/roles/permission-sets', listSets, 'partner'),
  route('GET /partner/v1/roles/{roleId}', shows(roles, 'roleId'), 'partner'),
  route(
    'PATCH /partner/v1/roles/{roleId}',
    changes(roles, 'roleId', { ...ROLE, name: 'text' }, (_asked, body, role) => {
      if (role.type === 'predefined') throw new Refused(409, 'the role is predefined');
      return setsIn(body);
    }),
    'partner',
  ),
  route('DELETE /partner/v1/roles/{roleId}', forgets(roles, 'roleId', isFree), 'partner'),
  route('GET /partner/v1/admins', listAdmins, 'partner'),
  route('POST /partner/v1/admins', addAdmin, 'partner'),
  route('GET /partner/v1/admins/{adminId}', shows(admins, 'adminId'), 'partner'),
  route('GET /partner/v1/admins/{adminId}/role-assignments', (asked) => json(200, { items: assignmentsOf(namedBy(admins, asked, 'adminId')) }), 'partner'),
  route('POST /partner/v1/admins/{adminId}/role-assignments', assign, 'partner'),
  route('GET /partner/v1/admins/{adminId}/role-assignments/{assignmentId}', showAssignment, 'partner'),
  route('DELETE /partner/v1/admins/{adminId}/role-assignments/{assignmentId}', unassign, 'partner'),
  route('GET /partner/v1/billing/usage/{year}/{month}', billing, 'partner'),
];
