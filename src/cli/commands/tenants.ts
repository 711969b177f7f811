import { codeFor, declareTenantOptions, eachAccount, needTenants, type Target, type TenantOptions, tenantsOf } from '../accounts.ts';
import type { Command } from '../command.ts';
import { exitCodes } from '../exit.ts';
import type { Fields } from '../output/fields.ts';
import { declareRowOptions, printRows, type RowOptions } from '../output/rows.ts';

type Options = RowOptions & TenantOptions;

/** The account's tenants, and whether they are read. */
export const tenants: Command<Options> = {
  name: 'tenants',
  summary: "list the account's tenants",
  description: 'Lists the tenants of every account, and whether `run` reads them: `no` comes with its reason.',
  examples: ['tenants', 'tenants --tenant "Acme*" --output csv', 'tenants --exclude-tenant "Trial *" --fields id,name'],
  declare: (parser) => declareRowOptions(declareTenantOptions(parser)),
  async run(context, _args, options) {
    const plan = await context.loadPlan();
    const { found, failed } = await eachAccount(context, plan, (account) => tenantsOf(context, plan, account, options));
    const targets = found.flat();
    if (failed.length === 0) needTenants(targets, options);
    const several = plan.accounts.length > 1;
    const headings = {
      ...(several ? { account: 'ACCOUNT' } : {}),
      id: 'ID',
      name: 'NAME',
      region: 'REGION',
      billing: 'BILLING',
      status: 'STATUS',
      read: 'READ',
      reason: 'REASON',
    };
    await printRows(context, targets.toSorted(byName).map(rowOf), headings, options);
    return failed.length === 0 ? exitCodes.done : codeFor(failed, plan.accounts.length);
  },
};

function byName(a: Target, b: Target): number {
  return a.tenant.name.localeCompare(b.tenant.name, 'en') || a.tenant.id.localeCompare(b.tenant.id, 'en');
}

function rowOf({ account, entry, tenant, reason, isConfigured }: Target): Fields {
  const why = isConfigured ? reason : 'the configuration leaves it out';
  return {
    account: account.name,
    id: tenant.id,
    name: tenant.name,
    region: entry.dataRegion ?? null,
    billing: entry.billingType ?? null,
    status: entry.status ?? null,
    read: why === null ? 'yes' : 'no',
    reason: why,
  };
}
