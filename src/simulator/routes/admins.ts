/** The admins of an estate and their role assignments (reference, section 5.3). */
import type { Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { adminsOf, assignmentsOf, superRole } from './admins-made.ts';
import { orderOf, pathId, searchOf, uuidsOf } from './asking.ts';
import { bodyIn, shapedIn } from './body.ts';
import { iso } from './family.ts';
import { collectionOf, freshIdIn } from './held.ts';
import { chosen, pageReply } from './paging.ts';
import { rolesOf } from './roles.ts';
import { type Asked, Refused, type Route, route } from './route.ts';
import { usersOf } from './users.ts';

const ADMINS = '/common/v1/admins';

function adminIn(asked: Asked): Item {
  const admin = adminsOf(asked).get(pathId(asked, 'adminId'));
  if (admin === undefined) throw new Refused(404);
  return admin;
}

function listAdmins(asked: Asked): Reply {
  const [roleId] = uuidsOf(asked, 'roleId');
  const profile = ({ profile }: Item) => (profile ?? {}) as Item;
  const matches = searchOf(
    asked,
    {
      username: (admin) => [profile(admin).email, profile(admin).name],
      firstName: (admin) => [profile(admin).firstName],
      lastName: (admin) => [profile(admin).lastName],
    },
    ['username'],
  );
  const found = adminsOf(asked)
    .list()
    .filter((admin) => (roleId === undefined || assignmentsOf(admin).some((each) => each.roleId === roleId)) && matches(admin));
  const order = orderOf(asked, ['id', 'createdAt', 'updatedAt']);
  if (order !== null) found.sort(order);
  const reply = pageReply(asked, found);
  if (asked.sim.settings.adminsPages || reply.status !== 200) return reply;
  const { items } = JSON.parse(reply.body.toString('utf8')) as { readonly items: readonly Item[] };
  return json(200, { items });
}

function assignment(asked: Asked, admin: Item, { roleId }: Item): Item {
  if (rolesOf(asked).get(String(roleId).toLowerCase()) === undefined) throw new Refused(404);
  const like = assignmentsOf(admin).find((each) => each.roleId === roleId);
  const counted = collectionOf(asked, 'role-assignments', () => []);
  return like ?? { id: freshIdIn(asked, 'role-assignments', counted), roleId };
}

function addAdmin(asked: Asked): Reply {
  const body = bodyIn(asked, { userId: 'uuid!', roleAssignments: 'objects!' });
  const user = usersOf(asked).get(String(body.userId).toLowerCase());
  if (user === undefined) throw new Refused(404);
  const wanted = (Array.isArray(body.roleAssignments) ? body.roleAssignments : []).map((each) => shapedIn(each, { roleId: 'uuid!' }, 'a role assignment'));
  if (wanted.length === 0) throw new Refused(400, 'roleAssignments is empty');
  const admins = adminsOf(asked);
  const at = iso(asked.now);
  const { id, name, firstName, lastName, email } = user;
  const admin = {
    id: freshIdIn(asked, 'admins', admins),
    tenant: { id: asked.tenant.id },
    users: [{ id, name }],
    profile: { name, ...(firstName === undefined ? {} : { firstName, lastName }), ...(email === undefined ? {} : { email }) },
    roleAssignments: wanted.map((each) => assignment(asked, {}, each)),
    createdAt: at,
    updatedAt: at,
  };
  return json(201, chosen(asked, admins.put(admin)));
}

const isSuper = (asked: Asked, admin: Item) => assignmentsOf(admin).some(({ roleId }) => roleId === superRole(asked));

function refuseLastSuper(asked: Asked, admin: Item): void {
  const others = adminsOf(asked)
    .list()
    .filter((other) => other.id !== admin.id && isSuper(asked, other));
  if (isSuper(asked, admin) && others.length === 0) throw new Refused(409, 'there must be a super admin');
}

function assign(asked: Asked): Reply {
  const admin = adminIn(asked);
  const given = assignment(asked, admin, bodyIn(asked, { roleId: 'uuid!' }));
  if (given.roleId !== superRole(asked)) refuseLastSuper(asked, admin);
  // A new assignment takes the place of the one before.
  adminsOf(asked).put({ ...admin, roleAssignments: [given], updatedAt: iso(asked.now) });
  return json(201, given);
}

function removeAssignment(asked: Asked): Reply {
  const admin = adminIn(asked);
  const id = pathId(asked, 'assignmentId');
  const left = assignmentsOf(admin).filter((each) => each.id !== id);
  if (left.length === assignmentsOf(admin).length) return json(200, { deleted: true });
  if (!isSuper(asked, { roleAssignments: left })) refuseLastSuper(asked, admin);
  adminsOf(asked).put({ ...admin, roleAssignments: left, updatedAt: iso(asked.now) });
  return json(200, { deleted: true });
}

export const adminRoutes: readonly Route[] = [
  route(`GET ${ADMINS}`, listAdmins),
  route(`POST ${ADMINS}`, addAdmin),
  route(`GET ${ADMINS}/{adminId}`, (asked) => json(200, chosen(asked, adminIn(asked)))),
  route(`DELETE ${ADMINS}/{adminId}`, (asked) => {
    const admin = adminIn(asked);
    refuseLastSuper(asked, admin);
    return json(200, { deleted: adminsOf(asked).remove(String(admin.id)) });
  }),
  route(`GET ${ADMINS}/{adminId}/role-assignments`, (asked) => json(200, { items: assignmentsOf(adminIn(asked)) })),
  route(`POST ${ADMINS}/{adminId}/role-assignments`, assign),
  route(`GET ${ADMINS}/{adminId}/role-assignments/{assignmentId}`, (asked) => {
    const found = assignmentsOf(adminIn(asked)).find(({ id }) => id === pathId(asked, 'assignmentId'));
    if (found === undefined) throw new Refused(404);
    return json(200, found);
  }),
  route(`DELETE ${ADMINS}/{adminId}/role-assignments/{assignmentId}`, removeAssignment),
];
