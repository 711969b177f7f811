import type { OpenText } from './account.ts';
import type { Actor, ById, Reference } from './parts.ts';

/** A firewall, as Central spells it (reference, 7.6). */
export interface Firewall extends ById {
  readonly cluster?: {
    readonly id?: string | null;
    readonly mode?: OpenText<'activeActive' | 'activePassive'> | null;
    readonly status?: OpenText<'primary' | 'auxiliary'> | null;
    readonly peers?: unknown;
  } | null;
  readonly tenant?: ById | null;
  readonly serialNumber?: string | null;
  readonly group?: Reference | null;
  readonly hostname?: string | null;
  readonly name?: string | null;
  readonly externalIpv4Addresses?: readonly string[] | null;
  readonly firmwareVersion?: string | null;
  readonly model?: string | null;
  readonly status?: {
    readonly managing?: OpenText<'approvalPending' | 'approved'> | null;
    readonly reporting?: OpenText<'approvalPending' | 'approved'> | null;
    /** As one client has seen `managing` and `reporting` spelt. */
    readonly managingStatus?: string | null;
    readonly reportingStatus?: string | null;
    readonly connected?: boolean | null;
    readonly suspended?: boolean | null;
  } | null;
  readonly stateChangedAt?: string | null;
  readonly capabilities?: readonly string[] | null;
  readonly geoLocation?: GeoLocation | null;
  readonly createdBy?: Actor | null;
  readonly createdAt?: string | null;
  readonly updatedBy?: Actor | null;
  readonly updatedAt?: string | null;
  readonly [field: string]: unknown;
}

/** Degrees, as texts. */
export interface GeoLocation {
  readonly latitude: string;
  readonly longitude: string;
}

export interface FirewallsQuery {
  /** A group's id, or `ungrouped`. */
  readonly groupId?: OpenText<'ungrouped'>;
  readonly search?: string;
}

export interface FirewallChange {
  readonly name?: string;
  readonly geoLocation?: GeoLocation;
}

/** Only `approveManagement` is known. */
export interface FirewallAction {
  readonly action: OpenText<'approveManagement'>;
}

export interface FirewallActionTaken {
  readonly status?: OpenText<'succeeded'> | null;
  readonly action?: string | null;
}

/** Ids of firewalls. */
export interface FirmwareCheck {
  readonly firewalls: readonly string[];
}

export interface FirmwareVersions {
  readonly firewalls?:
    | readonly {
        readonly id?: string | null;
        readonly serialNumber?: string | null;
        readonly firmwareVersion?: string | null;
        readonly upgradeToVersion?: readonly string[] | null;
      }[]
    | null;
  readonly firmwareVersions?:
    | readonly {
        readonly version?: string | null;
        readonly size?: string | null;
        readonly bugs?: unknown;
        readonly news?: unknown;
      }[]
    | null;
}

export interface FirmwareUpgrade {
  readonly firewalls: readonly { readonly id: string; readonly upgradeToVersion?: string; readonly upgradeAt?: string | Date }[];
}

export interface FirmwareUpgradeScheduled {
  readonly firewalls?: readonly { readonly id?: string | null; readonly status?: string | null; readonly [field: string]: unknown }[] | null;
}

export interface FirmwareUpgradeQuery {
  /** Ids of firewalls. */
  readonly ids: readonly string[];
}

/** A group of firewalls, as Central spells it (reference, 7.6). */
export interface FirewallGroup extends ById {
  readonly name?: string | null;
  readonly parentGroup?: { readonly id?: string | null } | null;
  readonly tenant?: ById | null;
  readonly lockedByManagingAccount?: boolean | null;
  /** `items` need not be all of them. */
  readonly firewalls?: { readonly total?: number | null; readonly itemsCount?: number | null; readonly items?: readonly ById[] | null } | null;
  readonly configImport?: {
    readonly sourceFirewall?: { readonly id?: string | null } | null;
    readonly percentComplete?: number | null;
    readonly status?: OpenText<'initializing' | 'success'> | null;
    readonly errors?: readonly unknown[] | null;
  } | null;
  readonly createdBy?: Actor | null;
  readonly createdAt?: string | null;
  readonly updatedBy?: Actor | null;
  readonly updatedAt?: string | null;
}

export interface FirewallGroupsQuery {
  readonly recurseSubgroups?: boolean;
  readonly search?: string;
  readonly searchFields?: readonly OpenText<'name' | 'parentId'>[];
}

export interface NewFirewallGroup {
  readonly name: string;
  readonly configImportSourceFirewallId?: string;
  readonly assignFirewalls?: readonly string[];
  readonly parentGroupId?: string;
}

export interface FirewallGroupChange {
  readonly name?: string;
  readonly assignFirewalls?: readonly string[];
  readonly unassignFirewalls?: readonly string[];
}

/** Has a firewall what its group wants? */
export interface FirewallSync {
  readonly firewall?: { readonly id?: string | null } | null;
  readonly status?: OpenText<'inSync'> | null;
  readonly lastUpdatedAt?: string | null;
}

export interface FirewallSyncQuery {
  /** Of these firewalls only. */
  readonly ids?: readonly string[];
}
