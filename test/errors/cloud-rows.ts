/** Every answer of S3, of Azure Monitor with Entra, and of Kafka, and of what may stand in their place. */
import type { FailureKind } from '../../src/core/failure.ts';
import { secret } from '../../src/core/secret.ts';
import { type KafkaJs, loadKafkaJs } from '../../src/sinks/kafka/client.ts';
import { kafkaFailure } from '../../src/sinks/kafka/status.ts';
import { kafka } from '../../src/sinks/kafka.ts';
import { readKeys, readRegion } from '../../src/sinks/s3/credentials.ts';
import { options } from '../../src/sinks/s3/options.ts';
import { s3 } from '../../src/sinks/s3.ts';
import { sentinel } from '../../src/sinks/sentinel.ts';
import { cleanOf } from '../../src/sinks/wire/answer.ts';
import type { WebFault } from '../far-ends/misbehaving.ts';
import { errorXml, startS3 } from '../far-ends/s3.ts';
import { startSentinel } from '../far-ends/sentinel.ts';
import { parcelOf } from '../laws/parcels.ts';
import { kafkaError, protocolError } from '../sinks/kafka-errors.ts';
import { secretToken } from '../sinks/splunk-hec-world.ts';
import { openWebSink } from '../sinks/web-world.ts';
import { hostile } from './bench.ts';
import type { Row } from './row.ts';

const signal = new AbortController().signal;
const exits: Readonly<Record<FailureKind, Row['exit']>> = { config: 2, auth: 1, transient: 1, rejected: 1, stale: 1 };
const one = parcelOf([{ tenant: 't', items: ['{"id":1}'] }]);
const page = `<html>\u001b[31m<title>Sign in</title>\r\n${secretToken} ${hostile}</html>`;
const words = `${hostile} ${secretToken}`;
type Told = Pick<Row, 'kind' | 'code' | 'seen'> & Partial<Row>;

const bucket = (what: string, fault: WebFault | null, told: Told, ways: { now?: () => number } = {}): Row => ({
  what,
  exit: exits[told.kind],
  attempted: /^putting sophos\/t\/events\/2026-03-01\/\S+ into bucket logs failed: /,
  ...told,
  async provoke(bench) {
    const far = await startS3({ bucket: 'logs', accessKeyId: 'AKIA', secretAccessKey: secretToken, ...ways });
    bench.later(() => far.close());
    if (fault) far.faults.push(fault);
    const sink = await openWebSink(s3, { bucket: 'logs', endpoint: far.url, accessKeyId: 'AKIA', secretAccessKey: secretToken });
    bench.later(() => sink.close());
    return sink.deliver(one, signal);
  },
});

const xml = (status: number, name: string, more = ''): WebFault => ({ status, body: errorXml(name, words, more) });
const opening = (what: string, code: string, open: () => unknown): Row => ({
  what,
  kind: 'config',
  code,
  exit: 2,
  attempted: /^opening the sink failed/,
  seen: /neither/,
  provoke: async () => open(),
});
const plain = options.parse({ bucket: 'logs' });

