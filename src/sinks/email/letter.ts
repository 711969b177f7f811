import { countsOf, type Fact, rankOf, tenantName } from './facts.ts';
import { counted } from './words.ts';

/** What a mail says, before it is laid out. */
export interface Letter {
  readonly headline: string;
  /** Sums over all records, one line each. */
  readonly totals: readonly { readonly title: string; readonly text: string }[];
  readonly tenants: readonly { readonly name: string; readonly count: number; readonly facts: readonly Fact[] }[];
  /** What is not listed, and where it is. */
  readonly more: string | null;
  readonly footer: string;
}

export interface LetterInput {
  readonly facts: readonly Fact[];
  readonly listed: readonly Fact[];
  /** Of the attached records; null without. */
  readonly attachment: string | null;
  /** The sink that sends it. */
  readonly sink: string;
}

/** Kinds that a line of sums names before it says "and N others". */
const mostNamed = 20;

/** Together, whatever `maxRecords` says: hostile records could fill hundreds of megabytes otherwise. */
const mostCharacters = 1_000_000;

/** The facts that a mail lists: when there are too many the most severe, in the order in which they came. */
export function choose(facts: readonly Fact[], most: number): readonly Fact[] {
  const ranked = facts.map((fact, i) => ({ fact, i })).sort((a, b) => rankOf(b.fact.severity) - rankOf(a.fact.severity) || a.i - b.i);
  let room = mostCharacters;
  const chosen = ranked.slice(0, most).filter(({ fact }) => {
    room -= lengthOf(fact);
    return room > 0;
  });
  return chosen.sort((a, b) => a.i - b.i).map(({ fact }) => fact);
}

function lengthOf({ severity, type, host, user, name }: Fact): number {
  return severity.length + type.length + host.length + user.length + name.length + 30;
}

export function letterOf({ facts, listed, attachment, sink }: LetterInput): Letter {
  const ids = new Map<string, { name: string; count: number; facts: Fact[] }>();
  for (const fact of facts) {
    const { id } = fact.origin.tenant;
    const tenant = ids.get(id) ?? { name: tenantName(fact.origin), count: 0, facts: [] };
    // The newest name counts.
    tenant.name = tenantName(fact.origin);
    tenant.count++;
    ids.set(id, tenant);
  }
  for (const fact of listed) ids.get(fact.origin.tenant.id)?.facts.push(fact);
  const tenants = [...ids.values()];
  const rest = facts.length - listed.length;
  const where = attachment === null ? '' : ` All of them are attached as ${attachment}.`;
  return {
    headline: `${counted(facts.length, 'record')} of ${tenants.length === 1 ? (tenants[0]?.name ?? '') : counted(tenants.length, 'tenant')}${spanOf(facts)}`,
    totals: [
      { title: 'Severity', text: sums(severityCounts(facts), 'severities') },
      { title: 'Type', text: sums(countsOf(facts.map(({ type }) => type || 'no type')), 'types') },
      ...(tenants.length === 1
        ? []
        : [
            {
              title: 'Tenant',
              text: sums(
                tenants.map(({ name, count }) => [name, count] as const).sort(([, m], [, n]) => n - m),
                'tenants',
              ),
            },
          ]),
    ],
    tenants: tenants.filter((tenant) => tenant.facts.length > 0),
    more: rest > 0 ? `and ${rest} more${listed.length > 0 ? '; the most severe are listed' : ''}.${where}` : attachment === null ? null : where.trim(),
    footer: `Sent by sophos-central-connector, sink ${sink}. Times are UTC.`,
  };
}

function severityCounts(facts: readonly Fact[]): readonly (readonly [string, number])[] {
  return [...countsOf(facts.map(({ severity }) => severity))]
    .sort(([a], [b]) => rankOf(b) - rankOf(a))
    .map(([severity, count]) => [severity || 'no severity', count] as const);
}

function sums(counts: readonly (readonly [string, number])[], others: string): string {
  const named = counts.slice(0, mostNamed).map(([value, count]) => `${count} ${value}`);
  const rest = counts.slice(mostNamed);
  return [...named, ...(rest.length === 0 ? [] : [`${rest.reduce((sum, [, count]) => sum + count, 0)} of ${rest.length} other ${others}`])].join(', ');
}

function spanOf(facts: readonly Fact[]): string {
  const times = facts
    .map(({ time }) => time)
    .filter((time) => time !== '')
    .sort();
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return '';
  return first === last ? `, ${first}` : `, ${first} to ${last}`;
}
