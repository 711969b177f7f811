/**
 * The pace: one call budget, shared by everything that uses one credential.
 *
 * Measured from outside, no interval as long as a window may hold more call starts than its limit. A counter per clock second does not
 * give that (two bursts meet at its border), a token bucket neither (a full bucket and its refill add up). So the start of every
 * call is remembered in a ring, and call k may start only when call k-limit is a window, and a margin, ago:
 *
 *     starts   . . . [k-limit] . . . . . . . . [k-1]  k
 *                        |<------ window + margin ---->|
 *
 * One ring serves all four windows. What counts is the arrival there, not the start here, and between them lie a new connection, a busy
 * machine, a far end that hangs. A call has arrived when its answer is there, and we take it that no call travels longer than two
 * seconds. So a call that is under way may still arrive until then, and one that has landed counts from that instant.
 *
 * Waiters stand in one line, first come, first served. Calls of a tenant that has limits of its own wait for these first, one of
 * that tenant's at a time, so that a tenant at its limit holds up nobody else.
 *
 *              take                     window free            429: pause, with the far end's wish or 1 s doubling to 30 s
 *     caller --------> tenant's gate -------------> line -----------------------------------------------> paused
 *                                                     ^                                                      |
 *                                                     +---- one call goes ahead; its success opens the line -+
 */
import type { Millis } from '../core/types.ts';
import type { Clock, Report } from '../core/world.ts';
import { Line } from './line.ts';

/** Calls allowed per window. */
export interface RateLimits {
  readonly second?: number;
  readonly minute?: number;
  readonly hour?: number;
  readonly day?: number;
}

/** What a public integration of another vendor states of the general API (reference, 9.3). */
export const defaultRateLimits: Required<RateLimits> = { second: 10, minute: 100, hour: 1000, day: 200_000 };

/** A call that may start now. */
export interface Start {
  /** Its answer is there, or will never be. */
  landed(): void;
}

/**
 * A call budget.
 *
 * Calls    `take` before each call, then `landed`, and `refused` (429) or `succeeded`, when its answer is there.
 */
export interface Pace {
  /** Resolves when the call may start; rejects with the signal's reason. */
  take(signal: AbortSignal, tenantId?: string): Promise<Start>;
  /** The same, before all that wait: for the call that they wait for. */
  takeFirst(signal: AbortSignal): Promise<Start>;
  refused(retryAfterMs: Millis | undefined): void;
  succeeded(): void;
  /** No call starts before then (monotonic). */
  pauseUntil(at: Millis): void;
  /** When the last of those who wait now will have started, by the clock; `null` when nobody waits. */
  readonly waitingUntil: Millis | null;
  readonly limits: Required<RateLimits>;
}

export interface PaceOptions {
  readonly clock: Clock;
  readonly report: (report: Report) => void;
  readonly limits?: RateLimits;
  /** Of each tenant on its own, inside `limits`. */
  readonly tenantLimits?: RateLimits;
}

const windows: Readonly<Record<keyof RateLimits, Millis>> = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** A tenth of the window, at most 100 ms. */
const marginOf = (ms: Millis) => Math.min(100, ms / 10);
const firstPauseMs = 1000;
const longestPauseMs = 30_000;
/** So long after its start a call has arrived, even if its answer takes longer. */
const longestTravelMs: Millis = 2000;
/** A wait beyond this is told (product, "Budget"). */
const longWaitMs = 5000;

