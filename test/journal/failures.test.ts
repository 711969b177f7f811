/** What a journal does when the disk is full or busy: nothing, whole; and it goes on as soon as it can. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stream } from '../../src/core/types.ts';
import { type Chunks, chunksAfter, openChunks } from '../../src/journal/chunks.ts';
import type { Database } from '../../src/journal/database.ts';
import { loadDriver } from '../../src/journal/driver.ts';
import { makeFolder, makeJournal, openConnection, openJournal, pathsIn } from '../../src/journal/files.ts';
import { openKeys } from '../../src/journal/keys.ts';
import { openLane } from '../../src/journal/lanes.ts';
import { openRecords } from '../../src/journal/records.ts';
import { bytesHeld } from '../../src/journal/trim.ts';
import { type JournalFolder, journalFolder } from './folders.ts';
import { all, item, laneOf, noon, page, refusal, span, streamOf } from './pages.ts';

const stream = streamOf();
const lane = laneOf(stream);
let folder: JournalFolder;
let db: Database;
let chunks: Chunks;
let keys: ReturnType<typeof openKeys>;
let records: ReturnType<typeof openRecords>;
const others: Database[] = [];

beforeEach(async () => {
  folder = await journalFolder();
  const driver = await loadDriver();
  const paths = pathsIn(folder.folder);
  await makeFolder(paths.folder);
  await makeJournal(driver, paths);
  db = await openJournal(driver, paths, 'own');
  db.exec('PRAGMA busy_timeout = 0');
  chunks = openChunks(db, paths.journal);
  keys = openKeys(db, 1 << 20);
  records = openRecords({ db, chunks, keys, bytes: () => bytesHeld(db) });
  db.write(() => openLane(db, lane, stream, 'oldest', noon));
  others.push(openConnection(driver, paths.journal, 'write'));
});
afterEach(async () => {
  for (const other of others.splice(0)) other.close();
  db.close();
  await folder.remove();
});

const large = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => item(`${name}${i}`, noon, { json: JSON.stringify({ i, x: 'x'.repeat(1_000) }) }));

async function append(to: Stream, content: ReturnType<typeof large>) {
  return records.append(to, page(content), await records.place(to.id), noon);
}

async function everything(): Promise<unknown> {
  const rows = ['streams', 'chunks', 'lanes', 'counts', 'gaps', 'dead_letters', 'marks', 'tenants'].map((table) => db.all(`SELECT * FROM ${table}`));
  return [rows, (await records.read(lane, all)).records.map(({ key }) => key), bytesHeld(db)];
}

describe('a full disk', () => {
  it('keeps nothing of the page, and the same page fits once there is room', async () => {
    await append(stream, large('a', 100));
    const before = await everything();
    const pages = db.get<{ page_count: number }>('PRAGMA page_count')?.page_count ?? 0;
    db.exec(`PRAGMA max_page_count = ${pages + 3}`);
    const full = { kind: 'transient', code: 'journal.disk-full' };
    await expect(append(stream, [...large('a', 100), ...large('b', 500)])).rejects.toMatchObject(full);
    await expect(append(streamOf('alerts'), large('b', 500))).rejects.toMatchObject(full);
    expect(await everything()).toEqual(before);
    db.exec('PRAGMA max_page_count = 1000000');
    expect(await append(stream, [...large('a', 100), ...large('b', 500)])).toMatchObject({ accepted: 500, repeated: 100 });
    expect(await append(streamOf('alerts'), large('b', 500))).toMatchObject({ accepted: 500, repeated: 0 });
    expect((await records.read(lane, all)).records.map(({ seq }) => seq)).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
  });

  it('settles nothing when a dead letter has no room', async () => {
    await append(stream, [item('a', noon, { json: JSON.stringify({ x: 'x'.repeat(200_000) }) }), item('b')]);
    const before = await everything();
    const pages = db.get<{ page_count: number }>('PRAGMA page_count')?.page_count ?? 0;
    db.exec(`PRAGMA max_page_count = ${pages}`);
    const settle = () => records.settle([span(lane, 0, 2)], { refused: [refusal(lane, 1)], marks: new Map([['a', 1]]) }, noon);
    await expect(settle()).rejects.toMatchObject({ kind: 'transient', code: 'journal.disk-full' });
    expect(await everything()).toEqual(before);
    db.exec('PRAGMA max_page_count = 1000000');
    await settle();
    expect((await records.read(lane, all)).records).toEqual([]);
  });
});

describe('a busy database', () => {
  it('keeps nothing of the page, and the same page fits once it is free', async () => {
    await append(stream, large('a', 5));
    const before = await everything();
    others[0]?.exec('BEGIN IMMEDIATE');
    await expect(append(stream, large('b', 5))).rejects.toMatchObject({ kind: 'transient', code: 'journal.busy' });
    others[0]?.exec('ROLLBACK');
    expect(await everything()).toEqual(before);
    expect(await append(stream, large('b', 5))).toMatchObject({ accepted: 5 });
  });
});

describe('query plans', () => {
  const plan = (sql: string, ...values: number[]) => db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values).map(({ detail }) => detail);

  it('find the next records of a lane by stream and number', () => {
    expect(plan(chunksAfter, 1, 5, 16)).toEqual(['SEARCH chunks USING PRIMARY KEY (stream=? AND last_seq>?)']);
  });

  it('find a stream by name, a lane by its stream, and expired keys by their time', () => {
    expect(plan("SELECT id FROM streams WHERE name = 'x'")).toEqual([expect.stringMatching(/^SEARCH streams USING .*INDEX/)]);
    expect(plan("SELECT l.offset FROM streams s JOIN lanes l ON l.stream = s.id AND l.route = 'r' WHERE s.name = 'x'")).toEqual([
      expect.stringMatching(/^SEARCH s USING .*INDEX/),
      expect.stringMatching(/^SEARCH l USING .*INDEX/),
    ]);
    expect(plan('SELECT sum(length(digests)) FROM keys WHERE stream = ? AND newest_time < ?', 1, 2)).toEqual([
      expect.stringMatching(/^SEARCH keys USING INDEX keys_by_stream/),
    ]);
  });
});

describe('remembered keys', () => {
  it('are forgotten on disk when their time is over, and in memory under one limit', async () => {
    const hour = 3_600_000;
    const tight = openKeys(db, 16_384);
    const small = openRecords({ db, chunks, keys: tight, bytes: () => 0 });
    const many = Array.from({ length: 30 }, (_, i) => streamOf(`kind-${i}`));
    for (const [round, time] of [noon, noon + 20 * hour, noon + 40 * hour].entries()) {
      for (const each of many) {
        const content = Array.from({ length: 50 }, (_, i) => item(`${round}-${i}`, time + i));
        const from = await small.place(each.id);
        expect((await small.append(each, page(content, 1, { readUpTo: time }), from, noon)).accepted).toBe(50);
        expect((await small.append(each, page(content, 1, { readUpTo: time }), { at: 1, version: from.version + 1 }, noon)).accepted).toBe(0);
      }
      expect(tight.bytes()).toBeLessThanOrEqual(16_384);
    }
    const rows = db.all<{ newest_time: number; n: number }>('SELECT newest_time, count(*) AS n FROM keys GROUP BY newest_time ORDER BY newest_time');
    expect(rows.map(({ newest_time, n }) => [newest_time, n])).toEqual([
      [noon + 20 * hour + 49, 30],
      [noon + 40 * hour + 49, 30],
    ]);
  });

  it('are remembered no longer for an item from the far future, which itself stays known', async () => {
    const hour = 3_600_000;
    const records = openRecords({ db, chunks, keys: openKeys(db, 1 << 20), bytes: () => 0 });
    const stream = streamOf('events');
    const append = async (content: readonly ReturnType<typeof item>[], readUpTo: number) =>
      (await records.append(stream, page(content, 1, { readUpTo }), await records.place(stream.id), noon)).accepted;
    await append([item('future', noon + 1e12)], noon);
    for (let hours = 1; hours <= 100; hours++) await append([item(`at-${hours}`, noon + hours * hour)], noon + hours * hour);
    expect(db.get('SELECT count(*) AS n FROM keys')).toEqual({ n: 28 });
    expect(await append([item('future', noon + 1e12), item('at-80', noon + 80 * hour)], noon + 100 * hour)).toBe(0);
  });
});
