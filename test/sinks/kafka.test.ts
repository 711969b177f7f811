import { createServer as createTcpServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Report } from '../../src/core/world.ts';
import { type KafkaJs, loadKafkaJs } from '../../src/sinks/kafka/client.ts';
import { compileMessageWriter } from '../../src/sinks/kafka/messages.ts';
import { kafkaFailure } from '../../src/sinks/kafka/status.ts';
import { kafka } from '../../src/sinks/kafka.ts';
import { makeCertificates } from '../far-ends/certificates.ts';
import { startBroker, whyNoBroker } from '../far-ends/kafka.ts';
import { startLogin } from '../far-ends/kafka-login.ts';
import { jsonLines, noon, parcelOf } from '../laws/parcels.ts';
import { kafkaError, protocolError } from './kafka-errors.ts';
import { failureOf, opening, openWebSink } from './web-world.ts';

const keep = opening();
afterEach(() => keep.closeAll());
const never = new AbortController().signal;
const parcel = parcelOf([{ tenant: 't1', items: jsonLines('t1', 3) }]);
const asked = { what: 'sending', clean: (text: string) => text.replaceAll('hunter2', '[secret]'), lost: () => null };

const protocol = (type: string, code: number) => protocolError(type, code, `hunter2 ${type}`);
const wrapped = (inner: Error) => kafkaError('KafkaJSNumberOfRetriesExceeded', inner as never, { retryCount: 1, retryTime: 1 });

const errors: readonly (readonly [Error, string, string])[] = [
  [protocol('UNKNOWN_TOPIC_OR_PARTITION', 3), 'config', 'kafka.topic'],
  [protocol('INVALID_TOPIC_EXCEPTION', 17), 'config', 'kafka.topic'],
  [protocol('LEADER_NOT_AVAILABLE', 5), 'transient', 'kafka.unavailable'],
  [protocol('NOT_LEADER_FOR_PARTITION', 6), 'transient', 'kafka.unavailable'],
  [protocol('REQUEST_TIMED_OUT', 7), 'transient', 'kafka.timeout'],
  [protocol('MESSAGE_TOO_LARGE', 10), 'rejected', 'kafka.too-large'],
  [protocol('RECORD_LIST_TOO_LARGE', 18), 'rejected', 'kafka.too-large'],
  [protocol('NOT_ENOUGH_REPLICAS', 19), 'transient', 'kafka.replicas'],
  [protocol('TOPIC_AUTHORIZATION_FAILED', 29), 'auth', 'kafka.forbidden'],
  [protocol('CLUSTER_AUTHORIZATION_FAILED', 31), 'auth', 'kafka.forbidden'],
  [protocol('INVALID_TIMESTAMP', 32), 'rejected', 'kafka.refused'],
  [protocol('UNSUPPORTED_VERSION', 35), 'config', 'kafka.unsupported'],
  [protocol('OUT_OF_ORDER_SEQUENCE_NUMBER', 45), 'transient', 'kafka.sequence'],
  [protocol('SASL_AUTHENTICATION_FAILED', 58), 'auth', 'kafka.login'],
  [protocol('SOMETHING_NEW', 999), 'transient', 'kafka.failed'],
  [wrapped(protocol('NOT_LEADER_FOR_PARTITION', 6)), 'transient', 'kafka.unavailable'],
  [
    kafkaError('KafkaJSNonRetriableError', wrapped(protocol('MESSAGE_TOO_LARGE', 10)), { cause: protocol('MESSAGE_TOO_LARGE', 10) }),
    'rejected',
    'kafka.too-large',
  ],
  [kafkaError('KafkaJSSASLAuthenticationError', 'SASL PLAIN authentication failed: hunter2'), 'auth', 'kafka.login'],
  [kafkaError('KafkaJSNonRetriableError', 'x', { cause: kafkaError('KafkaJSSASLAuthenticationError', 'no hunter2') }), 'auth', 'kafka.login'],
  [kafkaError('KafkaJSRequestTimeoutError', 'Request timed out', {}), 'transient', 'kafka.timeout'],
  [kafkaError('KafkaJSConnectionError', 'Connection timeout', {}), 'transient', 'kafka.closed'],
  [kafkaError('KafkaJSConnectionClosedError', 'Closed connection', { host: 'h', port: 1 }), 'transient', 'kafka.closed'],
  [kafkaError('KafkaJSBrokerNotFound', 'Broker 1 not found'), 'transient', 'kafka.unavailable'],
  [kafkaError('KafkaJSServerDoesNotSupportApiKey', 'no Produce', {}), 'config', 'kafka.unsupported'],
  [new TypeError('hunter2'), 'transient', 'kafka.failed'],
];

