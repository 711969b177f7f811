/** A draft read as a configuration, from memory: before a line of it is written, and where none is. */
import { resolve } from 'node:path';
import type { Overrides } from '../../config/load.ts';
import { withoutPasswords } from '../../config/mask.ts';
import type { Plan } from '../../config/plan.ts';
import { ConfigProblems } from '../../config/problems.ts';
import { Failure } from '../../core/failure.ts';
import type { CommandContext } from '../command.ts';
import { textOfDraft } from '../draft.ts';
import type { Readable } from './placeholders.ts';

/**
 * The checked configuration of a draft.
 *
 * Shape    `file` is where it will lie, absolute: its relative paths start there.
 * Throws   config `import.unacceptable` with every mistake: a value of the other tool that is not taken here.
 */
export async function planOfDraft(context: CommandContext, file: string, { draft, env }: Readable): Promise<Plan> {
  const { loadConfig } = await import('../../config/load.ts');
  const text = textOfDraft(draft);
  try {
    return await loadConfig(
      { file, text, cwd: context.cwd, env, overrides: overridesOf(context), credentials: 'optional', world: context.world, conceal: context.log.conceal },
      context.signal,
    );
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    throw unacceptable(error, text);
  }
}

/** Where the state of a draft lies, absolute: at `--state`, otherwise where it usually does. */
export function statePathOf({ globals, cwd }: CommandContext, usual: string): string {
  return globals.state === undefined ? usual : resolve(cwd, globals.state);
}

function overridesOf({ globals: { state } }: CommandContext): Overrides {
  return state === undefined ? {} : { state };
}

/** The file that the lines are of does not exist: the lines themselves are shown. */
function unacceptable(problems: ConfigProblems, text: string): Failure {
  const lines = text.split('\n');
  const told = problems.problems.map(({ path, line, message, suggestion }) => {
    // A password in an address of theirs is none of the secrets that were found.
    const shown = line === null ? '' : `\n    ${withoutPasswords((lines[line - 1] ?? '').trim())}`;
    return `  ${path === '' ? 'the configuration' : path}: ${message}${suggestion === null ? '' : ` (${suggestion})`}${shown}`;
  });
  return new Failure('config', 'import.unacceptable', `the configuration that would do the same is not valid here; nothing was written\n${told.join('\n')}`, {
    cause: problems,
    advice: 'Correct the value in the folder that is imported and import again; or save what `--dry-run` prints, and correct that.',
  });
}
