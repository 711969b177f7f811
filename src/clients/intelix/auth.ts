/** How Intelix gives tokens: for `Basic` with id and secret (reference, 11.1). Its credentials are its own, not Central's. */
import { CentralError } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { Clock, HttpReply, Secret } from '../../core/world.ts';
import type { Renewable } from '../renewable.ts';
import { type Ask, badBody, jsonOf } from '../request.ts';
import { holdTokens, isToken, lifeMsOf, type Token, type Tokens } from '../tokens.ts';
import { intelixService } from './status.ts';

export interface IntelixCredential {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

const marginMs: Millis = 60_000;

/**
 * Opens the tokens of a credential; `send` paces, sends and reads the status.
 *
 * Throws   (from `get`) auth `intelix.credentials-refused` when the token service says no; transient for 429, 5xx and the network.
 */
export function openIntelixTokens(
  credential: Renewable<IntelixCredential>,
  tokenUrl: string,
  timeoutMs: Millis,
  clock: Clock,
  send: (ask: Ask) => Promise<HttpReply>,
): Tokens {
  return holdTokens({
    clock,
    credential,
    marginMs,
    async ask({ clientId, clientSecret }, signal) {
      const ask: Ask = {
        method: 'POST',
        url: tokenUrl,
        purpose: 'to get a token',
        service: intelixService,
        headers: {
          authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret.reveal()}`).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
          'user-agent': 'sophos-central-connector',
        },
        body: 'grant_type=client_credentials',
        timeoutMs,
        signal,
      };
      try {
        return readToken(await send(ask), ask);
      } catch (error) {
        throw asRefusal(error);
      }
    },
  });
}

function readToken(reply: HttpReply, ask: Ask): Token {
  const answer = jsonOf(reply, ask);
  const { access_token: token, expires_in: seconds } = typeof answer === 'object' && answer !== null ? (answer as Readonly<Record<string, unknown>>) : {};
  if (!isToken(token)) throw badBody(ask, reply, 'there is no `access_token` in it');
  return { token, lifeMs: lifeMsOf(seconds) };
}

/** Of the token service, 400, 401 and 403 are about the credential. */
function asRefusal(error: unknown): unknown {
  if (!(error instanceof CentralError) || ![400, 401, 403].includes(error.status)) return error;
  const { status, method, url, centralCode, correlationId, requestId } = error;
  return new CentralError('auth', 'intelix.credentials-refused', `Intelix refused the credential: ${error.message}`, {
    status,
    method,
    url,
    ...(centralCode === undefined ? {} : { centralCode }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(requestId === undefined ? {} : { requestId }),
    advice: 'Check `clientId` and `clientSecret` of Intelix: they come with its subscription in the AWS Marketplace, and are not those of Sophos Central.',
  });
}
