/** The endpoints of an estate as they are at the start. */
import type { Item } from '../collection.ts';
import { endpointFamily, endpointId } from '../families.ts';
import { hexText, mix32, pick, randomFrom } from '../random.ts';
import { groupAt } from './endpoint-groups-made.ts';
import { type Holder, idIn } from './held.ts';
import { personOf, someone } from './people.ts';

type Random = () => number;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A kind of machine, its systems and what runs on it. Endpoints share these objects: an estate of many is to stay small. */
interface Make {
  readonly type: 'computer' | 'server';
  readonly prefix: string;
  readonly systems: readonly Item[];
  readonly products: readonly Item[];
}

const installed = (...codes: readonly string[]) => codes.map((code) => ({ code, version: '2026.1.1', status: 'installed' }));

const WINDOWS: Make = {
  type: 'computer',
  prefix: 'FIN-WS',
  systems: [
    { isServer: false, platform: 'windows', name: 'Windows 11 Pro', majorVersion: 10, minorVersion: 0, build: 26_100 },
    { isServer: false, platform: 'windows', name: 'Windows 10 Enterprise', majorVersion: 10, minorVersion: 0, build: 19_045 },
    { isServer: false, platform: 'windows', name: 'Windows 7 Professional' },
  ],
  products: [...installed('coreAgent', 'endpointProtection', 'interceptX', 'xdr'), { code: 'deviceEncryption', version: '2026.1.0', status: 'notInstalled' }],
};
const SERVER: Make = {
  type: 'server',
  prefix: 'SRV-FS',
  systems: [
    { isServer: true, platform: 'windows', name: 'Windows Server 2022 Standard', majorVersion: 10, minorVersion: 0, build: 20_348 },
    { isServer: true, platform: 'windows', name: 'Windows Server 2016 Datacenter', majorVersion: 10, minorVersion: 0, build: 14_393 },
  ],
  products: installed('coreAgent', 'endpointProtection', 'interceptX', 'mtr'),
};
const LINUX: Make = {
  type: 'server',
  prefix: 'lnx-web',
  systems: [
    { isServer: true, platform: 'linux', name: 'Ubuntu 24.04.1 LTS', majorVersion: 24, minorVersion: 4 },
    { isServer: true, platform: 'linux', name: 'Red Hat Enterprise Linux 9.4' },
  ],
  products: [{ code: 'coreAgent', version: '2026.1.3.7' }],
};
const MAC: Make = {
  type: 'computer',
  prefix: 'MacBook-Pro',
  systems: [
    { isServer: false, platform: 'macOS', name: 'macOS Sequoia', majorVersion: 15, minorVersion: 4, build: 0 },
    { isServer: false, platform: 'macOS', name: 'OS X 10.11', majorVersion: 10, minorVersion: 11 },
  ],
  products: installed('coreAgent', 'endpointProtection', 'ztna'),
};

const SERVICES = ['HitmanPro.Alert service', 'Sophos Endpoint Defense Service', 'Sophos MCS Client', 'Sophos File Scanner Service'];

function health(overall: string, threats: string, services: string, last = 'running'): Item {
  const serviceDetails = SERVICES.map((name, i) => ({ name, status: i === SERVICES.length - 1 ? last : 'running' }));
  return { overall, threats: { status: threats }, services: { status: services, serviceDetails } };
}

const GOOD = health('good', 'good', 'good');
const AILING = [
  health('suspicious', 'suspicious', 'good'),
  health('suspicious', 'good', 'suspicious', 'stopped'),
  health('bad', 'bad', 'good'),
  health('bad', 'good', 'bad', 'missing'),
  { overall: 'unknown', threats: { status: 'unknown' }, services: { status: 'unknown', serviceDetails: [] } },
  { overall: 'bad' },
];

/** Names that a file, a table, a log or a shell must survive. */
const HOSTILE = [
  'Zoës-MacBook „Büro“',
  '=HYPERLINK("http:∕∕x","y")',
  '../../etc/passwd',
  'a,b;"c"\td',
  'host\u202Eexe.gpj',
  '<script>alert(1)</script>',
  '田中のPC',
  'x\u0000y\u001b[31mred',
  '%s%n$(id)',
  'name with  blanks ',
];

export const notIsolated: Item = { status: 'notIsolated', adminIsolated: false, selfIsolated: false };
const isolatedBySelf: Item = { status: 'isolated', adminIsolated: false, selfIsolated: true };

export function* endpointsMade(holder: Holder): Generator<Item> {
  for (let i = 0; i < holder.sim.setup.endpoints; i++) yield endpointMade(holder, i);
}

