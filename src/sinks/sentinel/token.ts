import type { SinkPlace } from '../../core/kinds.ts';
import { secret } from '../../core/secret.ts';
import type { Millis } from '../../core/types.ts';
import type { Secret, World } from '../../core/world.ts';
import { cleanOf } from '../wire/answer.ts';
import { openCourier } from '../wire/courier.ts';
import { readSecret } from '../wire/credentials.ts';
import { baseOf, type SentinelOptions } from './options.ts';
import { readToken } from './status.ts';

/** Tokens of Entra for one app registration, one at a time. */
export interface Tokens {
  /** One that is good for a while yet. */
  current(signal: AbortSignal): Promise<Secret>;
  /** This one was refused: the next is another. */
  refuse(token: Secret): void;
}

/** A token is renewed so long before its end. */
const marginMs = 120_000;

/** Throws   config `wire.secret-malformed`, `wire.tls-file`. */
export async function openTokens(given: SentinelOptions, world: World, place: SinkPlace): Promise<Tokens> {
  const clientSecret = readSecret('clientSecret', given.clientSecret, /^[\x20-\x7e]+$/);
  const url = `${baseOf(given.authorityUrl)}/${encodeURIComponent(given.tenantId)}/oauth2/v2.0/token`;
  const courier = await openCourier({ ...given, url, headers: {}, secretHeaders: {}, gzip: false }, world, place);
  const clean = cleanOf([clientSecret]);
  const form = new URLSearchParams({
    client_id: given.clientId,
    client_secret: clientSecret.reveal(),
    scope: given.scope,
    grant_type: 'client_credentials',
  });
  const letter = {
    method: 'POST',
    url: (address: string) => address,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
  };
  let kept: { readonly token: Secret; readonly until: Millis } | null = null;

  return {
    async current(signal) {
      if (kept && world.clock.monotonic() < kept.until) return kept.token;
      const askedAt = world.clock.monotonic();
      const asked = { what: `asking ${new URL(url).origin} for a token`, clean, now: world.clock.now() };
      const { token, lifeMs } = await courier.carry(letter, (reply) => readToken(asked, reply), signal);
      kept = { token: secret(token), until: askedAt + Math.max(lifeMs - marginMs, lifeMs / 2) };
      return kept.token;
    },
    refuse(token) {
      if (kept?.token === token) kept = null;
    },
  };
}
