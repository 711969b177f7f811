/** The program as a process: pipes that close, signals, and what is loaded before anything is asked for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = join(root, 'src');
let built: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), 'cli-bin-'));
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, rewriteRelativeImportExtensions: true, verbatimModuleSyntax: true };
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const path = join(entry.parentPath, entry.name);
    const target = join(built, 'dist', relative(source, path).replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, ts.transpileModule(readFileSync(path, 'utf8'), { compilerOptions }).outputText);
  }
  symlinkSync(join(root, 'package.json'), join(built, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(built, 'node_modules'));
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(built, { recursive: true });
});

function start(...line: readonly string[]) {
  const child = spawn(process.execPath, [join(built, 'dist/cli/bin.js'), ...line], { cwd: built, env: { PATH: process.env.PATH, HOME: built } });
  children.push(child);
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
  });
  const ended = new Promise<{ code: number | null; err: string }>((done) => {
    child.on('close', (code) => done({ code, err }));
  });
  return { child, ended, firstLine: () => new Promise<string>((done) => child.stdout.once('data', (chunk) => done(String(chunk)))) };
}

describe('the program', () => {
  it('ends quietly when the reader of its output goes away', async () => {
    for (const line of [['--help'], ['config', 'schema'], ['completion', 'bash']]) {
      const { child, ended } = start(...line);
      child.stdout.destroy();
      expect(await ended).toEqual({ code: 0, err: '' });
    }
  });

  it.each([
    ['SIGINT', ['simulate', '--output', 'json'], 0],
    ['SIGTERM', ['simulate', '--output', 'json'], 0],
    ['SIGINT', ['status', '--watch', '--json'], 130],
  ] as const)('on %s ends %j with %i', async (signal, line, code) => {
    const { child, ended, firstLine } = start(...line);
    expect(JSON.parse(await firstLine())).toBeTypeOf('object');
    child.kill(signal);
    expect((await ended).code).toBe(code);
  });

  it('takes one signal that comes twice, as `timeout` and npx send it, for one', async () => {
    const { child, ended, firstLine } = start('simulate', '--output', 'json');
    await firstLine();
    child.kill('SIGTERM');
    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
  });

  it('prints no stack for a mistake of the user', async () => {
    const { ended } = start('get', 'events');
    const { code, err } = await ended;
    expect(code).toBe(2);
    expect(err).not.toContain('    at ');
  });

  it('loads commander alone for the overview', () => {
    const packages = new Set<string>();
    const seen = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      const text = readFileSync(path, 'utf8');
      // Compiled: type imports are gone, and what is imported later stands in parentheses.
      for (const [, target = ''] of text.matchAll(/^(?:import|export) [^;(]*?['"]([^'"]+)['"];$/gm)) {
        if (target.startsWith('.')) visit(resolve(dirname(path), target));
        else if (!target.startsWith('node:')) packages.add(target);
      }
    };
    visit(join(built, 'dist/cli/bin.js'));
    expect([...packages]).toEqual(['commander']);
    expect([...seen].map((path) => relative(join(built, 'dist'), path)).sort()).toEqual(
      ['cli/bin.js', 'cli/command.js', 'cli/commands/index.js', 'cli/exit.js', 'cli/main.js', 'cli/parser.js', 'core/failure.js'].sort(),
    );
  });
});
