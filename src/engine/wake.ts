import type { Millis } from '../core/types.ts';
import type { Clock } from '../core/world.ts';

/** A bell: loops wait for it, whoever has news rings it. A ring while nobody waits is kept. */
export interface Wake {
  ring(): void;
  /** Resolves at the next ring, after `ms`, or when the signal aborts (it never rejects for that: the loop looks for itself). */
  wait(signal: AbortSignal, ms?: Millis, clock?: Clock): Promise<void>;
}

export function openWake(): Wake {
  let rung = false;
  let waiting: (() => void) | null = null;
  return {
    ring() {
      rung = true;
      waiting?.();
    },
    async wait(signal, ms, clock) {
      if (!rung && !signal.aborted) {
        const over = new AbortController();
        await new Promise<void>((resolve) => {
          waiting = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true, signal: over.signal });
          if (ms !== undefined && clock) clock.sleep(ms, over.signal).then(resolve, () => resolve());
        });
        over.abort();
        waiting = null;
      }
      rung = false;
    },
  };
}
