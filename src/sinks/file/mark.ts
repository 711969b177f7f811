import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Mark, Millis } from '../../core/types.ts';

/**
 * How far one file is settled, and how far a delivery under way may write.
 *
 * Shape    `upTo`: present from `prepare` to settle; what lies between `length` and `upTo` was written by a delivery that was never
 *          settled. Without it nothing behind `length` is ours. `inode` is null for no file. `fresh`: we made it, and nothing in it is settled. `tail`: what closes a JSON
 *          array, the last bytes of the settled ones. `open`: the next write must first end a line that somebody else left unended
 *          (lines), or is the first item of an existing empty array (array).
 * Units    `length` and `upTo` in bytes; `wroteAt` ms since 1970 UTC.
 */
export interface FileMark {
  readonly length: number;
  readonly upTo?: number;
  readonly inode: string | null;
  readonly device: string | null;
  /** When the file was made, in ns, where the file system knows: an inode's number is soon used again, this is not. */
  readonly born: string | null;
  readonly wroteAt: Millis;
  readonly fresh?: true;
  readonly tail?: string;
  readonly open?: true;
}

type Identity = Pick<FileMark, 'inode' | 'device' | 'born'>;

/**
 * Does this system tell when a file was made? Where the call for it is missing or forbidden (old containers), the time of the last
 * change is given instead. The program's own binary was made and changed at different times, so it shows which.
 */
export async function tellsBirth(): Promise<boolean> {
  const { birthtimeNs, ctimeNs } = await stat(process.execPath, { bigint: true });
  return birthtimeNs !== ctimeNs;
}

export function identityOf(now: BigIntStats, birthIsTold: boolean): Identity {
  return { inode: String(now.ino), device: String(now.dev), born: birthIsTold && now.birthtimeNs > 0n ? String(now.birthtimeNs) : null };
}

/** Is it still the same file? A device's number may change with a restart of the machine, so the time of birth is asked first. */
export function isSameFile(mark: Identity, now: BigIntStats, birthIsTold: boolean): boolean {
  const { inode, device, born } = identityOf(now, birthIsTold);
  if (mark.inode !== inode) return false;
  return mark.born !== null && born !== null ? mark.born === born : mark.device === device;
}

/** The mark as the journal kept it; null for one that we cannot have written. */
export function readMark(mark: Mark): FileMark | null {
  if (typeof mark !== 'object' || mark === null || Array.isArray(mark)) return null;
  const { length, upTo, inode, device, born, wroteAt, fresh, tail, open } = mark as { readonly [field: string]: Mark };
  if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0) return null;
  return {
    length,
    ...(typeof upTo === 'number' ? { upTo } : {}),
    inode: textOrNull(inode),
    device: textOrNull(device),
    born: textOrNull(born),
    wroteAt: typeof wroteAt === 'number' ? wroteAt : 0,
    ...(fresh === true ? { fresh } : {}),
    ...(typeof tail === 'string' ? { tail } : {}),
    ...(open === true ? { open } : {}),
  };
}

export function writeMark(mark: FileMark): Mark {
  return { ...mark } as Mark;
}

function textOrNull(value: Mark | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
