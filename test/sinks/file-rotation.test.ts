import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/world.ts';
import { Attic } from '../../src/sinks/file/attic.ts';
import { jsonLines, parcelOf } from '../laws/parcels.ts';
import { SmallEngine } from '../laws/sink.laws.ts';
import { allLines, closeAll, engineOf, filesIn, stillClock, tempFolder } from './file-folder.ts';

afterEach(closeAll);

const parcel = (n: number, size = 100) => parcelOf([{ tenant: 't', after: n, items: [String(n).padEnd(size - 1, '.')] }]);

describe('rotation', () => {
  it('puts a file aside before it would grow beyond `size`, under names that sort by age', async () => {
    const folder = await tempFolder();
    const { sink, engine, clock } = await engineOf(folder, { path: 'x.ndjson', rotate: { size: '250B' } });
    for (let n = 0; n < 7; n++) {
      await engine.send(sink, parcel(n));
      if (n > 3) clock.advance(1);
    }
    const names = (await readdir(folder)).sort();
    expect(names).toEqual(['x.20260301T100000000-1.ndjson', 'x.20260301T100000000-2.ndjson', 'x.20260301T100000002-1.ndjson', 'x.ndjson']);
    for (const name of names) expect((await lstat(join(folder, name))).size).toBe(name === 'x.ndjson' ? 100 : 200);
    expect((await allLines(folder)).map((line) => Number.parseInt(line, 10))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('lets no parcel be larger than `size`, and takes one that is anyhow', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, { path: 'x.ndjson', rotate: { size: '100KB' } });
    expect(sink.limits.bytes).toBe(100_000);
    await engine.send(sink, parcel(0, 150_000));
    await engine.send(sink, parcel(1, 10));
    expect((await readdir(folder)).length).toBe(2);
  });

  it.each([
    ['day', 14 * 3_600_000],
    ['hour', 3_600_000],
    ['90s', 90_000],
  ])('puts a file aside when a new period (%s) has begun, also after a restart', async (every, ms) => {
    const folder = await tempFolder();
    const options = { path: 'x.ndjson', rotate: { every } };
    const first = await engineOf(folder, options);
    await first.engine.send(first.sink, parcel(0));
    first.clock.advance(ms - 1);
    await first.engine.send(first.sink, parcel(1));
    expect(await readdir(folder)).toEqual(['x.ndjson']);
    await first.sink.close();
    first.clock.advance(1);
    const next = await engineOf(folder, options, first.engine, first.clock);
    await first.engine.send(next.sink, parcel(2));
    expect((await readdir(folder)).length).toBe(2);
    expect((await readFile(join(folder, 'x.ndjson'), 'utf8')).startsWith('2')).toBe(true);
    expect(next.reports).toEqual([]);
  });

  it('keeps as many rotated files as it is told, and touches no other', async () => {
    const folder = await tempFolder();
    const others = ['x.ndjson.bak', 'x.20260301T100000000-1.txt', 'y.20250301T100000000-1.ndjson', 'x.2025-1.ndjson', 'x.20250301T100000000-1.ndjson.old'];
    for (const name of others) await writeFile(join(folder, name), 'theirs\n');
    const { sink, engine, clock } = await engineOf(folder, { path: 'x.ndjson', rotate: { size: '100B', keep: 2, gzip: true } });
    for (let n = 0; n < 6; n++) {
      clock.advance(1);
      await engine.send(sink, parcel(n));
    }
    await sink.close();
    const mine = (await readdir(folder)).filter((name) => !others.includes(name)).sort();
    expect(mine).toEqual(['x.20260301T100000005-1.ndjson.gz', 'x.20260301T100000006-1.ndjson.gz', 'x.ndjson']);
    expect((await readdir(folder)).length).toBe(others.length + 3);
  });

  it('packs rotated files and nothing else, privately, whole', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, { path: 'x.ndjson', rotate: { size: '100B', gzip: true } });
    await engine.send(sink, parcel(0));
    await engine.send(sink, parcel(1));
    await sink.close();
    const packed = join(folder, 'x.20260301T100000000-1.ndjson.gz');
    expect((await readdir(folder)).sort()).toEqual(['x.20260301T100000000-1.ndjson.gz', 'x.ndjson']);
    expect(gunzipSync(await readFile(packed)).toString()).toBe(`${'0'.padEnd(99, '.')}\n`);
    expect((await lstat(packed)).mode & 0o777).toBe(0o600);
  });

  it('starts a new array with each file', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, { path: 'x.json', layout: 'array', rotate: { size: '100B' } });
    for (let n = 0; n < 4; n++) await engine.send(sink, parcelOf([{ tenant: 't', after: n, items: jsonLines('t', 2, 2 * n + 1) }]));
    for (const text of (await filesIn(folder)).values()) expect((JSON.parse(text) as unknown[]).length).toBe(2);
    expect(await allLines(folder, 'array')).toEqual(jsonLines('t', 8));
  });
});

