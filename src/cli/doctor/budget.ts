/** Does the plan fit into the allowance: tenants x streams x how often each is read, against calls per second, minute, hour and day? */
import type { AccountPlan, Plan } from '../../config/plan.ts';
import { spell } from '../../core/schema.ts';
import type { Millis } from '../../core/types.ts';
import { cadenceOf, pauseOf, type Rhythm } from '../../engine/cadence.ts';
import { figure, plural } from '../output/progress.ts';
import { ageText } from '../status/picture.ts';
import { ok, skipped, type Tell, wrong } from './finding.ts';
import type { KnownAccount } from './identity.ts';

const hourMs: Millis = 3_600_000;
/** What the SIEM API remembers. */
const forgetsMs: Millis = 24 * hourMs;
/** The engine keeps a fifth for further pages, tokens and tenant lists (cadence.ts). */
const share = 0.8;

export async function examineBudget(plan: Plan | null, accounts: readonly KnownAccount[], tell: Tell): Promise<void> {
  if (!plan || accounts.length === 0) {
    tell(skipped('budget', 'not reckoned: no account told how many tenants there are'));
    return;
  }
  for (const { account, tenants, kind } of accounts) {
    const readable = tenants.filter(({ reason }) => reason === null).length;
    tellAccount(account, plan, readable, kind === 'legacy token', tell);
  }
}

/** Calls that the account allows in an hour, for hours on end, and the window that says so. */
export function sustained({ rateLimits: { second, minute, hour, day } }: Pick<AccountPlan, 'rateLimits'>): {
  readonly perHour: number;
  readonly by: keyof AccountPlan['rateLimits'];
} {
  const perHour = { second: second * 3600, minute: minute * 60, hour, day: day / 24 } as const;
  const windows = ['second', 'minute', 'hour', 'day'] as const;
  const by = windows.reduce((least, each) => (perHour[each] < perHour[least] ? each : least), 'hour');
  return { perHour: perHour[by], by };
}

function tellAccount(account: AccountPlan, plan: Plan, tenants: number, siemOnly: boolean, tell: Tell): void {
  const streams = plan.streams.filter(({ kind }) => !siemOnly || kind.name === 'events' || kind.name === 'siem-alerts');
  const { perHour, by } = sustained(account);
  const wanted = tenants * streams.reduce((sum, { everyMs }) => sum + hourMs / Math.max(1000, everyMs), 0);
  const what = `${plural(tenants, 'tenant')} x ${plural(streams.length, 'stream')}: at least ${figure(Math.ceil(wanted))} calls an hour`;
  const allowance = `${figure(Math.floor(perHour))} are allowed by \`rateLimits.${by}\``;
  const isBusy: Rhythm[] = streams.flatMap(({ everyMs }) => Array.from({ length: tenants }, () => ({ everyMs, busyAt: 0 })));
  // As if all were busy: the worst that can be.
  const cadence = cadenceOf(isBusy, perHour, 0);
  if (cadence.busyFactor === 1) {
    tell(ok(account.name, `${what}; ${allowance}: it fits, and ${percent(wanted, perHour * share)} of the budget for polling is used`));
    return;
  }
  const delays = streams.map(({ kind, everyMs }) => ({
    name: kind.name,
    everyMs,
    siem: kind.pastMs === forgetsMs,
    delay: pauseOf({ everyMs, busyAt: 0 }, cadence, 0),
  }));
  const factor = wanted / (perHour * share);
  const delay = delays.map(({ name, everyMs, delay: late }) => `${name} every ${ageText(late)} instead of ${spell(everyMs)}`).join(', ');
  const cause = `the budget is too small for the plan: when all tenants are busy, each is asked ${delay}. Busy tenants come first, quiet ones wait longer, nothing is lost`;
  const fitting = delays.map(({ name, everyMs }) => `\`streams.${name}.every: ${spell(rounded(everyMs * factor))}\``).join(', ');
  const raised = raisedLimits(account, wanted).join(', ');
  const cure = `It would fit with ${fitting}; or with ${raised}, if Sophos allows you so many; or with fewer streams.`;
  if (delays.some(({ siem, everyMs }) => siem && everyMs * factor >= forgetsMs)) {
    const lost = 'the budget is far too small for the plan: a tenant would be asked less than once in 24 h, and Sophos forgets after that';
    tell(wrong('failed', account.name, `${what}; ${allowance}`, lost, cure));
    return;
  }
  tell(wrong('warning', account.name, `${what}; ${allowance}`, cause, cure));
}

/** Up to what a person would write. */
function rounded(ms: Millis): Millis {
  const step = ms < 120_000 ? 10_000 : ms < hourMs ? 60_000 : ms < 6 * hourMs ? 600_000 : hourMs;
  return Math.ceil(ms / step) * step;
}

/** Every limit that is below what is needed, as it would have to be. */
function raisedLimits({ rateLimits }: AccountPlan, wantedPerHour: number): readonly string[] {
  const hours = { second: 1 / 3600, minute: 1 / 60, hour: 1, day: 24 } as const;
  return (['second', 'minute', 'hour', 'day'] as const).flatMap((window) => {
    const needed = Math.ceil((wantedPerHour / share) * hours[window]);
    return rateLimits[window] >= needed ? [] : [`\`rateLimits.${window}: ${needed}\``];
  });
}

function percent(part: number, whole: number): string {
  return `${Math.round((part / Math.max(1, whole)) * 100)} %`;
}
