/** Streams that another tool has read so far, taken over: the place where it stopped, and the keys of what it has delivered. */
import { Failure } from '../core/failure.ts';
import { packItems } from '../core/pack.ts';
import type { Adopted } from '../core/store.ts';
import type { Database } from './database.ts';
import type { Keys, Sifted } from './keys.ts';
import { ensureStream, type StreamRow } from './streams.ts';

export interface AdoptOptions {
  readonly db: Database;
  readonly keys: Keys;
}

/**
 * One transaction for all. What was adopted, and not asked for since, may be adopted again: an import that was broken off is repeated.
 *
 * Throws   config `journal.already-read` when one of them has been read here before.
 */
export function adoptStreams({ db, keys }: AdoptOptions, all: readonly Adopted[]): void {
  saving(db, (sifted) => {
    const rows = all.map((one) => ({ ...one, row: ensureStream(db, one.id, one.origin) }));
    const read = rows.filter(({ row }) => isRead(db, row)).map(({ id }) => id);
    if (read.length > 0) throw alreadyRead(read);
    for (const { row, checkpoint, readUpTo, delivered } of rows) {
      const text = checkpoint === null ? null : JSON.stringify(checkpoint);
      db.run('UPDATE streams SET checkpoint = ?, version = version + 1, read_up_to = ? WHERE id = ?', text, readUpTo, row.id);
      saveKeys(keys, { ...row, read_up_to: readUpTo }, delivered, sifted);
    }
  });
}

/** One transaction for all: the keys of what another has delivered, also of streams that were read here. */
export function rememberKeys({ db, keys }: AdoptOptions, all: readonly Pick<Adopted, 'id' | 'origin' | 'delivered'>[]): void {
  saving(db, (sifted) => {
    for (const { id, origin, delivered } of all) saveKeys(keys, ensureStream(db, id, origin), delivered, sifted);
  });
}

/** A transaction; what it sifted is settled with it, or taken back. */
function saving(db: Database, write: (sifted: Sifted[]) => void): void {
  const sifted: Sifted[] = [];
  try {
    db.write(() => write(sifted));
  } catch (error) {
    for (const some of sifted) some.failed();
    throw error;
  }
  for (const some of sifted) some.committed();
}

function saveKeys(keys: Keys, row: StreamRow, delivered: Adopted['delivered'], sifted: Sifted[]): void {
  if (delivered.length === 0) return;
  const some = keys.sift(row, packItems(delivered.map(({ key, time }) => ({ key, time, json: '{}' }))));
  sifted.push(some);
  some.save();
}

/** Every page that is appended says when it was asked for. */
function isRead(db: Database, { id, up_to: upTo }: StreamRow): boolean {
  return upTo > 0 || (db.get<{ asked_at: number | null }>('SELECT asked_at FROM streams WHERE id = ?', id)?.asked_at ?? null) !== null;
}

export function alreadyRead(streams: readonly string[]): Failure {
  const named = streams.slice(0, 3).join(', ');
  const more = streams.length > 3 ? ` and ${streams.length - 3} more` : '';
  return new Failure('config', 'journal.already-read', `could not take over the place of ${named}${more}: this state has read there already`, {
    advice: 'Name another state with `--state`; or go on with this one, which knows its own place better.',
  });
}
