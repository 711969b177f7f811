import { Failure, type FailureKind } from '../../core/failure.ts';
import type { Clean } from '../wire/answer.ts';

/** One request, as far as judging its failure needs it. */
export interface Asked {
  /** What was attempted, such as `sending 3 records to kafka-1:9092`. */
  readonly what: string;
  readonly clean: Clean;
  /** What the last connection that failed failed with. */
  readonly lost: () => Failure | null;
}

interface Verdict {
  readonly kind: FailureKind;
  readonly code: string;
  readonly advice: string;
}

const unavailable: Verdict = { kind: 'transient', code: 'kafka.unavailable', advice: 'Look at the brokers and their logs; sending goes on by itself.' };
const replicas: Verdict = {
  kind: 'transient',
  code: 'kafka.replicas',
  advice: 'Look at the replicas of the partition and at `min.insync.replicas`; sending goes on by itself.',
};
const timeout: Verdict = { kind: 'transient', code: 'kafka.timeout', advice: 'Look at the brokers; if they are only slow, raise `timeout`.' };
const closed: Verdict = {
  kind: 'transient',
  code: 'kafka.closed',
  advice: 'Look at the log of the broker: does it want TLS (`tls`) or a login (`sasl`), and is this its port for clients?',
};
const sequence: Verdict = {
  kind: 'transient',
  code: 'kafka.sequence',
  advice:
    'Nothing is lost: a new producer sends again, and some records may come twice, with the same `sophos-record`; if this lasts, set `idempotent: false`.',
};
const login: Verdict = { kind: 'auth', code: 'kafka.login', advice: 'Check `sasl`: user, password or token, and the mechanism that the brokers offer.' };
const forbidden: Verdict = {
  kind: 'auth',
  code: 'kafka.forbidden',
  advice: 'Allow the user to `Write` and `Describe` the topic; clusters before 2.8 want `IdempotentWrite` on the cluster, too, or set `idempotent: false`.',
};
const topic: Verdict = {
  kind: 'config',
  code: 'kafka.topic',
  advice: 'Make the topic, correct `topic`, or set `createTopics: true` where the brokers may make topics.',
};
const unsupported: Verdict = {
  kind: 'config',
  code: 'kafka.unsupported',
  advice: 'Check `compression`, `idempotent` and `sasl.mechanism` against what the brokers and the topic offer.',
};
const tooLarge: Verdict = {
  kind: 'rejected',
  code: 'kafka.too-large',
  advice: 'Raise `max.message.bytes` of the topic, or lower `maxMessageBytes` and `batch.bytes` to it.',
};
const refused: Verdict = {
  kind: 'rejected',
  code: 'kafka.refused',
  advice: 'Look at the record with `sophos-central dead-letter show`, and at the settings of the topic.',
};
const unknown: Verdict = { kind: 'transient', code: 'kafka.failed', advice: 'Look at the brokers and their logs; if it goes on, report it.' };

