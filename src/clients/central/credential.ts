import { Failure } from '../../core/failure.ts';
import type { LegacyToken } from '../../core/legacy-token.ts';
import { secret } from '../../core/secret.ts';
import type { Clock, Renew, Secret } from '../../core/world.ts';
import { openRenewable, type Renewable } from '../renewable.ts';
import type { Credential } from './auth.ts';
import { parseLegacyToken } from './legacy.ts';

/** What opens Central: id and secret, or the old API token for the SIEM feeds. */
export interface CentralCredential {
  readonly clientId?: string;
  readonly clientSecret?: string | Secret;
  /** The old API token, as one line or already read; for the SIEM feeds only, instead of id and secret. */
  readonly siemToken?: string | Secret | LegacyToken;
}

/** A credential in use. It stays of its kind, however often it is read again. */
export type OpenCredential =
  | { readonly kind: 'client'; readonly client: Renewable<Credential> }
  | { readonly kind: 'token'; readonly token: Renewable<LegacyToken> };

/**
 * Reads a credential.
 *
 * Throws   config `central.no-credential`, `central.legacy-token`, `central.foreign-host`.
 */
export function openCredential(
  given: CentralCredential,
  admit: (url: string, namedBy: string) => string,
  clock: Clock,
  renew?: Renew<CentralCredential>,
): OpenCredential {
  if (given.siemToken === undefined) {
    const first = clientOf(given);
    return { kind: 'client', client: openRenewable(first, clock, renew && differing(first, renew, clientOf, isSameClient)) };
  }
  const tokenOf = ({ siemToken }: CentralCredential) => (siemToken === undefined ? noCredential() : admitted(legacyOf(siemToken), admit));
  const first = tokenOf(given);
  return { kind: 'token', token: openRenewable(first, clock, renew && differing(first, renew, tokenOf, isSameToken)) };
}

/** One that is the same by its value is no other. */
function differing<T>(first: T, renew: Renew<CentralCredential>, read: (given: CentralCredential) => T, isSame: (one: T, other: T) => boolean): Renew<T> {
  let last = first;
  return async (signal) => {
    const given = await renew(signal);
    const fresh = given === null ? last : read(given);
    if (isSame(fresh, last)) return null;
    last = fresh;
    return fresh;
  };
}

function isSameClient(one: Credential, other: Credential): boolean {
  return one.clientId === other.clientId && one.clientSecret.reveal() === other.clientSecret.reveal();
}

function isSameToken(one: LegacyToken, other: LegacyToken): boolean {
  return one.url === other.url && one.apiKey.reveal() === other.apiKey.reveal() && one.authorization.reveal() === other.authorization.reveal();
}

function clientOf({ clientId, clientSecret }: CentralCredential): Credential {
  return clientId && clientSecret ? { clientId, clientSecret: sealed(clientSecret) } : noCredential();
}

function noCredential(): never {
  throw new Failure('config', 'central.no-credential', 'There is no credential: `clientId` and `clientSecret` are both needed, or `siemToken`', {
    advice: 'Make one under API Credentials Management in Sophos Central, and give both parts.',
  });
}

function sealed(value: string | Secret): Secret {
  return typeof value === 'string' ? secret(value) : value;
}

function legacyOf(token: string | Secret | LegacyToken): LegacyToken {
  return typeof token === 'object' && 'apiKey' in token ? token : parseLegacyToken(sealed(token));
}

function admitted(token: LegacyToken, admit: (url: string, namedBy: string) => string): LegacyToken {
  try {
    return { ...token, url: admit(token.url, '`siemToken`') };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure('config', error.code, error.message, error.advice === undefined ? {} : { advice: error.advice });
  }
}
