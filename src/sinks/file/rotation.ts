import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Millis } from '../../core/types.ts';
import { errnoOf } from './failure.ts';
import { syncFolder } from './folders.ts';
import type { FileMark } from './mark.ts';

/** When a file is put aside, and what becomes of it. */
export interface Rotation {
  readonly size?: number | undefined;
  readonly every?: 'day' | 'hour' | Millis | undefined;
  /** How many rotated files stay of each; all, if unset. */
  readonly keep?: number | undefined;
  readonly gzip: boolean;
}

/** Has the file's time come, before `incoming` more bytes? Periods are counted in UTC; an empty file stays. */
export function isDue(rotation: Rotation, mark: FileMark, incoming: number, now: Millis): boolean {
  if (mark.length === 0) return false;
  if (rotation.size !== undefined && mark.length + incoming > rotation.size) return true;
  if (rotation.every === undefined) return false;
  const period = rotation.every === 'day' ? 86_400_000 : rotation.every === 'hour' ? 3_600_000 : rotation.every;
  return Math.floor(mark.wroteAt / period) < Math.floor(now / period);
}

/**
 * Puts a file aside under its rotated name, `<name>.<YYYYMMDDTHHMMSSsss>-<n><extension>` in the same folder, durably.
 * Resolves with the new path.
 */
export async function putAside(file: string, now: Millis): Promise<string> {
  const { dir, name, ext } = parse(file);
  const stamp = new Date(now).toISOString().replace(/[-:.Z]/g, '');
  for (let n = 1; ; n++) {
    const rotated = join(dir, `${name}.${stamp}-${n}${ext}`);
    if ((await exists(rotated)) || (await exists(`${rotated}.gz`)) || (await exists(`${rotated}.gz.part`))) continue;
    await rename(file, rotated);
    await syncFolder(dir);
    return rotated;
  }
}

/** One rotated file of a live one, whichever of its three forms it has on disk. */
interface Rotated {
  /** Without `.gz`. */
  readonly path: string;
  readonly stamp: string;
  readonly n: number;
  readonly forms: Set<'' | '.gz' | '.gz.part'>;
}

/** The end of a name in the form that `putAside` gives; the groups are stamp, number, extension and form. */
export const rotatedForm = /\.(\d{8}T\d{9})-(\d+)((?:\.[^.]*)??)(\.gz|\.gz\.part)?$/;

/** What was put aside of a live file, oldest first. */
export async function rotatedOf(file: string): Promise<Rotated[]> {
  const { dir, name, ext } = parse(file);
  const found = new Map<string, Rotated>();
  for (const entry of await readdir(dir)) {
    if (!entry.startsWith(`${name}.`)) continue;
    const [whole, stamp, n, rest, form] = /^(\d{8}T\d{9})-(\d+)(.*?)(\.gz|\.gz\.part)?$/.exec(entry.slice(name.length + 1)) ?? [];
    if (whole === undefined || stamp === undefined || rest !== ext) continue;
    const path = join(dir, `${name}.${stamp}-${n}${ext}`);
    const rotated = found.get(path) ?? { path, stamp, n: Number(n), forms: new Set() };
    rotated.forms.add((form ?? '') as '' | '.gz' | '.gz.part');
    found.set(path, rotated);
  }
  return [...found.values()].sort((a, b) => (a.stamp === b.stamp ? a.n - b.n : a.stamp < b.stamp ? -1 : 1));
}

/** Removes the oldest rotated files beyond `keep`. */
export async function prune(file: string, keep: number): Promise<void> {
  const rotated = await rotatedOf(file);
  for (const old of rotated.slice(0, Math.max(0, rotated.length - keep))) for (const form of old.forms) await rm(`${old.path}${form}`, { force: true });
}

/**
 * Replaces a rotated file by its gzip: written beside, synced, renamed, and only then is the original removed. A kill at any
 * point leaves the original or the whole gzip, and doing it again finishes.
 */
export async function gzip(rotated: string): Promise<void> {
  const part = `${rotated}.gz.part`;
  await rm(part, { force: true });
  if (!(await exists(rotated))) return;
  if (!(await exists(`${rotated}.gz`))) {
    try {
      await pipeline(createReadStream(rotated), createGzip(), createWriteStream(part, { flags: 'wx', mode: 0o600 }));
      const handle = await open(part, 'r+');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(part, `${rotated}.gz`);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    await syncFolder(dirname(rotated));
  }
  await rm(rotated, { force: true });
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
