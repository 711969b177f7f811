import { Failure, type FailureKind } from '../../core/failure.ts';

const table: Readonly<Record<string, readonly [kind: FailureKind, code: string, advice: string]>> = {
  ENOSPC: ['transient', 'file.disk-full', 'Free some space, or let `rotate` keep fewer files; delivery goes on by itself.'],
  EDQUOT: ['transient', 'file.disk-full', 'Free some space or raise the quota; delivery goes on by itself.'],
  EFBIG: ['config', 'file.too-large', 'Set `rotate.size`, or raise the limit on file sizes.'],
  EACCES: ['config', 'file.permission', 'Give the user that runs the connector the right to write there, or change `path`.'],
  EPERM: ['config', 'file.permission', 'Give the user that runs the connector the right to write there, or change `path`.'],
  EROFS: ['config', 'file.permission', 'The file system is mounted read-only: change `path` or the mount.'],
  ELOOP: ['config', 'file.symlink', 'A symbolic link is not followed: let `path` name the file itself.'],
  EISDIR: ['config', 'file.not-regular', 'Let `path` name a file, not a folder.'],
  ENOTDIR: ['config', 'file.not-folder', 'Rename one of the two: a part of `path` that must be a folder is a file.'],
  ENAMETOOLONG: ['config', 'file.name', 'Shorten `path`.'],
  EMFILE: ['transient', 'file.too-many-open', 'Raise the limit on open files (`ulimit -n`).'],
  ENFILE: ['transient', 'file.too-many-open', 'Raise the limit on open files of the system.'],
  EEXIST: ['transient', 'file.changed', 'Find out what else makes files there; it is looked at again.'],
  ENOENT: ['transient', 'file.changed', 'Find out what removes files or folders there; they are made again.'],
};

/**
 * What a failed system call on a file means.
 *
 * Throws   never; a Failure is passed through, and so is anything that no system call threw (a bug).
 */
export function fileFailure(error: unknown, doing: string, path: string): unknown {
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  const [kind, code, advice] = table[errno] ?? ['transient', 'file.io', 'Look at the disk and the system log; delivery is tried again.'];
  return new Failure(kind, code, `could not ${doing} \`${path}\`: ${errno}`, { cause: error, advice });
}

/** The system's word for what went wrong, if a system call went wrong. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof Failure) return undefined;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && typeof syscall === 'string' ? code : undefined;
}
