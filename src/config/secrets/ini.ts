import path from 'node:path';
import { Failure } from '../../core/failure.ts';
import { secret } from '../../core/secret.ts';
import type { SecretProvider } from '../../core/world.ts';
import { type IniFile, type IniOptions, readIniFile } from '../ini.ts';
import { didYouMean } from '../suggest.ts';

/** Where a value stands: a file, and `section.key`, or `key` in a file without sections. */
interface Place {
  readonly file: string;
  readonly key: string;
}

/**
 * `${ini:PATH#section.key}`: a value of a file of settings that another tool has, such as `config.ini` of siem.py; so a secret need not be
 * copied. In a file without sections it is `${ini:PATH#key}`. Relative paths start at `folder`.
 *
 * Throws   config `secret.missing` when file, section or key are not there, or the value is empty.
 */
export function iniSecrets(folder: string): SecretProvider {
  return {
    scheme: 'ini',
    async resolve(name, signal) {
      signal.throwIfAborted();
      const { file, key } = placeOf(name);
      const value = await valueAt(path.resolve(folder, file), file, key);
      if (value === '') throw missing(`\`${key}\` in \`${file}\` is empty`, 'give it a value there');
      return secret(value);
    },
  };
}

/** A key never holds `#`, where it would begin a comment; a path may. */
function placeOf(name: string): Place {
  const hash = name.lastIndexOf('#');
  const place = { file: name.slice(0, hash).trim(), key: name.slice(hash + 1).trim() };
  if (hash < 0 || place.file === '' || place.key === '')
    throw missing('this placeholder does not say which value of a file is meant', 'write it as `${ini:PATH#section.key}`');
  return place;
}

async function valueAt(file: string, shown: string, key: string): Promise<string> {
  // Sections and keys may hold dots themselves: what is there decides.
  const ways = [...key.matchAll(/\./g)].map(({ index }) => [key.slice(0, index), key.slice(index + 1)] as const);
  const sectioned = await read(file, shown, { valueless: true });
  for (const [section, rest] of ways) {
    const found = sectioned.sections.get(section)?.get(rest.toLowerCase());
    if (found !== undefined) return found.value;
  }
  const found = (await read(file, shown, { dialect: 'plain', valueless: true })).sections.get('')?.get(key.toLowerCase());
  if (found !== undefined) return found.value;
  throw missing(...findingOf(sectioned, shown, key, ways));
}

async function read(file: string, shown: string, options: IniOptions): Promise<IniFile> {
  try {
    return await readIniFile(file, options);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw missing(
      error.message.replace(file, () => shown),
      'relative paths start at the folder of the configuration file',
      error,
    );
  }
}

/** What is missing, the section or the key in it, and what was probably meant. */
function findingOf({ sections }: IniFile, file: string, key: string, ways: readonly (readonly [string, string])[]): [string, string] {
  const known = [...sections].flatMap(([section, keys]) => [...keys.keys()].map((each) => (section === '' ? each : `${section}.${each}`)));
  const elsewhere = known.find((each) => each.endsWith(`.${(ways.at(-1)?.[1] ?? key).toLowerCase()}`));
  const near = didYouMean(key, known) ?? (elsewhere === undefined ? undefined : `did you mean \`${elsewhere}\`?`);
  const section = ways.find(([name]) => sections.has(name));
  if (section)
    return [
      `the section \`${section[0]}\` of \`${file}\` has no key \`${section[1]}\``,
      near ?? listed('its keys are', [...(sections.get(section[0])?.keys() ?? [])]),
    ];
  const [first] = ways;
  if (first)
    return [
      `\`${file}\` has no section \`${first[0]}\``,
      near ??
        listed(
          'its sections are',
          [...sections.keys()].filter((name) => name !== ''),
        ),
    ];
  return [`\`${file}\` has no key \`${key}\` outside of sections`, near ?? 'name the section too: `${ini:PATH#section.key}`'];
}

function listed(what: string, names: readonly string[]): string {
  return names.length === 0
    ? 'check that this is the right file'
    : `check the name: ${what} ${names
        .slice(0, 8)
        .map((name) => `\`${name.slice(0, 40)}\``)
        .join(', ')}`;
}

function missing(message: string, advice: string, cause?: unknown): Failure {
  return new Failure('config', 'secret.missing', message, { advice, ...(cause === undefined ? {} : { cause }) });
}
