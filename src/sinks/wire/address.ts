import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/** Where a far end listens on the network. */
export interface InetAddress<S extends 'udp' | 'tcp' | 'tls'> {
  readonly scheme: S;
  readonly host: string;
  readonly port: number;
  /** As it is written in full. */
  readonly text: string;
}

export interface UnixAddress {
  readonly scheme: 'unix';
  readonly path: string;
  readonly text: string;
}

export type StreamAddress = InetAddress<'tcp'> | InetAddress<'tls'> | UnixAddress;

/** Where a far end listens. */
export type Address = StreamAddress | InetAddress<'udp'>;

export type Scheme = Address['scheme'];

/** What such addresses look like, for messages. */
export const addressForm = '`udp://host:514`, `tcp://host:601`, `tls://host:6514` or `unix:///path`, without user, password or query';

/** Linux keeps 108 bytes for a path with its NUL, macOS 104. */
const maxUnixPathBytes = 103;

/**
 * Reads an address; `null` when it is none.
 *
 * Shape    `udp|tcp|tls://host[:port][/]`, an IPv6 host in brackets, with a zone if need be; `unix:///path`.
 * @param ports the port of each scheme when none is written
 */
export function readAddress(text: string, ports: Readonly<Record<'udp' | 'tcp' | 'tls', number>>): Address | null {
  const unix = /^unix:\/\/(\/.+)$/s.exec(text)?.[1];
  if (unix !== undefined) return unix.includes('\0') || Buffer.byteLength(unix) > maxUnixPathBytes ? null : { scheme: 'unix', path: unix, text };
  const found = /^(udp|tcp|tls):\/\/(?:\[([^\]]+)\]|([^:/?#@[\]\s]+))(?::(\d{1,5}))?\/?$/.exec(text);
  if (!found) return null;
  const [, scheme, six, name, digits] = found;
  if (scheme !== 'udp' && scheme !== 'tcp' && scheme !== 'tls') return null;
  const host = six === undefined ? domainToASCII(name ?? '') : isIPv6(six) ? six : '';
  const port = digits === undefined ? ports[scheme] : Number(digits);
  if (host === '' || port < 1 || port > 65_535) return null;
  return { scheme, host, port, text: `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}` };
}