export function openPace({ clock, report, limits, tenantLimits }: PaceOptions): Pace {
  const line = new Line<Start>();
  const allowed = { ...defaultRateLimits, ...limits };
  const starts = new Starts(allowed);
  const gates = new Map<string, Gate>();
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let pauseMs = 0;
  /** After a pause one call goes ahead; the others wait for its outcome, but not longer than the pause was. */
  let probing = false;
  let probeUntil = Number.NEGATIVE_INFINITY;
  let reportedUntil = Number.NEGATIVE_INFINITY;
  let pumping = false;
  let nap = new AbortController();

  function readyAt(now: Millis): Millis {
    return Math.max(starts.freeAt(), openAt(now));
  }

  /** When a pause, and the call that goes ahead after it, are over. */
  function openAt(now: Millis): Millis {
    return Math.max(now, pausedUntil, probing ? probeUntil : now);
  }

  function start(now: Millis): Start {
    const call = starts.add(now);
    if (probing) probeUntil = now + Math.max(pauseMs, firstPauseMs);
    return {
      landed: () => {
        starts.land(call, clock.monotonic());
        // Whoever waits may have waited for this.
        if (line.length > 0) nap.abort();
      },
    };
  }

  async function pump(): Promise<void> {
    if (pumping) return;
    pumping = true;
    try {
      while (line.length > 0) {
        const now = clock.monotonic();
        const at = readyAt(now);
        if (at <= now) {
          line.next(start(now));
          continue;
        }
        nap = new AbortController();
        await clock.sleep(at - now, nap.signal).catch(() => undefined);
      }
    } finally {
      pumping = false;
    }
  }

  function lastStartAt(now: Millis): Millis {
    return Math.max(starts.estimate(line.length - 1), openAt(now));
  }

  function tell(now: Millis): void {
    const until = lastStartAt(now);
    if (until - now <= longWaitMs || now < reportedUntil) return;
    reportedUntil = until;
    const cause = pausedUntil > now ? 'Sophos asked to wait (429)' : 'the allowance is used up';
    report({ name: 'pace.waiting', waiting: line.length, waitMs: Math.round(until - now), until: Math.round(clock.now() + until - now), cause });
  }

  async function wait(signal: AbortSignal, place: 'first' | 'last'): Promise<Start> {
    signal.throwIfAborted();
    const now = clock.monotonic();
    if (line.length === 0 && readyAt(now) <= now) return start(now);
    const turn = line.wait(signal, place, () => {
      // Nobody is left to wait for: let go of the timer, which would keep the process alive.
      if (line.length === 0) nap.abort();
    });
    tell(now);
    void pump();
    return turn;
  }

  function gateOf(tenantId: string): Gate {
    const known = gates.get(tenantId);
    if (known) return known;
    const gate = new Gate(new Starts(tenantLimits ?? {}), clock);
    gates.set(tenantId, gate);
    return gate;
  }

  return {
    limits: allowed,
    async take(signal, tenantId) {
      if (!tenantLimits || tenantId === undefined) return wait(signal, 'last');
      return gateOf(tenantId).pass(signal, () => wait(signal, 'last'));
    },
    takeFirst: (signal) => wait(signal, 'first'),
    refused(retryAfterMs) {
      const now = clock.monotonic();
      // Several calls under way are refused together: one reason, one doubling.
      if (now >= pausedUntil) pauseMs = Math.min(Math.max(firstPauseMs, pauseMs * 2), longestPauseMs);
      pausedUntil = Math.max(pausedUntil, now + (retryAfterMs ?? pauseMs));
      probing = true;
      probeUntil = pausedUntil;
      reportedUntil = Number.NEGATIVE_INFINITY;
      if (line.length > 0) tell(now);
    },
    succeeded() {
      // What was under way before the pause says nothing about its end.
      if (!probing || clock.monotonic() < pausedUntil) return;
      probing = false;
      pauseMs = 0;
      nap.abort();
    },
    pauseUntil(at) {
      pausedUntil = Math.max(pausedUntil, at);
    },
    get waitingUntil() {
      if (line.length === 0) return null;
      const now = clock.monotonic();
      return Math.round(clock.now() + lastStartAt(now) - now);
    },
  };
}

/** When calls started, as far back as the largest limit reaches. */
class Starts {
  readonly #windows: readonly { readonly limit: number; readonly ms: Millis }[];
  readonly #most: number;
  #ring = new Float64Array(16);
  #count = 0;
  /** Calls without an answer yet, in order, and when they have arrived at the latest. */
  readonly #underWay = new Map<number, Millis>();