export const s3Rows: readonly Row[] = [
  opening('there is no access key', 's3.no-credentials', () => readKeys(plain, {})),
  opening('there is no region', 's3.no-region', () => readRegion(plain, {})),
  bucket('the secret is wrong', xml(403, 'SignatureDoesNotMatch'), {
    kind: 'auth',
    code: 's3.credentials',
    seen: /HTTP 403, SignatureDoesNotMatch: .*forged.*\[secret\]/,
  }),
  bucket('the key may not write', xml(403, 'AccessDenied'), { kind: 'auth', code: 's3.forbidden', seen: /AccessDenied/ }),
  bucket('our clock is wrong', null, { kind: 'config', code: 's3.clock', seen: /our clock says 2\S+Z, theirs 2001-/ }, { now: () => Date.UTC(2001, 0) }),
  bucket('the bucket is elsewhere', xml(301, 'PermanentRedirect', '<Region>eu-west-9</Region>'), {
    kind: 'config',
    code: 's3.region',
    seen: /in region eu-west-9/,
  }),
  bucket('there is no such bucket', xml(404, 'NoSuchBucket'), { kind: 'config', code: 's3.bucket', seen: /NoSuchBucket/ }),
  bucket('its key is disabled', xml(400, 'KMS.DisabledException'), { kind: 'config', code: 's3.encryption', seen: /KMS\.DisabledException/ }),
  bucket('the storage class is unknown', xml(400, 'InvalidStorageClass'), { kind: 'config', code: 's3.refused', seen: /InvalidStorageClass/ }),
  bucket('a page instead of an answer', { status: 200, body: page }, { kind: 'config', code: 's3.not-s3', seen: /HTTP 200, a body of type text\/html/ }),
  bucket('the object is too large', xml(400, 'EntityTooLarge'), { kind: 'rejected', code: 's3.too-large', seen: /EntityTooLarge/ }),
  bucket('the object arrived damaged', xml(400, 'BadDigest'), { kind: 'transient', code: 's3.damaged', seen: /BadDigest/ }),
  bucket(
    'it is busy and says how long',
    { status: 503, headers: { 'retry-after': '12' }, body: errorXml('SlowDown', words) },
    { kind: 'transient', code: 's3.busy', seen: /SlowDown/, retryAfterMs: 12_000 },
  ),
  bucket('it has a fault', { status: 502, body: page }, { kind: 'transient', code: 's3.unavailable', seen: /HTTP 502/ }),
];

const ingestion = (
  what: string,
  fault: { at: 'token' | 'rows'; status: number; body?: string | object; headers?: Record<string, string> },
  told: Told,
  times = 1,
): Row => ({
  what,
  exit: exits[told.kind],
  attempted: fault.at === 'token' ? /^asking http:\S+ for a token failed: / : /^sending 1 records to stream Custom-Sophos failed: /,
  ...told,
  async provoke(bench) {
    const app = { tenantId: 'a', clientId: 'b', clientSecret: secretToken, dcrImmutableId: 'dcr-12345678' };
    const far = await startSentinel({ ...app, streams: ['Custom-Sophos'] });
    bench.later(() => far.close());
    const { at, ...answer } = fault;
    for (let i = 0; i < times; i++) (at === 'token' ? far.tokenFaults : far.faults).push(answer);
    const sink = await openWebSink(sentinel, { endpoint: far.url, authorityUrl: far.url, streamName: 'Custom-Sophos', ...app });
    bench.later(() => sink.close());
    return sink.deliver(one, signal);
  },
});

const said = (code: string) => ({ error: { code, message: words } });

export const sentinelRows: readonly Row[] = [
  ingestion(
    'Entra refuses the secret',
    { at: 'token', status: 401, body: { error: 'invalid_client', error_description: words } },
    { kind: 'auth', code: 'sentinel.credentials-refused', seen: /HTTP 401, invalid_client/ },
  ),
  ingestion('Entra is down', { at: 'token', status: 503, body: page }, { kind: 'transient', code: 'sentinel.token-unavailable', seen: /HTTP 503/ }),
  ingestion('a page instead of a token', { at: 'token', status: 200, body: page }, { kind: 'config', code: 'sentinel.not-entra', seen: /HTTP 200/ }),
  ingestion(
    'fresh tokens are refused',
    { at: 'rows', status: 401, body: said('Unauthorized') },
    { kind: 'auth', code: 'sentinel.unauthorized', seen: /HTTP 401/ },
    2,
  ),
  ingestion('the role is missing', { at: 'rows', status: 403, body: said('OperationFailed') }, { kind: 'auth', code: 'sentinel.forbidden', seen: /HTTP 403/ }),
  ingestion('the rule is not there', { at: 'rows', status: 404, body: said('NotFound') }, { kind: 'config', code: 'sentinel.rule', seen: /HTTP 404/ }),
  ingestion(
    'a record cannot be read',
    { at: 'rows', status: 400, body: said('InvalidPayload') },
    { kind: 'rejected', code: 'sentinel.refused', seen: /InvalidPayload: .*\[secret\]/ },
  ),
  ingestion('the call is too large', { at: 'rows', status: 413 }, { kind: 'rejected', code: 'sentinel.too-large', seen: /HTTP 413/ }),
  ingestion(
    'it is busy and says how long',
    { at: 'rows', status: 429, headers: { 'retry-after': '12' } },
    { kind: 'transient', code: 'sentinel.busy', seen: /HTTP 429/, retryAfterMs: 12_000 },
  ),
  ingestion('it has a fault', { at: 'rows', status: 500, body: page }, { kind: 'transient', code: 'sentinel.unavailable', seen: /HTTP 500/ }),
  ingestion('a page instead of an answer', { at: 'rows', status: 200, body: page }, { kind: 'config', code: 'sentinel.not-azure', seen: /HTTP 200/ }),
];

