import type { OpenText } from './account.ts';
import type { Reference, Sorted } from './parts.ts';

export type ItemType = OpenText<'path' | 'sha256' | 'certificateSigner'>;

/** What tells an allowed or blocked item. */
export interface ItemProperties {
  readonly fileName?: string | null;
  readonly path?: string | null;
  readonly sha256?: string | null;
  readonly certificateSigner?: string | null;
}

/** An allowed or blocked item, as Central spells it (reference, 6.5). */
export interface SettingItem {
  readonly id: string;
  readonly type?: ItemType | null;
  readonly properties?: ItemProperties | null;
  readonly comment?: string | null;
  readonly originPerson?: Reference | null;
  readonly originEndpoint?: { readonly id?: string | null } | null;
  readonly createdBy?: Reference | null;
  readonly createdAt?: string | null;
  readonly updatedAt?: string | null;
  readonly [field: string]: unknown;
}

export interface NewAllowedItem {
  readonly type: ItemType;
  readonly properties: ItemProperties;
  readonly comment?: string;
  readonly originPersonId?: string;
  readonly originEndpointId?: string;
}

export interface AllowedItemChange {
  readonly comment: string;
}

/** Central takes the type `sha256` only. */
export interface NewBlockedItem {
  readonly type: OpenText<'sha256'>;
  readonly properties: ItemProperties;
  readonly comment?: string;
}

/** An address that Windows endpoints do not talk to (reference, 6.5). */
export interface BlockedAddress {
  readonly id?: string | null;
  /** Addresses, networks and ranges. */
  readonly item?: string | readonly string[] | null;
  readonly createdAt?: string | null;
  readonly blockedUntil?: string | null;
  readonly [field: string]: unknown;
}

/** By `item`, `createdAt` or `blockedUntil`; default `createdAt:desc`. */
export type BlockedAddressQuery = Sorted;

export interface NewBlockedAddresses {
  /** Addresses, networks (`192.0.2.0/24`) and ranges (`192.0.2.1-192.0.2.9`). */
  readonly items: readonly { readonly item: readonly string[] }[];
}

export interface BlockedAddresses {
  readonly items?: readonly BlockedAddress[] | null;
}

export interface UnblockedAddresses {
  /** Ids of those that are still blocked. */
  readonly failedToDelete?: readonly string[] | null;
}
