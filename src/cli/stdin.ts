/** Standard input, read to its end. */
import { Failure } from '../core/failure.ts';
import type { CommandContext } from './command.ts';

/** What is asked of the text, and what is thrown when it is not so. */
export interface InputRules {
  readonly maxBytes: number;
  tooLong(): Failure;
  notUtf8(): Failure;
}

/**
 * All of it, as text. Without rules it may be of any length, and what is no UTF-8 becomes U+FFFD.
 *
 * Throws   what the rules say; transient `stdin.failed` when reading breaks off; the signal's reason on abort.
 */
export async function readStdin({ stdin, signal }: CommandContext, rules?: InputRules): Promise<string> {
  const stop = () => void stdin.destroy();
  signal.addEventListener('abort', stop, { once: true });
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stdin as AsyncIterable<Buffer | string>) {
      const part = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      parts.push(part);
      size += part.length;
      if (rules && size > rules.maxBytes) throw rules.tooLong();
    }
    signal.throwIfAborted();
    return new TextDecoder('utf-8', { fatal: rules !== undefined }).decode(Buffer.concat(parts));
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof Failure) throw cause;
    if (cause instanceof TypeError && rules) throw rules.notUtf8();
    throw new Failure('transient', 'stdin.failed', `could not read standard input: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      advice: 'Look at what standard input comes from.',
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
