import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Failure } from '../../core/failure.ts';
import { missing } from './failures.ts';

const maxBytes = 64 * 1024;

/**
 * The text of a small file that holds something secret; `what` is its name in messages.
 *
 * Throws   config `secret.missing` when it cannot be read, is no regular file, is above 64 KiB or is not UTF-8.
 */
export async function readSecretFile(file: string, what: string, advice: string): Promise<string> {
  // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((cause: NodeJS.ErrnoException) => {
    throw missing(`${what} ${cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code})`}`, advice);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw missing(`${what} is no regular file`, advice);
    if (stats.size > maxBytes) throw missing(`${what} is larger than ${maxBytes} bytes`, advice);
    return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile());
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw missing(`${what} ${cause instanceof TypeError ? 'is not UTF-8 text' : 'cannot be read'}`, advice);
  } finally {
    await handle.close();
  }
}
