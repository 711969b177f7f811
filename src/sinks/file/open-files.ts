import type { FileHandle } from 'node:fs/promises';

interface OpenFile {
  readonly handle: FileHandle;
  users: number;
}

/** Handles that stay open between deliveries, at most so many: those used longest ago are closed first. */
export class OpenFiles {
  readonly #files = new Map<string, OpenFile>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Does `work` with the file's handle, opened if need be. One caller per file at a time. */
  async use<T>(path: string, open: () => Promise<FileHandle>, work: (handle: FileHandle) => Promise<T>): Promise<T> {
    const file = this.#files.get(path) ?? { handle: await open(), users: 0 };
    this.#files.delete(path);
    this.#files.set(path, file);
    file.users++;
    try {
      return await work(file.handle);
    } finally {
      file.users--;
      await this.#closeOldest();
    }
  }

  async close(path: string): Promise<void> {
    const file = this.#files.get(path);
    this.#files.delete(path);
    await file?.handle.close();
  }

  async closeAll(): Promise<void> {
    for (const path of [...this.#files.keys()]) await this.close(path);
  }

  async #closeOldest(): Promise<void> {
    for (const [path, { users }] of this.#files) {
      if (this.#files.size <= this.#most) return;
      if (users === 0) await this.close(path);
    }
  }
}
