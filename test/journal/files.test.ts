/** What lies in the state folder: ours, foreign, damaged, from the future; and who may see and use it. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDriver } from '../../src/journal/driver.ts';
import { openStore } from '../../src/journal/index.ts';
import { type JournalFolder, journalFolder } from './folders.ts';
import { append, heldClock, items, keysOf, laneOf, openLane, streamOf } from './pages.ts';

const stream = streamOf();
let folder: JournalFolder;
let path = '';

beforeEach(async () => {
  folder = await journalFolder();
  path = join(folder.folder, 'journal.sqlite');
});
afterEach(() => folder.remove());

async function fill(pages = 3): Promise<void> {
  const store = await folder.open();
  await openLane(store, stream);
  for (let i = 0; i < pages; i++) await append(store, stream, items(`page${i}`, 200));
  await store.close();
}

/** The filled journal's one file, in a folder that nobody has open. */
async function fillElsewhere(): Promise<Buffer> {
  await fill();
  const whole = await readFile(path);
  await folder.remove();
  folder = await journalFolder();
  path = join(folder.folder, 'journal.sqlite');
  await mkdir(folder.folder, { recursive: true });
  await writeFile(path, whole);
  return whole;
}

async function change(sql: string, at = path): Promise<void> {
  const connection = (await loadDriver()).open(at, { readOnly: false, busyMs: 0 });
  connection.exec(sql);
  connection.close();
}

/** It must be refused with this code, and not one byte of it changed. */
async function expectRefused(code: string): Promise<void> {
  const before = await readFile(path);
  for (const mode of ['own', 'beside'] as const) {
    await expect(folder.open({ mode })).rejects.toMatchObject({ kind: 'config', code, message: expect.stringContaining(path), advice: expect.any(String) });
  }
  expect(Buffer.compare(await readFile(path), before)).toBe(0);
}

describe('a state folder', () => {
  it('and all files in it are private to their owner', async () => {
    const store = await folder.open();
    const lane = await openLane(store, stream);
    await append(store, stream, items('a', 5));
    expect((await stat(folder.folder)).mode & 0o777).toBe(0o700);
    const files = (await readdir(folder.folder)).sort();
    expect(files).toEqual(['journal.sqlite', 'journal.sqlite-shm', 'journal.sqlite-wal', 'owner.sqlite']);
    for (const file of files) expect([file, (await stat(join(folder.folder, file))).mode & 0o777]).toEqual([file, 0o600]);
    expect(await keysOf(store, lane)).toHaveLength(5);
  });

  it('gives back after a restart what was kept before', async () => {
    await fill();
    const store = await folder.open();
    expect(await keysOf(store, laneOf(stream))).toHaveLength(600);
    expect((await store.journal.place(stream.id)).version).toBe(3);
    const { accepted, repeated } = await store.journal.append(
      stream,
      { items: (await import('../../src/core/pack.ts')).packItems(items('page1', 200)), next: 1, more: false },
      await store.journal.place(stream.id),
      1,
    );
    expect({ accepted, repeated }).toEqual({ accepted: 0, repeated: 200 });
  });

  it('begins anew when a journal was only half made', async () => {
    await mkdir(folder.folder, { recursive: true });
    await writeFile(`${path}.new`, 'half');
    await writeFile(`${path}.new-journal`, 'half');
    await writeFile(path, '');
    await fill();
    expect((await readdir(folder.folder)).filter((file) => file.includes('.new'))).toEqual([]);
  });
});

