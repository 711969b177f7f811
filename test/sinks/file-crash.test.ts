/** Every point at which the program can die, and what a file must look like afterwards. */
import { appendFile, lstat, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Parcel } from '../../src/core/types.ts';
import { jsonLines, parcelOf } from '../laws/parcels.ts';
import { SmallEngine } from '../laws/sink.laws.ts';
import { allLines, closeAll, engineOf, filesIn, openFile, stillClock, tempFolder } from './file-folder.ts';

afterEach(closeAll);

const options = { path: 'x.ndjson' };
const one = parcelOf([{ tenant: 't', items: jsonLines('t', 3) }]);
const two = parcelOf([{ tenant: 't', after: 3, items: jsonLines('t', 3, 4) }]);
const textOf = (count: number) =>
  jsonLines('t', count)
    .map((line) => `${line}\n`)
    .join('');

describe('a file after a kill', () => {
  it('has no trace of a delivery that was written and not settled', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, options);
    await engine.send(sink, one);
    await engine.prepare(sink, two);
    await sink.deliver(two, engine.signal);
    await sink.close();
    const next = await engineOf(folder, options, engine);
    expect(await readFile(join(folder, 'x.ndjson'), 'utf8')).toBe(textOf(3));
    await engine.send(next.sink, two);
    expect(await readFile(join(folder, 'x.ndjson'), 'utf8')).toBe(textOf(6));
    expect(next.reports).toEqual([]);
  });

  it.each([1, 20, 90])('has no trace of a write that ended after %i bytes', async (written) => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, options);
    await engine.send(sink, one);
    await engine.prepare(sink, two);
    await sink.close();
    await appendFile(join(folder, 'x.ndjson'), textOf(6).slice(textOf(3).length).slice(0, written));
    const next = await engineOf(folder, options, engine);
    expect(await readFile(join(folder, 'x.ndjson'), 'utf8')).toBe(textOf(3));
    await engine.send(next.sink, two);
    expect(await readFile(join(folder, 'x.ndjson'), 'utf8')).toBe(textOf(6));
  });

  it('is gone when its first delivery was not settled', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, options);
    await engine.prepare(sink, one);
    await sink.deliver(one, engine.signal);
    await sink.close();
    const next = await engineOf(folder, options, engine);
    expect(await readdir(folder)).toEqual([]);
    await engine.send(next.sink, one);
    expect(await readFile(join(folder, 'x.ndjson'), 'utf8')).toBe(textOf(3));
  });

  it('keeps what was settled when nothing came after', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, options);
    await engine.send(sink, one);
    await sink.close();
    const next = await engineOf(folder, options, engine);
    expect([await readFile(join(folder, 'x.ndjson'), 'utf8'), next.reports]).toEqual([textOf(3), []]);
  });

  it.each([0, 1, 2, 3, 5, 40])('is a whole array again although %i bytes of the next items stand over its end', async (written) => {
    const folder = await tempFolder();
    const array = { path: 'x.json', layout: 'array' };
    const { sink, engine } = await engineOf(folder, array);
    await engine.send(sink, one);
    const settled = await readFile(join(folder, 'x.json'));
    await engine.prepare(sink, two);
    await sink.deliver(two, engine.signal);
    const after = await readFile(join(folder, 'x.json'));
    await sink.close();
    // As a kill in the middle of the write leaves it: the new bytes from the old array's end on, as far as they came.
    const end = settled.length - 3;
    const size = Math.max(settled.length, end + written);
    await truncate(join(folder, 'x.json'), size);
    await overwrite(join(folder, 'x.json'), Buffer.concat([after.subarray(0, end + written), settled.subarray(end + written)]));
    const next = await engineOf(folder, array, engine);
    expect(await readFile(join(folder, 'x.json'))).toEqual(settled);
    await engine.send(next.sink, two);
    expect(await allLines(folder, 'array')).toEqual(jsonLines('t', 6));
    expect(next.reports).toEqual([]);
  });

  it('is cut again when it is resumed a second time, as after a settling that was refused', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, options);
    await engine.send(sink, one);
    await engine.prepare(sink, two);
    await sink.deliver(two, engine.signal);
    await sink.resume(engine.marks, engine.signal);
    await engine.send(sink, two);
    expect(await readFile(join(folder, 'x.ndjson'), 'utf8')).toBe(textOf(6));
  });
});

