import type { Action, Outcome } from './words.ts';

/** What an action says to every target, whatever it was done to. */
export interface ActionSense {
  readonly outcome: Outcome;
  /** OCSF findings: 1 create, 2 update, 3 close. */
  readonly finding: 1 | 2 | 3;
  /** OCSF `disposition_id` of the profile security_control. */
  readonly disposition: number;
  /** OCSF `action_id`: 1 allowed, 2 denied, 3 observed, 4 modified. */
  readonly control: 0 | 1 | 2 | 3 | 4;
  /** ECS `event.type`, the best word first; the category says which of them it takes. */
  readonly ecs: readonly string[];
  /** CIM `action` of security models. */
  readonly cim: 'allowed' | 'blocked' | 'deferred' | 'unknown';
  /** CIM `action` of the model Change. */
  readonly change: 'created' | 'modified' | 'deleted' | 'started' | 'stopped' | 'unknown';
}

const sense = (
  outcome: Outcome,
  finding: 1 | 2 | 3,
  disposition: number,
  control: 0 | 1 | 2 | 3 | 4,
  ecs: string,
  cim: ActionSense['cim'] = 'unknown',
  change: ActionSense['change'] = 'unknown',
): ActionSense => ({ outcome, finding, disposition, control, ecs: ecs.split(' '), cim, change });

/** Columns: outcome, OCSF finding activity, disposition, control action, ECS types, CIM action, CIM change. */
export const actions: Readonly<Record<Action, ActionSense>> = {
  detected: sense('unknown', 1, 15, 3, 'info', 'deferred'),
  blocked: sense('success', 1, 2, 2, 'denied info', 'blocked'),
  allowed: sense('success', 1, 1, 1, 'allowed access info', 'allowed'),
  warned: sense('success', 1, 19, 3, 'access info', 'blocked'),
  proceeded: sense('success', 1, 1, 1, 'allowed access info', 'allowed'),
  restricted: sense('success', 1, 7, 4, 'change info', 'blocked'),
  cleaned: sense('success', 2, 11, 4, 'info', 'blocked'),
  'cleanup-failed': sense('failure', 2, 13, 3, 'info', 'deferred'),
  'nothing-found': sense('success', 2, 16, 3, 'info', 'deferred'),
  'reboot-required': sense('unknown', 2, 14, 3, 'info', 'deferred'),
  restored: sense('success', 2, 9, 4, 'change info', 'allowed', 'modified'),
  'restore-failed': sense('failure', 2, 27, 3, 'info', 'blocked'),
  dismissed: sense('success', 3, 16, 3, 'info', 'allowed'),
  resolved: sense('success', 3, 11, 4, 'info', 'blocked'),
  isolated: sense('success', 1, 4, 4, 'change denied info', 'blocked', 'modified'),
  released: sense('success', 2, 9, 4, 'change allowed info', 'allowed', 'modified'),
  started: sense('unknown', 1, 17, 3, 'start info', 'unknown', 'started'),
  completed: sense('success', 2, 17, 3, 'end info', 'unknown', 'stopped'),
  cancelled: sense('failure', 3, 17, 3, 'end info', 'unknown', 'stopped'),
  succeeded: sense('success', 2, 17, 3, 'change info', 'unknown', 'modified'),
  failed: sense('failure', 1, 27, 3, 'error change info', 'unknown', 'modified'),
  updated: sense('success', 2, 17, 4, 'installation change info', 'unknown', 'modified'),
  added: sense('success', 1, 17, 3, 'creation change info', 'unknown', 'created'),
  changed: sense('success', 2, 17, 3, 'change info', 'unknown', 'modified'),
  removed: sense('success', 3, 17, 3, 'deletion change info', 'unknown', 'deleted'),
  enabled: sense('success', 2, 17, 3, 'change info', 'unknown', 'modified'),
  disabled: sense('success', 1, 17, 3, 'change info', 'unknown', 'modified'),
  degraded: sense('failure', 1, 19, 3, 'error change info'),
  recovered: sense('success', 3, 17, 3, 'change info'),
  outdated: sense('unknown', 1, 19, 3, 'info', 'unknown', 'unknown'),
  compliant: sense('success', 3, 17, 3, 'info', 'unknown', 'unknown'),
  'non-compliant': sense('failure', 1, 19, 3, 'info', 'unknown', 'unknown'),
  requested: sense('unknown', 1, 17, 3, 'info start', 'unknown', 'unknown'),
  answered: sense('success', 2, 17, 3, 'info end', 'unknown', 'unknown'),
  expiring: sense('unknown', 1, 19, 3, 'info', 'unknown', 'unknown'),
  expired: sense('failure', 1, 19, 3, 'info', 'unknown', 'unknown'),
  reported: sense('unknown', 1, 17, 3, 'info', 'unknown', 'unknown'),
};
