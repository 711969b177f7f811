import type { OpenText } from './account.ts';
import type { ById, Instant, Reference } from './parts.ts';

export type DetectionType = OpenText<'Threat' | 'Vulnerability'>;

/** What saw it. */
export interface Sensor {
  readonly id?: string | null;
  readonly type?: OpenText<'endpoint' | 'cloud' | 'email' | 'firewall' | 'iaas'> | null;
  readonly source?: string | null;
  readonly version?: string | null;
  readonly name?: string | null;
}

export interface MitreAttack {
  readonly tactic?: (Reference & { readonly techniques?: readonly Reference[] | null }) | null;
  readonly [field: string]: unknown;
}

/** One detection, as Central spells it (reference, 7.2). Its id is `<hex>_<hex>`. */
export interface Detection {
  readonly id: string;
  readonly detectionRule?: string | null;
  readonly attackType?: string | null;
  readonly detectionAttack?: string | null;
  readonly ruleDescription?: string | null;
  /** 0 to 10. */
  readonly severity?: number | null;
  readonly type?: DetectionType | null;
  /** ISO 8601. */
  readonly time?: string | null;
  readonly sensorGeneratedAt?: string | null;
  readonly sensor?: Sensor | null;
  readonly device?: { readonly id?: string | null; readonly type?: string | null; readonly entity?: string | null; readonly [field: string]: unknown } | null;
  readonly mitreAttacks?: readonly MitreAttack[] | null;
  readonly rawData?: Readonly<Record<string, unknown>> | null;
  readonly geolocation?: readonly Readonly<Record<string, unknown>>[] | null;
  readonly intelixFileReputation?: readonly Readonly<Record<string, unknown>>[] | null;
  readonly entities?: readonly unknown[] | null;
  /** JSON in a text. */
  readonly detectionLicenses?: string | null;
  readonly suppressed?: boolean | string | null;
  readonly [field: string]: unknown;
}

/** Detections of one rule and sensor, counted (reference, 7.2). They have no id. */
export interface DetectionGroup {
  readonly severity?: number | null;
  readonly count?: number | null;
  readonly detectionRule?: string | null;
  readonly sensor?: Sensor | null;
  readonly time?: string | null;
  readonly mitreAttacks?: readonly MitreAttack[] | null;
  readonly type?: DetectionType | null;
  readonly [field: string]: unknown;
}

/** What searches and counts have in common. */
export interface DetectionFilters {
  readonly from?: Instant;
  readonly to?: Instant;
  readonly ids?: readonly string[];
  readonly detectionRule?: string;
  /** 0 to 10. */
  readonly severity?: readonly number[];
  readonly type?: readonly DetectionType[];
  readonly category?: readonly string[];
  readonly source?: string;
  readonly entityType?: string;
  readonly location?: string;
  readonly mitreAttackTactics?: readonly string[];
  readonly mitreAttack?: string;
  readonly operatingSystemName?: string;
  readonly operatingSystem?: string;
  readonly username?: string;
  readonly showSuppressed?: boolean;
}

/** What detections, or groups of them, are looked for (reference, 7.2). Without `from` and `to`: the last day. */
export interface DetectionsQuery extends DetectionFilters {
  readonly deviceName?: string;
  readonly sort?: readonly { readonly field: string; readonly direction?: OpenText<'asc' | 'desc'> }[];
}

/** A search that Central carries out on its own (reference, 7.2). Its results are kept for a day. */
export interface DetectionsRun {
  readonly id: string;
  readonly status?: OpenText<'pending' | 'finished'> | null;
  readonly result?: OpenText<'notAvailable' | 'succeeded' | 'failed'> | null;
  readonly createdAt?: string | null;
  readonly finishedAt?: string | null;
  readonly expiresAt?: string | null;
  readonly resultCount?: number | null;
  readonly [field: string]: unknown;
}

/** Filters of the count (reference, 7.2). Without `from` and `to`: 30 days by day, 1 day by hour, 1 hour by minute. */
export interface DetectionCountsQuery extends DetectionFilters {
  readonly resolution?: OpenText<'minute' | 'hour' | 'day'>;
  readonly deviceNameContains?: string;
}

export interface DetectionCounts {
  readonly from?: string | null;
  readonly to?: string | null;
  readonly tenant?: ById | null;
  readonly resolution?: OpenText<'minute' | 'hour' | 'day'> | null;
  readonly resolutionDetectionCounts?:
    | readonly { readonly startsAt?: string | null; readonly totalCount?: number | null; readonly [field: string]: unknown }[]
    | null;
  readonly [field: string]: unknown;
}
