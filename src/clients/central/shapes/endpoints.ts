import type { OpenText } from './account.ts';
import type { Chosen, InstantOrAge, Searched, Sorted } from './parts.ts';

export type HealthStatus = OpenText<'good' | 'suspicious' | 'bad' | 'unknown'>;

/** A computer or server, as Central spells it (reference, 6.2). Only `id`, `type`, `tenant` and `hostname` are always there. */
export interface Endpoint {
  readonly id: string;
  readonly type?: OpenText<'computer' | 'server' | 'securityVm'> | null;
  readonly tenant?: { readonly id: string } | null;
  readonly hostname?: string | null;
  readonly health?: {
    readonly overall?: HealthStatus | null;
    readonly threats?: { readonly status?: HealthStatus | null } | null;
    readonly services?: {
      readonly status?: HealthStatus | null;
      readonly serviceDetails?: readonly { readonly name?: string | null; readonly status?: OpenText<'running' | 'stopped' | 'missing'> | null }[] | null;
    } | null;
  } | null;
  readonly os?: {
    readonly isServer?: boolean | string | null;
    readonly platform?: OpenText<'windows' | 'linux' | 'macOS'> | null;
    readonly name?: string | null;
    readonly majorVersion?: number | null;
    readonly minorVersion?: number | null;
    readonly build?: number | null;
  } | null;
  readonly ipv4Addresses?: readonly string[] | null;
  readonly ipv6Addresses?: readonly string[] | null;
  readonly macAddresses?: readonly string[] | null;
  readonly group?: { readonly id?: string | null; readonly name?: string | null } | null;
  readonly associatedPerson?: { readonly id?: string | null; readonly name?: string | null; readonly viaLogin?: string | null } | null;
  readonly tamperProtectionSupported?: boolean | string | null;
  readonly tamperProtectionEnabled?: boolean | string | null;
  readonly assignedProducts?: readonly { readonly code?: string | null; readonly version?: string | null; readonly status?: string | null }[] | null;
  /** ISO 8601. */
  readonly lastSeenAt?: string | null;
  readonly lastOsUpdateAt?: string | null;
  readonly lastAgentUpdateAt?: string | null;
  readonly serialNumber?: string | null;
  readonly encryption?: {
    readonly overallStatus?: string | null;
    readonly volumes?: readonly { readonly volumeId?: string; readonly status?: string }[] | null;
  } | null;
  readonly lockdown?: { readonly status?: string | null; readonly updateStatus?: string | null } | null;
  readonly isolation?: {
    readonly status?: OpenText<'isolated' | 'notIsolated'> | null;
    readonly adminIsolated?: boolean | null;
    readonly selfIsolated?: boolean | null;
  } | null;
  readonly cloud?: { readonly provider?: string | null; readonly instanceId?: string | null } | null;
  readonly online?: boolean | null;
  readonly cloned?: boolean | null;
  readonly [field: string]: unknown;
}

export type EndpointView = OpenText<'basic' | 'summary' | 'full'>;

export type LockdownStatus = OpenText<
  | 'locking'
  | 'locked'
  | 'unlocked'
  | 'notInstalled'
  | 'unavailable'
  | 'creatingWhitelist'
  | 'installing'
  | 'registering'
  | 'starting'
  | 'stopping'
  | 'uninstalled'
>;

export type EncryptionStatus = OpenText<'notEncrypted' | 'encrypted' | 'encrypting' | 'notSupported' | 'suspended' | 'unknown'>;

/** Filters of the list of endpoints (reference, 6.1). Those by group are suspended by Sophos for the time being. */
export interface EndpointQuery extends Sorted, Chosen, Searched {
  /** `basic`: id, type, tenant and hostname only; default `summary`. */
  readonly view?: EndpointView;
  readonly healthStatus?: readonly HealthStatus[];
  readonly type?: readonly OpenText<'computer' | 'server' | 'securityVm'>[];
  readonly tamperProtectionEnabled?: boolean;
  readonly tamperProtectionSupported?: boolean;
  readonly online?: boolean;
  readonly lockdownStatus?: readonly LockdownStatus[];
  readonly overallEncryptionStatus?: readonly EncryptionStatus[];
  readonly isolationStatus?: readonly OpenText<'isolated' | 'notIsolated'>[];
  readonly lastSeenBefore?: InstantOrAge;
  readonly lastSeenAfter?: InstantOrAge;
  readonly lastOsUpdateBefore?: InstantOrAge;
  readonly lastOsUpdateAfter?: InstantOrAge;
  readonly lastAgentUpdateBefore?: InstantOrAge;
  readonly lastAgentUpdateAfter?: InstantOrAge;
  readonly ids?: readonly string[];
  /** Central compares its first 10 characters only. */
  readonly hostnameContains?: string;
  readonly serialNumberContains?: string;
  readonly associatedPersonContains?: string;
  readonly groupNameContains?: string;
  readonly assignedToGroup?: boolean;
  readonly groupIds?: readonly string[];
  readonly searchFields?: readonly OpenText<'hostname' | 'groupName' | 'associatedPersonName' | 'ipAddresses' | 'osName'>[];
  readonly ipAddresses?: readonly string[];
  /** EUI-48 or EUI-64, with any separator or none. */
  readonly macAddresses?: readonly string[];
  readonly cloud?: string;
}
