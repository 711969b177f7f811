import type { SophosCentral } from '../clients/central/client.ts';
import type { CentralTenant } from '../clients/central/shapes/account.ts';
import type { AccountPlan } from '../config/plan.ts';
import type { Tenant } from '../core/types.ts';

/** One tenant, and how to read from it. */
export interface Target {
  readonly account: AccountPlan;
  readonly client: SophosCentral;
  readonly entry: CentralTenant;
  readonly tenant: Tenant & { readonly apiHost: string | null };
  /** Why nothing can be read from it, as far as the list tells. */
  readonly reason: string | null;
  /** Does the configuration read it? */
  readonly isConfigured: boolean;
}
