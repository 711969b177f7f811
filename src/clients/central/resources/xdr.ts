import { byKeyOf, byPageOf, listing, type NoQuery, of, querying, reading, triggering, whole } from '../form.ts';
import type { Chosen } from '../shapes/parts.ts';
import type { Canceled, QueryCategory, SavedQueriesQuery, SavedQuery, XdrQuery, XdrRow, XdrRun, XdrRunsQuery } from '../shapes/queries.ts';

/** Queries in the Data Lake (reference, 7.5). runs.ts starts one and waits for it. */
export const xdr = {
  runs: listing('/xdr-query/v1/queries/runs', byPageOf(100), of<XdrRun, XdrRunsQuery>(), 'list the XDR query runs'),
  start: querying('/xdr-query/v1/queries/runs', of<XdrRun, NoQuery, XdrQuery>(), 'start an XDR query run'),
  run: reading('/xdr-query/v1/queries/runs/{runId}', of<XdrRun>(), 'ask how far an XDR query run has come'),
  cancel: triggering('/xdr-query/v1/queries/runs/{runId}/cancel', of<Canceled>(), 'cancel an XDR query run'),
  results: listing('/xdr-query/v1/queries/runs/{runId}/results', { ...byKeyOf(1000), sharesIds: true }, of<XdrRow>(), 'list the results of an XDR query run'),
  categories: listing('/xdr-query/v1/queries/categories', whole, of<QueryCategory, Chosen>(), 'list the XDR query categories'),
  category: reading('/xdr-query/v1/queries/categories/{categoryId}', of<QueryCategory, Chosen>(), 'read an XDR query category'),
  queries: listing('/xdr-query/v1/queries', byPageOf(100), of<SavedQuery, SavedQueriesQuery>(), 'list the XDR queries'),
  query: reading('/xdr-query/v1/queries/{queryId}', of<SavedQuery, Chosen>(), 'read an XDR query'),
};