describe('an error of kafkajs', () => {
  it.each(errors.map(([error, kind, code]) => ({ error, kind, code, name: `${error.name} ${error.message}`.slice(0, 60) })))(
    '$name is $kind $code',
    ({ error, kind, code }) => {
      const failure = kafkaFailure(asked, error);
      expect(failure).toMatchObject({ kind, code });
      expect(failure.message).toMatch(/^sending failed: /);
      expect(`${failure.message} ${failure.stack}`).not.toContain('hunter2');
      expect(failure.advice).toBeTruthy();
    },
  );

  it('of a connection says what the socket knew', () => {
    const lost = new Failure('config', 'wire.certificate', 'connecting failed: refused', { advice: 'do' });
    expect(kafkaFailure({ ...asked, lost: () => lost }, wrapped(kafkaError('KafkaJSConnectionError', 'x', {})))).toMatchObject({
      kind: 'config',
      code: 'wire.certificate',
      message: 'sending failed: connecting failed: refused',
      advice: 'do',
    });
  });
});

describe('the messages of kafka', () => {
  it('are keyed by tenant, named by record, and go to a topic that can be one', () => {
    const { topicMessages, refused } = compileMessageWriter({ topic: 'a.{tenant.name}.{stream}', maxMessageBytes: 1_000_000 }).write(
      parcelOf([
        { tenant: 'T', name: 'Acme / Söhne', items: [{ line: '{"a":1}', key: 'k' }] },
        { tenant: 'U', name: '..', stream: 'siem-alerts', items: [{ line: 'x', time: -5 }] },
      ]),
    );
    expect(refused).toEqual([]);
    expect(topicMessages.map(({ topic }) => topic)).toEqual(['a.Acme___S_hne.events', 'a....siem-alerts']);
    const [message] = topicMessages[0]?.messages ?? [];
    expect([String(message?.key), String(message?.value), message?.timestamp]).toEqual(['T', '{"a":1}', String(noon)]);
    expect(Object.fromEntries(Object.entries(message?.headers ?? {}).map(([name, value]) => [name, String(value)]))).toEqual({
      'sophos-record': 'T/events/k',
      'sophos-stream': 'events',
      'sophos-tenant': 'T',
    });
    expect(topicMessages[1]?.messages[0]?.timestamp).toBe(String(noon));
    const dots = compileMessageWriter({ topic: '{tenant.name}', maxMessageBytes: 1_000_000 }).write(parcelOf([{ tenant: 'U', name: '..', items: ['x'] }]));
    expect(dots.topicMessages[0]?.topic).toBe('__');
  });

  it('that are too long are refused by number, and the others are sent', () => {
    const { topicMessages, refused } = compileMessageWriter({ topic: 't', maxMessageBytes: 1000 }).write(
      parcelOf([{ tenant: 'T', after: 6, items: ['a', 'x'.repeat(1000), 'b'] }]),
    );
    expect(refused.map(({ seq, code }) => [seq, code])).toEqual([[8, 'kafka.too-large']]);
    expect(topicMessages[0]?.messages.map(({ value }) => String(value))).toEqual(['a', 'b']);
  });
});

