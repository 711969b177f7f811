/**
 * Apache Kafka and others that speak its protocol, by the package kafkajs: a parcel is one batch, acknowledged by all replicas in sync.
 *
 * After a failure the producer is given up, too. Its numbers, by which brokers fold repeats, count batches and know nothing of what is in
 * them: counted on with records that were cut another way, a broker could take new ones for known ones. So repeats of what was under way
 * at a failure are possible, and each message carries `sophos-record`.
 */
import { Failure } from '../core/failure.ts';
import type { SinkPlace } from '../core/kinds.ts';
import { defineSink } from '../core/kinds.ts';
import type { Sink } from '../core/types.ts';
import type { World } from '../core/world.ts';
import { loadKafkaJs, openClient, type Session } from './kafka/client.ts';
import { compileMessageWriter } from './kafka/messages.ts';
import { type KafkaOptions, options } from './kafka/options.ts';
import { kafkaFailure } from './kafka/status.ts';
import { late, within } from './wire/patience.ts';
import { recordsIn } from './wire/taken.ts';

/** Apache Kafka. */
export const kafka = defineSink({
  name: 'kafka',
  summary: 'Apache Kafka and others that speak its protocol; needs the package kafkajs',
  options,
  open,
});

/** So long the brokers have to say goodbye. */
const graceMs = 1000;

async function open(given: KafkaOptions, world: World, place: SinkPlace): Promise<Sink> {
  const { batch, compression, timeout } = given;
  const kafkaJs = await loadKafkaJs();
  const writer = compileMessageWriter(given);
  const client = openClient(kafkaJs, given, world, place);
  const brokers = given.brokers.slice(0, 3).join(', ');
  const codec = compression === 'gzip' ? kafkaJs.CompressionTypes.GZIP : kafkaJs.CompressionTypes.None;
  let session: Session | null = null;

  async function leave(left: Session): Promise<void> {
    if (session === left) session = null;
    await within(left.end(), graceMs, world.clock);
  }

  /** The work, with what its failure means; the session does not outlive one. Ends at once on abort. */
  async function attempt<T>(what: string, using: Session, work: Promise<T>, signal: AbortSignal): Promise<T> {
    // The client knows no abort: its promise may end long after ours.
    work.catch(() => undefined);
    try {
      // Connecting, finding the leaders and sending are requests of their own, and one may be sent twice.
      const outcome = await within(work, 4 * timeout, world.clock, signal);
      if (outcome === late)
        throw new Failure('transient', 'kafka.timeout', `${what} failed: no end of it within ${4 * timeout} ms`, {
          advice: 'Look at the brokers; raise `timeout` if they are slow.',
        });
      return outcome;
    } catch (error) {
      void leave(using);
      if (signal.aborted || error instanceof Failure) throw error;
      throw kafkaFailure({ what, clean: client.clean, lost: using.dialer.lost }, error);
    }
  }

  const records = Math.max(1, Math.min(batch.records, Math.floor(batch.bytes / 2 / writer.overheadBytes)));
  return {
    limits: { records, bytes: Math.max(1, batch.bytes - records * writer.overheadBytes) },
    // One after the other: that is the order.
    inFlight: 1,
    async check(signal) {
      const own = await client.open();
      const topics = writer.oneTopic === null ? [] : [writer.oneTopic];
      const ask = async () => {
        await own.admin.connect();
        const { brokers: found } = await own.admin.describeCluster();
        return { found: found.length, known: topics.length === 0 ? [] : await own.admin.listTopics() };
      };
      const { found, known } = await attempt(`asking ${brokers}`, own, ask(), signal);
      await leave(own);
      const [topic] = topics;
      if (topic === undefined) return `${brokers} answers, the cluster has ${found} brokers; topics are seen at the first delivery`;
      if (!known.includes(topic) && !given.createTopics)
        throw new Failure('config', 'kafka.topic', `asking ${brokers} found no topic ${topic}`, { advice: 'Make it, or allow this user to `Describe` it.' });
      return `${brokers} answers, the cluster has ${found} brokers; topic ${topic} ${known.includes(topic) ? 'is there' : 'will be made'}`;
    },
    resume: async () => undefined,
    async deliver(parcel, signal) {
      signal.throwIfAborted();
      const count = recordsIn(parcel);
      const { topicMessages, refused } = writer.write(parcel);
      const [first] = refused;
      // When nothing at all could be sent the engine must hear of it as a whole: perhaps the configuration is to blame.
      if (first && refused.length === count)
        throw new Failure('rejected', 'kafka.too-large', `sending ${count} records to ${brokers} failed before it began: ${first.reason}`, {
          advice: 'Raise `maxMessageBytes`, and `max.message.bytes` of the topic.',
        });
      if (topicMessages.length === 0) return { refused };
      const present = session ?? (await client.open());
      const isNew = session === null;
      session = present;
      const send = async () => {
        if (isNew) await present.producer.connect();
        await present.producer.sendBatch({ acks: -1, timeout, compression: codec, topicMessages });
      };
      await attempt(`sending ${count - refused.length} records to ${brokers}`, present, send(), signal);
      return { refused };
    },
    async close() {
      if (session) await leave(session);
    },
  };
}
