/** Every call of the public API, as the client has it: for the documentation, and for the test that counts them. */
import type { Forms } from './bound.ts';
import type { Method } from './form.ts';
import { organizationForms, partnerForms, tenantForms } from './resources/index.ts';

/** One call, and the function that makes it. */
export interface KnownCall {
  /** As in `forTenant(t).endpoints.list`. */
  readonly name: string;
  readonly method: Method;
  readonly path: string;
  readonly does: string;
  /** How a list is paged, and its largest page. */
  readonly paging: { readonly style: 'page' | 'key' | 'cursor' | 'none'; readonly size: number } | null;
  readonly changes: boolean;
}

/** A call that there is no function for, and why. */
export interface RefusedCall {
  readonly method: Method;
  readonly path: string;
  readonly why: string;
}

/** Calls that no form can tell. */
const written: readonly KnownCall[] = [
  { name: '(before others)', method: 'POST', path: '/api/v2/oauth2/token', does: 'get a token, when one is needed', paging: null, changes: false },
  { name: 'whoami', method: 'GET', path: '/whoami/v1', does: 'learn whose credential this is', paging: null, changes: false },
  {
    name: 'siem.events',
    method: 'GET',
    path: '/siem/v1/events',
    does: 'read the events of the last 24 hours',
    paging: { style: 'cursor', size: 1000 },
    changes: false,
  },
  {
    name: 'siem.alerts',
    method: 'GET',
    path: '/siem/v1/alerts',
    does: 'read the alerts of the last 24 hours',
    paging: { style: 'cursor', size: 1000 },
    changes: false,
  },
];

/** Calls that we do not make. */
export const refusedCalls: readonly RefusedCall[] = [];

/** Every call, in the order of the reference. */
export function knownCalls(): readonly KnownCall[] {
  return [...written, ...named('forTenant(t)', tenantForms), ...named('partner', partnerForms), ...named('organization', organizationForms)];
}

function named(owner: string, forms: Forms): readonly KnownCall[] {
  return Object.entries(forms).flatMap(([resource, calls]) =>
    Object.entries(calls).map(([name, { method, path, does, paging, changes }]) => ({
      name: `${owner}.${resource}.${name}`,
      method,
      path,
      does,
      paging: paging && { style: paging.style, size: paging.size },
      changes,
    })),
  );
}
