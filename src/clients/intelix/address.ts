/**
 * What can be looked up, told apart by its form, and brought to the one form under which it is known.
 */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { Failure } from '../../core/failure.ts';
import { quoted } from '../quoted.ts';

/** `url`: anything that is neither an IP address nor the SHA-256 of a file. */
export type LookupKind = 'url' | 'ip' | 'file';

/** Of the address in its percent-encoded form. Beyond it, gateways refuse the line of a request. */
const longestSegment = 8192;
/** Of the address in messages. */
const longestShown = 100;

/** What an address is by its form: an IPv4 or IPv6 literal (also in brackets), 64 hex digits, or else a URL. */
export function kindOfAddress(text: string): LookupKind {
  const plain = text.trim();
  if (isIP(unbracketed(plain)) !== 0) return 'ip';
  return /^[0-9a-f]{64}$/i.test(plain) ? 'file' : 'url';
}

/**
 * The form under which an address is cached and counted: two addresses with the same form are looked up once.
 *
 * IP addresses: trimmed, brackets dropped; IPv6 in lower case and shortened (RFC 5952). Hashes: trimmed, in lower case.
 * URLs, in this order: trimmed; the scheme and its `://` dropped; the host (up to the first `/`, `?`, `#` or `\`, behind the last `@`, before the
 * port) in lower case, in its ASCII form (`xn--`) when it has letters beyond ASCII, without its trailing dot; and if nothing but `/`
 * follows the host and port, that `/` dropped. User, port, path, query and fragment stay as they are: their case, order and encoding can matter.
 */
export function normalAddress(text: string): string {
  const plain = text.trim();
  const kind = kindOfAddress(plain);
  if (kind === 'ip') return normalIp(unbracketed(plain));
  if (kind === 'file') return plain.toLowerCase();
  const bare = plain.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  const end = bare.search(/[/?#\\]/);
  const authority = end < 0 ? bare : bare.slice(0, end);
  const rest = end < 0 ? '' : bare.slice(end);
  const at = authority.lastIndexOf('@') + 1;
  return authority.slice(0, at) + normalHost(authority.slice(at)) + (rest === '/' ? '' : rest);
}

function normalHost(hostAndPort: string): string {
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(.*)$/s.exec(hostAndPort) ?? [];
  const lower = host.toLowerCase();
  // An ASCII form that is empty means that there is none.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything that is ASCII
  const ascii = /^[\u0000-\u007f]*$/.test(lower) ? lower : domainToASCII(lower) || lower;
  return ascii.replace(/\.$/, '') + port;
}

function normalIp(text: string): string {
  return text.includes(':') && !text.includes('%') ? unbracketed(new URL(`http://[${text}]`).hostname) : text;
}

function unbracketed(text: string): string {
  return text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
}

/**
 * An address as it is sent: a URL as it was written, trimmed; an IP address and a hash in their normal form.
 *
 * Throws   rejected `intelix.bad-input` when it cannot be an address of this kind; nothing is sent then.
 */
export function sentAddress(kind: LookupKind, text: string): string {
  const plain = text.trim();
  if (kind !== 'url' && (kindOfAddress(plain) !== kind || plain.includes('%')))
    throw badInput(`${quoted(shown(plain))} is no ${kind === 'ip' ? 'IPv4 or IPv6 address' : 'SHA-256 of 64 hex digits'}`);
  if (plain === '') throw badInput('The address to look up is empty');
  if (/[\p{Cc}\u2028\u2029]/u.test(plain)) throw badInput(`The address to look up holds control characters: ${quoted(shown(plain))}`);
  // Two dots would climb out of the path, however they are encoded.
  if (plain === '.' || plain === '..') throw badInput(`${quoted(plain)} is no address`);
  return kind === 'url' ? plain : normalAddress(plain);
}

/**
 * Any text as one segment of a path: a blank is `%20`, a slash `%2F`, a percent sign `%25`.
 *
 * Throws   rejected `intelix.bad-input` when it is too long, or half of a surrogate pair stands alone in it.
 */
export function segmentOf(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw badInput(`The address to look up is not valid Unicode: ${quoted(shown(text))}`);
  const segment = encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
  if (segment.length <= longestSegment) return segment;
  throw badInput(`The address to look up is too long: ${segment.length} bytes when encoded, ${longestSegment} are possible; it begins ${quoted(shown(text))}`);
}

/** As a message may repeat it: without user and password, query and fragment, which can hold secrets. */
export function shown(text: string): string {
  const plain = text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/?#\\]*@/i, '$1').replace(/[?#].*$/s, (rest) => `${rest[0]}...`);
  return (plain.length > longestShown ? `${plain.slice(0, longestShown)}...` : plain).replace(/\p{Surrogate}/gu, '\uFFFD');
}

function badInput(message: string): Failure {
  return new Failure('rejected', 'intelix.bad-input', `${message}: nothing was sent`, {
    advice: 'Give a URL, an IP address or the SHA-256 of a file, as it would stand in an address bar.',
  });
}
