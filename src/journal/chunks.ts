/** The records themselves: written page by page, read from any number on. */
import { recordsOf } from '../core/pack.ts';
import type { ReadLimit } from '../core/store.ts';
import type { Millis, Pack, StreamRecord } from '../core/types.ts';
import { corrupt, type Database } from './database.ts';
import { type PackBlobs, packFromBlobs, packToBlobs } from './pack-codec.ts';

/** Where a run of records lies. */
export interface Chunk {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly fetched_at: Millis;
  readonly oldest_time: Millis;
  readonly newest_time: Millis;
  readonly bytes: number;
  readonly pack: number;
}

/** The first chunks that hold something after a number. The plan must be one search by (stream, last_seq): see the test. */
export const chunksAfter = `SELECT first_seq, last_seq, fetched_at, oldest_time, newest_time, bytes, pack FROM chunks
  WHERE stream = ? AND last_seq > ? ORDER BY last_seq LIMIT ?`;

export interface Chunks {
  /** Within a transaction. Resolves with what `keep` wants to hear once it is committed. */
  add(stream: number, pack: Pack, firstSeq: number, fetchedAt: Millis): readonly Added[];
  /** After the commit: what was just written is what will be read next. */
  keep(added: readonly Added[]): void;
  read(stream: number, after: number, limit: ReadLimit): StreamRecord[];
  /** One record; it must be there. */
  record(stream: number, seq: number): StreamRecord;
  /** Chunks that hold something of `after < seq <= upTo`. */
  within(stream: number, after: number, upTo: number): readonly Chunk[];
  packOf(chunk: Chunk): Pack;
  /** Times of the oldest and the newest of its records with `after < seq <= upTo`. */
  rangeOf(chunk: Chunk, after: number, upTo: number): readonly [Millis, Millis];
  /** Within a transaction. */
  remove(stream: number, chunks: readonly Pick<Chunk, 'last_seq' | 'pack'>[]): void;
}

export interface Added {
  readonly id: number;
  readonly pack: Pack;
}

/** A larger page is split, so that reading a few records of it stays cheap. */
const maxChunkBytes = 4 << 20;
/** Recently written or read packs are held up to this: delivery reads what intake wrote a moment ago, and several routes the same. */
const heldBytes = 8 << 20;

export function openChunks(db: Database, path: string): Chunks {
  const held = openHeldPacks(heldBytes);

  function after(stream: number, seq: number, limit: number): Chunk[] {
    return db.all<Chunk>(chunksAfter, stream, seq, limit);
  }

  function packOf({ pack: id, first_seq: first, last_seq: last }: Chunk): Pack {
    const known = held.get(id);
    if (known) return known;
    const blobs = db.get<PackBlobs>('SELECT head, text FROM packs WHERE id = ?', id);
    if (!blobs) throw corrupt(path, `record pack ${id} is missing`);
    const pack = packFromBlobs(blobs, path);
    if (pack.count !== last - first + 1) throw corrupt(path, `record pack ${id} holds ${pack.count} records instead of ${last - first + 1}`);
    held.add(id, pack);
    return pack;
  }

  return {
    packOf,
    rangeOf(chunk, start, upTo) {
      const { first_seq: first, last_seq: last, oldest_time: oldest, newest_time: newest } = chunk;
      if (first > start && last <= upTo) return [oldest, newest];
      const times = packOf(chunk).times.subarray(Math.max(0, start + 1 - first), Math.min(last, upTo) - first + 1);
      return rangeOf(times, times.length);
    },
    add(stream, pack, firstSeq, fetchedAt) {
      const added: Added[] = [];
      let seq = firstSeq;
      for (const part of split(pack)) {
        const { head, text } = packToBlobs(part);
        const { lastId: id } = db.run('INSERT INTO packs (head, text) VALUES (?, ?)', head, text);
        const [oldest, newest] = rangeOf(part.times, part.count);
        db.run(
          'INSERT INTO chunks (stream, last_seq, first_seq, fetched_at, oldest_time, newest_time, bytes, pack) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
          stream,
          seq + part.count - 1,
          seq,
          fetchedAt,
          oldest,
          newest,
          head.length + text.length,
          id,
        );
        seq += part.count;
        added.push({ id, pack: part });
      }
      return added;
    },
    keep(added) {
      for (const { id, pack } of added) held.add(id, pack);
    },
    read(stream, start, limit) {
      const records: StreamRecord[] = [];
      let bytes = 0;
      let seq = start;
      for (;;) {
        const chunks = after(stream, seq, 16);
        for (const chunk of chunks) {
          const pack = packOf(chunk);
          const from = Math.max(0, seq + 1 - chunk.first_seq);
          const to = fitting(pack, from, limit.records - records.length, limit.bytes - bytes, records.length === 0);
          if (to > from) bytes += (pack.ends[to - 1] as number) - (from === 0 ? -1 : (pack.ends[from - 1] as number));
          const more = recordsOf(pack, chunk.first_seq, chunk.fetched_at, from, to);
          if (records.length === 0 && to === pack.count && chunks.length === 1) return more;
          for (const record of more) records.push(record);
          seq = chunk.first_seq + to - 1;
          if (to < pack.count || records.length >= limit.records || bytes >= limit.bytes) return records;
        }
        if (chunks.length < 16) return records;
      }
    },
    record(stream, seq) {
      const [chunk] = after(stream, seq - 1, 1);
      if (!chunk || chunk.first_seq > seq) throw corrupt(path, `record ${seq} of stream ${stream} is missing`);
      const at = seq - chunk.first_seq;
      return recordsOf(packOf(chunk), chunk.first_seq, chunk.fetched_at, at, at + 1)[0] as StreamRecord;
    },
    within(stream, start, upTo) {
      const found: Chunk[] = [];
      for (let seq = start; seq < upTo; ) {
        const chunks = after(stream, seq, 64);
        for (const chunk of chunks) {
          if (chunk.first_seq > upTo) return found;
          found.push(chunk);
          seq = chunk.last_seq;
          if (seq >= upTo) return found;
        }
        if (chunks.length < 64) return found;
      }
      return found;
    },
    remove(stream, chunks) {
      for (const chunk of chunks) {
        db.run('DELETE FROM packs WHERE id = ?', chunk.pack);
        db.run('DELETE FROM chunks WHERE stream = ? AND last_seq = ?', stream, chunk.last_seq);
        // SQLite may give the number to the next pack.
        held.remove(chunk.pack);
      }
    },
  };
}

