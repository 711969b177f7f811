import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../../core/world.ts';
import { errnoOf } from './failure.ts';
import { gzip, prune, type Rotation, rotatedForm } from './rotation.ts';

/**
 * What becomes of rotated files, one after the other, beside the delivery: gzip, then the removal of the oldest. What a kill
 * interrupts is finished by the next start. A failure is told and harms no delivery.
 */
export class Attic {
  readonly #rotation: Rotation;
  readonly #report: (report: Report) => void;
  #work: Promise<void> = Promise.resolve();

  constructor(rotation: Rotation, report: (report: Report) => void) {
    this.#rotation = rotation;
    this.#report = report;
  }

  /** Takes a file that was put aside. */
  add(live: string, rotated: string): void {
    const { keep } = this.#rotation;
    if (this.#rotation.gzip) this.#next(rotated, () => gzip(rotated));
    if (keep !== undefined) this.#next(live, () => prune(live, keep));
  }

  /** Finishes what a kill interrupted, in the files whose paths have this shape below `folder`. */
  finish(folder: string, shape: readonly RegExp[]): void {
    this.#next(folder, () => this.#finishIn(folder, shape));
  }

  /** Resolves when all that was taken is done. */
  async close(): Promise<void> {
    await this.#work;
  }

  async #finishIn(folder: string, [segment, ...deeper]: readonly RegExp[]): Promise<void> {
    if (!segment) return;
    for (const entry of await entriesOf(folder)) {
      if (deeper.length > 0) {
        if (entry.isDirectory() && segment.test(entry.name)) await this.#finishIn(join(folder, entry.name), deeper);
        continue;
      }
      const [suffix, , , extension, form] = rotatedForm.exec(entry.name) ?? [];
      if (suffix === undefined || !entry.isFile() || form === '.gz') continue;
      if (!segment.test(entry.name.slice(0, -suffix.length) + extension)) continue;
      const rotated = join(folder, form === undefined ? entry.name : entry.name.slice(0, -form.length));
      if (form === '.gz.part') await rm(join(folder, entry.name), { force: true });
      else if (this.#rotation.gzip) await gzip(rotated);
    }
  }

  #next(path: string, job: () => Promise<void>): void {
    this.#work = this.#work.then(job).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.#report({ name: 'file.rotation-failed', path, reason });
    });
  }
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
