/**
 * One call to Central, from budget and token to the answer. Every resource goes through here.
 *
 * The token is made sure of before standing in line for the budget, and read again after: a wait can outlast a token. A 401 is asked
 * again with a fresh token, three times; one for a token that somebody has renewed since is simply asked again. An old API token has no
 * such tokens: what it is refused is asked once more when reading it again gave another.
 */
import { setMaxListeners } from 'node:events';
import { CentralError, Failure } from '../../core/failure.ts';
import type { LegacyToken } from '../../core/legacy-token.ts';
import type { Json, Millis } from '../../core/types.ts';
import type { Http, HttpReply, Via, World } from '../../core/world.ts';
import type { Pace } from '../pace.ts';
import { landing, ready } from '../ready.ts';
import { type Ask, jsonOf, retryAfterMs, send } from '../request.ts';
import { isReplaced } from '../tokens.ts';
import { openTokens, type Tokens } from './auth.ts';
import type { OpenCredential } from './credential.ts';
import type { Hosts } from './hosts.ts';
import { openCentralTime } from './time.ts';

export interface Call {
  /** Default `GET`. */
  readonly method?: string;
  /** An admitted base (see hosts.ts); default: the global host. An old API token goes to its own, whatever stands here. */
  readonly base?: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
  /** Adds `X-Tenant-ID`, and counts for that tenant's own limits. */
  readonly tenantId?: string;
  /** It changes nothing, whatever its method: it may be asked again like a GET. */
  readonly isSafe?: boolean;
  /** What is attempted, as in `to read the tenants`. */
  readonly purpose: string;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly reply: HttpReply;
  readonly ask: Ask;
  /** Central's time when the request was sent. */
  readonly askedAt: Millis;
}

export interface Caller {
  readonly hosts: Hosts;
  /** Central's time. */
  now(): Millis;
  /** `read` makes of the answer what is wanted; a fault that it finds in it (a body that is not whole) is asked again like any other. */
  call<T>(call: Call, read: (answer: Answer) => T): Promise<T>;
  json(call: Call): Promise<unknown>;
}

export interface CallerOptions {
  readonly world: World;
  readonly pace: Pace;
  readonly hosts: Hosts;
  readonly credential: OpenCredential;
  readonly via: Via;
  readonly timeoutMs: Millis;
  readonly retries: number;
}

const freshTokens = 3;
/** Back-off of the client's own retries: anywhere up to 0.5 s, doubling to 30 s. */
const firstBackoffMs: Millis = 500;
const longestBackoffMs: Millis = 30_000;

