/**
 * A reader of the `.ini` files of other tools: those that Python's configparser reads, and plain lines `key = value`.
 *
 * Why not a package: the usual ones take quotes off, cut a value at `;` or `#` and make a tree of `[a.b]`. A secret that holds one of
 * these would come out as another secret, and nobody would see why it is refused. Here a value is what Python makes of it.
 *
 * What is wrong in a file is told, and the rest is read: somebody who leaves a tool still wants what can be had of its settings.
 * A file without `problems` is one that configparser takes, with the same values; test/config/ini.test.ts asks Python itself.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Failure } from '../core/failure.ts';
import { interpolate } from './ini-references.ts';

/** A value and where it is written. */
export interface IniEntry {
  /** Empty too when the key stands alone. */
  readonly value: string;
  /** From 1; of an inherited value: its line in `[DEFAULT]`. */
  readonly line: number;
}

export type IniSection = ReadonlyMap<string, IniEntry>;

export interface IniProblem {
  readonly line: number;
  /** One sentence part without values. */
  readonly message: string;
}

/** Keys in lower case. Keys before any section are in the section `''`. */
export interface IniFile {
  readonly sections: ReadonlyMap<string, IniSection>;
  /** In the order of the file. Where a key stands twice the last one counts; a reference that cannot be followed stays as it is written. */
  readonly problems: readonly IniProblem[];
}

export interface IniOptions {
  /**
   * `configparser` (default): as Python's ConfigParser reads, `[DEFAULT]`, continued lines and `%(name)s` included.
   * `plain`: every line for itself, a `%` is a `%`, and keys need no section.
   */
  readonly dialect?: 'configparser' | 'plain';
  /** A key may stand alone, without `=` (Python: `allow_no_value`); default: that is a problem. */
  readonly valueless?: boolean;
}

/** More than any honest file of settings has. */
export const maxIniBytes = 1_000_000;

interface Draft {
  readonly lines: (string | null)[];
  readonly line: number;
}

/** The section whose values all others have too. */
const inherited = 'DEFAULT';

/** What Python takes for white space; JavaScript's own idea differs at both ends of the code table. */
const blank = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const leading = new RegExp(`^${blank}+`);
const oneBlank = new RegExp(blank);

/** Reads the text of an `.ini` file. Never throws: what is wrong is among `problems`. */
export function readIni(text: string, { dialect = 'configparser', valueless = false }: IniOptions = {}): IniFile {
  const isPlain = dialect === 'plain';
  const problems: IniProblem[] = [];
  const sections = new Map<string, Map<string, Draft>>();
  let current: Map<string, Draft> | undefined;
  let last: Draft | undefined;
  let indent = 0;

  // A file opened as text in Python ends its lines like this, and at nothing else.
  for (const [index, written] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = index + 1;
    const content = strip(written);
    if (content === '') {
      if (last && last.lines[0] !== null) last.lines.push('');
      continue;
    }
    if (content[0] === '#' || content[0] === ';') continue;
    const depth = leading.exec(written)?.[0].length ?? 0;
    if (!isPlain && last && depth > indent) {
      if (last.lines[0] === null) problems.push({ line, message: 'this line continues a key that has no value' });
      else last.lines.push(content);
      continue;
    }
    indent = depth;
    const header = headerOf(content);
    if (header !== undefined) {
      if (sections.has(header) && header !== inherited) problems.push({ line, message: `the section ${shown(header)} stands twice` });
      current = sections.get(header) ?? new Map();
      sections.set(header, current);
      last = undefined;
      continue;
    }
    last = readKey(content, line) ?? last;
  }

  function readKey(content: string, line: number): Draft | undefined {
    const at = content.search(/[=:]/);
    const key = strip(at < 0 ? content : content.slice(0, at)).toLowerCase();
    if (key === '' || (at < 0 && !valueless)) {
      problems.push({ line, message: at < 0 ? 'this line is neither a section, a comment nor `key = value`' : 'there is no key before the `=`' });
      return undefined;
    }
    if (!current) {
      if (!isPlain) problems.push({ line, message: `the key ${shown(key)} stands before any section` });
      current = new Map();
      sections.set('', current);
    }
    const before = current.get(key);
    if (before) problems.push({ line, message: `the key ${shown(key)} stands twice, first on line ${before.line}` });
    const draft = { lines: [at < 0 ? null : strip(content.slice(at + 1))], line };
    current.set(key, draft);
    return draft;
  }

  return { sections: finish(sections, isPlain, problems), problems: problems.sort((a, b) => a.line - b.line) };
}

