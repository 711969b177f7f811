import type { Json } from '../../../core/types.ts';
import type { OpenText } from './account.ts';
import type { Actor, Chosen, Instant, Reference } from './parts.ts';

export type PolicyType = OpenText<'threat-protection' | 'device-encryption'>;

/** One setting of a policy. */
export interface PolicySetting {
  readonly value?: Json;
  readonly recommendedValue?: Json;
  readonly unit?: string | null;
  readonly format?: string | null;
}

/** Settings by their dotted keys, such as `endpoint.malware.enabled`. */
export type PolicySettings = Readonly<Record<string, PolicySetting>>;

/** Settings to change, by their dotted keys. */
export type PolicySettingsChange = Readonly<Record<string, { readonly value: Json }>>;

/** Whom a policy applies to: ids. */
export interface PolicyTargets {
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly endpoints?: readonly string[];
  readonly endpointGroups?: readonly string[];
}

/** A policy, as Central spells it (reference, 6.4). */
export interface Policy {
  readonly id: string;
  readonly name?: string | null;
  readonly type?: PolicyType | null;
  readonly lockedByManagingAccount?: boolean | null;
  readonly priority?: number | null;
  readonly tenant?: Reference | null;
  readonly enabled?: boolean | null;
  readonly settings?: PolicySettings | null;
  readonly appliesTo?: { readonly [field: string]: unknown } | null;
  readonly disableAt?: string | null;
  readonly createdAt?: string | null;
  readonly createdBy?: Actor | null;
  readonly updatedAt?: string | null;
  readonly updatedBy?: Actor | null;
  readonly [field: string]: unknown;
}

export interface PolicyQuery extends Chosen {
  readonly policyType?: PolicyType;
}

export interface PolicyChange {
  readonly name?: string;
  readonly priority?: number;
  readonly enabled?: boolean;
  readonly disableAt?: Instant;
  readonly appliesTo?: PolicyTargets;
  readonly settings?: PolicySettingsChange;
}

export interface NewPolicy extends PolicyChange {
  readonly name: string;
  readonly type: PolicyType;
}

export interface PolicyCopy {
  readonly name: string;
}

/** A base policy applies to whoever has no other: only its settings can be changed. */
export interface BasePolicyChange {
  readonly settings: PolicySettingsChange;
}

/** What settings there are: names, types and defaults. */
export interface PolicyMetadata {
  readonly version?: string | null;
  readonly schemas?: Readonly<Record<string, unknown>> | null;
  readonly items?: readonly { readonly items?: readonly PolicySettingMetadata[] | null }[] | null;
}

export interface PolicySettingMetadata {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly type?: string | null;
  readonly defaultValue?: unknown;
}
