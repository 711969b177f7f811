import type { Plan } from '../../config/plan.ts';
import type { Json, Millis } from '../../core/types.ts';
import { declareTenantOptions, type TenantOptions } from '../accounts.ts';
import type { Command, CommandContext } from '../command.ts';
import { openRestart } from '../compose.ts';
import { type ChangeOptions, confirm, declareChangeOptions, maxChanges } from '../confirm.ts';
import { exitCodes, usage } from '../exit.ts';
import { type Keeper, type KeeperOptions, keepersOf, ownJournals } from '../get/keepers.ts';
import { kindNamed } from '../get/kind.ts';
import { parseRange } from '../instant.ts';
import { plural } from '../output/progress.ts';
import { grant, needBeside } from '../store.ts';

interface ResetOptions extends TenantOptions, ChangeOptions, KeeperOptions {
  readonly days?: string;
  readonly since?: string;
}

/** Forgets how far a stream has been read. */
export const reset: Command<ResetOptions> = {
  name: 'reset',
  summary: 'forget how far a stream has been read',
  description:
    'Sets a stream back, so that it is read again, from the beginning or from a given time: for `run`, and for every output of `get --new`, or with `--output` or `--out-dir` for that output alone. What the journal still knows of that time is delivered again; how many records that are at most is said before anything is done. A running service does it within a second; without one this command does it itself.',
  examples: [
    'reset events --since 6h --dry-run',
    'reset events --tenant "Acme*" --since 2h --yes',
    'reset siem-alerts --yes --max 5000',
    'reset alerts --days 7 --output sink:splunk --yes',
  ],
  declare(parser) {
    declareChangeOptions(
      declareTenantOptions(parser.argument('<stream>', 'the stream, such as events'))
        .option('--days <n>', 'read again the last n days, 1 to 90')
        .option('--since <time>', 'read again from then on (default: as if it had never been read)')
        .option('--output <form>', 'only what `get --new` remembers of this output, such as sink:NAME')
        .option('--out-dir <folder>', 'only what `get --new` remembers of this folder'),
    );
  },
  async run(context, [name = ''], options) {
    maxChanges(options);
    const range = parseRange(options, context.world.clock.now());
    const kind = await kindNamed(name);
    // What has no past is read as it is now.
    const since = kind.pastMs === null ? null : range.since;
    const plan = await context.loadPlan({ credentials: 'optional' });
    const chosen = await choose(context, plan, kind.name, options);
    for (const line of announcement(kind.name, chosen, since)) context.note(line);
    const changes = chosen.reduce((sum, { streams }) => sum + streams.length, 0);
    if (!(await confirm(context, options, changes, 'Go on?'))) return exitCodes.done;
    await setBack(context, plan, chosen, since);
    return exitCodes.done;
  },
};

/** Those who keep the stream, each with the streams of chosen tenants. */
async function choose(context: CommandContext, plan: Plan, stream: string, options: ResetOptions): Promise<readonly Keeper[]> {
  const { chooseTenants } = await import('../../config/tenants.ts');
  const choice = chooseTenants({ include: options.tenant ?? ['*'], exclude: options.excludeTenant ?? [], labels: [] });
  const keepers = await keepersOf(context, plan, stream, options);
  // Says that nothing has run yet.
  if (keepers.length === 0) await (await needBeside(context, plan)).close();
  if (keepers.every(({ streams }) => streams.length === 0)) {
    const known = [...new Set(keepers.flatMap(({ kinds }) => kinds))];
    throw usage(
      'stream',
      `no stream \`${stream}\` has been read yet`,
      known.length === 0 ? 'Start `sophos-central run` first.' : `Choose one that has: ${known.join(', ')}.`,
    );
  }
  const chosen = keepers.map((keeper) => ({ ...keeper, streams: keeper.streams.filter(({ tenant }) => choice.wants(tenant)) }));
  const some = chosen.filter(({ streams }) => streams.length > 0);
  if (some.length === 0)
    throw usage('tenant', `no tenant whose \`${stream}\` has been read fits \`--tenant\` and \`--exclude-tenant\``, 'See `sophos-central status`.');
  return some;
}

function announcement(stream: string, chosen: readonly Keeper[], since: Millis | null): readonly string[] {
  const from = since === null ? 'as if it had never been read' : `from ${new Date(since).toISOString()} on`;
  const atMost = chosen.reduce((sum, keeper) => sum + countOf(keeper, since), 0);
  return [
    ...chosen.map(({ command, isService, streams }) => {
      const names = streams.slice(0, 10).map(({ tenant }) => `${tenant.name} (${tenant.id})`);
      const more = streams.length > names.length ? ` and ${streams.length - names.length} more` : '';
      return `\`${stream}\` of ${plural(streams.length, 'tenant')} will be read again${isService ? '' : ` by \`${command}\``} ${from}: ${names.join(', ')}${more}.`;
    }),
    `At most ${plural(atMost, 'record')} delivered before will be delivered again.`,
  ];
}

function countOf({ streams, count }: Keeper, since: Millis | null): number {
  return count(new Set(streams.map(({ id }) => id)), since);
}

/** The journals of outputs are taken first: when somebody reads there now, nothing is set back. */
async function setBack(context: CommandContext, plan: Plan, chosen: readonly Keeper[], since: Millis | null): Promise<void> {
  const owned = await ownJournals(
    context,
    chosen.filter(({ isService }) => !isService),
  );
  try {
    for (const { streams } of chosen.filter(({ isService }) => isService)) {
      const wish = { kind: 'reset', body: { streams: streams.map(({ id }) => id), since } } as const;
      const { answer, by } = await grant(context, plan, wish);
      say(context, by === 'owner' ? 'the running service reads' : 'the next `run` reads', answer);
    }
    const restart = await openRestart();
    for (const { keeper, store } of owned) {
      const { grantWish } = await import('../../engine/engine.ts');
      const body = { streams: keeper.streams.map(({ id }) => id), since };
      const answer = await grantWish({ kind: 'reset', body }, store, restart, context.world.clock.now());
      // An output's journal holds no records that the output has: only the counts know how many there were.
      say(context, `the next \`${keeper.command}\` reads`, { ...(answer as object), forgotten: countOf(keeper, since) });
    }
  } finally {
    for (const { store } of owned) await store.close();
  }
}

function say(context: CommandContext, again: string, answer: Json): void {
  const { streams, forgotten } = answer as { readonly streams?: Json; readonly forgotten?: Json };
  context.note(
    `Done: ${again} ${plural(Number(streams ?? 0), 'stream')} again; at most ${plural(Number(forgotten ?? 0), 'record')} delivered before will be delivered again.`,
  );
}
