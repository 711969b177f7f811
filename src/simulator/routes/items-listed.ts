/** Allowed items, blocked items and blocked addresses (reference, section 6.5). */
import { isIP } from 'node:net';
import type { Item } from '../collection.ts';
import { endpointId } from '../families.ts';
import { hexText, pick } from '../random.ts';
import { json, type Reply } from '../reply.ts';
import { isUuid, orderOf } from './asking.ts';
import { bodyIn, type Shape, shapedIn, textsIn } from './body.ts';
import { endpointsOf } from './endpoints.ts';
import { adds, adminIn, changes, type Family, forgets, heldBy, iso, lists, many, principalIn, shows } from './family.ts';
import { freshIdIn, type Holder } from './held.ts';
import { pageReply } from './paging.ts';
import { personOf, someone } from './people.ts';
import { type Asked, Refused, type Route, route } from './route.ts';
import { usersOf } from './users.ts';

const ALLOWED = '/endpoint/v1/settings/allowed-items';
const BLOCKED = '/endpoint/v1/settings/blocked-items';
const ADDRESSES = '/endpoint/v1/settings/blocked-addresses';
const TYPES = ['path', 'sha256', 'certificateSigner'];
const DAY_MS = 86_400_000;
const PROPERTIES: Shape = { fileName: 'text', path: 'text', sha256: 'text', certificateSigner: 'text' };
const SHAPE: Shape = { type: TYPES, properties: 'object!', comment: 'text!', originPersonId: 'uuid', originEndpointId: 'uuid' };

function made(name: string, types: readonly string[]) {
  return (holder: Holder) =>
    many(holder, name, 8, (i, random, id) => {
      const type = pick(types, random);
      const at = iso(holder.tenant.bornAt - (i + 1) * DAY_MS);
      const person = someone(holder, i);
      const file = { fileName: `tool „${i}“.exe`, path: `C:\\Program Files\\Tool ${i}\\tool „${i}“.exe`, sha256: hexText(64, random) };
      return {
        id,
        createdAt: at,
        updatedAt: at,
        type,
        properties: { ...file, ...(type === 'certificateSigner' ? { certificateSigner: `Example Software ${i} GmbH` } : {}) },
        comment: `Seen on ${i} machines`,
        createdBy: adminIn(holder, i),
        ...(person === null || i % 2 === 1 ? {} : { originPerson: { id: personOf(holder, person).id, name: personOf(holder, person).name } }),
        ...(i % 3 === 2 ? {} : { originEndpoint: { id: endpointId(holder.tenant.number, i % holder.sim.setup.endpoints) } }),
      };
    });
}

const allowed: Family = { name: 'allowed-items', make: made('allowed-items', TYPES) };
const blocked: Family = { name: 'blocked-items', make: made('blocked-items', ['sha256']) };
const addresses: Family = {
  name: 'blocked-addresses',
  make: (holder) =>
    many(holder, 'blocked-addresses', 5, (i, _random, id) => {
      const createdAt = iso(holder.tenant.bornAt - (i + 1) * DAY_MS);
      const item = ['203.0.113.7', '198.51.100.0/24', '192.0.2.3-192.0.2.9', '2001:db8::1', '2001:db8:1::/48'][i % 5];
      return { id, item, createdAt, ...(i % 2 === 0 ? { blockedUntil: iso(holder.tenant.bornAt + (i + 1) * DAY_MS) } : {}), createdBy: adminIn(holder, i) };
    }),
};

