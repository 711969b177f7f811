import type { CentralTenant, OpenText } from './account.ts';
import type { ById, Chosen, PrincipalType, Sorted } from './parts.ts';

/** A tenant as its own page tells it (reference, section 3). */
export interface TenantDetails extends CentralTenant {
  readonly contact?: TenantContact | null;
  readonly products?: readonly unknown[] | null;
}

export interface TenantContact {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phone?: string;
  readonly mobile?: string;
  readonly fax?: string;
  readonly address: {
    readonly address1: string;
    readonly address2?: string;
    readonly address3?: string;
    readonly city: string;
    readonly state?: string;
    readonly countryCode: string;
    readonly postalCode: string;
  };
}

export interface NewTenant {
  readonly name: string;
  readonly showAs?: string;
  readonly dataGeography: OpenText<'US' | 'IE' | 'DE' | 'CA' | 'AU' | 'JP'>;
  readonly billingType: OpenText<'trial' | 'usage'>;
  readonly contact: TenantContact;
}

/** A role of a partner's people or programs, as Central spells it (reference, section 3). */
export interface PartnerRole extends ById {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly type?: OpenText<'predefined' | 'custom'> | null;
  readonly principalType?: PrincipalType | null;
  readonly permissionSets?: readonly string[] | null;
  readonly createdAt?: string | null;
  readonly updatedAt?: string | null;
}

export interface PartnerRolesQuery extends Chosen {
  readonly type?: OpenText<'predefined' | 'custom'>;
  readonly principalType?: PrincipalType;
}

export interface NewPartnerRole {
  readonly name: string;
  readonly description?: string;
  readonly principalType: PrincipalType;
  readonly permissionSets: readonly string[];
}

export type PartnerRoleChange = Partial<Omit<NewPartnerRole, 'principalType'>>;

export interface PartnerPermissionSet extends ById {
  readonly name?: string | null;
  readonly type?: OpenText<'base'> | null;
  readonly principalTypes?: readonly PrincipalType[] | null;
  readonly allowedInCustomRoles?: boolean | null;
  readonly [field: string]: unknown;
}

export interface PartnerPermissionSetsQuery extends Chosen {
  readonly type?: OpenText<'base'>;
  readonly product?: string;
  readonly access?: OpenText<'admin'>;
  readonly allowedInCustomRole?: boolean;
  readonly principalType?: PrincipalType;
}

/** A role that an administrator has, and where. */
export interface PartnerRoleAssignment extends ById {
  readonly roleId?: string | null;
  readonly scope?: { readonly type?: OpenText<'tenant' | 'partner'> | null; readonly id?: string | null } | null;
}

export interface NewPartnerRoleAssignment {
  readonly roleId: string;
  readonly scope?: { readonly type: OpenText<'tenant' | 'partner'>; readonly id?: string };
}

export interface PartnerAdminProfile {
  readonly name?: string | null;
  readonly firstName?: string | null;
  readonly lastName?: string | null;
  readonly phone?: string | null;
  readonly mobile?: string | null;
  readonly fax?: string | null;
}

/** An administrator of a partner, as Central spells it (reference, section 3). */
export interface PartnerAdmin extends ById {
  readonly username?: string | null;
  readonly profile?: PartnerAdminProfile | null;
  readonly active?: boolean | null;
  readonly primary?: boolean | null;
  readonly roleAssignments?: readonly PartnerRoleAssignment[] | null;
}

export interface PartnerAdminsQuery extends Chosen, Sorted {
  readonly search?: string;
  readonly email?: string;
  readonly roleId?: string;
  /** A tenant's id. */
  readonly withAccessToTenant?: string;
}

export interface NewPartnerAdmin {
  /** An address. */
  readonly username: string;
  readonly profile: PartnerAdminProfile;
  readonly roleAssignments: readonly NewPartnerRoleAssignment[];
}

/** What one tenant used of one product in a month (reference, section 3). It has no id. */
export interface BillingUsage {
  readonly partnerAccountId?: string | null;
  readonly partnerEdiAccountNumber?: string | null;
  readonly partnerAccountName?: string | null;
  /** Days; a month may have one too many. */
  readonly billingStartDate?: string | null;
  readonly billingEndDate?: string | null;
  readonly orderNumber?: string | null;
  readonly orderLineItemNumber?: string | null;
  readonly accountNumberOrSerialNumber?: string | null;
  readonly productDescription?: string | null;
  readonly productGroup?: string | null;
  readonly productCode?: string | null;
  readonly sku?: string | null;
  readonly billableQuantity?: number | null;
  readonly actualQuantity?: number | null;
  readonly externalId?: string | null;
  readonly accountId?: string | null;
  readonly accountStatus?: OpenText<'active'> | null;
  readonly [field: string]: unknown;
}

export interface BillingUsageQuery extends Chosen {
  readonly contactEmail?: string;
  /** A tenant's id. */
  readonly accountId?: string;
}
