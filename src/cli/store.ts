/** How commands come to the journal: beside the one that writes it, or by asking it. */
import type { Plan } from '../config/plan.ts';
import { Failure } from '../core/failure.ts';
import type { Store, Wish } from '../core/store.ts';
import type { Json, Millis } from '../core/types.ts';
import type { CommandContext } from './command.ts';
import { openRestart } from './compose.ts';

/** The journal for reading; `null` when nothing has run yet. */
export async function openBeside(context: CommandContext, { statePath }: Pick<Plan, 'statePath'>): Promise<Store | null> {
  const { openStore } = await import('../journal/index.ts');
  const { clock, report } = context.world;
  try {
    return await openStore(statePath, { mode: 'beside', clock, report });
  } catch (error) {
    if (error instanceof Failure && error.code === 'journal.none') return null;
    throw error;
  }
}

/** One question to the journal, beside whoever writes it; `null` when nothing has run yet. */
export async function askBeside<T>(context: CommandContext, state: Pick<Plan, 'statePath'>, ask: (store: Store) => Promise<T>): Promise<T | null> {
  const store = await openBeside(context, state);
  if (store === null) return null;
  try {
    return await ask(store);
  } finally {
    await store.close();
  }
}

/** The journal for reading. Throws config `journal.none` when nothing has run yet. */
export async function needBeside(context: CommandContext, plan: Plan): Promise<Store> {
  const store = await openBeside(context, plan);
  if (store) return store;
  throw new Failure('config', 'journal.none', `nothing has run yet: there is no journal in ${plan.statePath}`, {
    advice: 'Start `sophos-central run`, or name the right state with `--state`.',
  });
}

/** Such a wish, before it has a number. */
export interface Wanted {
  readonly kind: Wish['kind'];
  readonly body: { readonly [field: string]: Json };
}

export interface Granted {
  readonly answer: Readonly<Record<string, Json>>;
  /** `owner`: the service that runs; `self`: this process. */
  readonly by: 'owner' | 'self';
}

const answerWithin: Millis = 10_000;
const lookEvery: Millis = 100;

/**
 * Has a change made in the journal: by this process when it can own the journal, otherwise by the service that does.
 *
 * Throws   transient `wish.unanswered` when the owner has not answered in ten seconds; the wish stays and may still be granted.
 */
export async function grant(context: CommandContext, plan: Plan, wanted: Wanted): Promise<Granted> {
  const { openStore } = await import('../journal/index.ts');
  const { clock, report } = context.world;
  let own: Store;
  try {
    own = await openStore(plan.statePath, { mode: 'own', holder: wanted.kind, clock, report });
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'journal.owned') throw error;
    return { answer: fieldsOf(await askOwner(context, plan, wanted)), by: 'owner' };
  }
  try {
    const { grantWish } = await import('../engine/engine.ts');
    return { answer: fieldsOf(await grantWish(wanted, own, await openRestart(), clock.now())), by: 'self' };
  } finally {
    await own.close();
  }
}

async function askOwner({ world, signal, note }: CommandContext, plan: Plan, { kind, body }: Wanted): Promise<Json> {
  const { openStore } = await import('../journal/index.ts');
  const { clock, report } = world;
  const store = await openStore(plan.statePath, { mode: 'beside', clock, report });
  try {
    const id = await store.wishes.leave(kind, body, clock.now());
    note('Asked the service that is running; waiting for its answer ...');
    const until = clock.monotonic() + answerWithin;
    for (;;) {
      const answer = await store.wishes.answered(id);
      if (answer !== null) return answer;
      if (clock.monotonic() >= until)
        throw new Failure('transient', 'wish.unanswered', 'the running service did not answer within ten seconds', {
          advice: 'It may still do what was asked: look at its log and at `status` before you ask again.',
        });
      await clock.sleep(lookEvery, signal);
    }
  } finally {
    await store.close();
  }
}

function fieldsOf(answer: Json): Readonly<Record<string, Json>> {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer))
    throw new Error(`the answer to a wish has an unexpected form: ${JSON.stringify(answer)}`);
  const fields = answer as Readonly<Record<string, Json>>;
  // The owner says what went wrong in the same way.
  if (typeof fields.error === 'string')
    throw new Failure('transient', 'wish.failed', `the running service could not do it: ${fields.error}`, {
      advice: 'Look at its log, and at `status`, before you ask again.',
    });
  return fields;
}
