import type { z } from '../core/schema.ts';
import type { ActionPlan, StreamPlan } from './plan.ts';
import type { Reading } from './reading.ts';
import { readWhere } from './routes.ts';
import { action as actionSchema, actions as actionsSchema } from './sections.ts';

type Written = z.output<typeof actionSchema>;

/** Reads `actions`. Problems go to the reading. */
export async function readActions(reading: Reading, streams: readonly StreamPlan[]): Promise<readonly ActionPlan[]> {
  const written = reading.tree.actions ?? null;
  if (written === null || reading.check(actionsSchema, written, ['actions']) === undefined || !Array.isArray(written)) return [];
  const plans: ActionPlan[] = [];
  const names = new Map<string, number>();
  for (const [i, value] of written.entries()) {
    const path = ['actions', i];
    const action = reading.check(actionSchema, value, path);
    if (!action) continue;
    if (!streams.some(({ kind }) => kind.name === action.from) && !reading.hasProblemAt(['streams', action.from]))
      reading.complain([...path, 'from'], `the stream \`${action.from}\` is not read`, `add \`${action.from}: {}\` to \`streams\``);
    const name = nameOf(action);
    const first = names.get(name);
    if (first !== undefined)
      reading.complain([...path, action.name === undefined ? 'do' : 'name'], `\`${name}\` is taken by actions[${first}]`, 'give this rule a `name` of its own');
    names.set(name, i);
    const where = action.where === undefined ? undefined : await readWhere(reading, [...path, 'where'], action.where);
    plans.push({
      name,
      from: action.from,
      do: action.do,
      maxPerHour: action.maxPerHour,
      ...(action.message === undefined ? {} : { message: action.message }),
      ...(where === undefined ? {} : { where }),
    });
  }
  return plans;
}

function nameOf({ name, do: does }: Written): string {
  return name ?? does;
}
