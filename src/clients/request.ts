/**
 * One request: sent once, its status read once. The whole of Central's status table stands here (reference, 9.1 and 9.2); another
 * service brings its own.
 */
import { CentralError, type FailureKind } from '../core/failure.ts';
import { passwordIn, strikeOut } from '../core/secret.ts';
import type { Millis } from '../core/types.ts';
import type { Http, HttpReply, HttpRequest } from '../core/world.ts';

/** A request, and what it is for. */
export interface Ask extends HttpRequest {
  /** What was attempted, as in `to read the events of Acme`. */
  readonly purpose: string;
  /** Whose words and codes the failures have; default: Central's. */
  readonly service?: Service;
  /** The path as failures tell it, where the real one may be long or hold what is nobody else's business. */
  readonly shownPath?: string;
  /** An answer that is no 2xx and is still an answer. */
  readonly accepts?: (reply: HttpReply) => boolean;
}

/** Who is asked, as failures tell it. */
export interface Service {
  /** As in `Central says`. */
  readonly name: string;
  readonly meaningOf: (status: number) => Meaning;
  readonly badBody: Omit<Meaning, 'means'>;
}

/** Sends and resolves with any 2xx reply; throws a CentralError for every other, and what `Http` throws. */
export async function send(http: Http, ask: Ask, now: () => Millis): Promise<HttpReply> {
  const reply = await http(ask);
  if ((reply.status >= 200 && reply.status < 300) || ask.accepts?.(reply)) return reply;
  throw refusal(ask, reply, now());
}

/** The reply's JSON; a 2xx that is none is a fault on the way, never an empty answer. */
export function jsonOf(reply: HttpReply, ask: Ask): unknown {
  try {
    // A byte order mark may stand before it (RFC 8259, 8.1).
    return JSON.parse(reply.body.toString('utf8').replace(/^\uFEFF/, ''));
  } catch {
    throw badBody(ask, reply, 'the body is not JSON, or not all of it');
  }
}

/** For a 2xx reply that says nothing we can use. */
export function badBody(ask: Ask, reply: HttpReply, seen: string): CentralError {
  return errorOf(ask, reply, wordsOf(reply, ask), { ...(ask.service ?? central).badBody, means: seen });
}

/** What one status, or a useless answer, means. */
export interface Meaning {
  readonly kind: FailureKind;
  readonly code: string;
  readonly means: string;
  readonly advice: string;
}

const later = 'Try again later; if it goes on, look at the status page of Sophos Central, or ask Sophos support with the correlation id.';

/** What each status means, in one place. */
function meaningOf(status: number): Meaning {
  switch (status) {
    case 400:
      return {
        kind: 'rejected',
        code: 'central.bad-request',
        means: 'a parameter was not accepted',
        advice: 'Correct the option that it names; if none is yours, report this with the correlation id.',
      };
    case 401:
      return {
        kind: 'auth',
        code: 'central.unauthorized',
        means: 'the token was not accepted',
        advice: 'Check the credential in Sophos Central: it may be expired or revoked.',
      };
    case 403:
      return {
        kind: 'rejected',
        code: 'central.forbidden',
        means: 'access is not permitted',
        advice:
          "Check these usual causes: a term customer has not switched on partner assistance; a trial account; another partner's tenant; the credential's role lacks this permission; the feature is not licensed.",
      };
    case 404:
      return {
        kind: 'rejected',
        code: 'central.not-found',
        means: 'there is no such object or route on this host',
        advice: 'Check `authUrl` and `apiUrl` if you set them, and whether the object still exists.',
      };
    case 408:
    case 425:
      return { kind: 'transient', code: 'central.unavailable', means: 'the request came too slowly or too early', advice: later };
    case 409:
      return {
        kind: 'rejected',
        code: 'central.conflict',
        means: 'it conflicts with the present state',
        advice: 'Look whether it exists already, is locked by a managing account, or is still under way.',
      };
    case 422:
      return {
        kind: 'rejected',
        code: 'central.unprocessable',
        means: 'the values are well-formed, and not permitted together',
        advice: 'Change the values that it names.',
      };
    case 429:
      return {
        kind: 'transient',
        code: 'central.throttled',
        means: 'too many requests',
        advice: 'Find out whether the credential is used elsewhere too. Lower `rateLimits`, or give each user a credential of its own.',
      };
    case 500:
      return { kind: 'transient', code: 'central.server-error', means: 'an error inside Central', advice: later };
    default:
      if (status >= 500) return { kind: 'transient', code: 'central.unavailable', means: 'Central or a gateway before it is not available', advice: later };
      if (status < 400)
        return {
          kind: 'transient',
          code: 'central.redirected',
          means: 'we were sent elsewhere, and did not go',
          advice: 'Look whether a proxy in between wants a login, and check `authUrl` and `apiUrl` if you set them.',
        };
      return { kind: 'rejected', code: 'central.refused', means: 'the request was refused', advice: 'Ask Sophos support, with the correlation id.' };
  }
}

const central: Service = {
  name: 'Central',
  meaningOf,
  badBody: {
    kind: 'transient',
    code: 'central.bad-body',
    advice: 'Look for a proxy or gateway in between that changes answers; without one, try again later.',
  },
};

