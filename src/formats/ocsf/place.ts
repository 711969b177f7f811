import { actions } from '../meaning/actions.ts';
import type { Facts } from '../meaning/facts.ts';
import type { OcsfClass } from '../meaning/words.ts';
import { classes } from './classes.ts';
import type { Parts } from './parts.ts';

/** Where one record goes: class, activity, and the outcome of a control. */
export interface Place {
  readonly className: OcsfClass;
  readonly activityId: number;
  readonly dispositionId?: number | undefined;
  readonly actionId?: number | undefined;
}

/** The class that fits the type, unless the record lacks what the class requires. Alerts are findings, whatever raised them. */
export function placeOf(facts: Facts, parts: Parts): Place {
  const { ocsf, action } = facts.meaning;
  const cleanup = ocsf.dispositionId === corrected ? facts.evidence.cleanup : undefined;
  const dispositionId = cleanup === undefined ? ocsf.dispositionId : cleanups[cleanup];
  const control = { dispositionId, actionId: ocsf.actionId };
  if (facts.isAlert) return { className: 'detection_finding', activityId: changeOfAlert(facts.change), ...control };
  const { needs, otherwise } = classes[ocsf.className];
  if (needs.every((need) => has(facts, parts, need))) return { className: ocsf.className, activityId: ocsf.activityId, ...control };
  return { className: otherwise, activityId: otherwise === 'base_event' ? 99 : actions[action].finding, ...control };
}

const corrected = 11;
const cleanups = { done: corrected, partly: 12, failed: 13 };

/** 1 create, 2 update, 3 close. */
function changeOfAlert(change: string | undefined): number {
  if (change === undefined) return 1;
  return change === 'closed' || change === 'removed' ? 3 : 2;
}

function has({ told }: Facts, { device, user }: Parts, need: 'device' | 'user' | 'url' | 'peripheral'): boolean {
  switch (need) {
    case 'device':
      return device !== undefined;
    case 'user':
      return user !== undefined;
    case 'url':
      return told.url !== undefined;
    case 'peripheral':
      return told.peripheral !== undefined;
  }
}
