/**
 * OpenTelemetry logs over HTTP, in their JSON form: one parcel is one request.
 *
 * A receiver answers for a request as a whole, or says how many records it left out, but not which. Every log record carries
 * `log.record.uid`, so that what is sent again can be folded.
 */
import { Failure } from '../core/failure.ts';
import type { SinkPlace } from '../core/kinds.ts';
import { defineSink } from '../core/kinds.ts';
import type { Sink } from '../core/types.ts';
import type { HttpReply, World } from '../core/world.ts';
import { compileLogWriter } from './otlp/log-records.ts';
import { logsOf, type OtlpOptions, options } from './otlp/options.ts';
import { type Asked, judge } from './otlp/status.ts';
import { openCourier } from './wire/courier.ts';
import { recordsIn } from './wire/taken.ts';

/** OpenTelemetry logs over HTTP. */
export const otlp = defineSink({
  name: 'otlp',
  summary: 'OpenTelemetry logs over HTTP (OTLP, JSON)',
  options,
  open,
});

const nothing = Buffer.from('{"resourceLogs":[]}');

async function open(given: OtlpOptions, world: World, place: SinkPlace): Promise<Sink> {
  const { batch, body } = given;
  const writer = compileLogWriter(given);
  const urls = typeof given.url === 'string' ? [given.url] : given.url;
  const courier = await openCourier({ ...given, url: urls.map(logsOf) }, world, place);
  const letterOf = (bytes: Buffer) => ({ method: 'POST', url: (address: string) => address, headers: { 'content-type': 'application/json' }, body: bytes });
  const asked = (what: string, records: number) => ({ what, records, clean: courier.clean, now: world.clock.now() });
  // As text a line gains escapes, as fields the names of their types.
  const room = body === 'fields' ? 0.3 : 0.8;
  const records = Math.max(1, Math.min(batch.records, Math.floor(batch.bytes / 2 / writer.overheadBytes)));

  return {
    limits: { records, bytes: Math.max(1, Math.floor((batch.bytes - records * writer.overheadBytes) * room)) },
    inFlight: given.inFlight,
    async check(signal) {
      const said: string[] = [];
      for (const address of courier.addresses) {
        const reply = await courier.ask(letterOf(nothing), address, signal);
        const word = readCheck(reply, asked(`sending an empty request to ${address}`, 0));
        said.push(`${address} ${word}`);
      }
      return said.join('; ');
    },
    resume: async () => undefined,
    async deliver(parcel, signal) {
      signal.throwIfAborted();
      const count = recordsIn(parcel);
      if (count === 0) return { refused: [] };
      const bytes = writer.write(parcel);
      if (bytes.length > batch.bytes && count > 1) throw tooLarge(count, bytes.length, batch.bytes);
      const { remark } = await courier.carry(letterOf(bytes), (reply, url) => judge(asked(`sending ${count} records to ${url}`, count), reply), signal);
      if (remark !== null) world.report({ name: 'sink.remarked', sink: place.name, reason: remark });
      return { refused: [] };
    },
    close: async () => undefined,
  };
}

/** Some refuse a request that brings nothing: then it is at least a receiver that lets us in. */
function readCheck(reply: HttpReply, about: Asked): string {
  try {
    const { remark } = judge(about, reply);
    return `takes logs${remark === null ? '' : ` (${remark})`}`;
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'rejected') throw error;
    return `answers (HTTP ${reply.status} to an empty request)`;
  }
}

function tooLarge(records: number, bytes: number, most: number): Failure {
  return new Failure(
    'rejected',
    'otlp.too-large',
    `sending ${records} records in one request failed before it began: ${bytes} bytes, \`batch.bytes\` is ${most}`,
    {
      advice: 'Raise `batch.bytes` if this is frequent; the records go in smaller requests by themselves.',
    },
  );
}
