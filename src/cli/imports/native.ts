/** One of our own commands, called from within another one: the same parser, the same command, in the same process. */
import { CommanderError } from 'commander';
import type { CommandContext } from '../command.ts';
import { type ExitCode, exitCodes } from '../exit.ts';
import { parserOf, withGlobals } from '../parser.ts';

/**
 * Runs a command line in a context that may have been changed.
 *
 * Shape    `words` without `sophos-central`, such as `['run', '--once']`.
 * Throws   as the command itself; Error for a line that the parser does not take, which is a bug of whoever made it.
 */
export async function runNative(context: CommandContext, words: readonly string[]): Promise<ExitCode> {
  const [name = '', ...rest] = words;
  const entry = context.commands.find((each) => each.name === name);
  if (!entry) throw new Error(`there is no command ${name}`);
  const outcome: { code: ExitCode } = { code: exitCodes.done };
  const { stdout, stderr } = context;
  const parser = parserOf(await entry.load(), { stdout, stderr }, async (run) => {
    outcome.code = await run(context);
  });
  try {
    await withGlobals(parser).parseAsync([...rest], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) throw new Error(`the command line \`${words.join(' ')}\` is not taken: ${error.message}`);
    throw error;
  }
  return outcome.code;
}
