import type { Item } from '../collection.ts';
import { randomFrom } from '../random.ts';
import { json, type Reply } from '../reply.ts';
import { durationOf, instantOf, isUuid, wordOf, wordsOf } from './asking.ts';
import { bodyIn, shapedIn } from './body.ts';
import { endpointsOf } from './endpoints.ts';
import { iso, principalIn } from './family.ts';
import { familyOf } from './held.ts';
import { chosen, keyReply, pageReply } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';
import { cancelRun, RUN_LIFE_MS, type Run, resultsOf, runIn, runsIn, startRun, stateOf } from './runs.ts';
import { columnsOf, rowOf, savedQueryRoutes, typeOf, wantedIn } from './saved-queries.ts';

const DAY_MS = 86_400_000;
const KEPT_MS = 90 * DAY_MS;
const SHORTEST = 1;
const STATUSES = ['pending', 'started', 'finished', 'canceled'] as const;
const MOST_IDS = 1000;

/** An instant, a date, or a duration from now. */
function momentIn(body: Item, key: string, now: number, usual: number): number {
  if (body[key] === undefined) return usual;
  const text = String(body[key]);
  const relative = durationOf(text);
  const at = relative !== null ? now + relative : /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : instantOf(text);
  if (at === null || Number.isNaN(at)) throw new Refused(400, `${key} is neither a time, a date nor a duration`);
  return at;
}

/** Only of these devices; all when there are no filters. */
function idsIn(value: unknown): ReadonlySet<string> | null {
  if (value === undefined) return null;
  const { filters } = shapedIn(value, { all: 'flag', filters: 'objects' }, 'matchEndpoints');
  const ids = (Array.isArray(filters) ? filters : []).flatMap((filter) => Reflect.get(Object(filter), 'ids') ?? []);
  if (ids.length > MOST_IDS || !ids.every(isUuid)) throw new Refused(400, `ids takes 1 to ${MOST_IDS} UUIDs`);
  return ids.length === 0 ? null : new Set(ids.map(String));
}

function start(asked: Asked): Reply {
  const shape = { savedQuery: 'object', adHocQuery: 'object', variables: 'objects', matchEndpoints: 'object', from: 'text', to: 'text' } as const;
  const body = bodyIn(asked, shape);
  const { template, facts } = wantedIn(asked, 'xdr-query', body, SHORTEST);
  const to = momentIn(body, 'to', asked.now, asked.now);
  const from = momentIn(body, 'from', asked.now, to - DAY_MS);
  if (from > to || from < asked.now - KEPT_MS) throw new Refused(400, 'from and to are no stretch of the last 90 days');
  const ids = idsIn(body.matchEndpoints);
  const columns = columnsOf(template);
  const random = randomFrom(familyOf(asked, template));
  const limit = Number(/\blimit\s+(\d{1,9})\b/i.exec(template)?.[1] ?? 100_000);
  const endpoints = endpointsOf(asked)
    .list()
    .filter(({ id }) => ids?.has(String(id)) ?? true);
  const rows = endpoints.flatMap(({ id, hostname }) =>
    Array.from({ length: 1 + Math.floor(random() * 5) }, () => ({ meta_endpoint_id: id, meta_hostname: hostname, ...rowOf(columns, random) })),
  );
  const matched = body.matchEndpoints === undefined ? {} : { matchEndpoints: body.matchEndpoints };
  const more = { ...matched, from: iso(from), to: iso(to), createdBy: principalIn(asked), columns };
  return json(201, shown(asked, startRun(asked, 'xdr-query', { ...facts, ...more }, rows.slice(0, limit))));
}

function shown(asked: Asked, run: Run): Item {
  const { columns: _columns, ...facts } = run.facts;
  return { id: run.id, ...facts, createdAt: iso(run.createdMs), expiresAt: iso(run.createdMs + RUN_LIFE_MS), ...stateOf(asked, run) };
}

function list(asked: Asked): Reply {
  const statuses = wordsOf(asked, 'statuses', STATUSES);
  const order = wordOf(asked, 'order', ['asc', 'desc']) ?? 'asc';
  const kept = runsIn(asked, 'xdr-query')
    .map((run) => shown(asked, run))
    .filter((run) => statuses.length === 0 || statuses.includes(String(run.status)));
  return pageReply(asked, order === 'desc' ? kept.reverse() : kept);
}

function results(asked: Asked): Reply {
  const run = runIn(asked, 'xdr-query');
  const columns = Array.isArray(run.facts.columns) ? run.facts.columns.map(String) : [];
  const metadata = { columns: ['meta_endpoint_id', 'meta_hostname', ...columns].map((name) => ({ name, type: typeOf(name) })) };
  // Totals are not to be had here.
  const query = new URLSearchParams(asked.query);
  query.delete('pageTotal');
  return resultsOf(asked, run, (rows) => keyReply({ ...asked, query }, rows, { usual: 50, max: 1000 }, { metadata }));
}

function cancel(asked: Asked): Reply {
  bodyIn(asked, {});
  cancelRun(asked, 'xdr-query');
  return json(200, { canceled: true });
}

/** XDR Query: queries over what the data lake keeps. */
export const xdrQueryRoutes: readonly Route[] = [
  ...savedQueryRoutes('xdr-query'),
  route('GET /xdr-query/v1/queries/runs', list),
  route('POST /xdr-query/v1/queries/runs', start),
  route('GET /xdr-query/v1/queries/runs/{runId}', (asked) => json(200, chosen(asked, shown(asked, runIn(asked, 'xdr-query'))))),
  route('POST /xdr-query/v1/queries/runs/{runId}/cancel', cancel),
  route('GET /xdr-query/v1/queries/runs/{runId}/results', results),
];
