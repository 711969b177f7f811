import { acting, listing, of, reading, removing, whole } from '../form.ts';
import type { NewRole, PermissionSet, PermissionSetQuery, Role, RoleChange, RoleQuery } from '../shapes/admins.ts';
import type { Chosen, Deleted } from '../shapes/parts.ts';

/** Roles, and what they may hold (reference, 5.3). */
export const roles = {
  list: listing('/common/v1/roles', whole, of<Role, RoleQuery>(), 'list the roles'),
  create: acting('POST', '/common/v1/roles', of<Role, Chosen, NewRole>(), 'add a role'),
  get: reading('/common/v1/roles/{roleId}', of<Role, Chosen>(), 'read a role'),
  update: acting('PATCH', '/common/v1/roles/{roleId}', of<Role, Chosen, RoleChange>(), 'change a role'),
  delete: removing('/common/v1/roles/{roleId}', of<Deleted>(), 'delete a role'),
  permissionSets: listing('/common/v1/roles/permission-sets', whole, of<PermissionSet, PermissionSetQuery>(), 'list the permission sets'),
};
