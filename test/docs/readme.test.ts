/** What the pages promise, kept: whoever copies a line from them must find that it works. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isGroup } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { exitCodes } from '../../src/cli/exit.ts';
import { main } from '../../src/cli/main.ts';
import { loadConfig } from '../../src/config/load.ts';
import { SophosCentral } from '../../src/index.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { example } from './library-example.ts';
import { commandLines, readPage, readPages, root, tableBelow } from './pages.ts';

const pages = readPages();
const readme = readPage('README.md');
const scripts = Object.keys((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts);

describe('the README', () => {
  it('begins with two lines that do everything on a fresh machine', () => {
    const first = readme.blocks[0];
    expect(first?.text.split('\n')).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
    expect(readme.text.split('\n').indexOf('npm ci && npm test'), 'on the first screen').toBeLessThan(30);
  });

  it('shows a configuration of at most ten lines', () => {
    const first = readme.blocks.find(({ language }) => language === 'yaml');
    expect(first?.text.split('\n').length).toBeLessThanOrEqual(10);
  });

  it('lists the commands that there are, and no others', () => {
    const named = tableBelow(readme, 'Commands').map(([name]) => name?.replaceAll('`', ''));
    expect(named.sort()).toEqual(commands.map(({ name }) => name).sort());
  });

  it('lists the exit codes that there are', () => {
    const named = tableBelow(readme, 'Exit codes').map(([code]) => Number(code));
    expect(named).toEqual(Object.values(exitCodes));
  });
});

describe('the page of commands', () => {
  // Made from the help itself: `npx vitest run --project unit test/docs -u` writes it anew.
  it('is what the program says of itself', async () => {
    const sections = ['# Commands', 'What `--help` prints, command by command.', fenced(await helpOf([]))];
    for (const { name, load } of commands) {
      const command = await load();
      sections.push(`## ${name}`, fenced(await helpOf([name])));
      for (const each of isGroup(command) ? command.commands : []) sections.push(`### ${name} ${each.name}`, fenced(await helpOf([name, each.name])));
    }
    await expect(`${sections.join('\n\n')}\n`).toMatchFileSnapshot(join(root, 'docs/commands.md'));
  });
});

describe('every page', () => {
  it('links only to what is there', () => {
    const broken = pages.flatMap(({ path, links }) =>
      links.filter(({ target }) => {
        const [file = '', anchor] = target.split('#');
        const to = file === '' ? path : normalize(join(dirname(path), file));
        if (!existsSync(join(root, to))) return true;
        return anchor !== undefined && !readPage(to).anchors.has(anchor);
      }),
    );
    expect(broken).toEqual([]);
  });

  it('names only files of the repository that are there', () => {
    const named = pages.flatMap(({ path, quoted }) =>
      quoted.filter((text) => /^(src|test|docs|bench|changes|scripts)\/[\w./-]+$|^\.ci\/\w+$/.test(text)).map((file) => ({ path, file })),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ file }) => !existsSync(join(root, file)))).toEqual([]);
  });

  it('names only npm scripts that there are', () => {
    const named = pages.flatMap(({ path, text }) => [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => ({ path, script: script ?? '' })));
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter(({ script }) => !scripts.includes(script))).toEqual([]);
  });

  it('shows only command lines that the program understands', async () => {
    const lines = commandLines(pages, 'sophos-central').filter(({ words }) => /^[a-z]/.test(words[0] ?? ''));
    expect(lines.length).toBeGreaterThan(10);
    const wrong: string[] = [];
    for (const { page, words } of lines) {
      const options = words.filter((word) => /^--?[a-z]/.test(word));
      const [name = '', second = ''] = words;
      const command = await commands.find((each) => each.name === name)?.load();
      const isKnown = command && (!isGroup(command) || command.commands.some((each) => each.name === second));
      if (!isKnown) wrong.push(`${page}: sophos-central ${words.join(' ')}: no such command`);
      const help = await helpOf([name]);
      const inner = command && isGroup(command) ? await helpOf([name, second]) : '';
      for (const option of options) {
        if (!new RegExp(`(^|[\\s,])${option}(?![\\w-])`, 'm').test(help + inner))
          wrong.push(`${page}: sophos-central ${words.join(' ')}: ${option} is not in its help`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('shows only configurations that are valid', async () => {
    const shown = pages.flatMap(({ blocks }) => blocks).filter(({ language }) => language === 'yaml');
    expect(shown.length).toBeGreaterThan(3);
    const wrong: string[] = [];
    for (const { page, line, text } of shown) {
      const said = await mistakesIn(text);
      if (said !== null) wrong.push(`${page}:${line}: ${said}`);
    }
    expect(wrong).toEqual([]);
    expect(await mistakesIn('sinks: { archive: { type: fiel, path: out } }'), 'a configuration that is not').toMatch(/fiel/);
  });

  it('is free of trailing blanks and of lines that nobody can read', () => {
    const odd = pages.flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, i) => (/[ \t]$/.test(line) || (line.length > 170 && !line.startsWith('|') && !line.startsWith('{')) ? [`${path}:${i + 1}`] : [])),
    );
    expect(odd).toEqual([]);
  });
});

describe('what the simulator page asks for', () => {
  let simulator: RunningSimulator;
  beforeAll(async () => {
    simulator = await startSimulator({ account: 'partner', tenants: 5, eventsPerTenant: 10 });
  });
  afterAll(() => simulator.close());

  it('is granted', async () => {
    const asked = readPage('docs/simulator.md').text.matchAll(/^curl "\$SIM([^"]+)"(?: -d '([^']+)')?$/gm);
    const answers: Record<string, number> = {};
    for (const [, path = '', body] of asked) {
      const { status } = await fetch(simulator.url + path, body === undefined ? {} : { method: 'POST', body });
      answers[`${path} ${body ?? ''}`] = status;
    }
    expect(Object.keys(answers).length).toBeGreaterThan(5);
    expect(Object.entries(answers).filter(([, status]) => status !== 200)).toEqual([]);
  });
});

describe('the example of the library page', () => {
  it('is the one that is tested', () => {
    const source = readFileSync(join(root, 'test/docs/library-example.ts'), 'utf8');
    const body = source.split('example(central: SophosCentral): Promise<void> {\n')[1]?.replace(/\n}\n.*$/s, '') ?? '';
    expect(readPage('docs/library.md').blocks[0]?.text).toContain(body.replace(/^ {2}/gm, ''));
  });

  it('reads every tenant but the forbidden one, and names that', async () => {
    const simulator = await startSimulator({ account: 'partner', tenants: 3, eventsPerTenant: 400 });
    const { clientId, clientSecret, url } = simulator;
    const central = new SophosCentral({ clientId, clientSecret, authUrl: url, apiUrl: url });
    const log = vi.spyOn(console, 'log').mockReturnValue();
    const error = vi.spyOn(console, 'error').mockReturnValue();
    try {
      const { status } = await fetch(`${url}/_sim/faults`, { method: 'POST', body: '{"forbidden":{"tenants":[1]}}' });
      expect(status).toBe(200);
      await example(central);
      expect(new Set(log.mock.calls.map(([name]) => name)).size).toBe(2);
      expect(error.mock.calls).toHaveLength(1);
    } finally {
      log.mockRestore();
      error.mockRestore();
      await central.close();
      await simulator.close();
    }
  });
});

describe('.ci/run', () => {
  it('is a script that can be run, and calls the line that the README shows', () => {
    const text = readFileSync(join(root, '.ci/run'), 'utf8');
    expect(text).toContain('npm ci && npm test');
    expect(() => execFileSync('bash', ['-n', join(root, '.ci/run')])).not.toThrow();
  });
});

/** A help as a block. The options of every command stand once, at the top. */
function fenced(text: string): string {
  return `\`\`\`text\n${text.replace(/\nGlobal Options:\n(.+\n)+/, '').trimEnd()}\n\`\`\``;
}

