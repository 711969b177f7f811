import type { Settled } from '../core/store.ts';
import type { Refusal } from '../core/types.ts';

/** One parcel as it was first sent; what it was cut into afterwards still counts as the same one. */
export interface Attempt {
  /** Records whose fate is open. */
  open: number;
  accepted: number;
  readonly codes: Set<string>;
  reason: string;
}

export function attemptOf(records: number): Attempt {
  return { open: records, accepted: 0, codes: new Set(), reason: '' };
}

/**
 * Refused records that are not dead letters yet.
 *
 * If every record of three parcels running is refused for one same reason, the records are not to blame: the configuration is, and
 * none of them may become a dead letter. So a refusal is held until some record is accepted, or is refused for another reason.
 */
export interface HeldRefusals {
  hold(spans: readonly Settled[], refused: readonly Refusal[], code: string): void;
  readonly spans: readonly Settled[];
  readonly refused: readonly Refusal[];
  /** The reason of everything held; `null` when nothing is. */
  readonly code: string | null;
  /** The attempt is over. True when it is the third whole parcel running that was refused for one same reason. */
  isConfiguration(attempt: Attempt): boolean;
  /** They are dead letters now. */
  settled(): void;
  /** Forgets what is held, and what was counted: it will be read and sent again. */
  drop(): void;
}

const parcelsRunning = 3;

export function openHeldRefusals(): HeldRefusals {
  let spans: Settled[] = [];
  let refused: Refusal[] = [];
  let code: string | null = null;
  let running = 0;
  const clear = () => {
    spans = [];
    refused = [];
    code = null;
  };
  return {
    get spans() {
      return spans;
    },
    get refused() {
      return refused;
    },
    get code() {
      return code;
    },
    hold(moreSpans, moreRefused, why) {
      spans.push(...moreSpans);
      refused.push(...moreRefused);
      code = why;
    },
    isConfiguration(attempt) {
      const whole = attempt.accepted === 0 && attempt.codes.size === 1;
      running = whole ? running + 1 : 0;
      return running >= parcelsRunning;
    },
    settled: clear,
    drop() {
      clear();
      running = 0;
    },
  };
}
