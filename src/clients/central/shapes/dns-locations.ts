import type { ById } from './parts.ts';

/** A network whose names are resolved under protection, as Central spells it (reference, 7.8). There are at most 50. */
export interface DnsLocation extends ById {
  readonly name?: string | null;
  readonly default?: boolean | null;
  readonly description?: string | null;
  readonly ipList?: readonly string[] | null;
  readonly domainNames?: readonly string[] | null;
  readonly dohSecureLocationId?: string | null;
  readonly dohEnabled?: boolean | null;
  readonly dohUrl?: string | null;
  readonly policyId?: string | null;
  readonly createdAt?: string | null;
  readonly updatedAt?: string | null;
}

export interface NewDnsLocation {
  readonly name: string;
  readonly description?: string;
  readonly default?: boolean;
  readonly ipList?: readonly string[];
  readonly domainNames?: readonly string[];
  readonly dohEnabled?: boolean;
  readonly policyId?: string;
}

export interface DnsLocationChange {
  readonly name?: string;
  readonly description?: string;
  readonly ipAddresses?: { readonly add?: readonly string[]; readonly remove?: readonly string[] };
  readonly domainNames?: { readonly add?: readonly string[]; readonly remove?: readonly string[] };
  readonly dohEnabled?: boolean;
  readonly policyId?: string;
}
