/** The words in which the formats speak of Sophos types. Nothing here knows a type: see the tables beside it. */

/** What a record is about. */
export type Category =
  | 'malware'
  | 'pua'
  | 'ransomware'
  | 'exploit'
  | 'behavior'
  | 'script'
  | 'network-threat'
  | 'outbreak'
  | 'blocked-item'
  | 'reputation'
  | 'cookies'
  | 'web'
  | 'application'
  | 'peripheral'
  | 'privacy'
  | 'dlp'
  | 'endpoint-firewall'
  | 'update'
  | 'scan'
  | 'protection'
  | 'compliance'
  | 'registration'
  | 'software'
  | 'isolation'
  | 'heartbeat'
  | 'management'
  | 'encryption'
  | 'encryption-key'
  | 'forensics'
  | 'mdr'
  | 'firewall-link'
  | 'firewall-health'
  | 'firewall-admin'
  | 'wireless'
  | 'switch'
  | 'ztna'
  | 'cloud-account'
  | 'email'
  | 'directory-sync'
  | 'mobile'
  | 'mobile-service'
  | 'user-check'
  | 'certificate'
  | 'license'
  | 'task'
  // Of streams that carry no types:
  | 'detection'
  | 'case'
  | 'device-inventory'
  | 'user-inventory'
  | 'settings'
  // Of a type that nobody knows:
  | 'other';

/** What happened, or what was done about it. */
export type Action =
  | 'detected'
  | 'blocked'
  | 'allowed'
  | 'warned'
  | 'proceeded'
  | 'restricted'
  | 'cleaned'
  | 'cleanup-failed'
  | 'nothing-found'
  | 'reboot-required'
  | 'restored'
  | 'restore-failed'
  | 'dismissed'
  | 'resolved'
  | 'isolated'
  | 'released'
  | 'started'
  | 'completed'
  | 'cancelled'
  | 'succeeded'
  | 'failed'
  | 'updated'
  | 'added'
  | 'changed'
  | 'removed'
  | 'enabled'
  | 'disabled'
  | 'degraded'
  | 'recovered'
  | 'outdated'
  | 'compliant'
  | 'non-compliant'
  | 'requested'
  | 'answered'
  | 'expiring'
  | 'expired'
  | 'reported';

export type Outcome = 'success' | 'failure' | 'unknown';

/** Where a record stands in OCSF 1.8.0: the class by its name in the schema, and numbers of its enumerations. */
export interface OcsfPlace {
  readonly className: OcsfClass;
  readonly activityId: number;
  /** Of the profile `security_control`; absent where Sophos Central controls nothing. */
  readonly dispositionId?: number;
  readonly actionId?: number;
}

export type OcsfClass =
  | 'base_event'
  | 'process_activity'
  | 'peripheral_activity'
  | 'compliance_finding'
  | 'detection_finding'
  | 'incident_finding'
  | 'data_security_finding'
  | 'entity_management'
  | 'http_activity'
  | 'inventory_info'
  | 'user_inventory'
  | 'device_config_state_change'
  | 'application_lifecycle'
  | 'scan_activity'
  | 'application_error';

/** Words of the Elastic Common Schema: `event.kind`, `event.category`, `event.type`. */
export interface EcsPlace {
  readonly kind: 'event' | 'alert' | 'state';
  readonly category: readonly string[];
  readonly type: readonly string[];
}

/** A data model of the Splunk Common Information Model, and its `action`. */
export interface CimPlace {
  readonly model: string;
  readonly dataset: string;
  readonly tags: readonly string[];
  readonly action?: string;
}

/** What one Sophos type means, in the words of every target. */
export interface Meaning {
  readonly category: Category;
  readonly action: Action;
  readonly outcome: Outcome;
  readonly ocsf: OcsfPlace;
  readonly ecs: EcsPlace;
  /** Absent where no data model fits. */
  readonly cim?: CimPlace;
  /** Is the type in the tables? Else the meaning was made of its family, its words and the record's group. */
  readonly known: boolean;
}