describe('what is not a journal of ours', () => {
  it('is refused and left alone: a file of another kind', async () => {
    await mkdir(folder.folder, { recursive: true });
    await writeFile(path, 'dear diary '.repeat(500));
    await expectRefused('journal.foreign');
  });

  it('is refused and left alone: a SQLite database of another program', async () => {
    await mkdir(folder.folder, { recursive: true });
    await change('PRAGMA application_id = 7; CREATE TABLE diary (day TEXT); INSERT INTO diary VALUES (1)');
    await expectRefused('journal.foreign');
  });

  it('is refused and left alone: one of a newer version', async () => {
    await fillElsewhere();
    await change('PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)');
    await expectRefused('journal.newer');
  });

  it('is refused and left alone: one that is cut short', async () => {
    const whole = await fillElsewhere();
    await writeFile(path, whole.subarray(0, 60));
    await expectRefused('journal.corrupt');
    await writeFile(path, whole.subarray(0, whole.length / 2));
    await expectRefused('journal.corrupt');
  });

  it('is refused: one whose positions are damaged', async () => {
    const whole = await fillElsewhere();
    const pageSize = whole.readUInt16BE(16);
    // Every page but the first, so that it is met whatever page the small tables lie on.
    for (let at = pageSize; at < whole.length; at += pageSize) whole.fill(0xa5, at, Math.min(at + 40, whole.length));
    await writeFile(path, whole);
    await expect(folder.open()).rejects.toMatchObject({ kind: 'config', code: 'journal.corrupt' });
  });

  it('is told when it is met late: a damaged record', async () => {
    await fillElsewhere();
    await change('UPDATE packs SET head = zeroblob(50) WHERE id = 2');
    const store = await folder.open();
    await expect(keysOf(store, laneOf(stream))).rejects.toMatchObject({ kind: 'config', code: 'journal.corrupt' });
  });

  it('is refused: a database that is not served', async () => {
    const options = { mode: 'own', clock: heldClock(), report: () => undefined } as const;
    await expect(openStore('postgres://user:secret@host/db', options)).rejects.toMatchObject({ kind: 'config', code: 'journal.not-served' });
    await expect(openStore('postgres://user:secret@host/db', options)).rejects.not.toThrow(/secret/);
  });

  it('is said: nothing at all, to those who only read', async () => {
    await expect(folder.open({ mode: 'beside' })).rejects.toMatchObject({ kind: 'config', code: 'journal.none' });
  });
});

describe('an owner', () => {
  it('is one at a time, and gives up its place when it closes', async () => {
    const store = await folder.open({ holder: 'run' });
    await expect(folder.open()).rejects.toMatchObject({ kind: 'config', code: 'journal.owned', message: expect.stringMatching(`run, process ${process.pid}`) });
    await store.close();
    await store.close();
    const next = await folder.open();
    expect((await next.journal.place(stream.id)).version).toBe(0);
  });

  it('is told by data_version that somebody left a wish', async () => {
    const store = await folder.open();
    const beside = await folder.open({ mode: 'beside' });
    await append(store, stream, items('a', 3));
    expect(store.wishes.changed()).toBe(false);
    const id = await beside.wishes.leave('dead-letter.drop', { ids: [1] }, 5);
    expect(store.wishes.changed()).toBe(true);
    expect(store.wishes.changed()).toBe(false);
    expect(await store.wishes.open()).toEqual([{ id, kind: 'dead-letter.drop', body: { ids: [1] } }]);
    await store.wishes.answer(id, { dropped: 0 }, 6);
    expect(await beside.wishes.answered(id)).toEqual({ dropped: 0 });
  });

  it('is the only one that writes records and positions', async () => {
    const store = await folder.open();
    const lane = await openLane(store, stream);
    const beside = await folder.open({ mode: 'beside' });
    await append(store, stream, items('a', 3));
    expect(await keysOf(beside, lane)).toHaveLength(3);
    const stopped = { kind: 'config', code: 'journal.read-only' };
    await expect(append(beside, stream, items('b', 3))).rejects.toMatchObject(stopped);
    await expect(beside.journal.settle([{ lane, after: 0, upTo: 1, filtered: 0 }], { refused: [] }, 1)).rejects.toMatchObject(stopped);
    await expect(beside.reset(stream.id, null, 0)).rejects.toMatchObject(stopped);
    expect(beside.names.of(stream.tenant)).toBe('Acme');
  });
});
