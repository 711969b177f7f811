import type { Millis } from '../../core/types.ts';
import type { Clock } from '../../core/world.ts';

/** Whose turn it is. One that failed rests for a while; nothing ever waits for it. */
export interface Rotation<T> {
  /** The next that does not rest; when all do, the one that has rested most. */
  next(): T;
  /** It failed, or asked for a pause of its own. */
  rest(one: T, ms?: Millis): void;
  /** It works. */
  wake(one: T): void;
  /** Could another take over right now? */
  hasOther(one: T): boolean;
}

/** A host that failed is left out for so long, unless it says better. */
const restMs = 10_000;

export function openRotation<T>(all: readonly [T, ...T[]], clock: Clock): Rotation<T> {
  const restsUntil = new Map<T, Millis>();
  let turn = 0;
  const until = (one: T) => restsUntil.get(one) ?? Number.NEGATIVE_INFINITY;
  return {
    next() {
      const now = clock.monotonic();
      const order = all.map((_, i) => all[(turn + i) % all.length] as T);
      const chosen = order.find((one) => until(one) <= now) ?? order.reduce((best, one) => (until(one) < until(best) ? one : best));
      turn = (all.indexOf(chosen) + 1) % all.length;
      return chosen;
    },
    rest: (one, ms = restMs) => void restsUntil.set(one, clock.monotonic() + ms),
    wake: (one) => void restsUntil.delete(one),
    hasOther: (one) => all.some((other) => other !== one && until(other) <= clock.monotonic()),
  };
}
