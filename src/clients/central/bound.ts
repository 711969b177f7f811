/** Makes functions of forms (see form.ts): bound to the one whose data they are about. */
import { Failure } from '../../core/failure.ts';
import type { Json } from '../../core/types.ts';
import { quoted } from '../quoted.ts';
import { badBody, jsonOf } from '../request.ts';
import type { Call, Caller } from './caller.ts';
import type { ActForm, CallForm, ListForm, ReadForm } from './form.ts';
import { List, type PageSizes } from './list.ts';

/** Beside the query: how a call is made. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ListOptions extends CallOptions {
  /** Items per page; default: the most that Central allows. */
  readonly pageSize?: number | undefined;
  /** Should Central count? Then `info` of a first page tells how many pages and items there are, where the list can. */
  readonly pageTotal?: boolean | undefined;
}

/** One text for each placeholder of the path. */
type Ids<Path extends string> = Path extends `${string}{${string}}${infer Rest}` ? [id: string, ...Ids<Rest>] : [];

/** The last argument; it may be left out unless the query has a parameter that must be there. */
type Rest<Query, Options> = Readonly<Record<never, never>> extends Query ? [query?: Query & Options] : [query: Query & Options];

/** The function that a form becomes. */
export type Bound<Form> =
  Form extends ListForm<infer P, infer T, infer Q, infer B>
    ? B extends undefined
      ? (...args: [...Ids<P>, ...Rest<Q, ListOptions>]) => List<T>
      : (...args: [...Ids<P>, body: B, ...Rest<Q, ListOptions>]) => List<T>
    : Form extends ReadForm<infer P, infer R, infer Q>
      ? (...args: [...Ids<P>, ...Rest<Q, CallOptions>]) => Promise<R>
      : Form extends ActForm<infer P, infer R, infer Q, infer B>
        ? B extends undefined
          ? (...args: [...Ids<P>, ...Rest<Q, CallOptions>]) => Promise<R>
          : (...args: [...Ids<P>, body: B, ...Rest<Q, CallOptions>]) => Promise<R>
        : never;

/** Forms by the name of their function, and those by the name of what they are about. */
export type Forms = Readonly<Record<string, Readonly<Record<string, CallForm>>>>;

export type BoundForms<F extends Forms> = { readonly [Resource in keyof F]: { readonly [Name in keyof F[Resource]]: Bound<F[Resource][Name]> } };

/** Whose calls they are. */
export interface Bearer {
  readonly caller: Caller;
  readonly sizes: PageSizes;
  /** As in `of tenant Acme (a7d3...)`. */
  readonly whose: string;
  /** Counts for that tenant's own limits, and adds `X-Tenant-ID`. */
  readonly tenantId?: string;
  /** The base of calls to that place; throws when it has none. */
  baseOf(form: CallForm): string;
  /** Headers that have to be learnt first. */
  headers?(signal: AbortSignal | undefined): Promise<Readonly<Record<string, string>>>;
}

/** Binds every form. Nothing is asked until a function is called. */
export function bind<F extends Forms>(forms: F, bearer: Bearer): BoundForms<F> {
  const resources = Object.entries(forms).map(([resource, calls]) => [
    resource,
    Object.fromEntries(Object.entries(calls).map(([name, form]) => [name, (...args: readonly unknown[]) => made(form, bearer, args)])),
  ]);
  return Object.fromEntries(resources) as BoundForms<F>;
}

function made(form: CallForm, bearer: Bearer, args: readonly unknown[]): List<unknown> | Promise<unknown> {
  if (form.kind !== 'list') return ask(form, bearer, args);
  const { paging } = form as ListForm<string, unknown, unknown, unknown>;
  const { pageSize, pageTotal } = optionsOf(form, args);
  if (pageSize !== undefined && !(Number.isSafeInteger(pageSize) && pageSize > 0)) throw unfit(form, 'pageSize', 'is no number of items');
  const { caller, sizes } = headed(bearer);
  return new List({ caller, call: callOf(form, bearer, args), path: form.path, paging, sizes, pageSize, pageTotal });
}

