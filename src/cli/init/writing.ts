/** The end of `init`: the configuration is shown, written, and what comes next is said. */
import { access, constants, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { allRegisters } from '../../config/registers.ts';
import { Failure } from '../../core/failure.ts';
import type { CommandContext } from '../command.ts';
import { textOfDraft, thereAlready, writeDraft } from '../draft.ts';
import { isThere } from '../is-there.ts';
import { shellWord } from '../output/shell-word.ts';
import { type Answers, placeholdersIn } from './answers.ts';
import { draftOf } from './draft-of.ts';
import { keepingText } from './keeping.ts';

const schemaName = 'sophos-central.schema.json';
const schemaTitle = 'sophos-central configuration';

/** The configuration as it will be written. */
export async function textOf(answers: Answers, tenantNames: ReadonlyMap<string, string>): Promise<string> {
  return textOfDraft(draftOf(answers, { registers: await allRegisters(), schema: `./${schemaName}`, tenantNames }));
}

/**
 * Looks before anything is asked whether the file could be written.
 *
 * Throws   config `usage.exists` when it is there and may not be replaced; transient `draft.unwritten` when its folder takes no file.
 */
export async function checkPlace(file: string, { replace }: { readonly replace: boolean }): Promise<void> {
  const folder = dirname(file);
  await access(folder, constants.W_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => {
    throw new Failure('transient', 'draft.unwritten', `could not write ${file}: ${error.message}`, {
      cause: error,
      advice:
        error.code === 'ENOENT'
          ? `Make the folder first: \`mkdir -p ${shellWord(folder)}\`.`
          : 'Give this user the right to write there, or name another file with `--config`.',
    });
  });
  if (!replace && (await isThere(file))) throw thereAlready(file);
}

/**
 * Writes the configuration, and the JSON Schema that its first line names beside it.
 *
 * Throws   as `writeDraft`. A schema that cannot be written is only warned of: it is for editors.
 */
export async function write(context: CommandContext, file: string, text: string, replace: { readonly replace: boolean }): Promise<void> {
  await writeDraft(file, text, replace);
  const beside = join(dirname(file), schemaName);
  try {
    if ((await isThere(beside)) && !(await isOurs(beside))) {
      context.warn(`${beside} is not ours and was left as it is; \`sophos-central config schema\` prints what editors need`);
      return;
    }
    const { configSchema } = await import('../../config/json-schema.ts');
    await writeDraft(beside, `${JSON.stringify(configSchema(await allRegisters()), null, 2)}\n`, { replace: true });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    context.warn(`${error.message}; it is only for editors`);
  }
}

async function isOurs(schema: string): Promise<boolean> {
  const text = await readFile(schema, 'utf8').catch((error: NodeJS.ErrnoException) => `unreadable: ${error.code}`);
  return text.slice(0, 1_000).includes(`"title": "${schemaTitle}"`);
}

/** What to do from here on, line by line. */
export function nextLines(context: CommandContext, file: string, answers: Answers): readonly string[] {
  const variables = placeholdersIn(answers, 'env');
  const unset = variables.filter((name) => !context.env[name]);
  const name = relative(context.cwd, file);
  const config = name === 'sophos-central.yaml' ? '' : ` --config ${shellWord(name.startsWith('..') ? file : name)}`;
  const kept = { file, program: programOf(), user: userName(), variables, credentials: placeholdersIn(answers, 'systemd') };
  const keeping = keepingText(answers.keep, kept);
  return [
    ...(unset.length === 0
      ? []
      : ['Set this first, where it runs; bash reads it hidden like this:', ...unset.map((each) => `  read -rsp '${each}: ' ${each} && export ${each}`), '']),
    'Next:',
    ...[
      ['config check', 'finds every mistake, with its line'],
      ['run --once', 'one pass: everything there is, then it ends'],
      ['run', 'the service, until Ctrl-C'],
      ['status', 'how far it has come, and what is wrong'],
    ].map(([command = '', what = '']) => `  ${`sophos-central ${command}${config}`.padEnd(30)}  ${what}`),
    '',
    ...(keeping === '' ? [] : ['To keep it running:', '', ...keeping.trimEnd().split('\n'), '']),
    'Other ways to keep it running: docs/first-steps.md',
  ];
}

/** How this program is started by those who do not know the user's shell: its name alone serves where `node` is in everybody's path. */
function programOf(): readonly string[] {
  const [node = 'node', script = ''] = process.argv;
  return basename(script) === 'sophos-central' && /^\/usr(\/local)?\/bin$/.test(dirname(node)) ? [script] : [node, script];
}

function userName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    // An account that the system has no name for, as in a container.
    if (error instanceof Error) return 'sophos-central';
    throw error;
  }
}
