import { Failure } from '../core/failure.ts';
import type { Store } from '../core/store.ts';
import { openSqliteStore, type SqliteOptions } from './sqlite.ts';

export type StoreOptions = Omit<SqliteOptions, 'folder'>;

/** Opens the journal that `state` names: a folder (SQLite). */
export async function openStore(state: string, options: StoreOptions): Promise<Store> {
  if (/^postgres(ql)?:\/\//i.test(state)) {
    throw new Failure('config', 'journal.not-served', '`state` names a PostgreSQL database, which is not served yet', {
      advice: 'Set `state` to a folder.',
    });
  }
  return openSqliteStore({ ...options, folder: state });
}
