/** What was seen of the account, in words for a terminal of 80 columns. */
import { spell } from '../../core/schema.ts';
import type { Millis } from '../../core/types.ts';
import { cadenceOf, pauseOf } from '../../engine/cadence.ts';
import type { StreamKind } from '../../streams/index.ts';
import { figure, plural } from '../output/progress.ts';
import { visible } from '../output/visible.ts';
import { cutToWidth } from '../output/width.ts';
import type { SeenAccount, SeenTenant } from './check.ts';

const mostNames = 5;
const mostAside = 5;

/** A name from outside, on one line and at most so wide. */
export function shown(name: string, columns = 40): string {
  return cutToWidth(visible(name), columns);
}

/** One line for each fact: whose it is, its tenants, and those that cannot be read. */
export function accountLines({ kind, id, host, tenants }: SeenAccount): readonly string[] {
  const readable = tenants.filter(({ aside }) => aside === null);
  const aside = tenants.filter(({ aside }) => aside !== null);
  const what =
    kind === 'legacy token'
      ? 'It is an old API token: the SIEM streams of one tenant.'
      : `The credential is good. It belongs to ${article(kind)} ${shown(kind, 20)}.`;
  return [
    what,
    `Id:       ${shown(id)}`,
    `Host:     ${shown(host, 66)}`,
    ...(kind === 'partner' || kind === 'organization' ? [`Tenants:  ${plural(readable.length, 'tenant')}${namesOf(readable)}`] : []),
    ...aside.slice(0, mostAside).map(({ name, aside: why }) => `Not read: ${shown(name, 24)}: ${cutToWidth(visible(why ?? ''), 100)}`),
    ...(aside.length > mostAside ? [`Not read: ${figure(aside.length - mostAside)} more; \`sophos-central tenants\` lists them`] : []),
  ];
}

function article(kind: string): string {
  return /^[aeiou]/i.test(kind) ? 'an' : 'a';
}

function namesOf(tenants: readonly SeenTenant[]): string {
  if (tenants.length === 0) return '';
  const first = tenants.slice(0, mostNames).map(({ name }) => shown(name, 24));
  return `: ${first.join(', ')}${tenants.length > mostNames ? ', ...' : ''}`;
}

/** How often so many tenants can be asked with this allowance, reckoned as the service reckons it. */
export function budgetText(
  { callsPerHour }: Pick<SeenAccount, 'callsPerHour'>,
  tenants: number,
  kinds: readonly Pick<StreamKind, 'name' | 'everyMs'>[],
): string {
  const now = 0;
  const rhythms = (busyAt: Millis) => kinds.flatMap(({ everyMs }) => Array.from({ length: tenants }, () => ({ everyMs, busyAt })));
  const wanted = Math.ceil(kinds.reduce((sum, { everyMs }) => sum + (tenants * 3_600_000) / everyMs, 0));
  const plan = `${plural(tenants, 'tenant')} x ${plural(kinds.length, 'stream')} make up to ${plural(wanted, 'call')} an hour; ${figure(callsPerHour)} are allowed.`;
  const [fastest] = [...kinds].sort((a, b) => a.everyMs - b.everyMs);
  if (!fastest) return plan;
  const busy = { everyMs: fastest.everyMs, busyAt: now };
  const quiet = { everyMs: fastest.everyMs, busyAt: Number.NEGATIVE_INFINITY };
  const allBusy = cadenceOf(rhythms(now), callsPerHour, now);
  if (allBusy.busyFactor === 1) return `${plan} That fits: each is asked as often as it should be.`;
  const allQuiet = cadenceOf(rhythms(Number.NEGATIVE_INFINITY), callsPerHour, now);
  const [whenQuiet, whenBusy] = [roughly(pauseOf(quiet, allQuiet, now)), roughly(pauseOf(busy, allBusy, now))];
  const pace =
    whenQuiet === whenBusy
      ? `each is asked about every ${whenBusy}`
      : `a quiet stream is asked about every ${whenQuiet}, and if all are busy at once, each about every ${whenBusy}`;
  return `${plan} The budget goes where data flows: ${pace}, instead of every ${spell(fastest.everyMs)}. Nothing is lost: Sophos keeps 24 hours.`;
}

/** A pause as a person says it. */
function roughly(ms: Millis): string {
  if (ms < 120_000) return `${Math.ceil(ms / 1_000)} s`;
  return ms < 7_200_000 ? `${Math.ceil(ms / 60_000)} min` : `${Math.ceil(ms / 3_600_000)} h`;
}
