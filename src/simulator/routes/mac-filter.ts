import type { Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { wordsOf } from './asking.ts';
import { bodyIn, textsIn } from './body.ts';
import { adminIn, type Family, heldBy, iso, lists, many, principalIn } from './family.ts';
import { collectionOf, freshIdIn, type Holder, idIn } from './held.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

/** The two kinds of device that filter by hardware address, and how each names what it reaches. */
const KINDS = {
  switch: { devices: 'switches', types: ['macFilter', 'vlan'] },
  wifi: { devices: 'accessPoints', types: ['macFilter'] },
} as const;
type Kind = keyof typeof KINDS;

const MAC = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i;
const DEVICES = 3;
const MOST = 1000;

/** Without a zone, as these APIs write their times. */
function zoneless(ms: number): string {
  return iso(ms).slice(0, 23);
}

function madeTask(holder: Holder, kind: Kind, id: string, who: Item, at: string): Item {
  const error = { error: 'badRequest', message: 'The MAC address filter is there already.', code: '10905', docUrl: null };
  const devices = Array.from({ length: DEVICES }, (_, i) => ({
    id: idIn(holder, `${kind} devices`, i),
    ...(i === 1 ? { status: 'failed', error } : { status: i === 2 ? 'noSupportSubscription' : 'succeeded' }),
  }));
  const status = { succeeded: 1, failed: 1, pending: 0, noSupportSubscription: 1, total: DEVICES };
  const facts = { id, type: 'macFilter', tenant: { id: holder.tenant.id }, createdBy: who, createdAt: at, updatedBy: who, updatedAt: at };
  return { ...facts, status, [KINDS[kind].devices]: devices };
}

function tasksOf(kind: Kind): Family {
  return {
    name: `${kind} tasks`,
    sizes: { usual: 100, max: 1000 },
    make: (holder) =>
      many(holder, `${kind} tasks`, 4, (i, _random, id) => ({
        ...madeTask(holder, kind, id, adminIn(holder, i), zoneless(holder.tenant.bornAt - (10 - i) * 86_400_000)),
        type: KINDS[kind].types[i % KINDS[kind].types.length],
      })),
  };
}

function filterIn(asked: Asked, kind: Kind): Item {
  const at = zoneless(asked.tenant.bornAt - 40 * 86_400_000);
  const who = adminIn(asked, 0);
  const usual = {
    id: 'filter',
    macAddresses: ['02:00:5e:10:00:01', '02:00:5e:10:00:02'],
    tenant: { id: asked.tenant.id },
    createdBy: who,
    createdAt: at,
    updatedBy: who,
    updatedAt: at,
  };
  return collectionOf(asked, `${kind} filter`, () => [usual]).get('filter') ?? usual;
}

/** Takes the place of the whole list, and makes a task that brings it to the devices. */
function set(asked: Asked, kind: Kind): Reply {
  const macAddresses = textsIn(bodyIn(asked, { macAddresses: 'texts!' }), 'macAddresses');
  if (macAddresses.length > MOST || !macAddresses.every((mac) => MAC.test(mac))) throw new Refused(400, 'macAddresses has a value that is not a MAC address');
  const at = zoneless(asked.now);
  const changed = { ...filterIn(asked, kind), macAddresses: [...new Set(macAddresses)], updatedBy: principalIn(asked), updatedAt: at };
  const { id: _id, ...shown } = collectionOf(asked, `${kind} filter`, () => []).put(changed);
  const tasks = heldBy(tasksOf(kind), asked);
  tasks.put(madeTask(asked, kind, freshIdIn(asked, `${kind} tasks`, tasks), principalIn(asked), at));
  return json(201, shown);
}

function routesOf(kind: Kind): readonly Route[] {
  return [
    route(`GET /${kind}/v1/settings/mac-filtering`, (asked) => {
      const { id: _id, ...shown } = filterIn(asked, kind);
      return json(200, shown);
    }),
    route(`PUT /${kind}/v1/settings/mac-filtering`, (asked) => set(asked, kind)),
    route(
      `GET /${kind}/v1/tasks`,
      lists(tasksOf(kind), (asked) => {
        const types = wordsOf(asked, 'type', KINDS[kind].types);
        return ({ type }) => types.length === 0 || types.includes(String(type));
      }),
    ),
  ];
}

/** MAC filters of switches and of access points. */
export const macFilterRoutes: readonly Route[] = [...routesOf('switch'), ...routesOf('wifi')];
