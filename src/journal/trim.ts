/** Removing what nobody needs any more, little by little, so that nothing else waits for long. */
import type { Millis } from '../core/types.ts';
import type { Chunk, Chunks } from './chunks.ts';
import type { Database } from './database.ts';

/** What one transaction removes at most: some 10 ms. */
const batchBytes = 16 << 20;
const batchChunks = 256;
/** Counts are kept this much longer than records. */
const countsKeptMs: Millis = 35 * 24 * 3_600_000;
/** Space is handed back to the disk when a quarter of the file, and at least this much, lies idle; less is soon used again. */
const idleBytes = 32 << 20;
/** Bytes that one step of shrinking moves or cuts at most. */
const shrinkBytes = 16 << 20;

interface Candidate {
  readonly id: number;
  /** The smallest offset of its lanes. */
  readonly floor: number | null;
  readonly oldest: Millis | null;
}

export type Trim = (before: Millis) => Promise<number>;

export function openTrim(db: Database, chunks: Chunks): Trim {
  return async (before) => {
    let freed = 0;
    for (const { id } of candidates(db, before)) {
      for (;;) {
        const batch = db.write(() => trimStream(db, chunks, id, before));
        freed += batch.bytes;
        if (batch.chunks > 0) await nextTurn();
        if (batch.chunks === 0 || batch.done) break;
      }
    }
    forgetCounts(db, before);
    while (shrink(db)) await nextTurn();
    cutLog(db);
    return freed;
  };
}

/** Lets everything else that waits run in between. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function candidates(db: Database, before: Millis): Candidate[] {
  return db
    .all<Candidate>(
      `SELECT s.id, (SELECT min(l.offset) FROM lanes l WHERE l.stream = s.id AND l.given_up_at IS NULL) AS floor,
        (SELECT c.fetched_at FROM chunks c WHERE c.stream = s.id ORDER BY c.last_seq LIMIT 1) AS oldest FROM streams s`,
    )
    .filter(({ oldest }) => oldest !== null && oldest < before);
}

/** The floor is read anew in each transaction: a lane may have been opened, or a stream reset, in between. */
function trimStream(db: Database, chunks: Chunks, stream: number, before: Millis): { readonly bytes: number; readonly chunks: number; readonly done: boolean } {
  const floor = db.get<{ floor: number | null }>('SELECT min(offset) AS floor FROM lanes WHERE stream = ? AND given_up_at IS NULL', stream)?.floor;
  const found = db.all<Chunk>(
    'SELECT last_seq, fetched_at, bytes, pack FROM chunks WHERE stream = ? AND last_seq <= ? ORDER BY last_seq LIMIT ?',
    stream,
    floor ?? Number.MAX_SAFE_INTEGER,
    batchChunks,
  );
  const gone: Chunk[] = [];
  let bytes = 0;
  for (const chunk of found) {
    if (chunk.fetched_at >= before || bytes >= batchBytes) break;
    gone.push(chunk);
    bytes += chunk.bytes;
  }
  chunks.remove(stream, gone);
  return { bytes, chunks: gone.length, done: gone.length < found.length ? bytes < batchBytes : found.length < batchChunks };
}

/** Old counts, but never of an hour of which records are kept. */
function forgetCounts(db: Database, before: Millis): void {
  const old = before - countsKeptMs;
  const found = db.get<{ hour: Millis | null }>('SELECT min(hour) AS hour FROM counts WHERE hour < ?', old);
  if (found?.hour == null) return;
  const kept = db.get<{ oldest: Millis | null }>('SELECT min(fetched_at) AS oldest FROM chunks')?.oldest ?? old;
  db.write(() => db.run('DELETE FROM counts WHERE hour < ?', Math.min(old, kept - 3_600_000)));
}

function pragma(db: Database, name: string): number {
  const row = db.get<Record<string, number>>(`PRAGMA ${name}`);
  return row ? Number(Object.values(row)[0]) : 0;
}

/** Bytes of the file that hold something. */
export function bytesHeld(db: Database): number {
  return (pragma(db, 'page_count') - pragma(db, 'freelist_count')) * pragma(db, 'page_size');
}

/** Hands some idle space back. Resolves with whether there is more. */
function shrink(db: Database): boolean {
  const pageSize = pragma(db, 'page_size');
  const idle = pragma(db, 'freelist_count') * pageSize;
  if (idle < idleBytes || idle * 4 < pragma(db, 'page_count') * pageSize) return false;
  db.all(`PRAGMA incremental_vacuum(${Math.ceil(shrinkBytes / pageSize)})`);
  return pragma(db, 'freelist_count') * pageSize < idle;
}

/** Writes the log back and cuts it, if no reader is in the way. */
export function cutLog(db: Database): void {
  const busyMs = pragma(db, 'busy_timeout');
  db.exec('PRAGMA busy_timeout = 0');
  try {
    db.all('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    db.exec(`PRAGMA busy_timeout = ${busyMs}`);
  }
}