/** What is wrong with a configuration, `null` if nothing is. Whatever secrets it names are there. */
async function mistakesIn(text: string): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), 'sophos-central-docs-'));
  try {
    for (const [, file] of text.matchAll(/\$\{file:([^}]+)\}/g)) {
      mkdirSync(dirname(join(folder, file as string)), { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, file as string), '00000000-0000-4000-8000-000000000001', { mode: 0o600 });
    }
    writeFileSync(join(folder, 'sophos-central.yaml'), text, { mode: 0o600 });
    const variables = [...text.matchAll(/\$\{env:(\w+)\}/g)].map(([, name]) => [name as string, '00000000-0000-4000-8000-000000000001']);
    await loadConfig({ file: 'sophos-central.yaml', cwd: folder, env: Object.fromEntries(variables) });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The help of a command; empty when there is none. */
async function helpOf(words: readonly string[]): Promise<string> {
  const stdout = new PassThrough();
  const said: Buffer[] = [];
  stdout.on('data', (part: Buffer) => said.push(part));
  const stderr = new PassThrough().resume();
  const around = { env: {}, cwd: root, home: root, stdin: new PassThrough(), stdout, stderr, signal: new AbortController().signal };
  const code = await main([...words, '--help'], around);
  return code === exitCodes.done ? Buffer.concat(said).toString('utf8') : '';
}
