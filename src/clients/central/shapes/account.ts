/** A word of a list that Central may make longer at any time. */
export type OpenText<Known extends string> = Known | (string & { readonly open?: never });

/** Reply of `/whoami/v1`, as Central spells it (reference, section 2). */
export interface WhoAmI {
  readonly id: string;
  readonly idType: OpenText<'tenant' | 'partner' | 'organization'>;
  readonly apiHosts: {
    readonly global: string;
    /** Of a tenant only. */
    readonly dataRegion?: string | null;
  };
}

/** A tenant, as Central spells it (reference, section 3). Names are not unique. */
export interface CentralTenant {
  readonly id: string;
  readonly name: string;
  readonly showAs?: string | null;
  readonly dataGeography?: OpenText<'US' | 'IE' | 'DE' | 'CA' | 'AU' | 'JP' | 'IN' | 'BR'> | null;
  readonly dataRegion?: string | null;
  readonly billingType?: OpenText<'term' | 'trial' | 'usage'> | null;
  readonly partner?: { readonly id: string } | null;
  readonly organization?: { readonly id: string } | null;
  /** Where its calls go; missing while it is not provisioned. */
  readonly apiHost?: string | null;
  readonly status?: OpenText<'active'> | null;
  readonly externalId?: string | null;
}
