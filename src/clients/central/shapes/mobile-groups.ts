import type { MobileListQuery, MobilePlatform } from './mobile-devices.ts';
import type { Actor, ById, Reference, Searched } from './parts.ts';

/** A group of mobile devices, as Central spells it (reference, 7.8). */
export interface MobileDeviceGroup extends ById {
  readonly tenant?: Reference | null;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly employeeCompliancePolicy?: Reference | null;
  readonly corporateCompliancePolicy?: Reference | null;
  readonly iosAutoEnrollment?: { readonly enabled?: boolean | null; readonly installSmcApp?: boolean | null; readonly url?: string | null } | null;
  readonly createdAt?: string | null;
  readonly createdBy?: Actor | null;
  readonly updatedAt?: string | null;
  readonly updatedBy?: Actor | null;
}

export interface MobileGroupsQuery extends MobileListQuery, Searched {
  readonly ids?: readonly string[];
}

export interface NewMobileDeviceGroup {
  readonly name: string;
  readonly description?: string;
  readonly employeeCompliancePolicyId?: string;
  readonly corporateCompliancePolicyId?: string;
}

export type MobileDeviceGroupChange = Partial<NewMobileDeviceGroup>;

/** A group of apps, as Central spells it (reference, 7.8). */
export interface MobileAppGroup extends ById {
  readonly tenant?: Reference | null;
  readonly name?: string | null;
  readonly count?: number | null;
  readonly platform?: MobilePlatform | null;
  readonly createdAt?: string | null;
  readonly createdBy?: Actor | null;
  readonly updatedAt?: string | null;
  readonly updatedBy?: Actor | null;
}

export interface MobileAppGroupsQuery extends MobileGroupsQuery {
  readonly platform?: readonly MobilePlatform[];
}

export interface MobileApp {
  readonly identifier: string;
  readonly name?: string;
  readonly link?: string;
}

export interface NewMobileAppGroup {
  readonly name: string;
  readonly platform: MobilePlatform;
  readonly apps?: readonly MobileApp[];
}

export type MobileAppGroupChange = Partial<Omit<NewMobileAppGroup, 'platform'>>;
