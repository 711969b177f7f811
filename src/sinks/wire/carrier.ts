import type { Frames } from './framing.ts';

/** What carries frames to one far end, and confirms nothing. */
export interface Carrier {
  /**
   * Resolves when the kernel has taken all of it.
   *
   * Throws   Failure as `wireFailure` has it; the signal's reason on abort, within a second.
   * Calls    any number at once; one is carried after the other.
   */
  send(frames: Frames, what: string, signal: AbortSignal): Promise<void>;
  /** Connects, and says what it saw. Sends nothing. */
  check(signal: AbortSignal): Promise<string>;
  /** Safe to call twice. */
  close(): Promise<void>;
}

/** One after the other; who waits leaves when its signal aborts. */
export function oneAtATime(): <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return async (work, signal) => {
    const before = last;
    let done: () => void = () => undefined;
    last = new Promise<void>((resolve) => {
      done = resolve;
    });
    // Who leaves early hands on what it waited for.
    try {
      await endedOrAborted(before, signal);
    } catch (reason) {
      before.then(done, done);
      throw reason;
    }
    try {
      return await work();
    } finally {
      done();
    }
  };
}

function endedOrAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const end = () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    };
    work.then(end, end);
  });
}
