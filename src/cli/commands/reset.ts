import type { StreamState } from '../../core/store.ts';
import type { Millis } from '../../core/types.ts';
import { declareTenantOptions, type TenantOptions } from '../accounts.ts';
import type { Command, CommandContext } from '../command.ts';
import { type ChangeOptions, confirm, declareChangeOptions, maxChanges } from '../confirm.ts';
import { exitCodes, usage } from '../exit.ts';
import { parseRange } from '../instant.ts';
import { plural } from '../output/progress.ts';
import { grant, needBeside } from '../store.ts';

interface ResetOptions extends TenantOptions, ChangeOptions {
  readonly days?: string;
  readonly since?: string;
}

/** Forgets how far a stream has been read. */
export const reset: Command<ResetOptions> = {
  name: 'reset',
  summary: 'forget how far a stream has been read',
  description:
    'Sets a stream back, so that it is read again, from the beginning or from a given time. What the journal still knows of that time is delivered again; how many records that are at most is said before anything is done. A running service does it within a second; without one this command does it itself.',
  examples: ['reset events --since 6h --dry-run', 'reset events --tenant "Acme*" --since 2h --yes', 'reset siem-alerts --yes --max 5000'],
  declare(parser) {
    declareChangeOptions(
      declareTenantOptions(parser.argument('<stream>', 'the stream, such as events'))
        .option('--days <n>', 'read again the last n days, 1 to 90')
        .option('--since <time>', 'read again from then on (default: as if it had never been read)'),
    );
  },
  async run(context, [stream = ''], options) {
    maxChanges(options);
    const { since } = parseRange(options, context.world.clock.now());
    const plan = await context.loadPlan({ credentials: 'optional' });
    const chosen = await choose(context, stream, options);
    const counted = await countFrom(context, chosen, since);
    for (const line of announcement(stream, chosen, since, counted)) context.note(line);
    if (!(await confirm(context, options, chosen.length, 'Go on?'))) return exitCodes.done;
    const wish = { kind: 'reset', body: { streams: chosen.map(({ id }) => id), since } } as const;
    const { answer, by } = await grant(context, plan, wish);
    const again = by === 'owner' ? 'the running service reads' : 'the next `run` reads';
    context.note(
      `Done: ${again} ${plural(Number(answer.streams ?? 0), 'stream')} again; at most ${plural(Number(answer.forgotten ?? 0), 'record')} delivered before will be delivered again.`,
    );
    return exitCodes.done;
  },
};

async function choose(context: CommandContext, stream: string, options: TenantOptions): Promise<readonly StreamState[]> {
  const plan = await context.loadPlan({ credentials: 'optional' });
  const { chooseTenants } = await import('../../config/tenants.ts');
  const choice = chooseTenants({ include: options.tenant ?? ['*'], exclude: options.excludeTenant ?? [], labels: [] });
  const store = await needBeside(context, plan);
  try {
    const states = await store.directory.streams();
    const ofKind = states.filter((state) => state.stream === stream);
    if (ofKind.length === 0) {
      const known = [...new Set(states.map((state) => state.stream))];
      throw usage(
        'stream',
        `no stream \`${stream}\` has been read yet`,
        known.length === 0 ? 'Start `sophos-central run` first.' : `Choose one that has: ${known.join(', ')}.`,
      );
    }
    const chosen = ofKind.filter(({ tenant }) => choice.wants(tenant));
    if (chosen.length === 0)
      throw usage('tenant', `no tenant whose \`${stream}\` has been read fits \`--tenant\` and \`--exclude-tenant\``, 'See `sophos-central status`.');
    return chosen;
  } finally {
    await store.close();
  }
}

/** How many kept records may be delivered again at most. Without `since`, all that were read. */
async function countFrom(context: CommandContext, chosen: readonly StreamState[], since: Millis | null): Promise<number> {
  if (since === null) return chosen.reduce((sum, { read }) => sum + read, 0);
  const store = await needBeside(context, await context.loadPlan({ credentials: 'optional' }));
  try {
    const ids = new Set(chosen.map(({ id }) => id));
    // Records are counted by the hour in which they were read; none of those from `since` on can have been read before.
    const hour = since - (since % 3_600_000);
    return (await store.ledger.counts()).filter((row) => row.route === '' && ids.has(row.stream) && row.hour >= hour).reduce((sum, { read }) => sum + read, 0);
  } finally {
    await store.close();
  }
}

function announcement(stream: string, chosen: readonly StreamState[], since: Millis | null, records: number): readonly string[] {
  const names = chosen.slice(0, 10).map(({ tenant }) => `${tenant.name} (${tenant.id})`);
  const more = chosen.length > names.length ? ` and ${chosen.length - names.length} more` : '';
  const from = since === null ? 'as if it had never been read' : `from ${new Date(since).toISOString()} on`;
  return [
    `\`${stream}\` of ${plural(chosen.length, 'tenant')} will be read again ${from}: ${names.join(', ')}${more}.`,
    `At most ${plural(records, 'record')} delivered before will be delivered again.`,
  ];
}
