import { Failure, type FailureKind } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { HttpReply } from '../../core/world.ts';
import { type Clean, describeAnswer } from '../wire/answer.ts';
import { retryAfterMs } from '../wire/retry-after.ts';

/** One request, as far as judging its answer needs it. */
export interface Asked {
  /** What was attempted, such as `sending 3 records to https://hooks.example.com`. */
  readonly what: string;
  readonly clean: Clean;
  readonly now: Millis;
  /** Statuses that mean "taken"; null: all from 200 to 299. */
  readonly expected: ReadonlySet<number> | null;
}

interface Verdict {
  readonly kind: FailureKind;
  readonly code: string;
  readonly advice: string;
}

const busy: Verdict = {
  kind: 'transient',
  code: 'webhook.busy',
  advice: 'Sending goes on by itself; look at the receiver`s limits, or lower `batch.records`, if this lasts.',
};
const unavailable: Verdict = {
  kind: 'transient',
  code: 'webhook.unavailable',
  advice: 'Look at the receiver and at what stands before it; sending goes on by itself.',
};
const unauthorized: Verdict = {
  kind: 'auth',
  code: 'webhook.unauthorized',
  advice: 'Check `bearer`, `username` and `password`, `secretHeaders` or `sign`, whichever the receiver wants.',
};
const tooLarge: Verdict = { kind: 'rejected', code: 'webhook.too-large', advice: 'Lower `batch.bytes`, or raise the receiver`s limit.' };
const refused: Verdict = {
  kind: 'rejected',
  code: 'webhook.refused',
  advice: 'Look at the record with `sophos-central dead-letter show`, and check `layout`, `contentType`, `gzip` and the format.',
};
const nothingThere: Verdict = { kind: 'config', code: 'webhook.nothing-there', advice: 'Check `url` and `method`.' };
const redirected: Verdict = {
  kind: 'config',
  code: 'webhook.redirected',
  advice: 'Put the address that it leads to in `url`, if it is yours: no redirection is followed, as it would take the credentials along.',
};
const unexpected: Verdict = {
  kind: 'config',
  code: 'webhook.unexpected',
  advice: 'Check `url`; if this answer means that the records were taken, add its status to `expect`.',
};

/** Statuses that mean something of their own; 409 is what a receiver says of an `Idempotency-Key` that it is still at work on. */
const verdicts: ReadonlyMap<number, Verdict> = new Map([
  [400, refused],
  [401, unauthorized],
  [403, unauthorized],
  [404, nothingThere],
  [405, nothingThere],
  [408, busy],
  [409, busy],
  [410, nothingThere],
  [413, tooLarge],
  [415, refused],
  [422, refused],
  [425, busy],
  [429, busy],
]);

/**
 * Judges the answer to a request: the whole table of statuses.
 *
 * Shape    null when the records were taken.
 * Source   RFC 9110, 15; RFC 6585, 4; RFC 8470, 5.2. What no receiver should say is `config`: nothing is dropped for it.
 */
export function judge({ what, clean, now, expected }: Asked, reply: HttpReply): Failure | null {
  const { status, headers } = reply;
  if (expected ? expected.has(status) : status >= 200 && status < 300) return null;
  const { kind, code, advice } = verdictOn(status);
  const wish = kind === 'transient' ? retryAfterMs(headers['retry-after'], now) : undefined;
  return new Failure(kind, code, `${what} failed: ${describeAnswer(reply, clean)}`, { advice, ...(wish === undefined ? {} : { retryAfterMs: wish }) });
}

function verdictOn(status: number): Verdict {
  const known = verdicts.get(status);
  if (known) return known;
  if (status >= 500) return unavailable;
  return status >= 300 && status < 400 ? redirected : unexpected;
}
