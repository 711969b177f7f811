import type { OpenText } from './account.ts';
import type { ById } from './parts.ts';

/** A licence, as Central spells it (reference, 7.7). */
export interface License extends ById {
  readonly licenseIdentifier?: string | null;
  readonly product?: {
    readonly code?: string | null;
    readonly name?: string | null;
    readonly genericCode?: string | null;
    readonly features?: readonly unknown[] | null;
  } | null;
  /** A day. */
  readonly startDate?: string | null;
  readonly endDate?: string | null;
  readonly perpetual?: boolean | null;
  readonly type?: OpenText<'trial' | 'term' | 'usage' | 'ordered' | 'enterprise' | 'perpetual'> | null;
  readonly quantity?: number | null;
  readonly unlimited?: boolean | null;
  readonly usage?: {
    readonly current?: { readonly count?: number | null; readonly date?: string | null; readonly collectedAt?: string | null } | null;
    readonly [field: string]: unknown;
  } | null;
  readonly [field: string]: unknown;
}

/** A firewall and what is licensed for it (reference, 7.7). It has no id. */
export interface LicensedFirewall {
  readonly serialNumber?: string | null;
  readonly owner?: { readonly id?: string | null; readonly type?: OpenText<'partner' | 'tenant'> | null } | null;
  readonly model?: string | null;
  readonly modelType?: OpenText<'virtual' | 'hardware'> | null;
  readonly licenses?: readonly License[] | null;
  readonly [field: string]: unknown;
}