describe('a kill during rotation', () => {
  const options = { path: 'out/{tenant.id}/x-{date}.ndjson', rotate: { size: '100B', gzip: true } };
  const live = 'out/t/x-2026-03-01.ndjson';
  const rotated = 'out/t/x-2026-03-01.20260301T100000000-1.ndjson';
  const line = (n: number) => `${String(n).padEnd(99, '.')}\n`;

  async function settledOnce() {
    const folder = await tempFolder();
    const engine = new SmallEngine();
    const { sink } = await engineOf(folder, options, engine);
    await engine.send(sink, parcel(0));
    await sink.close();
    return { folder, engine };
  }

  async function expectWhole(folder: string, engine: SmallEngine) {
    const next = await engineOf(folder, options, engine, stillClock());
    await engine.send(next.sink, parcel(1));
    await next.sink.close();
    expect(next.reports).toEqual([]);
    expect(await filesIn(folder)).toEqual(
      new Map([
        [`${rotated}.gz`, line(0)],
        [live, line(1)],
      ]),
    );
  }

  it('after the rename, before the new mark is kept, loses and repeats nothing', async () => {
    const { folder, engine } = await settledOnce();
    await rename(join(folder, live), join(folder, rotated));
    await expectWhole(folder, engine);
  });

  it('after the new file is made, before its mark is kept, loses and repeats nothing', async () => {
    const { folder, engine } = await settledOnce();
    await rename(join(folder, live), join(folder, rotated));
    await writeFile(join(folder, live), '');
    await expectWhole(folder, engine);
  });

  it('after the new file is written, before it is settled, loses and repeats nothing', async () => {
    const { folder, engine } = await settledOnce();
    const { sink } = await engineOf(folder, options, engine);
    await engine.prepare(sink, parcel(1));
    await sink.deliver(parcel(1), engine.signal);
    await sink.close();
    await expectWhole(folder, engine);
  });

  it.each(['half a gzip', 'a whole gzip beside the original', 'half a gzip without its original'])(
    'that left %s is finished by the next start',
    async (left) => {
      const { folder, engine } = await settledOnce();
      const { sink } = await engineOf(folder, options, engine);
      await engine.send(sink, parcel(1));
      await sink.close();
      const packed = join(folder, `${rotated}.gz`);
      if (left.startsWith('half')) await writeFile(`${packed}.part`, gzipSync(line(0)).subarray(0, 20));
      if (left === 'half a gzip') await rm(packed);
      if (!left.endsWith('without its original')) await writeFile(join(folder, rotated), line(0));
      // Not ours: in another folder, or not of the template's form.
      await mkdir(join(folder, 'out/t/deep'), { recursive: true });
      const others = ['x.20260301T100000000-1.ndjson', 'out/t/deep/x-1.20260301T100000000-1.ndjson', 'out/t/y.20260301T100000000-1.ndjson.gz.part'];
      for (const other of others) await writeFile(join(folder, other), 'theirs');
      const next = await engineOf(folder, options, engine);
      await next.sink.close();
      for (const other of others) {
        expect((await lstat(join(folder, other))).size).toBe(6);
        await rm(join(folder, other));
      }
      expect(next.reports).toEqual([]);
      expect(await filesIn(folder)).toEqual(
        new Map([
          [`${rotated}.gz`, line(0)],
          [live, line(1)],
        ]),
      );
    },
  );

  it('is told, and leaves the original, when it cannot be packed; the next one is packed nevertheless', async () => {
    const folder = await tempFolder();
    const reports: Report[] = [];
    const attic = new Attic({ gzip: true }, (report) => reports.push(report));
    for (const n of [1, 2]) await writeFile(join(folder, `x.20260301T100000000-${n}`), line(n));
    await mkdir(join(folder, 'x.20260301T100000000-1.gz.part/in-the-way'), { recursive: true });
    for (const n of [1, 2]) attic.add(join(folder, 'x'), join(folder, `x.20260301T100000000-${n}`));
    await attic.close();
    expect(reports).toMatchObject([{ name: 'file.rotation-failed', path: join(folder, 'x.20260301T100000000-1') }]);
    expect(await filesIn(folder)).toEqual(
      new Map([
        ['x.20260301T100000000-1', line(1)],
        ['x.20260301T100000000-2.gz', line(2)],
      ]),
    );
  });
});
