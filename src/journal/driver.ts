/**
 * The small part of SQLite that the journal uses, over whichever driver this Node has.
 *
 * Node 24 and later bring SQLite themselves; before that it is missing or still changing, and a package with shipped binaries and
 * the same interface serves. Both are loaded only when a journal is opened.
 */

export type SqlValue = null | number | string | Uint8Array;

export interface Statement {
  get(...values: SqlValue[]): unknown;
  all(...values: SqlValue[]): unknown[];
  run(...values: SqlValue[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint };
}

export interface Connection {
  prepare(sql: string): Statement;
  exec(sql: string): void;
  close(): void;
}

/** What both drivers call `DatabaseSync`. */
type DatabaseSync = new (path: string, options: { readonly readOnly: boolean; readonly timeout: number }) => Connection;

export interface Driver {
  readonly name: 'node:sqlite' | '@photostructure/sqlite';
  open(path: string, options: { readonly readOnly: boolean; readonly busyMs: number }): Connection;
}

/** Loads the built-in SQLite where it is mature, otherwise the package. */
export async function loadDriver(): Promise<Driver> {
  const Database = builtIn();
  if (Database) return driverOf('node:sqlite', Database);
  const loaded = await import('@photostructure/sqlite');
  return driverOf('@photostructure/sqlite', loaded.DatabaseSync as unknown as DatabaseSync);
}

function driverOf(name: Driver['name'], Database: DatabaseSync): Driver {
  return { name, open: (path, { readOnly, busyMs }) => new Database(path, { readOnly, timeout: busyMs }) };
}

interface ModernProcess {
  getBuiltinModule?(name: string): { readonly DatabaseSync: DatabaseSync } | undefined;
}

function builtIn(): DatabaseSync | undefined {
  const major = Number.parseInt(process.versions.node, 10);
  const { getBuiltinModule } = process as unknown as ModernProcess;
  if (major < 24 || !getBuiltinModule) return undefined;
  // Loading it prints a warning that it is experimental, which says nothing to the user of a finished program. Loading is
  // synchronous, so nobody else's warning can be lost meanwhile.
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return getBuiltinModule.call(process, 'node:sqlite')?.DatabaseSync;
  } finally {
    process.emitWarning = emitWarning;
  }
}
