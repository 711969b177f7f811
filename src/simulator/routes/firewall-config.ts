import { isIP } from 'node:net';
import type { Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { bodyIn, shapedIn, textsIn } from './body.ts';
import { heldBy, iso, namedBy } from './family.ts';
import { firewalls } from './firewalls-made.ts';
import { collectionOf, freshIdIn } from './held.ts';
import { chosen } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const TAKES_MS = 2000;
const LIFE_MS = 86_400_000;
const TYPES = ['ipv4-addr', 'ipv6-addr', 'domain-name', 'url'] as const;
const MOST_AT_ONCE = 1000;

const PATH = '/firewall/v1/firewall-config/firewalls/{firewallId}';

/** The threat feeds that have been touched, by the id of their firewall. */
function feedsIn(asked: Asked) {
  return collectionOf(asked, 'mdr threat feeds', () => []);
}

function feedOf(asked: Asked): Item {
  const id = String(namedBy(firewalls, asked, 'firewallId').id);
  return feedsIn(asked).get(id) ?? { id, settings: { enabled: false, action: 'logOnly', lastUpdatedAt: iso(asked.tenant.bornAt) }, indicators: [] };
}

interface Indicator {
  readonly value: string;
  readonly type: string;
}

function indicatorsOf(feed: Item): readonly Indicator[] {
  return Array.isArray(feed.indicators) ? feed.indicators : [];
}

/** Begins what a firewall is to do: 202 and a transaction to ask about; `change` takes effect when it is accepted. */
function begins(work: (asked: Asked, feed: Item) => { readonly feed?: Item; readonly response: Item }) {
  return (asked: Asked): Reply => {
    const before = feedOf(asked);
    const { feed, response } = work(asked, before);
    if (feed !== undefined) feedsIn(asked).put(feed);
    const transactions = collectionOf(asked, 'firewall transactions', () => []);
    const id = freshIdIn(asked, 'firewall transactions', transactions);
    const request = { method: asked.call.method, path: asked.call.path, query: [...asked.query].map(([name, value]) => ({ name, value })) };
    transactions.put({ id, firewallId: before.id, createdMs: asked.now, request, response });
    return json(202, { transactionId: id });
  };
}

function indicatorsIn(asked: Asked): readonly Indicator[] {
  const { indicators } = bodyIn(asked, { indicators: 'objects!' });
  const list = Array.isArray(indicators) ? indicators : [];
  if (list.length === 0 || list.length > MOST_AT_ONCE) throw new Refused(400, `indicators takes 1 to ${MOST_AT_ONCE}`);
  return list.map((one) => {
    const { value, type } = shapedIn(one, { value: 'text!', type: TYPES }, 'indicators');
    if (!TYPES.some((known) => known === type)) throw new Refused(400, 'type is required');
    if ((type === 'ipv4-addr' && isIP(String(value)) !== 4) || (type === 'ipv6-addr' && isIP(String(value)) !== 6))
      throw new Refused(400, 'value is not valid');
    return { value: String(value), type: String(type) };
  });
}

const reads = begins((_asked, feed) => ({ response: { settings: feed.settings, indicatorCount: indicatorsOf(feed).length } }));

const sets = begins((asked, feed) => {
  const body = bodyIn(asked, { enabled: 'flag', action: ['logOnly', 'logAndDrop', 'drop', 'monitor'], lastUpdatedAt: 'time' });
  const settings = { ...(typeof feed.settings === 'object' ? feed.settings : {}), ...body, lastUpdatedAt: iso(asked.now) };
  return { feed: { ...feed, settings }, response: { settings } };
});

const isLike = (a: Indicator) => (b: Indicator) => a.type === b.type && a.value.toLowerCase() === b.value.toLowerCase();

const adds = begins((asked, feed) => {
  const known = indicatorsOf(feed);
  const fresh = indicatorsIn(asked).filter((one, i, all) => !known.some(isLike(one)) && all.findIndex(isLike(one)) === i);
  return { feed: { ...feed, indicators: [...known, ...fresh] }, response: { added: fresh.length } };
});

const deletes = begins((asked, feed) => {
  const gone = indicatorsIn(asked);
  const left = indicatorsOf(feed).filter((one) => !gone.some(isLike(one)));
  return { feed: { ...feed, indicators: left }, response: { deleted: indicatorsOf(feed).length - left.length } };
});

const clears = begins((_asked, feed) => ({ feed: { ...feed, indicators: [] }, response: { deleted: indicatorsOf(feed).length } }));

const searches = begins((asked, feed) => {
  const wanted = textsIn(bodyIn(asked, { indicatorValues: 'texts!' }), 'indicatorValues').map((value) => value.toLowerCase());
  return { response: { indicators: indicatorsOf(feed).filter(({ value }) => wanted.includes(value.toLowerCase())) } };
});

function transaction(asked: Asked): Reply {
  const firewall = namedBy(firewalls, asked, 'firewallId');
  const found = collectionOf(asked, 'firewall transactions', () => []).get(asked.ids.transactionId?.toLowerCase() ?? '');
  const createdMs = Number(found?.createdMs);
  if (found === undefined || found.firewallId !== firewall.id || asked.now >= createdMs + LIFE_MS) throw new Refused(404);
  const { id, request, response } = found;
  const isDone = asked.now >= createdMs + TAKES_MS;
  const isConnected = Reflect.get(Object(heldBy(firewalls, asked).get(String(firewall.id))?.status), 'connected') === true;
  const times = { createdAt: iso(createdMs), ...(isDone ? { finishedAt: iso(createdMs + TAKES_MS) } : {}), expiryAt: iso(createdMs + LIFE_MS) };
  const result = !isDone ? 'notAvailable' : isConnected ? 'success' : 'failed';
  const shown = { id, status: isDone ? 'finished' : 'pending', result, ...times, ...(result === 'success' ? { response } : {}), request };
  return json(200, chosen(asked, shown));
}

/** The MDR threat feed of a firewall: every call is a transaction that a firewall without a connection fails. */
export const firewallConfigRoutes: readonly Route[] = [
  route(`GET ${PATH}/mdr-threat-feed`, reads),
  route(`PATCH ${PATH}/mdr-threat-feed/settings`, sets),
  route(`POST ${PATH}/mdr-threat-feed/indicators`, adds),
  route(`DELETE ${PATH}/mdr-threat-feed/indicators`, clears),
  route(`POST ${PATH}/mdr-threat-feed/indicators/delete`, deletes),
  route(`POST ${PATH}/mdr-threat-feed/indicators/search`, searches),
  route(`GET ${PATH}/transactions/{transactionId}`, transaction),
];
