import type { OpenText } from './account.ts';
import type { Reference } from './parts.ts';

/** How well something is set up, as Central counts it (reference, 7.1). Nothing of it is guaranteed; `server` is missing where none is licensed. */
export interface HealthCount {
  readonly total?: number | null;
  /** 0 to 100. */
  readonly score?: number | null;
  readonly snoozed?: boolean | null;
  readonly notFullyProtected?: number | null;
  readonly notOnRecommended?: number | null;
  readonly numberOfSecurityRisks?: number | null;
  readonly scanningExclusions?: readonly unknown[] | null;
  readonly disabled?: number | null;
  readonly [field: string]: unknown;
}

export interface HealthByType {
  readonly computer?: HealthCount | null;
  readonly server?: HealthCount | null;
  readonly [field: string]: unknown;
}

/** The health check of an account, as Central spells it (reference, 7.1). */
export interface AccountHealth {
  readonly tenant?: Reference | null;
  readonly endpoint?: {
    readonly protection?: HealthByType | null;
    readonly policy?: {
      readonly computer?: Readonly<Record<string, HealthCount>> | null;
      readonly server?: Readonly<Record<string, HealthCount>> | null;
      readonly [field: string]: unknown;
    } | null;
    readonly exclusions?: { readonly policy?: HealthByType | null; readonly global?: HealthCount | null; readonly [field: string]: unknown } | null;
    readonly tamperProtection?: (HealthByType & { readonly global?: unknown }) | null;
    readonly [field: string]: unknown;
  } | null;
  readonly networkDevice?: { readonly firewall?: Readonly<Record<string, unknown>> | null; readonly [field: string]: unknown } | null;
  readonly [field: string]: unknown;
}

/** What is to be checked; default: everything. */
export interface AccountHealthQuery {
  readonly checks?: readonly OpenText<'protection' | 'policy' | 'exclusions' | 'tamperProtection'>[];
  readonly products?: readonly OpenText<'endpoint' | 'networkDevice'>[];
}

/** How others of the region score (reference, 7.1). */
export interface RegionalScores {
  readonly bands?: readonly Readonly<Record<string, unknown>>[] | null;
}

/** How the account scored, day by day (reference, 7.1). */
export interface HistoricalScores {
  readonly tenant?: Reference | null;
  readonly datapoints?: readonly Readonly<Record<string, unknown>>[] | null;
}

/** Days, such as `2026-11-20`; both are included. */
export interface HistoricalScoresQuery {
  readonly startDate?: string;
  readonly endDate?: string;
}

/** Which checks are not to count for a while (reference, 7.1); the answer has the same shape. */
export interface HealthSnooze {
  readonly endpoint?: {
    readonly policy?: Readonly<Record<string, unknown>> | null;
    readonly exclusions?: Readonly<Record<string, unknown>> | null;
    readonly tamperProtection?: Readonly<Record<string, unknown>> | null;
    readonly protection?: Readonly<Record<string, unknown>> | null;
  } | null;
  readonly networkDevice?: { readonly firewall?: Readonly<Record<string, unknown>> | null } | null;
}
