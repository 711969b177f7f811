import { domainToASCII } from 'node:url';

/** One mailbox, as it is written in a header and as the envelope names it. */
export interface Address {
  /** Empty when there is none. */
  readonly name: string;
  /** ASCII: letters of a domain beyond that are Punycode. */
  readonly address: string;
}

export const addressRule = 'expected `user@example.com` or `Name <user@example.com>`';

// A dot-atom (RFC 5321, 4.1.2) of ASCII: what every server takes without SMTPUTF8. Nothing here can end a command or a header.
const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const domain = /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?)(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?)*$/u;
const literalDomain = /^\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[0-9A-Fa-f:.]+)\]$/;
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Reads one mailbox; `undefined` when it is none. */
export function readAddress(text: string): Address | undefined {
  const found = /^(?:\s*(?<name>[^<>]*?)\s*<(?<inner>[^<>\s]+)>|\s*(?<bare>[^<>\s]+))\s*$/.exec(text);
  const address = found?.groups?.inner ?? found?.groups?.bare;
  if (address === undefined || address.length > 254 || hidden.test(text)) return undefined;
  const at = address.lastIndexOf('@');
  const [local, host] = [address.slice(0, at), address.slice(at + 1)];
  if (at < 1 || local.length > 64 || !localPart.test(local) || !(domain.test(host) || literalDomain.test(host))) return undefined;
  const name = (found?.groups?.name ?? '').replace(/^"(.*)"$/, '$1').replaceAll('\\"', '"');
  // Only where it must be: of `1.2.3` it would make an IP address.
  const ascii = /^[\x20-\x7e]*$/.test(host) ? host : domainToASCII(host);
  return ascii === '' ? undefined : { name, address: `${local}@${ascii}` };
}

/** The part behind the `@`. */
export function domainOf({ address }: Address): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
