import { createInterface, type Interface } from 'node:readline/promises';
import { Failure } from '../core/failure.ts';
import type { CommandContext, Parser } from './command.ts';
import { wholeNumber } from './context.ts';
import { interrupted, usage } from './exit.ts';
import { plural } from './output/progress.ts';

export interface ChangeOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly max?: string;
}

/** Declares what every command has that changes something. */
export function declareChangeOptions(parser: Parser): Parser {
  return parser
    .option('--yes', 'do it without asking')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--max <n>', 'refuse to change more than this at once (default: 100)');
}

/** A mistake in `--max` is told before anything else is done. */
export function maxChanges({ max }: ChangeOptions): number {
  return max === undefined ? 100 : wholeNumber('--max', max, { min: 0, max: Number.MAX_SAFE_INTEGER });
}

/**
 * Shall it be done? Asks on a terminal; with a `word`, that has to be typed, since a yes comes too easily.
 *
 * Throws   config `usage.max` when there are too many changes, `usage.confirm` when nobody can be asked.
 */
export async function confirm(context: CommandContext, options: ChangeOptions, changes: number, question: string, word?: string): Promise<boolean> {
  const max = maxChanges(options);
  const more = `${plural(changes, 'change')} ${changes === 1 ? 'is' : 'are'} more than \`--max\` allows (${max})`;
  if (options.dryRun) {
    const refused = changes > max ? ` Without it ${more}, and would be refused: choose fewer, or say \`--max ${changes}\`.` : '';
    context.note(`Nothing was changed: this was \`--dry-run\`.${refused}`);
    return false;
  }
  if (changes > max) throw usage('max', `${more}; nothing was changed`, `Choose fewer, or say \`--max ${changes}\`.`);
  if (options.yes) return true;
  if (!context.isInteractive)
    throw usage('confirm', 'there is no terminal to ask on; nothing was changed', 'Say `--yes` to do it, or `--dry-run` to see what would be done.');
  const asking = createInterface({ input: context.stdin, output: context.stderr });
  try {
    const answer = await ask(asking, word === undefined ? `${question} [y/N] ` : `${question} Type \`${word}\` to go on: `, context.signal);
    const isYes = word === undefined ? /^\s*y(es)?\s*$/i.test(answer) : answer.trim() === word;
    if (!isYes) context.note('Nothing was changed.');
    return isYes;
  } finally {
    asking.close();
  }
}

/** While a line is edited the terminal hands Ctrl-C to the editor, not to the process; Ctrl-D is no answer, and so no. */
async function ask(asking: Interface, question: string, signal: AbortSignal): Promise<string> {
  const stop = new AbortController();
  asking.once('SIGINT', () => stop.abort(interrupted()));
  asking.once('close', () => stop.abort());
  const either = AbortSignal.any([signal, stop.signal]);
  try {
    return await asking.question(question, { signal: either });
  } catch (error) {
    signal.throwIfAborted();
    if (!stop.signal.aborted) throw error;
    if (stop.signal.reason instanceof Failure) throw stop.signal.reason;
    return '';
  }
}
