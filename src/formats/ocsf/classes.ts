import type { OcsfClass } from '../meaning/words.ts';

/** A class of OCSF 1.8.0, as far as it is written here. */
export interface ClassSense {
  readonly uid: number;
  readonly caption: string;
  /** Captions of `activity_id`. */
  readonly activities: Readonly<Record<number, string>>;
  /** What a record must tell of for the class to fit. */
  readonly needs: readonly ('device' | 'user' | 'url' | 'peripheral')[];
  /** The class for records that do not. */
  readonly otherwise: OcsfClass;
  /** Is its device (or actor) part of the profile `host`? */
  readonly status: 'finding' | 'incident' | 'outcome';
}

export const categoryCaptions: readonly string[] = [
  'Uncategorized',
  'System Activity',
  'Findings',
  'Identity & Access Management',
  'Network Activity',
  'Discovery',
  'Application Activity',
  'Remediation',
];

const findings = { 0: 'Unknown', 1: 'Create', 2: 'Update', 3: 'Close', 99: 'Other' };
const collected = { 0: 'Unknown', 1: 'Log', 2: 'Collect', 99: 'Other' };

const sense = (
  uid: number,
  caption: string,
  activities: ClassSense['activities'],
  needs: ClassSense['needs'] = [],
  otherwise: OcsfClass = 'base_event',
  status: ClassSense['status'] = 'outcome',
): ClassSense => ({ uid, caption, activities, needs, otherwise, status });

export const classes: Readonly<Record<OcsfClass, ClassSense>> = {
  base_event: sense(0, 'Base Event', { 0: 'Unknown', 99: 'Other' }),
  process_activity: sense(1007, 'Process Activity', { 1: 'Launch' }, ['device', 'user'], 'detection_finding'),
  peripheral_activity: sense(1010, 'Peripheral Activity', { 1: 'Connect' }, ['device', 'user', 'peripheral'], 'detection_finding'),
  compliance_finding: sense(2003, 'Compliance Finding', findings, [], 'base_event', 'finding'),
  detection_finding: sense(2004, 'Detection Finding', findings, [], 'base_event', 'finding'),
  incident_finding: sense(2005, 'Incident Finding', findings, [], 'base_event', 'incident'),
  data_security_finding: sense(2006, 'Data Security Finding', findings, [], 'base_event', 'finding'),
  entity_management: sense(3004, 'Entity Management', {
    0: 'Unknown',
    1: 'Create',
    2: 'Read',
    3: 'Update',
    4: 'Delete',
    6: 'Enroll',
    7: 'Unenroll',
    8: 'Enable',
    9: 'Disable',
    11: 'Deactivate',
    99: 'Other',
  }),
  http_activity: sense(4002, 'HTTP Activity', { 0: 'Unknown' }, ['url'], 'detection_finding'),
  inventory_info: sense(5001, 'Device Inventory Info', collected, ['device']),
  user_inventory: sense(5003, 'User Inventory Info', collected),
  device_config_state_change: sense(5019, 'Device Config State Change', collected, ['device']),
  application_lifecycle: sense(6002, 'Application Lifecycle', { 0: 'Unknown', 6: 'Enable', 7: 'Disable', 8: 'Update', 99: 'Other' }),
  scan_activity: sense(6007, 'Scan Activity', { 0: 'Unknown', 1: 'Started', 2: 'Completed', 3: 'Cancelled', 6: 'Error', 99: 'Other' }),
  application_error: sense(6008, 'Application Error', { 0: 'Unknown', 1: 'General Error', 99: 'Other' }),
};

/** Captions of `disposition_id`. */
export const dispositions: Readonly<Record<number, string>> = {
  0: 'Unknown',
  1: 'Allowed',
  2: 'Blocked',
  4: 'Isolated',
  7: 'Custom Action',
  9: 'Restored',
  11: 'Corrected',
  12: 'Partially Corrected',
  13: 'Uncorrected',
  14: 'Delayed',
  15: 'Detected',
  16: 'No Action',
  17: 'Logged',
  19: 'Alert',
  27: 'Error',
};

/** Captions of `action_id`. */
export const controlActions: readonly string[] = ['Unknown', 'Allowed', 'Denied', 'Observed', 'Modified'];

/** Captions of `severity_id`. */
export const severities: readonly string[] = ['Unknown', 'Informational', 'Low', 'Medium', 'High', 'Critical', 'Fatal'];
