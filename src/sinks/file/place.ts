/**
 * One live file, and how it stays exactly once.
 *
 *            prepare                      deliver                       settle
 *   settled --------> marked, durably --------------> longer than mark --------> settled, new mark
 *      ^                                                   |
 *      +---------------- cut back to the mark <------------+   failed deliver; or killed, then `resume`
 *
 * Before the first byte of a delivery the journal holds, for each file, its length and how long the delivery will make it. After
 * a kill, what stands between the two in the same file was written by a delivery that was never settled, and is cut. Everything
 * else is somebody else's doing (a file that is shorter or another one, bytes beyond, bytes that came while nothing was under
 * way): nothing is cut, it is reported, and writing goes on at the end.
 *
 * A file is made empty in `prepare`, so that its mark names its inode: what somebody else puts at a path that we never came to
 * write is never taken for ours. One that stays empty is removed again.
 *
 * A file is put aside in `prepare` too, when all that is in it is settled: so a rotated file holds settled lines only, whenever
 * the process dies, and nothing in it is ever undone.
 */
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { Report, World } from '../../core/world.ts';
import type { Attic } from './attic.ts';
import type { Claims } from './claims.ts';
import { type Cut, sizeOf } from './cuts.ts';
import { errnoOf } from './failure.ts';
import { makeFolder } from './folders.ts';
import { type Layout, read, type Write, writeAll } from './layout.ts';
import { type FileMark, identityOf, isSameFile } from './mark.ts';
import type { OpenFiles } from './open-files.ts';
import { isDue, putAside, type Rotation, rotatedOf } from './rotation.ts';

/** What all places of one sink share. */
export interface Surroundings {
  readonly world: World;
  readonly layout: Layout;
  readonly openFiles: OpenFiles;
  readonly claims: Claims;
  readonly rotation: Rotation;
  readonly attic: Attic;
  readonly report: (report: Report) => void;
  readonly birthIsTold: boolean;
}

const noFollow = constants.O_NOFOLLOW ?? 0;

export class Place {
  /** As the template gives it: the name of the mark. */
  readonly path: string;
  readonly file: string;
  /** When it was last written to, on the clock that never jumps. */
  usedAt: number;
  readonly #around: Surroundings;
  /** null: nothing is known, look again. */
  #mark: FileMark | null = null;
  /** What was written behind the mark and is not committed. */
  #write: Write | null = null;
  #claimed: string | null = null;

  constructor(path: string, file: string, around: Surroundings) {
    this.path = path;
    this.file = file;
    this.#around = around;
    this.usedAt = around.world.clock.monotonic();
  }

