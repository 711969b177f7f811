import { resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { Command, CommandContext } from '../command.ts';
import { type ExitCode, exitCodes, usage } from '../exit.ts';
import { type Answers, allTenants, fromEnv, type Typed, usualKeep, usualSink } from '../init/answers.ts';
import { type InputRules, readStdin } from '../stdin.ts';

interface InitOptions {
  readonly fromEnv?: boolean;
  readonly answers?: string;
  /** `false` after `--no-check`. */
  readonly check: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

/** A configuration from nothing. */
export const init: Command<InitOptions> = {
  name: 'init',
  summary: 'a guided start: asks, checks the credential, and writes the configuration',
  description:
    'Asks for the credential, checks it with Sophos Central, shows the account and its tenants, asks for streams, destinations and formats, sends each destination a marked test record, and writes a commented configuration. Every question has an answer for Enter alone, and nothing is written before the last one. Secrets are never written: the configuration says where they are. With `--from-env` or `--answers` nothing is asked.',
  examples: ['init', 'init --config /etc/sophos-central/sophos-central.yaml', 'init --from-env', 'init --answers answers.yaml --dry-run'],
  declare(parser) {
    parser
      .option('--from-env', 'ask nothing: the credential in SOPHOS_CLIENT_ID and SOPHOS_CLIENT_SECRET, files below out/')
      .option('--answers <file>', 'ask nothing: the answers stand in this file, YAML or JSON (`-`: standard input)')
      .option('--no-check', 'call nobody: neither Sophos Central nor the destinations')
      .option('--dry-run', 'print the configuration, and write nothing')
      .option('--force', 'write over a configuration that is there already');
  },
  async run(context, _args, options) {
    const file = resolve(context.cwd, context.globals.config ?? 'sophos-central.yaml');
    if (options.fromEnv && options.answers !== undefined)
      throw usage('answers', '`--from-env` and `--answers` exclude each other', 'Name the variables in the file of answers, as `${env:NAME}`.');
    if (options.fromEnv) return await unasked(context, file, await fromVariables(context), options);
    if (options.answers !== undefined) return await unasked(context, file, await fromFile(context, file, options.answers, options), options);
    if (!context.isInteractive)
      throw usage('no-terminal', 'there is no terminal to ask on', 'Say `--from-env`, or write the answers into a file and name it with `--answers FILE`.');
    return await asked(context, file, options);
  },
};

/** The credential of the environment, and the answers for Enter alone. */
async function fromVariables({ env }: CommandContext): Promise<Answers> {
  const unset = ['SOPHOS_CLIENT_ID', 'SOPHOS_CLIENT_SECRET'].filter((name) => !env[name]);
  if (unset.length > 0)
    throw usage('no-credential', `${unset.join(' and ')} ${unset.length === 1 ? 'is' : 'are'} not set`, 'Set both before `init --from-env`.');
  const [{ defaultStreams }, { hostsOf }] = await Promise.all([import('../../config/kinds.ts'), import('../init/ask-credential.ts')]);
  const central = { clientId: fromEnv('SOPHOS_CLIENT_ID'), clientSecret: fromEnv('SOPHOS_CLIENT_SECRET'), ...hostsOf(env) };
  return { central, tenants: allTenants, streams: defaultStreams, sinks: [usualSink], keep: usualKeep };
}

async function fromFile(context: CommandContext, file: string, name: string, { check }: InitOptions): Promise<Answers> {
  const [{ readAnswers }, { hostsOf }, { readFound }] = await Promise.all([
    import('../init/answers-file.ts'),
    import('../init/ask-credential.ts'),
    import('../../config/find.ts'),
  ]);
  const path = resolve(context.cwd, name);
  const text =
    name === '-'
      ? await readStdin(context, answersRules)
      : await readFound(path).then(
          ({ text: found }) => found,
          (error: unknown) => {
            throw usage(
              'answers',
              `the file of answers ${name} ${error instanceof Error ? error.message : String(error)}`,
              'Check `--answers`, and whether this user may read it.',
            );
          },
        );
  const answers = await readAnswers({ text, name: name === '-' ? 'the answers' : path }, { context, file, lookUp: check });
  const { central } = answers;
  return { ...answers, central: { ...central, ...hostsOf(context.env), ...central } };
}

const answersRules: InputRules = {
  maxBytes: 1_000_000,
  tooLong: () => usage('answers', 'the answers on standard input are larger than 1 MB', 'Give only the answers.'),
  notUtf8: () => usage('answers', 'the answers on standard input are not UTF-8 text', 'Write them as UTF-8.'),
};

/** Without questions: what fails ends it, and nothing is written. */
async function unasked(context: CommandContext, file: string, answers: Answers, options: InitOptions): Promise<ExitCode> {
  const { checkPlace, textOf } = await import('../init/writing.ts');
  if (!options.dryRun) await checkPlace(file, { replace: options.force === true });
  if (options.check) await tryOut(context, file, answers);
  const text = await textOf(answers, new Map());
  return await finish(context, { file, answers, text, typed: new Map(), replace: options.force === true }, options);
}

async function tryOut(context: CommandContext, file: string, answers: Answers): Promise<void> {
  const [{ planOf, seeAccount, seeSink }, { accountLines }, { seenLines }] = await Promise.all([
    import('../init/check.ts'),
    import('../init/account-text.ts'),
    import('../init/ask-sinks.ts'),
  ]);
  const plan = await planOf(answers, { context, file, typed: new Map() });
  for (const line of accountLines(await seeAccount(plan, context))) context.note(line);
  for (const { name } of answers.sinks) {
    const seen = await seeSink(plan, name, context);
    if (seen.sent.outcome === 'refused')
      throw new Failure('rejected', 'init.refused', `the sink ${name} refused the test record: ${seen.sent.reason}`, {
        advice: 'Correct its answers; `--no-check` writes the configuration without asking anybody.',
      });
    for (const line of seenLines(name, seen)) context.note(line);
  }
}

async function asked(context: CommandContext, file: string, options: InitOptions): Promise<ExitCode> {
  const [{ askAll }, { openPrompts }] = await Promise.all([import('../init/ask.ts'), import('../init/prompts.ts')]);
  const prompts = await openPrompts(context);
  const all = await askAll(context, prompts, { file, force: options.force === true, live: options.check, dryRun: options.dryRun === true }).finally(() =>
    prompts.close(),
  );
  if (!all.isWanted) {
    context.note('Nothing was written.');
    return exitCodes.done;
  }
  return await finish(context, all, options);
}

interface Finished {
  readonly file: string;
  readonly answers: Answers;
  readonly text: string;
  readonly typed: Typed;
  readonly replace: boolean;
}

async function finish(context: CommandContext, { file, answers, text, typed, replace }: Finished, { dryRun }: InitOptions): Promise<ExitCode> {
  if (dryRun) {
    await context.print(text);
    context.note('Nothing was written: this was `--dry-run`.');
    return exitCodes.done;
  }
  const { nextLines, write } = await import('../init/writing.ts');
  if (typed.size > 0) {
    const { fillKeyring } = await import('../init/secret-placing.ts');
    await fillKeyring(context, typed);
  }
  await write(context, file, text, { replace });
  context.note(`Written: ${file}, and beside it the JSON Schema for editors.`);
  for (const line of nextLines(context, file, answers)) context.note(line);
  return exitCodes.done;
}
