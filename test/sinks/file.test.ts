import { chmod, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import { fileFailure } from '../../src/sinks/file/failure.ts';
import { file } from '../../src/sinks/file.ts';
import { jsonLines, noon, parcelOf } from '../laws/parcels.ts';
import { sinkLaws } from '../laws/sink.laws.ts';
import { allLines, closeAll, engineOf, openFile, tempFolder } from './file-folder.ts';

afterEach(closeAll);

for (const layout of ['lines', 'array'] as const)
  sinkLaws(
    `file (${layout})`,
    async () => {
      const folder = await tempFolder();
      const opened: { close(): Promise<void> }[] = [];
      return {
        promises: 'exactly-once',
        async open() {
          const { sink } = await openFile(folder, { path: 'out/all.ndjson', layout });
          opened.push(sink);
          return sink;
        },
        received: () => allLines(folder, layout),
        async close() {
          for (const sink of opened) await sink.close();
        },
      };
    },
    {
      busy: 'a disk has no way to say "not now"',
      reset: 'there is no connection; failing writes have tests of their own',
      'lost-answer': 'there is no connection',
      hang: 'a write to a disk is not abandoned half-way',
      refuse: 'a file takes every line',
      'bad-token': 'a file knows no credentials',
      ...(layout === 'array' ? { text: 'lines that are not JSON become strings, see below', 'raw-newlines': 'see `text`' } : {}),
    },
  );

describe('the file sink', () => {
  it('puts each record where its tenant, stream and UTC date say, privately', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, { path: 'out/{tenant.name}/{stream}-{date}.ndjson' });
    const midnight = Date.UTC(2026, 2, 2);
    await engine.send(
      sink,
      parcelOf([
        {
          tenant: 'a',
          name: 'Acme',
          items: [
            { line: '1', time: midnight - 1 },
            { line: '2', time: midnight },
            { line: '3', time: midnight - 1 },
            { line: '4', time: midnight + 1 },
            { line: '5', time: midnight - 1 },
          ],
        },
        { tenant: 'b', stream: 'alerts', items: [{ line: '6', time: midnight }] },
      ]),
    );
    expect(await readFile(join(folder, 'out/Acme/events-2026-03-01.ndjson'), 'utf8')).toBe('1\n3\n5\n');
    expect(await readFile(join(folder, 'out/Acme/events-2026-03-02.ndjson'), 'utf8')).toBe('2\n4\n');
    expect(await readFile(join(folder, 'out/b/alerts-2026-03-02.ndjson'), 'utf8')).toBe('6\n');
    expect((await lstat(join(folder, 'out/Acme'))).mode & 0o777).toBe(0o700);
    expect((await lstat(join(folder, 'out/Acme/events-2026-03-01.ndjson'))).mode & 0o777).toBe(0o600);
  });

  it.each(['../../x', 'a/b', 'CON', '😀 GmbH', 'n'.repeat(300), '..', '', 'nul\0and\nnewline', '/etc/passwd', 'C:\\x'])(
    'writes nothing outside its folder for the tenant name %j',
    async (name) => {
      const folder = await tempFolder();
      const { sink, engine } = await engineOf(folder, { path: 'deep/out/{tenant.name}/{stream}.ndjson' });
      await engine.send(sink, parcelOf([{ tenant: 't', name, items: ['1'] }]));
      const [only, ...others] = await readdir(join(folder, 'deep/out'));
      expect(others).toEqual([]);
      expect(await readFile(join(folder, 'deep/out', only ?? '', 'events.ndjson'), 'utf8')).toBe('1\n');
      expect([await readdir(folder), await readdir(join(folder, 'deep'))]).toEqual([['deep'], ['out']]);
    },
  );

  it('continues an existing file at its end, and ends a line that was left open', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'a.ndjson'), 'theirs\n');
    await writeFile(join(folder, 'b.ndjson'), 'theirs, unended');
    const { sink, engine } = await engineOf(folder, { path: '{tenant.id}.ndjson' });
    await engine.send(
      sink,
      parcelOf([
        { tenant: 'a', items: ['ours'] },
        { tenant: 'b', items: ['ours'] },
      ]),
    );
    expect(await readFile(join(folder, 'a.ndjson'), 'utf8')).toBe('theirs\nours\n');
    expect(await readFile(join(folder, 'b.ndjson'), 'utf8')).toBe('theirs, unended\nours\n');
  });

  it('writes to thousands of files in one parcel with few handles', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, { path: '{tenant.id}.ndjson' });
    const tenants = Array.from({ length: 2000 }, (_, i) => `t${i}`);
    for (const round of [1, 2]) await engine.send(sink, parcelOf(tenants.map((tenant) => ({ tenant, items: [`${tenant}-${round}`] }))));
    expect((await readdir('/proc/self/fd').catch(() => [])).length).toBeLessThan(300);
    for (const tenant of tenants) expect(await readFile(join(folder, `${tenant}.ndjson`), 'utf8')).toBe(`${tenant}-1\n${tenant}-2\n`);
  });

  it('keeps lines with line feeds whole, next to others', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, { path: 'x.txt' });
    await engine.send(sink, parcelOf([{ tenant: 'a', json: false, items: ['one\ntwo', 'three'] }]));
    expect(await readFile(join(folder, 'x.txt'), 'utf8')).toBe('one\ntwo\nthree\n');
  });

  it('takes no path in which a part that must be a folder is a file', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'out'), '');
    const { sink, engine } = await engineOf(folder, { path: 'out/{stream}.ndjson' });
    await expectFailure(engine.send(sink, parcelOf([{ tenant: 't', items: ['1'] }])), 'config', /^file\.(not-folder|changed)$/);
    await expectFailure(sink.check(engine.signal), 'config', /^file\.not-folder$/);
  });

  it('follows no symbolic link, and writes to no folder', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'precious'), 'mine');
    await symlink('precious', join(folder, 'link.ndjson'));
    await mkdir(join(folder, 'folder.ndjson'));
    const { sink, engine } = await engineOf(folder, { path: '{tenant.id}.ndjson' });
    await expectFailure(engine.send(sink, parcelOf([{ tenant: 'link', items: ['1'] }])), 'config', /^file\.symlink$/);
    await expectFailure(engine.send(sink, parcelOf([{ tenant: 'folder', items: ['1'] }])), 'config', /^file\.not-regular$/);
    expect(await readFile(join(folder, 'precious'), 'utf8')).toBe('mine');
  });

  it('refuses to write a file that another sink or route of this program writes, by any of its names', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'real'));
    await symlink('real', join(folder, 'alias'));
    const first = await engineOf(folder, { path: 'real/x.ndjson' });
    const second = await engineOf(folder, { path: './real/x.ndjson' });
    const third = await engineOf(folder, { path: 'alias/x.ndjson' });
    const parcel = parcelOf([{ tenant: 't', items: ['1'] }]);
    await first.engine.send(first.sink, parcel);
    await expectFailure(second.engine.send(second.sink, parcel), 'config', /^file\.shared$/);
    await expectFailure(third.engine.send(third.sink, parcel), 'config', /^file\.shared$/);
    await expectFailure(first.engine.send(first.sink, parcelOf([{ tenant: 't', route: 'other', items: ['2'] }])), 'config', /^file\.shared$/);
    await first.sink.close();
    await second.engine.send(second.sink, parcel);
    expect(await readFile(join(folder, 'real/x.ndjson'), 'utf8')).toBe('1\n1\n');
  });

  it('does not mistake a new file that was given an old inode number for one under two names', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, { path: '{tenant.id}.ndjson' });
    for (let i = 0; i < 20; i++) {
      await engine.send(sink, parcelOf([{ tenant: `t${i}`, items: ['1'] }]));
      await rm(join(folder, `t${i}.ndjson`));
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('says in one sentence whether it could write, and makes nothing', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, { path: 'new/out/{stream}.ndjson' });
    expect(await sink.check(engine.signal)).toMatch(/can be made, .* GB are free/);
    expect(await readdir(folder)).toEqual([]);
    await mkdir(join(folder, 'new/out'), { recursive: true });
    expect(await sink.check(engine.signal)).toMatch(/can be written to, .* GB are free/);
  });

  it.runIf(process.getuid?.() !== 0)('calls a folder that it may not write to a matter of configuration', async () => {
    const folder = await tempFolder();
    await chmod(folder, 0o500);
    const { sink, engine } = await engineOf(folder, { path: 'x.ndjson' });
    await expectFailure(engine.send(sink, parcelOf([{ tenant: 't', items: ['1'] }])), 'config', /^file\.permission$/);
    await expectFailure(sink.check(engine.signal), 'config', /^file\.permission$/);
    await chmod(folder, 0o700);
  });

  it.each([
    ['ENOSPC', 'transient', 'file.disk-full'],
    ['EDQUOT', 'transient', 'file.disk-full'],
    ['EACCES', 'config', 'file.permission'],
    ['EROFS', 'config', 'file.permission'],
    ['EISDIR', 'config', 'file.not-regular'],
    ['ELOOP', 'config', 'file.symlink'],
    ['EMFILE', 'transient', 'file.too-many-open'],
    ['EIO', 'transient', 'file.io'],
  ])('takes %s for %s %s, with advice', (code, kind, expected) => {
    const failure = fileFailure(Object.assign(new Error(code), { code, syscall: 'write' }), 'write to', 'a/b') as Failure;
    expect([failure.kind, failure.code]).toEqual([kind, expected]);
    expect(failure.message).toContain('a/b');
    expect(failure.advice).toBeTruthy();
  });

  it('passes on what no system call threw: that is a bug, or a failure already named', () => {
    for (const error of [new TypeError('x'), new Failure('stale', 'a.b', 'c')]) expect(fileFailure(error, 'write to', 'x')).toBe(error);
  });

  it('gives up the marks of files that were not written to for hours, and nothing else', async () => {
    const folder = await tempFolder();
    const { sink, engine, clock } = await engineOf(folder, { path: '{stream}-{date}.ndjson' });
    const day = (n: number) => parcelOf([{ tenant: 't', after: n, items: [{ line: `${n}`, time: noon + n * 86_400_000 }] }]);
    for (let n = 0; n < 5; n++) {
      await engine.send(sink, day(n));
      clock.advance(4 * 3_600_000);
    }
    expect([...engine.marks.keys()]).toEqual(['events-2026-03-04.ndjson', 'events-2026-03-05.ndjson']);
    await engine.send(sink, day(0));
    expect(await readFile(join(folder, 'events-2026-03-01.ndjson'), 'utf8')).toBe('0\n0\n');
  });

  it('checks its options when they are read', () => {
    const path = 'x';
    expect(file.options.parse({ path })).toEqual({ path, layout: 'lines', rotate: { gzip: false } });
    expect(file.options.parse({ path, rotate: { size: '100MB', every: '90s', keep: 3, gzip: true } }).rotate).toEqual({
      size: 100_000_000,
      every: 90_000,
      keep: 3,
      gzip: true,
    });
    for (const every of ['day', 'hour'] as const) expect(file.options.parse({ path, rotate: { every } }).rotate.every).toBe(every);
    expect(() => file.options.parse({ path: 'a/{tenant}' })).toThrow(/unknown placeholder/);
    expect(() => file.options.parse({ path, rotate: { keep: 0 } })).toThrow();
    expect(() => file.options.parse({ path, sync: true })).toThrow();
  });
});

