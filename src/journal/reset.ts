/** Sending a stream back: another checkpoint, and the keys from then on forgotten. */
import type { Checkpoint, Millis } from '../core/types.ts';
import { type Chunk, type Chunks, chunksAfter } from './chunks.ts';
import type { Database } from './database.ts';
import type { Keys } from './keys.ts';
import { ensureStream, originFromName } from './streams.ts';

export interface ResetOptions {
  readonly db: Database;
  readonly chunks: Chunks;
  readonly keys: Keys;
}

/** Resolves with how many records may be delivered again at most, as far as the journal knows. */
export function resetStream({ db, chunks, keys }: ResetOptions, name: string, checkpoint: Checkpoint | null, since: Millis): number {
  let id = 0;
  const forgotten = db.write(() => {
    const row = ensureStream(db, name, originFromName(name));
    id = row.id;
    db.run(
      'UPDATE streams SET checkpoint = ?, version = version + 1, read_up_to = CASE WHEN ?1 IS NULL THEN NULL ELSE min(read_up_to, ?2) END WHERE id = ?3',
      checkpoint === null ? null : JSON.stringify(checkpoint),
      since,
      row.id,
    );
    return Math.max(keys.forget(row.id, since), countFrom(db, chunks, row.id, since));
  });
  keys.drop(id);
  return forgotten;
}

/** Kept records whose time is not before then; all a stream without remembered keys can say. */
function countFrom(db: Database, chunks: Chunks, stream: number, since: Millis): number {
  let count = 0;
  for (let seq = 0; ; ) {
    const found = db.all<Chunk>(chunksAfter, stream, seq, 256);
    for (const chunk of found) {
      seq = chunk.last_seq;
      if (chunk.oldest_time >= since) count += chunk.last_seq - chunk.first_seq + 1;
      else if (chunk.newest_time >= since) count += chunks.packOf(chunk).times.filter((time) => time >= since).length;
    }
    if (found.length < 256) return count;
  }
}
