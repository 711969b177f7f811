import type { Millis } from './types.ts';
import type { Clock } from './world.ts';

/** The machine's clock, and a sleep that ends on abort: the only timer in the house. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms: Millis, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      // setTimeout takes at most 2^31-1 ms; a longer sleep simply wakes early, and loops look again.
      const timer = setTimeout(
        () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
        Math.min(Math.max(0, ms), 0x7fffffff),
      );
      signal.addEventListener('abort', onAbort, { once: true });
    }),
};
