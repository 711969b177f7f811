/** The folder of reports: files for their owner only, there whole or not at all, and never over another. */
import { randomBytes } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import { makeFolder, syncFolder } from '../../sinks/file/folders.ts';

export interface ReportFolder {
  readonly path: string;
  /** Writes a new file; `name` is given the stamp, such as `2026-11-20_10-15-00`. Resolves with its path. Throws config `intelix-report.unwritable`. */
  write(name: (stamp: string) => string, value: unknown): Promise<string>;
}

/** `YYYY-MM-DD_HH-MM-SS`, local time. */
export function stampOf(time: Millis): string {
  const at = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = [String(at.getFullYear()).padStart(4, '0'), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${date}_${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join('-')}`;
}

/** A part of a file name: no id can climb out of the folder. */
export function inName(text: string): string {
  return text.replace(/[^\w-]/g, '_').slice(0, 80);
}

/** The folder, and one stamp for the files of a run; when a run of the same second has such a file already, it goes on with `-2` behind the time. */
export function openReportFolder(path: string, now: Millis): ReportFolder {
  const time = stampOf(now);
  let number = 1;
  const stamp = () => (number === 1 ? time : `${time}-${number}`);
  return {
    path,
    async write(name, value) {
      const text = `${JSON.stringify(value, null, 2)}\n`;
      return await attempt(path, async () => {
        await makeFolder(path);
        for (;;) {
          const file = join(path, name(stamp()));
          if (await writeNew(file, text)) return file;
          number++;
        }
      });
    },
  };
}

/** Writes a file that is named whole. Throws config `intelix-report.unwritable`, also when it is there already. */
export async function writeNewFile(path: string, value: unknown): Promise<void> {
  await attempt(path, async () => {
    await makeFolder(dirname(path));
    if (!(await writeNew(path, `${JSON.stringify(value, null, 2)}\n`))) throw new Error('it exists already');
  });
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Failure('config', 'intelix-report.unwritable', `could not write ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      advice: 'Look at the folder: its rights and its free space; or name another one with `--out-dir`.',
    });
  }
}

/** `false`: there is such a file already. */
async function writeNew(path: string, text: string): Promise<boolean> {
  const part = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    await writePrivate(part, text);
    await link(part, path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return false;
    // Some file systems know no second name of a file.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
    return await writeInPlace(path, text);
  } finally {
    await rm(part, { force: true });
  }
  await syncFolder(dirname(path));
  return true;
}

async function writeInPlace(path: string, text: string): Promise<boolean> {
  try {
    await writePrivate(path, text);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function writePrivate(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
