import { Failure, type FailureDetail } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { HttpReply, HttpRequest, Secret, Via, World } from '../../core/world.ts';
import { type Acknowledgements, openAcknowledgements } from './acknowledgement.ts';
import { type Asked, describe, judge, readAcknowledged, readReply } from './status.ts';

/** One body to send, and what its answer is judged by. */
export interface Shipment {
  readonly body: Uint8Array;
  readonly isGzip: boolean;
  readonly records: number;
  readonly isOneIndex: boolean;
  readonly recordAt: (n: number) => FailureDetail['at'];
}

/** One collector. */
export interface Indexer {
  /** Resolves when it has taken the body; with acknowledgement, when it has written it. */
  send(shipment: Shipment, signal: AbortSignal): Promise<void>;
  /** Resolves with what was asked and what came back. Sends no event. */
  check(signal: AbortSignal): Promise<string>;
  close(): void;
}

export interface IndexerOptions {
  /** Ends in `/services/collector`. */
  readonly url: string;
  readonly token: Secret;
  /** Null: without acknowledgement. */
  readonly ack: { readonly channel: string; readonly pollMs: Millis; readonly timeoutMs: Millis } | null;
  readonly timeoutMs: Millis;
  readonly via: Via;
}

/** HEC says "no data" to an empty request, after it has looked at the token and the channel. */
const emptyAnswers: ReadonlySet<number | undefined> = new Set([0, 5, 6, 12]);
/** Health answers that mean "not now". */
const unwellAnswers: ReadonlySet<number | undefined> = new Set([9, 18, 19, 20, 23]);

export function openIndexer({ url, token, ack, timeoutMs, via }: IndexerOptions, world: World): Indexer {
  const acknowledgements: Acknowledgements | null =
    ack &&
    openAcknowledgements({
      ask: (ids, signal) => askFor(ids, ack.channel, signal),
      indexer: url,
      clock: world.clock,
      pollMs: ack.pollMs,
      timeoutMs: ack.timeoutMs,
    });

  /** `path` is appended to the collector's address. */
  function exchange(
    method: string,
    path: string,
    more: Pick<HttpRequest, 'body'> & { headers?: Record<string, string> },
    signal: AbortSignal,
  ): Promise<HttpReply> {
    const headers = { authorization: `Splunk ${token.reveal()}`, accept: 'application/json', ...more.headers };
    return world.http({ method, url: `${url}${path}`, headers, ...(more.body === undefined ? {} : { body: more.body }), timeoutMs, via, signal });
  }

  const asked = (what: string, about: Partial<Asked> = {}): Asked => ({
    what,
    token,
    isOneIndex: true,
    recordAt: () => undefined,
    now: world.clock.now(),
    ...about,
  });

  async function askFor(ackIds: readonly number[], channel: string, signal: AbortSignal): Promise<ReadonlySet<number>> {
    const what = `asking ${url}/ack for ${ackIds.length} acknowledgements`;
    const headers = { 'content-type': 'application/json', 'x-splunk-request-channel': channel };
    const http = await exchange('POST', `/ack?channel=${channel}`, { body: JSON.stringify({ acks: ackIds }), headers }, signal);
    const acknowledged = http.status === 200 ? readAcknowledged(http) : undefined;
    if (acknowledged) return acknowledged;
    const failure = judge(asked(what), http);
    // No record is at fault when a question is refused.
    if (failure && failure.kind !== 'rejected') throw failure;
    throw new Failure('config', 'hec.ack-refused', `${what} failed: ${describe(http, readReply(http), token)}`, {
      advice: 'Check that `url` leads to a collector with indexer acknowledgement, or set `ack: false`.',
    });
  }

  async function checkHealth(signal: AbortSignal): Promise<string> {
    const http = await exchange('GET', '/health', {}, signal);
    if (http.status === 200) return 'healthy';
    const failure = unwellAnswers.has(readReply(http).code) ? judge(asked(`asking ${url}/health`), http) : null;
    if (failure) throw failure;
    // Old and foreign collectors have no such page; whether they take events is asked next.
    return `health not told (HTTP ${http.status})`;
  }

  async function checkToken(channel: string | null, signal: AbortSignal): Promise<string> {
    const http = await exchange('POST', '/event', { body: '', headers: channel === null ? {} : { 'x-splunk-request-channel': channel } }, signal);
    const { code } = readReply(http);
    const failure = emptyAnswers.has(code) ? null : judge(asked(`sending an empty request to ${url}/event`), http);
    if (failure) throw failure;
    return 'token accepted';
  }

  return {
    async send({ body, isGzip, records, isOneIndex, recordAt }, signal) {
      const headers = {
        'content-type': 'application/json',
        ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
        ...(ack ? { 'x-splunk-request-channel': ack.channel } : {}),
      };
      const what = `sending ${records} records to ${url}/event`;
      const http = await exchange('POST', '/event', { body, headers }, signal);
      const failure = judge(asked(what, { isOneIndex, recordAt }), http);
      if (failure) throw failure;
      if (!acknowledgements) return;
      const { ackId } = readReply(http);
      if (ackId === undefined)
        throw new Failure('config', 'hec.no-ack-id', `${what} was answered without an \`ackId\`, though \`ack\` is on`, {
          advice: 'Switch indexer acknowledgement on for the token in Splunk, or set `ack: false`.',
        });
      await acknowledgements.wait(ackId, signal);
    },
    async check(signal) {
      const health = await checkHealth(signal);
      // A channel of its own: asking on the one in use could take away a `true` that somebody waits for.
      const channel = ack ? randomGuid(world.random) : null;
      const tokenWord = await checkToken(channel, signal);
      if (channel !== null) await askFor([0], channel, signal);
      return `${url}: ${health}, ${tokenWord}${channel === null ? '' : ', acknowledgement on'}`;
    },
    close: () => acknowledgements?.close(),
  };
}

/** A random GUID, version 4. */
export function randomGuid(random: () => number): string {
  const bytes = Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
