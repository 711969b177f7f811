import { acting, byPageOf, listing, type NoQuery, of, reading, removing, whole } from '../form.ts';
import type { Admin, AdminQuery, NewAdmin, NewRoleAssignment, RoleAssignment } from '../shapes/admins.ts';
import type { Chosen, Deleted } from '../shapes/parts.ts';

/** Administrators of the tenant (reference, 5.3). */
export const admins = {
  list: listing('/common/v1/admins', byPageOf(100), of<Admin, AdminQuery>(), 'list the admins'),
  create: acting('POST', '/common/v1/admins', of<Admin, Chosen, NewAdmin>(), 'make a user an admin'),
  get: reading('/common/v1/admins/{adminId}', of<Admin, Chosen>(), 'read an admin'),
  delete: removing('/common/v1/admins/{adminId}', of<Deleted>(), 'remove an admin'),
  roleAssignments: listing('/common/v1/admins/{adminId}/role-assignments', whole, of<RoleAssignment>(), 'list the roles of an admin'),
  /** Replaces the assignment that there is. */
  assignRole: acting('POST', '/common/v1/admins/{adminId}/role-assignments', of<RoleAssignment, NoQuery, NewRoleAssignment>(), 'give an admin a role'),
  roleAssignment: reading('/common/v1/admins/{adminId}/role-assignments/{assignmentId}', of<RoleAssignment>(), 'read a role of an admin'),
  removeRole: removing('/common/v1/admins/{adminId}/role-assignments/{assignmentId}', of<Deleted>(), 'take a role from an admin'),
};