/** What brokers say, by the names that the protocol gives the codes. */
const types: Readonly<Record<string, Verdict>> = {
  ...all(topic, 'UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION', 'POLICY_VIOLATION', 'INVALID_REPLICATION_FACTOR'),
  ...all(forbidden, 'TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED', 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'),
  ...all(login, 'SASL_AUTHENTICATION_FAILED', 'ILLEGAL_SASL_STATE', 'UNSUPPORTED_SASL_MECHANISM', 'SECURITY_DISABLED', 'DELEGATION_TOKEN_EXPIRED'),
  ...all(tooLarge, 'MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'),
  ...all(refused, 'INVALID_TIMESTAMP', 'INVALID_RECORD', 'INVALID_MESSAGE_SIZE', 'INVALID_FETCH_SIZE'),
  ...all(sequence, 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'DUPLICATE_SEQUENCE_NUMBER', 'INVALID_PRODUCER_EPOCH', 'UNKNOWN_PRODUCER_ID', 'PRODUCER_FENCED'),
  ...all(sequence, 'INVALID_PRODUCER_ID_MAPPING', 'CONCURRENT_TRANSACTIONS', 'INVALID_TXN_STATE'),
  ...all(
    unsupported,
    'UNSUPPORTED_VERSION',
    'UNSUPPORTED_FOR_MESSAGE_FORMAT',
    'UNSUPPORTED_COMPRESSION_TYPE',
    'INVALID_REQUIRED_ACKS',
    'INVALID_CONFIG',
    'INVALID_REQUEST',
  ),
  ...all(replicas, 'NOT_ENOUGH_REPLICAS', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'REPLICA_NOT_AVAILABLE'),
  ...all(
    unavailable,
    'LEADER_NOT_AVAILABLE',
    'NOT_LEADER_FOR_PARTITION',
    'BROKER_NOT_AVAILABLE',
    'NETWORK_EXCEPTION',
    'CORRUPT_MESSAGE',
    'KAFKA_STORAGE_ERROR',
  ),
  ...all(
    unavailable,
    'NOT_CONTROLLER',
    'GROUP_COORDINATOR_NOT_AVAILABLE',
    'GROUP_LOAD_IN_PROGRESS',
    'THROTTLING_QUOTA_EXCEEDED',
    'FENCED_LEADER_EPOCH',
    'UNKNOWN',
  ),
  ...all(timeout, 'REQUEST_TIMED_OUT'),
};

/** What the client says of itself, by the names of its classes. */
const names: Readonly<Record<string, Verdict>> = {
  KafkaJSSASLAuthenticationError: login,
  KafkaJSRequestTimeoutError: timeout,
  KafkaJSTimeout: timeout,
  KafkaJSLockTimeout: timeout,
  KafkaJSConnectionError: closed,
  KafkaJSConnectionClosedError: closed,
  KafkaJSBrokerNotFound: unavailable,
  KafkaJSNoBrokerAvailableError: unavailable,
  KafkaJSMetadataNotLoaded: unavailable,
  KafkaJSTopicMetadataNotLoaded: unavailable,
  KafkaJSStaleTopicMetadataAssignment: unavailable,
  KafkaJSGroupCoordinatorNotFound: unavailable,
  KafkaJSServerDoesNotSupportApiKey: unsupported,
  KafkaJSNotImplemented: unsupported,
};

function all(verdict: Verdict, ...of: string[]): Record<string, Verdict> {
  return Object.fromEntries(of.map((each) => [each, verdict]));
}

/**
 * What an error of kafkajs means: the whole table.
 *
 * Source   Kafka protocol guide, "Error Codes"; kafkajs 2.2.4, src/errors.js and src/protocol/error.js.
 */
export function kafkaFailure({ what, clean, lost }: Asked, error: unknown): Failure {
  const { name, type, message } = rootOf(error);
  const found = lookUp(types, type) ?? lookUp(names, name);
  // The client tells of a lost connection in few words: the socket knew more.
  const wire = found === closed ? lost() : null;
  if (wire)
    return new Failure(wire.kind, wire.code, `${what} failed: ${wire.message}`, { cause: wire, ...(wire.advice === undefined ? {} : { advice: wire.advice }) });
  const { kind, code, advice } = found ?? unknown;
  return new Failure(kind, code, `${what} failed: ${clean(message)}${type === '' ? '' : ` (${clean(type)})`}`, { advice });
}

function lookUp(table: Readonly<Record<string, Verdict>>, name: string): Verdict | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

interface Told {
  readonly name: string;
  readonly type: string;
  readonly message: string;
}

/** The error at the bottom that has a name of its own: what counts the tries wraps what failed. */
function rootOf(error: unknown, depth = 0): Told {
  if (!(error instanceof Error)) return { name: '', type: '', message: String(error) };
  const { cause, errors, type } = error as { cause?: unknown; errors?: unknown; type?: unknown };
  const inner = Array.isArray(errors) ? errors[0] : isWrapper(error.name) ? cause : undefined;
  if (inner instanceof Error && inner !== error && depth < 5) return rootOf(inner, depth + 1);
  return { name: error.name, type: typeof type === 'string' ? type : '', message: error.message };
}

function isWrapper(name: string): boolean {
  return name === 'KafkaJSNumberOfRetriesExceeded' || name === 'KafkaJSNonRetriableError' || name === 'KafkaJSError';
}
