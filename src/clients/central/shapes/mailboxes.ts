import type { OpenText } from './account.ts';
import type { ById, Instant } from './parts.ts';

export type MailboxType = OpenText<'user' | 'distributionList' | 'publicFolder'>;

/** A protected mailbox, as Central spells it (reference, 7.8). */
export interface Mailbox extends ById {
  readonly type?: MailboxType | null;
  readonly email?: string | null;
  readonly name?: string | null;
  readonly createdAt?: string | null;
  readonly blocked?: boolean | null;
  readonly bulkSenderPrivilege?: { readonly bulkSenderPrivilegeStatus?: string | null; readonly [field: string]: unknown } | null;
  readonly distributionListOwners?: readonly string[] | null;
  readonly aliases?: readonly string[] | null;
  readonly delegates?: readonly string[] | null;
  readonly policies?: {
    readonly emailSecurity?: readonly string[] | null;
    readonly dataControl?: readonly string[] | null;
    readonly secureMessage?: readonly string[] | null;
    readonly [kind: string]: unknown;
  } | null;
}

/** Filters of the list of mailboxes (reference, 7.8). */
export interface MailboxesQuery {
  readonly name?: string;
  readonly nameStartsWith?: string;
  readonly email?: string;
  readonly emailStartsWith?: string;
  readonly createdAfter?: Instant;
  readonly createdBefore?: Instant;
  readonly type?: MailboxType;
  readonly bulkSenderPrivilegeStatus?: OpenText<'approved' | 'pending' | 'rejected'>;
  readonly blocked?: boolean;
  /** Name or address of the owner. */
  readonly distributionListOwnedBy?: string;
  readonly alias?: string;
  readonly aliasesStartWith?: string;
  readonly delegate?: string;
}

export interface NewMailbox {
  readonly type: MailboxType;
  readonly email: string;
  readonly name?: string;
}

/** What was made, and in `errors` what was not. */
export interface MailboxesMade {
  readonly items?: readonly Mailbox[] | null;
  readonly errors?: readonly { readonly error?: string | null; readonly [field: string]: unknown }[] | null;
}

/** What was deleted, and in `errors` what was not. */
export interface MailboxesDeleted {
  readonly items?: readonly ById[] | null;
  readonly errors?: readonly { readonly id?: string | null; readonly error?: string | null }[] | null;
}

/** Addresses to add and to remove. */
export interface AddressChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

export interface AddressesChanged {
  readonly added?: readonly string[] | null;
  readonly removed?: readonly string[] | null;
  readonly errors?: {
    readonly failedToAdd?: readonly { readonly error?: string | null; readonly [field: string]: unknown }[] | null;
    readonly failedToRemove?: readonly { readonly error?: string | null; readonly [field: string]: unknown }[] | null;
  } | null;
}

export interface BulkSenderRequest {
  readonly count: number;
  readonly period: OpenText<'daily' | 'weekly' | 'monthly'>;
  readonly purpose: string;
}

export interface Accepted {
  readonly accepted?: boolean | null;
}
