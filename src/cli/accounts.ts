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

/** The tenants that the options ask for, of all accounts. */
export interface TenantsAsked {
  readonly targets: readonly Target[];
  /** Accounts that could not be asked, and names that nobody has; they have been warned of. */
  readonly failed: readonly Failure[];
  /** Names after `--exclude-tenant` that nobody has; they have been warned of. */
  readonly excludedNobody: readonly string[];
}

/**
 * Learns the tenants that the options ask for; without `--tenant` all of them.
 *
 * Throws   config `usage.tenant` when nothing was chosen because a name was mistyped.
 */
export async function tenantsAsked(context: CommandContext, plan: Plan, options: TenantOptions): Promise<TenantsAsked> {
  const asked = await askFor(options);
  const accounts = await eachAccount(context, plan, (account) => tenantsOf(context, plan, account, asked));
  const targets = accounts.found.flat();
  // Whoever could not be asked may have them.
  if (accounts.failed.length > 0) return { targets, failed: accounts.failed, excludedNobody: [] };
  const nobody = asked.included.unmet();
  if (targets.length === 0 && nobody.length > 0) throw noTenant(nobody);
  // `Trial *` is right also while there is none.
  const excludedNobody = asked.excluded.unmet().filter((text) => !/[*?]/.test(text));
  const failed = nobody.map((name) => noTenant([name]));
  for (const { message, advice } of failed) context.warn(`${message}. ${advice}`);
  for (const name of excludedNobody) context.warn(`\`--exclude-tenant ${name}\` leaves nobody out: no tenant is called that`);
  return { targets, failed, excludedNobody };
}

export function noTenant(names: readonly string[]): Failure {
  return usage('tenant', `no tenant is called ${names.map((each) => `\`${each}\``).join(' or ')}`, 'See `sophos-central tenants`; `*` and `?` are allowed.');
}

/** Patterns, and which of them nothing has met. */
interface Patterns {
  meets(tenant: { readonly id: string; readonly name: string }): boolean;
  unmet(): readonly string[];
}

interface Asked {
  readonly included: Patterns;
  readonly excluded: Patterns;
}

async function askFor({ tenant, excludeTenant }: TenantOptions): Promise<Asked> {
  const { chooseTenants } = await import('../config/tenants.ts');
  const patterns = (texts: readonly string[]): Patterns => {
    const each = texts.map((text) => ({ text, wants: chooseTenants({ include: [text], exclude: [], labels: [] }).wants, isMet: false }));
    return {
      meets(found) {
        let isMet = false;
        for (const pattern of each) if (pattern.wants(found)) isMet = pattern.isMet = true;
        return isMet;
      },
      unmet: () => each.filter(({ isMet, text }) => !isMet && text !== '*').map(({ text }) => text),
    };
  };
  return { included: patterns(tenant ?? ['*']), excluded: patterns(excludeTenant ?? []) };
}

async function tenantsOf(context: CommandContext, plan: Plan, account: AccountPlan, { included, excluded }: Asked): Promise<readonly Target[]> {
  const configured = await openChoice(plan);
  const client = await openClient(account, context.world, oneShotRetries, plan.renew);
  const targets: Target[] = [];
  for await (const { items } of client.tenants.pages({ signal: context.signal })) {
    for (const entry of items) {
      const target = targetOf(account, client, entry, configured);
      const isOut = excluded.meets(target.tenant);
      if (included.meets(target.tenant) && !isOut) targets.push(target);
    }
  }
  return targets;
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
