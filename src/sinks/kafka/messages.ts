/** Makes messages of records: the tenant's id is the key, so that all of a tenant stays in one partition, in order. */
import type { Message, TopicMessages } from 'kafkajs';
import { textOf } from '../../core/pack.ts';
import { compileTemplate } from '../../core/template.ts';
import type { Origin, Parcel, Refusal, StreamRecord } from '../../core/types.ts';
import { recordIdStart } from '../wire/record-id.ts';
import type { KafkaOptions } from './options.ts';

/** Names of the headers. */
export const headerNames = { record: 'sophos-record', stream: 'sophos-stream', tenant: 'sophos-tenant' } as const;

export interface Written {
  readonly topicMessages: TopicMessages[];
  /** Records that are longer than a message may be. */
  readonly refused: readonly Refusal[];
}

export interface MessageWriter {
  /** Bytes that a record takes beside its line, generously. */
  readonly overheadBytes: number;
  /** The topic, when all records go to one. */
  readonly oneTopic: string | null;
  write(parcel: Parcel): Written;
}

/** Key, headers with their names, and what the protocol adds. */
const overheadBytes = 300;
/** What Kafka takes for a name. */
const longestTopic = 249;

/**
 * Compiles the template.
 *
 * Throws   config `config.template` for a template that cannot be read.
 */
export function compileMessageWriter({ topic, maxMessageBytes }: Pick<KafkaOptions, 'topic' | 'maxMessageBytes'>): MessageWriter {
  const template = compileTemplate(topic);
  const topicOf = (origin: Origin, record: StreamRecord) => fitTopic(template.plain(forTopic(origin), record.time));

  return {
    overheadBytes,
    oneTopic: template.usesOrigin || template.usesDate ? null : topic,
    write({ sections }) {
      const topics = new Map<string, Message[]>();
      const refused: Refusal[] = [];
      for (const { origin, records, lines, lane } of sections) {
        const idStart = recordIdStart(origin);
        const tenant = Buffer.from(origin.tenant.id);
        const stream = Buffer.from(origin.stream);
        for (const [i, record] of records.entries()) {
          const line = textOf(lines, i);
          const id = Buffer.from(idStart + record.key);
          const bytes = line.length + 2 * tenant.length + stream.length + id.length + overheadBytes;
          if (bytes > maxMessageBytes) {
            refused.push({
              lane,
              seq: record.seq,
              code: 'kafka.too-large',
              reason: `a message of ${bytes} bytes is longer than \`maxMessageBytes\`, ${maxMessageBytes}`,
            });
            continue;
          }
          const name = topicOf(origin, record);
          const messages = topics.get(name) ?? [];
          topics.set(name, messages);
          messages.push({
            key: tenant,
            value: Buffer.from(line.buffer, line.byteOffset, line.byteLength),
            timestamp: stampOf(record),
            headers: { [headerNames.record]: id, [headerNames.stream]: stream, [headerNames.tenant]: tenant },
          });
        }
      }
      return { topicMessages: [...topics].map(([name, messages]) => ({ topic: name, messages })), refused };
    },
  };
}

/** Kafka knows no time before 1970. */
function stampOf({ time, fetchedAt }: StreamRecord): string {
  return String([time, fetchedAt].find((ms) => ms >= 0 && ms <= 8.64e15) ?? 0).replace(/\..*$/, '');
}

/** Values as they may stand in the name of a topic. */
function forTopic({ stream, tenant }: Origin): Origin {
  const safe = (value: string) => value.replace(/[^A-Za-z0-9._-]/g, '_');
  const labels = Object.fromEntries(Object.entries(tenant.labels).map(([name, value]) => [name, safe(value)]));
  return { stream: safe(stream), tenant: { id: safe(tenant.id), name: safe(tenant.name), labels } };
}

function fitTopic(name: string): string {
  const cut = name.slice(0, longestTopic);
  return /^\.{0,2}$/.test(cut) ? '_'.repeat(Math.max(1, cut.length)) : cut;
}
