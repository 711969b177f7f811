import type { OpenText } from './account.ts';
import type { ById, Chosen, Instant } from './parts.ts';

/** A change or question that the firewall itself has to answer: ask for the transaction until it is finished (reference, 7.6). */
export interface FirewallTransactionBegun {
  readonly transactionId: string;
}

export interface ThreatFeedSettings {
  readonly enabled?: boolean;
  readonly action?: OpenText<'logOnly' | 'logAndDrop'>;
  readonly lastUpdatedAt?: Instant;
}

export interface Indicator {
  readonly value: string;
  readonly type: OpenText<'ipv4-addr' | 'domain-name' | 'url'>;
}

export interface Indicators {
  readonly indicators: readonly Indicator[];
}

export interface IndicatorSearch {
  readonly indicatorValues: readonly string[];
}

export interface FirewallTransaction extends ById {
  readonly status?: OpenText<'pending' | 'finished'> | null;
  readonly result?: OpenText<'notAvailable' | 'succeeded' | 'failed'> | null;
  readonly createdAt?: string | null;
  readonly finishedAt?: string | null;
  readonly expiryAt?: string | null;
  readonly request?: {
    readonly method?: string | null;
    readonly path?: string | null;
    readonly query?: readonly unknown[] | null;
    readonly [field: string]: unknown;
  } | null;
  readonly response?: Readonly<Record<string, unknown>> | null;
}

/** Of `request`, `response`, `expiryAt` and `finishedAt`. */
export type FirewallTransactionQuery = Chosen;
