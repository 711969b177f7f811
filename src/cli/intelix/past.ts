/** What the action log tells of a plan: every deletion that was begun, and how it ended. */

import { actionLogPath, readActionLog } from '../actions/log.ts';
import type { ActionLine } from '../actions/log-line.ts';

/**
 * How far the deletion of one site has come.
 *
 * `deleted`: Central said so. `gone`: somebody else had deleted it before. `open`: begun, and nobody knows how it ended. `refused`: not deleted.
 */
export interface PastDeletion {
  readonly state: 'deleted' | 'gone' | 'open' | 'refused';
  /** The last line of it. */
  readonly line: ActionLine;
}

/** By tenant and site; see `deletionKey`. */
export type Past = ReadonlyMap<string, PastDeletion>;

export function deletionKey(tenant: { readonly id: string }, site: { readonly id: string }): string {
  return `${tenant.id.toLowerCase()}\n${site.id}`;
}

/** Reads what was done of a plan, in whichever runs. Throws config `action-log.unreadable`. */
export async function pastOf(statePath: string, planId: string): Promise<Past> {
  const { lines } = await readActionLog(actionLogPath(statePath), (line) => isOfPlan(line, planId));
  const past = new Map<string, PastDeletion>();
  /** Begun by a run that was broken off, or whose answer was lost: it may have deleted what a later one finds gone. */
  const left = new Set<string>();
  for (const line of lines) {
    const key = deletionKey(line.tenant, line.object);
    const before = past.get(key);
    if (before?.state === 'open' && before.line.run !== line.run) left.add(key);
    past.set(key, { state: before?.state === 'deleted' ? 'deleted' : stateAfter(stateOf(line), left.has(key)), line });
  }
  return past;
}

function stateAfter(state: PastDeletion['state'], wasLeftOpen: boolean): PastDeletion['state'] {
  if (!wasLeftOpen) return state;
  if (state === 'gone') return 'deleted';
  return state === 'refused' ? 'open' : state;
}

function isOfPlan({ action, object, detail }: ActionLine, planId: string): boolean {
  if (action !== 'delete' || object.kind !== 'local-site') return false;
  return typeof detail === 'object' && detail !== null && 'plan' in detail && detail.plan === planId;
}

function stateOf({ state, outcome }: ActionLine): PastDeletion['state'] {
  if (state === 'begun') return 'open';
  if (state === 'failed') return outcome === 'unknown' ? 'open' : 'refused';
  return typeof outcome === 'object' && outcome !== null && 'already' in outcome ? 'gone' : 'deleted';
}
