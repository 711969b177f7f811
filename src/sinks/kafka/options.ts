import { choice, duration, flag, list, object, pattern, secretText, size, text } from '../../core/schema.ts';
import type { Millis } from '../../core/types.ts';
import type { Secret } from '../../core/world.ts';
import { type BatchOptions, batch } from '../wire/web-options.ts';

const sasl = object({
  mechanism: choice('plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer').describe('How to log in'),
  username: text()
    .optional()
    .meta({ examples: ['connector'] })
    .describe('User name, but for `oauthbearer`'),
  password: secretText()
    .optional()
    .meta({ examples: ['${env:KAFKA_PASSWORD}'] })
    .describe('Password of `username`'),
  token: secretText()
    .optional()
    .meta({ examples: ['${env:KAFKA_TOKEN}'] })
    .describe('Token, for `oauthbearer`'),
}).superRefine(({ mechanism, username, password, token }, context) => {
  const issue = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
  if (mechanism === 'oauthbearer') {
    if (token === undefined) issue('token', 'is needed for `oauthbearer`');
    if (username !== undefined || password !== undefined) issue('username', '`username` and `password` go without `oauthbearer`');
  } else {
    if (username === undefined) issue('username', `is needed for \`${mechanism}\``);
    if (password === undefined) issue('password', `is needed for \`${mechanism}\``);
    if (token !== undefined) issue('token', 'goes with `oauthbearer` only');
  }
});

/** What a user may write below `type: kafka`. */
export const options = object({
  brokers: list(pattern(/^[A-Za-z0-9._-]+:\d{1,5}$/, 'expected `host:port`, the host a name or an IPv4 address'))
    .min(1, 'must name at least one broker')
    .meta({ examples: [['kafka-1.example.com:9093', 'kafka-2.example.com:9093']] })
    .describe('Brokers to begin with; they name the others'),
  topic: text()
    .refine(isTopic, 'must hold letters, digits, dots, - and _ only, beside placeholders')
    .default('sophos-central.{stream}')
    .describe('Topic, a template'),
  tls: flag().default(false).describe('Speak TLS'),
  caFile: text()
    .optional()
    .meta({ examples: ['company-ca.pem'] })
    .describe('PEM file of certificates to trust besides the system`s'),
  certFile: text()
    .optional()
    .meta({ examples: ['client.pem'] })
    .describe('PEM file of a client certificate, its chain behind it'),
  keyFile: text()
    .optional()
    .meta({ examples: ['client.key'] })
    .describe('PEM file of its key'),
  passphrase: secretText()
    .optional()
    .meta({ examples: ['${file:secrets/client.pass}'] })
    .describe('Passphrase of the key'),
  sasl: sasl.optional().describe('Login at the brokers'),
  clientId: pattern(/^[A-Za-z0-9._-]{1,200}$/, 'must hold letters, digits, dots, - and _ only')
    .default('sophos-central-connector')
    .describe('Name by which the brokers know this client'),
  compression: choice('none', 'gzip').default('gzip').describe('Compression of the batches'),
  idempotent: flag().default(true).describe('Let the brokers fold what the client sends again after a lost answer'),
  createTopics: flag().default(false).describe('Let the brokers make topics that are missing, where they are set up to do so'),
  maxMessageBytes: size({ least: '1KB' }).prefault('1MB').describe('Longest record, as `max.message.bytes` of the topic; a longer one is refused'),
  batch: batch(1000, '900KB'),
  timeout: duration({ min: 1 }).prefault('30s').describe('Longest wait for the answer to one request'),
})
  .superRefine((given, context) => {
    const issue = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
    if ((given.certFile === undefined) !== (given.keyFile === undefined))
      issue(given.certFile === undefined ? 'certFile' : 'keyFile', '`certFile` and `keyFile` go together');
    if (!given.tls) for (const key of ['caFile', 'certFile', 'passphrase'] as const) if (given[key] !== undefined) issue(key, 'goes with `tls: true`');
  })
  .describe('Apache Kafka, and others that speak its protocol; needs the package `kafkajs`');

/** The options as they are after reading. */
export interface KafkaOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly tls: boolean;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly passphrase?: Secret | undefined;
  readonly sasl?: SaslOptions | undefined;
  readonly clientId: string;
  readonly compression: 'none' | 'gzip';
  readonly idempotent: boolean;
  readonly createTopics: boolean;
  readonly maxMessageBytes: number;
  readonly batch: BatchOptions;
  readonly timeout: Millis;
}

export interface SaslOptions {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' | 'oauthbearer';
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
}

function isTopic(value: string): boolean {
  const own = value.replace(/\{[^{}]*\}/g, '');
  return /^[A-Za-z0-9._-]*$/.test(own) && value !== '.' && value !== '..' && own.length <= 200;
}
