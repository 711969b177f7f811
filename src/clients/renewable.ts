/**
 * A secret in use, which can be read again from where it is kept once it is refused.
 *
 * Thousands of streams meet one refusal. Whoever asks while the secret is being read waits for the same reading. After a
 * reading that brought nothing there is none for a minute: a store may want money for it.
 */
import type { Millis } from '../core/types.ts';
import type { Clock, Renew } from '../core/world.ts';
import { SingleFlight } from './single-flight.ts';

export interface Renewable<T> {
  readonly current: T;
  /**
   * `used` was refused. Is there another by now? If so, it is `current`, and worth one more try.
   *
   * Throws   what the reading throws, and the signal's reason.
   */
  replaced(used: T, signal: AbortSignal): Promise<boolean>;
}

/** So long nobody asks again after the same answer, or none. */
const restMs: Millis = 60_000;

/** Without `renew` there is nothing to read: `first` stays. */
export function openRenewable<T>(first: T, clock: Clock, renew?: Renew<T>): Renewable<T> {
  let current = first;
  let restUntil = Number.NEGATIVE_INFINITY;
  const reading = new SingleFlight<void>();

  async function read(ask: Renew<T>, signal: AbortSignal): Promise<void> {
    const before = current;
    try {
      current = (await ask(signal)) ?? current;
    } finally {
      if (current === before && !signal.aborted) restUntil = clock.monotonic() + restMs;
    }
  }

  return {
    get current() {
      return current;
    },
    async replaced(used, signal) {
      if (used !== current) return true;
      if (!renew || clock.monotonic() < restUntil) return false;
      await reading.join('', signal, (shared) => read(renew, shared));
      // Also when a reading that all had given up brought it meanwhile.
      return used !== current;
    },
  };
}
