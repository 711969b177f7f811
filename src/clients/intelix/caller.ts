/**
 * One call to Intelix, from budget and token to the answer.
 *
 * As with Central (see its caller): the token is made sure of before standing in line and read again after; a 401 is asked again with a
 * fresh token, three times. What differs: the token stands in its header as it is, without `Bearer`; every call has a correlation id;
 * and a 429 that asks for more than a wait (the allowance of the month is used up) closes the client for that long instead of
 * keeping its callers waiting.
 */
import { CentralError, Failure } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { Http, HttpReply, Via, World } from '../../core/world.ts';
import type { Pace } from '../pace.ts';
import { landing, ready } from '../ready.ts';
import type { Renewable } from '../renewable.ts';
import { type Ask, retryAfterMs, send } from '../request.ts';
import type { Tokens } from '../tokens.ts';
import { type IntelixCredential, openIntelixTokens } from './auth.ts';
import type { IntelixHosts } from './hosts.ts';
import { intelixService } from './status.ts';

export interface IntelixCall {
  /** Default `GET`. */
  readonly method?: string;
  /** Encoded, from the first slash on. */
  readonly path: string;
  /** The path as failures tell it. */
  readonly shownPath?: string;
  readonly purpose: string;
  readonly correlationId: string;
  readonly body?: { readonly type: string; readonly bytes: Uint8Array };
  /** An answer that is no 2xx and is still an answer. */
  readonly accepts?: (reply: HttpReply) => boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface IntelixAnswer {
  readonly reply: HttpReply;
  readonly ask: Ask;
}

export interface IntelixCaller {
  /** `read` makes of the answer what is wanted; a fault that it finds in it is asked again like any other. */
  call<T>(call: IntelixCall, read: (answer: IntelixAnswer) => T): Promise<T>;
  /** The next call asks for a token of its own. */
  forgetToken(): void;
}

export interface IntelixCallerOptions {
  readonly world: World;
  readonly pace: Pace;
  readonly hosts: IntelixHosts;
  readonly credential: Renewable<IntelixCredential>;
  readonly via: Via;
  readonly timeoutMs: Millis;
  readonly retries: number;
  /** Told when Intelix asked to be left alone for longer than anybody waits. */
  readonly onClosed: (failure: Failure) => void;
}

const freshTokens = 3;
/** Anywhere up to 0.5 s, doubling to 30 s, as for Central. */
const firstBackoffMs: Millis = 500;
const longestBackoffMs: Millis = 30_000;
/** Who is asked to wait longer is better told so at once. */
const longestWaitMs: Millis = 600_000;

export function openIntelixCaller(options: IntelixCallerOptions): IntelixCaller {
  const { world, pace, hosts, credential, via, timeoutMs } = options;
  const { clock } = world;
  const now = () => clock.now();
  let closed: { readonly failure: Failure; readonly until: Millis } | null = null;

  const http: Http = async (request) => {
    const reply = await world.http({ ...request, via });
    const wish = retryAfterMs(reply, now());
    if (reply.status !== 429) pace.succeeded();
    else if (wish === undefined || wish <= longestWaitMs) pace.refused(wish);
    return reply;
  };
  const tokens: Tokens = openIntelixTokens(credential, hosts.tokenUrl, timeoutMs, clock, async (ask) => {
    const start = await pace.takeFirst(ask.signal ?? never());
    return await landing(start, send(http, ask, now));
  });

  async function attempt(call: IntelixCall): Promise<IntelixAnswer> {
    const signal = call.signal ?? never();
    const before = tokens.current();
    for (let refused = 0; ; ) {
      throwIfClosed();
      const { token, start } = await ready(tokens, pace, signal);
      const ask = askOf(call, token, signal);
      try {
        return { reply: await landing(start, send(http, ask, now)), ask };
      } catch (error) {
        if (!(error instanceof CentralError)) throw named(error, call.correlationId);
        if (error.status !== 401) throw error;
        if (tokens.current() === token) {
          tokens.discard(token);
          if (token !== before && ++refused === freshTokens) throw refusedToken(error, 'intelix.token-refused', error.advice);
        }
      }
    }
  }

  function askOf(call: IntelixCall, token: string, signal: AbortSignal): Ask {
    const { method = 'GET', path, shownPath, purpose, correlationId, body, accepts } = call;
    const url = hosts.apiUrl + path;
    return {
      method,
      url,
      purpose,
      service: intelixService,
      headers: {
        accept: 'application/json',
        'user-agent': 'sophos-central-connector',
        ...(url.startsWith('https:') ? { 'accept-encoding': 'gzip' } : {}),
        authorization: token,
        'x-correlation-id': correlationId,
        ...(body === undefined ? {} : { 'content-type': body.type }),
      },
      ...(body === undefined ? {} : { body: body.bytes }),
      ...(shownPath === undefined ? {} : { shownPath }),
      ...(accepts === undefined ? {} : { accepts }),
      timeoutMs,
      signal,
    };
  }

  function throwIfClosed(): void {
    if (closed && clock.monotonic() < closed.until) throw closed.failure;
    closed = null;
  }

  function closeIfAsked(error: unknown): void {
    if (!(error instanceof CentralError) || error.code !== 'intelix.throttled' || (error.retryAfterMs ?? 0) <= longestWaitMs || closed) return;
    closed = { failure: error, until: clock.monotonic() + (error.retryAfterMs ?? 0) };
    options.onClosed(error);
  }

  async function call<T>(call: IntelixCall, read: (answer: IntelixAnswer) => T): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return read(await attempt(call));
      } catch (error) {
        closeIfAsked(error);
        if (tries >= options.retries || closed || !isWorthRetrying(error, call.method ?? 'GET')) throw error;
        const pauseMs = Math.max(world.random() * Math.min(longestBackoffMs, firstBackoffMs * 2 ** tries), error.retryAfterMs ?? 0);
        world.report({ name: 'request.failed', code: error.code, reason: error.message, tries: tries + 1, pauseMs: Math.round(pauseMs) });
        await clock.sleep(pauseMs, call.signal ?? never());
      }
    }
  }

  return {
    call,
    forgetToken() {
      const token = tokens.current();
      if (token !== null) tokens.discard(token);
    },
  };
}

/** What went wrong before there was an answer, with the name that the call has at the far end. */
function named(error: unknown, correlationId: string): unknown {
  if (!(error instanceof Failure)) return error;
  const { kind, code, message, advice, cause, retryAfterMs: wish } = error;
  return new Failure(kind, code, `${message} (correlation id ${correlationId})`, {
    cause,
    ...(advice === undefined ? {} : { advice }),
    ...(wish === undefined ? {} : { retryAfterMs: wish }),
  });
}

function refusedToken(error: CentralError, code: string, advice: string | undefined): CentralError {
  const { status, method, url, correlationId, requestId } = error;
  return new CentralError('auth', code, error.message, {
    status,
    method,
    url,
    cause: error,
    ...(advice === undefined ? {} : { advice }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(requestId === undefined ? {} : { requestId }),
  });
}

/** What may have been done is not asked for twice: of anything but a GET only what certainly was not. */
function isWorthRetrying(error: unknown, method: string): error is Failure {
  if (!(error instanceof Failure) || error.kind !== 'transient') return false;
  return method === 'GET' || ['intelix.throttled', 'http.refused', 'http.dns', 'http.proxy'].includes(error.code);
}

function never(): AbortSignal {
  return new AbortController().signal;
}
