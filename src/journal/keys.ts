/**
 * Which keys a stream has had of late, so that overlapping reads bring nothing twice.
 *
 * On disk one row per page for 25 h of the stream's own time and a little more, whatever is trimmed meanwhile. In memory one set per
 * stream, read from those rows when the stream is first appended to, under one limit for all streams: the set unused for longest goes,
 * and is read again when needed. What is in memory beyond the rows' time is harmless: a known key is known.
 */
import type { Millis, Pack } from '../core/types.ts';
import type { Database } from './database.ts';
import { digestBytes, digestsOf, type KeySet, openKeySet } from './key-set.ts';
import type { StreamRow } from './streams.ts';

const hour = 3_600_000;
/** 25 h, and the longest overlap of two reads. */
export const rememberedMs: Millis = 25.5 * hour;
const timeBytes = 8;
const keyBytes = digestBytes + timeBytes;

/** What a page brings that is not known yet; to be settled or taken back. */
export interface Sifted {
  /** 1: new, 0: a repeat. */
  readonly keep: Uint8Array;
  readonly accepted: number;
  /** Within the transaction: writes the new keys, and forgets those whose time is over. */
  save(): void;
  committed(): void;
  failed(): void;
}

export interface Keys {
  sift(stream: StreamRow, pack: Pack): Sifted;
  /** Within a transaction: forgets keys of items from `since` on. Resolves with how many. */
  forget(stream: number, since: Millis): number;
  /** Drops what is in memory of a stream; the rows count. */
  drop(stream: number): void;
  /** Bytes held in memory. */
  bytes(): number;
}

interface Held {
  readonly set: KeySet;
  /** Keys in the set whose rows are gone. */
  over: number;
}

export function openKeys(db: Database, limitBytes: number): Keys {
  // A `Map` keeps the order of insertion: the first is the stream unused for longest.
  const byStream = new Map<number, Held>();
  let total = 0;

  function drop(stream: number): void {
    const held = byStream.get(stream);
    if (!held) return;
    byStream.delete(stream);
    total -= held.set.bytes;
  }

  function load(stream: number): Held {
    const rows = db.all<{ digests: Uint8Array }>('SELECT digests FROM keys WHERE stream = ?', stream);
    const set = openKeySet(rows.reduce((sum, { digests }) => sum + digests.length / keyBytes, 0));
    for (const { digests } of rows) {
      const count = digests.length / keyBytes;
      const view = viewOf(digests, count);
      for (let i = 0; i < count; i++) set.add(view, i);
      set.settle();
    }
    return { set, over: 0 };
  }

  /** The stream's set, now the one used last; others go if all together hold too much. */
  function take(stream: number, more: number): Held {
    const held = byStream.get(stream) ?? load(stream);
    drop(stream);
    held.set.reserve(more);
    byStream.set(stream, held);
    total += held.set.bytes;
    for (const oldest of byStream.keys()) {
      if (total <= limitBytes || oldest === stream) break;
      drop(oldest);
    }
    return held;
  }

  return {
    drop,
    bytes: () => total,
    sift(stream, pack) {
      const held = take(stream.id, pack.count);
      const digests = digestsOf(pack.keys);
      const keep = new Uint8Array(pack.count);
      let accepted = 0;
      for (let i = 0; i < pack.count; i++) {
        if (!held.set.add(digests, i)) continue;
        keep[i] = 1;
        accepted++;
      }
      let over = 0;
      return {
        keep,
        accepted,
        save() {
          // One item from the far future must not make a stream forget, nor remember for ever what came after it: what was read up to
          // counts as well, once it is known.
          const before = stream.newest_time ?? Number.NEGATIVE_INFINITY;
          const readUpTo = stream.read_up_to ?? Number.POSITIVE_INFINITY;
          let newest = Number.NEGATIVE_INFINITY;
          for (let i = 0; i < pack.count; i++) newest = Math.max(newest, pack.times[i] as number);
          const rowEnd = Math.max(newest, Math.min(before, readUpTo));
          if (accepted > 0)
            db.run('INSERT INTO keys (stream, newest_time, digests) VALUES (?, ?, ?)', stream.id, rowEnd, blobOf(digests, pack.times, keep, accepted));
          over = expire(db, stream.id, Math.min(Math.max(before, newest), readUpTo) - rememberedMs);
        },
        committed() {
          held.set.settle();
          held.over += over;
          // Read anew when half of it is only ballast.
          if (held.over > 4096 && held.over * 2 > held.set.size) drop(stream.id);
        },
        failed() {
          held.set.undo(accepted);
        },
      };
    },
    forget(stream, since) {
      let forgotten = 0;
      const rows = db.all<{ id: number; digests: Uint8Array }>('SELECT id, digests FROM keys WHERE stream = ? AND newest_time >= ?', stream, since);
      for (const { id, digests } of rows) {
        const count = digests.length / keyBytes;
        const times = new DataView(digests.buffer, digests.byteOffset + count * digestBytes, count * timeBytes);
        const stay = [...Array(count).keys()].filter((i) => times.getFloat64(i * timeBytes, true) < since);
        if (stay.length === count) continue;
        forgotten += count - stay.length;
        if (stay.length === 0) {
          db.run('DELETE FROM keys WHERE id = ?', id);
          continue;
        }
        const rest = new Uint8Array(stay.length * keyBytes);
        stay.forEach((from, to) => {
          rest.set(digests.subarray(from * digestBytes, (from + 1) * digestBytes), to * digestBytes);
          const time = count * digestBytes + from * timeBytes;
          rest.set(digests.subarray(time, time + timeBytes), stay.length * digestBytes + to * timeBytes);
        });
        db.run('UPDATE keys SET digests = ? WHERE id = ?', rest, id);
      }
      return forgotten;
    },
  };
}

/** Removes rows whose time is over. Resolves with how many keys that were. */
function expire(db: Database, stream: number, before: Millis): number {
  const found = db.get<{ bytes: number | null }>('SELECT sum(length(digests)) AS bytes FROM keys WHERE stream = ? AND newest_time < ?', stream, before);
  if (!found?.bytes) return 0;
  db.run('DELETE FROM keys WHERE stream = ? AND newest_time < ?', stream, before);
  return found.bytes / keyBytes;
}

/** The kept digests, then their times (little-endian). */
function blobOf(digests: Uint32Array, times: Float64Array, keep: Uint8Array, accepted: number): Uint8Array {
  const blob = new Uint8Array(accepted * keyBytes);
  const kept = new Uint32Array(blob.buffer, 0, accepted * (digestBytes / 4));
  const view = new DataView(blob.buffer, accepted * digestBytes);
  let to = 0;
  for (let i = 0; i < keep.length; i++) {
    if (keep[i] === 0) continue;
    for (let word = 0; word < 4; word++) kept[to * 4 + word] = digests[i * 4 + word] as number;
    view.setFloat64(to * timeBytes, times[i] as number, true);
    to++;
  }
  return blob;
}

function viewOf(blob: Uint8Array, count: number): Uint32Array {
  const aligned = blob.byteOffset % 4 === 0 ? blob : blob.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, count * (digestBytes / 4));
}
