import type { Admin, KafkaConfig, Producer } from 'kafkajs';
import { Failure } from '../../core/failure.ts';
import type { SinkPlace } from '../../core/kinds.ts';
import type { Secret, World } from '../../core/world.ts';
import { type Clean, cleanOf } from '../wire/answer.ts';
import { readTrust } from '../wire/trust.ts';
import { type Dialer, openDialer } from './dial.ts';
import type { KafkaOptions, SaslOptions } from './options.ts';

/** The package, loaded. */
export type KafkaJs = typeof import('kafkajs');

/**
 * Loads the package, which users install themselves.
 *
 * Throws   config `kafka.no-client` when it is not there.
 */
export async function loadKafkaJs(load: () => Promise<{ readonly default: KafkaJs }> = () => import('kafkajs')): Promise<KafkaJs> {
  try {
    return (await load()).default;
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw cause;
    throw new Failure('config', 'kafka.no-client', 'opening the sink failed: the package `kafkajs`, which it needs, is not installed', {
      cause,
      advice: 'Run `npm install kafkajs` where this program is installed (`npm install -g kafkajs` if that was with `-g`).',
    });
  }
}

/** A client of its own connections, begun anew after each failure. */
export interface Session {
  readonly producer: Producer;
  readonly admin: Admin;
  readonly dialer: Dialer;
  /** Ends all connections; never fails, and nobody has to wait for it. */
  end(): Promise<void>;
}

export interface Client {
  readonly clean: Clean;
  open(): Promise<Session>;
}

/** So long a broker has to take a connection, at most. */
const connectMs = 10_000;

export function openClient(kafkaJs: KafkaJs, given: KafkaOptions, world: World, { folder, name }: SinkPlace): Client {
  const { timeout, idempotent, sasl } = given;
  const clean = cleanOf(secretsOf(given));

  return {
    clean,
    async open() {
      // Read anew, so that a renewed certificate is used without a restart.
      const dialer = openDialer(given.tls ? await readTrust(given, folder) : null);
      const config: KafkaConfig = {
        clientId: given.clientId,
        brokers: [...given.brokers],
        ssl: given.tls,
        ...(sasl ? { sasl: loginOf(sasl) } : {}),
        connectionTimeout: Math.min(timeout, connectMs),
        authenticationTimeout: Math.min(timeout, connectMs),
        requestTimeout: timeout,
        // The engine sends again.
        retry: { retries: 0, initialRetryTime: 100 },
        socketFactory: dialer.connect,
        logLevel: kafkaJs.logLevel.WARN,
        logCreator: () => (entry) => world.report({ name: 'kafka.said', sink: name, reason: clean(`${entry.namespace}: ${entry.log.message}`) }),
      };
      const kafka = new kafkaJs.Kafka(config);
      const producer = kafka.producer({
        createPartitioner: kafkaJs.Partitioners.DefaultPartitioner,
        allowAutoTopicCreation: given.createTopics,
        idempotent,
        // Once, with the same numbers, is what lets a broker fold a batch whose answer was lost.
        retry: { retries: idempotent ? 1 : 0, initialRetryTime: 100 },
        maxInFlightRequests: 1,
      });
      const admin = kafka.admin({ retry: { retries: 0 } });
      const end = async () => {
        for (const each of [producer, admin])
          await each.disconnect().catch((error: unknown) => void world.report({ name: 'kafka.said', sink: name, reason: clean(String(error)) }));
      };
      return { producer, admin, dialer, end };
    },
  };
}

function loginOf({ mechanism, username = '', password, token }: SaslOptions): NonNullable<KafkaConfig['sasl']> {
  if (mechanism === 'oauthbearer') return { mechanism, oauthBearerProvider: async () => ({ value: token?.reveal().trim() ?? '' }) };
  // A password from a file ends in a line break that is none of it.
  const login = { username, password: password?.reveal().replace(/\r?\n$/, '') ?? '' };
  if (mechanism === 'plain') return { mechanism, ...login };
  return mechanism === 'scram-sha-256' ? { mechanism, ...login } : { mechanism, ...login };
}

function secretsOf({ sasl, passphrase }: KafkaOptions): Secret[] {
  return [sasl?.password, sasl?.token, passphrase].filter((each) => each !== undefined);
}
