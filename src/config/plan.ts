import type { FormatKind, SinkKind } from '../core/kinds.ts';
import type { LegacyToken } from '../core/legacy-token.ts';
import type { Millis } from '../core/types.ts';
import type { Renew, Secret, Via } from '../core/world.ts';
import type { StreamKind } from '../streams/index.ts';
import type { RecordFilter } from './filter.ts';
import type { Origin } from './origin.ts';
import type { Path } from './source.ts';
import type { TenantsPlan } from './tenants.ts';

/** A checked configuration: everything a command needs, nothing left to parse. */
export interface Plan {
  /** The configuration file, absolute; `null` when there is none. */
  readonly file: string | null;
  /** Relative paths start here. */
  readonly folder: string;
  /** Empty only when credentials were not required. */
  readonly accounts: readonly AccountPlan[];
  readonly tenants: TenantsPlan;
  readonly streams: readonly StreamPlan[];
  readonly sinks: ReadonlyMap<string, SinkPlan>;
  readonly routes: readonly RoutePlan[];
  /** What is done about records by itself; none unless configured. */
  readonly actions: readonly ActionPlan[];
  readonly intelix: IntelixPlan | null;
  /** Absolute. */
  readonly statePath: string;
  readonly journal: JournalPlan;
  readonly log: LogPlan;
  readonly http: { readonly listen: string } | null;
  readonly defaults: { readonly output: string; readonly days: number; readonly pageSize: Readonly<Record<string, number>> };
  /** One sentence each; nothing that keeps the service from running. */
  readonly warnings: readonly string[];
  /** Dotted paths of secrets that stand in the file as they are. */
  readonly plainSecrets: readonly string[];
  /** Reads refused secrets again. */
  readonly renew: Renewal;
  /** The configuration in force with secrets masked, for `showConfig`. */
  readonly shown: unknown;
  /** Where the value at a path of `shown` comes from. */
  readonly originOf: (path: Path) => Origin;
}

export interface AccountPlan {
  /** `central`, or the key in `accounts`. */
  readonly name: string;
  readonly credentials: Credentials;
  readonly authUrl: string | null;
  readonly apiUrl: string | null;
  readonly rateLimits: { readonly second: number; readonly minute: number; readonly hour: number; readonly day: number };
  readonly via: Via;
  readonly timeoutMs: Millis;
}

export type Credentials =
  | { readonly kind: 'client'; readonly clientId: string; readonly clientSecret: Secret }
  | { readonly kind: 'token'; readonly token: LegacyToken };

/**
 * Opens readers; each remembers by itself what it was told last. `null`: no placeholder stands there, so nothing can be another now.
 *
 * Throws   from a reader: transient `secret.unrenewed` when it cannot be read now, or is none.
 */
export interface Renewal {
  /** `central`, or the key in `accounts`. */
  account(name: string): Renew<Credentials> | null;
  sink(name: string): Renew<{ readonly options: unknown }> | null;
  intelix(): Renew<{ readonly clientId: string; readonly clientSecret: Secret }> | null;
}

export interface StreamPlan {
  readonly kind: StreamKind;
  readonly options: unknown;
  readonly everyMs: Millis;
}

export interface SinkPlan {
  readonly name: string;
  readonly kind: SinkKind<unknown>;
  /** Parsed; for `kind.open`. */
  readonly options: unknown;
  readonly everyMs?: Millis;
}

export interface RoutePlan {
  readonly name: string;
  /** Stream kind names; `*` is resolved. */
  readonly from: ReadonlySet<string>;
  readonly sink: string;
  readonly format: { readonly kind: FormatKind<unknown>; readonly options: unknown };
  readonly where?: RecordFilter;
  /** The route's own, or its sink's. */
  readonly everyMs?: Millis;
  readonly start: 'now' | 'oldest';
}

/** A rule that acts upon records once they are delivered. */
export interface ActionPlan {
  readonly name: string;
  readonly from: string;
  readonly do: string;
  readonly message?: string;
  readonly maxPerHour: number;
  readonly where?: RecordFilter;
}

/** What the intelix commands need; without id or secret they say so. */
export interface IntelixPlan {
  readonly clientId: string | null;
  readonly clientSecret: Secret | null;
  readonly region: 'us' | 'de';
  readonly authUrl: string | null;
  readonly apiUrl: string | null;
  /** Category -> risk, beside the defaults. */
  readonly ipRisk: Readonly<Record<string, 'HIGH' | 'MEDIUM' | 'LOW' | 'TRUSTED' | 'UNCLASSIFIED'>>;
  readonly rateLimits: {
    readonly second?: number | undefined;
    readonly minute?: number | undefined;
    readonly hour?: number | undefined;
    readonly day?: number | undefined;
  };
}

export interface JournalPlan {
  readonly keepMs: Millis;
  readonly maxBytes: number;
  readonly minFreeBytes: number;
  readonly whenFull: 'pause' | 'drop';
}

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface LogPlan {
  readonly level: LogLevel;
  /** `null`: pretty on a terminal, JSON elsewhere. */
  readonly format: 'pretty' | 'json' | null;
  /** Absolute; `null`: stderr. */
  readonly file: string | null;
  readonly rotate: { readonly maxBytes: number; readonly keep: number } | null;
}
