import type { OpenText } from './account.ts';
import type { Actor, ById, Chosen, InstantOrAge, Reference, Searched, Sorted } from './parts.ts';

export type MobilePlatform = OpenText<'android' | 'ios' | 'chrome' | 'windows' | 'macos'>;
export type OwnershipType = OpenText<'corporate' | 'employee'>;
export type ViolationSeverity = OpenText<'low' | 'medium' | 'high'>;

/** How much of everything comes back. */
export interface MobileView extends Chosen {
  readonly view?: OpenText<'basic' | 'full'>;
}

export interface MobileListQuery extends MobileView, Sorted {}

/** A mobile operating system, as Central spells it (reference, 7.8). Versions are texts or numbers. */
export interface MobileOperatingSystem extends ById {
  readonly version?: string | number | null;
  readonly majorVersion?: number | null;
  readonly minorVersion?: number | null;
  readonly patchVersion?: number | null;
  readonly name?: string | null;
  readonly platform?: MobilePlatform | null;
}

export interface MobileOperatingSystemsQuery extends MobileListQuery {
  readonly ids?: readonly string[];
  readonly platform?: readonly MobilePlatform[];
  /** How the version begins. */
  readonly version?: string;
}

/** A mobile device, as Central spells it (reference, 7.8). */
export interface MobileDevice extends ById {
  readonly tenant?: Reference | null;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly availableActions?: readonly string[] | null;
  readonly assignedPerson?: (Reference & { readonly internalId?: string | null; readonly email?: string | null }) | null;
  readonly email?: string | null;
  readonly phoneNumber?: string | number | null;
  readonly compliance?: { readonly compliant?: boolean | null; readonly severity?: ViolationSeverity | null } | null;
  readonly managedState?: OpenText<'managed' | 'notManaged'> | null;
  readonly managementType?: OpenText<'ixm' | 'androidWorkProfile' | 'notManaged'> | null;
  readonly ownershipType?: OwnershipType | null;
  readonly healthState?: { readonly state?: OpenText<'green' | 'amber' | 'red'> | null; readonly mode?: OpenText<'automatic' | 'manual'> | null } | null;
  readonly os?: MobileOperatingSystem | null;
  readonly modelName?: string | null;
  readonly externalId?: string | null;
  readonly deviceGroup?: Reference | null;
  readonly scanResultSummary?: {
    readonly lastScannedAt?: string | null;
    readonly suspiciousCount?: number | null;
    readonly maliciousCount?: number | null;
    readonly puaCount?: number | null;
    readonly lowReputationCount?: number | null;
  } | null;
  readonly logLevel?: string | null;
  readonly supervised?: boolean | null;
  readonly lastSeenAt?: string | null;
  readonly smcAppLastSeenAt?: string | null;
  readonly ixmAppLastSeenAt?: string | null;
  readonly createdAt?: string | null;
  readonly createdBy?: Actor | null;
  readonly updatedAt?: string | null;
  readonly updatedBy?: Actor | null;
  readonly [field: string]: unknown;
}

/** Filters of the list of mobile devices (reference, 7.8). */
export interface MobileDevicesQuery extends MobileListQuery, Searched {
  readonly ids?: readonly string[];
  readonly operatingSystemIds?: readonly string[];
  readonly platform?: readonly MobilePlatform[];
  readonly managementType?: readonly string[];
  readonly managedState?: readonly string[];
  readonly compliant?: boolean;
  readonly violationSeverity?: readonly ViolationSeverity[];
  readonly healthState?: readonly OpenText<'green' | 'amber' | 'red'>[];
  readonly ownershipType?: readonly OwnershipType[];
  readonly createdBefore?: InstantOrAge;
  readonly createdAfter?: InstantOrAge;
  readonly lastSeenBefore?: InstantOrAge;
  readonly lastSeenAfter?: InstantOrAge;
  readonly deviceGroupIds?: readonly string[];
}

export interface NewMobileDevice {
  readonly name: string;
  readonly platform: MobilePlatform;
  readonly ownershipType?: OwnershipType;
  readonly groupId?: string;
}

export type MobileDeviceChange = Partial<Omit<NewMobileDevice, 'platform'>>;

export interface MobileProperty {
  readonly key?: string | null;
  readonly value?: string | null;
  readonly type?: OpenText<'custom'> | null;
}

export interface MobilePropertiesQuery extends MobileListQuery, Searched {
  readonly devicePropertyType?: readonly string[];
  readonly devicePropertyKey?: string;
}

export interface NewMobileProperty {
  readonly key: string;
  readonly value: string;
}

export type MobilePropertyChange = Pick<NewMobileProperty, 'value'>;

export interface ComplianceViolation {
  readonly description?: string | null;
  readonly detectedAt?: string | null;
  readonly type?: string | null;
  readonly severity?: ViolationSeverity | null;
  readonly [field: string]: unknown;
}

export interface ComplianceViolationsQuery extends MobileListQuery {
  readonly violationSeverity?: readonly ViolationSeverity[];
}

export interface MobileScanResult {
  readonly type?: OpenText<'pua' | 'malicious' | 'suspicious' | 'lowReputation'> | null;
  readonly name?: string | null;
  readonly identifier?: string | null;
  readonly version?: string | number | null;
  readonly threatName?: string | null;
  readonly threatLink?: string | null;
  readonly detectedAt?: string | null;
  readonly [field: string]: unknown;
}

export interface MobileScanResultsQuery extends MobileListQuery, Searched {
  readonly scanResultType?: readonly string[];
}

/** A policy that is removed has no more than a name. */
export interface MobileAssignedPolicy {
  readonly policy?: (Reference & { readonly platform?: MobilePlatform | null; readonly type?: string | null; readonly version?: number | null }) | null;
  readonly name?: string | null;
  readonly state?: OpenText<'applied' | 'removing'> | null;
}

export interface MobileAssignedPoliciesQuery extends MobileListQuery, Searched {}

export interface InstalledApp {
  readonly name?: string | null;
  readonly version?: string | number | null;
  readonly identifier?: string | null;
  readonly source?: OpenText<'store'> | null;
  readonly installedAt?: string | null;
  readonly [field: string]: unknown;
}

export interface InstalledAppsQuery extends MobileListQuery, Searched {
  readonly appSource?: readonly string[];
}

export interface MobileLocation {
  /** A text for people. */
  readonly accuracy?: string | null;
  readonly longitude?: number | null;
  readonly latitude?: number | null;
  readonly locatedAt?: string | null;
}

/** With it devices enrol by themselves: a secret. */
export interface IxmEnrollment {
  readonly connectionCode?: string | null;
  readonly tenant?: Reference | null;
}