describe('the array layout', () => {
  it('is one valid JSON array after every delivery, whatever stood there', async () => {
    const folder = await tempFolder();
    const before: Record<string, string> = { new: '', empty: '[]', spaced: '[ \n ]\n\n', full: '[{"a":"]"},\n2 ] ', one: '["["]' };
    for (const [name, text] of Object.entries(before)) if (name !== 'new') await writeFile(join(folder, `${name}.json`), text);
    const { sink, engine } = await engineOf(folder, { path: '{tenant.id}.json', layout: 'array' });
    for (const [name, text] of Object.entries(before)) {
      const already = text === '' ? [] : (JSON.parse(text) as unknown[]);
      for (const round of [1, 2, 3]) {
        const plan = { tenant: name, items: [`{"r":${round}}`, `"x${round}"`] };
        await engine.send(sink, parcelOf([plan, { ...plan, stream: 'alerts' }]));
        already.push({ r: round }, `x${round}`, { r: round }, `x${round}`);
        expect(JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8'))).toEqual(already);
      }
    }
  });

  it('writes a line that is not JSON as a string', async () => {
    const folder = await tempFolder();
    const { sink, engine } = await engineOf(folder, { path: 'x.json', layout: 'array' });
    await engine.send(sink, parcelOf([{ tenant: 'a', json: false, items: ['CEF:0|"a"\nb', '2'] }]));
    expect(JSON.parse(await readFile(join(folder, 'x.json'), 'utf8'))).toEqual(['CEF:0|"a"\nb', '2']);
  });

  it('leaves alone what is no array', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'x.json'), '{"a":1}\n');
    const { sink, engine } = await engineOf(folder, { path: 'x.json', layout: 'array' });
    await expectFailure(engine.send(sink, parcelOf([{ tenant: 'a', items: ['1'] }])), 'config', /^file\.not-array$/);
    expect(await readFile(join(folder, 'x.json'), 'utf8')).toBe('{"a":1}\n');
  });
});

it('leaves no empty file behind when nothing was delivered', async () => {
  const folder = await tempFolder();
  const { sink, engine } = await engineOf(folder, { path: 'out/{tenant.id}.ndjson' });
  await engine.prepare(sink, parcelOf([{ tenant: 'a', items: jsonLines('a', 1) }]));
  await sink.close();
  expect(await readdir(join(folder, 'out'))).toEqual([]);
});

async function expectFailure(work: Promise<unknown>, kind: string, code: RegExp): Promise<void> {
  const failure = await work.then(
    () => new Error('nothing failed'),
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(Failure);
  expect((failure as Failure).kind).toBe(kind);
  expect((failure as Failure).code).toMatch(code);
  expect((failure as Failure).advice).toBeTruthy();
}
