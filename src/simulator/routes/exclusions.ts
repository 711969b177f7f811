/** Exclusions from scanning, intrusion prevention and isolation (reference, section 6.5). */
import type { Item } from '../collection.ts';
import { pick } from '../random.ts';
import { wordsOf } from './asking.ts';
import type { Shape } from './body.ts';
import { adds, changes, type Family, forgets, heldBy, lists, many, shows } from './family.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const PATH = '/endpoint/v1/settings/exclusions';
const TYPES = ['path', 'posixPath', 'virtualPath', 'process', 'web', 'pua', 'amsi', 'exploitMitigation', 'behavioral'];
const MODES = ['onDemand', 'onAccess', 'onDemandAndOnAccess'];
const VALUES = ['C:\\Build\\', '/opt/„data“/', '/usr/share/nginx', '*.example.com', 'backup.exe', '10.20.0.0/16', 'Example Toolbar'];

const scanning: Family = {
  name: 'scanning-exclusions',
  make: (holder) =>
    many(holder, 'scanning-exclusions', 9, (i, random, id) => ({
      id,
      value: `${pick(VALUES, random)}${i}`,
      type: TYPES[i % TYPES.length],
      ...(i % 9 < 4 ? { scanMode: pick(MODES, random) } : {}),
      ...(i % 2 === 0 ? { description: `Exclusion ${i}`, comment: 'as the vendor asks' } : {}),
      // What the partner has set is not the customer's to change.
      lockedByManagingAccount: i % 9 === 5,
    })),
};

function refuseLocked(_asked: Asked, { lockedByManagingAccount }: Item): void {
  if (lockedByManagingAccount === true) throw new Refused(403);
}

function refuseTwin(asked: Asked, item: Item, but?: unknown): void {
  if (item.value === '') throw new Refused(400, 'value is required');
  const isTwin = (other: Item) => other.id !== but && other.type === item.type && other.value === item.value;
  if (heldBy(scanning, asked).list().some(isTwin)) throw new Refused(400, 'the exclusion is there already');
}

const PORTS: Shape = { localPorts: 'ints', remotePorts: 'ints', direction: ['inbound', 'outbound', 'both'], remoteAddresses: 'texts', comment: 'text' };

function traffic(name: string, type: 'intrusionPrevention' | 'isolation'): Family {
  return {
    name,
    make: (holder) =>
      many(holder, name, 4, (i, random, id) => ({
        id,
        type,
        direction: pick(['inbound', 'outbound', 'both'], random),
        ...(i % 2 === 0 ? { localPorts: [443, 8443 + i] } : { remotePorts: [3389] }),
        ...(i % 3 === 1 ? {} : { remoteAddresses: [`198.51.100.${i}`] }),
        ...(i % 2 === 0 ? { comment: 'the jump host' } : {}),
      })),
  };
}

/** An exclusion of traffic must exclude some. */
function checked(item: Item): Item {
  const ports = [item.localPorts, item.remotePorts].flat().filter((port) => port !== undefined);
  if (ports.some((port) => Number(port) < 1 || Number(port) > 65_535)) throw new Refused(400, 'a port is out of range');
  const addresses = [item.remoteAddresses].flat().filter((address) => address !== undefined);
  if (item.direction === undefined || ports.length + addresses.length === 0) throw new Refused(400, 'a direction, and ports or addresses are required');
  return item;
}

function trafficRoutes(where: string, family: Family, type: 'intrusionPrevention' | 'isolation'): readonly Route[] {
  return [
    route(`GET ${PATH}/${where}`, lists(family)),
    route(
      `POST ${PATH}/${where}`,
      adds(family, PORTS, (_asked, body) => checked({ type, ...body })),
    ),
    route(`GET ${PATH}/${where}/{exclusionId}`, shows(family, 'exclusionId')),
    route(
      `PATCH ${PATH}/${where}/{exclusionId}`,
      changes(family, 'exclusionId', PORTS, (_asked, body, item) => checked({ ...item, ...body })),
    ),
    route(`DELETE ${PATH}/${where}/{exclusionId}`, forgets(family, 'exclusionId')),
  ];
}

export const exclusionRoutes: readonly Route[] = [
  route(
    `GET ${PATH}/scanning`,
    lists(scanning, (asked) => {
      const types = wordsOf(asked, 'type', TYPES);
      return ({ type }) => types.length === 0 || types.includes(String(type));
    }),
  ),
  route(
    `POST ${PATH}/scanning`,
    adds(scanning, { value: 'text!', type: TYPES, scanMode: MODES, comment: 'text' }, (asked, body) => {
      if (body.type === undefined) throw new Refused(400, 'type is required');
      refuseTwin(asked, body);
      return { ...body, lockedByManagingAccount: false };
    }),
  ),
  route(`GET ${PATH}/scanning/{exclusionId}`, shows(scanning, 'exclusionId')),
  route(
    `PATCH ${PATH}/scanning/{exclusionId}`,
    changes(scanning, 'exclusionId', { value: 'text', scanMode: MODES, comment: 'text' }, (asked, body, item) => {
      refuseLocked(asked, item);
      refuseTwin(asked, { ...item, ...body }, item.id);
      return body;
    }),
  ),
  route(`DELETE ${PATH}/scanning/{exclusionId}`, forgets(scanning, 'exclusionId', refuseLocked)),
  ...trafficRoutes('intrusion-prevention', traffic('intrusion-prevention-exclusions', 'intrusionPrevention'), 'intrusionPrevention'),
  ...trafficRoutes('isolation', traffic('isolation-exclusions', 'isolation'), 'isolation'),
];
