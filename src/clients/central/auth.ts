/**
 * The token of one credential, held in memory only.
 *
 * Whoever needs a token while there is none, or while it is about to expire, waits for the same one request. It belongs to nobody:
 * one caller that gives up does not take it from the others; when all have given up, it is aborted.
 */
import { CentralError, Failure } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { Clock, HttpReply, Secret } from '../../core/world.ts';
import { type Ask, badBody, jsonOf } from '../request.ts';

export interface Credential {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

export interface Tokens {
  /** A token that is good for some time yet. */
  get(signal: AbortSignal): Promise<string>;
  /** The token in hand, if it has not expired. */
  current(): string | null;
  /** The API refused it: the next `get` asks for another. Of a token that has been replaced since, this means nothing. */
  discard(token: string): void;
}

/** Renewed so long before it expires (a margin that another client of this API uses), of short-lived ones at half their life. */
const marginMs: Millis = 120_000;
/** What a reply that names no life is given. */
const unknownLifeMs: Millis = 600_000;
/** So long a refusal is repeated without asking: thousands of streams must not all have it from the far end. */
const refusalMs: Millis = 2000;
/** So long an old token is used on, when its renewal failed, before that is tried again. */
const secondTryMs: Millis = 5000;

const refusedCode = 'central.credentials-refused';

/**
 * Opens the tokens of a credential; `send` paces, sends and reads the status.
 *
 * Throws   (from `get`) auth `central.credentials-refused` when the identity service says no; transient for 429, 5xx and the network.
 * Source   reference, section 1: a 200 whose `errorCode` is not `success` is a refusal too.
 */
export function openTokens(credential: Credential, tokenUrl: string, timeoutMs: Millis, clock: Clock, send: (ask: Ask) => Promise<HttpReply>): Tokens {
  let held: { readonly token: string; readonly expiresAt: Millis; renewAt: Millis } | null = null;
  let refusal: { readonly failure: Failure; readonly until: Millis } | null = null;
  let renewal: { readonly done: Promise<string>; readonly abort: AbortController; waiting: number } | null = null;

  async function renew(signal: AbortSignal): Promise<string> {
    const ask: Ask = {
      method: 'POST',
      url: tokenUrl,
      purpose: 'to get a token',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: formOf(credential),
      timeoutMs,
      signal,
    };
    try {
      const reply = await send(ask);
      const { token, lifeMs } = readToken(reply, ask);
      const now = clock.monotonic();
      held = { token, expiresAt: now + lifeMs, renewAt: now + lifeMs - Math.min(marginMs, lifeMs / 2) };
      return token;
    } catch (error) {
      const failure = asRefusal(error);
      if (!(failure instanceof Failure)) throw failure;
      const now = clock.monotonic();
      if (failure.kind === 'auth') refusal = { failure, until: now + refusalMs };
      else if (held && now < held.expiresAt) {
        held.renewAt = now + secondTryMs;
        return held.token;
      }
      throw failure;
    }
  }

  return {
    async get(signal) {
      signal.throwIfAborted();
      const now = clock.monotonic();
      if (held && now < held.renewAt) return held.token;
      if (refusal && now < refusal.until) throw refusal.failure;
      if (!renewal) {
        const abort = new AbortController();
        const done = renew(abort.signal).finally(() => {
          if (renewal?.abort === abort) renewal = null;
        });
        renewal = { done, abort, waiting: 0 };
      }
      const mine = renewal;
      mine.waiting++;
      try {
        return await unlessAborted(mine.done, signal);
      } finally {
        if (--mine.waiting === 0) {
          if (renewal === mine) renewal = null;
          mine.abort.abort();
        }
      }
    },
    current: () => (held && clock.monotonic() < held.expiresAt ? held.token : null),
    discard(token) {
      if (held?.token === token) held = null;
    },
  };
}

function formOf({ clientId, clientSecret }: Credential): string {
  return new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret.reveal(), scope: 'token' }).toString();
}

function readToken(reply: HttpReply, ask: Ask): { readonly token: string; readonly lifeMs: Millis } {
  const answer = jsonOf(reply, ask);
  if (typeof answer !== 'object' || answer === null) throw badBody(ask, reply, 'the answer is not an object');
  const { access_token: token, expires_in: seconds, errorCode } = answer as Readonly<Record<string, unknown>>;
  if (typeof errorCode === 'string' && !/^(?:success)?$/i.test(errorCode)) throw refused(badBody(ask, reply, 'no token was given'));
  // Anything that could not stand in a header is no token.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) throw badBody(ask, reply, 'there is no `access_token` in it');
  const life = Number(seconds);
  return { token, lifeMs: life > 0 && Number.isFinite(life) ? life * 1000 : unknownLifeMs };
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

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
