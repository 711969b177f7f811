/** Every call about access tokens, licences, partners and organizations, as it goes out. */
import { describe } from 'vitest';
import { organizationForms, partnerForms, tenantForms } from '../../../../src/clients/central/resources/index.ts';
import { everyForm, type Row, seenAs } from './recording.ts';

const rows: readonly Row[] = [
  ['GET /accounts/v1/access-tokens', (our) => our.tenant.accessTokens.list().all(), { query: { pageSize: '100', page: '1' }, host: 'global' }],
  [
    'POST /accounts/v1/access-tokens',
    (our) => our.tenant.accessTokens.create({ label: 'Test Token', type: 'sls', expiresAt: '2021-04-29T15:32:28.482' }),
    { body: { label: 'Test Token', type: 'sls', expiresAt: '2021-04-29T15:32:28.482' }, host: 'global' },
  ],
  [
    'PATCH /accounts/v1/access-tokens/id-1',
    (our) => our.tenant.accessTokens.update('id-1', { label: 'Test Token', expiresAt: '2021-04-29T15:32:28.482' }),
    { body: { label: 'Test Token', expiresAt: '2021-04-29T15:32:28.482' }, host: 'global' },
  ],
  ['DELETE /accounts/v1/access-tokens/id-1', (our) => our.tenant.accessTokens.revoke('id-1'), { host: 'global' }],
  ['GET /licenses/v1/licenses', (our) => our.tenant.licenses.list().all(), { host: 'global' }],
  [
    'GET /licenses/v1/licenses/firewalls',
    (our) => our.tenant.licenses.firewalls({ sort: ['a', 'b'] }).all(),
    { query: { sort: 'a,b', pageSize: '100', page: '1' }, host: 'global' },
  ],
  [
    'GET /licenses/v1/licenses/firewalls',
    (our) => our.partner.licenses.firewalls({ sort: ['a', 'b'] }).all(),
    { query: { sort: 'a,b', pageSize: '100', page: '1' }, host: 'global' },
  ],
  ['GET /organization/v1/tenants', (our) => our.organization.tenants.list().all(), { query: { pageSize: '100', page: '1' }, host: 'global' }],
  ['GET /organization/v1/tenants/id-1', (our) => our.organization.tenants.get('id-1'), { host: 'global' }],
  [
    'GET /partner/v1/tenants',
    (our) => our.partner.tenants.list({ fields: ['a', 'b'] }).all(),
    { query: { fields: 'a,b', pageSize: '100', page: '1' }, host: 'global' },
  ],
  [
    'POST /partner/v1/tenants',
    (our) =>
      our.partner.tenants.create(
        {
          showAs: 'Example Name',
          name: 'Example Name',
          dataGeography: 'US',
          billingType: 'trial',
          contact: {
            firstName: 'Example Name',
            lastName: 'Example Name',
            email: 'user@example.com',
            phone: '+1-555-123-4567',
            mobile: 'string',
            fax: 'string',
            address: { address1: '123 Main Street', city: 'San Francisco', countryCode: 'United States', postalCode: 'ABC123' },
          },
        },
        { fields: ['a', 'b'] },
      ),
    {
      query: { fields: 'a,b' },
      body: {
        showAs: 'Example Name',
        name: 'Example Name',
        dataGeography: 'US',
        billingType: 'trial',
        contact: {
          firstName: 'Example Name',
          lastName: 'Example Name',
          email: 'user@example.com',
          phone: '+1-555-123-4567',
          mobile: 'string',
          fax: 'string',
          address: { address1: '123 Main Street', city: 'San Francisco', countryCode: 'United States', postalCode: 'ABC123' },
        },
      },
      host: 'global',
    },
  ],
  ['GET /partner/v1/tenants/id-1', (our) => our.partner.tenants.get('id-1', { fields: ['a', 'b'] }), { query: { fields: 'a,b' }, host: 'global' }],
  [
    'GET /partner/v1/roles',
    (our) => our.partner.roles.list({ type: 'x', principalType: 'x', fields: ['a', 'b'] }).all(),
    { query: { type: 'x', principalType: 'x', fields: 'a,b' }, host: 'global' },
  ],
  [
    'POST /partner/v1/roles',
    (our) =>
      our.partner.roles.create(
        { name: 'Example Name', description: 'A brief description of the resource', principalType: 'user', permissionSets: ['string'] },
        { fields: ['a', 'b'] },
      ),
    {
      query: { fields: 'a,b' },
      body: { name: 'Example Name', description: 'A brief description of the resource', principalType: 'user', permissionSets: ['string'] },
      host: 'global',
    },
  ],
  ['GET /partner/v1/roles/id-1', (our) => our.partner.roles.get('id-1', { fields: ['a', 'b'] }), { query: { fields: 'a,b' }, host: 'global' }],
  [
    'PATCH /partner/v1/roles/id-1',
    (our) =>
      our.partner.roles.update(
        'id-1',
        { name: 'Example Name', description: 'A brief description of the resource', permissionSets: ['string'] },
        { fields: ['a', 'b'] },
      ),
    {
      query: { fields: 'a,b' },
      body: { name: 'Example Name', description: 'A brief description of the resource', permissionSets: ['string'] },
      host: 'global',
    },
  ],
  ['DELETE /partner/v1/roles/id-1', (our) => our.partner.roles.delete('id-1'), { host: 'global' }],
  [
    'GET /partner/v1/roles/permission-sets',
    (our) =>
      our.partner.roles.permissionSets({ fields: ['a', 'b'], type: 'x', product: 'x', access: 'x', allowedInCustomRole: true, principalType: 'x' }).all(),
    { query: { fields: 'a,b', type: 'x', product: 'x', access: 'x', allowedInCustomRole: 'true', principalType: 'x' }, host: 'global' },
  ],
  [
    'GET /partner/v1/admins',
    (our) => our.partner.admins.list({ sort: ['a', 'b'], fields: ['a', 'b'], search: 'x', email: 'x', roleId: 'x', withAccessToTenant: 'x' }).all(),
    { query: { sort: 'a,b', fields: 'a,b', search: 'x', email: 'x', roleId: 'x', withAccessToTenant: 'x', pageSize: '100', page: '1' }, host: 'global' },
  ],
  [
    'POST /partner/v1/admins',
    (our) =>
      our.partner.admins.create({
        username: 'user@example.com',
        profile: {
          name: 'Example Name',
          firstName: 'Example Name',
          lastName: 'Example Name',
          phone: '+1-555-123-4567',
          mobile: '+1-555-123-4567',
          fax: 'string',
        },
        roleAssignments: [{ roleId: 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d', scope: { type: 'tenant' } }],
      }),
    {
      body: {
        username: 'user@example.com',
        profile: {
          name: 'Example Name',
          firstName: 'Example Name',
          lastName: 'Example Name',
          phone: '+1-555-123-4567',
          mobile: '+1-555-123-4567',
          fax: 'string',
        },
        roleAssignments: [{ roleId: 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d', scope: { type: 'tenant' } }],
      },
      host: 'global',
    },
  ],
  ['GET /partner/v1/admins/id-1', (our) => our.partner.admins.get('id-1'), { host: 'global' }],
  ['GET /partner/v1/admins/id-1/role-assignments', (our) => our.partner.admins.roleAssignments('id-1').all(), { host: 'global' }],
  [
    'POST /partner/v1/admins/id-1/role-assignments',
    (our) =>
      our.partner.admins.assignRole('id-1', {
        roleId: 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d',
        scope: { type: 'tenant', id: 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d' },
      }),
    { body: { roleId: 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d', scope: { type: 'tenant', id: 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d' } }, host: 'global' },
  ],
  ['GET /partner/v1/admins/id-1/role-assignments/id-2', (our) => our.partner.admins.roleAssignment('id-1', 'id-2'), { host: 'global' }],
  ['DELETE /partner/v1/admins/id-1/role-assignments/id-2', (our) => our.partner.admins.removeRole('id-1', 'id-2'), { host: 'global' }],
  [
    'GET /partner/v1/billing/usage/id-1/id-2',
    (our) => our.partner.billing.usage('id-1', 'id-2', { fields: ['a', 'b'], contactEmail: 'x', accountId: 'x' }).all(),
    { query: { fields: 'a,b', contactEmail: 'x', accountId: 'x', pageSize: '100' }, host: 'global' },
  ],
];

describe('a call about access tokens, licences, partners and organizations', () => {
  seenAs(rows);
  everyForm('tenant', { accessTokens: tenantForms.accessTokens, licenses: tenantForms.licenses }, rows);
  everyForm(
    'partner',
    { licenses: partnerForms.licenses, tenants: partnerForms.tenants, roles: partnerForms.roles, admins: partnerForms.admins, billing: partnerForms.billing },
    rows,
  );
  everyForm('organization', { tenants: organizationForms.tenants }, rows);
});
