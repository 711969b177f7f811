/** Every answer of a webhook, a receiver of OpenTelemetry and a cluster of Elasticsearch, and of what may stand in their place. */
import type { FailureKind } from '../../src/core/failure.ts';
import type { SinkKind } from '../../src/core/kinds.ts';
import type { Sink } from '../../src/core/types.ts';
import { elasticsearch } from '../../src/sinks/elasticsearch.ts';
import { http } from '../../src/sinks/http.ts';
import { otlp } from '../../src/sinks/otlp.ts';
import { type Cluster, startCluster } from '../far-ends/elasticsearch.ts';
import { startWebhook } from '../far-ends/http.ts';
import type { Misbehaving, WebFault } from '../far-ends/misbehaving.ts';
import { startOtlp } from '../far-ends/otlp.ts';
import { parcelOf } from '../laws/parcels.ts';
import { secretToken } from '../sinks/splunk-hec-world.ts';
import { openWebSink, type Written } from '../sinks/web-world.ts';
import { type Bench, hostile, proxyPassword } from './bench.ts';
import type { Row } from './row.ts';

const signal = new AbortController().signal;
const exits: Readonly<Record<FailureKind, Row['exit']>> = { config: 2, auth: 1, transient: 1, rejected: 1, stale: 1 };
const page = `<html>\u001b[31m<title>Sign in</title>\r\n${secretToken} ${hostile}</html>`;
const one = parcelOf([{ tenant: 't', items: ['{"id":1}'] }]);

async function open<O>(bench: Bench, kind: SinkKind<O>, url: string, written: Written = {}): Promise<Sink> {
  const sink = await openWebSink(kind, { url, bearer: secretToken, timeout: '2s', ...written });
  bench.later(() => sink.close());
  return sink;
}

async function keep<T extends { close(): Promise<void> }>(bench: Bench, starting: Promise<T>): Promise<T> {
  const far = await starting;
  bench.later(() => far.close());
  return far;
}

/** The far end answers one delivery so. */
const answering =
  <O>(kind: SinkKind<O>, startFar: () => Promise<Misbehaving>, attempted: RegExp) =>
  (what: string, fault: WebFault, told: Pick<Row, 'kind' | 'code' | 'seen'> & Partial<Row>): Row => ({
    what,
    exit: exits[told.kind],
    attempted,
    ...told,
    async provoke(bench) {
      const far = await keep(bench, startFar());
      far.faults.push(fault);
      return (await open(bench, kind, far.url)).deliver(one, signal);
    },
  });

const wish = { headers: { 'retry-after': '12' } };

const webhook = answering(http, startWebhook, /^sending 1 records to http:\/\/127\.0\.0\.1:\d+ failed: /);

export const webhookRows: readonly Row[] = [
  webhook('a webhook is busy and says how long', { status: 429, ...wish }, { kind: 'transient', code: 'webhook.busy', seen: /HTTP 429/, retryAfterMs: 12_000 }),
  webhook('it is still at work on the same request', { status: 409, body: page }, { kind: 'transient', code: 'webhook.busy', seen: /HTTP 409/ }),
  webhook('it has a fault', { status: 500, body: page }, { kind: 'transient', code: 'webhook.unavailable', seen: /HTTP 500, a body of type text\/html/ }),
  webhook('it lets nobody in', { status: 401, body: page }, { kind: 'auth', code: 'webhook.unauthorized', seen: /HTTP 401.*\[secret\]/ }),
  webhook('it finds the request too large', { status: 413 }, { kind: 'rejected', code: 'webhook.too-large', seen: /HTTP 413, an empty body/ }),
  webhook('it refuses a record', { status: 422, body: { reason: hostile } }, { kind: 'rejected', code: 'webhook.refused', seen: /HTTP 422/ }),
  webhook('nothing is there', { status: 404, body: page }, { kind: 'config', code: 'webhook.nothing-there', seen: /HTTP 404/ }),
  webhook('it answers as nobody should', { status: 402, body: page }, { kind: 'config', code: 'webhook.unexpected', seen: /HTTP 402/ }),
  webhook(
    'it sends us elsewhere',
    { status: 307, headers: { location: `https://evil.example/in?token=${secretToken}` } },
    { kind: 'config', code: 'webhook.redirected', seen: /HTTP 307 to https:\/\/evil\.example\/in,/ },
  ),
  webhook('the connection is dropped', 'reset', { kind: 'transient', code: 'http.reset', attempted: /^POST to 127/, seen: /before an answer/ }),
  {
    what: 'several records are too large for one request',
    kind: 'rejected',
    code: 'webhook.too-large',
    exit: 1,
    attempted: /^sending 2 records in one request/,
    seen: /before it began: \d+ bytes, `batch\.bytes` is 1000/,
    provoke: async (bench) =>
      (await open(bench, http, 'http://127.0.0.1:1', { batch: { bytes: '1KB' } })).deliver(
        parcelOf([{ tenant: 't', items: [`{"a":"${'x'.repeat(990)}"}`, '{}'] }]),
        signal,
      ),
  },
  {
    what: 'a secret could forge a header',
    kind: 'config',
    code: 'wire.secret-malformed',
    exit: 2,
    attempted: /^opening the sink failed: `bearer`/,
    seen: /no header can carry/,
    provoke: (bench) => open(bench, http, 'http://127.0.0.1:1', { bearer: `${secretToken}\r\nx: y` }),
  },
  {
    what: 'the file of certificates is missing',
    kind: 'config',
    code: 'wire.tls-file',
    exit: 2,
    attempted: /^reading `caFile` failed/,
    seen: /ENOENT.*nowhere\.pem/,
    provoke: (bench) => open(bench, http, 'http://127.0.0.1:1', { caFile: './nowhere.pem' }),
  },
  {
    what: 'its proxy is no URL',
    kind: 'config',
    code: 'http.proxy-url',
    exit: 2,
    attempted: /`proxy`/,
    seen: /no URL/,
    provoke: async (bench) => (await open(bench, http, 'https://hooks.example', { proxy: proxyPassword })).deliver(one, signal),
  },
];