export function openCaller(options: CallerOptions): Caller {
  const { world, pace, hosts, credential, via, timeoutMs } = options;
  const { clock } = world;
  const time = openCentralTime(clock);

  const http: Http = async (request) => {
    const reply = await world.http({ ...request, via });
    time.observe(reply);
    if (reply.status === 429) pace.refused(retryAfterMs(reply, time.now()));
    else pace.succeeded();
    return reply;
  };
  const legacy = credential.kind === 'token' ? credential.token : null;
  const tokens: Tokens | null =
    credential.kind === 'token'
      ? null
      : openTokens(credential.client, hosts.tokenUrl, timeoutMs, clock, async (ask) => {
          const start = await pace.takeFirst(ask.signal ?? never());
          return await landing(start, send(http, ask, time.now));
        });

  async function attempt(call: Call): Promise<Answer> {
    const signal = call.signal ?? never();
    const before = tokens?.current() ?? null;
    let isRenewed = false;
    for (let refused = 0; ; ) {
      const { token, start } = tokens ? await ready(tokens, pace, signal, call.tenantId) : { token: null, start: await pace.take(signal, call.tenantId) };
      const key = legacy?.current ?? null;
      const ask = askOf(call, token ?? key, signal);
      const sentAt = clock.monotonic();
      try {
        const reply = await landing(start, send(http, ask, time.now));
        world.report({
          name: 'call.answered',
          tenantId: call.tenantId,
          method: ask.method,
          path: call.path,
          status: reply.status,
          ms: Math.round(clock.monotonic() - sentAt),
          bytes: reply.body.length,
        });
        return { reply, ask, askedAt: time.at(sentAt) };
      } catch (error) {
        if (!(error instanceof CentralError)) throw error;
        if (legacy && key && (error.status === 401 || error.status === 403)) {
          const refusal = refusedToken(error, 'central.legacy-token-refused', legacyAdvice);
          if (isRenewed || !(await isReplaced(legacy, key, refusal, signal))) throw refusal;
          isRenewed = true;
          continue;
        }
        if (error.status !== 401 || !tokens || token === null) throw error;
        if (tokens.current() === token) {
          tokens.discard(token);
          if (token !== before && ++refused === freshTokens) throw refusedToken(error, 'central.token-refused', error.advice);
        }
      }
    }
  }

  function askOf(call: Call, token: string | LegacyToken | null, signal: AbortSignal): Ask {
    const key = typeof token === 'object' ? token : null;
    const { method = 'GET', base = hosts.apiUrl, path, query = {}, headers, body, tenantId, purpose } = call;
    const url = new URL((key?.url ?? base) + path);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    return {
      method,
      url: url.href,
      purpose,
      headers: {
        accept: 'application/json',
        'user-agent': 'sophos-central-connector',
        // Plain http is a simulator or a proxy next door: there, compressing costs more than it saves.
        ...(url.protocol === 'https:' ? { 'accept-encoding': 'gzip' } : {}),
        ...(key ? { 'x-api-key': key.apiKey.reveal(), authorization: key.authorization.reveal(), 'x-locale': 'en' } : {}),
        ...(typeof token === 'string' ? { authorization: `Bearer ${token}` } : {}),
        ...(tenantId === undefined || key ? {} : { 'x-tenant-id': tenantId }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs,
      signal,
    };
  }

  async function call<T>(call: Call, read: (answer: Answer) => T): Promise<T> {
    // Many calls share one signal; ten listeners are no leak.
    if (call.signal) setMaxListeners(0, call.signal);
    for (let tries = 0; ; tries++) {
      try {
        return read(await attempt(call));
      } catch (error) {
        if (tries >= options.retries || !isWorthRetrying(error, call.isSafe ?? (call.method ?? 'GET') === 'GET')) throw error;
        const pauseMs = Math.max(world.random() * Math.min(longestBackoffMs, firstBackoffMs * 2 ** tries), error.retryAfterMs ?? 0);
        world.report({
          name: 'request.failed',
          tenantId: call.tenantId,
          code: error.code,
          reason: error.message,
          tries: tries + 1,
          pauseMs: Math.round(pauseMs),
        });
        await clock.sleep(pauseMs, call.signal ?? never());
      }
    }
  }

  return {
    hosts,
    now: time.now,
    call,
    json: (one) => call(one, ({ reply, ask }) => jsonOf(reply, ask)),
  };
}

const legacyAdvice = 'The API token is wrong, revoked, or older than its year. Better: make an API credential (client id and secret) instead.';

function refusedToken(error: CentralError, code: string, advice: string | undefined): CentralError {
  const { status, method, url, centralCode, correlationId, requestId } = error;
  return new CentralError('auth', code, error.message, {
    status,
    method,
    url,
    cause: error,
    ...(advice === undefined ? {} : { advice }),
    ...(centralCode === undefined ? {} : { centralCode }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(requestId === undefined ? {} : { requestId }),
  });
}

/** What may have been done is not asked for twice: of anything that changes something only what certainly was not. */
function isWorthRetrying(error: unknown, isSafe: boolean): error is Failure {
  if (!(error instanceof Failure) || error.kind !== 'transient') return false;
  return isSafe || ['central.throttled', 'http.refused', 'http.dns', 'http.proxy'].includes(error.code);
}

function never(): AbortSignal {
  return new AbortController().signal;
}
