import type { OpenText } from './account.ts';

/** How bad; spelt in either case. */
export type SiemSeverity = OpenText<'none' | 'low' | 'medium' | 'high' | 'critical'>;

/** One event, as Central spells it (reference, 4.4). Every field may be missing, and others occur. */
export interface SiemEvent {
  readonly id?: string | null;
  readonly type?: string | null;
  readonly severity?: SiemSeverity | null;
  /** The text for people; detail is hidden in it. */
  readonly name?: string | null;
  readonly group?: string | null;
  /** Time on the device, ISO 8601. */
  readonly when?: string | null;
  /** Time in Central, ISO 8601. */
  readonly created_at?: string | null;
  readonly customer_id?: string | null;
  readonly endpoint_id?: string | null;
  readonly endpoint_type?: OpenText<'computer' | 'server' | 'mobile' | 'utm'> | null;
  readonly location?: string | null;
  readonly source?: string | null;
  readonly user_id?: string | null;
  readonly source_info?: Readonly<Record<string, string>> | null;
  readonly threat?: string | null;
  readonly origin?: string | null;
  readonly appSha256?: string | null;
  readonly [field: string]: unknown;
}

/** One alert, as Central spells it (reference, 4.5). `description` plays the part of `name`. */
export interface SiemAlert {
  readonly id?: string | null;
  readonly event_service_event_id?: string | null;
  readonly type?: string | null;
  readonly severity?: SiemSeverity | null;
  readonly description?: string | null;
  readonly when?: string | null;
  readonly created_at?: string | null;
  readonly customer_id?: string | null;
  readonly location?: string | null;
  readonly source?: string | null;
  readonly threat?: string | null;
  readonly threat_cleanable?: boolean | null;
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly [field: string]: unknown;
}
