import type { Millis } from '../../core/types.ts';
import type { Clock } from '../../core/world.ts';

/** What `within` resolves with when time is over. */
export const late: unique symbol = Symbol('late');

/**
 * The work, or `late` when time is over first. The work itself goes on.
 *
 * Throws   what the work throws; the signal's reason as soon as it aborts.
 */
export async function within<T>(work: Promise<T>, ms: Millis, clock: Clock, signal?: AbortSignal): Promise<T | typeof late> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const alarm = clock.sleep(ms, stop.signal).then((): typeof late => late);
  // It ends by being aborted, mostly after the race.
  alarm.catch(() => undefined);
  try {
    return await Promise.race<T | typeof late>([work, alarm]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stop.abort(over);
  }
}

const over = 'the wait is over';

/** Lets the event loop look at every socket: what has arrived by now is known afterwards. */
export async function lookAround(): Promise<void> {
  for (let turns = 0; turns < 2; turns++) await new Promise<void>((resolve) => setImmediate(resolve));
}
