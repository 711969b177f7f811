export type AccountKind = 'tenant' | 'organization' | 'partner';

/** Calls allowed per window; what is absent is unlimited. */
export interface RateLimits {
  readonly second?: number;
  readonly minute?: number;
  readonly hour?: number;
  readonly day?: number;
}

/**
 * What the simulator is to be.
 *
 * Units    `historyMs` in ms; of the 24 h that the API remembers the oldest hour stays empty, so that a reader that takes
 *          its time still finds everything: history never reaches further back than 23 h.
 */
export interface SimulatorOptions {
  /** 0 (default): any free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Same seed: same ids, names, secrets and records. Default 1. */
  readonly seed?: number;
  /** What the credential opens. Default `tenant`. */
  readonly account?: AccountKind;
  /** Default 1 for a tenant, otherwise 25. */
  readonly tenants?: number;
  /** Per tenant. Default 50. */
  readonly endpoints?: number;
  /** Per tenant, generated as the simulator's clock advances; also the history's rate. Default 0. */
  readonly eventsPerMinute?: number;
  /** Default 24 h. */
  readonly historyMs?: number;
  /** Exact number of history events per tenant, whatever the rate. */
  readonly eventsPerTenant?: number;
  /** Exact number of history SIEM alerts per tenant. Default one for every 50 events. */
  readonly alertsPerTenant?: number;
  /** Alerts of the Common API that are open at the start, of the last 90 days; per tenant. Default 40. */
  readonly openAlertsPerTenant?: number;
  /** Websites of web control; per tenant. Default 20. */
  readonly localSitesPerTenant?: number;
  /** People of the directory; per tenant. Default 25. */
  readonly usersPerTenant?: number;
  /** Default 3. */
  readonly userGroupsPerTenant?: number;
  /** Default 4. */
  readonly adminsPerTenant?: number;
  /** Default 6. */
  readonly endpointGroupsPerTenant?: number;
  /** Beside the base policies. Default 6. */
  readonly policiesPerTenant?: number;
  /** PEM texts; without them it speaks plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Names of the first tenants. */
  readonly tenantNames?: readonly string[];
  /** Off by default. */
  readonly rateLimits?: RateLimits;
}

/** The options with every default filled in. */
export interface Setup {
  readonly seed: number;
  readonly account: AccountKind;
  readonly tenants: number;
  readonly endpoints: number;
  readonly eventsPerMinute: number;
  readonly historyMs: number;
  readonly events: number;
  readonly alerts: number;
  readonly tenantNames: readonly string[];
  readonly openAlerts: number;
  readonly localSites: number;
  readonly users: number;
  readonly userGroups: number;
  readonly admins: number;
  readonly endpointGroups: number;
  readonly policies: number;
}

const HOUR_MS = 3_600_000;
const MOST_HISTORY_MS = 23 * HOUR_MS;

export function setupOf(options: SimulatorOptions): Setup {
  const account = options.account ?? 'tenant';
  const eventsPerMinute = options.eventsPerMinute ?? 0;
  const historyMs = Math.min(options.historyMs ?? 24 * HOUR_MS, MOST_HISTORY_MS);
  const events = options.eventsPerTenant ?? Math.round((eventsPerMinute * historyMs) / 60_000);
  return {
    seed: options.seed ?? 1,
    account,
    tenants: options.tenants ?? (account === 'tenant' ? 1 : 25),
    endpoints: Math.max(1, options.endpoints ?? 50),
    eventsPerMinute,
    historyMs,
    events,
    alerts: options.alertsPerTenant ?? Math.floor(events / 50),
    tenantNames: options.tenantNames ?? [],
    openAlerts: options.openAlertsPerTenant ?? 40,
    localSites: options.localSitesPerTenant ?? 20,
    users: options.usersPerTenant ?? 25,
    userGroups: options.userGroupsPerTenant ?? 3,
    admins: options.adminsPerTenant ?? 4,
    endpointGroups: options.endpointGroupsPerTenant ?? 6,
    policies: options.policiesPerTenant ?? 6,
  };
}
