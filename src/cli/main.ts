/**
 * The command line: from arguments to an exit code.
 *
 * The overview (`--help`) loads commander and the table of commands, nothing else; a command's module is loaded when it is run or
 * its help is asked for.
 */
import { CommanderError, Command as Parser } from 'commander';
import { Failure } from '../core/failure.ts';
import type { CommandEntry, GlobalOptions } from './command.ts';
import { commands } from './commands/index.ts';
import { type ExitCode, exitCodeOf, exitCodes } from './exit.ts';
import { overview, overviewExamples, parserOf, type Run, stub, withGlobals } from './parser.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Runs one command line.
 *
 * Shape    `argv` without node and the script.
 * Throws   never: whatever happens is said on standard error and becomes the exit code.
 */
export async function main(argv: readonly string[], around: Surroundings, table: readonly CommandEntry[] = commands): Promise<ExitCode> {
  const outcome: { code: ExitCode } = { code: exitCodes.done };
  const program = overview(around);
  const closed = new AbortController();
  // Stays for the life of the stream: a pipe's end may be told after all is done.
  around.stdout.on('error', (error) => closed.abort(stdoutFailure(error)));
  let trouble: ExitCode | undefined;
  const within = { ...around, signal: AbortSignal.any([around.signal, closed.signal]) };
  try {
    const asked = commandAskedFor(argv);
    for (const entry of table) {
      if (entry.name !== asked) program.addCommand(stub(entry, around));
      else {
        trouble = entry.troubleCode;
        const command = await entry.load();
        program.addCommand(parserOf(command, around, (run) => start(program, run, within, table, outcome, trouble)));
      }
    }
    program.addHelpText('after', overviewExamples(table));
    if (argv.length === 0) {
      around.stderr.write(program.helpInformation());
      around.stderr.write(overviewExamples(table));
      return exitCodes.usage;
    }
    // commander answers `help nosuch` with the overview.
    if (argv[0] === 'help' && asked !== undefined && !table.some(({ name }) => name === asked)) {
      const { suggest } = await import('../config/suggest.ts');
      const meant = suggest(
        asked,
        table.map(({ name }) => name),
      );
      program.error(`error: unknown command '${asked}'${meant === undefined ? '' : `\n(Did you mean ${meant}?)`}`);
    }
    // Its `help` knows one word: `help dead-letter list` is asked for as `dead-letter list --help`.
    const [first, ...rest] = argv;
    await program.parseAsync(first === 'help' && rest.length > 0 ? [...rest, '--help'] : [...argv], { from: 'user' });
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.code === 'commander.helpDisplayed' || error.code === 'commander.version' ? exitCodes.done : (trouble ?? helpOrUsage(error));
    // Only our own mistakes come here: what a command throws was dealt with in `start`.
    const { openContext } = await import('./context.ts');
    const context = openContext(around, {}, table);
    context.log.failure(error);
    await context.close();
    return trouble ?? exitCodeOf(error);
  }
}

async function start(
  program: Parser,
  run: Run,
  around: Surroundings,
  table: readonly CommandEntry[],
  outcome: { code: ExitCode },
  trouble: ExitCode | undefined,
): Promise<void> {
  const { openContext } = await import('./context.ts');
  const context = openContext(around, program.opts<GlobalOptions>(), table);
  try {
    outcome.code = await run(context);
  } catch (error) {
    // What an abort breaks off on its way is not the cause: the abort is.
    const cause = context.signal.aborted ? context.signal.reason : error;
    outcome.code = context.signal.aborted ? exitCodeOf(cause) : (trouble ?? exitCodeOf(cause));
    if (outcome.code === exitCodes.interrupted) context.note('interrupted');
    else if (outcome.code !== exitCodes.done) context.log.failure(cause);
  } finally {
    await context.close();
  }
}

/** What is thrown when standard output can take no more; code `stdout.closed` when its reader has gone, which is nobody's fault. */
function stdoutFailure(cause: Error): Failure {
  const code = 'code' in cause ? cause.code : undefined;
  if (code === 'EPIPE' || code === 'EOF' || code === 'ECONNRESET' || code === 'ERR_STREAM_DESTROYED')
    return new Failure('config', 'stdout.closed', 'the reader of standard output has gone', { cause, advice: 'Look why it ended, unless it had enough.' });
  return new Failure('transient', 'stdout.failed', `could not write to standard output: ${cause.message}`, {
    cause,
    advice: 'Look at what standard output leads to: its disk or its terminal.',
  });
}

function helpOrUsage(error: CommanderError): ExitCode {
  // `help get` ends like this with exit code 0, a group without its command with 1.
  return error.code === 'commander.help' && error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
}

/** The first word that is neither an option nor the value of a global one; `help get` asks for `get`. */
function commandAskedFor(argv: readonly string[]): string | undefined {
  const scout = withGlobals(new Parser())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  try {
    const { operands } = scout.parseOptions([...argv]);
    return operands[0] === 'help' ? operands[1] : operands[0];
  } catch (error) {
    // The same mistake is told properly by the real parser.
    if (error instanceof CommanderError) return undefined;
    throw error;
  }
}
