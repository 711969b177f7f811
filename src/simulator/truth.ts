import type { SimulatedTenant } from './estate.ts';
import type { Feed, FeedName } from './feed.ts';
import type { Simulation } from './state.ts';

const STREAMS: readonly FeedName[] = ['events', 'siem-alerts'];
const CHUNK_BYTES = 1 << 20;
const LF = 0x0a;

export interface TruthQuery {
  readonly tenant: SimulatedTenant | null;
  readonly stream: FeedName | null;
  readonly idsOnly: boolean;
}

/** Every record that could ever be read, one JSON object per line, in pieces. */
export function* truthLines(sim: Simulation, query: TruthQuery): Generator<Buffer> {
  for (const tenant of query.tenant === null ? sim.estate.everyone() : [query.tenant]) {
    for (const name of STREAMS) if (query.stream === null || query.stream === name) yield* chunks(sim, tenant, name, query.idsOnly);
  }
}

function* chunks(sim: Simulation, tenant: SimulatedTenant, name: FeedName, idsOnly: boolean): Generator<Buffer> {
  const feed = sim.estate.feed(tenant, name);
  const prefix = Buffer.from(`{"tenant":"${tenant.id}","stream":"${name}","id":`);
  let out = Buffer.allocUnsafe(CHUNK_BYTES);
  let at = 0;
  for (const ref of readable(sim, tenant, feed)) {
    const most = prefix.length + 64 + (ref < 0 ? 6 * (feed.added[-1 - ref]?.id?.length ?? 4) : 0) + (idsOnly ? 0 : feed.sizeOf(ref));
    if (at + most > out.length) {
      yield out.subarray(0, at);
      out = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, most));
      at = 0;
    }
    out.set(prefix, at);
    at = writeId(feed, out, at + prefix.length, ref);
    if (!idsOnly) {
      at += out.write(',"item":', at, 'latin1');
      at = feed.write(out, at, ref);
    }
    out[at++] = 0x7d;
    out[at++] = LF;
  }
  if (at > 0) yield out.subarray(0, at);
}

function* readable(sim: Simulation, tenant: SimulatedTenant, feed: Feed): Generator<number> {
  const count = feed.countAt(sim.clock.highest());
  for (let i = 0; i < count; i++) {
    const createdAt = feed.createdAt(i);
    if (sim.estate.wasReadable(tenant, createdAt, createdAt)) yield i;
  }
  for (const [place, record] of feed.added.entries()) if (sim.estate.wasReadable(tenant, record.visibleFrom, record.createdAt)) yield -1 - place;
}

function writeId(feed: Feed, out: Buffer, at: number, ref: number): number {
  if (ref < 0) return at + out.write(JSON.stringify(feed.added[-1 - ref]?.id ?? null), at);
  out[at] = 0x22;
  feed.writeId(out, at + 1, ref);
  out[at + 37] = 0x22;
  return at + 38;
}
