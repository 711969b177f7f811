import type { Millis } from '../core/types.ts';

/** How one stream wants to be asked. */
export interface Rhythm {
  readonly everyMs: Millis;
  /** When it last had something new (monotonic). */
  readonly busyAt: Millis;
}

export interface Cadence {
  readonly busyFactor: number;
  readonly quietMs: Millis;
}

const hour = 3_600_000;
/** A stream that had something new within this time is busy. */
export const busyForMs = hour;
/** Central forgets after 24 h; a quiet stream is asked long before. */
const longestMs = 6 * hour;
/** The rest is for pages beyond the first, tokens, tenant lists and other commands. */
const share = 0.8;

/**
 * How often busy and quiet streams of one credential can be asked, so that all of them together stay within its calls per hour.
 *
 * While everything fits, each is asked at its own `every`. When it does not, the quiet ones wait longer; when the busy ones alone
 * do not fit, they wait longer too, and the quiet ones as long as is safe.
 */
export function cadenceOf(streams: Iterable<Rhythm>, callsPerHour: number, now: Millis): Cadence {
  const allowed = callsPerHour * share;
  let busyCalls = 0;
  let quietCalls = 0;
  let quiet = 0;
  for (const { everyMs, busyAt } of streams) {
    const calls = hour / Math.max(1_000, everyMs);
    if (now - busyAt < busyForMs) busyCalls += calls;
    else {
      quiet++;
      quietCalls += calls;
    }
  }
  if (busyCalls + quietCalls <= allowed) return { busyFactor: 1, quietMs: 0 };
  // The slowest that quiet streams may be asked is a demand that comes first.
  const least = quiet * (hour / longestMs);
  const forBusy = Math.max(1, allowed - least);
  const busyFactor = Math.max(1, busyCalls / forBusy);
  const forQuiet = Math.max(least, allowed - busyCalls);
  const quietMs = quiet === 0 || forQuiet <= 0 ? 0 : Math.min(longestMs, (quiet * hour) / forQuiet);
  return { busyFactor, quietMs };
}

/** When to ask a caught-up stream again. */
export function pauseOf({ everyMs, busyAt }: Rhythm, cadence: Cadence, now: Millis): Millis {
  return now - busyAt < busyForMs ? Math.min(everyMs * cadence.busyFactor, Math.max(everyMs, longestMs)) : Math.max(everyMs, cadence.quietMs);
}
