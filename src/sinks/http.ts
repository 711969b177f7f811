/**
 * Any webhook: one parcel is one request for each address that its records lead to, or one for each record.
 *
 * A receiver that takes a request whole answers with a 2xx status. What it has taken of a parcel that then fails is not sent again by
 * this process; after a kill it is, with the same `Idempotency-Key` where the same records travel together.
 */
import { Failure } from '../core/failure.ts';
import type { SinkPlace } from '../core/kinds.ts';
import { defineSink } from '../core/kinds.ts';
import { secret } from '../core/secret.ts';
import type { Refusal, Sink } from '../core/types.ts';
import type { Secret, World } from '../core/world.ts';
import { compileAddressing, type Group, oneByOne, recordsOf } from './http/addressing.ts';
import { bodyOf, contentTypeOf, idempotencyKeyOf } from './http/body.ts';
import { options, type WebhookOptions } from './http/options.ts';
import { signatureOf } from './http/signature.ts';
import { judge } from './http/status.ts';
import { describeAnswer } from './wire/answer.ts';
import { openCourier } from './wire/courier.ts';
import { openTaken, recordsIn } from './wire/taken.ts';

/** Any webhook. */
export const http = defineSink({
  name: 'http',
  summary: 'Any webhook: NDJSON, a JSON array or one request for each record, signed if you want',
  options,
  open,
});

/** One request each takes its time: fewer in a parcel, so that a kill repeats fewer. */
const mostOneByOne = 100;
/** Of an array; its commas stand where the line ends were. */
const brackets = 2;
/** What a far end says when it lets nobody in, or has no time. */
const tellingStatuses = new Set([401, 429, 502, 503, 504]);

async function open(given: WebhookOptions, world: World, place: SinkPlace): Promise<Sink> {
  const { layout, batch, sign } = given;
  const urls = typeof given.url === 'string' ? [given.url] : given.url;
  const addressing = compileAddressing(urls, given.headers);
  // Webhooks keep secrets in their addresses, and a far end may repeat what it was asked for.
  const secrets = [...urls.flatMap(hiddenParts), ...(sign ? [sign.secret] : [])];
  const courier = await openCourier({ ...given, headers: {}, secrets }, world, place);
  const expected = given.expect ? new Set(given.expect) : null;
  const taken = openTaken();

  function seal(body: Uint8Array): Record<string, string> {
    if (!sign) return {};
    const seconds = Math.floor(world.clock.now() / 1000);
    return { [sign.timestampHeader.toLowerCase()]: String(seconds), [sign.header.toLowerCase()]: signatureOf(sign.secret, seconds, body) };
  }

  async function send(group: Group, signal: AbortSignal): Promise<void> {
    const records = recordsOf(group);
    const body = bodyOf(group, layout);
    if (body.length > batch.bytes && records > 1) throw tooLarge(records, body.length, batch.bytes);
    const letter = {
      method: given.method,
      url: group.url,
      headers: {
        'content-type': given.contentType ?? contentTypeOf(layout, group.json),
        'idempotency-key': idempotencyKeyOf(group, group.url(urls[0] ?? '')),
        ...group.headers,
      },
      body,
      seal,
    };
    await courier.carry(
      letter,
      (reply, url) => {
        const what = `sending ${records} records to ${new URL(url).origin}`;
        const failure = judge({ what, clean: courier.clean, now: world.clock.now(), expected }, reply);
        if (failure) throw failure;
      },
      signal,
    );
    for (const { section, from, to } of group.runs) for (const { seq } of section.records.slice(from, to)) taken.add(section.lane, seq);
  }

  return {
    limits: { records: layout === 'one' ? Math.min(batch.records, mostOneByOne) : batch.records, bytes: batch.bytes - brackets },
    inFlight: given.inFlight,
    async check(signal) {
      const said: string[] = [];
      for (const address of courier.addresses) {
        const url = address.includes('{') ? new URL(address).origin : address;
        const { origin } = new URL(url);
        const reply = await courier.ask({ method: 'HEAD', url: () => url, headers: {}, body: Buffer.alloc(0) }, address, signal);
        const failure = tellingStatuses.has(reply.status)
          ? judge({ what: `asking ${origin}`, clean: courier.clean, now: world.clock.now(), expected: null }, reply)
          : null;
        if (failure) throw failure;
        said.push(`${origin} answers (${describeAnswer({ ...reply, body: Buffer.alloc(0) }, courier.clean).split(',')[0]} to HEAD)`);
      }
      return `${said.join('; ')}; whether it takes records is seen at the first delivery`;
    },
    resume: async () => undefined,
    async deliver(parcel, signal) {
      signal.throwIfAborted();
      const refused: Refusal[] = [];
      let first: Failure | null = null;
      const groups = addressing.groups(taken.rest(parcel));
      for (const group of layout === 'one' ? groups.flatMap(oneByOne) : groups) {
        try {
          await send(group, signal);
        } catch (error) {
          if (!(error instanceof Failure) || error.kind !== 'rejected' || recordsOf(group) > 1) throw error;
          first ??= error;
          refused.push(...refusalsOf(group, error));
        }
      }
      // When nothing at all was taken the engine must hear of it as a whole: perhaps the configuration is to blame.
      if (first && refused.length === recordsIn(parcel)) throw first;
      taken.forget(parcel);
      return { refused };
    },
    close: async () => undefined,
  };
}

function refusalsOf({ runs }: Group, { code, message }: Failure): Refusal[] {
  return runs.flatMap(({ section, from, to }) => section.records.slice(from, to).map(({ seq }) => ({ lane: section.lane, seq, code, reason: message })));
}

function tooLarge(records: number, bytes: number, most: number): Failure {
  return new Failure(
    'rejected',
    'webhook.too-large',
    `sending ${records} records in one request failed before it began: ${bytes} bytes, \`batch.bytes\` is ${most}`,
    {
      advice: 'Raise `batch.bytes` if this is frequent; the records go in smaller requests by themselves.',
    },
  );
}

/** Parts of path and query that are long enough to be keys. */
function hiddenParts(address: string): Secret[] {
  return address
    .replace(/^https?:\/\/[^/?#]+/i, '')
    .split(/[/?&=#{}]/)
    .filter((part) => part.length >= 12 && !part.startsWith('tenant.'))
    .map(secret);
}
