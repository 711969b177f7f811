import type { Plan } from '../../config/plan.ts';
import type { Millis } from '../../core/types.ts';
import type { Command, CommandContext } from '../command.ts';
import { exitCodes } from '../exit.ts';
import { runningHolder } from '../holder.ts';
import { pictureOf } from '../status/picture.ts';
import { nothingYet, type Standing, standingOf } from '../status/standing.ts';
import { openBeside } from '../store.ts';

interface StatusOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
}

const everyMs: Millis = 2_000;
const wipe = '\u001b[H\u001b[2J';

/** How things stand. */
export const status: Command<StatusOptions> = {
  name: 'status',
  summary: 'how far each stream and each route has come, and what is wrong',
  description:
    'Reads the journal beside the service that writes it: how far each stream of each tenant has been read, what waits for each route, the last errors, dead letters and gaps.',
  examples: ['status', 'status --watch', 'status --json | jq ".routes[] | {route, waiting, error}"'],
  declare: (parser) => parser.option('--json', 'as one JSON object').option('--watch', 'again every two seconds, until Ctrl-C'),
  async run(context, _args, { json, watch }) {
    const plan = await context.loadPlan({ credentials: 'optional', secrets: 'unasked' });
    for (;;) {
      const standing = await look(context, plan);
      const text = json ? `${JSON.stringify(standing, null, watch ? undefined : 2)}\n` : words(context, standing);
      await context.print(watch && context.isTty && !json ? wipe + text : text);
      if (!watch) return exitCodes.done;
      await context.world.clock.sleep(everyMs, context.signal);
    }
  },
};

async function look(context: CommandContext, plan: Plan): Promise<Standing> {
  const now = context.world.clock.now();
  const store = await openBeside(context, plan);
  if (!store) return nothingYet(plan.statePath, now);
  try {
    const sinkOf = new Map(plan.routes.map(({ name, sink }) => [name, { name: sink, unconfirmed: plan.sinks.get(sink)?.kind.unconfirmed ?? false }]));
    return await standingOf(store, plan.statePath, await runningHolder(plan.statePath), sinkOf, now);
  } finally {
    await store.close();
  }
}

function words(context: CommandContext, standing: Standing): string {
  if (standing.journalBytes === null) return `Nothing has run yet: there is no journal in ${standing.state}.\nStart it with \`sophos-central run\`.\n`;
  return pictureOf(standing, { width: context.isTty ? (context.stdout.columns ?? 100) : undefined, color: context.color });
}
