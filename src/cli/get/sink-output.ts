/**
 * Records through a sink, and when it has them.
 *
 * What a sink refuses for good is told, and not sent again; but only once it has taken something: a sink that refuses all is set up wrongly,
 * and its records are not to blame. So until then nothing that was refused counts as had.
 */
import type { Plan } from '../../config/plan.ts';
import { Failure } from '../../core/failure.ts';
import type { CommandContext } from '../command.ts';
import { usage } from '../exit.ts';
import { deliver, keepsMarks, openSinkNamed, type Settled } from '../output/to-sink.ts';
import { visible } from '../output/visible.ts';
import type { GetOutput, Took } from './output.ts';

/** So many records, refused for one reason before any was taken, are enough to blame the configuration. */
const enough = 10;

/** Throws config `usage.sink` when there is none of that name, or one that only `run` may write to. */
export async function openSinkOutput(context: CommandContext, plan: Plan, name: string): Promise<GetOutput> {
  const { world, signal } = context;
  const open = await openSinkNamed(plan, name, world);
  if (keepsMarks(open.sink)) {
    await open.sink.close();
    throw usage('sink', `the sink \`${name}\` writes files whose ends only \`run\` knows`, 'Use `--out-dir`, or let `run` deliver there.');
  }
  await open.sink.resume(new Map(), signal);
  const verdict = openVerdict();
  let turn: Promise<void> = Promise.resolve();
  let refused = 0;
  return {
    identity: `sink:${name}`,
    get refused() {
      return refused;
    },
    begin: async (origin, took) => {
      async function settled({ upTo, taken, refused: without }: Settled): Promise<void> {
        for (const { record, reason } of without) {
          refused++;
          context.warn(`the sink ${name} refused record ${visible(record.key)} of tenant ${origin.tenant.name}: ${reason}`);
          verdict.refused(name, reason);
        }
        if (taken > 0) await verdict.taken();
        await verdict.had(took, upTo);
      }
      return {
        write(records, upTo) {
          turn = turn.then(async () => {
            await deliver(open, records, origin, world, signal, settled);
            await verdict.had(took, upTo);
          });
          return turn;
        },
        end: async () => undefined,
        drop: async () => undefined,
      };
    },
    end: async () => undefined,
    close: () => open.sink.close(),
  };
}

/** Is it the records, or the sink? */
interface Verdict {
  refused(name: string, reason: string): void;
  taken(): Promise<void>;
  /** All up to there was sent: it is had, or waits for the verdict. */
  had(took: Took, upTo: number): Promise<void>;
}

function openVerdict(): Verdict {
  let hasTaken = false;
  let count = 0;
  const reasons = new Set<string>();
  const waiting = new Map<Took, number>();
  return {
    refused(name, reason) {
      if (hasTaken) return;
      count++;
      reasons.add(reason);
      if (count < enough || reasons.size > 1) return;
      throw new Failure('config', 'delivery.all-refused', `the sink ${name} refused ${count} records, and took none, for one same reason: ${reason}`, {
        advice: 'Mend the sink, or its settings. Its records will be sent then.',
      });
    },
    async taken() {
      hasTaken = true;
      for (const [took, upTo] of waiting) await took(upTo);
      waiting.clear();
    },
    async had(took, upTo) {
      if (hasTaken || count === 0) await took(upTo);
      else waiting.set(took, upTo);
    },
  };
}
