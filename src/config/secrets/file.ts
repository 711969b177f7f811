import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../core/failure.ts';
import { secret } from '../../core/secret.ts';
import type { SecretProvider } from '../../core/world.ts';

const maxBytes = 64 * 1024;

/**
 * `${file:PATH}`: the content of a file without its last line break. Relative paths start at `folder`.
 *
 * Throws   config `secret.missing` when it cannot be read, is no file, is empty, is above 64 KiB or is not UTF-8.
 */
export function fileSecrets(folder: string): SecretProvider {
  return {
    scheme: 'file',
    async resolve(name, signal) {
      signal.throwIfAborted();
      const content = await readSecret(path.resolve(folder, name), name);
      const value = content.replace(/\r?\n$/, '');
      if (value === '') throw missing(name, 'is empty');
      return secret(value);
    },
  };
}

async function readSecret(file: string, name: string): Promise<string> {
  // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((cause: NodeJS.ErrnoException) => {
    throw missing(name, cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code})`, cause);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw missing(name, 'is no regular file');
    if (stats.size > maxBytes) throw missing(name, `is larger than ${maxBytes} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile());
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw missing(name, cause instanceof TypeError ? 'is not UTF-8 text' : 'cannot be read', cause);
  } finally {
    await handle.close();
  }
}

function missing(name: string, finding: string, cause?: unknown): Failure {
  return new Failure('config', 'secret.missing', `the file \`${name}\` ${finding}`, {
    ...(cause === undefined ? {} : { cause }),
    advice: 'relative paths start at the folder of the configuration file',
  });
}
