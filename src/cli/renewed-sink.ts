/**
 * A sink whose secret may be rotated while it delivers.
 *
 *   deliver ----> refused (auth) ----> read the options again ----> the same: the refusal stands, the engine asks again later
 *                      ^                        |
 *                      |                        v  other ones
 *             the sink it was sent to     open anew, resume with the marks ----> transient `secret.renewed`: the engine sends it again at once
 *
 * Nothing is sent twice from here: the engine's retry is the only one. What is under way with the old sink ends there before that is closed;
 * a sink with marks writes to places, so there the new one begins only when the old one is at rest.
 */
import { openRenewable } from '../clients/renewable.ts';
import { Failure } from '../core/failure.ts';
import type { Mark, Marks, Parcel, Sink } from '../core/types.ts';
import type { Clock, Renew } from '../core/world.ts';

export interface RenewedSinkInput {
  readonly open: (options: unknown) => Promise<Sink>;
  readonly options: unknown;
  readonly renew: Renew<{ readonly options: unknown }>;
  readonly clock: Clock;
}

/** One opening of the sink, and how much is under way with it. */
interface Opened {
  readonly sink: Sink;
  busy: number;
  /** Of one with marks: its successor is being opened, and begins where this one has ended. */
  isLeaving: boolean;
  isRetired: boolean;
  /** Called when nothing is under way any more. */
  atRest: () => void;
}

/**
 * Opens a sink that is opened anew when its secret was rotated.
 *
 * Throws   what `open` throws; from `deliver` and `resume` also transient `secret.renewed`: the same again, and it goes the new way.
 */
export async function openRenewedSink({ open, options, renew, clock }: RenewedSinkInput): Promise<Sink> {
  const first = await open(options);
  const marks = new Map<string, Mark>();
  const old = new Set<Opened>();
  let fresh: { readonly options: unknown } | null = null;
  let isResumed = false;

  const held = openRenewable<Opened>(openedOf(first), clock, async (signal) => {
    // What was read and could not be opened yet is not forgotten.
    fresh = (await renew(signal)) ?? fresh;
    if (fresh === null) return null;
    const before = held.current;
    before.isLeaving = before.sink.prepare !== undefined;
    try {
      if (before.isLeaving) await restOf(before, signal);
      const next = await begin(fresh.options, signal);
      fresh = null;
      await retire(before);
      return next;
    } finally {
      before.isLeaving = false;
    }
  });

  async function begin(given: unknown, signal: AbortSignal): Promise<Opened> {
    const sink = await open(given);
    try {
      signal.throwIfAborted();
      if (isResumed) await sink.resume(new Map(marks), signal);
      signal.throwIfAborted();
      return openedOf(sink);
    } catch (error) {
      await sink.close();
      throw error;
    }
  }

  async function retire(opened: Opened): Promise<void> {
    opened.isRetired = true;
    if (opened.busy === 0) return await opened.sink.close();
    old.add(opened);
  }

  /** Work with the sink of this moment; a refusal leads to the next one. */
  async function through<T>(work: (sink: Sink) => Promise<T>, signal: AbortSignal): Promise<T> {
    if (held.current.isLeaving) await held.replaced(held.current, signal);
    const used = held.current;
    used.busy++;
    let refusal: Failure;
    try {
      return await work(used.sink);
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'auth') throw error;
      refusal = error;
    } finally {
      if (--used.busy === 0) {
        used.atRest();
        if (used.isRetired && old.delete(used)) await used.sink.close();
      }
    }
    if (!(await held.replaced(used, signal))) throw refusal;
    throw new Failure('transient', 'secret.renewed', `${refusal.message}; its secret is another one now, and what was refused is sent again`, {
      cause: refusal,
      advice: 'Leave it as it is: the secret was rotated, and nothing is lost.',
    });
  }

  function keep(more: Marks): void {
    for (const [place, mark] of more) {
      if (mark === null) marks.delete(place);
      else marks.set(place, mark);
    }
  }

  return {
    limits: first.limits,
    ...(first.inFlight === undefined ? {} : { inFlight: first.inFlight }),
    ...(first.unconfirmed === undefined ? {} : { unconfirmed: first.unconfirmed }),
    ...(first.marksAreOptional === undefined ? {} : { marksAreOptional: first.marksAreOptional }),
    check: (signal) => held.current.sink.check(signal),
    async resume(known, signal) {
      isResumed = false;
      marks.clear();
      keep(known);
      await through((sink) => sink.resume(known, signal), signal);
      isResumed = true;
    },
    ...(first.prepare
      ? {
          async prepare(parcel: Parcel) {
            const places = (await held.current.sink.prepare?.(parcel)) ?? new Map();
            keep(places);
            return places;
          },
        }
      : {}),
    async deliver(parcel, signal) {
      const receipt = await through((sink) => sink.deliver(parcel, signal), signal);
      if (receipt.marks) keep(receipt.marks);
      return receipt;
    },
    async close() {
      await Promise.all([held.current, ...old].map(({ sink }) => sink.close()));
    },
  };
}

function openedOf(sink: Sink): Opened {
  return { sink, busy: 0, isLeaving: false, isRetired: false, atRest: () => undefined };
}

/** Until nothing is under way with it. */
function restOf(opened: Opened, signal: AbortSignal): Promise<void> {
  if (opened.busy === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    opened.atRest = () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    };
  });
}
