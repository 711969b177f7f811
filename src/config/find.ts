import { access, open } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { maxSourceBytes } from './source.ts';

/** Environment variables by name. */
export type Env = Readonly<Record<string, string | undefined>>;

const fileName = 'sophos-central.yaml';

/** Where a configuration file is looked for when none is named, in this order. */
export function usualPlaces(cwd: string, env: Env): readonly string[] {
  const home = env.HOME ?? env.USERPROFILE ?? homedir();
  const folder = process.platform === 'win32' ? (env.APPDATA ?? path.join(home, 'AppData', 'Roaming')) : env.XDG_CONFIG_HOME || path.join(home, '.config');
  const places = [path.join(cwd, fileName), path.join(folder, 'sophos-central', fileName)];
  return process.platform === 'win32' ? places : [...places, path.join('/etc/sophos-central', fileName)];
}

/** The first of the usual places where there is a file, or `null`. */
export async function findFile(cwd: string, env: Env): Promise<string | null> {
  for (const place of usualPlaces(cwd, env)) {
    const isThere = await access(place).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
    );
    if (isThere) return place;
  }
  return null;
}

/** A configuration file's text and who may read it. */
export interface FoundFile {
  readonly text: string;
  readonly worldReadable: boolean;
}

/**
 * Reads a configuration file.
 *
 * Throws   Error with a message that finishes "the configuration file ...".
 */
export async function readFound(file: string): Promise<FoundFile> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new Error(error.code === 'ENOENT' ? 'does not exist' : `cannot be read (${error.code})`);
  });
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw new Error('is a folder');
    const chunks: Buffer[] = [];
    let size = 0;
    // A pipe has no size beforehand, so the limit is kept while reading.
    for await (const chunk of handle.createReadStream({ autoClose: false })) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > maxSourceBytes) throw new Error(`is larger than ${maxSourceBytes / 1_000_000} MB`);
    }
    return { text: decode(Buffer.concat(chunks)), worldReadable: process.platform !== 'win32' && stats.isFile() && (stats.mode & 0o004) !== 0 };
  } finally {
    await handle.close();
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('is not UTF-8 text');
  }
}