function refusal(ask: Ask, reply: HttpReply, now: Millis): CentralError {
  const words = wordsOf(reply, ask);
  const service = ask.service ?? central;
  const meaning = service.meaningOf(reply.status);
  // A gateway's or a proxy's page is not Central's word on a tenant or a parameter.
  const foreign = `The answer is not in the form of ${service.name}: look for a proxy or gateway in between.`;
  const advice = words.foreign ? `${foreign} ${meaning.advice}` : meaning.advice;
  return errorOf(ask, reply, words, { ...meaning, advice }, retryAfterMs(reply, now));
}

function errorOf(ask: Ask, reply: HttpReply, words: Words, { kind, code, means, advice }: Meaning, retryMs?: Millis): CentralError {
  const { origin, pathname, host } = new URL(ask.url);
  const path = ask.shownPath ?? pathname;
  const said = [words.error, words.message].filter((each) => each !== undefined).join(': ');
  const id = words.correlationId === undefined ? '' : ` (correlation id ${words.correlationId})`;
  const { name } = ask.service ?? central;
  const message = `${ask.method} ${path} at ${host}, ${ask.purpose}: ${reply.status}, ${means}${said ? `; ${name} says "${said}"` : ''}${id}`;
  return new CentralError(kind, code, message, {
    status: reply.status,
    method: ask.method,
    url: origin + path,
    ...(words.error === undefined ? {} : { centralCode: words.error }),
    ...(words.correlationId === undefined ? {} : { correlationId: words.correlationId }),
    ...(words.requestId === undefined ? {} : { requestId: words.requestId }),
    ...(retryMs === undefined ? {} : { retryAfterMs: retryMs }),
    advice,
  });
}

interface Words {
  readonly error: string | undefined;
  readonly message: string | undefined;
  readonly correlationId: string | undefined;
  readonly requestId: string | undefined;
  /** Form E: no JSON at all. */
  readonly foreign: boolean;
}

/** Reads every form of error body: A and B (`error`, `message`), C (`error` only), D (`errorCode`, `message`, `trackingId`), E (anything). */
function wordsOf({ body, headers }: HttpReply, ask: Ask): Words {
  const secrets = secretsOf(ask);
  const fields = fieldsOf(body);
  const text = (name: string) => {
    const value = fields?.[name];
    return typeof value === 'string' && value !== '' ? clean(value, secrets) : undefined;
  };
  // What we gave the call as its name serves as well as what came back.
  const header = headers['x-correlation-id'] ?? ask.headers['x-correlation-id'];
  return {
    error: text('error') ?? text('errorCode') ?? text('code'),
    message: text('message'),
    correlationId: text('correlationId') ?? text('trackingId') ?? (header === undefined ? undefined : clean(header, secrets)),
    requestId: text('requestId'),
    foreign: fields === null && body.length > 0,
  };
}

function fieldsOf(body: Buffer): Readonly<Record<string, unknown>> | null {
  // Error bodies are short; a long one is a page of something else.
  if (body.length > 65_536) return null;
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** What the request carries in secret: a far end that repeats it must not bring it into a message. */
function secretsOf({ headers, body, via }: Ask): string[] {
  const { authorization, 'x-api-key': apiKey, 'content-type': type } = headers;
  const form = type === 'application/x-www-form-urlencoded' && typeof body === 'string' ? new URLSearchParams(body).get('client_secret') : null;
  const told = type === 'application/json' && typeof body === 'string' ? secretsIn(body) : [];
  return [authorization?.replace(/^\S+ /, ''), basicSecret(authorization), passwordIn(via?.proxy), apiKey, form, ...told].filter(
    (each) => typeof each === 'string' && each !== '',
  ) as string[];
}

/** Of the JSON that we send: the token of a migration, the code that locks a phone; as it is, and as it stands there. */
function secretsIn(json: string): string[] {
  const texts = json.matchAll(/"[^"]*(?:token|password|secret|(?:lock|wipe)code)[^"]*":("(?:[^"\\]|\\.){4,}")/gi);
  const numbers = json.matchAll(/"(?:lock|wipe)code":(\d{4,})/gi);
  return [...texts, ...numbers].flatMap(([, text = '""']) => [text.replace(/^"|"$/g, ''), String(JSON.parse(text))]);
}

/** The second half of `Basic`, which the far end knows in plain. */
function basicSecret(authorization: string | undefined): string | null {
  const [, encoded] = /^Basic (\S+)$/i.exec(authorization ?? '') ?? [];
  const plain = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const half = plain.includes(':') ? plain.slice(plain.indexOf(':') + 1) : '';
  // A few letters are no secret, and would be struck out of every word.
  return half.length < 4 ? null : half;
}

/** Whatever the far end says must not forge a line of ours. */
function clean(text: string, secrets: readonly string[]): string {
  return strikeOut(text, secrets)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, 300);
}

/** `Retry-After`: seconds, which some write with a fraction, or an HTTP date. */
export function retryAfterMs({ headers }: HttpReply, now: Millis): Millis | undefined {
  const wish = headers['retry-after']?.trim();
  if (wish === undefined || wish === '') return undefined;
  if (/^\d{1,9}(\.\d+)?$/.test(wish)) return Math.ceil(Number(wish) * 1000);
  const date = Date.parse(headers.date ?? '');
  const until = Date.parse(wish);
  return Number.isNaN(until) ? undefined : Math.max(0, until - (Number.isNaN(date) ? now : date));
}
