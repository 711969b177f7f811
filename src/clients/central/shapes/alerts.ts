import type { OpenText } from './account.ts';
import type { Chosen, Instant, Reference, Sorted } from './parts.ts';

export type AlertSeverity = OpenText<'low' | 'medium' | 'high'>;

export type AlertProduct = OpenText<
  'other' | 'endpoint' | 'server' | 'mobile' | 'encryption' | 'emailGateway' | 'webGateway' | 'phishThreat' | 'wireless' | 'iaas' | 'firewall'
>;

export type AlertCategory = OpenText<
  | 'azure'
  | 'adSync'
  | 'applicationControl'
  | 'appReputation'
  | 'blockListed'
  | 'connectivity'
  | 'cwg'
  | 'denc'
  | 'downloadReputation'
  | 'endpointFirewall'
  | 'fenc'
  | 'forensicSnapshot'
  | 'general'
  | 'iaas'
  | 'iaasAzure'
  | 'isolation'
  | 'malware'
  | 'mtr'
  | 'mobiles'
  | 'policy'
  | 'protection'
  | 'pua'
  | 'runtimeDetections'
  | 'security'
  | 'smc'
  | 'systemHealth'
  | 'uav'
  | 'uncategorized'
  | 'updating'
  | 'utm'
  | 'virt'
  | 'wireless'
  | 'xgEmail'
>;

export type AlertAction = OpenText<'acknowledge' | 'cleanPua' | 'cleanVirus' | 'authPua' | 'clearThreat' | 'clearHmpa' | 'sendMsgPua' | 'sendMsgThreat'>;

/** An open alert, as Central spells it (reference, 5.1). Names of host and user are not in it: ask for `managedAgent.id` and `person.id`. */
export interface Alert {
  readonly id: string;
  /** What can be done about it; may be empty. */
  readonly allowedActions?: readonly AlertAction[] | null;
  readonly category?: AlertCategory | null;
  readonly description?: string | null;
  /** The same for alerts of one kind. */
  readonly groupKey?: string | null;
  readonly managedAgent?: {
    readonly id?: string | null;
    readonly type?: OpenText<'computer' | 'server' | 'utm' | 'mobile'> | null;
    readonly name?: string | null;
  } | null;
  readonly person?: Reference | null;
  readonly product?: AlertProduct | null;
  /** ISO 8601; some come without a zone, and are UTC. */
  readonly raisedAt?: string | null;
  readonly severity?: AlertSeverity | null;
  readonly tenant?: Reference | null;
  /** As in the SIEM feeds. */
  readonly type?: string | null;
  readonly [field: string]: unknown;
}

/** Which alerts (reference, 5.1): in the query of the list, or as the body of a search. */
export interface AlertQuery extends Sorted, Chosen {
  readonly groupKey?: string;
  /** Raised at this time or after it. */
  readonly from?: Instant;
  /** Raised before this time. */
  readonly to?: Instant;
  readonly product?: readonly AlertProduct[];
  readonly category?: readonly AlertCategory[];
  readonly severity?: readonly AlertSeverity[];
  readonly ids?: readonly string[];
}

/** What to do about an alert: one of its `allowedActions` (reference, 5.1). */
export interface AlertActionRequest {
  readonly action: AlertAction;
  /** Kept with the action. */
  readonly message?: string;
}

/** An action, and how far it has come. */
export interface AlertActionState {
  readonly id?: string | null;
  readonly alertId?: string | null;
  readonly action?: AlertAction | null;
  readonly status?: OpenText<'requested' | 'started' | 'completed'> | null;
  readonly requestedAt?: string | null;
  readonly startedAt?: string | null;
  readonly completedAt?: string | null;
  readonly result?: string | null;
}
