/** Every answer of a Splunk HTTP Event Collector, and of what may stand in its place. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FailureKind } from '../../src/core/failure.ts';
import { type HecFault, startHec } from '../far-ends/hec.ts';
import { parcelOf } from '../laws/parcels.ts';
import { openHecSink, secretToken } from '../sinks/splunk-hec-world.ts';
import { type Bench, hostile, proxyPassword } from './bench.ts';
import type { Row } from './row.ts';

const signal = new AbortController().signal;
const sent = /^sending 1 records to http:\/\/127\.0\.0\.1:\d+\/services\/collector\/event /;
const exits: Readonly<Record<FailureKind, Row['exit']>> = { config: 2, auth: 1, transient: 1, rejected: 1, stale: 1 };

type Options = Readonly<Record<string, unknown>>;
type Told = Pick<Row, 'kind' | 'code'> & Partial<Row>;

async function deliver(bench: Bench, url: string, options: Options): Promise<unknown> {
  const sink = await openHecSink({ url, timeout: '2s', ...options });
  bench.later(() => sink.close());
  return sink.deliver(parcelOf([{ tenant: 't', items: ['{"id":1}'] }]), signal);
}

async function startFar(bench: Bench, options: Partial<Parameters<typeof startHec>[0]> = {}) {
  const far = await startHec({ token: secretToken, ...options });
  bench.later(() => far.close());
  return far;
}

/** The collector answers one delivery so. */
function answer(what: string, fault: HecFault, told: Told & Pick<Row, 'seen'>, options: Options = {}): Row {
  return {
    what,
    exit: exits[told.kind],
    attempted: sent,
    ...told,
    async provoke(bench) {
      const far = await startFar(bench);
      far.faults.push(fault);
      return deliver(bench, far.url, options);
    },
  };
}

/** The collector answers with this code, in hostile words that repeat the token. */
function coded(code: number, status: number, kind: FailureKind, name: string, options: Options = {}): Row {
  const body = { code, text: `Text ${code}${hostile}${secretToken}`, 'invalid-event-number': 0 };
  const seen = new RegExp(`HTTP ${status}, HEC code ${code} \\(Text ${code} .*\\[secret\\]`);
  return answer(`it answers with code ${code}`, { status, body }, { kind, code: name, seen }, options);
}

const page = `<html>\u001b[31m<title>Sign in</title>\r\n${secretToken}</html>`;
const channel = '9b5a1c38-8d2f-4c53-a3a5-2a3b0e6b7c11';

const codeRows: readonly Row[] = [
  coded(1, 403, 'auth', 'hec.token-disabled'),
  coded(2, 401, 'auth', 'hec.token-required'),
  coded(3, 401, 'auth', 'hec.invalid-authorization'),
  coded(4, 403, 'auth', 'hec.invalid-token'),
  coded(5, 400, 'rejected', 'hec.no-data'),
  coded(6, 400, 'rejected', 'hec.invalid-format'),
  coded(7, 400, 'config', 'hec.incorrect-index'),
  { ...coded(7, 400, 'rejected', 'hec.incorrect-index', { index: '{tenant.label.index}' }), what: "it answers with code 7, and the index is the record's" },
  coded(8, 500, 'transient', 'hec.internal-error'),
  coded(9, 503, 'transient', 'hec.busy'),
  coded(10, 400, 'config', 'hec.channel-missing'),
  coded(11, 400, 'config', 'hec.invalid-channel'),
  coded(12, 400, 'rejected', 'hec.event-required'),
  coded(13, 400, 'rejected', 'hec.event-blank'),
  coded(14, 400, 'config', 'hec.ack-disabled'),
  coded(15, 400, 'rejected', 'hec.invalid-fields'),
  coded(16, 400, 'config', 'hec.query-authorization-off'),
  coded(18, 503, 'transient', 'hec.queues-full'),
  coded(19, 503, 'transient', 'hec.ack-unavailable'),
  coded(20, 503, 'transient', 'hec.unhealthy'),
  coded(23, 503, 'transient', 'hec.shutting-down'),
  coded(99, 400, 'config', 'hec.not-hec'),
];

