import { actions } from './actions.ts';
import { categories } from './categories.ts';
import type { Action, Category, OcsfClass, OcsfPlace } from './words.ts';

/** Categories whose failures and silences are application errors rather than changes of what they are about. */
const errorsApart: ReadonlySet<Category> = new Set<Category>(['mobile-service', 'certificate', 'license', 'cloud-account', 'ztna', 'forensics']);

/** 3004, entity management: what was done to the entity. Source: OCSF 1.8.0, `entity_management.activity_id`. */
const entityActivities: Readonly<Partial<Record<Action, number>>> = {
  added: 1,
  requested: 99,
  reported: 2,
  changed: 3,
  updated: 3,
  succeeded: 3,
  failed: 3,
  warned: 3,
  cancelled: 3,
  removed: 4,
  enabled: 8,
  disabled: 9,
  expired: 11,
};

/** 6002, application life cycle. */
const applicationActivities: Readonly<Partial<Record<Action, number>>> = { enabled: 6, disabled: 7 };

/** 6007, scan activity. */
const scanActivities: Readonly<Partial<Record<Action, number>>> = { started: 1, completed: 2, cancelled: 3, failed: 6 };

/** The class that fits a category, and the activity and disposition that fit the action. */
export function ocsfPlace(category: Category, action: Action): OcsfPlace {
  const { ocsf, control } = categories[category];
  const { disposition, control: controlled } = actions[action];
  const isError = errorsApart.has(category) && (action === 'failed' || action === 'degraded' || action === 'expired');
  const className = isError ? 'application_error' : ocsf;
  return {
    className,
    activityId: activityOf(className, category, action),
    ...(control ? { dispositionId: disposition, actionId: controlled } : {}),
  };
}

function activityOf(className: OcsfClass, category: Category, action: Action): number {
  switch (className) {
    case 'detection_finding':
    case 'incident_finding':
    case 'data_security_finding':
    case 'compliance_finding':
      return actions[action].finding;
    case 'entity_management':
      return category === 'registration' || category === 'mobile' ? enrolment(action) : (entityActivities[action] ?? 99);
    case 'application_lifecycle':
      return category === 'update' ? 8 : (applicationActivities[action] ?? 99);
    case 'scan_activity':
      return scanActivities[action] ?? 99;
    // A launch is what the control saw; whether it came about is the disposition.
    case 'process_activity':
    case 'peripheral_activity':
    case 'application_error':
    case 'inventory_info':
    case 'user_inventory':
    case 'device_config_state_change':
      return 1;
    // The method is not told.
    case 'http_activity':
      return 0;
    case 'base_event':
      return 99;
  }
}

/** Of devices: 6 enroll, 7 unenroll. */
function enrolment(action: Action): number {
  if (action === 'added') return 6;
  return action === 'removed' ? 7 : (entityActivities[action] ?? 99);
}
