import type { AccountPlan } from '../../config/plan.ts';
import { codeFor, eachAccount, oneShotRetries } from '../accounts.ts';
import type { Command, CommandContext } from '../command.ts';
import { openClient } from '../compose.ts';
import { exitCodes } from '../exit.ts';
import type { Fields } from '../output/fields.ts';
import { declareRowOptions, printRows, type RowOptions } from '../output/rows.ts';

/** Which account the credentials open. */
export const whoami: Command<RowOptions> = {
  name: 'whoami',
  summary: 'say which account the credentials open',
  description: 'Asks Central whose credential this is: its kind, id and hosts, for every account of the configuration.',
  examples: ['whoami', 'whoami --output json'],
  declare: declareRowOptions,
  async run(context, _args, options) {
    const plan = await context.loadPlan();
    const { found, failed } = await eachAccount(context, plan, (account) => ask(context, account));
    const headings = { account: 'ACCOUNT', kind: 'KIND', id: 'ID', 'hosts.global': 'GLOBAL HOST', 'hosts.dataRegion': 'DATA REGION' };
    await printRows(context, found, headings, options, { whole: ['ID'] });
    return failed.length === 0 ? exitCodes.done : codeFor(failed, plan.accounts.length);
  },
};

async function ask(context: CommandContext, account: AccountPlan): Promise<Fields> {
  const client = await openClient(account, context.world, oneShotRetries);
  if (account.credentials.kind === 'token') {
    // A legacy token belongs to no account; its data tells whose tenant it is.
    for await (const { id, apiHost } of client.tenants)
      return { account: account.name, kind: 'legacy token', id, hosts: { global: null, dataRegion: apiHost ?? null } };
  }
  const { id, idType, apiHosts } = await client.whoami(context.signal);
  return { account: account.name, kind: idType, id, hosts: { global: apiHosts.global, dataRegion: apiHosts.dataRegion ?? null } };
}
