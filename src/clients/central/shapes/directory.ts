import type { OpenText } from './account.ts';
import type { Chosen, Excerpt, Reference, Searched, Sorted } from './parts.ts';

/** Where a user or group comes from; what is synchronized cannot be changed in Central. */
export type DirectorySource = OpenText<'custom' | 'activeDirectory' | 'azureActiveDirectory'>;

/** A person of the directory, as Central spells it (reference, 5.2). */
export interface User {
  readonly id: string;
  readonly name?: string | null;
  readonly firstName?: string | null;
  readonly lastName?: string | null;
  readonly email?: string | null;
  readonly domain?: string | null;
  readonly exchangeLogin?: string | null;
  readonly groups?: Excerpt<Reference> | null;
  readonly tenant?: Reference | null;
  readonly source?: { readonly type?: DirectorySource | null } | null;
  readonly createdAt?: string | null;
  readonly updatedAt?: string | null;
  readonly [field: string]: unknown;
}

/** A group of users, as Central spells it (reference, 5.2). */
export interface UserGroup {
  readonly id: string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly domain?: string | null;
  readonly source?: { readonly type?: DirectorySource | null } | null;
  readonly users?: Excerpt<Reference> | null;
  readonly tenant?: Reference | null;
  readonly createdAt?: string | null;
  readonly updatedAt?: string | null;
  readonly [field: string]: unknown;
}

/** Filters of members of the directory. */
export interface MemberQuery extends Sorted, Chosen, Searched {
  readonly sourceType?: DirectorySource;
  readonly domain?: string;
}

export interface UserQuery extends MemberQuery {
  readonly ids?: readonly string[];
  readonly groupId?: string;
}

export interface UserGroupQuery extends MemberQuery {
  readonly ids?: readonly string[];
  readonly userId?: string;
}

export interface UserChange {
  readonly name?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string;
  readonly exchangeLogin?: string;
}

export interface NewUser extends UserChange {
  readonly name: string;
  readonly groupIds?: readonly string[];
}

export interface UserGroupChange {
  readonly name?: string;
  readonly description?: string;
}

export interface NewUserGroup extends UserGroupChange {
  readonly name: string;
  readonly userIds?: readonly string[];
}

/** Groups that a user was added to. */
export interface AddedToGroups {
  readonly addedToGroups?: readonly Reference[] | null;
}

/** Groups that a user was taken out of, and those that there are not. */
export interface RemovedFromGroups {
  readonly removedFromGroups?: readonly Reference[] | null;
  readonly errors?: { readonly groupsNotFound?: readonly string[] | null } | null;
}

export interface AddedUsers {
  readonly addedUsers?: readonly Reference[] | null;
}

/** Users that were taken out of a group, and those that there are not. */
export interface RemovedUsers {
  readonly removedUsers?: readonly Reference[] | null;
  readonly errors?: { readonly usersNotFound?: readonly string[] | null } | null;
}
