import { Failure, type FailureKind } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { HttpReply } from '../../core/world.ts';
import { type Clean, describeAnswer, isObject, readAnswer } from '../wire/answer.ts';
import { retryAfterMs } from '../wire/retry-after.ts';

/** One request, as far as judging its answer needs it. */
export interface Asked {
  /** What was attempted, such as `sending 3 records to http://collector:4318/v1/logs`. */
  readonly what: string;
  readonly records: number;
  readonly clean: Clean;
  readonly now: Millis;
}

/** What a receiver says though it took everything. */
export interface Remark {
  readonly remark: string | null;
}

interface Verdict {
  readonly kind: FailureKind;
  readonly code: string;
  readonly advice: string;
}

const busy: Verdict = { kind: 'transient', code: 'otlp.busy', advice: 'Look at the receiver`s queues and limits; sending goes on by itself.' };
const unavailable: Verdict = {
  kind: 'transient',
  code: 'otlp.unavailable',
  advice: 'Look at the receiver`s log, and at what stands before it; sending goes on by itself.',
};
const unauthorized: Verdict = {
  kind: 'auth',
  code: 'otlp.unauthorized',
  advice: 'Check `bearer`, `username` and `password`, or `secretHeaders`, whichever the receiver wants.',
};
const refused: Verdict = {
  kind: 'rejected',
  code: 'otlp.refused',
  advice: 'Look at the record with `sophos-central dead-letter show`; the others of its request are sent again without it.',
};
const tooLarge: Verdict = {
  kind: 'rejected',
  code: 'otlp.too-large',
  advice: 'Lower `batch.bytes`, or raise the receiver`s limit (`max_request_body_size` of a collector).',
};
const notOtlp: Verdict = {
  kind: 'config',
  code: 'otlp.not-otlp',
  advice: 'Check `url`: it must lead to a receiver of OTLP over HTTP (usually port 4318) that takes JSON.',
};
const redirected: Verdict = {
  kind: 'config',
  code: 'otlp.redirected',
  advice: 'Put the address that it leads to in `url`, if it is yours: no redirection is followed.',
};

const verdicts: ReadonlyMap<number, Verdict> = new Map([
  [400, refused],
  [401, unauthorized],
  [403, unauthorized],
  [408, busy],
  [413, tooLarge],
  [422, refused],
  [425, busy],
  [429, busy],
]);

/**
 * Judges the answer to a request: the statuses, and what a success says of records that it left out.
 *
 * Throws   Failure; `rejected` for a partial success, so that the engine finds which records were left out.
 * Source   OTLP specification, "OTLP/HTTP Response". It says of partial success not to send the same again, and names no record. We send
 *          halves, so that no loss is taken for a delivery; what comes twice carries the same `log.record.uid`. Of 5xx it lets 502, 503
 *          and 504 be tried again; we do so with all, as nothing may be dropped for a server's fault.
 */
export function judge(asked: Asked, reply: HttpReply): Remark {
  const { status, body } = reply;
  if (status < 200 || status >= 300) throw failed(asked, reply, verdictOn(status));
  // Some take all and say nothing.
  const said = body.length === 0 ? {} : readAnswer(body);
  if (!said) throw failed(asked, reply, notOtlp);
  const partial = said.partialSuccess ?? said.partial_success;
  if (!isObject(partial)) return { remark: null };
  const message = partial.errorMessage ?? partial.error_message;
  const words = typeof message === 'string' ? asked.clean(message) : '';
  const rejected = countOf(partial.rejectedLogRecords ?? partial.rejected_log_records);
  if (rejected === 0) return { remark: words === '' ? null : words };
  throw new Failure(
    'rejected',
    'otlp.partly-refused',
    `${asked.what} failed: ${Math.min(rejected, asked.records)} of them were refused${words === '' ? '' : `: ${words}`}`,
    {
      advice: 'Look at the record with `sophos-central dead-letter show`; the receiver does not say which, so they are sent again in smaller requests.',
    },
  );
}

function verdictOn(status: number): Verdict {
  const known = verdicts.get(status);
  if (known) return known;
  if (status >= 500) return unavailable;
  return status >= 300 && status < 400 ? redirected : notOtlp;
}

function failed({ what, clean, now }: Asked, reply: HttpReply, { kind, code, advice }: Verdict): Failure {
  const wish = kind === 'transient' ? retryAfterMs(reply.headers['retry-after'], now) : undefined;
  return new Failure(kind, code, `${what} failed: ${describeAnswer(reply, clean)}`, { advice, ...(wish === undefined ? {} : { retryAfterMs: wish }) });
}

/** A 64-bit integer, which in JSON is a text; a number that makes no sense counts as one. */
function countOf(value: unknown): number {
  if (value === undefined || value === null || value === 0 || value === '' || value === '0') return 0;
  const count = Number(value);
  return Number.isSafeInteger(count) && count > 0 ? count : 1;
}
