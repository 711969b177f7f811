import type { OpenText } from './account.ts';
import type { Chosen, PrincipalType, Reference, Searched, Sorted } from './parts.ts';

/** An administrator of the tenant, as Central spells it (reference, 5.3). */
export interface Admin {
  readonly id: string;
  readonly tenant?: Reference | null;
  readonly users?: readonly Reference[] | null;
  readonly profile?: {
    readonly name?: string | null;
    readonly firstName?: string | null;
    readonly lastName?: string | null;
    readonly email?: string | null;
  } | null;
  readonly roleAssignments?: readonly RoleAssignment[] | null;
  readonly createdAt?: string | null;
  readonly updatedAt?: string | null;
  readonly [field: string]: unknown;
}

/** Filters of the list of admins; `username` is searched unless `searchFields` says otherwise. */
export interface AdminQuery extends Sorted, Chosen, Searched {
  readonly roleId?: string;
}

/** Makes an administrator of a user. */
export interface NewAdmin {
  readonly userId: string;
  readonly roleAssignments: readonly NewRoleAssignment[];
}

export interface RoleAssignment {
  readonly id?: string | null;
  readonly roleId?: string | null;
}

export interface NewRoleAssignment {
  readonly roleId: string;
}

export type RoleType = OpenText<'predefined' | 'custom'>;

/** A role, as Central spells it (reference, 5.3). */
export interface Role {
  readonly id: string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly type?: RoleType | null;
  readonly principalType?: PrincipalType | null;
  /** Ids of permission sets. */
  readonly permissionSets?: readonly string[] | null;
  readonly createdAt?: string | null;
  readonly updatedAt?: string | null;
  readonly [field: string]: unknown;
}

export interface RoleQuery extends Chosen {
  readonly type?: RoleType;
  readonly principalType?: PrincipalType;
}

export interface RoleChange {
  readonly name?: string;
  readonly description?: string;
  readonly permissionSets?: readonly string[];
}

export interface NewRole extends RoleChange {
  readonly name: string;
  readonly principalType: PrincipalType;
  readonly permissionSets: readonly string[];
}

/** What a role may hold (reference, 5.3). */
export interface PermissionSet {
  readonly id: string;
  readonly name?: string | null;
  readonly type?: OpenText<'base'> | null;
  readonly principalTypes?: readonly PrincipalType[] | null;
  readonly allowedInCustomRoles?: boolean | null;
  readonly [field: string]: unknown;
}

export interface PermissionSetQuery extends Chosen {
  readonly type?: OpenText<'base'>;
  readonly product?: string;
  readonly access?: OpenText<'admin'>;
  readonly allowedInCustomRole?: boolean;
  readonly principalType?: PrincipalType;
}