async function ask(form: CallForm, bearer: Bearer, args: readonly unknown[]): Promise<unknown> {
  return await headed(bearer).caller.call(callOf(form, bearer, args), ({ reply, ask }) => {
    // What was done without a word, was done.
    const answer = form.changes && reply.body.length === 0 ? null : jsonOf(reply, ask);
    if (typeof answer === 'object' && answer !== null) return answer;
    if (form.changes) return {};
    throw badBody(ask, reply, 'the answer is no object');
  });
}

/** A bearer whose caller adds the headers that have to be learnt. */
function headed(bearer: Bearer): Bearer {
  const { caller, headers } = bearer;
  if (!headers) return bearer;
  const learnt = async (call: Call): Promise<Call> => ({ ...call, headers: { ...call.headers, ...(await headers(call.signal)) } });
  return {
    ...bearer,
    caller: {
      hosts: caller.hosts,
      now: () => caller.now(),
      call: async (call, read) => await caller.call(await learnt(call), read),
      json: async (call) => await caller.json(await learnt(call)),
    },
  };
}

function callOf(form: CallForm, bearer: Bearer, args: readonly unknown[]): Call {
  const names = placeholders(form);
  const body = form.sends === 'body' ? (args[names.length] ?? {}) : form.sends === 'empty' ? {} : undefined;
  const { signal, pageSize: _, pageTotal: __, ...query } = optionsOf(form, args);
  for (const name of form.needs ?? []) if (query[name] === undefined || query[name] === null || query[name] === '') throw unfit(form, name, 'is missing');
  return {
    method: form.method,
    base: bearer.baseOf(form),
    path: names.reduce((path, name, i) => path.replace(`{${name}}`, () => idIn(form, name, args[i])), form.path),
    query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, inQuery(form, name, value)])),
    ...(body === undefined ? {} : { body: body as Json }),
    ...(bearer.tenantId === undefined ? {} : { tenantId: bearer.tenantId }),
    isSafe: !form.changes,
    purpose: `to ${form.does}${bearer.whose === '' ? '' : ` ${bearer.whose}`}`,
    signal,
  };
}

/** The last argument: behind the ids, and behind the body if there is one. */
function optionsOf(form: CallForm, args: readonly unknown[]): ListOptions & Readonly<Record<string, unknown>> {
  return (args[placeholders(form).length + (form.sends === 'body' ? 1 : 0)] ?? {}) as ListOptions & Readonly<Record<string, unknown>>;
}

function placeholders({ path }: CallForm): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1] as string);
}

/** What stands in a path must stay in its place: nothing empty, no dots that lead elsewhere, no half of a character. */
function idIn(form: CallForm, name: string, value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  if (text !== '' && !/^\.{1,2}$|\p{Cs}/u.test(text)) return encodeURIComponent(text);
  throw new Failure('rejected', 'central.bad-id', `To ${form.does}, an id is needed: ${quoted(text)} is none (\`${name}\`)`, {
    advice: 'Give the id as Central shows it.',
  });
}

/** As it stands in the query. A filter of no values is left out; a list of no ids would then mean everything, and is refused. */
function inQuery(form: CallForm, name: string, value: unknown): string | number | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) {
    const texts = value.map((each) => String(inQuery(form, name, each) ?? ''));
    if (/^ids$|Ids$/.test(name) || form.needs?.includes(name)) {
      if (texts.length === 0) throw unfit(form, name, 'is empty, which Central would take for everything');
      if (texts.some((text) => text === '' || text.includes(','))) throw unfit(form, name, 'holds what is no id');
    }
    return texts.length === 0 ? undefined : texts.join(',');
  }
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw unfit(form, name, 'is no time');
    return value.toISOString();
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw unfit(form, name, 'is no number');
  return typeof value === 'number' ? value : String(value);
}

function unfit(form: CallForm, name: string, seen: string): Failure {
  return new Failure('rejected', 'central.bad-parameter', `To ${form.does}, \`${name}\` ${seen}`, {
    advice: 'Give a value that the call can have, or leave the parameter out.',
  });
}
