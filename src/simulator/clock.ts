/** A stretch of simulator time that really passed: between two jumps of the clock. */
export interface Segment {
  readonly from: number;
  to: number;
}

/**
 * The simulator's own clock: real time plus an offset that control moves.
 *
 * Units    ms since 1970 UTC.
 * Why      windows, token lives and limits of hours must be testable in milliseconds; a jump is remembered, because
 *          what came and went within a jump was never there to be read.
 */
export class SimulatorClock {
  #offsetMs = 0;
  #highest: number;
  readonly startedAt: number;
  readonly #segments: Segment[];

  constructor() {
    this.startedAt = Date.now();
    this.#highest = this.startedAt;
    this.#segments = [{ from: this.startedAt, to: this.startedAt }];
  }

  now(): number {
    const now = Date.now() + this.#offsetMs;
    if (now > this.#highest) this.#highest = now;
    return now;
  }

  /** The latest instant ever shown: what was generated up to then stays, also when the clock is set back. */
  highest(): number {
    this.now();
    return this.#highest;
  }

  advance(ms: number): void {
    (this.#segments.at(-1) as Segment).to = this.now();
    this.#offsetMs += ms;
    const now = this.now();
    this.#segments.push({ from: now, to: now });
  }

  set(instant: number): void {
    this.advance(instant - this.now());
  }

  /** Every stretch so far; the last one ends now. */
  segments(): readonly Segment[] {
    (this.#segments.at(-1) as Segment).to = this.now();
    return this.#segments;
  }
}

const DAY_MS = 86_400_000;
let cachedDay = Number.NaN;
const cachedDate = Buffer.alloc(10);

/** Writes the 24 characters of an instant, `2026-11-20T08:14:26.000Z`: what toISOString does, without the text. */
export function writeIso(out: Uint8Array, at: number, ms: number): void {
  const day = Math.floor(ms / DAY_MS);
  if (day !== cachedDay) {
    cachedDate.write(new Date(day * DAY_MS).toISOString().slice(0, 10), 'latin1');
    cachedDay = day;
  }
  out.set(cachedDate, at);
  const rest = ms - day * DAY_MS;
  const seconds = (rest / 1000) | 0;
  const minutes = (seconds / 60) | 0;
  out[at + 10] = 0x54;
  two(out, at + 11, (minutes / 60) | 0);
  out[at + 13] = 0x3a;
  two(out, at + 14, minutes % 60);
  out[at + 16] = 0x3a;
  two(out, at + 17, seconds % 60);
  out[at + 19] = 0x2e;
  const millis = rest - seconds * 1000;
  out[at + 20] = 0x30 + ((millis / 100) | 0);
  two(out, at + 21, millis % 100);
  out[at + 23] = 0x5a;
}

function two(out: Uint8Array, at: number, value: number): void {
  out[at] = 0x30 + ((value / 10) | 0);
  out[at + 1] = 0x30 + (value % 10);
}
