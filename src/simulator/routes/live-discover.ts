import { parameterOf } from '../call.ts';
import type { Item } from '../collection.ts';
import { randomFrom } from '../random.ts';
import { json, type Reply } from '../reply.ts';
import { orderOf, wordOf, wordsOf } from './asking.ts';
import { bodyIn, shapedIn } from './body.ts';
import { endpointFilter } from './endpoint-filters.ts';
import { endpointsOf } from './endpoints.ts';
import { adds, changes, type Family, forgets, iso, listsAll, principalIn } from './family.ts';
import { familyOf } from './held.ts';
import { chosen, keyReply, pageReply } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';
import { type Run, resultsOf, runIn, runsIn, startRun, stateOf } from './runs.ts';
import { columnsOf, rowOf, savedQueryRoutes, typeOf, wantedIn } from './saved-queries.ts';

const MOST_SECONDS = 300;
const SHORTEST = 15;
const LIMITS = { minute: 10, day: 500 } as const;
const STATUSES = ['pending', 'started', 'finished', 'canceled'] as const;
const RESULTS = ['notAvailable', 'succeeded', 'failed', 'timedOut', 'canceled'] as const;

/** The endpoints that a run is for: all, or those that fit any of at most five filters. */
function matched(asked: Asked, value: unknown): readonly Item[] {
  const { all, filters } = shapedIn(value, { all: 'flag', filters: 'objects' }, 'matchEndpoints');
  const endpoints = endpointsOf(asked).list();
  if (all === true) return endpoints;
  const wishes = (Array.isArray(filters) ? filters : []).map((filter) => {
    const query = new URLSearchParams();
    for (const [name, wanted] of Object.entries(Object(filter))) query.set(name, Array.isArray(wanted) ? wanted.join(',') : String(wanted));
    return endpointFilter({ ...asked, query });
  });
  if (wishes.length === 0 || wishes.length > 5) throw new Refused(400, 'matchEndpoints takes all, or 1 to 5 filters');
  return endpoints.filter((endpoint) => wishes.some((fits) => fits(endpoint)));
}

function outcomeOf(place: number): { readonly status: string; readonly result: string; readonly data?: string } {
  if (place % 11 === 10) return { status: 'finished', result: 'timedOut' };
  if (place % 17 === 16) return { status: 'finished', result: 'failed' };
  return { status: 'finished', result: 'succeeded', data: place % 4 === 3 ? 'withoutData' : 'withData' };
}

function start(asked: Asked): Reply {
  const body = bodyIn(asked, { savedQuery: 'object', adHocQuery: 'object', variables: 'objects', matchEndpoints: 'object!' });
  const { template, facts } = wantedIn(asked, 'live-discover', body, SHORTEST);
  const endpoints = matched(asked, body.matchEndpoints);
  if (asked.sim.limits.take(`live-discover ${asked.tenant.id}`, LIMITS, asked.now) > 0) return asked.sim.forms.full(429, asked.now);
  const columns = columnsOf(template);
  const random = randomFrom(familyOf(asked, template));
  const rows = endpoints.flatMap((endpoint, place) => {
    if (outcomeOf(place).data !== 'withData') return [];
    return Array.from({ length: 1 + Math.floor(random() * 4) }, () => ({ endpointId: endpoint.id, hostname: endpoint.hostname, ...rowOf(columns, random) }));
  });
  const asTold = { matchEndpoints: body.matchEndpoints, createdBy: principalIn(asked) };
  const kept = { columns, endpoints: endpoints.map(({ id, type, hostname, os }) => ({ id, type, hostname, os })) };
  return json(201, shown(asked, startRun(asked, 'live-discover', { ...facts, ...asTold, ...kept }, rows)));
}

function endpointsIn(run: Run): readonly Item[] {
  return Array.isArray(run.facts.endpoints) ? run.facts.endpoints : [];
}

function shown(asked: Asked, run: Run): Item {
  const { columns: _columns, endpoints: _endpoints, ...facts } = run.facts;
  const state = stateOf(asked, run);
  const endpoints = endpointsIn(run);
  const tally = (of: (endpoint: Item) => unknown) => {
    const counts: Record<string, number> = {};
    for (const endpoint of endpoints) counts[String(of(endpoint))] = (counts[String(of(endpoint))] ?? 0) + 1;
    return counts;
  };
  const isDone = state.finishedAt !== undefined;
  const outcomes = endpoints.map((_, place) => outcomeOf(place));
  const count = (result: string, data?: string) => outcomes.filter((one) => one.result === result && one.data === data).length;
  const succeeded = { withData: count('succeeded', 'withData'), withoutData: count('succeeded', 'withoutData') };
  const finished = { succeeded, failed: count('failed'), timedOut: count('timedOut') };
  const counts = { total: endpoints.length, types: tally(({ type }) => type), platforms: tally(({ os }) => Reflect.get(Object(os), 'platform')) };
  return {
    id: run.id,
    ...facts,
    ...state,
    createdAt: iso(run.createdMs),
    maxDurationInSeconds: MOST_SECONDS,
    timeRemainingInSeconds: isDone ? 0 : Math.max(0, MOST_SECONDS - Math.floor((asked.now - run.createdMs) / 1000)),
    ...(isDone && state.result === 'succeeded' ? { resultCount: run.rows.length } : {}),
    endpointCounts: { ...counts, statuses: isDone ? { finished } : { [state.status]: endpoints.length } },
  };
}

