import { acting, byKeyOf, byPageOf, globally, listing, type NoQuery, of, reading, removing, whole } from '../form.ts';
import type { CentralTenant } from '../shapes/account.ts';
import type {
  BillingUsage,
  BillingUsageQuery,
  NewPartnerAdmin,
  NewPartnerRole,
  NewPartnerRoleAssignment,
  NewTenant,
  PartnerAdmin,
  PartnerAdminsQuery,
  PartnerPermissionSet,
  PartnerPermissionSetsQuery,
  PartnerRole,
  PartnerRoleAssignment,
  PartnerRoleChange,
  PartnerRolesQuery,
  TenantDetails,
} from '../shapes/partner.ts';
import type { Chosen, Deleted } from '../shapes/parts.ts';

/** A partner's tenants (reference, section 3). `central.tenants` lists them for every kind of account. */
export const partnerTenants = {
  list: globally(listing('/partner/v1/tenants', byPageOf(100), of<CentralTenant, Chosen>(), 'list the tenants of the partner')),
  create: globally(acting('POST', '/partner/v1/tenants', of<TenantDetails, Chosen, NewTenant>(), 'create a tenant of the partner')),
  get: globally(reading('/partner/v1/tenants/{tenantId}', of<TenantDetails, Chosen>(), 'read a tenant of the partner')),
};

/** What a partner's people and programs may do (reference, section 3). */
export const partnerRoles = {
  list: globally(listing('/partner/v1/roles', whole, of<PartnerRole, PartnerRolesQuery>(), 'list the roles of the partner')),
  create: globally(acting('POST', '/partner/v1/roles', of<PartnerRole, Chosen, NewPartnerRole>(), 'create a role of the partner')),
  get: globally(reading('/partner/v1/roles/{roleId}', of<PartnerRole, Chosen>(), 'read a role of the partner')),
  update: globally(acting('PATCH', '/partner/v1/roles/{roleId}', of<PartnerRole, Chosen, PartnerRoleChange>(), 'change a role of the partner')),
  delete: globally(removing('/partner/v1/roles/{roleId}', of<Deleted>(), 'delete a role of the partner')),
  permissionSets: globally(
    listing('/partner/v1/roles/permission-sets', whole, of<PartnerPermissionSet, PartnerPermissionSetsQuery>(), 'list the permission sets of the partner'),
  ),
};

const assignment = of<PartnerRoleAssignment, NoQuery, NewPartnerRoleAssignment>();

/** A partner's administrators (reference, section 3). */
export const partnerAdmins = {
  list: globally(listing('/partner/v1/admins', byPageOf(100), of<PartnerAdmin, PartnerAdminsQuery>(), 'list the administrators of the partner')),
  create: globally(acting('POST', '/partner/v1/admins', of<PartnerAdmin, NoQuery, NewPartnerAdmin>(), 'create an administrator of the partner')),
  get: globally(reading('/partner/v1/admins/{adminId}', of<PartnerAdmin>(), 'read an administrator of the partner')),
  roleAssignments: globally(
    listing('/partner/v1/admins/{adminId}/role-assignments', whole, of<PartnerRoleAssignment>(), 'list the roles of an administrator of the partner'),
  ),
  assignRole: globally(acting('POST', '/partner/v1/admins/{adminId}/role-assignments', assignment, 'give an administrator of the partner a role')),
  roleAssignment: globally(
    reading('/partner/v1/admins/{adminId}/role-assignments/{assignmentId}', of<PartnerRoleAssignment>(), 'read a role of an administrator of the partner'),
  ),
  removeRole: globally(
    removing('/partner/v1/admins/{adminId}/role-assignments/{assignmentId}', of<Deleted>(), 'take a role from an administrator of the partner'),
  ),
};

/** What a partner pays for (reference, section 3). */
export const partnerBilling = {
  usage: globally(
    listing(
      '/partner/v1/billing/usage/{year}/{month}',
      { ...byKeyOf(100), sharesIds: true },
      of<BillingUsage, BillingUsageQuery>(),
      'read what the tenants of the partner used',
    ),
  ),
};
