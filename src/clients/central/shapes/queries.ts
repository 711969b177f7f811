import type { OpenText } from './account.ts';
import type { Actor, ById, Chosen, InstantOrAge, Reference, Searched, Sorted } from './parts.ts';

/** A kind of saved queries, of Live Discover and of the Data Lake (reference, 7.4 and 7.5). */
export interface QueryCategory extends ById {
  readonly name?: string | null;
  readonly code?: string | null;
  readonly description?: string | null;
  readonly icon?: string | null;
  readonly tenant?: { readonly id?: string | null } | null;
  readonly type?: OpenText<'canned' | 'custom'> | null;
  readonly queryCount?: number | null;
  readonly createdAt?: string | null;
  readonly createdBy?: Actor | null;
  readonly updatedAt?: string | null;
  readonly updatedBy?: Actor | null;
}

export type QueryDataType = OpenText<'double' | 'integer' | 'text' | 'dateTime' | 'boolean'>;
export type PivotType = OpenText<'deviceId' | 'deviceName' | 'sophosPid' | 'ipAddress' | 'username' | 'sha256' | 'filePath' | 'registryKey' | 'url'>;

/** In a template it stands between `$$` and `$$`. */
export interface QueryVariable {
  readonly name: string;
  readonly dataType: QueryDataType;
  readonly value?: string | null;
  readonly pivotType?: PivotType | null;
  readonly [field: string]: unknown;
}

/** A saved query, as Central spells it (reference, 7.4 and 7.5). */
export interface SavedQuery extends ById {
  readonly name?: string | null;
  readonly code?: string | null;
  readonly description?: string | null;
  readonly template?: string | null;
  readonly variables?: readonly QueryVariable[] | null;
  readonly supportedOSes?: readonly string[] | null;
  readonly categories?: readonly Reference[] | null;
  readonly performance?: {
    readonly score?: OpenText<'excellent'> | null;
    readonly averageExecutionTimeInMillis?: number | null;
    readonly averageDataTransferredInBytes?: number | null;
  } | null;
  readonly type?: OpenText<'canned' | 'custom'> | null;
  readonly tenant?: { readonly id?: string | null } | null;
  readonly createdAt?: string | null;
  readonly createdBy?: Actor | null;
  readonly updatedAt?: string | null;
  readonly updatedBy?: Actor | null;
}

export interface SavedQueriesQuery extends Searched, Chosen {
  readonly categoryId?: string;
}

export type QueryRunStatus = OpenText<'pending' | 'started' | 'finished' | 'canceled'>;
export type QueryRunResult = OpenText<'notAvailable' | 'succeeded' | 'failed' | 'timedOut' | 'canceled'>;

/** What a run of a query on endpoints, or in the Data Lake, has in common. */
export interface QueryRunState extends ById {
  readonly status?: QueryRunStatus | null;
  readonly result?: QueryRunResult | null;
  readonly name?: string | null;
  readonly template?: string | null;
  readonly category?: (Reference & { readonly code?: string | null }) | null;
  readonly query?: (Reference & { readonly code?: string | null }) | null;
  readonly variables?: readonly QueryVariable[] | null;
  readonly createdAt?: string | null;
  readonly createdBy?: Actor | null;
  readonly finishedAt?: string | null;
  readonly [field: string]: unknown;
}

/** Give `savedQuery` or `adHocQuery`. */
export interface QueryChosen {
  readonly savedQuery?: { readonly queryId: string; readonly categoryId?: string };
  /** A name of up to 300 characters, and SQL of 15 to 50,000. */
  readonly adHocQuery?: { readonly template: string; readonly name?: string };
  readonly variables?: readonly QueryVariable[];
}

/** A run of Live Discover (reference, 7.4). */
export interface LiveDiscoverRun extends QueryRunState {
  readonly maxDurationInSeconds?: number | null;
  readonly timeRemainingInSeconds?: number | null;
  readonly performance?: {
    readonly score?: string | null;
    readonly dataTransferredInBytes?: Readonly<Record<string, unknown>> | null;
    readonly executionTimeInMillis?: Readonly<Record<string, unknown>> | null;
  } | null;
  readonly resultCount?: number | null;
  readonly matchEndpoints?: Readonly<Record<string, unknown>> | null;
  readonly endpointCounts?: {
    readonly total?: number | null;
    readonly types?: Readonly<Record<string, number>> | null;
    readonly platforms?: Readonly<Record<string, number>> | null;
    readonly statuses?: Readonly<Record<string, unknown>> | null;
  } | null;
}

/** A query on endpoints: `all` of them, or those that one of up to five filters finds. */
export interface LiveDiscoverQuery extends QueryChosen {
  readonly matchEndpoints: { readonly all?: boolean; readonly filters?: readonly EndpointFilter[] };
}

/** The filters of the list of endpoints (reference, 6.1), in a body. */
export type EndpointFilter = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface LiveDiscoverRunsQuery extends Sorted, Chosen {
  readonly queryId?: string;
  readonly categoryId?: string;
  readonly status?: readonly QueryRunStatus[];
  readonly result?: readonly QueryRunResult[];
  readonly createdByPrincipalType?: OpenText<'user' | 'service'>;
}

/** How far an endpoint has come with a run. */
export interface LiveDiscoverEndpoint extends ById {
  readonly type?: OpenText<'computer' | 'server'> | null;
  readonly hostname?: string | null;
  readonly status?: QueryRunStatus | null;
  readonly result?: QueryRunResult | null;
  readonly [field: string]: unknown;
}

export interface LiveDiscoverEndpointsQuery extends Sorted, Chosen {
  /** As in `finished:succeeded:withData`. */
  readonly match?: readonly string[];
}

/** One row: the columns of the query, and which endpoint it is from. */
export interface LiveDiscoverRow {
  readonly endpointId?: string | null;
  readonly hostname?: string | null;
  readonly [column: string]: unknown;
}

/** A place outside where a value can be looked up (reference, 7.4). */
export interface EnrichmentPivot {
  /** Of custom ones. */
  readonly id?: string | null;
  readonly tenant?: Reference | null;
  readonly sourceType?: OpenText<'canned' | 'custom'> | null;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly type?: PivotType | null;
  readonly url?: string | null;
  readonly createdAt?: string | null;
  readonly createdBy?: Actor | null;
  readonly updatedAt?: string | null;
  readonly updatedBy?: Actor | null;
}

export interface NewEnrichmentPivot {
  readonly name: string;
  readonly description?: string;
  /** With the value between `$$` and `$$`. */
  readonly url: string;
  readonly type: PivotType;
}

/** A run in the Data Lake (reference, 7.5). */
export interface XdrRun extends QueryRunState {
  readonly from?: string | null;
  readonly to?: string | null;
  readonly expiresAt?: string | null;
  readonly matchEndpoints?: { readonly filters?: readonly unknown[] | null } | null;
}

/** A query in the Data Lake. `from` and `to` are included. */
export interface XdrQuery extends QueryChosen {
  readonly from?: InstantOrAge;
  readonly to?: InstantOrAge;
  /** Up to 1,000 ids. */
  readonly matchEndpoints?: { readonly filters: readonly { readonly ids: readonly string[] }[] };
}

export interface XdrRunsQuery {
  readonly statuses?: readonly QueryRunStatus[];
  readonly order?: OpenText<'asc' | 'desc'>;
}

/** One row: the columns of the query. */
export type XdrRow = Readonly<Record<string, unknown>>;

export interface Canceled {
  readonly canceled?: boolean | null;
}
