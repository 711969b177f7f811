/** Ids and their times, as far as Central may bring them again: bounded, however large the file is that they come from. */
import type { Millis } from '../../../core/types.ts';

const hour: Millis = 3_600_000;
/** What Central has; the rest is for clocks that differ, and for late arrivals. */
export const rememberedMs: Millis = 26 * hour;
/** Forgotten is done in one go, when so many more have come. */
const leastStep = 50_000;

export class Window {
  readonly #now: Millis;
  readonly #times = new Map<string, Millis>();
  #newest: Millis = Number.NEGATIVE_INFINITY;
  #tidyAt = leastStep;

  constructor(now: Millis) {
    this.#now = now;
  }

  /** Older ones are of no use. A clock that runs ahead forgets nothing of what the file has last, a device's clock nothing at all. */
  get since(): Millis {
    return Math.min(this.#now, this.#newest) - rememberedMs;
  }

  /** `time` is null for a record without one: it counts as new. */
  add(id: string, time: Millis | null): void {
    const at = time ?? this.#now;
    this.#newest = Math.max(this.#newest, at);
    if (at < this.since) return;
    this.#times.set(id, at);
    if (this.#times.size < this.#tidyAt) return;
    this.#tidy();
    this.#tidyAt = this.#times.size * 2 + leastStep;
  }

  /** What is left, in the order in which it came. */
  times(): ReadonlyMap<string, Millis> {
    this.#tidy();
    return this.#times;
  }

  #tidy(): void {
    const { since } = this;
    for (const [id, time] of this.#times) if (time < since) this.#times.delete(id);
  }
}

/** An instant as Central writes it; null for anything else. */
export function instantOf(text: unknown): Millis | null {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}