describe('opening kafka', () => {
  it('without the package says how to install it', async () => {
    // A name that is not there, as kafkajs would be.
    const name = 'kafkajs-that-nobody-installed';
    const failure = await failureOf(loadKafkaJs(() => import(name) as Promise<{ default: KafkaJs }>));
    expect(failure).toMatchObject({ kind: 'config', code: 'kafka.no-client', advice: expect.stringContaining('npm install kafkajs') });
    expect((await loadKafkaJs()).Kafka).toBeTypeOf('function');
  });

  it.each([
    { brokers: [] },
    { brokers: ['http://a:1'] },
    { brokers: ['[::1]:9092'] },
    { topic: 'a b' },
    { topic: '..' },
    { caFile: 'a' },
    { tls: true, certFile: 'a' },
    { sasl: { mechanism: 'plain', username: 'u' } },
    { sasl: { mechanism: 'oauthbearer', username: 'u', token: 't' } },
    { sasl: { mechanism: 'scram-sha-256', username: 'u', password: 'p', token: 't' } },
    { sasl: { mechanism: 'gssapi' } },
  ])('refuses the options %j', (written) => expect(() => kafka.options.parse({ brokers: ['a:1'], ...written })).toThrow());
});

describe('a broker that is none', () => {
  const opened = (written: Record<string, unknown>, reports: Report[] = []) => openWebSink(kafka, { timeout: '2s', ...written }, { reports });

  it('because nobody listens is transient, and the client says nothing beside us', async () => {
    const reports: Report[] = [];
    const sink = keep(await opened({ brokers: ['127.0.0.1:1'] }, reports));
    expect(await failureOf(sink.deliver(parcel, never))).toMatchObject({ kind: 'transient', code: 'wire.refused' });
    expect(await failureOf(sink.check(never))).toMatchObject({ kind: 'transient', code: 'wire.refused' });
    expect(new Set(reports.map(({ name }) => name))).toEqual(new Set(['kafka.said']));
  });

  it('because it hangs up is transient, and says what to look at', async () => {
    const server = createTcpServer((socket) => socket.once('data', () => socket.end()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    keep({ close: async () => void server.close() });
    const { port } = server.address() as { port: number };
    const sink = keep(await opened({ brokers: [`127.0.0.1:${port}`] }));
    expect(await failureOf(sink.deliver(parcel, never))).toMatchObject({ kind: 'transient', code: 'kafka.closed' });
  });

  it('because its certificate is not trusted is told with the certificate', async () => {
    const certificates = makeCertificates();
    keep({ close: async () => certificates.remove() });
    const server = createTlsServer({ key: certificates.strangeServer.key, cert: certificates.strangeServer.cert });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    keep({ close: async () => void server.close() });
    const { port } = server.address() as { port: number };
    const sink = keep(await opened({ brokers: [`127.0.0.1:${port}`], tls: true, caFile: certificates.authority.certFile }));
    const failure = await failureOf(sink.deliver(parcel, never));
    expect(failure).toMatchObject({ kind: 'config', code: 'wire.certificate', advice: expect.stringContaining('`brokers`') });
    expect(failure.message).toMatch(/certificate is: subject .*issuer .*Strange/);
    expect(await failureOf(keep(await opened({ brokers: ['127.0.0.1:1'], tls: true, caFile: 'nowhere.pem' })).deliver(parcel, never))).toMatchObject({
      code: 'wire.tls-file',
    });
  });
});

const reason = whyNoBroker();

describe('a login', () => {
  const right = { username: 'connector', password: 'hunter2-password' };

  it.each([
    ['PLAIN', { mechanism: 'plain', ...right, password: 'hunter2-wrong' }, 'no hunter2-wrong'],
    ['OAUTHBEARER', { mechanism: 'oauthbearer', token: 'hunter2-token' }, 'no hunter2-token'],
    ['SCRAM-SHA-512', { mechanism: 'plain', ...right }, ''],
  ])('by %s that is refused is `auth`, and shows no secret', async (offered, sasl, said) => {
    const far = keep(await startLogin(offered, said));
    const sink = keep(await openWebSink(kafka, { brokers: [far.address], sasl, timeout: '2s' }));
    for (const work of [() => sink.deliver(parcel, never), () => sink.check(never)]) {
      const failure = await failureOf(work());
      expect(failure).toMatchObject({ kind: 'auth', code: 'kafka.login' });
      expect(`${failure.message} ${failure.stack} ${String(failure.cause)}`).not.toContain('hunter2');
    }
    expect(far.logins()).toBe(said === '' ? 0 : 2);
  });
});

describe('a broker', () => {
  const start = async (written: Record<string, unknown> = {}) => {
    const far = keep(await startBroker());
    return { far, sink: keep(await openWebSink(kafka, { brokers: [far.address], topic: 'sophos', createTopics: true, ...written })) };
  };

  it('gets each tenant in one partition, in order, with the time of the record', async (context) => {
    if (reason !== null) context.skip(reason);
    const { far, sink } = await start();
    const tenants = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const after of [0, 20]) await sink.deliver(parcelOf(tenants.map((tenant) => ({ tenant, after, items: jsonLines(tenant, 20, after + 1) }))), never);
    const found = await far.messages('sophos');
    expect(new Set(found.map(({ partition }) => partition)).size).toBeGreaterThan(1);
    for (const tenant of tenants) {
      const own = found.filter(({ key }) => key === tenant);
      expect(own.map(({ value }) => value)).toEqual(jsonLines(tenant, 40));
      expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
      expect(own[0]).toMatchObject({ time: noon, headers: { 'sophos-record': `${tenant}/events/${tenant}-events-1` } });
    }
  });

  it.for([
    [3, 'config', 'kafka.topic', 2],
    [6, 'transient', 'kafka.unavailable', 2],
    [10, 'rejected', 'kafka.too-large', 1],
    [29, 'auth', 'kafka.forbidden', 1],
    [45, 'transient', 'kafka.sequence', 1],
  ] as const)('that answers with code %i is %s %s, and takes the records afterwards', async ([code, kind, ours, tries], context) => {
    if (reason !== null) context.skip(reason);
    const { far, sink } = await start();
    far.faults.push(...Array.from({ length: tries }, () => code));
    expect(await failureOf(sink.deliver(parcel, never))).toMatchObject({ kind, code: ours });
    expect(far.faults).toEqual([]);
    await sink.deliver(parcel, never);
    expect(await far.messages('sophos')).toHaveLength(3);
  });

  it('that hangs is given up after `timeout`', async (context) => {
    if (reason !== null) context.skip(reason);
    const { far, sink } = await start({ timeout: '300ms', idempotent: false });
    far.faults.push('hang');
    expect(await failureOf(sink.deliver(parcel, never))).toMatchObject({ kind: 'transient', code: 'kafka.timeout' });
    await sink.deliver(parcel, never);
  });

  it('is told apart from a missing topic by a check', async (context) => {
    if (reason !== null) context.skip(reason);
    const { far, sink } = await start();
    expect(await sink.check(never)).toMatch(/the cluster has 1 brokers; topic sophos will be made$/);
    await sink.deliver(parcel, never);
    expect(await sink.check(never)).toMatch(/topic sophos is there$/);
    const other = keep(await openWebSink(kafka, { brokers: [far.address], topic: 'other' }));
    expect(await failureOf(other.check(never))).toMatchObject({ kind: 'config', code: 'kafka.topic' });
    expect(await keep(await openWebSink(kafka, { brokers: [far.address] })).check(never)).toMatch(/first delivery$/);
  });

  it('never sees a record above `maxMessageBytes`; when there is nothing else, the engine hears of it as a whole', async (context) => {
    if (reason !== null) context.skip(reason);
    const { far, sink } = await start({ maxMessageBytes: '1KB' });
    const long = 'x'.repeat(1000);
    const { refused } = await sink.deliver(parcelOf([{ tenant: 't', items: ['a', long] }]), never);
    expect(refused.map(({ seq }) => seq)).toEqual([2]);
    expect(await failureOf(sink.deliver(parcelOf([{ tenant: 't', after: 2, items: [long] }]), never))).toMatchObject({
      kind: 'rejected',
      code: 'kafka.too-large',
    });
    expect(await far.messages('sophos')).toHaveLength(1);
  });
});