const receiver = answering(otlp, startOtlp, /^sending 1 records to http:\/\/127\.0\.0\.1:\d+\/v1\/logs failed: /);
const partial = { status: 200, body: { partialSuccess: { rejectedLogRecords: '1', errorMessage: `${hostile} ${secretToken}` } } };

export const otlpRows: readonly Row[] = [
  receiver('a receiver is busy and says how long', { status: 429, ...wish }, { kind: 'transient', code: 'otlp.busy', seen: /HTTP 429/, retryAfterMs: 12_000 }),
  receiver('it has a fault', { status: 503, body: page }, { kind: 'transient', code: 'otlp.unavailable', seen: /HTTP 503/ }),
  receiver('it lets nobody in', { status: 401, body: page }, { kind: 'auth', code: 'otlp.unauthorized', seen: /HTTP 401.*\[secret\]/ }),
  receiver('it refuses a request', { status: 400, body: { message: hostile } }, { kind: 'rejected', code: 'otlp.refused', seen: /HTTP 400/ }),
  receiver('it leaves records out', partial, { kind: 'rejected', code: 'otlp.partly-refused', seen: /1 of them were refused: .*\[secret\]$/ }),
  receiver('it finds the request too large', { status: 413 }, { kind: 'rejected', code: 'otlp.too-large', seen: /HTTP 413/ }),
  receiver('it takes no JSON', { status: 415, body: page }, { kind: 'config', code: 'otlp.not-otlp', seen: /HTTP 415/ }),
  receiver('a page instead of an answer', { status: 200, body: page }, { kind: 'config', code: 'otlp.not-otlp', seen: /HTTP 200, a body of type text\/html/ }),
  receiver('it sends us elsewhere', { status: 302 }, { kind: 'config', code: 'otlp.redirected', seen: /HTTP 302/ }),
];

const bulk = /^sending 1 records to http:\/\/127\.0\.0\.1:\d+\/_bulk failed: /;
const cluster = answering(elasticsearch, startCluster, bulk);

/** One record is answered so. */
function item(what: string, status: number, type: string, told: Pick<Row, 'kind' | 'code'>): Row {
  return {
    what,
    exit: exits[told.kind],
    attempted: bulk,
    seen: new RegExp(`status ${status} \\(${type}: .*forged.*\\[secret\\]\\)`),
    ...told,
    async provoke(bench) {
      const far: Cluster = await keep(bench, startCluster());
      far.answerItems('"id"', { status, error: { type, reason: `${hostile} ${secretToken}` } });
      return (await open(bench, elasticsearch, far.url)).deliver(one, signal);
    },
  };
}

export const elasticsearchRows: readonly Row[] = [
  cluster(
    'a cluster is busy and says how long',
    { status: 429, ...wish },
    { kind: 'transient', code: 'elasticsearch.busy', seen: /HTTP 429/, retryAfterMs: 12_000 },
  ),
  cluster('it has no node', { status: 503, body: page }, { kind: 'transient', code: 'elasticsearch.unavailable', seen: /HTTP 503/ }),
  cluster('it lets nobody in', { status: 401, body: page }, { kind: 'auth', code: 'elasticsearch.unauthorized', seen: /HTTP 401.*\[secret\]/ }),
  cluster('it finds the request too large', { status: 413 }, { kind: 'rejected', code: 'elasticsearch.too-large', seen: /HTTP 413/ }),
  cluster('Kibana answers in its place', { status: 404, body: page }, { kind: 'config', code: 'elasticsearch.not-elasticsearch', seen: /HTTP 404/ }),
  cluster('it sends us elsewhere', { status: 302, body: page }, { kind: 'config', code: 'elasticsearch.redirected', seen: /HTTP 302/ }),
  item('its queue is full', 429, 'es_rejected_execution_exception', { kind: 'transient', code: 'elasticsearch.busy' }),
  item('its disk is full', 403, 'cluster_block_exception', { kind: 'transient', code: 'elasticsearch.blocked' }),
  item('the key may not write', 403, 'security_exception', { kind: 'auth', code: 'elasticsearch.forbidden' }),
  item('there is no such index', 404, 'index_not_found_exception', { kind: 'config', code: 'elasticsearch.index' }),
  item('a record does not fit the mapping', 400, 'mapper_parsing_exception', { kind: 'rejected', code: 'elasticsearch.refused' }),
  {
    what: 'a check finds that the key may not write',
    kind: 'auth',
    code: 'elasticsearch.privileges',
    exit: 1,
    attempted: /^asking http:\/\/127\.0\.0\.1:\d+ for privileges/,
    seen: /`create_doc` is missing for logs-sophos_central\.\*-default/,
    provoke: async (bench) => (await open(bench, elasticsearch, (await keep(bench, startCluster({ privileges: {} }))).url)).check(signal),
  },
];
