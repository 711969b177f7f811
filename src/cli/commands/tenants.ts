import { codeFor, declareTenantOptions, type Target, type TenantOptions, tenantsAsked } from '../accounts.ts';
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
    const { targets, failed } = await tenantsAsked(context, plan, options);
    const rows = targets.toSorted(byName).map(rowOf);
    const several = plan.accounts.length > 1;
    const headings = {
      ...(several ? { account: 'ACCOUNT' } : {}),
      name: 'NAME',
      id: 'ID',
      region: 'REGION',
      billing: 'BILLING',
      ...(rows.every(({ status }) => status === 'active') ? {} : { status: 'STATUS' }),
      read: 'READ',
      ...(rows.every(({ reason }) => reason === null) ? {} : { reason: 'REASON' }),
    };
    await printRows(context, rows, headings, options, { whole: ['ID'] });
    return failed.length === 0 ? exitCodes.done : codeFor(failed, targets.length + failed.length);
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
