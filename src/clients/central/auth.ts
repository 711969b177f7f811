/** How Central gives tokens: a form with id and secret, and refusals that may come with any status. */
import { CentralError } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { Clock, HttpReply, Secret } from '../../core/world.ts';
import type { Renewable } from '../renewable.ts';
import { type Ask, badBody, jsonOf } from '../request.ts';
import { holdTokens, isToken, lifeMsOf, type Token, type Tokens } from '../tokens.ts';

export type { Tokens } from '../tokens.ts';

export interface Credential {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/** A margin that another client of this API uses. */
const marginMs: Millis = 120_000;

const refusedCode = 'central.credentials-refused';

/**
 * Opens the tokens of a credential; `send` paces, sends and reads the status.
 *
 * Throws   (from `get`) auth `central.credentials-refused` when the identity service says no; transient for 429, 5xx and the network.
 * Source   reference, section 1: a 200 whose `errorCode` is not `success` is a refusal too.
 */
export function openTokens(
  credential: Renewable<Credential>,
  tokenUrl: string,
  timeoutMs: Millis,
  clock: Clock,
  send: (ask: Ask) => Promise<HttpReply>,
): Tokens {
  return holdTokens({
    clock,
    credential,
    marginMs,
    async ask(used, signal) {
      const ask: Ask = {
        method: 'POST',
        url: tokenUrl,
        purpose: 'to get a token',
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: formOf(used),
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

function formOf({ clientId, clientSecret }: Credential): string {
  return new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret.reveal(), scope: 'token' }).toString();
}

function readToken(reply: HttpReply, ask: Ask): Token {
  const answer = jsonOf(reply, ask);
  if (typeof answer !== 'object' || answer === null) throw badBody(ask, reply, 'the answer is not an object');
  const { access_token: token, expires_in: seconds, errorCode } = answer as Readonly<Record<string, unknown>>;
  if (typeof errorCode === 'string' && !/^(?:success)?$/i.test(errorCode)) throw refused(badBody(ask, reply, 'no token was given'));
  if (!isToken(token)) throw badBody(ask, reply, 'there is no `access_token` in it');
  return { token, lifeMs: lifeMsOf(seconds) };
}

/** Of the token endpoint, every refusal is about the credential. */
function asRefusal(error: unknown): unknown {
  if (error instanceof CentralError && error.code !== refusedCode && (error.kind === 'auth' || error.kind === 'rejected') && error.status < 404)
    return refused(error);
  return error;
}

function refused(error: CentralError): CentralError {
  const { status, method, url, centralCode, correlationId, requestId } = error;
  return new CentralError('auth', refusedCode, `Sophos refused the credential: ${error.message}`, {
    status,
    method,
    url,
    ...(centralCode === undefined ? {} : { centralCode }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(requestId === undefined ? {} : { requestId }),
    advice: 'Check `clientId` and `clientSecret`. Credentials expire: make a new one under API Credentials Management in Sophos Central.',
  });
}