/** An error of the client's own classes, as it throws them. */
const broker = (what: string, kind: FailureKind, code: string, error: Error): Row => ({
  what,
  kind,
  code,
  exit: exits[kind],
  attempted: /^sending 1 records to kafka:9092 failed: /,
  seen: /\[secret\]/,
  provoke: async () => {
    throw kafkaFailure({ what: 'sending 1 records to kafka:9092', clean: cleanOf([secret(secretToken)]), lost: () => null }, error);
  },
});
const protocol = (type: string, code: number) => protocolError(type, code, words);

export const kafkaRows: readonly Row[] = [
  {
    what: 'the client is not installed',
    kind: 'config',
    code: 'kafka.no-client',
    exit: 2,
    attempted: /^opening the sink failed/,
    seen: /`kafkajs`.* is not installed/,
    provoke: () => {
      const name = 'kafkajs-that-nobody-installed';
      return loadKafkaJs(() => import(name) as Promise<{ default: KafkaJs }>);
    },
  },
  {
    what: 'nobody listens',
    kind: 'transient',
    code: 'wire.refused',
    exit: 1,
    attempted: /^sending 1 records to 127\.0\.0\.1:1 failed: connecting to 127\.0\.0\.1:1/,
    seen: /nobody listens there/,
    async provoke(bench) {
      const sink = await openWebSink(kafka, { brokers: ['127.0.0.1:1'] });
      bench.later(() => sink.close());
      return sink.deliver(one, signal);
    },
  },
  broker('the login is refused', 'auth', 'kafka.login', kafkaError('KafkaJSSASLAuthenticationError', words)),
  broker('the user may not write', 'auth', 'kafka.forbidden', protocol('TOPIC_AUTHORIZATION_FAILED', 29)),
  broker('there is no such topic', 'config', 'kafka.topic', protocol('UNKNOWN_TOPIC_OR_PARTITION', 3)),
  broker('the brokers are too old', 'config', 'kafka.unsupported', protocol('UNSUPPORTED_VERSION', 35)),
  broker('a batch is too large', 'rejected', 'kafka.too-large', protocol('MESSAGE_TOO_LARGE', 10)),
  broker('a record is refused', 'rejected', 'kafka.refused', protocol('INVALID_TIMESTAMP', 32)),
  broker('the broker hangs up', 'transient', 'kafka.closed', kafkaError('KafkaJSConnectionClosedError', words, { host: 'h', port: 1 })),
  broker('no answer comes in time', 'transient', 'kafka.timeout', kafkaError('KafkaJSRequestTimeoutError', words, {})),
  broker('too few replicas are in sync', 'transient', 'kafka.replicas', protocol('NOT_ENOUGH_REPLICAS', 19)),
  broker('a partition has no leader', 'transient', 'kafka.unavailable', protocol('LEADER_NOT_AVAILABLE', 5)),
  broker('the broker lost count', 'transient', 'kafka.sequence', protocol('OUT_OF_ORDER_SEQUENCE_NUMBER', 45)),
  broker('something else fails', 'transient', 'kafka.failed', new Error(words)),
];
