/** The folder of the tool, wherever its package lies below the one that somebody names. */
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type IniFile, readIniFile } from '../../../config/ini.ts';
import { Failure } from '../../../core/failure.ts';
import { isThere } from '../../is-there.ts';

/** Far more than the tool itself, which writes its list of ids anew for every alert, could live with. */
const maxBytes = 256_000_000;

const packageName = 'sophos_central_api_connector';
/** One of these is in every folder that has ever been used. */
const marks = [
  'config/sophos_config.ini',
  'config/sophos_central_config.ini',
  'config/splunk_config.ini',
  'polling/poll_config.json',
  'polling/alert_ids.json',
];

/**
 * The folder that holds `config` and `polling`: the one named, or the package within it, as a clone, `pip install --target` or a virtual environment
 * of Python has it.
 *
 * Throws   config `import.no-api-connector` when there is none; `import.unreadable` when a folder on the way may not be read.
 */
export async function packageFolder(folder: string): Promise<string> {
  for (const each of [folder, join(folder, packageName), join(folder, packageName, packageName), ...(await sitePackages(folder))]) {
    for (const mark of marks) if (await isThere(join(each, mark))) return each;
  }
  throw new Failure(
    'config',
    'import.no-api-connector',
    `${folder} is no folder of sophos-central-api-connector: neither \`config\` nor \`polling\` has a file of it`,
    {
      advice: `Name the folder in which it was cloned, or of the Python environment in which it was installed: \`pip show -f sophos-central-api-connector\` says where.`,
    },
  );
}

/** Of a virtual environment: `Lib` on Windows, `lib/python3.x` elsewhere. */
async function sitePackages(folder: string): Promise<readonly string[]> {
  const versions = await names(join(folder, 'lib'));
  const libraries = [folder, join(folder, 'Lib'), ...versions.filter((name) => /^python3(\.\d+)?$/.test(name)).map((name) => join(folder, 'lib', name))];
  return libraries.map((library) => join(library, 'site-packages', packageName));
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR'].includes(code)) return [];
    throw unreadable(folder, `cannot be read (${code})`, error);
  }
}

/** The file's text; `null` when there is none. Throws config `import.unreadable`. */
export async function readText(file: string): Promise<string | null> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    // Without O_NONBLOCK a pipe of this name would keep us waiting for its writer. Windows knows no such flag.
    handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw unreadable(file, `cannot be read (${code})`, error);
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw unreadable(file, 'is no regular file');
    if (stats.size > maxBytes) throw unreadable(file, `has ${stats.size} bytes, more than ${maxBytes}`);
    const bytes = await handle.readFile();
    return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes);
  } finally {
    await handle.close();
  }
}

/** A JSON file's value; `undefined` when there is none, or nothing in it. Throws config `import.unreadable`, with where it breaks. */
export async function readJson(file: string): Promise<unknown> {
  const text = await readText(file);
  if (text === null || text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Not the reader's own message: that quotes what stands there.
    throw unreadable(file, 'is not JSON to its end: perhaps it was being written, or its writer was killed');
  }
}

/** An `.ini` file; `null` when there is none. Throws config `ini.unreadable`. */
export async function readSettings(file: string): Promise<IniFile | null> {
  return (await isThere(file)) ? readIniFile(file, { valueless: true }) : null;
}

export function unreadable(file: string, finding: string, cause?: unknown): Failure {
  return new Failure('config', 'import.unreadable', `the file ${file} ${finding}`, {
    ...(cause === undefined ? {} : { cause }),
    advice: 'Stop the tool, look at the file and import again. If it cannot be saved, move it away: the import then does without it, and says so.',
  });
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text member of its own; `undefined` when it is missing or no text. */
export function textIn(value: unknown, key: string): string | undefined {
  if (!isMap(value) || !Object.hasOwn(value, key)) return undefined;
  const member = value[key];
  return typeof member === 'string' ? member : undefined;
}
