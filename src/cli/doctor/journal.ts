import type { Plan } from '../../config/plan.ts';
import { Failure } from '../../core/failure.ts';
import type { Store } from '../../core/store.ts';
import type { CommandContext } from '../command.ts';
import { askBeside } from '../store.ts';

/** What the journal knows; `null` when there is none, or it cannot be read: that is told where the state is examined. */
export async function askJournal<T>(context: CommandContext, plan: Plan, ask: (store: Store) => Promise<T>): Promise<T | null> {
  try {
    return await askBeside(context, plan, ask);
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}
