/** What the pages promise, kept: whoever copies a line from them must find that it works. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isGroup } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { exitCodes } from '../../src/cli/exit.ts';
import { main } from '../../src/cli/main.ts';
import { loadConfig } from '../../src/config/load.ts';
import { formats } from '../../src/formats/index.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { sinks } from '../../src/sinks/index.ts';
import { streams } from '../../src/streams/index.ts';
import { type } from '../cli/terminal.ts';
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

  it('lists the streams, formats and sinks that there are', () => {
    const rows = tableBelow(readme, 'What there is').map(([what = '', named = '']) => [what.replace(/^\[(.*)\].*$/, '$1'), named] as const);
    const namedIn = (what: string) => [...(new Map(rows).get(what) ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name).sort();
    expect(namedIn('streams')).toEqual(streams.map(({ name }) => name).sort());
    expect(namedIn('formats')).toEqual(formats.map(({ name }) => name).sort());
    expect(namedIn('sinks')).toEqual(sinks.map(({ name }) => name).sort());
  });

  it('leads to every page of docs/', () => {
    const led = new Set(readme.links.map(({ target }) => target.split('#')[0]));
    expect(pages.map(({ path }) => path).filter((path) => path.startsWith('docs/') && !led.has(path))).toEqual([]);
  });

  it('lists the exit codes that there are', () => {
    const named = tableBelow(readme, 'Exit codes').map(([code]) => Number(code));
    expect(named).toEqual(Object.values(exitCodes));
  });
});

describe('the first screen of the README', () => {
  const [first = ''] = readme.text.split('\n## ');
  const quoted = [...first.matchAll(/`sophos-central ([^`]+)`/g)].map(([, line = '']) => line);
  let simulator: RunningSimulator;
  beforeAll(async () => {
    simulator = await startSimulator({ account: 'partner', tenants: 3, endpoints: 20, openAlertsPerTenant: 20 });
  });
  afterAll(() => simulator.close());

  async function typed(line: string, cwd: string) {
    const { clientId, clientSecret, url } = simulator;
    const env = { SOPHOS_CLIENT_ID: clientId, SOPHOS_CLIENT_SECRET: clientSecret, SOPHOS_CENTRAL_AUTH_URL: url, SOPHOS_CENTRAL_API_URL: url };
    const [{ words } = { words: [] }] = commandLines([{ ...readme, blocks: [], quoted: [`sophos-central ${line}`] }], 'sophos-central');
    const { code, out, err } = await type(words, { cwd, env });
    expect(code, err).toBe(0);
    return out.split('\n').filter((each) => each !== '');
  }

  async function truth(stream: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const text = await (await fetch(`${simulator.url}/_sim/truth?stream=${stream}`)).text();
    return text.split('\n').flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { item: Readonly<Record<string, unknown>> }).item]));
  }

  it('has a command for each of its readers', () => expect(quoted.map((line) => line.split(' ')[0])).toEqual(['run', 'get', 'get', 'import']));

  it('gives a partner one file for each tenant, and an administrator exactly the unprotected machines', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'readme-'));
    try {
      const [, alerts = '', unprotected = ''] = quoted;
      await typed(alerts, folder);
      const files = readdirSync(join(folder, 'alerts')).map((name) => JSON.parse(readFileSync(join(folder, 'alerts', name), 'utf8')) as unknown[]);
      expect(files).toHaveLength(3);
      expect(files.flat()).toHaveLength((await truth('alerts')).length);
      const found = (await typed(unprotected, folder)).map((line) => (JSON.parse(line) as { id: string }).id);
      const wanted = (await truth('endpoints')).filter(
        ({ tamperProtectionEnabled, health }) => tamperProtectionEnabled === false || (health as { overall?: string } | undefined)?.overall === 'bad',
      );
      expect(wanted.length).toBeGreaterThan(3);
      expect(found.sort()).toEqual(wanted.map(({ id }) => id).sort());
    } finally {
      rmSync(folder, { recursive: true });
    }
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
    // What lies in the stores and files of this machine is nobody's business here.
    const plain = text.replace(/\$\{(?:keyring|ini):[^}]+\}/g, 'a-secret');
    writeFileSync(join(folder, 'sophos-central.yaml'), plain, { mode: 0o600 });
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
