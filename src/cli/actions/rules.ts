import type { Plan } from '../../config/plan.ts';
import type { Store } from '../../core/store.ts';
import type { Route } from '../../core/types.ts';
import type { World } from '../../core/world.ts';
import { closeRoutes } from '../compose.ts';
import type { KnownTargets } from '../known-targets.ts';

/** Opens the automatic actions, each as a route of its own. */
export async function openRules(plan: Plan, world: World, store: Store, known: KnownTargets): Promise<Route[]> {
  if (plan.actions.length === 0) return [];
  const { openRule } = await import('./automatic.ts');
  const rules: Route[] = [];
  try {
    for (const rule of plan.actions) rules.push(await openRule({ rule, statePath: plan.statePath, store, world, known }));
    return rules;
  } catch (error) {
    await closeRoutes(rules);
    throw error;
  }
}
