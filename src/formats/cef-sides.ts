/**
 * Who was where: the device is the destination of what happened to it, and the source only of a connection that it made itself.
 * `dvchost` and `deviceExternalId` name it in both cases.
 */
import { identifier, text, whole } from './cef-pairs.ts';
import type { Facts } from './meaning/facts.ts';

const destination = {
  host: 'dhost',
  user: 'duser',
  userId: 'duid',
  domain: 'dntdom',
  process: 'dproc',
  processId: 'dpid',
  mac: 'dmac',
  port: 'dpt',
  ipv4: 'dst',
  ipv6: 'c6a3',
  ipv6Label: 'Destination IPv6 Address',
} as const;

const source = {
  host: 'shost',
  user: 'suser',
  userId: 'suid',
  domain: 'sntdom',
  process: 'sproc',
  processId: 'spid',
  mac: 'smac',
  port: 'spt',
  ipv4: 'src',
  ipv6: 'c6a2',
  ipv6Label: 'Source IPv6 Address',
} as const;

type Side = typeof destination | typeof source;

const received = { here: destination, there: source };
const made = { here: source, there: destination };

/** The device's side, the user and process on it, and the other side of a connection. */
export function sidePairs(facts: Facts, hostName: (name: string) => string): string {
  const { device, user, evidence, told } = facts;
  const { network, process } = evidence;
  const { here, there } = network?.direction === 'outbound' ? made : received;
  let pairs = '';
  if (device.host !== undefined) pairs = `${identifier('dvchost', device.host)} ${here.host}=${hostName(device.hostAsWritten ?? device.host)}`;
  pairs += identifier('deviceExternalId', device.id) + address(here, device.ip ?? network?.local.ip) + mac(here, device.mac ?? network?.local.mac);
  if (user !== undefined) pairs += text(here.user, user.name) + text(here.domain, user.domain) + identifier(here.userId, user.id);
  pairs += text(here.process, process?.path ?? process?.name ?? told.application) + whole(here.processId, process?.pid);
  // The parent started the process; of a connection that was made, the other process is on the other machine.
  if (here === destination) pairs += text(there.process, process?.parentPath) + whole(there.processId, process?.parentPid);
  if (network !== undefined) pairs += peerPairs(network, here, there);
  return pairs;
}

function peerPairs({ local, remote, direction, protocol, message }: NonNullable<Facts['evidence']['network']>, here: Side, there: Side): string {
  return (
    whole(here.port, local.port) +
    address(there, remote.ip) +
    mac(there, remote.mac) +
    whole(there.port, remote.port) +
    (direction === 'unknown' ? '' : ` deviceDirection=${direction === 'inbound' ? 0 : 1}`) +
    text('proto', protocol) +
    text('reason', message)
  );
}

/** `dst` and `src` hold IPv4 only; an address of the other kind has a key of its own. */
function address({ ipv4, ipv6, ipv6Label }: Side, ip: string | undefined): string {
  if (ip === undefined) return '';
  return ip.includes(':') ? ` ${ipv6}=${ip} ${ipv6}Label=${ipv6Label}` : ` ${ipv4}=${ip}`;
}

function mac({ mac: key }: Side, value: string | undefined): string {
  return value === undefined ? '' : ` ${key}=${value}`;
}
