/** Where a secret comes from that is to be stored: typed unseen on a terminal, or read from a pipe. Never from an argument. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Failure } from '../core/failure.ts';
import { secret } from '../core/secret.ts';
import type { Secret } from '../core/world.ts';
import type { CommandContext } from './command.ts';
import { interrupted, usage } from './exit.ts';
import { readStdin } from './stdin.ts';

/** As long as a `${file:PATH}` may be. */
export const maxSecretBytes = 64 * 1024;

/**
 * One secret from standard input.
 *
 * Throws   config `usage.secret` when it is empty, too long or no UTF-8, or when it would be seen while it is typed;
 *          stale `cli.interrupted` on Ctrl-C; the signal's reason on abort.
 */
export async function readSecret(context: CommandContext, question: string): Promise<Secret> {
  if (context.stdin.isTTY === true && !context.isInteractive)
    throw usage(
      'secret',
      'there is no terminal to ask on: standard error is not one',
      'Leave standard error on the terminal, or give the secret through a pipe.',
    );
  const value = context.isInteractive ? await typed(context, question) : await piped(context);
  if (value === '') throw usage('secret', 'the secret is empty; nothing was stored', 'Give one character at least.');
  if (Buffer.byteLength(value) > maxSecretBytes) throw tooLong();
  return secret(value);
}

/** The line editor takes care of Backspace and the like; what it would show goes nowhere. */
async function typed({ stdin, stderr, signal }: CommandContext, question: string): Promise<string> {
  signal.throwIfAborted();
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const editor = createInterface({ input: stdin, output: nowhere, terminal: true, historySize: 0 });
  stderr.write(question);
  try {
    return await new Promise<string>((resolve, reject) => {
      const stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      editor.once('line', resolve);
      editor.once('SIGINT', () => reject(interrupted()));
      // Ctrl-D, or the terminal has gone. After a line nothing of this counts any more.
      editor.once('close', () => {
        signal.removeEventListener('abort', stop);
        reject(interrupted());
      });
    });
  } finally {
    editor.close();
    // Enter was not shown either.
    stderr.write('\n');
  }
}

async function piped(context: CommandContext): Promise<string> {
  const text = await readStdin(context, {
    // A line break at the end does not count.
    maxBytes: maxSecretBytes + 2,
    tooLong,
    notUtf8: () => usage('secret', 'the secret on standard input is not UTF-8 text; nothing was stored', 'Give it as text.'),
  });
  return text.replace(/\r?\n$/, '');
}

function tooLong(): Failure {
  return usage(
    'secret',
    `the secret is longer than ${maxSecretBytes} bytes; nothing was stored`,
    'Check what was given; a file is read in place with `${file:PATH}`.',
  );
}
