/** What can go wrong with files, and with standard output. */
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { LineBuffer } from '../../src/core/pack.ts';
import { compilePathTemplate } from '../../src/core/template.ts';
import { json } from '../../src/formats/json.ts';
import { fileFailure } from '../../src/sinks/file/failure.ts';
import { linesTo } from '../../src/sinks/stdout.ts';
import { parcelOf } from '../laws/parcels.ts';
import { closeAll, engineOf } from '../sinks/file-folder.ts';
import type { Bench } from './bench.ts';
import type { Row } from './row.ts';

const parcel = parcelOf([{ tenant: 'acme', items: ['{"id":1}'] }]);
const path = 'out/events.ndjson';
const config = { kind: 'config', exit: 2, attempted: /^could not \w+(?: \w+)* `.*events\.ndjson`/ } as const;
const transient = { kind: 'transient', exit: 1, attempted: /^could not write to `\/data\/events\.ndjson`/ } as const;

/** Delivers into a folder in which something stands in the way. */
async function deliver(bench: Bench, standing: (file: string) => Promise<unknown>, options: object = {}): Promise<unknown> {
  const folder = await bench.folder();
  bench.later(closeAll);
  await mkdir(dirname(join(folder, path)));
  await standing(join(folder, path));
  const { sink, engine } = await engineOf(folder, { path, ...options });
  return engine.send(sink, parcel);
}

/** What a test cannot bring about on a healthy disk comes from the one place that reads the system's word. */
function mapped(what: string, errno: string, told: Pick<Row, 'kind' | 'code' | 'exit'>): Row {
  const thrown = Object.assign(new Error(`${errno}: no`), { code: errno, syscall: 'write' });
  return {
    what,
    ...told,
    attempted: transient.attempted,
    seen: new RegExp(`: ${errno}$`),
    provoke: () => Promise.reject(fileFailure(thrown, 'write to', '/data/events.ndjson')),
  };
}

/** Root may write everywhere: for it the system's word is the one of another user. */
const isRoot = process.getuid?.() === 0;
const noRight: Row = isRoot
  ? mapped('no right to write (as root, mapped)', 'EACCES', { kind: 'config', code: 'file.permission', exit: 2 })
  : {
      what: 'no right to write',
      ...config,
      code: 'file.permission',
      seen: /EACCES/,
      provoke: (bench) =>
        deliver(bench, async (file) => {
          await chmod(dirname(file), 0o500);
          bench.later(() => chmod(dirname(file), 0o700));
        }),
    };

function written(item: string): void {
  const record = { seq: 1, key: 'k', time: 0, fetchedAt: 0, json: item, utf8: Buffer.from(item) };
  json.open({}).encode(record, { stream: 'events', tenant: { id: 't', name: 'T', labels: {} } }, new LineBuffer());
}

