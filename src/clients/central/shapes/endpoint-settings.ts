import type { OpenText } from './account.ts';
import type { InstantOrAge } from './parts.ts';

/** A device that was plugged in, as Central spells it (reference, 6.5). */
export interface Peripheral {
  readonly id: string;
  readonly type?: OpenText<'wireless'> | null;
  readonly category?: OpenText<'network'> | null;
  readonly model?: string | null;
  readonly modelId?: string | null;
  readonly instanceId?: string | null;
  readonly lastEndpointHostname?: string | null;
  readonly lastUsedBy?: string | null;
  readonly lastActionTaken?: OpenText<'allowed'> | null;
  readonly firstSeenAt?: string | null;
  readonly lastSeenAt?: string | null;
  readonly [field: string]: unknown;
}

export interface PeripheralQuery {
  readonly lastSeenAfter?: InstantOrAge;
  readonly lastSeenBefore?: InstantOrAge;
  readonly type?: readonly OpenText<'wireless'>[];
}

/** The tenant's own switch; the API only tells it. */
export interface GlobalTamperProtection {
  readonly enabled?: boolean | null;
}

/** A limit, and what Sophos recommends. */
export interface JournalLimit {
  readonly value?: number | null;
  readonly recommendedValue?: number | null;
}

/** How large the event journals on endpoints may grow (reference, 6.5). */
export interface EventJournal {
  readonly useRecommended?: boolean | null;
  readonly diskSpaceLimitInMB?: JournalLimit | null;
  readonly diskSpaceLimitAsPercentage?: JournalLimit | null;
}

export interface EventJournalChange {
  readonly useRecommended?: boolean;
  readonly diskSpaceLimitInMB?: number;
  readonly diskSpaceLimitAsPercentage?: number;
}
