/** What `check` counts in the connector's own journal. */
import type { Store } from '../../core/store.ts';
import type { Millis } from '../../core/types.ts';
import type { Standing } from '../status/standing.ts';
import type { Count } from './estate.ts';

export const connectorFigures = ['idle', 'waiting', 'oldest_waiting', 'failing', 'dead_letters', 'gaps'] as const;
/** Figures in seconds. */
export const inSeconds: readonly string[] = ['idle', 'oldest_waiting'];

const day: Millis = 86_400_000;

/** Counts what is wrong with reading and delivering. Gaps are those that were found within a day: older ones are known. */
export async function countConnector(store: Store, { streams, routes, tenants, deadLetters }: Standing, now: Millis): Promise<Count> {
  const asked = streams.flatMap(({ askedAt }) => (askedAt === null ? [] : [Date.parse(askedAt)]));
  const lastAsked = asked.reduce((newest, each) => Math.max(newest, each), Number.NEGATIVE_INFINITY);
  const aside = new Set(tenants.filter((tenant) => tenant.aside !== null).map(({ id }) => id));
  const failing = [
    ...streams.flatMap(({ tenant, stream, error }) => (error === null || aside.has(tenant.id) ? [] : [`${tenant.name}, ${stream}: ${error}`])),
    ...routes.flatMap(({ route, error }) => (error === null ? [] : [`route ${route}: ${error}`])),
  ];
  const gaps = (await store.ledger.gaps()).filter(({ foundAt }) => foundAt > now - day);
  const oldest = Math.max(0, ...routes.map(({ oldestWaitingAgeMs }) => oldestWaitingAgeMs ?? 0));
  const figures = new Map<string, number>([
    ['idle', asked.length === 0 ? 0 : Math.max(0, Math.round((now - lastAsked) / 1000))],
    ['waiting', routes.reduce((sum, { waiting }) => sum + waiting, 0)],
    ['oldest_waiting', Math.round(oldest / 1000)],
    ['failing', failing.length],
    ['dead_letters', deadLetters],
    ['gaps', gaps.length],
  ]);
  const lines = [...failing, ...gaps.map(({ origin, reason }) => `${origin.tenant.name}, ${origin.stream}: ${reason}`)];
  return { figures, details: lines.map((text) => ({ isUrgent: true, text })) };
}
