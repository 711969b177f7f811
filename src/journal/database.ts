/** One connection to a journal's file: statements kept, transactions whole, errors told in our words. */
import { Failure } from '../core/failure.ts';
import type { Connection, SqlValue, Statement } from './driver.ts';

export interface Changes {
  readonly changes: number;
  readonly lastId: number;
}

export interface Database {
  /** The first row, if any. */
  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined;
  all<Row>(sql: string, ...values: SqlValue[]): Row[];
  run(sql: string, ...values: SqlValue[]): Changes;
  /** One or several statements without values, such as pragmas. */
  exec(sql: string): void;
  /** Runs `work` in one transaction: all of it is kept, on stable storage, or none. */
  write<T>(work: () => T): T;
  /** Safe to call twice. */
  close(): void;
}

export function databaseOf(connection: Connection, path: string): Database {
  const statements = new Map<string, Statement>();
  let closed = false;
  let writing = false;

  function statement(sql: string): Statement {
    const known = statements.get(sql);
    if (known) return known;
    if (closed) throw new Failure('transient', 'journal.closed', `the journal ${path} is closed`);
    const made = connection.prepare(sql);
    statements.set(sql, made);
    return made;
  }

  function attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw failureOf(error, path);
    }
  }

  return {
    get: <Row>(sql: string, ...values: SqlValue[]) => attempt(() => statement(sql).get(...values)) as Row | undefined,
    all: <Row>(sql: string, ...values: SqlValue[]) => attempt(() => statement(sql).all(...values)) as Row[],
    run(sql, ...values) {
      const { changes, lastInsertRowid } = attempt(() => statement(sql).run(...values));
      return { changes: Number(changes), lastId: Number(lastInsertRowid) };
    },
    exec: (sql) => attempt(() => connection.exec(sql)),
    write(work) {
      if (writing) throw new Error('a transaction within a transaction');
      attempt(() => statement('BEGIN IMMEDIATE').run());
      writing = true;
      try {
        const result = work();
        attempt(() => statement('COMMIT').run());
        return result;
      } catch (error) {
        rollBack();
        throw error;
      } finally {
        writing = false;
      }
    },
    close() {
      if (closed) return;
      closed = true;
      statements.clear();
      attempt(() => connection.close());
    },
  };

  function rollBack(): void {
    try {
      connection.exec('ROLLBACK');
    } catch (error) {
      // After some errors (a full disk) SQLite has rolled back by itself and says so; what failed first is thrown by the caller.
      if (!/no transaction is active/.test(String(error))) throw failureOf(error, path);
    }
  }
}

// Primary result codes, https://sqlite.org/rescode.html
const sqliteBusy = 5;
const sqliteLocked = 6;
const sqliteReadOnly = 8;
const sqliteIo = 10;
const sqliteCorrupt = 11;
const sqliteFull = 13;
const sqliteCannotOpen = 14;
const sqliteNotADatabase = 26;

const words: readonly (readonly [string, number])[] = [
  ['database disk image is malformed', sqliteCorrupt],
  ['file is not a database', sqliteNotADatabase],
  ['database or disk is full', sqliteFull],
  ['database is locked', sqliteBusy],
  ['database table is locked', sqliteLocked],
  ['disk I/O error', sqliteIo],
  ['attempt to write a readonly database', sqliteReadOnly],
  ['unable to open database file', sqliteCannotOpen],
];

function codeOf(message: string): number | undefined {
  return words.find(([text]) => message.includes(text))?.[1];
}

/** What an error of SQLite means for us; anything else is a bug and stays as it is. */
export function failureOf(error: unknown, path: string): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  const { errcode } = error as { readonly errcode?: unknown };
  const seen = error.message;
  // The package leaves the number out where a row is read; the words are SQLite's own (sqlite3_errstr) and never change.
  const code = typeof errcode === 'number' ? errcode & 0xff : codeOf(seen);
  switch (code) {
    case sqliteFull:
      return new Failure('transient', 'journal.disk-full', `writing the journal ${path}: ${seen}`, {
        cause: error,
        advice: 'Make room on that disk; nothing is lost meanwhile, reading goes on as soon as there is room.',
      });
    case sqliteBusy:
    case sqliteLocked:
      return new Failure('transient', 'journal.busy', `the journal ${path} is busy: ${seen}`, {
        cause: error,
        advice: 'Wait until the other command or the backup has ended; this goes on by itself.',
      });
    case sqliteIo:
      return new Failure('transient', 'journal.io', `the disk under the journal ${path} failed: ${seen}`, {
        cause: error,
        advice: 'Look at the disk and at the system log.',
      });
    case sqliteReadOnly:
      return new Failure('config', 'journal.read-only', `the journal ${path} cannot be written: ${seen}`, {
        cause: error,
        advice: 'Only the running service writes here; check who owns the files if none runs.',
      });
    case sqliteCannotOpen:
      return new Failure('config', 'journal.unopenable', `the journal ${path} cannot be opened: ${seen}`, {
        cause: error,
        advice: 'Check that the folder of `state` exists and belongs to this user.',
      });
    case sqliteCorrupt:
    case sqliteNotADatabase:
      return corrupt(path, seen, error);
    default:
      return error;
  }
}

/** The journal's file is damaged. */
export function corrupt(path: string, seen: string, cause?: unknown): Failure {
  return new Failure('config', 'journal.corrupt', `the journal ${path} is damaged: ${seen}`, {
    cause,
    advice: 'Nothing was changed in it. Restore it from a backup, or move its folder away to begin anew; keep it, its records can often be rescued.',
  });
}
