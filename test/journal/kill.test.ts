/** A process that writes the journal is killed at any moment: what it was told is kept is there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { databaseOf } from '../../src/journal/database.ts';
import { loadDriver } from '../../src/journal/driver.ts';
import { type JournalFolder, journalFolder } from './folders.ts';
import { all, laneOf, streamOf } from './pages.ts';
import { compileRooms, type Program } from './program.ts';

const pageSize = 40;
const stream = streamOf();
let program: Program;
let script = '';
let folder: JournalFolder | undefined;
let running: ChildProcess | undefined;

/** Appends, settles and trims for ever, and says each time what it was told is done. Key and time of a record follow from its number. */
const child = `
import { writeSync } from 'node:fs';
import { openStore } from './src/journal/index.js';
import { packItems } from './src/core/pack.js';
const [folder, given, size] = [process.argv[2], JSON.parse(process.argv[3]), Number(process.argv[4])];
const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const store = await openStore(folder, { mode: 'own', holder: 'the child', clock, report: () => {} });
const lane = { route: 'splunk', stream: given.id };
await store.directory.openLane(lane, given, 'oldest');
const tell = (text) => writeSync(1, text + '\\n');
tell('ready');
let place = await store.journal.place(given.id);
const item = (n) => ({ key: '00000000-0000-4000-8000-' + n.toString(16).padStart(12, '0'), time: 1.7e12 + n, json: JSON.stringify({ n, x: 'x'.repeat(700) }) });
for (;;) {
  const from = place.at === null ? 0 : place.at.count;
  // Half of each page is a repeat of the last.
  const items = Array.from({ length: size * 1.5 }, (_, i) => item(from - size / 2 + i)).filter(({ time }) => time >= 1.7e12);
  place = (await store.journal.append(given, { items: packItems(items), next: { count: from + size }, more: true }, place, Date.now())).place;
  tell('appended ' + (from + size));
  const { after, records } = await store.journal.read(lane, { records: size * 2, bytes: 1e9 });
  if (records.length > 0 && from % (size * 3) === 0) {
    const upTo = records[records.length - 1].seq;
    await store.journal.settle([{ lane, after, upTo, filtered: 0 }], { refused: [], marks: new Map([['file', upTo]]) }, Date.now());
    tell('settled ' + upTo);
  }
  if (from % (size * 5) === 0) await store.journal.trim(Date.now());
}
`;

beforeAll(() => {
  program = compileRooms(['core', 'journal']);
  script = program.script('child.js', child);
});
afterAll(() => program.remove());
afterEach(async () => {
  running?.kill('SIGKILL');
  await folder?.remove();
});

async function runAndKill(at: string, afterMs: number): Promise<{ readonly appended: number; readonly settled: number }> {
  const started = spawn(process.execPath, [script, at, JSON.stringify({ ...stream, fetch: undefined }), String(pageSize)]);
  running = started;
  let said = '';
  let complaints = '';
  const ready = new Promise<void>((resolve) => {
    started.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.startsWith('ready\n')) resolve();
    });
  });
  started.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const closed = once(started, 'close');
  await Promise.race([ready, closed]);
  // The moment of death is the point: anywhere in the next tenth of a second.
  setTimeout(() => started.kill('SIGKILL'), afterMs);
  await closed;
  expect(complaints).toBe('');
  const last = (word: string) => Number([...said.matchAll(new RegExp(`^${word} (\\d+)\\n`, 'gm'))].at(-1)?.[1] ?? 0);
  return { appended: last('appended'), settled: last('settled') };
}

describe('a process that is killed while it writes', () => {
  it('loses nothing that was acknowledged, and leaves a whole journal that opens at once', async () => {
    folder = await journalFolder();
    const driver = await loadDriver();
    let appended = 0;
    let settled = 0;
    for (let round = 0; round < 20; round++) {
      const told = await runAndKill(folder.folder, (round * 37) % 90);
      appended = Math.max(appended, told.appended);
      settled = Math.max(settled, told.settled);

      const raw = databaseOf(driver.open(join(folder.folder, 'journal.sqlite'), { readOnly: false, busyMs: 0 }), 'journal');
      expect(raw.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
      raw.close();

      const store = await folder.open();
      const [lane] = await store.directory.lanes();
      expect(lane?.upTo).toBeGreaterThanOrEqual(appended);
      expect(lane?.offset).toBeGreaterThanOrEqual(settled);
      // The checkpoint, the records and the marks moved together.
      expect((await store.journal.place(stream.id)).at).toEqual(lane?.upTo === 0 ? null : { count: lane?.upTo });
      expect((await store.journal.marks('splunk')).get('file') ?? 0).toBe(lane?.offset);
      const { records } = await store.journal.read(laneOf(stream), all);
      expect(records.map(({ seq, time }) => seq - (time - 1.7e12))).toEqual(records.map(() => 1));
      expect(records.length).toBe((lane?.upTo ?? 0) - (lane?.offset ?? 0));
      await store.close();
    }
    expect(appended).toBeGreaterThan(pageSize * 20);
    expect(settled).toBeGreaterThan(0);
  }, 120_000);

  it('is named while it lives, and is no owner once it is dead', async () => {
    folder = await journalFolder();
    const at = folder.folder;
    const started = spawn(process.execPath, [script, at, JSON.stringify({ ...stream, fetch: undefined }), String(pageSize)]);
    running = started;
    await once(started.stdout, 'data');
    await expect(folder.open()).rejects.toMatchObject({
      kind: 'config',
      code: 'journal.owned',
      message: expect.stringContaining(`the child, process ${started.pid}`),
    });
    // Reading beside it, and leaving a wish, goes on all the while.
    const beside = await folder.open({ mode: 'beside' });
    expect((await beside.directory.lanes()).length).toBe(1);
    expect(await beside.wishes.leave('reset', { streams: [] }, 1)).toBeGreaterThan(0);
    started.kill('SIGKILL');
    await once(started, 'close');
    const store = await folder.open();
    expect(await store.wishes.open()).toHaveLength(1);
  });
});
