/** Alerts of the Common API (reference, section 5.1). */
import { parameterOf } from '../call.ts';
import type { Collection, Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { alertsMade } from './alerts-made.ts';
import { instantOf, orderOf, pathId, timeOf, uuidsOf, within } from './asking.ts';
import { bodyIn, type Shape, textsIn } from './body.ts';
import { collectionOf, freshIdIn, type Holder } from './held.ts';
import { byPlaceIn, decimalSpelling, keyReply, keysIn, listOf, type Order } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const ACTIONS = ['acknowledge', 'cleanPua', 'cleanVirus', 'authPua', 'clearThreat', 'clearHmpa', 'sendMsgPua', 'sendMsgThreat'];
/** These tell somebody, and leave the alert where it is. */
const MESSAGES: readonly unknown[] = ['sendMsgPua', 'sendMsgThreat'];
/** Of so many alerts one has a time without a zone, when the setting says so. */
const ZONELESS_EVERY = 16;

const SEARCH: Shape = {
  groupKey: 'text',
  from: 'time',
  to: 'time',
  sort: 'texts',
  product: 'texts',
  category: 'texts',
  severity: 'texts',
  ids: 'uuids',
  fields: 'texts',
  pageSize: 'int',
  pageFromKey: 'text',
  pageTotal: 'flag',
};

/** The open alerts of an estate; `ever()` also knows those that were closed. */
export function alertsOf(holder: Holder): Collection {
  return collectionOf(holder, 'alerts', () => alertsMade(holder));
}

/** Raised first, first; `sort` can turn that round. */
function orderIn(asked: Asked, alerts: Collection): Order {
  const place = byPlaceIn(alerts);
  const wanted = orderOf(asked, ['raisedAt', 'id', 'severity', 'product', 'category'], 'raisedAt:asc');
  return (a, b) => wanted?.(a, b) || place(a, b);
}

function list(asked: Asked): Reply {
  const [from, to] = [timeOf(asked, 'from'), timeOf(asked, 'to')];
  const ids = new Set(uuidsOf(asked, 'ids'));
  const groupKey = parameterOf(asked.query, 'groupKey');
  // Open sets: a word that nobody knows finds nothing, and is no mistake.
  const words = (['product', 'category', 'severity'] as const).map((name) => [name, listOf(asked.query, name)] as const);
  const passes = (alert: Item) =>
    within(alert.raisedAt, from, to) &&
    (ids.size === 0 || ids.has(String(alert.id))) &&
    (groupKey === undefined || alert.groupKey === groupKey) &&
    words.every(([name, wanted]) => wanted.length === 0 || wanted.includes(String(alert[name])));
  const alerts = alertsOf(asked);
  const order = orderIn(asked, alerts);
  const found = alerts.list().filter(passes).sort(order);
  const sizes = { usual: 50, max: asked.sim.settings.alertsMaxSize };
  return keyReply(asked, found, sizes, {}, { keys: keysIn(alerts, order, decimalSpelling), show: (alert) => shown(asked, alert) });
}

function shown(asked: Asked, alert: Item): Item {
  if (!asked.sim.settings.zonelessTimes || (alertsOf(asked).placeOf(String(alert.id)) ?? 1) % ZONELESS_EVERY !== 0) return alert;
  return { ...alert, raisedAt: String(alert.raisedAt).replace(/Z$/, '') };
}

/** The same list, asked for with a body; what stands in the query too gives way. */
function search(asked: Asked): Reply {
  const query = new URLSearchParams(asked.query);
  for (const [name, value] of Object.entries(bodyIn(asked, SEARCH))) {
    query.delete(name);
    for (const each of Array.isArray(value) ? value : [value]) query.append(name, String(each));
  }
  return list({ ...asked, query });
}

function alertIn(asked: Asked): Item {
  const alert = alertsOf(asked).get(pathId(asked, 'alertId'));
  if (alert === undefined) throw new Refused(404);
  return alert;
}

function act(asked: Asked): Reply {
  const { action } = bodyIn(asked, { action: 'text!', message: 'text' });
  const alert = alertIn(asked);
  if (!textsIn(alert, 'allowedActions').includes(String(action))) {
    throw new Refused(400, ACTIONS.includes(String(action)) ? 'the action is not allowed for this alert' : 'there is no such action');
  }
  const alerts = alertsOf(asked);
  // Whatever deals with the alert closes it.
  if (!MESSAGES.includes(action)) alerts.remove(String(alert.id));
  const at = new Date(asked.now).toISOString();
  const actions = collectionOf(asked, 'alert-actions', () => []);
  const id = freshIdIn(asked, 'alert-actions', actions);
  return json(201, actions.put({ id, alertId: alert.id, action, status: 'started', requestedAt: at, startedAt: at, completedAt: null, result: '' }));
}

/** Is a text a time, as `raisedAt` must be? */
export function isTime(text: unknown): text is string {
  return typeof text === 'string' && instantOf(text) !== null;
}

export const alertRoutes: readonly Route[] = [
  route('GET /common/v1/alerts', list),
  route('POST /common/v1/alerts/search', search),
  route('GET /common/v1/alerts/{alertId}', (asked) => json(200, shown(asked, alertIn(asked)))),
  route('POST /common/v1/alerts/{alertId}/actions', act),
];
