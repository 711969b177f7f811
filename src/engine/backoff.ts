import { Failure } from '../core/failure.ts';
import type { Millis } from '../core/types.ts';

/** The pause before a loop is started again: from 0.2 s, doubling to 30 s, with jitter; the far end's wish is a minimum. */
export interface Backoff {
  /** How many failures in a row, and since when (monotonic). */
  readonly tries: number;
  readonly since: Millis | null;
  failed(error: unknown, now: Millis): Millis;
  succeeded(): void;
}

const first = 200;
const longest = 30_000;
/** A refused credential or a wrong option is asked again at a slow pace: only a person can mend it. */
const unhealthyFirst = 5_000;
const unhealthyLongest = 300_000;
/** After a bug: long enough not to fill logs. */
const parked = 600_000;

export function openBackoff(random: () => number): Backoff {
  let tries = 0;
  let since: Millis | null = null;
  return {
    get tries() {
      return tries;
    },
    get since() {
      return since;
    },
    failed(error, now) {
      since ??= now;
      tries++;
      if (!(error instanceof Failure)) return parked;
      const slow = error.kind === 'auth' || error.kind === 'config';
      const ceiling = Math.min((slow ? unhealthyFirst : first) * 2 ** Math.min(tries - 1, 20), slow ? unhealthyLongest : longest);
      return Math.max(ceiling * (0.5 + random() / 2), error.retryAfterMs ?? 0);
    },
    succeeded() {
      tries = 0;
      since = null;
    },
  };
}

/** Gives up only after this long without progress, and never before so many tries. */
export interface Patience {
  readonly ms: Millis;
  readonly tries: number;
}

/** Is it time for a one-pass run to give up on this loop? */
export function isExhausted(backoff: Backoff, patience: Patience, now: Millis): boolean {
  return backoff.since !== null && backoff.tries >= patience.tries && now - backoff.since >= patience.ms;
}
