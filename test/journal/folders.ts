/** Journals in temporary folders. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../src/core/store.ts';
import type { Clock } from '../../src/core/world.ts';
import { openSqliteStore, type SqliteOptions } from '../../src/journal/sqlite.ts';
import { heldClock } from './pages.ts';

export interface JournalFolder {
  readonly folder: string;
  open(options?: Partial<SqliteOptions>): Promise<Store>;
  /** Closes what is open and removes the folder. */
  remove(): Promise<void>;
}

export async function journalFolder(clock: Clock = heldClock()): Promise<JournalFolder> {
  const above = await mkdtemp(join(tmpdir(), 'journal-'));
  const folder = join(above, 'state');
  const opened: Store[] = [];
  return {
    folder,
    async open(options = {}) {
      const store = await openSqliteStore({ folder, mode: 'own', holder: 'a test', clock, report: () => undefined, ...options });
      opened.push(store);
      return store;
    },
    async remove() {
      for (const store of opened.reverse()) await store.close();
      await rm(above, { recursive: true, force: true });
    },
  };
}
