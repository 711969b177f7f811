import { access } from 'node:fs/promises';

/** Is there something of this name? What may not be looked at is there. */
export async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  );
}