  /** Undoes what came after the mark, if it is ours. */
  async resume({ upTo, ...mark }: FileMark): Promise<void> {
    await this.#around.openFiles.close(this.file);
    this.#mark = mark;
    this.#write = null;
    const stat = await this.#stat();
    if (stat && !stat.isFile()) return;
    const most = upTo ?? mark.length;
    const size = Number(stat?.size ?? 0);
    if (!stat || !this.#isSame(mark, stat) || size < mark.length || size > most) return await this.#lost(stat);
    if (mark.fresh && mark.length === 0) return await this.#remove();
    if (upTo !== undefined) await this.#restore(mark, most);
  }

  /** Looks at the file as it is now, puts it aside if its time has come, makes it if need be. Resolves with the mark to keep. */
  async prepare(cuts: readonly Cut[]): Promise<FileMark> {
    const { rotation, world, layout } = this.#around;
    if (this.#write) await this.undo();
    const stat = await this.#stat();
    this.#refuseOdd(stat);
    if (this.#mark && !(stat && this.#isSame(this.#mark, stat) && Number(stat.size) === this.#mark.length)) await this.#lost(stat);
    if (stat) await this.#claimInode(stat);
    if (!this.#mark && stat) await this.#look(stat);
    const now = world.clock.now();
    if (this.#mark && isDue(rotation, this.#mark, sizeOf(cuts), now)) await this.#putAside(now);
    const mark = this.#mark ?? (await this.#make());
    return { ...mark, upTo: layout.lengthAfter(mark, cuts) };
  }

  /** Writes behind the mark, down to the disk. Nothing counts before `commit`. */
  async write(cuts: readonly Cut[]): Promise<void> {
    const mark = this.#mark;
    if (!mark) throw new Error(`a parcel for ${this.path} was delivered before it was prepared`);
    await this.#around.openFiles.use(
      this.file,
      () => this.#open(mark),
      async (handle) => {
        const write = this.#around.layout.write(mark, cuts);
        this.#write = write;
        await writeAll(handle, write.bytes, write.at);
        await handle.datasync();
      },
    );
  }

  /** Is its name new in its folder, and not yet safe from a power cut? */
  get isNew(): boolean {
    return this.#mark?.fresh === true;
  }

  /** What was written counts. */
  commit(): FileMark {
    const { clock } = this.#around.world;
    const write = this.#write;
    const mark = this.#mark;
    if (!write || !mark) throw new Error(`nothing was written to ${this.path}`);
    const { inode, device, born } = mark;
    this.#write = null;
    this.#mark = {
      length: write.at + write.bytes.length,
      inode,
      device,
      born,
      wroteAt: clock.now(),
      ...(write.tail === undefined ? {} : { tail: write.tail }),
    };
    this.usedAt = clock.monotonic();
    return this.#mark;
  }

  /** What was written does not count. If the cut fails, `prepare` tries it again first. */
  async undo(): Promise<void> {
    const write = this.#write;
    const mark = this.#mark;
    if (!write || !mark) return;
    await this.#restore(mark, write.at + write.bytes.length);
    this.#write = null;
  }

  /** Gives up the file: nothing empty that we made is left behind. */
  async leave(): Promise<void> {
    const { openFiles, claims } = this.#around;
    await openFiles.close(this.file);
    const mark = this.#mark;
    const stat = mark?.fresh ? await this.#stat() : null;
    if (mark && stat && this.#isSame(mark, stat) && stat.size === 0n) await this.#remove();
    this.#dropInode();
    claims.dropPath(this.file);
    this.#mark = null;
  }

  async #stat(): Promise<BigIntStats | null> {
    try {
      return await lstat(this.file, { bigint: true });
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null;
      throw error;
    }
  }

  #refuseOdd(stat: BigIntStats | null): void {
    if (!stat || stat.isFile()) return;
    if (stat.isSymbolicLink())
      throw new Failure('config', 'file.symlink', `could not write to \`${this.file}\`: it is a symbolic link`, {
        advice: 'A symbolic link is not followed: let `path` name the file itself.',
      });
    throw new Failure('config', 'file.not-regular', `could not write to \`${this.file}\`: it is not a regular file`, {
      advice: 'Let `path` name a file.',
    });
  }

  /** The file is not what its mark says: told, unless we have put it aside ourselves or nothing was in it. */
  async #lost(stat: BigIntStats | null): Promise<void> {
    const mark = this.#mark;
    await this.#around.openFiles.close(this.file);
    this.#dropInode();
    this.#mark = null;
    this.#write = null;
    if (!mark || (mark.length === 0 && !stat) || (await this.#wasPutAside(mark))) return;
    const seen = stat ? Number(stat.size) : 0;
    const change = !stat ? 'removed' : !this.#isSame(mark, stat) ? 'replaced' : seen < mark.length ? 'shortened' : 'lengthened';
    this.#around.report({ name: 'file.changed', path: this.file, change, seen, expected: mark.length });
  }

  async #wasPutAside(mark: FileMark): Promise<boolean> {
    try {
      for (const { path } of await rotatedOf(this.file)) {
        const stat = await lstat(path, { bigint: true }).catch(() => null);
        if (stat && this.#isSame(mark, stat)) return true;
      }
      return false;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return false;
    }
  }

  async #look(stat: BigIntStats): Promise<void> {
    const { layout } = this.#around;
    const handle = await open(this.file, constants.O_RDONLY | noFollow);
    try {
      const end = await layout.look(handle, Number(stat.size), this.file);
      this.#mark = { length: Number(stat.size), ...identityOf(stat, this.#around.birthIsTold), wroteAt: Number(stat.mtimeMs), ...end };
    } finally {
      await handle.close();
    }
  }

  async #make(): Promise<FileMark> {
    await makeFolder(dirname(this.file));
    const handle = await open(this.file, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | noFollow, 0o600);
    try {
      const stat = await handle.stat({ bigint: true });
      await this.#claimInode(stat);
      const mark: FileMark = { length: 0, ...identityOf(stat, this.#around.birthIsTold), wroteAt: this.#around.world.clock.now(), fresh: true };
      this.#mark = mark;
      return mark;
    } finally {
      await handle.close();
    }
  }

  async #putAside(now: number): Promise<void> {
    const { openFiles, attic } = this.#around;
    await openFiles.close(this.file);
    const rotated = await putAside(this.file, now);
    this.#dropInode();
    this.#mark = null;
    attic.add(this.file, rotated);
  }

  async #open(mark: FileMark): Promise<FileHandle> {
    const append = this.#around.layout.appends ? constants.O_APPEND : 0;
    const handle = await open(this.file, constants.O_RDWR | append | noFollow);
    try {
      const stat = await handle.stat({ bigint: true });
      if (this.#isSame(mark, stat) && Number(stat.size) === mark.length) return handle;
      throw new Failure('transient', 'file.changed', `could not continue \`${this.file}\`: something else changed it just now`, {
        advice: 'Let nothing else write to it; it is looked at again.',
      });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Cuts the file back to its mark, if it is no longer than `most`; beyond that somebody else wrote, and nothing is cut. */
  async #restore(mark: FileMark, most: number): Promise<void> {
    const handle = await open(this.file, constants.O_RDWR | noFollow);
    try {
      const stat = await handle.stat({ bigint: true });
      const size = Number(stat.size);
      if (!this.#isSame(mark, stat) || size < mark.length || size > most) return await this.#lost(stat);
      const tail = mark.tail ? Buffer.from(mark.tail) : null;
      const tailAt = mark.length - (tail?.length ?? 0);
      const isWhole = !tail || (await read(handle, tailAt, mark.length)).equals(tail);
      if (size === mark.length && isWhole) return;
      // The end of an array first: a file cut shorter than its mark would look like somebody else's doing.
      if (tail && !isWhole) await writeAll(handle, tail, tailAt);
      await handle.truncate(mark.length);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }

  /** Removes a file that we made and in which nothing is settled. */
  async #remove(): Promise<void> {
    await unlink(this.file);
    this.#dropInode();
    this.#mark = null;
  }

  /** One file under two names would be cut by each for the other. */
  async #claimInode(stat: BigIntStats): Promise<void> {
    const inode = `${stat.dev}:${stat.ino}`;
    if (this.#claimed === inode) return;
    this.#dropInode();
    const other = this.#around.claims.inode(inode, this.file);
    if (other) {
      // The number of an inode that is gone is soon given to another file.
      const held = await lstat(other.path, { bigint: true }).catch(() => null);
      if (held && `${held.dev}:${held.ino}` === inode) throw sharedFile(this.file, other.path, other.sink);
      this.#around.claims.takeInode(inode, this.file);
    }
    this.#claimed = inode;
  }

  #isSame(mark: FileMark, stat: BigIntStats): boolean {
    return isSameFile(mark, stat, this.#around.birthIsTold);
  }

  #dropInode(): void {
    if (this.#claimed !== null) this.#around.claims.dropInode(this.#claimed, this.file);
    this.#claimed = null;
  }
}

/** Two writers of one file. */
export function sharedFile(file: string, other: string, sink: string): Failure {
  const what = other === file ? 'it is written by' : `it is the same file as \`${other}\`, written by`;
  return new Failure('config', 'file.shared', `could not write to \`${file}\`: ${what} ${sink} already`, {
    advice: 'Give each route a file of its own, with a sink of its own or `{stream}` in `path`.',
  });
}
