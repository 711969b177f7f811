import type { Millis } from '../../core/types.ts';
import type { Clock } from '../../core/world.ts';
import type { Screen } from './screen.ts';
import { visible } from './visible.ts';

/** How far long work has come. Every figure is a total so far, never a step. */
export interface ProgressState {
  /** What is counted by `done` and `total`, such as `tenants`. */
  readonly unit: string;
  readonly done: number;
  readonly total: number | null;
  /** `null` where what is counted has no records. */
  readonly records: number | null;
  readonly errors: number;
  /** Anything else worth saying, such as `delivered 1,204`. */
  readonly note: string;
}

/**
 * Progress, redrawn on a terminal and as a plain line every ten seconds elsewhere.
 *
 * Calls    `update` as often as you like: it draws at most ten times a second; plain lines go to `say`.
 */
export interface Progress {
  update(change: Partial<ProgressState>): void;
  /** Takes the line away. Safe to call twice. */
  end(): void;
}

const redrawMs: Millis = 100;
const plainMs: Millis = 10_000;

export const noProgress: Progress = { update: () => undefined, end: () => undefined };

export function openProgress(screen: Screen, clock: Clock, say: (text: string) => void = screen.line): Progress {
  const startedAt = clock.monotonic();
  let state: ProgressState = { unit: 'tenants', done: 0, total: null, records: 0, errors: 0, note: '' };
  let drawnAt = screen.isTerminal ? Number.NEGATIVE_INFINITY : startedAt;
  let ended = false;
  return {
    update(change) {
      if (ended) return;
      state = { ...state, ...change };
      const now = clock.monotonic();
      if (now - drawnAt < (screen.isTerminal ? redrawMs : plainMs)) return;
      drawnAt = now;
      const text = progressText(state, now - startedAt);
      if (screen.isTerminal) screen.status(text.slice(0, Math.max(10, screen.columns - 1)));
      else say(text);
    },
    end() {
      if (ended) return;
      ended = true;
      screen.status(null);
    },
  };
}

/** Such as `12/25 tenants, 34,210 records (2,113/s), 1 error`. */
export function progressText(state: ProgressState, elapsedMs: Millis): string {
  const parts = [
    `${figure(state.done)}${state.total === null ? '' : `/${figure(state.total)}`} ${state.unit}`,
    ...(state.records === null ? [] : [`${figure(state.records)} records (${figure(Math.round(state.records / Math.max(1, elapsedMs / 1000)))}/s)`]),
    ...(state.note === '' ? [] : [visible(state.note)]),
    ...(state.errors === 0 ? [] : [`${figure(state.errors)} ${state.errors === 1 ? 'error' : 'errors'}`]),
  ];
  return parts.join(', ');
}

/** Such as `1 record`, `1,204 records`. */
export function plural(count: number, noun: string): string {
  return `${figure(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A whole number as a person reads it: `34,210`. */
export function figure(value: number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}
