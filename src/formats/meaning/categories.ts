import type { Category, OcsfClass } from './words.ts';

/** What a category is to every target. */
export interface CategorySense {
  readonly ocsf: OcsfClass;
  /** Does something stop, let pass or put right here? Then OCSF's profile security_control is filled. */
  readonly control: boolean;
  readonly ecs: readonly string[];
  /** CIM: data model, dataset and tags. */
  readonly cim?: { readonly model: string; readonly dataset: string; readonly tags: readonly string[] };
}

type Cim = CategorySense['cim'];
const cim = (model: string, dataset: string, tags: string) => ({ model, dataset, tags: tags.split(' ') });

const attacks = cim('Malware', 'Malware_Attacks', 'malware attack');
const operations = cim('Malware', 'Malware_Operations', 'malware operations');
const intrusions = cim('Intrusion_Detection', 'IDS_Attacks', 'ids attack');
const web = cim('Web', 'Web', 'web');
const processes = cim('Endpoint', 'Processes', 'process report');
const losses = cim('Data_Loss_Prevention', 'DLP_Incidents', 'dlp incident');
const traffic = cim('Network_Traffic', 'All_Traffic', 'network communicate');
const changes = cim('Change', 'All_Changes', 'change');
const endpointChanges = cim('Change', 'Endpoint_Changes', 'change endpoint');
const networkChanges = cim('Change', 'Network_Changes', 'change network');
const accountChanges = cim('Change', 'Account_Management', 'change account');
const alerts = cim('Alerts', 'Alerts', 'alert');
const inventory = cim('Inventory', 'All_Inventory', 'inventory');
const people = cim('Inventory', 'User', 'inventory user');
const mail = cim('Email', 'All_Email', 'email');

const sense = (ocsf: OcsfClass, control: boolean, ecs: string, of?: Cim): CategorySense => ({
  ocsf,
  control,
  ecs: ecs.split(' '),
  ...(of === undefined ? {} : { cim: of }),
});

/** Columns: OCSF class, is it a control, ECS categories, CIM. */
export const categories: Readonly<Record<Category, CategorySense>> = {
  malware: sense('detection_finding', true, 'malware', attacks),
  pua: sense('detection_finding', true, 'malware', attacks),
  ransomware: sense('detection_finding', true, 'malware intrusion_detection', attacks),
  exploit: sense('detection_finding', true, 'intrusion_detection process', attacks),
  behavior: sense('detection_finding', true, 'malware intrusion_detection', attacks),
  script: sense('detection_finding', true, 'malware process', attacks),
  'network-threat': sense('detection_finding', true, 'intrusion_detection network', intrusions),
  outbreak: sense('detection_finding', true, 'malware', attacks),
  'blocked-item': sense('detection_finding', true, 'malware', attacks),
  reputation: sense('detection_finding', true, 'malware file', attacks),
  cookies: sense('detection_finding', true, 'malware', attacks),
  web: sense('http_activity', true, 'web', web),
  application: sense('process_activity', true, 'process', processes),
  peripheral: sense('peripheral_activity', true, 'host', endpointChanges),
  privacy: sense('detection_finding', true, 'host', attacks),
  dlp: sense('data_security_finding', true, 'file', losses),
  'endpoint-firewall': sense('detection_finding', true, 'network', traffic),
  update: sense('application_lifecycle', false, 'package', operations),
  scan: sense('scan_activity', false, 'host', operations),
  protection: sense('device_config_state_change', false, 'configuration', operations),
  compliance: sense('compliance_finding', false, 'configuration', operations),
  registration: sense('entity_management', false, 'host', endpointChanges),
  software: sense('application_lifecycle', false, 'package', endpointChanges),
  isolation: sense('device_config_state_change', true, 'host network', endpointChanges),
  heartbeat: sense('device_config_state_change', false, 'host', operations),
  management: sense('entity_management', false, 'configuration', endpointChanges),
  encryption: sense('device_config_state_change', false, 'configuration', endpointChanges),
  'encryption-key': sense('device_config_state_change', false, 'configuration', endpointChanges),
  forensics: sense('application_lifecycle', false, 'host', operations),
  mdr: sense('detection_finding', false, 'intrusion_detection', alerts),
  'firewall-link': sense('device_config_state_change', false, 'network', networkChanges),
  'firewall-health': sense('device_config_state_change', false, 'host', networkChanges),
  'firewall-admin': sense('entity_management', false, 'configuration', networkChanges),
  wireless: sense('device_config_state_change', false, 'network', networkChanges),
  switch: sense('device_config_state_change', false, 'network', networkChanges),
  ztna: sense('application_error', false, 'network', networkChanges),
  'cloud-account': sense('entity_management', false, 'configuration', changes),
  email: sense('detection_finding', true, 'email', mail),
  'directory-sync': sense('entity_management', false, 'iam', accountChanges),
  mobile: sense('entity_management', false, 'host', endpointChanges),
  'mobile-service': sense('application_lifecycle', false, 'configuration', changes),
  'user-check': sense('detection_finding', false, 'iam', alerts),
  certificate: sense('application_lifecycle', false, 'configuration', changes),
  license: sense('application_lifecycle', false, 'configuration', changes),
  task: sense('base_event', false, 'configuration', undefined),
  detection: sense('detection_finding', false, 'intrusion_detection', alerts),
  case: sense('incident_finding', false, 'intrusion_detection', alerts),
  'device-inventory': sense('inventory_info', false, 'host', inventory),
  'user-inventory': sense('user_inventory', false, 'iam', people),
  settings: sense('entity_management', false, 'configuration', changes),
  other: sense('base_event', false, 'host', undefined),
};

/** ECS: the types that a category expects. Source: ECS 8.17, "event.category". */
export const expectedEcsTypes: Readonly<Record<string, readonly string[]>> = {
  configuration: ['access', 'change', 'creation', 'deletion', 'info'],
  email: ['info'],
  file: ['access', 'change', 'creation', 'deletion', 'info'],
  host: ['access', 'change', 'end', 'info', 'start'],
  iam: ['admin', 'change', 'creation', 'deletion', 'group', 'info', 'user'],
  intrusion_detection: ['allowed', 'denied', 'info'],
  malware: ['info'],
  network: ['access', 'allowed', 'connection', 'denied', 'end', 'info', 'protocol', 'start'],
  package: ['access', 'change', 'deletion', 'info', 'installation', 'start'],
  process: ['access', 'change', 'end', 'info', 'start'],
  web: ['access', 'error', 'info'],
};
