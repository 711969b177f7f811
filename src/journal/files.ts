/**
 * The journal's files, and whether what lies there is ours.
 *
 *   journal.sqlite   everything               owner.sqlite   holds nothing; who has it locked is the owner
 *
 * A new journal is made under another name and then renamed, so a half-made one is never met. What is not ours is told from the first
 * hundred bytes, before SQLite touches it: opening a file with SQLite can change it.
 */
import { chmod, type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { corrupt, type Database, databaseOf } from './database.ts';
import type { Driver } from './driver.ts';
import { migrations } from './migrations/index.ts';

/** `SoCJ`: marks the files as ours (https://sqlite.org/fileformat2.html#application_id). */
export const applicationId = 0x536f434a;
/**
 * Measured from 4 to 64 KiB: pages of 900 kB cost a tenth less with 16 KiB and more, but small ones, which most tenants have, then write
 * twice as much; with 4 KiB the large ones cost a third more.
 */
const pageSize = 8_192;
const headerBytes = 100;
const applicationIdAt = 68;
/** A wish is left in a fraction of this. */
const busyMs = 2_000;

export interface JournalPaths {
  readonly folder: string;
  readonly journal: string;
  readonly owner: string;
}

export function pathsIn(folder: string): JournalPaths {
  return { folder, journal: join(folder, 'journal.sqlite'), owner: join(folder, 'owner.sqlite') };
}

/** Makes the folder, private to its owner; one that is there stays as it is. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Failure('config', 'journal.unopenable', `the state folder ${folder} cannot be made: ${String(error)}`, {
      cause: error,
      advice: 'Point `state` at a folder that this user may write to.',
    });
  }
}

/** Makes an empty file that only its owner may read, unless it is there. SQLite gives its other files the same rights. */
export async function makePrivate(path: string): Promise<void> {
  let file: FileHandle;
  try {
    file = await open(path, 'a', 0o600);
  } catch (error) {
    throw new Failure('config', 'journal.unopenable', `${path} cannot be written: ${String(error)}`, {
      cause: error,
      advice: 'Check that the folder of `state` and its files belong to this user.',
    });
  }
  try {
    if (((await file.stat()).mode & 0o077) !== 0) await chmod(path, 0o600);
  } finally {
    await file.close();
  }
}

/** Is there a journal? Throws when there is something else in its place. */
export async function hasJournal({ journal: path }: JournalPaths): Promise<boolean> {
  const header = await readHeader(path);
  if (header === null || header.length === 0) return false;
  const isSqlite = header.toString('latin1', 0, 16) === 'SQLite format 3\0';
  if (!isSqlite) throw foreign(path, 'it is no SQLite database (or its beginning is damaged)');
  if (header.length < headerBytes) throw corrupt(path, 'it is cut short');
  const id = header.readUInt32BE(applicationIdAt);
  if (id !== applicationId) throw foreign(path, `it is a SQLite database of another program (application id ${id})`);
  return true;
}

async function readHeader(path: string): Promise<Buffer | null> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Failure('config', 'journal.unopenable', `the journal ${path} cannot be read: ${String(error)}`, {
      cause: error,
      advice: 'Check that the folder of `state` and its files belong to this user.',
    });
  }
}

function foreign(path: string, seen: string): Failure {
  return new Failure('config', 'journal.foreign', `${path} is not a journal of this program: ${seen}`, {
    advice: 'Nothing was changed in it. Point `state` at another folder, or move the file away.',
  });
}

/** Makes a new, empty journal. Only the owner may. */
export async function makeJournal(driver: Driver, paths: JournalPaths): Promise<void> {
  const path = `${paths.journal}.new`;
  for (const leftover of [path, `${path}-journal`, `${path}-wal`, `${path}-shm`]) await rm(leftover, { force: true });
  await makePrivate(path);
  const db = databaseOf(driver.open(path, { readOnly: false, busyMs }), path);
  try {
    db.exec(`PRAGMA page_size = ${pageSize}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = ${applicationId};`);
    migrate(db, path);
    db.exec('PRAGMA journal_mode = WAL');
  } finally {
    db.close();
  }
  await rename(path, paths.journal);
  await syncFolder(paths.folder);
}

async function syncFolder(folder: string): Promise<void> {
  // Windows has no such thing as syncing a folder.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Opens a journal that is there and ours. */
export async function openJournal(driver: Driver, { journal: path }: JournalPaths, mode: 'own' | 'beside'): Promise<Database> {
  if (mode === 'own') await makePrivate(path);
  const db = openConnection(driver, path, mode === 'own' ? 'write' : 'read');
  try {
    const version = versionOf(db);
    if (version > migrations.length) {
      throw new Failure('config', 'journal.newer', `the journal ${path} has layout ${version}, this version knows ${migrations.length}`, {
        advice: 'A newer version of the program wrote it. Nothing was changed in it. Run that version again, or a later one.',
      });
    }
    if (version < 1) throw corrupt(path, 'it has no layout');
    if (mode === 'own') {
      migrate(db, path);
      checkSmallTables(db, path);
    } else if (version < migrations.length) {
      throw new Failure('config', 'journal.older', `the journal ${path} has layout ${version}, this version needs ${migrations.length}`, {
        advice: 'Start `run` once with this version: it brings the journal up to date.',
      });
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A connection that may write beside the owner; only wishes do. */
export function openConnection(driver: Driver, path: string, access: 'read' | 'write'): Database {
  let db: Database;
  try {
    db = databaseOf(driver.open(path, { readOnly: access === 'read', busyMs }), path);
  } catch (error) {
    throw new Failure('config', 'journal.unopenable', `the journal ${path} cannot be opened: ${String(error)}`, {
      cause: error,
      advice: 'Check that the folder of `state` and its files belong to this user.',
    });
  }
  // FULL: a commit that was acknowledged survives a power cut. The log is written back at about 16 MB, and then cut to that.
  if (access === 'write') db.exec(`PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = ${16 << 20};`);
  db.exec(`PRAGMA cache_size = -${access === 'write' ? 8_192 : 2_048}; PRAGMA temp_store = MEMORY`);
  return db;
}

function versionOf(db: Database): number {
  return db.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0;
}

function migrate(db: Database, path: string): void {
  for (let version = versionOf(db); version < migrations.length; version++) {
    const step = migrations[version];
    if (step === undefined) throw corrupt(path, `no layout ${version + 1} is known`);
    db.write(() => {
      db.exec(step);
      db.exec(`PRAGMA user_version = ${version + 1}`);
    });
  }
}

/** Where positions and bookmarks lie; the records are checked as they are read. */
function checkSmallTables(db: Database, path: string): void {
  for (const table of ['streams', 'lanes', 'marks', 'tenants']) {
    const [result] = db.all<Record<string, string>>(`PRAGMA quick_check('${table}')`);
    const seen = result ? Object.values(result)[0] : 'no answer';
    if (seen !== 'ok') throw corrupt(path, `${table}: ${seen}`);
  }
}
