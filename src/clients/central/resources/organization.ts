import { byPageOf, globally, listing, of, reading } from '../form.ts';
import type { CentralTenant } from '../shapes/account.ts';
import type { TenantDetails } from '../shapes/partner.ts';

/** An organization's tenants (reference, section 3). `central.tenants` lists them for every kind of account. */
export const organizationTenants = {
  list: globally(listing('/organization/v1/tenants', byPageOf(100), of<CentralTenant>(), 'list the tenants of the organization')),
  get: globally(reading('/organization/v1/tenants/{tenantId}', of<TenantDetails>(), 'read a tenant of the organization')),
};