function finish(drafts: ReadonlyMap<string, ReadonlyMap<string, Draft>>, isPlain: boolean, problems: IniProblem[]): IniFile['sections'] {
  const told = new Set<number>();
  const defaults = drafts.get(inherited) ?? new Map<string, Draft>();
  const others = [...drafts.keys()].some((name) => name !== inherited);
  const finished = new Map<string, IniSection>();
  for (const [name, own] of drafts) {
    const drawn = isPlain || name === '' ? own : new Map([...defaults, ...own]);
    const raw = new Map([...drawn].map(([key, { lines }]) => [key, joined(lines)]));
    const entries = new Map<string, IniEntry>();
    for (const [key, { line }] of drawn) {
      const value = raw.get(key) ?? '';
      const whole = isPlain || name === '' ? value : interpolate(value, raw);
      // A default may refer to what each section says for itself: it is judged there.
      if (typeof whole !== 'string' && !told.has(line) && !(name === inherited && others)) {
        told.add(line);
        problems.push({ line, message: `the value of ${shown(key)} ${whole.because}; it is taken as it stands` });
      }
      entries.set(key, { value: typeof whole === 'string' ? whole : value, line });
    }
    finished.set(name, entries);
  }
  return finished;
}

/** `null` for a key that stands alone. */
function joined(lines: readonly (string | null)[]): string | null {
  return lines[0] === null ? null : stripEnd(lines.join('\n'));
}

/** What a line in brackets names; text after the last bracket is nothing to Python. */
function headerOf(content: string): string | undefined {
  const end = content.lastIndexOf(']');
  return content[0] === '[' && end > 1 ? content.slice(1, end) : undefined;
}

function strip(text: string): string {
  return stripEnd(text.replace(leading, ''));
}

/** By hand: a pattern that ends in `+$` takes quadratic time on a line of blanks. */
function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && oneBlank.test(text[end - 1] ?? '')) end--;
  return text.slice(0, end);
}

/** A name of the file for a message: short, and without control characters. The second line of a broken secret looks like a key, too: it is not repeated. */
export function shown(name: string): string {
  if (/[+/=]/.test(name) || (name.length > 20 && /\d/.test(name))) return '(not shown)';
  const plain = name.replace(/[\p{Cc}\p{Cf}\u2028\u2029`]/gu, '?');
  return `\`${plain.length > 60 ? `${plain.slice(0, 60)}...` : plain}\``;
}

/** A value; `undefined` when section or key are not there. Keys are compared without case, sections with it. */
export function iniValue(file: IniFile, section: string, key: string): string | undefined {
  return file.sections.get(section)?.get(key.toLowerCase())?.value;
}

/**
 * Reads an `.ini` file.
 *
 * Shape    UTF-8, with or without byte order mark. Bytes that are none are read as Latin-1, which is told as a problem.
 * Throws   config `ini.unreadable` when it is missing, may not be read, is no regular file, is above 1 MB, or is UTF-16.
 */
export async function readIniFile(file: string, options: IniOptions = {}): Promise<IniFile> {
  const bytes = await readBytes(file);
  if (/^(?:\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2))) throw unreadable(file, 'is UTF-16 text', 'save it as UTF-8');
  try {
    return readIni(new TextDecoder('utf-8', { fatal: true }).decode(bytes), options);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const read = readIni(bytes.toString('latin1'), options);
    return { ...read, problems: [{ line: 1, message: 'the file is not UTF-8; it is read as Latin-1' }, ...read.problems] };
  }
}

async function readBytes(file: string): Promise<Buffer> {
  // Without O_NONBLOCK a pipe of this name would keep us waiting for its writer. Windows knows no such flag.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT'
      ? unreadable(file, 'does not exist', 'check the folder and the name', cause)
      : unreadable(file, `cannot be read (${cause.code})`, 'check whether this user may read it', cause);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw unreadable(file, 'is no regular file', 'name the file of settings itself');
    const bytes = stats.size > maxIniBytes ? null : await handle.readFile();
    if (bytes === null || bytes.length > maxIniBytes)
      throw unreadable(file, `is larger than ${maxIniBytes / 1_000_000} MB`, 'check whether it is a file of settings');
    return bytes;
  } finally {
    await handle.close();
  }
}

function unreadable(file: string, finding: string, advice: string, cause?: unknown): Failure {
  return new Failure('config', 'ini.unreadable', `the file \`${file}\` ${finding}`, { advice, ...(cause === undefined ? {} : { cause }) });
}
