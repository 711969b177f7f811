import type { Millis, Stream, Tenant } from '../core/types.ts';

/** One stream to read, and how often. */
export interface Feed {
  readonly stream: Stream;
  readonly everyMs: Millis;
}

/** What an account holds at present. */
export interface Discovery {
  readonly tenants: readonly Tenant[];
  readonly feeds: readonly Feed[];
  /** Tenants that the account lists and nothing can be read from, and why. */
  readonly aside: readonly { readonly tenant: Tenant; readonly reason: string }[];
  /** Ask again sooner than usual. */
  readonly againMs?: Millis;
}

/** One account, as the engine sees it. */
export interface Source {
  readonly account: string;
  /** What its credential allows. */
  readonly callsPerHour: number;
  discover(signal: AbortSignal): Promise<Discovery>;
}
