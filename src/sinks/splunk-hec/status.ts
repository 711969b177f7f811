import { Failure, type FailureDetail, type FailureKind } from '../../core/failure.ts';
import { strikeOut } from '../../core/secret.ts';
import type { Millis } from '../../core/types.ts';
import type { HttpReply, Secret } from '../../core/world.ts';
import { retryAfterMs } from '../wire/retry-after.ts';

/** What a collector says in the body of its answer. */
export interface HecReply {
  readonly code: number | undefined;
  readonly text: string;
  readonly ackId: number | undefined;
  /** 0-based number of the event that spoiled the request. */
  readonly invalidEvent: number | undefined;
}

/** One request, as far as judging its answer needs it. */
export interface Asked {
  /** What was attempted, such as `sending 3 records to https://splunk:8088/services/collector/event`. */
  readonly what: string;
  readonly token: Secret;
  /** Do all events of all parcels go to one index (or to the token's own)? Then a wrong index is the configuration's fault. */
  readonly isOneIndex: boolean;
  /** The record that became event number `n`. */
  readonly recordAt: (n: number) => FailureDetail['at'];
  readonly now: Millis;
}

interface Verdict {
  readonly kind: FailureKind;
  readonly code: string;
  readonly advice: string;
}

const tokenAdvice = 'Check `token` and the token`s settings in Splunk (Settings, Data inputs, HTTP Event Collector).';
const formatAdvice = 'Look at the record with `sophos-central dead-letter show`; the others of its request are sent again without it.';
const channelAdvice = 'The token has indexer acknowledgement on: set `ack: true`, or switch it off for the token.';
const busyAdvice = 'Look at the queues of the indexer in the Monitoring Console of Splunk, or name more indexers in `url`; sending goes on by itself.';
const splunkdAdvice = 'Look at splunkd.log on the indexer, and at load balancers before it; sending goes on by itself.';
const urlAdvice = 'Check `url`: it must lead to the HTTP Event Collector (usually port 8088), not to Splunk Web or a login page.';

/**
 * What each reply code means to us.
 *
 * Source   reference "splunk-hec", the table of codes; 0 and 17 are success of sending and of the health question.
 */
const verdicts: ReadonlyMap<number, Verdict> = new Map([
  [1, { kind: 'auth', code: 'hec.token-disabled', advice: 'Enable the token in Splunk (Settings, Data inputs, HTTP Event Collector).' }],
  [2, { kind: 'auth', code: 'hec.token-required', advice: tokenAdvice }],
  [3, { kind: 'auth', code: 'hec.invalid-authorization', advice: tokenAdvice }],
  [4, { kind: 'auth', code: 'hec.invalid-token', advice: tokenAdvice }],
  [5, { kind: 'rejected', code: 'hec.no-data', advice: 'Look at proxies on the way to Splunk: the request was not empty when it left.' }],
  [6, { kind: 'rejected', code: 'hec.invalid-format', advice: formatAdvice }],
  [7, { kind: 'rejected', code: 'hec.incorrect-index', advice: 'Allow the index for the token in Splunk, or correct `index`.' }],
  [8, { kind: 'transient', code: 'hec.internal-error', advice: splunkdAdvice }],
  [9, { kind: 'transient', code: 'hec.busy', advice: busyAdvice }],
  [10, { kind: 'config', code: 'hec.channel-missing', advice: channelAdvice }],
  [11, { kind: 'config', code: 'hec.invalid-channel', advice: 'Set `channel` to a GUID, or remove it.' }],
  [12, { kind: 'rejected', code: 'hec.event-required', advice: formatAdvice }],
  [13, { kind: 'rejected', code: 'hec.event-blank', advice: formatAdvice }],
  [14, { kind: 'config', code: 'hec.ack-disabled', advice: 'Switch indexer acknowledgement on for the token in Splunk, or set `ack: false`.' }],
  [15, { kind: 'rejected', code: 'hec.invalid-fields', advice: 'Check the templates of `fields`.' }],
  [
    16,
    {
      kind: 'config',
      code: 'hec.query-authorization-off',
      advice: 'Something between here and Splunk moves the token into the query: look at proxies on the way.',
    },
  ],
  [18, { kind: 'transient', code: 'hec.queues-full', advice: busyAdvice }],
  [19, { kind: 'transient', code: 'hec.ack-unavailable', advice: splunkdAdvice }],
  [20, { kind: 'transient', code: 'hec.unhealthy', advice: splunkdAdvice }],
  [23, { kind: 'transient', code: 'hec.shutting-down', advice: 'Wait until the indexer has started again; sending goes on by itself.' }],
]);

