import { secret } from '../../core/secret.ts';
import type { Secret } from '../../core/world.ts';

/** Where mail is handed in. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps://`). */
  readonly isTls: boolean;
  readonly user: string | undefined;
  readonly password: Secret | undefined;
}

export const serverRule =
  'expected `smtp://host`, `smtp://host:587` or `smtps://host`, with `user:password@` if wanted (special characters as %40 and the like) and without path or query';

/** Reads `smtp` of the options; `undefined` when it is no such URL. The password is sealed at once. */
export function readServer(text: string): MailServer | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  if ((protocol !== 'smtp:' && protocol !== 'smtps:') || hostname === '' || port === '0') return undefined;
  if (!/^\/?$/.test(pathname) || search !== '' || hash !== '') return undefined;
  // Two `@` would be masked in the wrong place when the configuration is shown.
  if ((text.match(/@/g)?.length ?? 0) > 1 || (username === '' && password !== '')) return undefined;
  const isTls = protocol === 'smtps:';
  const user = decoded(username);
  const word = decoded(password);
  if (user === undefined || word === undefined) return undefined;
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (isTls ? 465 : user === '' ? 25 : 587) : Number(port),
    isTls,
    user: user === '' ? undefined : user,
    password: word === '' ? undefined : secret(word),
  };
}

/** Does the connection stay on this machine? */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
