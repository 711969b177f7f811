/** What many shapes are made of. */
import type { OpenText } from './account.ts';

/** Another object, by its id alone. */
export interface ById {
  readonly id: string;
}

/** Another object, named. */
export interface Reference {
  readonly id?: string | null;
  readonly name?: string | null;
}

/** Whose something may be: a person's, or a program's with a credential. */
export type PrincipalType = OpenText<'user' | 'service'>;

/** Who did something. */
export interface Actor extends Reference {
  readonly type?: PrincipalType | null;
  readonly accountType?: OpenText<'tenant' | 'partner' | 'organization'> | null;
  readonly accountId?: string | null;
}

/** The first few of many, inline; no page of a list (reference, 5.2). */
export interface Excerpt<Item> {
  readonly total?: number | null;
  readonly itemsCount?: number | null;
  readonly items?: readonly Item[] | null;
}

/** The answer to a DELETE; also when there was nothing to delete. */
export interface Deleted {
  readonly deleted?: boolean | null;
}

/** The answer when a member is taken out. */
export interface Removed {
  readonly removed?: boolean | null;
}

/** The answer to a request that is carried out later, such as a scan. */
export interface Requested {
  readonly id?: string | null;
  readonly status?: OpenText<'requested'> | null;
  readonly requestedAt?: string | null;
}

/** Whose members are meant. */
export interface IdList {
  readonly ids: readonly string[];
}

/** Only these fields of the answer, at its top level. */
export interface Chosen {
  readonly fields?: readonly string[];
}

/** The order, as in `name:asc` (reference, 5.1). */
export interface Sorted {
  readonly sort?: readonly string[];
}

/** What is looked for, and in which fields. */
export interface Searched {
  readonly search?: string;
  readonly searchFields?: readonly string[];
}

/** ISO 8601, or an instant. */
export type Instant = string | Date;

/** An instant, or a signed ISO 8601 duration such as `-P30D`, reckoned from now (reference, 0.4). */
export type InstantOrAge = string | Date;
