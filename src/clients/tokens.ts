/**
 * The token of one credential, held in memory only.
 *
 * Whoever needs a token while there is none, or while it is about to expire, waits for the same one request. When that is refused, the
 * credential is read again, and if it is another one now, the token is asked for once more.
 */
import { Failure } from '../core/failure.ts';
import type { Millis } from '../core/types.ts';
import type { Clock } from '../core/world.ts';
import type { Renewable } from './renewable.ts';
import { SingleFlight } from './single-flight.ts';

export interface Tokens {
  /** A token that is good for some time yet. */
  get(signal: AbortSignal): Promise<string>;
  /** The token in hand, if it has not expired. */
  current(): string | null;
  /** The API refused it: the next `get` asks for another. Of a token that has been replaced since, this means nothing. */
  discard(token: string): void;
}

export interface Token {
  readonly token: string;
  /** `undefined`: the reply named none that can be used. */
  readonly lifeMs: Millis | undefined;
}

export interface TokensOptions<C> {
  readonly clock: Clock;
  readonly credential: Renewable<C>;
  /** Renewed so long before it expires, of short-lived ones at half their life. */
  readonly marginMs: Millis;
  /** Asks for one. Its failures of kind `auth` are refusals of the credential. */
  readonly ask: (credential: C, signal: AbortSignal) => Promise<Token>;
}

/** What a reply that names no life is given. */
const unknownLifeMs: Millis = 600_000;
/** So long a refusal is repeated without asking: thousands of streams must not all have it from the far end. */
const refusalMs: Millis = 2000;
/** So long an old token is used on, when its renewal failed, before that is tried again. */
const secondTryMs: Millis = 5000;

/**
 * Opens the tokens of a credential.
 *
 * Throws   (from `get`) what `ask` throws; not when its failure may pass and the old token is still good.
 */
export function holdTokens<C>({ clock, credential, marginMs, ask }: TokensOptions<C>): Tokens {
  let held: { readonly token: string; readonly expiresAt: Millis; renewAt: Millis } | null = null;
  let refusal: { readonly failure: Failure; readonly until: Millis } | null = null;
  const renewal = new SingleFlight<string>();

  async function askOrRenew(signal: AbortSignal): Promise<Token> {
    const used = credential.current;
    try {
      return await ask(used, signal);
    } catch (failure) {
      if (!(failure instanceof Failure) || failure.kind !== 'auth' || !(await isReplaced(credential, used, failure, signal))) throw failure;
      return await ask(credential.current, signal);
    }
  }

  async function renew(signal: AbortSignal): Promise<string> {
    try {
      const { token, lifeMs = unknownLifeMs } = await askOrRenew(signal);
      const now = clock.monotonic();
      held = { token, expiresAt: now + lifeMs, renewAt: now + lifeMs - Math.min(marginMs, lifeMs / 2) };
      return token;
    } catch (failure) {
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
      return await renewal.join('', signal, renew);
    },
    current: () => (held && clock.monotonic() < held.expiresAt ? held.token : null),
    discard(token) {
      if (held?.token === token) held = null;
    },
  };
}

/** Is there another by now? A reading that fails leaves the refusal as it is, with its own failure as the cause. */
export async function isReplaced<C>(credential: Renewable<C>, used: C, refusal: Failure, signal: AbortSignal): Promise<boolean> {
  try {
    return await credential.replaced(used, signal);
  } catch (error) {
    signal.throwIfAborted();
    refusal.cause ??= error;
    return false;
  }
}

/** What a reply says of a token's life, in seconds. */
export function lifeMsOf(seconds: unknown): Millis | undefined {
  const life = Number(seconds);
  return life > 0 && Number.isFinite(life) ? life * 1000 : undefined;
}

/** Anything that could not stand in a header is no token. */
export function isToken(token: unknown): token is string {
  return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token);
}
