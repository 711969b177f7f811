import type { OpenText } from './account.ts';
import type { Actor, ById, Chosen } from './parts.ts';

/** Which network cards are let in, or kept out, of Wi-Fi or switches (reference, 7.8). */
export interface MacFilter {
  readonly macAddresses?: readonly string[] | null;
  readonly tenant?: ById | null;
  readonly createdBy?: Actor | null;
  readonly createdAt?: string | null;
  readonly updatedBy?: Actor | null;
  readonly updatedAt?: string | null;
}

/** All of them: what is not named is removed. */
export interface MacFilterChange {
  readonly macAddresses: readonly string[];
}

export type DeviceTaskStatus = OpenText<'succeeded' | 'failed' | 'pending' | 'noSupportSubscription'>;

/** How far one device has come with a change. */
export interface DeviceTask extends ById {
  readonly status?: DeviceTaskStatus | null;
  readonly error?: { readonly error?: string | null; readonly message?: string | null; readonly code?: string | null; readonly docUrl?: string | null } | null;
}

/** A change on its way to access points or switches (reference, 7.8). */
export interface NetworkTask extends ById {
  readonly type?: OpenText<'macFilter' | 'vlan'> | null;
  readonly tenant?: ById | null;
  /** How many devices, by status, and `total`. */
  readonly status?: Readonly<Record<string, number>> | null;
  readonly accessPoints?: readonly DeviceTask[] | null;
  readonly switches?: readonly DeviceTask[] | null;
  readonly createdBy?: Actor | null;
  readonly createdAt?: string | null;
  readonly updatedBy?: Actor | null;
  readonly updatedAt?: string | null;
}

export interface NetworkTasksQuery extends Chosen {
  readonly type?: OpenText<'macFilter' | 'vlan'>;
}
