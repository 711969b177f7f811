/**
 * How far the call budget goes while a person waits.
 *
 * The calls of `doctor` come out of the same allowance as those of the service. What would have to wait for it for long is not begun, and
 * what is not begun is told, with the wait and its reason.
 */
import { openPace, type Pace, type PaceOptions, type RateLimits, type Start } from '../../clients/pace.ts';
import type { Millis } from '../../core/types.ts';
import type { Report } from '../../core/world.ts';
import { plural } from '../output/progress.ts';
import { ageText } from '../status/picture.ts';

type Limits = Required<RateLimits>;

/** No call waits longer for the allowance, and many calls not longer all together, unless `--all-tenants` asks for it. */
const usual = { callMs: 10_000, allMs: 20_000 };
const withAllTenants = { callMs: 3_600_000, allMs: 3_600_000 };

const windows = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const names = ['day', 'hour', 'minute', 'second'] as const;

/** A call that was not made, since it would have had to wait. */
export class NotWaited extends Error {
  /** Did a token wait, and not a call with one? */
  readonly isToken: boolean;
  constructor(reason: string, isToken: boolean) {
    super(reason);
    this.isToken = isToken;
  }
}

/** A budget that makes nobody wait for long. `take` and `takeFirst` reject with NotWaited instead. */
export interface PatientPace extends Pace {
  /** Why so many more calls are too many now, with how long they would take; `null`: they can be made. */
  tooMany(calls: number): string | null;
  /** How long so many more calls take at least. */
  leastMs(calls: number): Millis;
}

/** Opens the budget of one account. `isWhole`: somebody asked for everything, and waits for it. */
export function openPatientPace({ clock, report, limits }: PaceOptions, isWhole: boolean): PatientPace {
  const { callMs, allMs } = isWhole ? withAllTenants : usual;
  let started = 0;
  // What the pace tells of a wait that is not waited is not passed on.
  let held: Report[] | null = null;
  const pace = openPace({ clock, report: (told) => void (held ? held.push(told) : report(told)), ...(limits ? { limits } : {}) });

  async function patiently(take: (signal: AbortSignal) => Promise<Start>, signal: AbortSignal, isToken: boolean): Promise<Start> {
    const leave = new AbortController();
    held = [];
    const turn = take(AbortSignal.any([signal, leave.signal]));
    // A call that may start at once never stood in the line.
    const waitMs = Math.max(0, (pace.waitingUntil ?? 0) - clock.now());
    const told: readonly Report[] = held;
    held = null;
    if (waitMs > callMs) leave.abort(new NotWaited(waited(pace.limits, started, waitMs), isToken));
    else told.forEach(report);
    const start = await turn;
    started++;
    return start;
  }

  return {
    limits: pace.limits,
    take: (signal, tenantId) => patiently((both) => pace.take(both, tenantId), signal, false),
    takeFirst: (signal) => patiently((both) => pace.takeFirst(both), signal, true),
    refused: (retryAfterMs) => pace.refused(retryAfterMs),
    succeeded: () => pace.succeeded(),
    pauseUntil: (at) => pace.pauseUntil(at),
    get waitingUntil() {
      return pace.waitingUntil;
    },
    leastMs: (calls) => lastOf(pace.limits, started + calls).ms,
    tooMany(calls) {
      const last = lastOf(pace.limits, started + calls);
      if (last.ms > allMs) return `${plural(calls, 'call')} more are beyond ${allowance(pace.limits, last.window)}; doctor would wait ${ageText(last.ms)}`;
      const eaten = names.find((window) => windows[window] >= windows.hour && (started + calls) * 2 > pace.limits[window]);
      if (isWhole || eaten === undefined) return null;
      return `${plural(calls, 'call')} more would use up over half of ${allowance(pace.limits, eaten)}, which the service needs`;
    },
  };
}

/** Such as `the allowance of 1 call a minute is used up; doctor would wait 59s`. */
function waited(limits: Limits, started: number, waitMs: Millis): string {
  const { ms, window } = lastOf(limits, started + 1);
  const cause = ms > 0 ? `${allowance(limits, window)} is used up` : 'Sophos asked to wait (429)';
  return `${cause}; doctor would wait ${ageText(waitMs)}`;
}

/** Such as `the allowance of 1 call a minute`. */
function allowance(limits: Limits, window: keyof Limits): string {
  return `the allowance of ${plural(limits[window], 'call')} ${window === 'hour' ? 'an' : 'a'} ${window}`;
}

/** When the last of so many calls can start, the first being now, and the window that it waits for. */
function lastOf(limits: Limits, calls: number): { readonly ms: Millis; readonly window: keyof Limits } {
  const each = names.map((window) => ({ window, ms: Math.max(0, Math.ceil(calls / limits[window]) - 1) * windows[window] }));
  return each.reduce((longest, one) => (one.ms > longest.ms ? one : longest));
}
