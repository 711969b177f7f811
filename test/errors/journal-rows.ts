/** What can stand in a journal's way. */
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.ts';
import { failureOf as failureOfSqlite } from '../../src/journal/database.ts';
import { loadDriver } from '../../src/journal/driver.ts';
import { pathsIn } from '../../src/journal/files.ts';
import { openStore } from '../../src/journal/index.ts';
import type { Bench } from './bench.ts';
import type { Row } from './row.ts';

const config = { kind: 'config', exit: 2 } as const;

async function openIn(bench: Bench, folder: string, mode: 'own' | 'beside', holder = 'run') {
  const store = await openStore(folder, { mode, holder, clock: systemClock, report: () => undefined });
  bench.later(() => store.close());
  return store;
}

/** A journal that was made and closed again. */
async function made(bench: Bench): Promise<string> {
  const folder = join(await bench.folder(), 'state');
  await (await openIn(bench, folder, 'own')).close();
  return folder;
}

async function write(file: string, at: number, bytes: Buffer): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(bytes, 0, bytes.length, at);
  await handle.close();
}

/** What SQLite says of a disk comes from the one place that reads it. */
function mapped(what: string, seen: string, told: Pick<Row, 'kind' | 'code' | 'exit'>): Row {
  return {
    what,
    ...told,
    attempted: /journal \/data\/state\/journal\.db/,
    seen: new RegExp(seen),
    provoke: () => Promise.reject(failureOfSqlite(new Error(seen), '/data/state/journal.db')),
  };
}

export const journalRows: readonly Row[] = [
  {
    what: 'another process runs on it',
    kind: 'config',
    exit: 1,
    code: 'journal.owned',
    attempted: /^the state .*state is in use/,
    seen: new RegExp(`by run, process ${process.pid} on .*, since \\d{4}-`),
    async provoke(bench) {
      const folder = join(await bench.folder(), 'state');
      await openIn(bench, folder, 'own');
      return openIn(bench, folder, 'own', 'a second');
    },
  },
  {
    what: 'a file of something else stands there',
    ...config,
    code: 'journal.foreign',
    attempted: /journal\.\w+ is not a journal of this program/,
    seen: /it is no SQLite database/,
    async provoke(bench) {
      const folder = await made(bench);
      await write(pathsIn(folder).journal, 0, Buffer.from('something else  '));
      return openIn(bench, folder, 'own');
    },
  },
  {
    what: 'a database of another program stands there',
    ...config,
    code: 'journal.foreign',
    attempted: /is not a journal of this program/,
    seen: /of another program \(application id 7\)/,
    async provoke(bench) {
      const folder = await made(bench);
      await write(pathsIn(folder).journal, 68, Buffer.from([0, 0, 0, 7]));
      return openIn(bench, folder, 'own');
    },
  },
  {
    what: 'it is damaged',
    ...config,
    code: 'journal.corrupt',
    attempted: /the journal .* is damaged/,
    seen: /malformed|not a database|damaged: ./,
    async provoke(bench) {
      const folder = await made(bench);
      await write(pathsIn(folder).journal, 100, Buffer.alloc(3996, 0xee));
      return openIn(bench, folder, 'own');
    },
  },
  {
    what: 'it is cut short',
    ...config,
    code: 'journal.corrupt',
    attempted: /the journal .* is damaged/,
    seen: /cut short/,
    async provoke(bench) {
      const folder = await made(bench);
      await writeFile(pathsIn(folder).journal, 'SQLite format 3\0');
      return openIn(bench, folder, 'own');
    },
  },
  {
    what: 'a newer version wrote it',
    ...config,
    code: 'journal.newer',
    attempted: /the journal .* has layout 999/,
    seen: /this version knows \d+/,
    async provoke(bench) {
      const folder = await made(bench);
      const connection = (await loadDriver()).open(pathsIn(folder).journal, { readOnly: false, busyMs: 0 });
      connection.exec('PRAGMA user_version = 999');
      connection.close();
      return openIn(bench, folder, 'own');
    },
  },
  {
    what: 'there is none to look at',
    ...config,
    code: 'journal.none',
    attempted: /there is no journal in/,
    seen: /errors-/,
    provoke: async (bench) => openIn(bench, await bench.folder(), 'beside'),
  },
  {
    what: 'its folder is a file',
    ...config,
    code: 'journal.unopenable',
    attempted: /the state folder .*file/,
    seen: /EEXIST|ENOTDIR/,
    async provoke(bench) {
      const file = join(await bench.folder(), 'file');
      await writeFile(file, '');
      return openIn(bench, join(file, 'state'), 'own');
    },
  },
  {
    what: 'it is a PostgreSQL database',
    ...config,
    code: 'journal.not-served',
    attempted: /`state` names a PostgreSQL database/,
    seen: /not served yet/,
    provoke: (bench) => openIn(bench, 'postgres://me:legacy-hunter2-key@host/db', 'own'),
  },
  mapped('the disk is full', 'database or disk is full', { kind: 'transient', code: 'journal.disk-full', exit: 1 }),
  mapped('it is locked', 'database is locked', { kind: 'transient', code: 'journal.busy', exit: 1 }),
  mapped('the disk fails', 'disk I/O error', { kind: 'transient', code: 'journal.io', exit: 1 }),
  mapped('it may not be written', 'attempt to write a readonly database', { kind: 'config', code: 'journal.read-only', exit: 2 }),
  mapped('it may not be opened', 'unable to open database file', { kind: 'config', code: 'journal.unopenable', exit: 2 }),
];
