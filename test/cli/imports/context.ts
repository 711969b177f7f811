import { PassThrough } from 'node:stream';
import type { CommandContext, GlobalOptions } from '../../../src/cli/command.ts';
import { commands } from '../../../src/cli/commands/index.ts';
import { openContext } from '../../../src/cli/context.ts';

/** What a command is given in a folder; nothing that it says is kept. */
export function contextIn(cwd: string, globals: GlobalOptions = {}, env: Readonly<Record<string, string>> = {}): CommandContext {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  for (const stream of [stdout, stderr]) stream.resume();
  return openContext({ env, cwd, home: cwd, stdin, stdout, stderr, signal: new AbortController().signal }, { logLevel: 'silent', ...globals }, commands);
}
