/**
 * Elasticsearch and OpenSearch: one parcel is one bulk request, answered record by record.
 *
 * The `_id` is the record's name, so a repeat is no second document: with `create` it is answered 409, "is there already". When only
 * some records have to wait (429), the parcel fails as a whole, since offsets cannot step over a hole; those taken are remembered and left
 * out when it is sent again. After a kill they are sent again, and folded by their `_id`.
 */
import { Failure, type FailureKind } from '../core/failure.ts';
import type { SinkPlace } from '../core/kinds.ts';
import { defineSink } from '../core/kinds.ts';
import { secret } from '../core/secret.ts';
import type { Parcel, Refusal, Sink } from '../core/types.ts';
import type { HttpReply, Secret, World } from '../core/world.ts';
import { compileBulkWriter } from './elasticsearch/bulk.ts';
import { checkNode } from './elasticsearch/check.ts';
import { type ElasticsearchOptions, nodeOf, options } from './elasticsearch/options.ts';
import { type Asked, type Fate, fatesOf, judge } from './elasticsearch/status.ts';
import { type CourierOptions, openCourier } from './wire/courier.ts';
import { readSecret } from './wire/credentials.ts';
import { openTaken, recordsIn } from './wire/taken.ts';

/** Elasticsearch and OpenSearch. */
export const elasticsearch = defineSink({
  name: 'elasticsearch',
  summary: 'Elasticsearch and OpenSearch: bulk requests to data streams or indices',
  options,
  open,
});

/** Only what is looked at: the answer would otherwise be as long as the request. */
const bulk = '/_bulk?filter_path=errors,error,status,items.*.status,items.*.error';

/** When records of one request fail for several reasons, the gravest is told. */
const gravity: Readonly<Record<FailureKind, number>> = { auth: 4, config: 3, transient: 2, rejected: 1, stale: 0 };

async function open(given: ElasticsearchOptions, world: World, place: SinkPlace): Promise<Sink> {
  const { batch, action } = given;
  const writer = compileBulkWriter(given);
  const urls = (typeof given.url === 'string' ? [given.url] : given.url).map(nodeOf);
  const courier = await openCourier({ ...given, url: urls, authorization: given.apiKey && authorizationOf(given.apiKey) }, world, place);
  const taken = openTaken();
  const asked = (what: string): Asked => ({ what, clean: courier.clean, now: world.clock.now() });
  const records = Math.max(1, Math.min(batch.records, Math.floor(batch.bytes / 2 / writer.overheadBytes)));

  /** What became of each record, in order; throws when the request failed as a whole. */
  function read(count: number): (reply: HttpReply, url: string) => readonly Fate[] {
    return (reply, url) => {
      const about = asked(`sending ${count} records to ${url.replace(/\?.*$/, '')}`);
      const failure = judge(about, reply);
      if (failure) throw failure;
      return fatesOf(about, reply, count, action, writer.isOneIndex);
    };
  }

  /** Remembers what was taken. Throws the gravest failure that is not about single records. */
  function sift(parcel: Parcel, fates: readonly Fate[]): { readonly refused: readonly Refusal[]; readonly first: Failure | null } {
    const refused: Refusal[] = [];
    const failures: Failure[] = [];
    let n = 0;
    for (const { lane, records: each } of parcel.sections)
      for (const { seq } of each) {
        const fate = fates[n++];
        if (fate === 'taken') taken.add(lane, seq);
        else if (fate) {
          failures.push(fate.failure);
          if (fate.failure.kind === 'rejected') refused.push({ lane, seq, code: fate.failure.code, reason: fate.failure.message });
        }
      }
    const [first] = failures.toSorted((a, b) => gravity[b.kind] - gravity[a.kind]);
    if (!first || first.kind === 'rejected') return { refused, first: first ?? null };
    const { kind, code, message, advice } = first;
    const others = failures.filter((failure) => failure.kind === kind).length - 1;
    throw new Failure(kind, code, others === 0 ? message : `${message}, and ${others} more`, { cause: first, ...(advice === undefined ? {} : { advice }) });
  }

  return {
    limits: { records, bytes: Math.max(1, Math.floor(((batch.bytes - records * writer.overheadBytes) * 7) / 8)) },
    inFlight: given.inFlight,
    async check(signal) {
      const said: string[] = [];
      for (const node of courier.addresses) {
        const ask = (method: 'GET' | 'POST', path: string, body: string) =>
          courier.ask({ method, url: (address) => address + path, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) }, node, signal);
        said.push(await checkNode(ask, node, asked, writer.pattern, action));
      }
      return said.join('; ');
    },
    resume: async () => undefined,
    async deliver(parcel, signal) {
      signal.throwIfAborted();
      const rest = taken.rest(parcel);
      const count = recordsIn(rest);
      let refused: readonly Refusal[] = [];
      if (count > 0) {
        const body = writer.write(rest);
        if (body.length > batch.bytes && count > 1) throw tooLarge(count, body.length, batch.bytes);
        const letter = { method: 'POST', url: (address: string) => address + bulk, headers: { 'content-type': 'application/x-ndjson' }, body };
        const told = sift(rest, await courier.carry(letter, read(count), signal));
        // When nothing at all was taken the engine must hear of it as a whole: perhaps the configuration is to blame.
        if (told.first && told.refused.length === recordsIn(parcel)) throw told.first;
        refused = told.refused;
      }
      taken.forget(parcel);
      return { refused };
    },
    close: async () => undefined,
  };
}

/** Kibana shows keys encoded; `id:key` is what the API answers in two parts. */
function authorizationOf(apiKey: Secret): CourierOptions['authorization'] {
  const key = readSecret('apiKey', apiKey, /^[\x21-\x7e]+$/);
  const encoded = key.reveal().includes(':') ? Buffer.from(key.reveal()).toString('base64') : key.reveal();
  return { value: `ApiKey ${encoded}`, secrets: [key, secret(encoded)] };
}

function tooLarge(records: number, bytes: number, most: number): Failure {
  return new Failure(
    'rejected',
    'elasticsearch.too-large',
    `sending ${records} records in one request failed before it began: ${bytes} bytes, \`batch.bytes\` is ${most}`,
    {
      advice: 'Raise `batch.bytes` if this is frequent; the records go in smaller requests by themselves.',
    },
  );
}
