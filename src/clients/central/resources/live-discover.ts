import { acting, byKeyOf, byPageOf, listing, type NoQuery, of, querying, reading, removing, whole } from '../form.ts';
import type { Chosen, Deleted, Sorted } from '../shapes/parts.ts';
import type {
  EnrichmentPivot,
  LiveDiscoverEndpoint,
  LiveDiscoverEndpointsQuery,
  LiveDiscoverQuery,
  LiveDiscoverRow,
  LiveDiscoverRun,
  LiveDiscoverRunsQuery,
  NewEnrichmentPivot,
  QueryCategory,
  SavedQueriesQuery,
  SavedQuery,
} from '../shapes/queries.ts';

/** Queries that run on endpoints (reference, 7.4). runs.ts starts one and waits for it. */
export const liveDiscover = {
  categories: listing('/live-discover/v1/queries/categories', whole, of<QueryCategory, Chosen>(), 'list the Live Discover categories'),
  category: reading('/live-discover/v1/queries/categories/{categoryId}', of<QueryCategory, Chosen>(), 'read a Live Discover category'),
  queries: listing('/live-discover/v1/queries', byPageOf(100), of<SavedQuery, SavedQueriesQuery>(), 'list the Live Discover queries'),
  query: reading('/live-discover/v1/queries/{queryId}', of<SavedQuery, Chosen>(), 'read a Live Discover query'),
  runs: listing('/live-discover/v1/queries/runs', byPageOf(100), of<LiveDiscoverRun, LiveDiscoverRunsQuery>(), 'list the Live Discover runs'),
  start: querying('/live-discover/v1/queries/runs', of<LiveDiscoverRun, NoQuery, LiveDiscoverQuery>(), 'start a Live Discover run'),
  run: reading('/live-discover/v1/queries/runs/{runId}', of<LiveDiscoverRun, Chosen>(), 'ask how far a Live Discover run has come'),
  endpoints: listing(
    '/live-discover/v1/queries/runs/{runId}/endpoints',
    byPageOf(100),
    of<LiveDiscoverEndpoint, LiveDiscoverEndpointsQuery>(),
    'list the endpoints of a Live Discover run',
  ),
  results: listing(
    '/live-discover/v1/queries/runs/{runId}/results',
    { ...byKeyOf(1000), sharesIds: true },
    of<LiveDiscoverRow, Sorted>(),
    'list the results of a Live Discover run',
  ),
};

/** Places outside where values of queries can be looked up (reference, 7.4). */
export const enrichmentPivots = {
  list: listing('/live-discover/v1/enrichment-pivots', whole, of<EnrichmentPivot>(), 'list the enrichment pivots'),
  create: acting('POST', '/live-discover/v1/enrichment-pivots', of<EnrichmentPivot, NoQuery, NewEnrichmentPivot>(), 'create an enrichment pivot'),
  update: acting(
    'PATCH',
    '/live-discover/v1/enrichment-pivots/{enrichmentPivotId}',
    of<EnrichmentPivot, NoQuery, Partial<NewEnrichmentPivot>>(),
    'change an enrichment pivot',
  ),
  delete: removing('/live-discover/v1/enrichment-pivots/{enrichmentPivotId}', of<Deleted>(), 'delete an enrichment pivot'),
};