  constructor(limits: RateLimits) {
    this.#windows = (Object.keys(windows) as (keyof RateLimits)[]).flatMap((name) => {
      const limit = limits[name];
      return limit === undefined ? [] : [{ limit: Math.max(1, Math.floor(limit)), ms: windows[name] + marginOf(windows[name]) }];
    });
    this.#most = this.#windows.reduce((most, { limit }) => Math.max(most, limit), 1);
  }

  /** Returns the number of the call, for `land`. */
  add(at: Millis): number {
    if (this.#count >= this.#ring.length && this.#ring.length < this.#most) this.#widen();
    // A later call never counts as earlier: the ring stays in order.
    const before = this.#count === 0 ? at : (this.#ring[(this.#count - 1) % this.#ring.length] as number);
    this.#ring[this.#count % this.#ring.length] = Math.max(at, before);
    this.#underWay.set(this.#count, at + longestTravelMs);
    return this.#count++;
  }

  /** The call arrived there by then at the latest. */
  land(call: number, at: Millis): void {
    const held = this.#ring.length;
    const arrived = Math.min(at, this.#underWay.get(call) ?? at);
    this.#underWay.delete(call);
    for (let k = Math.max(call, this.#count - held); k < this.#count && (this.#ring[k % held] as number) < arrived; k++) this.#ring[k % held] = arrived;
  }

  /** When call number `call`, and all before it, have arrived at the latest. */
  #arrivedAt(call: number): Millis {
    let at = this.#ring[call % this.#ring.length] as number;
    for (const [number, latest] of this.#underWay) {
      if (number > call) break;
      at = Math.max(at, latest);
    }
    return at;
  }

  /** When the next call may start. */
  freeAt(): Millis {
    return this.#free(0, (call) => this.#arrivedAt(call));
  }

  /** About when the one after `ahead` others may start: if all of these start as early as they may, and what is under way lands now. */
  estimate(ahead: number): Millis {
    return this.#free(ahead, (call) => this.#ring[call % this.#ring.length] as number);
  }

  #free(ahead: number, arrivedAt: (call: number) => Millis): Millis {
    let free = Number.NEGATIVE_INFINITY;
    for (const { limit, ms } of this.#windows) {
      // Call `before` must be a window ago. Has it not started yet, then the one before that must be two windows ago, and so on.
      const before = this.#count + ahead - limit;
      if (before < 0) continue;
      const rounds = before < this.#count ? 0 : Math.floor((before - this.#count) / limit) + 1;
      const known = before - rounds * limit;
      if (known >= 0) free = Math.max(free, arrivedAt(known) + (rounds + 1) * ms);
    }
    return free;
  }

  /** A day's limit is 1.6 MB of starts: only who uses it has it. */
  #widen(): void {
    const wider = new Float64Array(Math.min(this.#most, this.#ring.length * 2));
    const held = this.#ring.length;
    for (let k = this.#count - held; k < this.#count; k++) wider[k % wider.length] = this.#ring[k % held] as number;
    this.#ring = wider;
  }
}

/** Where the calls of one tenant that has limits of its own wait: one of them at a time stands in the line. */
class Gate {
  readonly #starts: Starts;
  readonly #clock: Clock;
  readonly #line = new Line<null>();
  #busy = false;

  constructor(starts: Starts, clock: Clock) {
    this.#starts = starts;
    this.#clock = clock;
  }

  async pass(signal: AbortSignal, take: () => Promise<Start>): Promise<Start> {
    if (this.#busy) await this.#line.wait(signal, 'last', () => undefined);
    this.#busy = true;
    try {
      for (;;) {
        signal.throwIfAborted();
        const now = this.#clock.monotonic();
        const at = this.#starts.freeAt();
        if (at <= now) break;
        await this.#clock.sleep(at - now, signal);
      }
      const start = await take();
      const call = this.#starts.add(this.#clock.monotonic());
      return {
        landed: () => {
          this.#starts.land(call, this.#clock.monotonic());
          start.landed();
        },
      };
    } finally {
      if (!this.#line.next(null)) this.#busy = false;
    }
  }
}
