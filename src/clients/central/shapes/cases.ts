import type { OpenText } from './account.ts';
import type { Detection } from './detections.ts';
import type { Actor, ById, InstantOrAge } from './parts.ts';

export type CaseType = OpenText<'hunt' | 'investigation' | 'incident' | 'healthCheck'>;
export type CaseSeverity = OpenText<'notSet' | 'informational' | 'low' | 'medium' | 'high' | 'critical'>;
export type CaseStatus = OpenText<'new' | 'investigating' | 'onHold' | 'actionRequired' | 'resolved' | 'closed'>;
export type CaseVerdict = OpenText<'falsePositive' | 'truePositive'>;
export type CaseManager = OpenText<'self' | 'sophos'>;

/** A case, as Central spells it (reference, 7.3). Its id looks like `1-598868`. */
export interface Case {
  readonly id: string;
  readonly type?: CaseType | null;
  readonly name?: string | null;
  readonly tenant?: { readonly id?: string | null } | null;
  readonly managedBy?: CaseManager | null;
  readonly severity?: CaseSeverity | null;
  readonly status?: CaseStatus | null;
  readonly verdict?: CaseVerdict | null;
  readonly escalated?: boolean | null;
  /** A person, or only an address. */
  readonly assignee?: Actor | string | null;
  readonly assignedAt?: string | null;
  readonly overview?: string | null;
  readonly detectionCount?: number | null;
  readonly initialDetection?: Partial<Detection> | null;
  readonly createdAt?: string | null;
  readonly createdBy?: Actor | null;
  readonly updatedAt?: string | null;
  readonly resolvedAt?: string | null;
  readonly [field: string]: unknown;
}

/** Filters of the list of cases (reference, 7.3). */
export interface CasesQuery {
  readonly managedBy?: CaseManager;
  readonly type?: readonly CaseType[];
  readonly severity?: readonly CaseSeverity[];
  readonly status?: readonly CaseStatus[];
  /** An address, or `Unassigned`, or `MDR Ops`. */
  readonly assignee?: string;
  readonly name?: string;
  readonly overviewContains?: string;
  readonly createdAfter?: InstantOrAge;
  readonly createdBefore?: InstantOrAge;
  readonly escalated?: boolean;
  readonly verdict?: CaseVerdict;
  /** As in `type:asc`. */
  readonly sort?: string;
}

export interface NewCase {
  readonly name: string;
  readonly type?: CaseType;
  readonly managedBy?: CaseManager;
  readonly severity?: CaseSeverity;
  readonly status?: CaseStatus;
  /** An address. */
  readonly assignee?: string;
  readonly initialDetectionId?: string;
  readonly otherDetectionIds?: readonly string[];
  readonly overview?: string;
}

export type CaseChange = Partial<Pick<NewCase, 'name' | 'type' | 'severity' | 'status' | 'assignee' | 'overview'>>;

/** A device, a person, an address that a case is about. */
export interface ImpactedEntity extends ById {
  readonly name?: string | null;
  readonly type?: OpenText<'ipAddress' | 'user' | 'device'> | null;
  readonly [field: string]: unknown;
}

/** All of them are matched exactly. */
export interface ImpactedEntitiesQuery {
  readonly id?: string;
  readonly name?: string;
  readonly type?: OpenText<'ipAddress' | 'user' | 'device'>;
  readonly sort?: string;
}

export interface CaseDetectionsQuery {
  readonly sort?: string;
}

export interface MitreSummary {
  readonly tactics?: readonly Readonly<Record<string, unknown>>[] | null;
}
