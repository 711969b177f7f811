/** Endpoints: the list, one, and their deletion (reference, sections 6.1 to 6.3). */
import type { Collection, Item } from '../collection.ts';
import { json } from '../reply.ts';
import { orderOf, pathId, wordOf } from './asking.ts';
import { bodyIn, textsIn } from './body.ts';
import { endpointFilter } from './endpoint-filters.ts';
import { endpointsMade } from './endpoint-made.ts';
import { collectionOf, type Holder } from './held.ts';
import { byPlaceIn, chosen, keyReply, keysIn, type Order } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const SIZES = { usual: 50, max: 500 };
const BASIC = ['id', 'type', 'tenant', 'hostname'];
/** Shown in the full view only. */
const FULL_ONLY = ['serialNumber', 'tamperProtectionSupported', 'lastOsUpdateAt', 'lastAgentUpdateAt', 'cloud', 'cloned'];
const SORTED = ['id', 'type', 'hostname', 'lastSeenAt', 'lastOsUpdateAt', 'lastAgentUpdateAt', 'serialNumber'];
/** Of so many endpoints one has the odd booleans. */
const ODD_EVERY = 12;

/** The endpoints of an estate, with whatever has reached them by now. */
export function endpointsOf(holder: Holder): Collection {
  const endpoints = collectionOf(holder, 'endpoints', () => endpointsMade(holder));
  settle(holder, endpoints);
  return endpoints;
}

/** What was ordered reaches an endpoint later; each order waits in a collection of its own until its time. */
function settle({ sim, tenant }: Holder, endpoints: Collection): void {
  const pending = tenant.collections.get('isolation-pending');
  if (pending === undefined || pending.size === 0) return;
  const now = sim.clock.now();
  for (const { id, dueAt, enabled } of pending.list()) {
    if (Number(dueAt) > now) continue;
    pending.remove(String(id));
    const endpoint = endpoints.get(String(id));
    if (endpoint === undefined) continue;
    const own = (endpoint.isolation ?? {}) as Item;
    const isIsolated = enabled === true || own.selfIsolated === true;
    endpoints.put({ ...endpoint, isolation: { ...own, status: isIsolated ? 'isolated' : 'notIsolated', adminIsolated: enabled === true } });
  }
}

/** The endpoint that the path names. */
export function endpointIn(asked: Asked): Item {
  const endpoint = endpointsOf(asked).get(pathId(asked, 'endpointId'));
  if (endpoint === undefined) throw new Refused(404);
  return endpoint;
}

/** What a view shows of an endpoint. */
export function viewOf(asked: Asked, usual = 'summary'): (endpoint: Item) => Item {
  const view = wordOf(asked, 'view', ['basic', 'summary', 'full']) ?? usual;
  const endpoints = endpointsOf(asked);
  return (endpoint) => {
    const shown = asked.sim.settings.oddBooleans && (endpoints.placeOf(String(endpoint.id)) ?? 1) % ODD_EVERY === 0 ? odd(endpoint) : endpoint;
    if (view === 'full') return shown;
    return Object.fromEntries(Object.entries(shown).filter(([key]) => (view === 'basic' ? BASIC.includes(key) : !FULL_ONLY.includes(key))));
  };
}

/** Booleans as recorded data have them here and there: texts that begin with a capital. */
function odd(endpoint: Item): Item {
  const spelled = (value: unknown) => (value === true ? 'True' : value === false ? 'False' : value);
  const os = endpoint.os as Item | undefined;
  return { ...endpoint, tamperProtectionEnabled: spelled(endpoint.tamperProtectionEnabled), ...(os && { os: { ...os, isServer: spelled(os.isServer) } }) };
}

/** The order of a list of endpoints that `sort` asks for; equals stay as they are. */
export function endpointOrder(asked: Asked, endpoints: Collection): Order {
  const place = byPlaceIn(endpoints);
  const wanted = orderOf(asked, SORTED);
  return wanted === null ? place : (a, b) => wanted(a, b) || place(a, b);
}

/** A page of endpoints. */
export function endpointPage(asked: Asked, passes: (endpoint: Item) => boolean) {
  const endpoints = endpointsOf(asked);
  const order = endpointOrder(asked, endpoints);
  const found = endpoints.list().filter(passes);
  if (asked.query.has('sort')) found.sort(order);
  return keyReply(asked, found, SIZES, {}, { keys: keysIn(endpoints, order), show: viewOf(asked) });
}

/** Deletes an endpoint, if there is one. */
function removeEndpoint(asked: Asked, id: string): boolean {
  return endpointsOf(asked).remove(id);
}

export const endpointRoutes: readonly Route[] = [
  route('GET /endpoint/v1/endpoints', (asked) => endpointPage(asked, endpointFilter(asked))),
  route('GET /endpoint/v1/endpoints/{endpointId}', (asked) => json(200, chosen(asked, viewOf(asked)(endpointIn(asked))))),
  route('DELETE /endpoint/v1/endpoints/{endpointId}', (asked) => {
    if (!removeEndpoint(asked, pathId(asked, 'endpointId'))) throw new Refused(404);
    return json(200, { deleted: true });
  }),
  route('POST /endpoint/v1/endpoints/delete', (asked) => {
    const ids = textsIn(bodyIn(asked, { endpointIds: 'uuids!' }), 'endpointIds').map((id) => id.toLowerCase());
    if (ids.length === 0) throw new Refused(400, 'endpointIds is empty');
    return json(200, { endpointIds: [...new Set(ids)].filter((id) => removeEndpoint(asked, id)) });
  }),
];
