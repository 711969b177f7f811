import { listMember, objectMember, quote, textMember } from '../json-text.ts';
import type { Facts } from '../meaning/facts.ts';
import { fieldsIn, ipIn, listIn, macIn, noFields, textIn, wholeIn } from '../meaning/values.ts';
import { hyphened } from './sorts.ts';

/** `host.os.type` by the first letters of Sophos' platform. */
const osTypes: readonly (readonly [beginning: string, type: string])[] = [
  ['windows', 'windows'],
  ['mac', 'macos'],
  ['linux', 'linux'],
  ['ios', 'ios'],
  ['android', 'android'],
];

/** Addresses of one device that are listed. */
const maxAddresses = 50;

/** The device: `host.*`. `ips` are its addresses, found by `hostIps`. */
export function hostMember(facts: Facts, ips: readonly string[]): string {
  const { host, id, type } = facts.device;
  const rest = textMember('id', id) + textMember('type', type) + listMember('ip', ips) + listMember('mac', hostMacs(facts)) + osMember(facts);
  if (host === undefined) return objectMember('host', rest);
  const name = quote(host);
  return `,"host":{"name":${name},"hostname":${name}${rest}}`;
}

/** Every address of a device that is listed; else the one that the record tells. */
export function hostIps({ device, item, stream }: Facts, ip: string | undefined): readonly string[] {
  if (stream === 'endpoints') return [...listed(item.ipv4Addresses, ipIn), ...listed(item.ipv6Addresses, ipIn)];
  const one = ip ?? device.ip;
  return one === undefined ? none : [one];
}

function hostMacs({ device, evidence, stream, item }: Facts): readonly string[] {
  const mac = device.mac ?? evidence.network?.local.mac;
  if (mac === undefined) return none;
  return stream === 'endpoints' ? listed(item.macAddresses, (value) => hyphened(macIn(value))) : [mac.replaceAll(':', '-')];
}

const none: readonly string[] = Object.freeze([]);

function osMember({ device, item, stream }: Facts): string {
  const { platform } = device;
  if (platform === undefined && stream !== 'endpoints') return '';
  const { name, majorVersion, minorVersion, build } = stream === 'endpoints' ? fieldsIn(item.os) : noFields;
  const lower = platform?.toLowerCase();
  const numbers = [majorVersion, minorVersion, build].map(wholeIn).filter((number) => number !== undefined);
  return objectMember(
    'os',
    textMember('platform', lower) +
      textMember('type', osTypes.find(([beginning]) => lower?.startsWith(beginning))?.[1]) +
      textMember('name', textIn(name)) +
      textMember('version', numbers.length === 0 ? undefined : numbers.join('.')),
  );
}

function listed(values: unknown, read: (value: unknown) => string | undefined): string[] {
  return [...new Set(listIn(values).slice(0, maxAddresses).map(read).filter(isText))];
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}
