/** What holds for every command and each of its commands: it says what it is, shows it, has a page, and is run by a test. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { type Command, type CommandGroup, isGroup } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { parserOf, withGlobals } from '../../src/cli/parser.ts';
import { commandLines, readPages, root } from './pages.ts';

interface Known {
  /** Such as `dead-letter list`. */
  readonly line: string;
  readonly path: readonly string[];
  readonly top: Command | CommandGroup;
  readonly command: Command | CommandGroup;
}

const known: readonly Known[] = (
  await Promise.all(
    commands.map(async ({ name, load }) => {
      const top = await load();
      const inner = isGroup(top) ? top.commands.map((command) => ({ line: `${name} ${command.name}`, path: [name, command.name], top, command })) : [];
      return [{ line: name, path: [name], top, command: top }, ...inner];
    }),
  )
).flat();

const ended = known.filter(({ command }) => !isGroup(command));
const named = (wrong: readonly Known[]) => wrong.map(({ line }) => line);
const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });

/** The words of a line as a shell cuts them, up to a pipe or a redirection. */
function wordsOf(line: string): readonly string[] {
  const plain = line.replace(/\s[|<>].*$/, '');
  return [...plain.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((found) => found[1] ?? found[2] ?? found[3] ?? '');
}

/** What the program's own parser says against a line; `null` when it would be carried out. */
async function complaint(top: Command | CommandGroup, line: string): Promise<string | null> {
  const carriedOut: string[] = [];
  const program = withGlobals(parserOf({ ...top, name: 'sophos-central' }, { stdout: nowhere, stderr: nowhere }, async () => void carriedOut.push(line)));
  const [, ...words] = wordsOf(line);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return carriedOut.length === 1 ? null : 'nothing would be carried out';
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
}

describe('every command', () => {
  it('says what it is: a summary without a full stop, and whole sentences where there is more to say', () => {
    expect(named(known.filter(({ command: { summary } }) => summary.length < 10 || /\.$/.test(summary)))).toEqual([]);
    expect(named(known.filter(({ command: { description } }) => description !== undefined && !/^[A-Z`].*[.)]$/s.test(description)))).toEqual([]);
  });

  it('has an example that begins with it', () => {
    expect(named(known.filter(({ line, command: { examples } }) => !examples.some((each) => `${each} `.startsWith(`${line} `))))).toEqual([]);
  });

  it('shows only examples that its own parser takes', async () => {
    const lines = known.flatMap(({ top, command: { examples } }) => examples.map((line) => ({ top, line })));
    const listed = commands.flatMap(({ name, example }) => known.filter(({ line }) => line === name).map(({ top }) => ({ top, line: example ?? '' })));
    const wrong: string[] = [];
    for (const { top, line } of [...lines, ...listed.filter(({ line }) => line !== '')]) {
      const said = await complaint(top, line);
      if (said !== null) wrong.push(`${line}: ${said}`);
    }
    expect(wrong).toEqual([]);
    const get = known.find(({ line }) => line === 'get')?.top as Command;
    expect(await complaint(get, 'get events --outptu csv'), 'a line that is wrong').toMatch(/--outptu/);
    expect(await complaint(get, 'get'), 'a line that lacks something').toMatch(/missing/);
  });

  it('is shown or named in back quotes by a page of docs/ that was written by hand', () => {
    const pages = readPages().filter(({ path }) => path.startsWith('docs/') && path !== 'docs/commands.md');
    const shown = commandLines(pages, 'sophos-central').map(({ words }) => words);
    const quoted = pages.flatMap((page) => page.quoted).map(wordsOf);
    const begins = (words: readonly string[], path: readonly string[]) => path.every((word, i) => words[i] === word);
    expect(named(known.filter(({ path }) => ![...shown, ...quoted].some((words) => begins(words, path))))).toEqual([]);
  });

  it('is run by a test', () => {
    const tests = testsIn(join(root, 'test'));
    expect(named(ended.filter(({ path }) => !tests.some((text) => runs(text, path))))).toEqual([]);
    expect(runs("type(['whoami', '--quiet'])", ['whoami'])).toBe(true);
    expect(runs("{ name: 'whoami' }", ['whoami'])).toBe(false);
  });
});

/** The text of every test and of what tests share, but for those about help, documentation and errors: they run everything alike. */
function testsIn(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
  const wanted = names.filter((name) => /\.ts$/.test(name) && !/^(docs|errors)\/|(^|\/)(help|completion)\.test\.ts$/.test(name));
  return wanted.map((name) => readFileSync(join(folder, name), 'utf8'));
}

/**
 * Does a test type this line? Its words stand one after the other: at the beginning of a list or of what a function is given, or, where the
 * first of them stands before a variable or is the name of a function, at the beginning of another list.
 */
function runs(text: string, path: readonly string[]): boolean {
  const first = path[0] ?? '';
  const quoted = path.map((word) => `['"\`]${word}`);
  const isTyped =
    new RegExp(`[[(]\\s*${quoted.join(`['"\`],\\s*`)}(?=['"\` ])`).test(text) || new RegExp(`[[(]\\s*['"\`]${path.join(' ')}(?=['"\` ])`).test(text);
  if (isTyped || path.length === 1) return isTyped;
  const types = new RegExp(`['"\`]${first}['"\`],\\s*(\\.\\.\\.)?[a-z]`).test(text) || new RegExp(`\\b${camel(first)}\\(`).test(text);
  return types && new RegExp(`[[(]\\s*${quoted.slice(1).join(`['"\`],\\s*`)}['"\`]`).test(text);
}

function camel(word: string): string {
  return word.replace(/-(\w)/g, (_all, letter: string) => letter.toUpperCase());
}