/** Makes an item out of a body, when its properties hold what its type is about and there is none like it. */
function build(family: Family) {
  return (asked: Asked, body: Item): Item => {
    const { originPersonId, originEndpointId, ...given } = body;
    const type = String(given.type);
    const properties = shapedIn(given.properties, PROPERTIES, 'properties');
    const value = properties[type];
    if (given.type === undefined || typeof value !== 'string' || value === '') throw new Refused(400, 'properties must have what the type is about');
    if (type === 'sha256' && !/^[0-9a-f]{64}$/i.test(value)) throw new Refused(400, 'sha256 is not valid');
    const isTwin = (other: Item) => other.type === type && (other.properties as Item)[type] === value;
    if (heldBy(family, asked).list().some(isTwin)) throw new Refused(409, 'the item is there already');
    const person = originPersonId === undefined ? undefined : usersOf(asked).get(String(originPersonId).toLowerCase());
    const endpoint = originEndpointId === undefined ? undefined : endpointsOf(asked).get(String(originEndpointId).toLowerCase());
    const at = iso(asked.now);
    return {
      ...given,
      createdAt: at,
      updatedAt: at,
      createdBy: principalIn(asked),
      ...(person === undefined ? {} : { originPerson: { id: person.id, name: person.name } }),
      ...(endpoint === undefined ? {} : { originEndpoint: { id: endpoint.id } }),
    };
  };
}

/** An address, a network, or a range of addresses. */
function isAddress(text: string): boolean {
  const [first = '', last, ...more] = text.split('-');
  if (last !== undefined) return more.length === 0 && isIP(first) !== 0 && isIP(first) === isIP(last);
  const [address = '', bits, ...rest] = text.split('/');
  const kind = isIP(address);
  if (kind === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (kind === 4 ? 32 : 128));
}

function block(asked: Asked): Reply {
  const { items } = bodyIn(asked, { items: 'objects!' });
  const given = (Array.isArray(items) ? items : []).flatMap((entry: unknown) => textsIn(shapedIn(entry, { item: 'texts!' }, 'an item'), 'item'));
  if (given.length === 0 || !given.every(isAddress)) throw new Refused(400, 'items has something that is no address, network or range');
  const collection = heldBy(addresses, asked);
  const put = (item: string) =>
    collection.put({ id: freshIdIn(asked, addresses.name, collection), item, createdAt: iso(asked.now), createdBy: principalIn(asked) });
  return json(201, { items: given.map(put) });
}

function unblock(asked: Asked): Reply {
  const ids = textsIn(bodyIn(asked, { ids: 'texts!' }), 'ids');
  if (ids.length === 0 || !ids.every(isUuid)) throw new Refused(400, 'ids is not valid');
  const collection = heldBy(addresses, asked);
  return json(200, { failedToDelete: ids.filter((id) => !collection.remove(id.toLowerCase())) });
}

export const listedItemRoutes: readonly Route[] = [
  route(`GET ${ALLOWED}`, lists(allowed)),
  route(`POST ${ALLOWED}`, adds(allowed, SHAPE, build(allowed))),
  route(`GET ${ALLOWED}/{allowedItemId}`, shows(allowed, 'allowedItemId')),
  route(`PATCH ${ALLOWED}/{allowedItemId}`, changes(allowed, 'allowedItemId', { comment: 'text!' })),
  route(`DELETE ${ALLOWED}/{allowedItemId}`, forgets(allowed, 'allowedItemId')),
  route(`GET ${BLOCKED}`, lists(blocked)),
  route(`POST ${BLOCKED}`, adds(blocked, { ...SHAPE, type: ['sha256'] }, build(blocked))),
  route(`GET ${BLOCKED}/{blockedItemId}`, shows(blocked, 'blockedItemId')),
  route(`DELETE ${BLOCKED}/{blockedItemId}`, forgets(blocked, 'blockedItemId')),
  route(`GET ${ADDRESSES}`, (asked) => {
    const order = orderOf(asked, ['item', 'createdAt', 'blockedUntil'], 'createdAt:desc');
    return pageReply(asked, [...heldBy(addresses, asked).list()].sort(order ?? undefined));
  }),
  route(`POST ${ADDRESSES}/bulk`, block),
  route(`POST ${ADDRESSES}/bulk/delete`, unblock),
];