/** How far from `from` on the limits reach; `first` gets its record whatever its size. */
function fitting(pack: Pack, from: number, records: number, bytes: number, first: boolean): number {
  const start = from === 0 ? -1 : (pack.ends[from - 1] as number);
  const most = Math.min(pack.count, from + Math.max(records, first ? 1 : 0));
  if (most <= from) return from;
  if ((pack.ends[most - 1] as number) - start <= bytes) return most;
  let low = from;
  let high = most;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pack.ends[middle] as number) - start <= bytes) low = middle + 1;
    else high = middle;
  }
  return first ? Math.max(low, from + 1) : low;
}

function* split(pack: Pack): Generator<Pack> {
  const size = (pack.ends[pack.count - 1] as number) + 1;
  if (size <= maxChunkBytes) {
    yield size === pack.bytes.length ? pack : { ...pack, bytes: pack.bytes.subarray(0, size) };
    return;
  }
  for (let from = 0; from < pack.count; ) {
    const to = fitting(pack, from, pack.count, maxChunkBytes, true);
    const start = from === 0 ? 0 : (pack.ends[from - 1] as number) + 1;
    const ends = pack.ends.slice(from, to);
    for (let i = 0; i < ends.length; i++) ends[i] = (ends[i] as number) - start;
    yield {
      count: to - from,
      bytes: pack.bytes.subarray(start, (pack.ends[to - 1] as number) + 1),
      ends,
      keys: pack.keys.slice(from, to),
      times: pack.times.slice(from, to),
      ...(pack.metas ? { metas: pack.metas.slice(from, to) } : {}),
    };
    from = to;
  }
}

function rangeOf(times: Float64Array, count: number): [number, number] {
  let oldest = Number.POSITIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const time = times[i] as number;
    if (time < oldest) oldest = time;
    if (time > newest) newest = time;
  }
  return [oldest, newest];
}

interface HeldPacks {
  get(id: number): Pack | undefined;
  add(id: number, pack: Pack): void;
  remove(id: number): void;
}

/** The packs used last, up to a size. A `Map` keeps the order of insertion: the first is the one unused for longest. */
function openHeldPacks(limit: number): HeldPacks {
  const packs = new Map<number, Pack>();
  let total = 0;
  const remove = (id: number) => {
    const pack = packs.get(id);
    if (!pack) return;
    packs.delete(id);
    total -= sizeOf(pack);
  };
  return {
    remove,
    get(id) {
      const pack = packs.get(id);
      if (!pack) return undefined;
      packs.delete(id);
      packs.set(id, pack);
      return pack;
    },
    add(id, given) {
      // A small pack may be a view of a large buffer, which it would keep from being freed.
      const pack = given.bytes.buffer.byteLength > 2 * given.bytes.length + 1024 ? { ...given, bytes: given.bytes.slice() } : given;
      remove(id);
      const size = sizeOf(pack);
      if (size > limit) return;
      packs.set(id, pack);
      total += size;
      for (const oldest of packs.keys()) {
        if (total <= limit) return;
        remove(oldest);
      }
    },
  };
}

/** About: the texts, 12 bytes of time and end, and a key of some 60 bytes each. */
function sizeOf({ bytes, count }: Pack): number {
  return bytes.buffer.byteLength + count * 72 + 200;
}
