/** Does the plan fit into the allowance: tenants x streams x how often each is read, against calls per second, minute, hour and day? */
import type { AccountPlan, Plan } from '../../config/plan.ts';
import { spell } from '../../core/schema.ts';
import type { Millis } from '../../core/types.ts';
import type { CommandContext } from '../command.ts';
import { figure, plural } from '../output/progress.ts';
import { ageText } from '../status/picture.ts';
import { ok, skipped, type Tell, wrong } from './finding.ts';
import type { KnownAccount } from './identity.ts';
import { askJournal } from './journal.ts';

const hourMs: Millis = 3_600_000;
/** What the SIEM API remembers. */
const forgetsMs: Millis = 24 * hourMs;
/** The engine keeps a fifth for further pages, tokens and tenant lists (cadence.ts). */
const share = 0.8;

export async function examineBudget(plan: Plan | null, accounts: readonly KnownAccount[], context: CommandContext, tell: Tell): Promise<void> {
  if (!plan || accounts.length === 0) {
    tell(skipped('budget', 'not reckoned: no account told how many tenants there are'));
    return;
  }
  for (const known of accounts) tellAccount(known, plan, await countOf(known, plan, context), tell);
}

/** How many tenants are read, as well as can be known without waiting for calls. */
interface Count {
  readonly tenants: number;
  /** Such as `25 tenants`, `at least 1 tenant`. */
  readonly text: string;
  readonly isLeast: boolean;
}

/** From the list; else from the journal, which has seen them before; else there is at least one. */
async function countOf({ account, kind, tenants, isListed }: KnownAccount, plan: Plan, context: CommandContext): Promise<Count> {
  const listed = tenants.filter(({ reason }) => reason === null).length;
  if (isListed) return { tenants: listed, text: plural(listed, 'tenant'), isLeast: false };
  if (kind === 'legacy token') return { tenants: 1, text: plural(1, 'tenant'), isLeast: false };
  const read = await askJournal(context, plan, async ({ directory }) => (await directory.tenants()).filter((each) => each.account === account.name));
  const kept = (read ?? []).filter(({ asideReason }) => asideReason === null).length;
  if (kept >= listed && kept > 0) return { tenants: kept, text: `${plural(kept, 'tenant')}, as the journal knows them,`, isLeast: false };
  const least = Math.max(1, listed);
  return { tenants: least, text: `at least ${plural(least, 'tenant')}`, isLeast: true };
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

function tellAccount({ account, kind: whose }: KnownAccount, plan: Plan, { tenants, text, isLeast }: Count, tell: Tell): void {
  const streams = plan.streams.filter(({ kind }) => whose !== 'legacy token' || kind.name === 'events' || kind.name === 'siem-alerts');
  const { perHour, by } = sustained(account);
  const ofEach = streams.reduce((sum, { everyMs }) => sum + hourMs / Math.max(1000, everyMs), 0);
  const wanted = tenants * ofEach;
  const what = `${text} x ${plural(streams.length, 'stream')}: at least ${figure(Math.ceil(wanted))} calls an hour`;
  const allowance = `${fewFigures(perHour)} are allowed by \`rateLimits.${by}: ${account.rateLimits[by]}\``;
  const seen = `${what}; ${allowance}`;
  const polling = perHour * share;
  if (wanted <= polling) {
    const most = Math.floor(polling / Math.max(ofEach, 1e-9));
    if (isLeast) tell(skipped(account.name, `${seen}: it fits up to ${plural(most, 'tenant')}, and how many there are is not known, see above`));
    else tell(ok(account.name, `${seen}: it fits, and ${percent(wanted, polling)} of the budget for polling is used`));
    return;
  }
  const factor = wanted / polling;
  const fitting = streams.map(({ kind, everyMs }) => `\`streams.${kind.name}.every: ${spell(rounded(everyMs * factor))}\``).join(', ');
  const raised = raisedLimits(account, wanted).join(', ');
  const more = isLeast ? ' There may be more tenants than that, and then more is needed.' : '';
  const cure = `It would fit with ${fitting}; or with ${raised}, if Sophos allows you so many; or with fewer streams.${more}`;
  if (streams.some(({ kind, everyMs }) => kind.pastMs === forgetsMs && everyMs * factor >= forgetsMs)) {
    const lost = 'the budget is far too small for the plan: a tenant would be asked less than once in 24 h, and Sophos forgets after that';
    tell(wrong('failed', account.name, seen, lost, cure));
    return;
  }
  // As if all were busy: the worst that can be.
  const delay = streams.map(({ kind, everyMs }) => `${kind.name} every ${ageText(Math.round(everyMs * factor))} instead of ${spell(everyMs)}`).join(', ');
  const cause = `the budget is too small for the plan: when all tenants are busy, each is asked ${delay}. Busy tenants come first, quiet ones wait longer, nothing is lost`;
  tell(wrong('warning', account.name, seen, cause, cure));
}

/** `1,000`; of a few, with a digit behind the point. */
function fewFigures(value: number): string {
  return value < 10 ? String(Math.floor(value * 10) / 10) : figure(Math.floor(value));
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
