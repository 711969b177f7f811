/** Every word that the command line knows, taken from the commands themselves. */
import { Writable } from 'node:stream';
import { type Argument, type Option, Command as Parser } from 'commander';
import type { CommandEntry } from '../command.ts';
import { recordOutputs } from '../output/records.ts';
import { rowOutputs } from '../output/rows.ts';
import { parserOf, withGlobals } from '../parser.ts';

/** What may follow a path of commands. */
export interface CompletionWord {
  /** Such as `config check`; empty for the program itself. */
  readonly path: string;
  readonly commands: readonly Described[];
  readonly options: readonly OptionWord[];
  /** Fixed values of the first argument, such as streams. */
  readonly values: readonly string[];
}

export interface Described {
  readonly name: string;
  readonly summary: string;
}

export interface OptionWord {
  /** `--output`, `-c`. */
  readonly flags: readonly string[];
  readonly summary: string;
  /** Does a value follow? */
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  readonly takesFile: boolean;
}

/** Loads every command: only for making the script. */
export async function describeCommands(table: readonly CommandEntry[], streams: readonly string[]): Promise<readonly CompletionWord[]> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const ends = { stdout: nowhere, stderr: nowhere };
  const globals = withGlobals(new Parser()).options.map(optionWord);
  const parsers = await Promise.all(table.map(async (entry) => parserOf(await entry.load(), ends, async () => undefined)));
  const top: CompletionWord = {
    path: '',
    commands: [...parsers.map(described), { name: 'help', summary: 'print the help of a command' }],
    options: [...globals, help, { ...help, flags: ['--version'], summary: 'print the version' }],
    values: [],
  };
  const helpOf: CompletionWord = { path: 'help', commands: parsers.map(described), options: [], values: [] };
  return [top, helpOf, ...parsers.flatMap((parser) => wordsOf(parser, '', globals, streams))];
}

const help: OptionWord = { flags: ['--help', '-h'], summary: 'print the help', takesValue: false, choices: [], takesFile: false };

function wordsOf(parser: Parser, above: string, globals: readonly OptionWord[], streams: readonly string[]): readonly CompletionWord[] {
  const path = above === '' ? parser.name() : `${above} ${parser.name()}`;
  const [first] = parser.registeredArguments;
  return [
    {
      path,
      commands: parser.commands.map(described),
      options: [...parser.options.map((option) => withForms(path, optionWord(option))), ...globals, help],
      values: first ? valuesOf(first, streams) : [],
    },
    ...parser.commands.flatMap((inner) => wordsOf(inner, path, globals, streams)),
  ];
}

/** Commands that print records, and not rows of their own. */
const showsRecords = new Set(['get', 'dead-letter show', 'alert get', 'alert search', 'endpoint get']);

/** The forms of an output are checked by the command itself: `sink:NAME` is one of them. */
function withForms(path: string, word: OptionWord): OptionWord {
  if (!word.flags.includes('--output') || word.choices.length > 0) return word;
  return { ...word, choices: showsRecords.has(path) ? recordOutputs() : rowOutputs };
}

function valuesOf(argument: Argument, streams: readonly string[]): readonly string[] {
  if (argument.name() === 'stream') return streams;
  return argument.argChoices ?? [];
}

function described(parser: Parser): Described {
  return { name: parser.name(), summary: parser.summary() };
}

function optionWord(option: Option): OptionWord {
  const flags = [option.long, option.short].filter((flag) => flag !== undefined && flag !== null);
  return {
    flags,
    summary: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
    takesFile: /<(file|folder|path|cert)/.test(option.flags),
  };
}
