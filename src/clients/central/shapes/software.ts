import type { OpenText } from './account.ts';
import type { Instant, Reference, Sorted } from './parts.ts';

export type ProductCode = OpenText<'coreAgent' | 'interceptX' | 'xdr' | 'endpointProtection' | 'deviceEncryption' | 'mtr' | 'mtd' | 'ztna'>;
export type Platform = OpenText<'windows' | 'linux' | 'macOS'>;

/** The tenant's installers (reference, 6.4). */
export interface Downloads {
  readonly tenant?: Reference | null;
  readonly licensedProducts?: readonly ProductCode[] | null;
  readonly installers?: readonly Installer[] | null;
}

export interface Installer {
  readonly productName?: string | null;
  readonly platform?: Platform | null;
  readonly type?: OpenText<'computer' | 'server'> | null;
  readonly supportedProducts?: readonly ProductCode[] | null;
  /** Whoever has it can install for this tenant. */
  readonly downloadUrl?: string | null;
}

export interface DownloadQuery {
  readonly requestedProducts?: readonly ProductCode[];
  readonly platforms?: readonly Platform[];
}

/** Moving endpoints to another tenant, as Central spells it (reference, 6.4). Its token is a secret: never log it. */
export interface Migration {
  readonly id: string;
  /** A secret: it moves endpoints into the receiving tenant until `expiresAt`. */
  readonly token?: string | null;
  readonly mode?: OpenText<'sending' | 'receiving'> | null;
  readonly createdAt?: string | null;
  readonly expiresAt?: string | null;
  readonly [field: string]: unknown;
}

export interface MigrationQuery {
  readonly mode?: OpenText<'sending' | 'receiving'>;
}

/** Begins in the receiving tenant. */
export interface NewMigration {
  readonly fromTenant: string;
  readonly endpoints: readonly string[];
}

/** Goes on in the sending tenant, with the token of the receiving one. */
export interface MigrationStart {
  /** A secret. */
  readonly token: string;
  readonly endpoints: readonly string[];
}

export interface MigratingEndpoint {
  readonly id: string;
  readonly status?: OpenText<'pending'> | null;
  readonly [field: string]: unknown;
}

/** A version of the software that endpoints can be held at, or the one that is recommended (reference, 6.4). */
export interface SoftwarePackage {
  readonly id: string;
  readonly name?: string | null;
  /** A date. */
  readonly releasedAt?: string | null;
  /** A date. */
  readonly expiresAt?: string | null;
  readonly type?: OpenText<'fixed'> | null;
  readonly platform?: Platform | null;
  readonly endpointType?: OpenText<'computer' | 'server'> | null;
  readonly modules?: readonly { readonly name?: string | null; readonly version?: string | null }[] | null;
  readonly packageNotesUrl?: string | null;
  readonly visible?: boolean | null;
  readonly [field: string]: unknown;
}

/** Times are dates or instants; `From` is inclusive, `To` is not. */
export interface StaticPackageQuery extends Sorted {
  readonly endpointType?: OpenText<'computer' | 'server'>;
  readonly platform?: Platform;
  readonly type?: OpenText<'fixed'>;
  readonly expiresFrom?: Instant;
  readonly expiresTo?: Instant;
  readonly releasedFrom?: Instant;
  readonly releasedTo?: Instant;
}

/** What somebody has noted about a static package. */
export interface PackageComment {
  readonly id?: string | null;
  readonly comment?: string | null;
  readonly package?: SoftwarePackage | null;
}

export interface PackageCommentChange {
  readonly comment: string;
}
