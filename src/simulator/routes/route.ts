import type { Call } from '../call.ts';
import type { SimulatedTenant } from '../estate.ts';
import type { Twist } from '../faults.ts';
import type { Reply } from '../reply.ts';
import type { Simulation } from '../state.ts';

/** One request that has passed token, limits and tenant, and what its answer may look at. */
export interface Asked {
  readonly sim: Simulation;
  readonly call: Call;
  /** Whose estate it is about. Of the scopes `partner` and `organization` there is none: it is the account's first, and not to be looked at. */
  readonly tenant: SimulatedTenant;
  /** What stood in the place of `{...}` in the path, decoded. */
  readonly ids: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The body's JSON; `undefined` when there was none. A body that is no JSON never comes here. */
  readonly body: unknown;
  /** The simulator's time. */
  readonly now: number;
  /** How a list departs from the plain one, when a fault says so. */
  readonly twist: Twist;
}

/** Thrown by whatever finds that a request cannot be served; the answer is form A of that status. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message?: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Whose headers a call must carry.
 *
 * `tenant`        data region: `X-Tenant-ID` of a tenant that the account may see
 * `global-tenant` the same on the global host (licences, access tokens)
 * `partner`       `X-Partner-ID`, of a partner's credential only
 * `organization`  `X-Organization-ID`, of an organization's credential only
 * `any`           `X-Tenant-ID` or `X-Partner-ID`
 */
export type Scope = 'tenant' | 'global-tenant' | 'partner' | 'organization' | 'any';

/** One method of one path, such as `GET /endpoint/v1/endpoints/{endpointId}`. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly scope: Scope;
  answer(asked: Asked): Reply;
}

/** Declares a route; without a scope it is a tenant's. */
export function route(what: `${Route['method']} /${string}`, answer: Route['answer'], scope: Scope = 'tenant'): Route {
  const [method, path] = what.split(' ') as [Route['method'], string];
  return { method, path, scope, answer };
}
