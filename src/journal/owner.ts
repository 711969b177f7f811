/**
 * Who owns a journal: the process that holds a second, empty database locked.
 *
 * The kernel drops that lock when the process dies, however it dies, so no restart ever waits for a time to live. Who holds it stands
 * in the journal itself, which others can read meanwhile.
 */
import { hostname } from 'node:os';
import { Failure } from '../core/failure.ts';
import type { Millis } from '../core/types.ts';
import { type Database, databaseOf } from './database.ts';
import type { Driver } from './driver.ts';
import { hasJournal, type JournalPaths, makePrivate, openJournal } from './files.ts';

export interface Holder {
  readonly command: string;
  readonly pid: number;
  readonly host: string;
  readonly since: Millis;
}

export interface Ownership {
  release(): void;
}

/** Takes the journal for this process. Throws `config` with code `journal.owned`, naming the holder, when another has it. */
export async function takeOwnership(driver: Driver, paths: JournalPaths): Promise<Ownership> {
  await makePrivate(paths.owner);
  const db = databaseOf(driver.open(paths.owner, { readOnly: false, busyMs: 0 }), paths.owner);
  try {
    // Nothing is ever written, and no file appears beside it.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (error instanceof Failure && error.code === 'journal.busy') throw await owned(driver, paths, error);
    throw error;
  }
  return { release: () => db.close() };
}

async function owned(driver: Driver, paths: JournalPaths, cause: Failure): Promise<Failure> {
  const holder = await readHolder(driver, paths);
  const who = holder ? `${holder.command}, process ${holder.pid} on ${holder.host}, since ${new Date(holder.since).toISOString()}` : 'another process';
  return new Failure('config', 'journal.owned', `the state ${paths.folder} is in use by ${who}`, {
    cause,
    advice: 'One process writes to a state. Stop that one first, or use another `state`.',
  });
}

async function readHolder(driver: Driver, paths: JournalPaths): Promise<Holder | null> {
  try {
    if (!(await hasJournal(paths))) return null;
    const db = await openJournal(driver, paths, 'beside');
    try {
      return holderIn(db);
    } finally {
      db.close();
    }
  } catch (error) {
    // That it is owned matters; by whom could not be read.
    if (error instanceof Failure) return null;
    throw error;
  }
}

/** Who says it owns the journal; it may have died since. */
export function holderIn(db: Database): Holder | null {
  return db.get<Holder>('SELECT command, pid, host, since FROM owner') ?? null;
}

export function saveHolder(db: Database, command: string, since: Millis): void {
  const sql = `INSERT INTO owner (id, command, pid, host, since) VALUES (1, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET command = excluded.command, pid = excluded.pid, host = excluded.host, since = excluded.since`;
  db.write(() => db.run(sql, command, process.pid, hostname(), since));
}