function list(asked: Asked): Reply {
  const [statuses, results] = [wordsOf(asked, 'status', STATUSES), wordsOf(asked, 'result', RESULTS)];
  const principal = wordOf(asked, 'createdByPrincipalType', ['user', 'service']);
  const wanted = { query: parameterOf(asked.query, 'queryId'), category: parameterOf(asked.query, 'categoryId') };
  const order = orderOf(asked, ['id', 'name', 'createdAt', 'finishedAt', 'status', 'result']);
  const kept = runsIn(asked, 'live-discover')
    .map((run) => shown(asked, run))
    .filter((run) => statuses.length === 0 || statuses.includes(String(run.status)))
    .filter((run) => results.length === 0 || results.includes(String(run.result)))
    .filter((run) => principal === undefined || Reflect.get(Object(run.createdBy), 'type') === principal)
    .filter((run) => Object.entries(wanted).every(([field, id]) => id === undefined || Reflect.get(Object(run[field]), 'id') === id));
  return pageReply(asked, order === null ? kept.reverse() : kept.sort(order));
}

function runEndpoints(asked: Asked): Reply {
  const run = runIn(asked, 'live-discover');
  const state = stateOf(asked, run);
  const match = parameterOf(asked.query, 'match');
  if (match !== undefined && !/^[a-zA-Z]+(:[a-zA-Z]+){0,2}$/.test(match)) throw new Refused(400, 'match is not valid');
  const items = endpointsIn(run).map(({ id, type, hostname }, place) => {
    const { status, result, data } = state.finishedAt === undefined ? { ...state, data: undefined } : outcomeOf(place);
    return { item: { id, type, hostname, status, result }, spelled: [status, result, data].filter((word) => word !== undefined).join(':') };
  });
  const fits = (spelled: string) => match === undefined || spelled === match || spelled.startsWith(`${match}:`);
  return pageReply(
    asked,
    items.filter(({ spelled }) => fits(spelled)).map(({ item }) => item),
  );
}

function results(asked: Asked): Reply {
  const run = runIn(asked, 'live-discover');
  const columns = Array.isArray(run.facts.columns) ? run.facts.columns.map(String) : [];
  const metadata = { columns: ['endpointId', 'hostname', ...columns].map((name) => ({ name, type: typeOf(name) })) };
  return resultsOf(asked, run, (rows) => keyReply(asked, rows, { usual: 1000, max: 1000 }, { metadata }));
}

const PIVOT_TYPES = ['deviceId', 'deviceName', 'sophosPid', 'ipAddress', 'username', 'sha256', 'filePath', 'registryKey', 'url'] as const;
const pivots: Family = {
  name: 'enrichment pivots',
  unique: 'name',
  make: ({ tenant }) => [
    {
      id: tenant.id,
      sourceType: 'canned',
      name: 'Sophos Intelix',
      description: 'Reputation of an address.',
      type: 'ipAddress',
      url: 'https://intelix.example.com/$$ipAddress$$',
    },
  ],
};
const PIVOT = { description: 'text', type: PIVOT_TYPES } as const;

function isCanned(_asked: Asked, { sourceType }: Item): void {
  if (sourceType === 'canned') throw new Refused(404);
}

/** Live Discover: queries that run on endpoints. */
export const liveDiscoverRoutes: readonly Route[] = [
  ...savedQueryRoutes('live-discover'),
  route('GET /live-discover/v1/queries/runs', list),
  route('POST /live-discover/v1/queries/runs', start),
  route('GET /live-discover/v1/queries/runs/{runId}', (asked) => json(200, chosen(asked, shown(asked, runIn(asked, 'live-discover'))))),
  route('GET /live-discover/v1/queries/runs/{runId}/endpoints', runEndpoints),
  route('GET /live-discover/v1/queries/runs/{runId}/results', results),
  route('GET /live-discover/v1/enrichment-pivots', listsAll(pivots)),
  route(
    'POST /live-discover/v1/enrichment-pivots',
    adds(pivots, { ...PIVOT, name: 'text!', url: 'text!' }, (asked, body) => {
      if (body.type === undefined) throw new Refused(400, 'type is required');
      const times = { createdAt: iso(asked.now), updatedAt: iso(asked.now) };
      return { tenant: { id: asked.tenant.id, name: asked.tenant.name }, sourceType: 'custom', ...body, createdBy: principalIn(asked), ...times };
    }),
  ),
  route(
    'PATCH /live-discover/v1/enrichment-pivots/{enrichmentPivotId}',
    changes(pivots, 'enrichmentPivotId', { ...PIVOT, name: 'text', url: 'text' }, (asked, body, item) => {
      isCanned(asked, item);
      return { ...body, updatedBy: principalIn(asked) };
    }),
  ),
  route('DELETE /live-discover/v1/enrichment-pivots/{enrichmentPivotId}', forgets(pivots, 'enrichmentPivotId', isCanned)),
];
