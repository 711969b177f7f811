/** The accounts of a plan and their tenants, as the one-shot commands see them. */
import type { SophosCentral } from '../clients/central/client.ts';
import type { CentralTenant } from '../clients/central/shapes/account.ts';
import type { AccountPlan, Plan } from '../config/plan.ts';
import type { TenantChoice } from '../config/tenants.ts';
import { Failure } from '../core/failure.ts';
import type { CommandContext, Parser } from './command.ts';
import { openChoice, openClient } from './compose.ts';
import { type ExitCode, exitCodeOf, exitCodes, usage } from './exit.ts';
import type { Target } from './target.ts';

export type { Target } from './target.ts';

/** How often a one-shot command asks again before it gives up. */
export const oneShotRetries = 5;

/** Does something for every account; what fails is said, and does not hinder the others. Aborts and bugs end all. */
export async function eachAccount<T>(
  context: CommandContext,
  plan: Plan,
  work: (account: AccountPlan) => Promise<T>,
): Promise<{ readonly found: readonly T[]; readonly failed: readonly Failure[] }> {
  const found: T[] = [];
  const failed: Failure[] = [];
  for (const account of plan.accounts) {
    try {
      found.push(await work(account));
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof Failure)) throw error;
      if (plan.accounts.length === 1) throw error;
      failed.push(error);
      context.warn(`account ${account.name}: ${error.message}`);
    }
  }
  return { found, failed };
}

/** The exit code when some of so many could not be served: partly done, unless it was all of them. */
export function codeFor(failed: readonly Failure[], all: number): ExitCode {
  if (failed.length < all) return exitCodes.partly;
  const code = exitCodeOf(failed[0]);
  // That Central keeps a tenant to itself is no failure of ours.
  return failed.every(({ kind }) => kind === 'rejected') ? exitCodes.partly : code;
}

export interface TenantOptions {
  readonly tenant?: readonly string[];
  readonly excludeTenant?: readonly string[];
}

/** Declares how tenants are chosen. */
export function declareTenantOptions(parser: Parser): Parser {
  return parser
    .option('--tenant <id|name>', 'only this tenant: id, name or glob (repeatable)', repeated)
    .option('--exclude-tenant <id|name>', 'all but this tenant (repeatable)', repeated);
}

/** An option that may be given several times. Not one that takes several words: it would swallow the arguments after it. */
export function repeated(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** The tenants of one account that the options choose; without `--tenant` all of them. */
export async function tenantsOf(context: CommandContext, plan: Plan, account: AccountPlan, options: TenantOptions): Promise<readonly Target[]> {
  const { chooseTenants } = await import('../config/tenants.ts');
  const configured = await openChoice(plan);
  const asked = chooseTenants({ include: options.tenant ?? ['*'], exclude: options.excludeTenant ?? [], labels: [] });
  const client = await openClient(account, context.world, oneShotRetries);
  const targets: Target[] = [];
  for await (const { items } of client.tenants.pages({ signal: context.signal })) {
    for (const entry of items) {
      const target = targetOf(account, client, entry, configured);
      if (asked.wants(target.tenant)) targets.push(target);
    }
  }
  return targets;
}

/**
 * Throws   config `usage.tenant` when nothing was chosen because a name was mistyped.
 */
export function needTenants(targets: readonly Target[], { tenant }: TenantOptions): void {
  if (targets.length > 0 || tenant === undefined) return;
  throw usage('tenant', `no tenant is called ${tenant.map((each) => `\`${each}\``).join(' or ')}`, 'See `sophos-central tenants`; `*` and `?` are allowed.');
}

function targetOf(account: AccountPlan, client: SophosCentral, entry: CentralTenant, configured: TenantChoice): Target {
  const isLegacy = account.credentials.kind === 'token';
  const named = { id: entry.id, name: isLegacy ? account.name : entry.name };
  return {
    account,
    client,
    entry,
    tenant: { ...named, labels: configured.labelsOf(named), apiHost: entry.apiHost ?? null },
    reason: client.tenants.whyNot(entry),
    isConfigured: configured.wants(named),
  };
}
