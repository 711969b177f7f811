import type { Millis } from '../../core/types.ts';
import type { Clock, HttpReply } from '../../core/world.ts';

/**
 * Central's time: the `Date` of its last answer, carried on by monotonic time; the local clock before the first answer.
 *
 * Units    ms since 1970 UTC. `Date` has whole seconds and the answer travels, so it is up to a second late and never early.
 */
export interface CentralTime {
  now(): Millis;
  /** What Central's clock showed, or will show, at a moment of the monotonic clock. */
  at(monotonic: Millis): Millis;
  observe(reply: HttpReply): void;
}

export function openCentralTime(clock: Clock): CentralTime {
  let offset: Millis | null = null;
  const at = (monotonic: Millis) => monotonic + (offset ?? clock.now() - clock.monotonic());
  return {
    now: () => at(clock.monotonic()),
    at,
    observe({ status, headers }) {
      // Gateways and proxies answer 407 and 5xx themselves, with a clock of their own.
      if (status === 407 || status >= 500) return;
      const date = Date.parse(headers.date ?? '');
      if (!Number.isNaN(date)) offset = date - clock.monotonic();
    },
  };
}
