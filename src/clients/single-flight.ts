import { setMaxListeners } from 'node:events';

/**
 * Work that several want at once is done once.
 *
 * It belongs to nobody: one caller that gives up does not take it from the others; when all have given up, it is aborted.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /** Joins the work that goes by this key, or begins it; rejects with the signal's reason, or with what the work failed with. */
  async join(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const mine = this.#flights.get(key) ?? this.#begin(key, work);
    mine.waiting++;
    try {
      return await unlessAborted(mine.done, signal);
    } finally {
      if (--mine.waiting === 0) {
        this.#forget(key, mine);
        mine.abort.abort(nobody);
      }
    }
  }

  /** Ends all that is under way, with this as its reason. */
  endAll(reason: unknown): void {
    for (const [key, flight] of [...this.#flights]) {
      this.#forget(key, flight);
      flight.abort.abort(reason);
    }
  }

  #begin(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const abort = new AbortController();
    const done = work(abort.signal).finally(() => this.#forget(key, flight));
    const flight: Flight<T> = { done, abort, waiting: 0 };
    this.#flights.set(key, flight);
    return flight;
  }

  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}

interface Flight<T> {
  readonly done: Promise<T>;
  readonly abort: AbortController;
  waiting: number;
}

/** Without a stack: made for each piece of work, and met by nobody. */
const nobody = 'nobody waits for it any more';

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Many calls share one signal; ten listeners are no leak.
  setMaxListeners(0, signal);
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
