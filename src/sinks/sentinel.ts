/**
 * Microsoft Sentinel and Log Analytics, by the Logs Ingestion API: a parcel is one call for each stream of the data collection rule.
 *
 * A call is taken or refused whole. Nothing folds repeats on the way in, so each row carries `SophosRecord`, by which queries can.
 */
import { Failure } from '../core/failure.ts';
import type { SinkPlace } from '../core/kinds.ts';
import { defineSink } from '../core/kinds.ts';
import type { Sink } from '../core/types.ts';
import type { HttpReply, Secret, World } from '../core/world.ts';
import { baseOf, options, type SentinelOptions } from './sentinel/options.ts';
import { compileRowWriter } from './sentinel/rows.ts';
import { type Asked, judge } from './sentinel/status.ts';
import { openTokens } from './sentinel/token.ts';
import { cleanOf } from './wire/answer.ts';
import { openCourier } from './wire/courier.ts';
import { openTaken, recordsIn } from './wire/taken.ts';

/** Microsoft Sentinel and Log Analytics. */
export const sentinel = defineSink({
  name: 'sentinel',
  summary: 'Microsoft Sentinel and Log Analytics, by the Logs Ingestion API',
  options,
  open,
});

const apiVersion = '2023-01-01';

async function open(given: SentinelOptions, world: World, place: SinkPlace): Promise<Sink> {
  const { batch, dcrImmutableId } = given;
  const writer = compileRowWriter(given);
  const tokens = await openTokens(given, world, place);
  const courier = await openCourier({ ...given, url: baseOf(given.endpoint), headers: {}, secretHeaders: {} }, world, place);
  const taken = openTaken();
  const records = Math.max(1, Math.min(batch.records, Math.floor(batch.bytes / 2 / writer.overheadBytes)));
  const room = given.body === 'text' ? 0.8 : 1;

  async function post(streamName: string, body: Uint8Array, token: Secret, signal: AbortSignal): Promise<HttpReply> {
    const path = `/dataCollectionRules/${encodeURIComponent(dcrImmutableId)}/streams/${encodeURIComponent(streamName)}?api-version=${apiVersion}`;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token.reveal()}` };
    return courier.carry({ method: 'POST', url: (address) => address + path, headers, body }, (reply) => reply, signal);
  }

  /** A token may have been withdrawn before its time, so the first refusal of one costs only another one. */
  async function call(what: string, streamName: string, body: Uint8Array, signal: AbortSignal): Promise<{ readonly asked: Asked; readonly reply: HttpReply }> {
    let token = await tokens.current(signal);
    let reply = await post(streamName, body, token, signal);
    if (reply.status === 401) {
      tokens.refuse(token);
      token = await tokens.current(signal);
      reply = await post(streamName, body, token, signal);
      if (reply.status === 401) tokens.refuse(token);
    }
    return { asked: { what, clean: cleanOf([given.clientSecret, token]), now: world.clock.now() }, reply };
  }

  return {
    limits: { records, bytes: Math.max(1, Math.floor((batch.bytes - records * writer.overheadBytes) * room)) },
    inFlight: given.inFlight,
    async check(signal) {
      const name = given.streamName.replace(/\{[^{}]*\}/g, 'x');
      if (name !== given.streamName) {
        await tokens.current(signal);
        return 'Entra gives a token; as `streamName` is a template, whether the rule takes records is seen at the first delivery';
      }
      const { asked, reply } = await call(`sending no records to stream ${name}`, name, Buffer.from('[]'), signal);
      const failure = judge(asked, reply);
      if (failure === null) return `Entra gives a token, and rule ${dcrImmutableId} takes records for ${name}`;
      // That there is nothing in it was to be expected.
      if (failure.kind !== 'rejected') throw failure;
      return `Entra gives a token, and rule ${dcrImmutableId} answers (HTTP ${reply.status} to an empty list)`;
    },
    resume: async () => undefined,
    async deliver(parcel, signal) {
      signal.throwIfAborted();
      for (const each of writer.calls(taken.rest(parcel))) {
        const count = recordsIn(each);
        const body = writer.write(each);
        if (body.length > batch.bytes && count > 1) throw tooLarge(count, body.length, batch.bytes);
        const { asked, reply } = await call(`sending ${count} records to stream ${each.streamName}`, each.streamName, body, signal);
        const failure = judge(asked, reply);
        if (failure) throw failure;
        for (const section of each.sections) for (const { seq } of section.records) taken.add(section.lane, seq);
      }
      taken.forget(parcel);
      return { refused: [] };
    },
    close: async () => undefined,
  };
}

function tooLarge(records: number, bytes: number, most: number): Failure {
  return new Failure(
    'rejected',
    'sentinel.too-large',
    `sending ${records} records in one request failed before it began: ${bytes} bytes, \`batch.bytes\` is ${most}`,
    { advice: 'Lower `batch.records` if this is frequent; the records go in smaller requests by themselves.' },
  );
}