describe('what somebody else did to a file', () => {
  it.each(['while the program was down', 'while it was running'])('is kept, and reported, when it was lengthened %s', async (when) => {
    const folder = await tempFolder();
    const first = await engineOf(folder, options);
    await first.engine.send(first.sink, one);
    const down = when.includes('down');
    if (down) await first.sink.close();
    await appendFile(join(folder, 'x.ndjson'), 'theirs\n');
    const next = down ? await engineOf(folder, options, first.engine) : first;
    await first.engine.send(next.sink, two);
    expect(await readFile(join(folder, 'x.ndjson'), 'utf8')).toBe(`${textOf(3)}theirs\n${textOf(6).slice(textOf(3).length)}`);
    expect(next.reports).toMatchObject([{ name: 'file.changed', sink: 'archive', change: 'lengthened' }]);
  });

  it('is kept when it was appended behind a delivery that a kill left unsettled', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, options);
    await engine.send(sink, one);
    await engine.prepare(sink, two);
    await sink.deliver(two, engine.signal);
    await sink.close();
    await appendFile(join(folder, 'x.ndjson'), 'theirs\n');
    const next = await engineOf(folder, options, engine);
    expect(await readFile(join(folder, 'x.ndjson'), 'utf8')).toBe(`${textOf(6)}theirs\n`);
    expect(next.reports).toMatchObject([{ name: 'file.changed', change: 'lengthened' }]);
  });

  it.each(['shortened', 'removed', 'replaced'] as const)('is left as it is when the file was %s, and writing goes on', async (change) => {
    for (const down of [true, false]) {
      const folder = await tempFolder();
      const first = await engineOf(folder, options);
      await first.engine.send(first.sink, one);
      await first.engine.prepare(first.sink, two);
      if (down) await first.sink.close();
      const path = join(folder, 'x.ndjson');
      if (change === 'shortened') await truncate(path, 0);
      if (change === 'removed') await rm(path);
      if (change === 'replaced') {
        await writeFile(join(folder, 'other'), textOf(10));
        await rename(join(folder, 'other'), path);
      }
      const before = change === 'replaced' ? textOf(10) : '';
      const next = down ? await engineOf(folder, options, first.engine) : first;
      await first.engine.send(next.sink, two);
      expect(await readFile(path, 'utf8')).toBe(before + textOf(6).slice(textOf(3).length));
      expect(next.reports).toMatchObject([{ name: 'file.changed', change }]);
    }
  });

  it('is never taken for ours at a path that we never came to write', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, options);
    await engine.prepare(sink, one);
    await sink.close();
    await writeAnother(join(folder, 'x.ndjson'), 'theirs\n', engine);
    const next = await engineOf(folder, options, engine);
    await engine.send(next.sink, one);
    expect(await readFile(join(folder, 'x.ndjson'), 'utf8')).toBe(`theirs\n${textOf(3)}`);
  });

  it('makes a delivery fail when it came between prepare and deliver, and the next one goes on behind it', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, options);
    await engine.prepare(sink, one);
    await writeFile(join(folder, 'x.ndjson'), 'theirs\n');
    await expect(sink.deliver(one, engine.signal)).rejects.toMatchObject({ kind: 'transient', code: 'file.changed' });
    await engine.send(sink, one);
    expect(await readFile(join(folder, 'x.ndjson'), 'utf8')).toBe(`theirs\n${textOf(3)}`);
  });
});

it('a delivery that fails for one file leaves no trace in the others', async () => {
  const folder = await tempFolder();
  const { sink, engine } = await engineOf(folder, { path: '{tenant.id}/x.ndjson' });
  const tenants = ['a', 'b', 'c', 'd'];
  const parcel = (after: number) => parcelOf(tenants.map((tenant) => ({ tenant, after, items: jsonLines(tenant, 2, after + 1) })));
  await engine.send(sink, parcel(0));
  await engine.prepare(sink, parcel(2));
  // A handle that is open already would still write to it, so a fresh sink does.
  await sink.close();
  const next = await engineOf(folder, { path: '{tenant.id}/x.ndjson' }, engine);
  await engine.prepare(next.sink, parcel(2));
  await rename(join(folder, 'c/x.ndjson'), join(folder, 'c/y'));
  await expect(next.sink.deliver(parcel(2), engine.signal)).rejects.toMatchObject({ kind: 'transient', code: 'file.changed' });
  for (const tenant of ['a', 'b', 'd']) expect(await readFile(join(folder, tenant, 'x.ndjson'), 'utf8')).toBe(`${jsonLines(tenant, 2).join('\n')}\n`);
  await rename(join(folder, 'c/y'), join(folder, 'c/x.ndjson'));
  await engine.send(next.sink, parcel(2));
  for (const tenant of tenants) expect(await readFile(join(folder, tenant, 'x.ndjson'), 'utf8')).toBe(`${jsonLines(tenant, 4).join('\n')}\n`);
});

it('an abort before the write leaves no trace', async () => {
  const folder = await tempFolder();
  const { sink, engine } = await engineOf(folder, options);
  await engine.prepare(sink, one);
  await expect(sink.deliver(one, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
  expect((await lstat(join(folder, 'x.ndjson'))).size).toBe(0);
  await engine.send(sink, one);
  expect(await readFile(join(folder, 'x.ndjson'), 'utf8')).toBe(textOf(3));
});

it('marks that nobody can have written are passed over', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'x.ndjson'), 'theirs\n');
  const engine = new SmallEngine();
  for (const [i, odd] of [7, null, 'x', {}, { length: -1 }, { length: 1.5 }, [], { length: 2 }].entries()) engine.marks.set(i === 7 ? 'x.ndjson' : `${i}`, odd);
  const { sink } = await engineOf(folder, options, engine);
  await engine.send(sink, one);
  expect(await readFile(join(folder, 'x.ndjson'), 'utf8')).toBe(`theirs\n${textOf(3)}`);
});