const statusRows: readonly Row[] = [
  answer(
    'the request is too large for it',
    { status: 413, body: page },
    { kind: 'rejected', code: 'hec.too-large', seen: /HTTP 413, a body of type text\/html/ },
  ),
  answer(
    'it is busy and says how long',
    { status: 429, body: {}, headers: { 'retry-after': '12' } },
    { kind: 'transient', code: 'hec.busy', seen: /HTTP 429/, retryAfterMs: 12_000 },
  ),
  answer('it is busy', { status: 429 }, { kind: 'transient', code: 'hec.busy', seen: /HTTP 429, an empty body/ }),
  answer('a load balancer has no indexer', { status: 503, body: page }, { kind: 'transient', code: 'hec.unavailable', seen: /HTTP 503, a body/ }),
  answer('a proxy wants a login', { status: 401, body: page }, { kind: 'auth', code: 'hec.forbidden', seen: /HTTP 401, a body .*Sign in/ }),
  answer('a page instead of an answer', { status: 200, body: page }, { kind: 'config', code: 'hec.not-hec', seen: /HTTP 200, a body .*no collector's/ }),
  answer(
    'it sends us elsewhere',
    { status: 303, headers: { location: `https://splunk.example/login?token=${secretToken}` } },
    { kind: 'config', code: 'hec.redirected', seen: /HTTP 303 to https:\/\/splunk\.example\/login,/ },
  ),
  answer('the path leads nowhere', { status: 404, body: page }, { kind: 'config', code: 'hec.not-hec', seen: /HTTP 404/ }),
  answer('the connection is dropped', 'reset', { kind: 'transient', code: 'http.reset', attempted: /^POST to 127\.0\.0\.1:\d+: /, seen: /before an answer/ }),
  answer(
    'it does not answer in time',
    'hang',
    { kind: 'transient', code: 'http.timeout', attempted: /^POST to 127\.0\.0\.1:\d+: /, seen: /within 100 ms/ },
    { timeout: '100ms' },
  ),
  {
    what: 'nobody listens there',
    kind: 'transient',
    code: 'http.refused',
    exit: 1,
    attempted: /^POST to 127\.0\.0\.1:\d+: /,
    seen: /ECONNREFUSED/,
    provoke: async (bench) => deliver(bench, `http://127.0.0.1:${await bench.freePort()}`, {}),
  },
];

const acknowledgementRows: readonly Row[] = [
  {
    what: 'the token wants acknowledgements and `ack` is off',
    kind: 'config',
    code: 'hec.channel-missing',
    exit: 2,
    attempted: sent,
    seen: /HTTP 400, HEC code 10 \(Data channel is missing\)/,
    provoke: async (bench) => deliver(bench, (await startFar(bench, { ack: 'at-once' })).url, {}),
  },
  {
    what: 'the token has no acknowledgements and `ack` is on',
    kind: 'config',
    code: 'hec.no-ack-id',
    exit: 2,
    attempted: sent,
    seen: /answered without an `ackId`/,
    provoke: async (bench) => deliver(bench, (await startFar(bench)).url, { ack: true, channel }),
  },
  {
    what: 'it never acknowledges',
    kind: 'transient',
    code: 'hec.unacknowledged',
    exit: 1,
    attempted: /^waiting for the acknowledgement of http:\/\/127/,
    seen: /told nothing of number 0 within 100 ms/,
    provoke: async (bench) => deliver(bench, (await startFar(bench, { ack: 'by-hand' })).url, { ack: true, channel, ackTimeoutMs: 100, ackPollMs: 50 }),
  },
  {
    what: 'a question for acknowledgements is refused',
    kind: 'config',
    code: 'hec.ack-refused',
    exit: 2,
    attempted: /^asking http:\/\/127.*\/ack for 1 acknowledgements /,
    seen: /HTTP 400, HEC code 6 \(.*forged\)/,
    async provoke(bench) {
      const far = await startFar(bench, { ack: 'by-hand' });
      far.pollFaults.push({ status: 400, body: { code: 6, text: hostile } });
      return deliver(bench, far.url, { ack: true, channel, ackPollMs: 50 });
    },
  },
  {
    what: 'acknowledgements are off and are asked for',
    kind: 'config',
    code: 'hec.ack-disabled',
    exit: 2,
    attempted: /^asking http:\/\/127.*\/ack for 1 acknowledgements /,
    seen: /HEC code 14 \(ACK is disabled\)/,
    async provoke(bench) {
      const sink = await openHecSink({ url: (await startFar(bench)).url, ack: true, channel });
      bench.later(() => sink.close());
      return sink.check(signal);
    },
  },
];

const optionRows: readonly Row[] = [
  {
    what: 'several records are too large for one request',
    kind: 'rejected',
    code: 'hec.too-large',
    exit: 1,
    attempted: /^sending 2 records in one request/,
    seen: /before it began: \d+ bytes, `batch\.bytes` is 1000/,
    async provoke(bench) {
      const sink = await openHecSink({ url: (await startFar(bench)).url, batch: { bytes: '1KB' } });
      bench.later(() => sink.close());
      return sink.deliver(parcelOf([{ tenant: 't', items: [`{"a":"${'x'.repeat(900)}"}`, '{}'] }]), signal);
    },
  },
  {
    what: 'the token could forge a header',
    kind: 'config',
    code: 'hec.token-malformed',
    exit: 2,
    attempted: /^opening the sink failed: `token`/,
    seen: /holds blanks or characters/,
    provoke: () => openHecSink({ url: 'http://127.0.0.1:1', token: `${secretToken}\r\nx: y` }),
  },
  {
    what: 'the file of certificates is missing',
    kind: 'config',
    code: 'hec.ca-file',
    exit: 2,
    attempted: /^reading `caFile` failed/,
    seen: /ENOENT.*nowhere\.pem/,
    provoke: () => openHecSink({ url: 'http://127.0.0.1:1', caFile: './nowhere.pem' }),
  },
  {
    what: 'the file of certificates holds none',
    kind: 'config',
    code: 'hec.ca-file',
    exit: 2,
    attempted: /^reading `caFile` failed/,
    seen: /holds no PEM certificate/,
    async provoke(bench) {
      const file = join(await bench.folder(), 'ca.pem');
      await writeFile(file, `${secretToken}${hostile}`);
      return openHecSink({ url: 'http://127.0.0.1:1', caFile: file });
    },
  },
  {
    what: 'its proxy is no URL',
    kind: 'config',
    code: 'http.proxy-url',
    exit: 2,
    attempted: /`proxy`/,
    seen: /no URL/,
    provoke: (bench) => deliver(bench, 'https://splunk.example:8088', { proxy: proxyPassword }),
  },
];

export const hecRows: readonly Row[] = [...codeRows, ...statusRows, ...acknowledgementRows, ...optionRows];
