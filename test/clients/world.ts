import { openHttp } from '../../src/clients/http.ts';
import { systemClock } from '../../src/core/clock.ts';
import { levelOf } from '../../src/core/reports.ts';
import type { Clock, Report, World } from '../../src/core/world.ts';

/** A world with real HTTP, whose reports are kept, and whose `close` ends its connections. */
export function openTestWorld(clock: Clock = systemClock): { readonly world: World; readonly reports: Report[]; close(): Promise<void> } {
  const { http, close } = openHttp();
  const reports: Report[] = [];
  return { world: { clock, random: () => 0.5, http, report: (report) => reports.push(report) }, reports, close };
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that moves only when it is told to, waking who sleeps in the order of time. */
export class HandClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];
  constructor(now = 1_795_000_000_000) {
    this.#now = now;
  }
  now(): number {
    return this.#now;
  }
  monotonic(): number {
    return this.#now - 1_795_000_000_000;
  }
  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const wake = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper = { at: this.#now + Math.max(0, ms), wake };
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.push(sleeper);
    });
  }
  get sleeping(): number {
    return this.#sleepers.length;
  }
  /** Moves on, stopping at each sleeper whose time has come; `jitter` lets each wake late by so much. */
  async pass(ms: number, jitter: () => number = () => 0): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#sleepers.reduce<Sleeper | null>((first, each) => (first === null || each.at < first.at ? each : first), null);
      if (next === null || next.at > until) break;
      this.#sleepers = this.#sleepers.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at + jitter());
      next.wake();
    }
    this.#now = Math.max(this.#now, until);
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve();
}

/** What is worth a line above `trace`: there, each call is one. */
export function told(reports: readonly Report[]): readonly Report[] {
  return reports.filter((report) => levelOf(report) !== 'trace');
}