type Step =
  | {
      readonly do: 'send' | 'fail' | 'prepare and die' | 'deliver and die' | 'write some and die' | 'settle and die';
      readonly sizes: readonly number[];
      readonly part: number;
    }
  | { readonly do: 'wait'; readonly hours: number };

const sizes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 3, maxLength: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom(
      'send' as const,
      'fail' as const,
      'prepare and die' as const,
      'deliver and die' as const,
      'write some and die' as const,
      'settle and die' as const,
    ),
    sizes,
    part: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 30 }) }),
);

describe('any sequence of deliveries, failures, kills and rotations', () => {
  it.each(['lines', 'array'] as const)('leaves each record exactly once and in order (%s)', async (layout) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        fc.record({ size: fc.constantFrom(undefined, '120B', '400B'), every: fc.constantFrom(undefined, 'day' as const), gzip: fc.boolean() }),
        async (steps, { size, every, gzip }) => {
          const folder = await tempFolder();
          const chosen = {
            path: 'out/{tenant.id}/{stream}',
            layout,
            rotate: { gzip, ...(size === undefined ? {} : { size }), ...(every === undefined ? {} : { every }) },
          };
          const clock = stillClock();
          const engine = new SmallEngine();
          const settled = [0, 0, 0];
          const tenants = ['a', 'b', 'c'];
          let { sink } = await engineOf(folder, chosen, engine, clock);
          const parcelFrom = (counts: readonly number[]): Parcel =>
            parcelOf(tenants.map((tenant, i) => ({ tenant, after: settled[i] ?? 0, items: jsonLines(tenant, counts[i] ?? 0, (settled[i] ?? 0) + 1) })));
          const settle = (counts: readonly number[]) => {
            for (const [i, count] of counts.entries()) settled[i] = (settled[i] ?? 0) + count;
          };
          const die = async () => {
            await sink.close();
            sink = (await engineOf(folder, chosen, engine, clock)).sink;
          };
          for (const each of steps) {
            clock.advance(1);
            if (each.do === 'wait') {
              clock.advance(each.hours * 3_600_000);
              continue;
            }
            const parcel = parcelFrom(each.sizes);
            await engine.prepare(sink, parcel);
            if (each.do === 'send' || each.do === 'settle and die') {
              engine.settle(await sink.deliver(parcel, engine.signal));
              settle(each.sizes);
            }
            if (each.do === 'fail' && each.sizes.some(Boolean))
              await expect(sink.deliver(parcel, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
            if (each.do === 'deliver and die') await sink.deliver(parcel, engine.signal);
            if (each.do === 'write some and die') await writeSome(folder, parcel, engine, each.part);
            if (each.do.endsWith('die')) await die();
          }
          await sink.close();
          // What a last kill left is undone by the next start.
          const last = await openFile(folder, chosen, clock);
          await last.sink.resume(engine.marks, engine.signal);
          await last.sink.close();
          expect(last.reports).toEqual([]);
          const lines = await linesByAge(folder, layout);
          for (const [i, tenant] of tenants.entries())
            expect(lines.filter((line) => line.includes(`"${tenant}-`)).sort(bySeq)).toEqual(jsonLines(tenant, settled[i] ?? 0));
          for (const name of (await filesIn(folder)).keys()) expect(name).toMatch(gzip ? /events(\.\d{8}T\d{9}-\d+\.gz)?$/ : /events(\.\d{8}T\d{9}-\d+)?$/);
          await closeAll();
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** As a kill in the middle of writing leaves the files: some bytes of the parcel behind the marks. */
async function writeSome(folder: string, parcel: Parcel, engine: SmallEngine, part: number): Promise<void> {
  for (const { origin, lines } of parcel.sections) {
    if (lines.count === 0) continue;
    const path = `out/${origin.tenant.id}/${origin.stream}`;
    const mark = engine.marks.get(path) as { readonly length: number; readonly upTo: number };
    await appendFile(join(folder, path), lines.bytes.subarray(0, Math.floor(part * Math.min(lines.bytes.length, mark.upTo - mark.length))));
  }
}

async function linesByAge(folder: string, layout: 'lines' | 'array'): Promise<string[]> {
  return (await allLines(folder, layout)).map((line) => line.trim());
}

function bySeq(a: string, b: string): number {
  return (JSON.parse(a) as { seq: number }).seq - (JSON.parse(b) as { seq: number }).seq;
}

/** Writes a new file, made at another tick of the kernel's clock than the one that the mark knows: it often has the same inode. */
async function writeAnother(path: string, text: string, engine: SmallEngine): Promise<void> {
  const { born } = [...engine.marks.values()][0] as { readonly born: string | null };
  do {
    await rm(path, { force: true });
    await writeFile(path, text);
  } while (String((await lstat(path, { bigint: true })).birthtimeNs) === born);
}

/** Writes into the same inode. */
async function overwrite(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path, bytes, { flag: 'r+' });
}
