import type { OpenText } from './account.ts';
import type { Actor } from './parts.ts';

/** Endpoints by id: those to delete, and in the answer those that were deleted (reference, 6.3). */
export interface EndpointIds {
  readonly endpointIds: readonly string[];
}

/** On or off, and why (reference, 6.3). */
export interface IsolationChange {
  readonly enabled: boolean;
  readonly comment?: string;
}

/** The same for many endpoints. */
export interface BulkIsolation extends IsolationChange {
  readonly ids: readonly string[];
}

/** Whether an administrator has isolated an endpoint. */
export interface Isolation {
  readonly enabled?: boolean | null;
  readonly lastEnabledAt?: string | null;
  readonly lastEnabledBy?: Actor | null;
  readonly lastDisabledAt?: string | null;
  readonly lastDisabledBy?: Actor | null;
  readonly comment?: string | null;
}

/** What was accepted for many endpoints; it is carried out later. */
export interface BulkIsolationState {
  readonly items?: readonly { readonly id?: string | null; readonly isolation?: Isolation | null }[] | null;
}

/** Tamper protection of one endpoint (reference, 6.3). The passwords in it are secrets: never log it, never keep it. */
export interface TamperProtection {
  readonly enabled?: boolean | null;
  /** A secret. */
  readonly password?: string | null;
  /** Secrets, too: they still open an endpoint that has not heard of the new one. */
  readonly previousPasswords?: readonly { readonly password?: string | null; readonly invalidatedAt?: string | null }[] | null;
}

/** Turning it on needs the tenant's own switch on. */
export interface TamperProtectionChange {
  readonly enabled?: boolean;
  readonly regeneratePassword?: boolean;
}

/** The stricter mode of an endpoint under attack: as it should be, and as it is. */
export interface AdaptiveAttackProtection {
  readonly desiredState?: {
    readonly enabled?: boolean | null;
    /** An ISO 8601 duration. */
    readonly expiresAfter?: string | null;
    readonly source?: OpenText<'user'> | null;
  } | null;
  readonly actualState?: { readonly enabled?: boolean | null; readonly lastUpdatedAt?: string | null; readonly expiresAt?: string | null } | null;
}

export interface AdaptiveAttackProtectionChange {
  readonly enabled: boolean;
  /** An ISO 8601 duration, such as `P7D`. */
  readonly expiresAfter?: string;
}

/** Asks an endpoint for its forensic log. */
export interface ForensicLogRequest {
  readonly mode?: OpenText<'fast'>;
  /** An ISO 8601 duration, such as `PT4H`. */
  readonly expires?: string;
}

/** Asks an endpoint for a memory dump. */
export interface MemoryDumpRequest {
  readonly mode?: OpenText<'process'>;
  /** Of the process that is meant. */
  readonly pid?: number;
  /** An ISO 8601 duration, such as `PT4H`. */
  readonly expires?: string;
}

/** Something that an endpoint gathers, and how far it is. */
export interface Gathering {
  readonly id?: string | null;
  readonly status?: OpenText<'pending' | 'finished'> | null;
  readonly receivedAt?: string | null;
  readonly expiresAt?: string | null;
}

/** A file that an endpoint has gathered. */
export interface GatheredFile {
  readonly fileName?: string | null;
  readonly sha256?: string | null;
  readonly size?: number | null;
}

export interface ForensicLog extends Gathering {
  readonly forensicLogFile?: GatheredFile | null;
}

export interface MemoryDump extends Gathering {
  readonly memoryDumpFile?: GatheredFile | null;
}
