/** What an endpoint must be to be in the list: every filter of `GET /endpoint/v1/endpoints` (reference, section 6.1). */
import { parameterOf } from '../call.ts';
import type { Item } from '../collection.ts';
import { addressesOf, bareHardware, flagOf, hardwareOf, momentOf, searchOf, uuidsOf, within, wordOf, wordsOf } from './asking.ts';
import { listOf } from './paging.ts';
import { type Asked, Refused } from './route.ts';

type Test = (endpoint: Item) => boolean;

const LOCKDOWN = ['locked', 'locking', 'notInstalled', 'unavailable', 'unlocked'];
/** States of old, and what they are called now. */
const RENAMED: Readonly<Record<string, string>> = {
  creatingWhitelist: 'locking',
  installing: 'locking',
  registering: 'locking',
  starting: 'locking',
  stopping: 'locked',
  uninstalled: 'unlocked',
};
/** Of `hostnameContains` only so much counts. */
const HOSTNAME_LENGTH = 10;

/** A member of a member, such as `health.overall`. */
export function inner(item: Item, ...path: readonly string[]): unknown {
  let at: unknown = item;
  for (const name of path) at = typeof at === 'object' && at !== null ? (at as Item)[name] : undefined;
  return at;
}

function texts(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const SEARCHED: Readonly<Record<string, (endpoint: Item) => readonly unknown[]>> = {
  hostname: (endpoint) => [endpoint.hostname],
  groupName: (endpoint) => [inner(endpoint, 'group', 'name')],
  associatedPersonName: (endpoint) => [inner(endpoint, 'associatedPerson', 'name'), inner(endpoint, 'associatedPerson', 'viaLogin')],
  ipAddresses: (endpoint) => [...texts(endpoint.ipv4Addresses), ...texts(endpoint.ipv6Addresses)],
  osName: (endpoint) => [inner(endpoint, 'os', 'name')],
};

export function endpointFilter(asked: Asked): Test {
  const tests = [...wordTests(asked), ...textTests(asked), ...timeTests(asked), ...listTests(asked), ...groupTests(asked), searchOf(asked, SEARCHED)];
  return (endpoint) => tests.every((test) => test(endpoint));
}

function wordTests(asked: Asked): Test[] {
  const tests: Test[] = [];
  const words = (name: string, known: readonly string[], of: (endpoint: Item) => unknown) => {
    const wanted = wordsOf(asked, name, known).map((word) => (name === 'lockdownStatus' ? (RENAMED[word] ?? word) : word));
    if (wanted.length > 0) tests.push((endpoint) => wanted.includes(String(of(endpoint))));
  };
  const flag = (name: string) => {
    const wanted = flagOf(asked, name);
    if (wanted !== undefined) tests.push((endpoint) => String(endpoint[name]).toLowerCase() === String(wanted));
  };
  words('healthStatus', ['good', 'suspicious', 'bad', 'unknown'], (endpoint) => inner(endpoint, 'health', 'overall'));
  words('type', ['computer', 'server', 'securityVm'], (endpoint) => endpoint.type);
  words('lockdownStatus', [...LOCKDOWN, ...Object.keys(RENAMED)], (endpoint) => inner(endpoint, 'lockdown', 'status'));
  const encryption = ['notEncrypted', 'encrypted', 'encrypting', 'notSupported', 'suspended', 'unknown'];
  words('overallEncryptionStatus', encryption, (endpoint) => inner(endpoint, 'encryption', 'overallStatus'));
  const isolation = wordOf(asked, 'isolationStatus', ['isolated', 'notIsolated']);
  if (isolation !== undefined) tests.push((endpoint) => inner(endpoint, 'isolation', 'status') === isolation);
  flag('tamperProtectionEnabled');
  flag('tamperProtectionSupported');
  flag('online');
  return tests;
}

function textTests({ query }: Asked): Test[] {
  const tests: Test[] = [];
  const contains = (name: string, length: number, of: (endpoint: Item) => readonly unknown[]) => {
    const needle = parameterOf(query, name)?.slice(0, length).toLowerCase();
    if (needle !== undefined) tests.push((endpoint) => of(endpoint).some((text) => typeof text === 'string' && text.toLowerCase().includes(needle)));
  };
  contains('hostnameContains', HOSTNAME_LENGTH, (endpoint) => [endpoint.hostname]);
  contains('serialNumberContains', 1000, (endpoint) => [endpoint.serialNumber]);
  contains('associatedPersonContains', 1000, SEARCHED.associatedPersonName ?? (() => []));
  return tests;
}

function timeTests(asked: Asked): Test[] {
  const stretches = [
    ['lastSeen', 'lastSeenAt'],
    ['lastOsUpdate', 'lastOsUpdateAt'],
    ['lastAgentUpdate', 'lastAgentUpdateAt'],
  ] as const;
  return stretches.map(([name, field]) => {
    const [after, before] = [momentOf(asked, `${name}After`), momentOf(asked, `${name}Before`)];
    return (endpoint: Item) => within(endpoint[field], after, before);
  });
}

function listTests(asked: Asked): Test[] {
  const tests: Test[] = [];
  const ids = new Set(uuidsOf(asked, 'ids'));
  if (ids.size > 0) tests.push((endpoint) => ids.has(String(endpoint.id)));
  const addresses = addressesOf(asked, 'ipAddresses');
  if (addresses.length > 0)
    tests.push((endpoint) => [...texts(endpoint.ipv4Addresses), ...texts(endpoint.ipv6Addresses)].some((own) => addresses.includes(String(own).toLowerCase())));
  const hardware = hardwareOf(asked, 'macAddresses');
  if (hardware.length > 0) tests.push((endpoint) => texts(endpoint.macAddresses).some((own) => hardware.includes(bareHardware(String(own)))));
  const cloud = listOf(asked.query, 'cloud');
  if (cloud.length > 0) tests.push(cloudTest(cloud));
  return tests;
}

/** `aws`, `azure`, or `aws:i-1,i-2` for some instances of one. */
function cloudTest([first = '', ...more]: readonly string[]): Test {
  const [provider, instance] = first.split(':', 2);
  const instances = [...(instance === undefined ? [] : [instance]), ...more];
  return (endpoint) => {
    const isOf = inner(endpoint, 'cloud', 'provider') === provider;
    return isOf && (instances.length === 0 || instances.includes(String(inner(endpoint, 'cloud', 'instanceId'))));
  };
}

/** The filters whose support is announced as suspended: a setting says what they do. */
function groupTests(asked: Asked): Test[] {
  const ids = uuidsOf(asked, 'groupIds');
  const assigned = flagOf(asked, 'assignedToGroup');
  const name = parameterOf(asked.query, 'groupNameContains')?.toLowerCase();
  if (ids.length === 0 && assigned === undefined && name === undefined) return [];
  const { groupFilters } = asked.sim.settings;
  if (groupFilters === 'reject') throw new Refused(400, 'filtering by group is not supported');
  if (groupFilters === 'ignore') return [];
  return [
    (endpoint) => ids.length === 0 || ids.includes(String(inner(endpoint, 'group', 'id'))),
    (endpoint) => assigned === undefined || (endpoint.group !== undefined) === assigned,
    (endpoint) =>
      name === undefined ||
      String(inner(endpoint, 'group', 'name') ?? '')
        .toLowerCase()
        .includes(name),
  ];
}