export const fileRows: readonly Row[] = [
  {
    what: 'a folder stands in its place',
    ...config,
    code: 'file.not-regular',
    seen: /not a regular file/,
    provoke: (bench) => deliver(bench, (file) => mkdir(file)),
  },
  {
    what: 'a symbolic link stands in its place',
    ...config,
    code: 'file.symlink',
    seen: /symbolic link/,
    provoke: (bench) => deliver(bench, (file) => symlink('/etc/hostname', file)),
  },
  {
    what: 'a file stands where a folder must',
    ...config,
    code: 'file.not-folder',
    seen: /ENOTDIR/,
    provoke: (bench) => deliver(bench, (file) => writeFile(join(dirname(file), 'deep'), ''), { path: 'out/deep/events.ndjson' }),
  },
  {
    what: 'an array goes into a file that is none',
    ...config,
    code: 'file.not-array',
    seen: /does not end as a JSON array does/,
    provoke: (bench) => deliver(bench, (file) => writeFile(file, 'a line\n'), { layout: 'array' }),
  },
  {
    what: 'the name is too long',
    ...config,
    code: 'file.name',
    seen: /ENAMETOOLONG/,
    provoke: (bench) => deliver(bench, async () => undefined, { path: `out/${'x'.repeat(300)}-events.ndjson` }),
  },
  {
    what: 'two sinks write one file',
    ...config,
    code: 'file.shared',
    seen: /the sink `archive` .*already/,
    async provoke(bench) {
      const folder = await bench.folder();
      bench.later(closeAll);
      const first = await engineOf(folder, { path });
      await first.engine.send(first.sink, parcel);
      const second = await engineOf(folder, { path });
      return second.engine.send(second.sink, parcel);
    },
  },
  {
    what: 'a check finds a file where a folder must be',
    kind: 'config',
    code: 'file.not-folder',
    exit: 2,
    attempted: /^could not write below `/,
    seen: /not a folder/,
    async provoke(bench) {
      const folder = await bench.folder();
      bench.later(closeAll);
      await writeFile(join(folder, 'out'), '');
      const { sink } = await engineOf(folder, { path });
      return sink.check(new AbortController().signal);
    },
  },
  noRight,
  mapped('the disk is full', 'ENOSPC', { kind: 'transient', code: 'file.disk-full', exit: 1 }),
  mapped('the quota is used up', 'EDQUOT', { kind: 'transient', code: 'file.disk-full', exit: 1 }),
  mapped('the disk is mounted read-only', 'EROFS', { kind: 'config', code: 'file.permission', exit: 2 }),
  mapped('the file would be too large', 'EFBIG', { kind: 'config', code: 'file.too-large', exit: 2 }),
  mapped('too many files are open', 'EMFILE', { kind: 'transient', code: 'file.too-many-open', exit: 1 }),
  mapped('somebody removes folders', 'ENOENT', { kind: 'transient', code: 'file.changed', exit: 1 }),
  mapped('the disk fails', 'EIO', { kind: 'transient', code: 'file.io', exit: 1 }),
  {
    what: 'a template with an unknown placeholder',
    kind: 'config',
    code: 'config.template',
    exit: 2,
    attempted: /`out\/\{tenat\.name\}\.ndjson`/,
    seen: /unknown placeholder `\{tenat\.name\}`/,
    provoke: async () => compilePathTemplate('out/{tenat.name}.ndjson'),
  },
  {
    what: 'a template with an open brace',
    kind: 'config',
    code: 'config.template',
    exit: 2,
    attempted: /`out\/\{tenant\.name`/,
    seen: /a brace without its partner/,
    provoke: async () => compilePathTemplate('out/{tenant.name'),
  },
  {
    what: 'a template that could lead anywhere',
    kind: 'config',
    code: 'config.template',
    exit: 2,
    attempted: /`\{tenant\.name\}\/\.\.\/x`/,
    seen: /could lead anywhere/,
    provoke: async () => compilePathTemplate('{tenant.name}/../x'),
  },
  {
    what: 'a record is nested too deeply for the format',
    kind: 'rejected',
    code: 'format.too-deep',
    exit: 1,
    attempted: /^the item /,
    seen: /nested deeper than \d+ levels/,
    provoke: async () => written(`${'{"a":'.repeat(10_002)}1${'}'.repeat(10_002)}`),
  },
  {
    what: 'a record is no JSON',
    kind: 'rejected',
    code: 'format.not-json',
    exit: 1,
    attempted: /^the item /,
    seen: /is not JSON at byte \d+/,
    provoke: async () => written('{"a" 1}'),
  },
  {
    what: 'standard output fails',
    kind: 'transient',
    code: 'stdout.failed',
    exit: 1,
    attempted: /^could not write to standard output/,
    seen: /no space left/,
    async provoke(bench) {
      const stream = new Writable({
        write: (_chunk, _encoding, done) => done(Object.assign(new Error('no space left'), { code: 'ENOSPC' })),
        autoDestroy: false,
      });
      const sink = linesTo(stream);
      bench.later(() => sink.close());
      return sink.deliver(parcel, new AbortController().signal);
    },
  },
];