function makeOf(index: number): Make {
  if (index % 8 === 7) return SERVER;
  if (index % 20 === 13) return LINUX;
  return index % 11 === 5 ? MAC : WINDOWS;
}

function endpointMade(holder: Holder, index: number): Item {
  const { number, id: tenantId, bornAt } = holder.tenant;
  const random = randomFrom(endpointFamily(number) ^ mix32(index));
  const make = makeOf(index);
  const ails = random() < 0.2;
  const seenAt = bornAt - (index % 17 === 9 ? 40 + random() * 360 : ails ? random() * 3 : 0) * DAY_MS - random() * HOUR_MS;
  const online = index % 17 !== 9 && random() < 0.8;
  const group = groupAt(holder, make.type, index);
  return {
    id: endpointId(number, index),
    type: make.type,
    tenant: { id: tenantId },
    hostname: hostnameOf(make, index),
    health: ails ? pick(AILING, random) : GOOD,
    os: pick(make.systems, random),
    ...addresses(random),
    ...(group === null ? {} : { group }),
    ...personAt(holder, make, index),
    tamperProtectionSupported: make !== LINUX,
    tamperProtectionEnabled: make !== LINUX && index % 14 !== 4,
    assignedProducts: make.products,
    ...(index % 31 === 30 ? {} : { lastSeenAt: new Date(seenAt).toISOString() }),
    ...(index % 5 === 2 ? {} : { lastOsUpdateAt: new Date(seenAt - random() * 30 * DAY_MS).toISOString() }),
    ...(index % 6 === 3 ? {} : { lastAgentUpdateAt: new Date(seenAt - random() * 10 * DAY_MS).toISOString() }),
    ...(index % 9 === 8 ? {} : { serialNumber: hexText(12, random).toUpperCase() }),
    ...(make.type === 'computer' ? { encryption: encryption(random) } : { lockdown: lockdown(random) }),
    online,
    isolation: index % 23 === 12 ? isolatedBySelf : notIsolated,
    ...(make.type === 'server' && index % 3 === 0 ? { cloud: { provider: pick(['aws', 'azure'], random), instanceId: `i-${hexText(17, random)}` } } : {}),
    cloned: index % 29 === 28,
  };
}

/** Names are not unique: every tenth is that of the machine five before it. */
function hostnameOf(make: Make, index: number): string {
  if (index % 25 === 16) return HOSTILE[Math.floor(index / 25) % HOSTILE.length] as string;
  const named = index % 10 === 9 ? index - 5 : index;
  return `${index === named ? make.prefix : makeOf(named).prefix}-${String(10_000 + (named % 10_000)).slice(1)}`;
}

function addresses(random: Random): Item {
  const byte = () => Math.floor(random() * 256);
  const mac = () => Array.from({ length: 6 }, () => hexText(2, random).toUpperCase()).join(':');
  return {
    ipv4Addresses: [`10.${byte()}.${byte()}.${byte()}`, ...(random() < 0.2 ? [`172.16.${byte()}.1`] : [])],
    ipv6Addresses: random() < 0.6 ? [`fe80::${hexText(4, random)}:${hexText(4, random)}`] : [],
    macAddresses: [mac(), ...(random() < 0.3 ? [mac()] : [])],
  };
}

function personAt(holder: Holder, make: Make, index: number): Item {
  if (index % 13 === 6 || (make.type === 'server' && index % 2 === 1)) return {};
  const number = someone(holder, index);
  if (number === null || index % 7 === 3) return { associatedPerson: { viaLogin: `HOST-${index}\\local` } };
  const { id, name, login } = personOf(holder, number);
  // Some belong to people whom the directory does not know any more.
  return { associatedPerson: { id: index % 19 === 10 ? idIn(holder, 'former-users', index) : id, name, viaLogin: login } };
}

function encryption(random: Random): Item {
  const overallStatus = pick(['notEncrypted', 'notEncrypted', 'encrypted', 'encrypted', 'encrypting', 'notSupported', 'suspended', 'unknown'], random);
  const volumeId = `\\\\?\\Volume{${hexText(8, random)}-0941-4c31-aa69-${hexText(12, random)}}\\`;
  return { overallStatus, volumes: overallStatus === 'unknown' ? [] : [{ volumeId, status: overallStatus }] };
}

function lockdown(random: Random): Item {
  const status = pick(['notInstalled', 'notInstalled', 'unlocked', 'locked', 'locking', 'unavailable'], random);
  return { status, updateStatus: status === 'notInstalled' ? 'notInstalled' : pick(['upToDate', 'updating', 'rebootRequired'], random) };
}
