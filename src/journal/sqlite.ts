/**
 * The journal on SQLite: one folder, one owner.
 *
 *   own      the one process that fetches and delivers: may do everything
 *   beside   any number of others, at any time: read, and leave wishes
 *
 * Every method is one transaction, on stable storage when it resolves. SQLite is called on the event loop's own thread: a page takes
 * some milliseconds, and one writer needs no other thread to wait for.
 */
import { Failure } from '../core/failure.ts';
import type { Store } from '../core/store.ts';
import type { Clock, Report } from '../core/world.ts';
import { adoptStreams, rememberKeys } from './adopt.ts';
import { openChunks } from './chunks.ts';
import type { Database } from './database.ts';
import { openDeadLetters } from './dead-letters.ts';
import { openDirectory } from './directory.ts';
import { type Driver, loadDriver } from './driver.ts';
import { hasJournal, type JournalPaths, makeFolder, makeJournal, openConnection, openJournal, pathsIn } from './files.ts';
import { openKeys } from './keys.ts';
import { openLedger } from './ledger.ts';
import { openNames, registerOf } from './names.ts';
import { type Ownership, saveHolder, takeOwnership } from './owner.ts';
import { openRecords } from './records.ts';
import { resetStream } from './reset.ts';
import { bytesHeld, cutLog, openTrim } from './trim.ts';
import { openWishes } from './wishes.ts';

export interface SqliteOptions {
  readonly folder: string;
  readonly mode: 'own' | 'beside';
  /** What others are told of the owner, such as `run`. */
  readonly holder?: string;
  /** Memory for remembered keys of all streams together; the stream just written to may exceed it. */
  readonly keysLimitBytes?: number;
  readonly clock: Clock;
  readonly report: (report: Report) => void;
}

const defaultKeysLimit = 64 << 20;

/**
 * Opens the journal in a folder; `own` makes it if there is none.
 *
 * Throws   config: `journal.owned` (by whom), `journal.none` (beside nothing), `journal.foreign`, `journal.corrupt`, `journal.newer`,
 *          `journal.unopenable`. None of them changes a file.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const driver = await loadDriver();
  const paths = pathsIn(options.folder);
  return options.mode === 'own' ? openOwn(driver, paths, options) : openBeside(driver, paths, options);
}

async function openOwn(driver: Driver, paths: JournalPaths, options: SqliteOptions): Promise<Store> {
  await makeFolder(paths.folder);
  const ownership = await takeOwnership(driver, paths);
  let db: Database | undefined;
  try {
    if (!(await hasJournal(paths))) {
      await makeJournal(driver, paths);
      options.report({ name: 'journal.made', path: paths.journal, driver: driver.name });
    }
    db = await openJournal(driver, paths, 'own');
    saveHolder(db, options.holder ?? 'another process', options.clock.now());
    return storeOf(db, paths, options, ownership, () => db as Database);
  } catch (error) {
    db?.close();
    ownership.release();
    throw error;
  }
}

async function openBeside(driver: Driver, paths: JournalPaths, options: SqliteOptions): Promise<Store> {
  if (!(await hasJournal(paths))) {
    throw new Failure('config', 'journal.none', `there is no journal in ${paths.folder}`, { advice: 'Check `state`, or start `run` first.' });
  }
  const db = await openJournal(driver, paths, 'beside');
  let writing: Database | undefined;
  const leaving = () => {
    writing ??= openConnection(driver, paths.journal, 'write');
    return writing;
  };
  return storeOf(db, paths, options, { release: () => writing?.close() }, leaving);
}

function storeOf(db: Database, paths: JournalPaths, options: SqliteOptions, ownership: Ownership, writing: () => Database): Store {
  const chunks = openChunks(db, paths.journal);
  const keys = openKeys(db, options.keysLimitBytes ?? defaultKeysLimit);
  const bytes = () => bytesHeld(db);
  let closed = false;
  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    // The journal first: nobody may take it while it is open here. The log is written back by hand, because one of the drivers
    // leaves that to the next who opens.
    try {
      if (options.mode === 'own') cutLog(db);
    } finally {
      try {
        db.close();
      } finally {
        ownership.release();
      }
    }
  }
  return {
    journal: { ...openRecords({ db, chunks, keys, bytes }), trim: openTrim(db, chunks), close },
    directory: openDirectory({ db, chunks, now: () => options.clock.now() }),
    ledger: openLedger(db),
    deadLetters: openDeadLetters({ db, chunks }),
    wishes: openWishes(db, writing),
    names: openNames(registerOf(db, options.mode)),
    async reset(stream, checkpoint, since) {
      return resetStream({ db, chunks, keys }, stream, checkpoint, since);
    },
    async adopt(streams) {
      adoptStreams({ db, keys }, streams);
    },
    async remember(streams) {
      rememberKeys({ db, keys }, streams);
    },
    bytes,
    close,
  };
}
