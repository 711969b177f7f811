/** Real processes: killed at any moment, and running into a real limit of the system in the middle of a write. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { allLines, closeAll, filesIn, tempFolder } from './file-folder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let program = '';
const children = new Set<ChildProcess>();

/** Node 20 runs no TypeScript, so the few rooms that the child needs are compiled as they are. */
beforeAll(() => {
  program = mkdtempSync(join(tmpdir(), 'file-sink-program-'));
  for (const room of ['src/core', 'src/sinks/file']) cpSync(join(root, room), join(program, room), { recursive: true });
  cpSync(join(root, 'src/sinks/file.ts'), join(program, 'src/sinks/file.ts'));
  symlinkSync(join(root, 'node_modules'), join(program, 'node_modules'));
  writeFileSync(join(program, 'package.json'), '{"type":"module"}');
  for (const entry of readdirSync(join(program, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.ts')) continue;
    const path = join(program, 'src', entry);
    const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, rewriteRelativeImportExtensions: true, verbatimModuleSyntax: true },
    });
    writeFileSync(path.replace(/\.ts$/, '.js'), outputText);
  }
  writeFileSync(join(program, 'child.js'), child);
});
afterAll(() => rmSync(program, { recursive: true, force: true }));
afterEach(async () => {
  for (const running of children) running.kill('SIGKILL');
  await closeAll();
});

/** As much of the program as matters here: a journal that is one file, replaced as a whole, and parcels of numbered lines. */
const child = `
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { LineBuffer, packItems, recordsOf } from './src/core/pack.js';
import { systemClock } from './src/core/clock.js';
import { file } from './src/sinks/file.js';
const [folder, options, rounds] = [process.argv[2], JSON.parse(process.argv[3]), Number(process.argv[4])];
const journal = JSON.parse(readFileSync(folder + '/journal.json', 'utf8'));
const keep = () => { writeFileSync(folder + '/journal.new', JSON.stringify(journal)); renameSync(folder + '/journal.new', folder + '/journal.json'); };
const world = { clock: systemClock, random: Math.random, http: null, report: (report) => console.error(JSON.stringify(report)) };
const sink = await file.open(file.options.parse(options), world, { name: 'archive', folder: folder + '/out', names: { of: (tenant) => tenant.name } });
const signal = new AbortController().signal;
await sink.resume(new Map(Object.entries(journal.marks)), signal);
console.log('running');
const tenants = ['a', 'b', 'c'];
for (let round = 0; round < rounds; round++) {
  const count = 1 + (round % 7) * 20;
  const sections = tenants.map((id) => {
    const lines = new LineBuffer();
    const items = Array.from({ length: count }, (_, i) => ({ key: id + i, time: 0, json: '{}' }));
    for (let i = 1; i <= count; i++) { lines.text(JSON.stringify({ id: id + '-' + (journal.settled + i), padding: 'x'.repeat(200) })); lines.endLine(); }
    return { lane: { route: 'r', stream: id }, after: journal.settled, upTo: journal.settled + count, origin: { stream: 'events', tenant: { id, name: id, labels: {} } },
      records: recordsOf(packItems(items), journal.settled + 1, 0), lines: lines.lines(), json: true };
  });
  for (const [place, mark] of await sink.prepare({ sections })) journal.marks[place] = mark;
  keep();
  try {
    const receipt = await sink.deliver({ sections }, signal);
    for (const [place, mark] of receipt.marks) if (mark === null) delete journal.marks[place]; else journal.marks[place] = mark;
    journal.settled += count;
    keep();
  } catch (error) {
    console.log(error.kind + ' ' + error.code);
    break;
  }
}
await sink.close();
`;

function start(folder: string, options: unknown, rounds: number, limit = ''): ChildProcess {
  const args = [join(program, 'child.js'), folder, JSON.stringify(options), String(rounds)];
  const running =
    limit === '' ? spawn(process.execPath, args) : spawn('sh', ['-c', `${limit}; exec "$0" "$@"`, process.execPath, ...args], { env: { ...process.env } });
  children.add(running);
  running.on('exit', () => children.delete(running));
  return running;
}

async function settledIn(folder: string): Promise<number> {
  return (JSON.parse(await readFile(join(folder, 'journal.json'), 'utf8')) as { settled: number }).settled;
}

describe('a process that is killed', () => {
  it.each(['lines', 'array'] as const)('leaves each record exactly once over live, rotated and packed files (%s)', async (layout) => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'journal.json'), '{"settled":0,"marks":{}}');
    const options = { path: '{tenant.name}/{stream}.ndjson', layout, rotate: { size: '100KB', gzip: true } };
    let reports = '';
    for (let round = 0; round < 6; round++) {
      const running = start(folder, options, 1_000_000);
      running.stderr?.on('data', (chunk: Buffer) => {
        reports += chunk.toString();
      });
      const exit = once(running, 'exit');
      await once(running.stdout as NonNullable<typeof running.stdout>, 'data');
      // The moment of death is the point: anywhere in the next tenth of a second.
      setTimeout(() => running.kill('SIGKILL'), ((round * 37) % 100) + 10);
      await exit;
    }
    const last = start(folder, options, 1);
    expect(await once(last, 'exit')).toEqual([0, null]);
    const settled = await settledIn(folder);
    expect(settled).toBeGreaterThan(100);
    const lines = await allLines(join(folder, 'out'), layout);
    for (const tenant of ['a', 'b', 'c']) {
      const numbers = lines.filter((line) => line.includes(`"${tenant}-`)).map((line) => Number((JSON.parse(line) as { id: string }).id.slice(2)));
      expect(numbers.sort((x, y) => x - y)).toEqual(Array.from({ length: settled }, (_, i) => i + 1));
    }
    expect(reports).toBe('');
    for (const name of (await filesIn(join(folder, 'out'))).keys()) expect(name).toMatch(/^[abc]\/events(\.\d{8}T\d{9}-\d+)?\.ndjson(\.gz)?$/);
  });
});

describe.runIf(process.platform === 'linux')('a write that the system ends half-way', () => {
  it.each(['lines', 'array'] as const)('is cut back to what is settled (%s)', async (layout) => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'journal.json'), '{"settled":0,"marks":{}}');
    const options = { path: '{tenant.name}.ndjson', layout };
    const limited = start(folder, options, 1000, 'ulimit -f 64');
    let said = '';
    limited.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    expect(await once(limited, 'exit')).toEqual([0, null]);
    expect(said).toContain('config file.too-large');
    const settled = await settledIn(folder);
    expect(settled).toBeGreaterThan(0);
    // Not even a restart was needed: the failed delivery took itself back.
    const lines = await allLines(join(folder, 'out'), layout);
    expect(lines.length).toBe(3 * settled);
    const next = start(folder, options, 3);
    expect(await once(next, 'exit')).toEqual([0, null]);
    expect((await allLines(join(folder, 'out'), layout)).length).toBe(3 * (await settledIn(folder)));
  });
});
