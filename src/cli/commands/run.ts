import { CentralError, Failure } from '../../core/failure.ts';
import type { Outcome } from '../../engine/engine.ts';
import type { Unserved } from '../../engine/supervisor.ts';
import type { Command, CommandContext } from '../command.ts';
import { wholeNumber } from '../context.ts';
import { type ExitCode, exitCodeOf, exitCodes, untilStopped, usage } from '../exit.ts';
import { parseDuration } from '../instant.ts';
import { figure, plural } from '../output/progress.ts';
import { serve } from '../serve.ts';

interface RunOptions {
  readonly once?: boolean;
  readonly giveUp: string;
  readonly concurrency: string;
}

/** `--give-up` never means fewer tries than these. */
const leastTries = 10;

export const run: Command<RunOptions> = {
  name: 'run',
  summary: 'the service: every stream of every tenant to every route, until stopped',
  description:
    'Reads every configured stream of every tenant and delivers to every route, until stopped. SIGTERM and the first Ctrl-C finish what is in flight; the rest waits in the journal. A second Ctrl-C ends at once and loses nothing either.',
  examples: ['run', 'run --once', 'run --once --give-up 5m --config /etc/sophos-central/sophos-central.yaml'],
  declare(parser) {
    parser
      .option('--once', 'one pass, for cron: read until caught up, deliver all that waits, then exit 0, or 4 if a tenant or a sink could not be served')
      .option('--give-up <duration>', 'with --once: give up on a tenant or a sink after so long without progress, never before 10 tries', '2m')
      .option('--concurrency <n>', 'streams read at once', '8');
  },
  run: (context, _args, options) => untilStopped(context.signal, () => runPlan(context, options)),
};

async function runPlan(context: CommandContext, options: RunOptions): Promise<ExitCode> {
  const patience = options.once ? { ms: parseDuration('--give-up', options.giveUp), tries: leastTries } : null;
  const concurrency = wholeNumber('--concurrency', options.concurrency, { min: 1, max: 256 });
  const plan = await context.loadPlan();
  for (const warning of plan.warnings) context.warn(warning);
  if (plan.routes.length === 0)
    throw usage(
      'no-routes',
      plan.file === null ? 'there is no configuration file, so nothing would be delivered' : `${plan.file} names no route, so nothing would be delivered`,
      plan.file === null
        ? 'Write a `sophos-central.yaml` with `sinks` and `routes`, or name one with `--config`. `get` needs none.'
        : 'Add `routes:`, for example `- { from: "*", to: archive }`.',
    );
  const outcome = await serve(plan, context.world, { command: 'run', patience, concurrency, progress: context.progress() }, context.signal);
  sayCounts(context, outcome);
  return options.once && !context.signal.aborted ? closingWords(context, outcome, plan.accounts.length) : exitCodes.done;
}

function sayCounts(context: CommandContext, { accepted, delivered, refused }: Outcome): void {
  const andRefused = refused > 0 ? `, ${figure(refused)} refused (see \`sophos-central dead-letter list\`)` : '';
  context.note(`${plural(accepted, 'record')} read, ${figure(delivered)} delivered${andRefused}.`);
}

/** Says what one pass could not do, and makes an exit code of it. */
function closingWords(context: CommandContext, outcome: Outcome, accounts: number): ExitCode {
  // A tenant has several streams, and is named once.
  const byName = new Map(outcome.unserved.map((each) => [`${each.kind} ${each.name}`, each]));
  const unserved = [...byName.values()].filter(({ failure }) => !(failure instanceof Failure && failure.code === 'stdout.closed'));
  for (const each of unserved) context.warn(wordsOf(each));
  if (unserved.some(({ kind }) => kind === 'route')) context.note('What waits stays in the journal: the next run delivers it.');
  if (unserved.length === 0) return exitCodes.done;
  const accountsUnserved = unserved.filter(({ kind }) => kind === 'account');
  if (accountsUnserved.length === accounts) return exitCodeOf(accountsUnserved[0]?.failure);
  return exitCodes.partly;
}

function wordsOf({ kind, name, reason, failure }: Unserved): string {
  const words = [`${kind} ${name} could not be served: ${reason}`];
  if (failure instanceof Failure && failure.advice !== undefined) words.push(failure.advice);
  if (failure instanceof CentralError && failure.correlationId !== undefined && !reason.includes(failure.correlationId))
    words.push(`correlation id: ${failure.correlationId}`);
  return words.map((each, i) => (i === words.length - 1 ? each : each.replace(/(?<![.!?])$/, '.'))).join(' ');
}
