/**
 * Waits until an indexer has written what it took.
 *
 *   wait(ackId) --> waiting --(told `true`)--> resolved
 *                     |---(told nothing within timeoutMs)---> transient `hec.unacknowledged`: the engine sends again
 *                     |---(the indexer counts anew)---------> the same, at once
 *                     +---(auth, config from a poll)--------> that failure
 *
 * One poller per channel asks for all that waits in one request, and runs only while something waits. `true` is told once and
 * then forgotten by the indexer, so a number is asked for only as long as somebody waits for it; `false` may mean pending,
 * unknown or lost, so only time decides. Asking again is not delivering again: a poll that fails for now changes nothing.
 */
import { Failure, isAbort } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { Clock } from '../../core/world.ts';

export interface Acknowledgements {
  /** Resolves when the indexer acknowledges. Throws transient `hec.unacknowledged`, what a poll said for good, or the signal's reason. */
  wait(ackId: number, signal: AbortSignal): Promise<void>;
  /** Ends the poller and everything that waits. */
  close(): void;
}

export interface AcknowledgementOptions {
  /** Asks the indexer once. Resolves with the numbers that it acknowledged. */
  readonly ask: (ackIds: readonly number[], signal: AbortSignal) => Promise<ReadonlySet<number>>;
  /** How the indexer is called in messages. */
  readonly indexer: string;
  readonly clock: Clock;
  readonly pollMs: Millis;
  readonly timeoutMs: Millis;
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** So many numbers are remembered, to see an indexer count anew. */
const remembered = 1024;

export function openAcknowledgements({ ask, indexer, clock, pollMs, timeoutMs }: AcknowledgementOptions): Acknowledgements {
  const waiting = new Map<number, Waiter>();
  const issued = new Set<number>();
  let highest = -1;
  let poller: AbortController | null = null;
  let trouble: Failure | null = null;
  let isClosed = false;

  const unacknowledged = (reason: string) =>
    new Failure('transient', 'hec.unacknowledged', `waiting for the acknowledgement of ${indexer} failed: ${reason}`, {
      ...(trouble ? { cause: trouble } : {}),
      advice: 'The records are sent again. If this repeats, look whether a load balancer keeps each channel on one indexer, or raise `ackTimeoutMs`.',
    });

  function failAll(error: unknown): void {
    for (const waiter of waiting.values()) waiter.reject(error);
    waiting.clear();
  }

  /** Numbers of a channel only grow. One that comes again means that the indexer started anew, and lost what it had not told yet. */
  function issue(ackId: number): void {
    if (issued.has(ackId) || ackId < highest - remembered) {
      failAll(unacknowledged('it counts its acknowledgements anew, so it was restarted and those before are lost'));
      issued.clear();
      highest = -1;
    }
    issued.add(ackId);
    highest = Math.max(highest, ackId);
    if (issued.size > remembered) for (const oldest of issued) return void issued.delete(oldest);
  }

  async function pollOnce(stop: AbortSignal): Promise<Millis> {
    const asked = new Map(waiting);
    try {
      const told = await ask([...asked.keys()], stop);
      trouble = null;
      for (const [ackId, waiter] of asked) {
        // The number may meanwhile stand for something newer.
        if (!told.has(ackId) || waiting.get(ackId) !== waiter) continue;
        waiting.delete(ackId);
        waiter.resolve();
      }
    } catch (error) {
      if (isAbort(error, stop)) throw error;
      if (!(error instanceof Failure) || error.kind !== 'transient') failAll(error);
      else {
        trouble = error;
        return Math.max(pollMs, error.retryAfterMs ?? 0);
      }
    }
    return pollMs;
  }

  async function poll(stop: AbortSignal): Promise<void> {
    for (let pauseMs = pollMs; !stop.aborted; ) {
      await clock.sleep(pauseMs, stop);
      if (waiting.size > 0) pauseMs = await pollOnce(stop);
    }
  }

  function startPoller(): void {
    if (poller) return;
    const own = new AbortController();
    poller = own;
    trouble = null;
    poll(own.signal).catch((error: unknown) => {
      if (!isAbort(error, own.signal)) failAll(error);
    });
  }

  function endPoller(): void {
    poller?.abort();
    poller = null;
  }

  return {
    async wait(ackId, signal) {
      signal.throwIfAborted();
      if (isClosed) throw closed(indexer);
      issue(ackId);
      const over = new AbortController();
      const onAbort = () => waiter.reject(signal.reason);
      let waiter: Waiter = { resolve: () => undefined, reject: () => undefined };
      const outcome = new Promise<void>((resolve, reject) => {
        waiter = { resolve, reject };
      });
      waiting.set(ackId, waiter);
      signal.addEventListener('abort', onAbort, { once: true });
      clock.sleep(timeoutMs, over.signal).then(
        () => waiter.reject(unacknowledged(`it told nothing of number ${ackId} within ${timeoutMs} ms${trouble ? `; last seen: ${trouble.message}` : ''}`)),
        () => undefined,
      );
      startPoller();
      try {
        await outcome;
      } finally {
        over.abort();
        signal.removeEventListener('abort', onAbort);
        if (waiting.get(ackId) === waiter) waiting.delete(ackId);
        if (waiting.size === 0) endPoller();
      }
    },
    close() {
      isClosed = true;
      endPoller();
      failAll(closed(indexer));
    },
  };
}

function closed(indexer: string): Failure {
  return new Failure('transient', 'hec.closed', `waiting for the acknowledgement of ${indexer} failed: the sink was closed`);
}
