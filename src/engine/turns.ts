import type { Millis } from '../core/types.ts';
import type { Clock } from '../core/world.ts';
import { type Due, openDueQueue } from './due.ts';
import { openWake } from './wake.ts';

/** Work that comes back: one turn at a time, each telling when the next is due. */
export interface Task extends Due {
  /** Resolves with the pause before the next turn, or `null` when there will be none. Never rejects for a failure it can name. */
  turn(signal: AbortSignal): Promise<Millis | null>;
}

/** Gives each task its turn when it is due, a bounded number at a time, in the order in which they became due. */
export interface Turns {
  add(task: Task): void;
  /** Runs until aborted, or until no task is left. */
  run(signal: AbortSignal): Promise<void>;
}

export function openTurns(clock: Clock, concurrency: number, paused: () => boolean): Turns {
  const queue = openDueQueue<Task>();
  const wake = openWake();
  let running = 0;

  return {
    add(task) {
      queue.push(task);
      wake.ring();
    },
    async run(signal) {
      let broken: unknown;
      const begin = (task: Task) => {
        running++;
        task
          .turn(signal)
          .then((pause) => {
            if (pause === null) return;
            task.dueAt = clock.monotonic() + pause;
            queue.push(task);
          })
          .catch((error: unknown) => {
            broken ??= error;
          })
          .finally(() => {
            running--;
            wake.ring();
          });
      };
      while (!signal.aborted && broken === undefined && (queue.size > 0 || running > 0)) {
        const now = clock.monotonic();
        while (!paused() && running < concurrency && (queue.peek()?.dueAt ?? Number.POSITIVE_INFINITY) <= now) begin(queue.pop() as Task);
        const next = queue.peek()?.dueAt;
        // Paused (the journal is full): look again each second.
        const restMs = paused() ? 1_000 : running >= concurrency || next === undefined ? undefined : Math.max(0, next - now);
        await wake.wait(signal, restMs, clock);
      }
      while (running > 0) await wake.wait(new AbortController().signal);
      if (broken !== undefined) throw broken;
    },
  };
}