const success = 0;
const incorrectIndex = 7;

/**
 * Judges the answer to a request: the whole table of HTTP statuses and reply codes.
 *
 * Shape    null when the collector took the request.
 * Source   reference "splunk-hec". 413 and 429 speak for themselves; otherwise a known code outweighs the status, which may be a
 *          proxy's; without a known code the status decides. Whatever no collector would say is `config`: nothing is dropped for it.
 */
export function judge(asked: Asked, http: HttpReply): Failure | null {
  const reply = readReply(http);
  const { status } = http;
  const isTaken = status >= 200 && status < 300;
  // Some imitations of the collector say it in words only.
  if (isTaken && (reply.code === success || (reply.code === undefined && reply.text.toLowerCase() === 'success'))) return null;
  const known = reply.code === undefined ? undefined : verdicts.get(reply.code);
  const verdict = status === 413 || status === 429 || !known ? verdictOnStatus(status) : known;
  const kind = known && reply.code === incorrectIndex && asked.isOneIndex ? 'config' : verdict.kind;
  const event = kind === 'rejected' && reply.invalidEvent !== undefined ? `, event number ${reply.invalidEvent}` : '';
  const wish = kind === 'transient' ? retryAfterMs(http.headers['retry-after'], asked.now) : undefined;
  const at = kind === 'rejected' && reply.invalidEvent !== undefined ? asked.recordAt(reply.invalidEvent) : undefined;
  return new Failure(kind, verdict.code, `${asked.what} failed: ${describe(http, reply, asked.token)}${event}`, {
    advice: verdict.advice,
    ...(wish === undefined ? {} : { retryAfterMs: wish }),
    ...(at === undefined ? {} : { at }),
  });
}

function verdictOnStatus(status: number): Verdict {
  if (status === 413) return { kind: 'rejected', code: 'hec.too-large', advice: 'Lower `batch.bytes`, or raise `max_content_length` in Splunk`s limits.conf.' };
  if (status === 408 || status === 425 || status === 429) return { kind: 'transient', code: 'hec.busy', advice: busyAdvice };
  if (status >= 500) return { kind: 'transient', code: 'hec.unavailable', advice: splunkdAdvice };
  if (status === 401 || status === 403)
    return { kind: 'auth', code: 'hec.forbidden', advice: `${tokenAdvice} The answer is not a collector's: a proxy may stand between.` };
  if (status >= 300 && status < 400) return { kind: 'config', code: 'hec.redirected', advice: urlAdvice };
  return { kind: 'config', code: 'hec.not-hec', advice: urlAdvice };
}

/** Reads what can be read of a collector's answer; a body that is none leaves everything undefined. */
export function readReply({ body }: HttpReply): HecReply {
  const said = readObject(body);
  const text = said?.text;
  return {
    code: wholeNumber(said?.code),
    text: typeof text === 'string' ? text : '',
    ackId: wholeNumber(said?.ackId),
    invalidEvent: wholeNumber(said?.['invalid-event-number']),
  };
}

/** The numbers for which the collector said `true`; undefined when the answer is none to this question. */
export function readAcknowledged({ body }: HttpReply): ReadonlySet<number> | undefined {
  const acks = readObject(body)?.acks;
  if (typeof acks !== 'object' || acks === null || Array.isArray(acks)) return undefined;
  return new Set(
    Object.entries(acks)
      .filter(([, told]) => told === true || told === 'true' || told === 1)
      .map(([id]) => Number(id)),
  );
}

/** What came back, in few words that are safe in a log: no control characters, no token, never a whole page. */
export function describe(http: HttpReply, reply: HecReply, token: Secret): string {
  const { status, headers, body } = http;
  if (reply.code !== undefined) return `HTTP ${status}, HEC code ${reply.code}${reply.text === '' ? '' : ` (${clean(reply.text, token)})`}`;
  const location = headers.location === undefined ? '' : ` to ${clean(headers.location.replace(/\?.*$/, ''), token)}`;
  const type = headers['content-type'] === undefined ? '' : ` of type ${clean(headers['content-type'], token)}`;
  return `HTTP ${status}${location}, ${body.length === 0 ? 'an empty body' : `a body${type} that is no collector's: ${clean(body.toString('utf8', 0, 1000), token)}`}`;
}

function clean(text: string, token: Secret): string {
  const safe = strikeOut(text, [token.reveal()])
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return safe.length > 120 ? `${safe.slice(0, 120)}...` : safe;
}

function readObject(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Imitations write numbers as text. */
function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
