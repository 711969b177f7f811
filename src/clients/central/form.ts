/**
 * The forms of calls: one line says everything about one call of Central's API, for the client, its types and its documentation.
 *
 *     list: listing('/endpoint/v1/endpoints', byKey(500), of<Endpoint, EndpointQuery>(), 'list the endpoints'),
 *     scan: triggering('/endpoint/v1/endpoints/{endpointId}/scans', of<ScanRequest>(), 'start a scan of an endpoint'),
 *
 * bound.ts makes functions of them: the placeholders of the path come first, then the body if there is one, then query and options.
 */

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** How a list is paged, and the largest page that is known to be allowed. */
export interface Paging {
  readonly style: 'page' | 'key' | 'none';
  readonly size: number;
  /** Where page and size are told. */
  readonly in: 'query' | 'body';
  /** The array in the reply. */
  readonly list: string;
  /** Different items may bear one id: they are told apart by all of their text. */
  readonly sharesIds?: true;
}

/**
 * Where a call goes, and whose it is.
 *
 * `region`  the tenant's data region, with its `X-Tenant-ID`
 * `global`  the global host; with the tenant's `X-Tenant-ID`, or the account's header where it is bound to the account
 */
export type Place = 'region' | 'global';

/** Everything that is known of a call before it is made. */
export interface CallForm {
  readonly kind: 'list' | 'read' | 'act';
  readonly method: Method;
  /** With placeholders, such as `/endpoint/v1/endpoints/{endpointId}`. */
  readonly path: string;
  readonly place: Place;
  /** As in `list the endpoints`. */
  readonly does: string;
  readonly sends: 'nothing' | 'empty' | 'body';
  /** May it change something in Central? A search is a POST that changes nothing. */
  readonly changes: boolean;
  readonly paging: Paging | null;
  /** Parameters without which it would mean everything: nothing is asked when one is missing or empty. */
  readonly needs?: readonly string[];
}

declare const typed: unique symbol;

/** The types of a call: nothing at run time. */
export interface Typed<Answer, Query, Body> {
  readonly [typed]?: { readonly answer: Answer; readonly query: Query; readonly body: Body };
}

/** No parameters but those in the path. */
export type NoQuery = Readonly<Record<never, never>>;

export interface ListForm<Path extends string, Item, Query, Body> extends CallForm, Typed<Item, Query, Body> {
  readonly kind: 'list';
  readonly path: Path;
  readonly paging: Paging;
}

export interface ReadForm<Path extends string, Answer, Query> extends CallForm, Typed<Answer, Query, undefined> {
  readonly kind: 'read';
  readonly path: Path;
}

export interface ActForm<Path extends string, Answer, Query, Body> extends CallForm, Typed<Answer, Query, Body> {
  readonly kind: 'act';
  readonly path: Path;
}

/** What a call answers, which query it takes, and which body. */
export function of<Answer, Query = NoQuery, Body = undefined>(): Typed<Answer, Query, Body> {
  return {};
}

/** `page=1, 2, 3 ...` (reference, 8.1). */
export function byPageOf(size: number): Paging {
  return { style: 'page', size, in: 'query', list: 'items' };
}

/** `pageFromKey=...` (reference, 8.2). */
export function byKeyOf(size: number): Paging {
  return { style: 'key', size, in: 'query', list: 'items' };
}

/** `pageFromKey` in the JSON body. */
export function byBodyKeyOf(size: number): Paging {
  return { style: 'key', size, in: 'body', list: 'items' };
}

/** `page` in the JSON body. */
export function byBodyPageOf(size: number): Paging {
  return { style: 'page', size, in: 'body', list: 'items' };
}

/** All at once (reference, 8.4). */
export const whole: Paging = { style: 'none', size: 0, in: 'query', list: 'items' };

/** All at once, in an array of another name. */
export function wholeIn(list: string): Paging {
  return { ...whole, list };
}

/** A list, read with GET. */
export function listing<const P extends string, T, Q>(path: P, paging: Paging, _: Typed<T, Q, undefined>, does: string): ListForm<P, T, Q, undefined> {
  return { kind: 'list', method: 'GET', path, place: 'region', does, sends: 'nothing', changes: false, paging };
}

/** A list that is searched with POST and a body; it changes nothing. */
export function searching<const P extends string, T, Q, B>(path: P, paging: Paging, _: Typed<T, Q, B>, does: string): ListForm<P, T, Q, B> {
  return { kind: 'list', method: 'POST', path, place: 'region', does, sends: 'body', changes: false, paging };
}

/** One answer, read with GET. */
export function reading<const P extends string, R, Q>(path: P, _: Typed<R, Q, undefined>, does: string): ReadForm<P, R, Q> {
  return { kind: 'read', method: 'GET', path, place: 'region', does, sends: 'nothing', changes: false, paging: null };
}

/** A call with a body that changes something. */
export function acting<const P extends string, R, Q, B>(method: Exclude<Method, 'GET'>, path: P, _: Typed<R, Q, B>, does: string): ActForm<P, R, Q, B> {
  return { kind: 'act', method, path, place: 'region', does, sends: 'body', changes: true, paging: null };
}

/** A POST with a body that starts a search or a run: it changes nothing in the estate. */
export function querying<const P extends string, R, Q, B>(path: P, _: Typed<R, Q, B>, does: string): ActForm<P, R, Q, B> {
  return { ...acting('POST', path, _, does), changes: false };
}

/** A POST without a word of its own: Central wants an empty object (reference, 0.3). */
export function triggering<const P extends string, R, Q>(path: P, _: Typed<R, Q, undefined>, does: string): ActForm<P, R, Q, undefined> {
  return { kind: 'act', method: 'POST', path, place: 'region', does, sends: 'empty', changes: true, paging: null };
}

/** A PUT without a body: what is to be set stands in the query. */
export function setting<const P extends string, R, Q>(path: P, _: Typed<R, Q, undefined>, does: string): ActForm<P, R, Q, undefined> {
  return { kind: 'act', method: 'PUT', path, place: 'region', does, sends: 'nothing', changes: true, paging: null };
}

/** A DELETE without a body. */
export function removing<const P extends string, R, Q>(path: P, _: Typed<R, Q, undefined>, does: string): ActForm<P, R, Q, undefined> {
  return { kind: 'act', method: 'DELETE', path, place: 'region', does, sends: 'nothing', changes: true, paging: null };
}

/** The same call, which is not sent without these words of its query. */
export function needing<F extends CallForm>(form: F, ...needs: readonly string[]): F {
  return { ...form, needs };
}

/** The same call on the global host. */
export function globally<F extends CallForm>(form: F): F {
  return { ...form, place: 'global' };
}
