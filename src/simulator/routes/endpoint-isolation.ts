/** Isolation of endpoints: ordered at once, in force a while later (reference, section 6.3). */
import type { Collection, Item } from '../collection.ts';
import { json } from '../reply.ts';
import { bodyIn, type Shape, textsIn } from './body.ts';
import { inner } from './endpoint-filters.ts';
import { endpointIn, endpointsOf } from './endpoints.ts';
import { iso, principalIn } from './family.ts';
import { collectionOf } from './held.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const ORDER: Shape = { enabled: 'flag!', comment: 'text' };

function ordersOf(asked: Asked): Collection {
  return collectionOf(asked, 'isolation-orders', () => []);
}

function pendingIn(asked: Asked): Collection {
  return collectionOf(asked, 'isolation-pending', () => []);
}

/** What was last ordered for an endpoint; of one that nobody has touched, how it is. */
function shown(asked: Asked, endpoint: Item): Item {
  const { id: _, ...order } = ordersOf(asked).get(String(endpoint.id)) ?? { enabled: inner(endpoint, 'isolation', 'adminIsolated') === true };
  return order;
}

function refusePending(asked: Asked, endpoints: readonly Item[]): void {
  if (endpoints.some(({ id }) => pendingIn(asked).get(String(id)) !== undefined)) throw new Refused(409, 'a change of the isolation is in progress');
}

function order(asked: Asked, endpoint: Item, { enabled, comment }: Item): Item {
  const id = String(endpoint.id);
  const who = principalIn(asked);
  const at = iso(asked.now);
  const changed = enabled === true ? { lastEnabledAt: at, lastEnabledBy: who } : { lastDisabledAt: at, lastDisabledBy: who };
  ordersOf(asked).put({ ...ordersOf(asked).get(id), ...changed, id, enabled, ...(comment === undefined ? {} : { comment }) });
  const isSo = inner(endpoint, 'isolation', 'adminIsolated') === enabled;
  if (!isSo) pendingIn(asked).put({ id, enabled, dueAt: asked.now + asked.sim.settings.isolationDelayMs });
  return shown(asked, endpoint);
}

export const isolationRoutes: readonly Route[] = [
  route('POST /endpoint/v1/endpoints/isolation', (asked) => {
    const body = bodyIn(asked, { ...ORDER, ids: 'uuids!' });
    const ids = [...new Set(textsIn(body, 'ids').map((id) => id.toLowerCase()))];
    if (ids.length === 0) throw new Refused(400, 'ids is empty');
    const all = endpointsOf(asked);
    const found = ids.map((id) => all.get(id)).filter((endpoint) => endpoint !== undefined);
    if (found.length === 0) throw new Refused(404);
    refusePending(asked, found);
    return json(202, { items: found.map((endpoint) => ({ id: endpoint.id, isolation: order(asked, endpoint, body) })) });
  }),
  route('GET /endpoint/v1/endpoints/{endpointId}/isolation', (asked) => json(200, shown(asked, endpointIn(asked)))),
  route('PATCH /endpoint/v1/endpoints/{endpointId}/isolation', (asked) => {
    const endpoint = endpointIn(asked);
    const body = bodyIn(asked, ORDER);
    refusePending(asked, [endpoint]);
    return json(200, order(asked, endpoint, body));
  }),
];
