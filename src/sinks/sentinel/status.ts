import { Failure, type FailureKind } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { HttpReply } from '../../core/world.ts';
import { type Clean, describeAnswer, isObject, readAnswer } from '../wire/answer.ts';
import { retryAfterMs } from '../wire/retry-after.ts';

/** One request, as far as judging its answer needs it. */
export interface Asked {
  /** What was attempted, such as `sending 3 records to stream Custom-Sophos`. */
  readonly what: string;
  readonly clean: Clean;
  readonly now: Millis;
}

interface Verdict {
  readonly kind: FailureKind;
  readonly code: string;
  readonly advice: string;
}

const busy: Verdict = {
  kind: 'transient',
  code: 'sentinel.busy',
  advice: 'Sending goes on by itself; if this lasts, look at the limits of the data collection rule (2 GB and 12,000 requests a minute).',
};
const unavailable: Verdict = { kind: 'transient', code: 'sentinel.unavailable', advice: 'Look at the state of Azure Monitor; sending goes on by itself.' };
const unauthorized: Verdict = {
  kind: 'auth',
  code: 'sentinel.unauthorized',
  advice: 'Check `tenantId` and `scope`: a fresh token was refused, so it is for another directory or cloud.',
};
const forbidden: Verdict = {
  kind: 'auth',
  code: 'sentinel.forbidden',
  advice: 'Give the app registration the role `Monitoring Metrics Publisher` on the data collection rule; after that it takes up to 30 minutes to be in force.',
};
const rule: Verdict = {
  kind: 'config',
  code: 'sentinel.rule',
  advice: 'Check `endpoint`, `dcrImmutableId` and `streamName`: the rule must be of the same region, and must declare the stream.',
};
const tooLarge: Verdict = { kind: 'rejected', code: 'sentinel.too-large', advice: 'Lower `batch.bytes`; a call takes 1 MB at most.' };
const refused: Verdict = {
  kind: 'rejected',
  code: 'sentinel.refused',
  advice: 'Look at the record with `sophos-central dead-letter show`, and at the columns that the rule declares for the stream.',
};
const notAzure: Verdict = {
  kind: 'config',
  code: 'sentinel.not-azure',
  advice: 'Check `endpoint`: the logs ingestion address that the data collection rule or endpoint shows.',
};
const credentials: Verdict = {
  kind: 'auth',
  code: 'sentinel.credentials-refused',
  advice: 'Check `tenantId`, `clientId` and `clientSecret` (its value, not its id); client secrets expire.',
};
const tokenUnavailable: Verdict = {
  kind: 'transient',
  code: 'sentinel.token-unavailable',
  advice: 'Sending goes on by itself; look at the state of Entra if this lasts.',
};
const notEntra: Verdict = { kind: 'config', code: 'sentinel.not-entra', advice: 'Check `authorityUrl`, and proxies in between.' };

const statuses: ReadonlyMap<number, Verdict> = new Map([
  [400, refused],
  [401, unauthorized],
  [403, forbidden],
  [404, rule],
  [408, busy],
  [413, tooLarge],
  [425, busy],
  [429, busy],
]);

/** What is wrong with a 400 when it is not the records. */
const ofRule = /stream|immutable|data ?collection|dcr|api-version|InvalidRequestPath/i;

/**
 * Judges the answer of the ingestion.
 *
 * Shape    null when the records were taken.
 * Source   Azure Monitor, "Logs Ingestion API", "Troubleshooting"; "Service limits".
 */
export function judge(asked: Asked, reply: HttpReply): Failure | null {
  const { status } = reply;
  if (status === 204) return null;
  const error = errorOf(reply);
  const general = statuses.get(status) ?? (status >= 500 ? unavailable : notAzure);
  if (general === refused && error && ofRule.test(`${error.name} ${error.words}`)) return failed(asked, reply, rule);
  // A web server or a proxy has no such error.
  return failed(asked, reply, !error && (general === refused || general === rule) ? notAzure : general);
}

/**
 * The token of an answer of Entra, and how long it is good for.
 *
 * Throws   auth `sentinel.credentials-refused`, transient `sentinel.token-unavailable`, config `sentinel.not-entra`.
 * Source   Microsoft identity platform, "OAuth 2.0 client credentials flow"; RFC 6749, 5.
 */
export function readToken(asked: Asked, reply: HttpReply): { readonly token: string; readonly lifeMs: Millis } {
  const { status, body } = reply;
  const said = readAnswer(body);
  if (status === 200) {
    const token = said?.access_token;
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) throw failed(asked, { ...reply, body: Buffer.alloc(0) }, notEntra);
    const seconds = Number(said?.expires_in);
    return { token, lifeMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 300_000 };
  }
  if (status === 408 || status === 429 || status >= 500 || said?.error === 'temporarily_unavailable') throw failed(asked, reply, tokenUnavailable);
  throw failed(asked, reply, typeof said?.error === 'string' ? credentials : notEntra);
}

function errorOf({ body }: HttpReply): { readonly name: string; readonly words: string } | null {
  const said = readAnswer(body);
  const error = isObject(said?.error) ? said.error : said;
  if (typeof error?.code !== 'string') {
    // Of Entra: the first line says it, what follows are ids.
    const { error: name, error_description: words } = said ?? {};
    return typeof name === 'string' ? { name, words: typeof words === 'string' ? (words.split(/[\r\n]/)[0] ?? '') : '' } : null;
  }
  return { name: error.code, words: typeof error.message === 'string' ? error.message : '' };
}

function failed({ what, clean, now }: Asked, reply: HttpReply, { kind, code, advice }: Verdict): Failure {
  const error = errorOf(reply);
  const seen = error ? `HTTP ${reply.status}, ${clean(error.name)}: ${clean(error.words)}` : describeAnswer(reply, clean);
  const wish = kind === 'transient' ? retryAfterMs(reply.headers['retry-after'], now) : undefined;
  return new Failure(kind, code, `${what} failed: ${seen}`, { advice, ...(wish === undefined ? {} : { retryAfterMs: wish }) });
}
