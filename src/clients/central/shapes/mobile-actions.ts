import type { OpenText } from './account.ts';
import type { MobileListQuery } from './mobile-devices.ts';
import type { Actor, ById, InstantOrAge, Reference } from './parts.ts';

export type MobileActionType = OpenText<'sync' | 'getLogs' | 'scan' | 'unenroll' | 'sendMessage' | 'locate' | 'lock' | 'wipe'>;

/** An action on a mobile device, as Central spells it (reference, 7.8). */
export interface MobileAction extends ById {
  readonly tenant?: Reference | null;
  readonly device?: Reference | null;
  readonly type?: MobileActionType | null;
  readonly state?: OpenText<'accepted' | 'notified' | 'successful' | 'skipped' | 'failed'> | null;
  readonly error?: string | null;
  readonly scheduledAt?: string | null;
  readonly executedAt?: string | null;
  readonly createdAt?: string | null;
  readonly createdBy?: Actor | null;
  readonly updatedAt?: string | null;
  readonly updatedBy?: Actor | null;
}

/** Filters of the list of actions (reference, 7.8). */
export interface MobileActionsQuery extends MobileListQuery {
  readonly ids?: readonly string[];
  readonly endpointIds?: readonly string[];
  readonly actionType?: readonly MobileActionType[];
  readonly actionState?: readonly string[];
  readonly actionError?: readonly string[];
  readonly scheduledBefore?: InstantOrAge;
  readonly scheduledAfter?: InstantOrAge;
  readonly executedBefore?: InstantOrAge;
  readonly executedAfter?: InstantOrAge;
}

/** Ids of mobile devices. */
export interface OnMobileDevices {
  readonly endpoints: readonly string[];
}

export interface MessageToMobileDevices extends OnMobileDevices {
  readonly arguments: { readonly message: string };
}

export interface LocateMobileDevices extends OnMobileDevices {
  /** Why, for those who ask later. */
  readonly arguments: { readonly reason: string };
}

export interface LockMobileDevices extends OnMobileDevices {
  readonly arguments?: { readonly lockCode?: number | string };
}

export interface WipeMobileDevices extends OnMobileDevices {
  readonly arguments?: { readonly wipeCode?: number | string };
}

/** What was accepted, and in `errors` what was not: the status is a success either way. */
export interface MobileActionsTaken {
  readonly created?: readonly MobileAction[] | null;
  readonly errors?: { readonly failedToCreate?: { readonly endpointNotFound?: readonly string[] | null; readonly [why: string]: unknown } | null } | null;
}
