/** The tenants that an action command works on, and reading from each of them before anything is asked. */
import type { TenantCalls } from '../../clients/central/client.ts';
import { Failure } from '../../core/failure.ts';
import { declareTenantOptions, noTenant, type Target, type TenantOptions, tenantsAsked } from '../accounts.ts';
import type { CommandContext, Parser } from '../command.ts';
import { wholeNumber } from '../context.ts';
import { sideBySide } from '../side-by-side.ts';

export interface ScopeOptions extends TenantOptions {
  readonly concurrency?: string;
}

/** Declares which tenants, and how many of them at once. */
export function declareScope(parser: Parser): Parser {
  return declareTenantOptions(parser).option('--concurrency <n>', 'tenants at once', '4');
}

/** Tenants that can be asked. */
export interface Scope {
  readonly targets: readonly Target[];
  /** Accounts and tenants that cannot; they have been warned of. */
  readonly unread: readonly Failure[];
  readonly concurrency: number;
}

/** A mistake in `--concurrency` is told before anything else is done. */
export function concurrencyOf({ concurrency = '4' }: ScopeOptions): number {
  return wholeNumber('--concurrency', concurrency, { min: 1, max: 64 });
}

/**
 * Learns the tenants that the options choose; without `--tenant` those that the configuration does.
 *
 * Throws   config `usage.tenant` for names that nobody has, also of those that are to be left out: what follows may change the others.
 */
export async function openScope(context: CommandContext, options: ScopeOptions): Promise<Scope> {
  const concurrency = concurrencyOf(options);
  const plan = await context.loadPlan();
  const asked = await tenantsAsked(context, plan, options);
  if (asked.excludedNobody.length > 0) throw noTenant(asked.excludedNobody);
  // Two accounts may open the same tenant: it is to be changed once.
  const seen = new Set<string>();
  const chosen = asked.targets
    .filter((target) => options.tenant !== undefined || target.isConfigured)
    .filter(({ tenant }) => !seen.has(tenant.id) && seen.add(tenant.id));
  const unread: Failure[] = [...asked.failed];
  for (const { tenant, reason } of chosen) {
    if (reason === null) continue;
    unread.push(new Failure('rejected', 'tenant.unreadable', reason, { advice: 'Leave it out with `--exclude-tenant`, or ask Sophos.' }));
    warnOf(context, tenant, reason);
  }
  return { targets: chosen.filter(({ reason }) => reason === null), unread, concurrency };
}

/** The calls about a target's tenant. */
export function callsOf({ client, tenant }: Target): TenantCalls {
  return client.forTenant({ id: tenant.id, apiHost: tenant.apiHost });
}

export interface ReadFromEach<T> {
  /** In the order of the tenants. */
  readonly found: readonly { readonly target: Target; readonly value: T }[];
  /** Those of the scope, and what failed now. */
  readonly unread: readonly Failure[];
}

/** Reads something from every tenant; what fails is warned of and does not hinder the others. A refused credential and aborts end all. */
export async function fromEach<T>(context: CommandContext, scope: Scope, work: (target: Target, calls: TenantCalls) => Promise<T>): Promise<ReadFromEach<T>> {
  const values = new Map<Target, T>();
  const unread: Failure[] = [...scope.unread];
  const progress = context.progress();
  let done = 0;
  const show = () => progress.update({ done, total: scope.targets.length, records: null, errors: unread.length });
  try {
    await sideBySide(scope.targets, scope.concurrency, async (target) => {
      context.signal.throwIfAborted();
      try {
        values.set(target, await work(target, callsOf(target)));
      } catch (error) {
        context.signal.throwIfAborted();
        if (!(error instanceof Failure) || error.kind === 'auth') throw error;
        unread.push(error);
        warnOf(context, target.tenant, `${error.message}${error.advice === undefined ? '' : `. ${error.advice}`}`);
      }
      done++;
      show();
    });
  } finally {
    progress.end();
  }
  const found = scope.targets.flatMap((target) => (values.has(target) ? [{ target, value: values.get(target) as T }] : []));
  return { found, unread };
}

function warnOf({ warn }: CommandContext, { id, name }: Target['tenant'], message: string): void {
  warn(`tenant ${name} (${id}): ${message}`);
}
