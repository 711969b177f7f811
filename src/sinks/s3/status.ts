import { Failure, type FailureKind } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { HttpReply } from '../../core/world.ts';
import { type Clean, describeAnswer } from '../wire/answer.ts';
import { retryAfterMs } from '../wire/retry-after.ts';

/** One request, as far as judging its answer needs it. */
export interface Asked {
  /** What was attempted, such as `putting sophos/a.ndjson.gz into bucket logs`. */
  readonly what: string;
  readonly clean: Clean;
  readonly now: Millis;
}

interface Verdict {
  readonly kind: FailureKind;
  readonly code: string;
  readonly advice: string;
}

const busy: Verdict = { kind: 'transient', code: 's3.busy', advice: 'Sending goes on by itself; if this lasts, lower `uploads` or set `every` on the sink.' };
const unavailable: Verdict = { kind: 'transient', code: 's3.unavailable', advice: 'Look at the state of the service; sending goes on by itself.' };
const damaged: Verdict = {
  kind: 'transient',
  code: 's3.damaged',
  advice: 'Sending goes on by itself; if this lasts, look for a proxy that changes what passes through it.',
};
const credentials: Verdict = {
  kind: 'auth',
  code: 's3.credentials',
  advice: 'Check `accessKeyId`, `secretAccessKey` and `sessionToken`, or the AWS_ variables; temporary ones expire.',
};
const forbidden: Verdict = {
  kind: 'auth',
  code: 's3.forbidden',
  advice: 'Allow `s3:PutObject` on `arn:aws:s3:::BUCKET/PREFIX/*`, with a KMS key also `kms:GenerateDataKey`; look at the bucket policy, too.',
};
const clock: Verdict = { kind: 'config', code: 's3.clock', advice: 'Set the clock of this machine, best by NTP.' };
const region: Verdict = { kind: 'config', code: 's3.region', advice: 'Set `region` to that of the bucket.' };
const bucket: Verdict = { kind: 'config', code: 's3.bucket', advice: 'Check `bucket`, `region` and `endpoint`.' };
const encryption: Verdict = {
  kind: 'config',
  code: 's3.encryption',
  advice: 'Check `encryption` and `kmsKeyId`: the key must be enabled, and of the same region.',
};
const tooLarge: Verdict = { kind: 'rejected', code: 's3.too-large', advice: 'Lower `batch.bytes`.' };
const refused: Verdict = {
  kind: 'config',
  code: 's3.refused',
  advice: 'Check `prefix`, `storageClass`, `acl`, `encryption`, `checksum` and the settings of the bucket.',
};
const notS3: Verdict = { kind: 'config', code: 's3.not-s3', advice: 'Check `endpoint` and `pathStyle`: they must lead to a service that speaks S3.' };

/** What the service says in `<Code>`. */
const codes: ReadonlyMap<string, Verdict> = new Map([
  ...verdictFor(credentials, 'SignatureDoesNotMatch', 'InvalidAccessKeyId', 'ExpiredToken', 'InvalidToken', 'TokenRefreshRequired', 'InvalidSecurity'),
  ...verdictFor(forbidden, 'AccessDenied', 'AllAccessDisabled', 'AccountProblem', 'NotSignedUp', 'AccessControlListNotSupported', 'UnauthorizedAccess'),
  ...verdictFor(clock, 'RequestTimeTooSkewed', 'RequestExpired'),
  ...verdictFor(region, 'PermanentRedirect', 'TemporaryRedirect', 'Redirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'),
  ...verdictFor(bucket, 'NoSuchBucket', 'InvalidBucketName', 'InvalidBucketState'),
  ...verdictFor(busy, 'SlowDown', 'ServiceUnavailable', 'RequestTimeout', 'OperationAborted', 'ConditionalRequestConflict', 'ThrottlingException'),
  ...verdictFor(busy, 'TooManyRequests', 'RequestLimitExceeded', 'Throttling', 'BandwidthLimitExceeded', 'KMS.ThrottlingException'),
  ...verdictFor(damaged, 'BadDigest', 'IncompleteBody', 'XAmzContentSHA256Mismatch', 'XAmzContentChecksumMismatch', 'InvalidDigest', 'MissingContentLength'),
  ...verdictFor(tooLarge, 'EntityTooLarge', 'MaxMessageLengthExceeded'),
]);

const statuses: ReadonlyMap<number, Verdict> = new Map([
  [400, refused],
  [401, credentials],
  [403, forbidden],
  [408, busy],
  [409, busy],
  [411, damaged],
  [412, refused],
  [413, tooLarge],
  [425, busy],
  [429, busy],
]);

function verdictFor(verdict: Verdict, ...names: string[]): [string, Verdict][] {
  return names.map((name) => [name, verdict]);
}

/**
 * Judges an answer: the statuses, and the codes that outweigh them. No record is ever at fault for what it says: only one that is too
 * large is refused for good.
 *
 * Shape    null when it is a success of S3.
 * Source   Amazon S3 API Reference, "Error responses", and "Troubleshoot 301, 403 and 503".
 */
export function judge(asked: Asked, reply: HttpReply): Failure | null {
  const { status, headers } = reply;
  if (status === 200) return null;
  const said = reply.body.subarray(0, 16_384).toString('utf8');
  const name = tag(said, 'Code');
  const verdict = verdictOn(status, name);
  return failed(asked, reply, verdict, [
    ...(verdict === clock
      ? [`our clock says ${new Date(asked.now).toISOString()}, theirs ${asked.clean(tag(said, 'ServerTime') ?? headers.date ?? '?')}`]
      : []),
    ...(verdict === region ? [`the bucket is in region ${asked.clean(headers['x-amz-bucket-region'] ?? tag(said, 'Region') ?? '?')}`] : []),
  ]);
}

/** Every service that speaks S3 answers a PUT with the object's tag; a login page does not. */
export function judgePut(asked: Asked, reply: HttpReply): Failure | null {
  return judge(asked, reply) ?? (reply.headers.etag === undefined ? failed(asked, reply, notS3, []) : null);
}

/** A list of a bucket, and nothing else that has the status 200. */
export function judgeList(asked: Asked, reply: HttpReply): Failure | null {
  return judge(asked, reply) ?? (reply.body.includes('<ListBucketResult') ? null : failed(asked, reply, notS3, []));
}

function verdictOn(status: number, name: string | undefined): Verdict {
  const known = name === undefined ? undefined : codes.get(name);
  if (known) return known;
  if (name?.startsWith('KMS.')) return encryption;
  if (status >= 500) return unavailable;
  if (status >= 300 && status < 400) return name === undefined ? notS3 : region;
  const general = statuses.get(status) ?? refused;
  // A proxy or a web server has no code: what it says is no word on the request.
  return general === refused && name === undefined ? notS3 : general;
}

function failed({ what, clean, now }: Asked, reply: HttpReply, { kind, code, advice }: Verdict, more: readonly string[]): Failure {
  const said = reply.body.subarray(0, 16_384).toString('utf8');
  const name = tag(said, 'Code');
  const seen = name === undefined ? describeAnswer(reply, clean) : `HTTP ${reply.status}, ${clean(name)}: ${clean(tag(said, 'Message') ?? 'no message')}`;
  const wish = kind === 'transient' ? retryAfterMs(reply.headers['retry-after'], now) : undefined;
  return new Failure(kind, code, `${what} failed: ${[seen, ...more].join('; ')}`, { advice, ...(wish === undefined ? {} : { retryAfterMs: wish }) });
}

function tag(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]{1,1000})</${name}>`).exec(xml)?.[1];
}
