/**
 * Splunk HTTP Event Collector: one parcel is one request, and one receipt.
 *
 * A collector refuses a request whole for one bad event, but may have indexed those before it; and it may have indexed a request
 * whose answer never came. Both are sent again. Every event carries `fields.sophos_record`, so that Splunk can fold such repeats.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip as gzipCallback } from 'node:zlib';
import { Failure, type FailureDetail } from '../core/failure.ts';
import type { SinkPlace } from '../core/kinds.ts';
import { defineSink } from '../core/kinds.ts';
import { secret } from '../core/secret.ts';
import type { Parcel, Sink, SinkLimits } from '../core/types.ts';
import type { Secret, Via, World } from '../core/world.ts';
import { compileEnvelope, type Envelope } from './splunk-hec/envelope.ts';
import { type Indexer, openIndexer, randomGuid } from './splunk-hec/indexer.ts';
import { collectorOf, type HecOptions, options } from './splunk-hec/options.ts';
import { openRotation } from './wire/rotation.ts';

const gzip = promisify(gzipCallback);

/** Smaller bodies fit one network packet anyway. */
const gzipFromBytes = 1024;

/** Splunk HTTP Event Collector. */
export const splunkHec = defineSink({
  name: 'splunk-hec',
  summary: 'Splunk HTTP Event Collector, with indexer acknowledgement and several indexers',
  options,
  open,
});

async function open(given: HecOptions, world: World, place: SinkPlace): Promise<Sink> {
  const token = readToken(given.token);
  const envelope = compileEnvelope(given);
  const via = await readVia(given, place);
  const urls = typeof given.url === 'string' ? [given.url] : given.url;
  const [first, ...others] = urls.map((url) => {
    const ack = given.ack ? { channel: given.channel ?? randomGuid(world.random), pollMs: given.ackPollMs, timeoutMs: given.ackTimeoutMs } : null;
    return openIndexer({ url: collectorOf(url), token, ack, timeoutMs: given.timeout, via }, world);
  });
  if (!first) throw new Failure('config', 'hec.no-url', 'opening the sink failed: `url` names no indexer', { advice: 'Name at least one.' });
  const indexers: readonly [Indexer, ...Indexer[]] = [first, ...others];
  const rotation = openRotation(indexers, world.clock);

  /** With several indexers the wish of one is kept here, and the parcel may go to another at once. */
  function passedOn(failure: unknown, indexer: Indexer): unknown {
    if (!(failure instanceof Failure) || failure.kind === 'rejected') return failure;
    rotation.rest(indexer, failure.retryAfterMs);
    if (failure.kind !== 'transient' || failure.retryAfterMs === undefined || !rotation.hasOther(indexer)) return failure;
    return new Failure('transient', failure.code, failure.message, { cause: failure });
  }

  return {
    limits: limitsOf(given.batch, envelope),
    inFlight: given.inFlight ?? (given.ack ? 8 : 2),
    async check(signal) {
      const said: string[] = [];
      for (const indexer of indexers) said.push(await indexer.check(signal));
      return said.join('; ');
    },
    resume: async () => undefined,
    async deliver(parcel, signal) {
      signal.throwIfAborted();
      const records = parcel.sections.reduce((sum, section) => sum + section.records.length, 0);
      if (records === 0) return { refused: [] };
      const plain = envelope.write(parcel);
      if (plain.length > given.batch.bytes && records > 1) throw tooLarge(records, plain.length, given.batch.bytes);
      const isGzip = given.gzip && plain.length > gzipFromBytes;
      // Level 1: higher ones cost more time than they save on loopback-fast networks, and the thread pool does it either way.
      const body = isGzip ? await gzip(plain, { level: constants.Z_BEST_SPEED }) : plain;
      signal.throwIfAborted();
      const indexer = rotation.next();
      try {
        await indexer.send({ body, isGzip, records, isOneIndex: envelope.isOneIndex, recordAt: (n) => recordAt(parcel, n) }, signal);
      } catch (error) {
        throw passedOn(error, indexer);
      }
      rotation.wake(indexer);
      return { refused: [] };
    },
    async close() {
      for (const indexer of indexers) indexer.close();
    },
  };
}

/**
 * The engine counts lines, the collector counts the body: so what the envelope adds is taken off beforehand, and an eighth for
 * escapes. Should a parcel be larger all the same, it is rejected before it is sent, and the engine halves it.
 */
function limitsOf(batch: HecOptions['batch'], { overheadBytes }: Envelope): SinkLimits {
  const records = Math.max(1, Math.min(batch.records, Math.floor(batch.bytes / 2 / overheadBytes)));
  return { records, bytes: Math.max(1, Math.floor(((batch.bytes - records * overheadBytes) * 7) / 8)) };
}

function tooLarge(records: number, bytes: number, most: number): Failure {
  return new Failure(
    'rejected',
    'hec.too-large',
    `sending ${records} records in one request failed before it began: ${bytes} bytes, \`batch.bytes\` is ${most}`,
    { advice: 'Raise `batch.bytes` if this is frequent; the records go in smaller requests by themselves.' },
  );
}

/** The record that became event `n` of the parcel's request. */
function recordAt({ sections }: Parcel, n: number): FailureDetail['at'] {
  let before = 0;
  for (const { lane, records } of sections) {
    const record = records[n - before];
    if (record) return { lane, seq: record.seq };
    before += records.length;
  }
  return undefined;
}

/** A token from a file often ends in a line break; within, it could only forge headers. */
function readToken(given: Secret): Secret {
  const token = given.reveal().trim();
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new Failure('config', 'hec.token-malformed', 'opening the sink failed: `token` is empty or holds blanks or characters that no HEC token has', {
      advice: 'Copy the token value from Splunk (Settings, Data inputs, HTTP Event Collector).',
    });
  return secret(token);
}

async function readVia({ caFile, proxy }: HecOptions, { folder }: SinkPlace): Promise<Via> {
  return {
    ...(caFile === undefined ? {} : { ca: await readCa(path.resolve(folder, caFile)) }),
    ...(proxy === undefined ? {} : { proxy: proxy === 'none' ? null : proxy.reveal() }),
  };
}

async function readCa(file: string): Promise<string> {
  const advice = 'Correct `caFile`: a readable file with certificates in PEM form.';
  const pem = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Failure('config', 'hec.ca-file', `reading \`caFile\` failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause, advice });
  });
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new Failure('config', 'hec.ca-file', `reading \`caFile\` failed: ${file} holds no PEM certificate`, { advice });
  return pem;
}
