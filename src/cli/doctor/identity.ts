/** Does Sophos accept the credential, whose is it, and which tenants does it open? */
import type { SophosCentral } from '../../clients/central/client.ts';
import type { CentralTenant } from '../../clients/central/shapes/account.ts';
import type { AccountPlan, Plan } from '../../config/plan.ts';
import { chooseTenants } from '../../config/tenants.ts';
import { Failure } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { Report } from '../../core/world.ts';
import type { TenantOptions } from '../accounts.ts';
import type { CommandContext } from '../command.ts';
import { openClient } from '../compose.ts';
import { plural } from '../output/progress.ts';
import type { Read } from './configuration.ts';
import { forEach } from './examine.ts';
import { ok, skipped, type Tell, type Told, wrong } from './finding.ts';
import type { Reached } from './network.ts';
import { NotWaited, openPatientPace, type PatientPace } from './patience.ts';
import { refusalOf } from './refusal.ts';

const atOnce = 4;
/** A person waits: no call needs longer, and one repetition tells an accident from a state. */
const longestCallMs: Millis = 20_000;
const retries = 1;
/** Token, whoami, and a page of tenants. */
const leastCalls = 3;

/** A tenant that the configuration, and `--tenant`, choose. */
export interface ListedTenant {
  readonly id: string;
  readonly name: string;
  readonly entry: CentralTenant;
  /** Why nothing can be read from it, as the list tells. */
  readonly reason: string | null;
  /** Do `--tenant` and `--exclude-tenant` choose it too? */
  readonly isAsked: boolean;
}

/** An account that was let in. */
export interface KnownAccount {
  readonly account: AccountPlan;
  readonly client: SophosCentral;
  /** The client's budget: what it has room for is tried, the rest is told. */
  readonly pace: PatientPace;
  /** `tenant`, `partner`, `organization`, or `legacy token`; `unknown` when there was no call left to ask. */
  readonly kind: string;
  /** Hosts that hold its tenants' data. */
  readonly regions: readonly string[];
  readonly tenants: readonly ListedTenant[];
  /** Was the list of tenants read to its end? */
  readonly isListed: boolean;
}

export interface IdentityOptions extends TenantOptions {
  readonly allTenants?: boolean;
}

/** What all accounts are asked with. */
interface Asking {
  readonly plan: Plan;
  readonly read: Read;
  readonly reached: readonly Reached[];
  readonly options: IdentityOptions;
  readonly context: CommandContext;
  readonly signal: AbortSignal;
}

export async function examineIdentity(
  read: Read,
  reached: readonly Reached[],
  options: IdentityOptions,
  context: CommandContext,
  tell: Tell,
  signal: AbortSignal,
): Promise<readonly KnownAccount[]> {
  const { plan } = read;
  if (!plan) return [];
  const known = await forEach(plan.accounts, atOnce, async (account) => {
    const told: Told[] = [];
    const found = await ask(account, { plan, read, reached, options, context, signal }, (finding) => told.push(finding));
    return { told, found };
  });
  for (const { told } of known) told.forEach(tell);
  return known.flatMap(({ found }) => (found ? [found] : []));
}

async function ask(account: AccountPlan, asking: Asking, tell: Tell): Promise<KnownAccount | null> {
  const { plan, read, reached, options, context, signal } = asking;
  const closed = reached.filter(({ route, isWell }) => route.account === account && !isWell);
  if (closed.length > 0) {
    tell(skipped(account.name, `not asked: ${[...new Set(closed.map(({ route }) => route.url.host))].join(' and ')} cannot be reached`));
    return null;
  }
  try {
    const { rateLimits: limits } = account;
    const report = (each: Report) => context.world.report({ account: account.name, ...each });
    const pace = openPatientPace({ clock: context.world.clock, report, limits }, options.allTenants === true);
    const timeoutMs = Math.min(account.timeoutMs, longestCallMs);
    // A second try must not take the place of what comes after.
    const tries = Math.min(limits.minute, limits.hour, limits.day) > leastCalls ? retries : 0;
    const client = await openClient({ ...account, timeoutMs }, context.world, tries, undefined, pace);
    const { kind, entries, isListed } = await listOf(account, client, tell, signal);
    const tenants = chosen(entries, { account, client, kind }, asking);
    tellTenants(account.name, { kind, listed: entries.length, isListed }, tenants, options, tell);
    const regions = tenants.flatMap(({ entry, reason }) => (reason === null && entry.apiHost ? [entry.apiHost] : []));
    return { account, client, pace, kind, tenants, isListed, regions: [...new Set(regions)] };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    tell(await refusalOf(error, account, plan, read, context));
    return null;
  }
}

/** Those that the configuration chooses. */
function chosen(
  entries: readonly CentralTenant[],
  { account, client, kind }: Pick<KnownAccount, 'account' | 'client' | 'kind'>,
  { plan, options }: Asking,
): readonly ListedTenant[] {
  const configured = chooseTenants(plan.tenants);
  const asked = chooseTenants({ include: options.tenant ?? ['*'], exclude: options.excludeTenant ?? [], labels: [] });
  return entries.flatMap((entry) => {
    const named = { id: entry.id, name: kind === 'legacy token' ? account.name : entry.name };
    return configured.wants(named) ? [{ ...named, entry, reason: client.tenants.whyNot(entry), isAsked: asked.wants(named) }] : [];
  });
}

interface Listed {
  readonly kind: string;
  readonly entries: readonly CentralTenant[];
  readonly isListed: boolean;
}

/** Whose it is, and its tenants, as far as the budget goes without a wait. */
async function listOf({ name, credentials }: AccountPlan, client: SophosCentral, tell: Tell, signal: AbortSignal): Promise<Listed> {
  const isLegacy = credentials.kind === 'token';
  const entries: CentralTenant[] = [];
  let kind = isLegacy ? 'legacy token' : 'unknown';
  try {
    const whose = isLegacy ? null : await client.whoami(signal);
    if (whose) {
      kind = whose.idType;
      const region = whose.apiHosts.dataRegion ? `, data at ${new URL(whose.apiHosts.dataRegion).host}` : '';
      tell(ok(name, `the credential is accepted: ${whose.idType} ${whose.id}${region}`));
    }
    for await (const { items } of client.tenants.pages({ signal, ...(whose ? { whose } : {}) })) entries.push(...items);
    if (isLegacy) {
      const id = entries[0]?.id ?? '';
      const opens = id.startsWith('legacy-') ? 'no record has told yet whose it is' : `it opens the tenant ${id}`;
      tell(ok(name, `the legacy API token is accepted; ${opens}`));
    }
    return { kind, entries, isListed: true };
  } catch (error) {
    if (!(error instanceof NotWaited)) throw error;
    // Without a token nothing is known of the credential, and whoever asked was refused one before.
    if (error.isToken) throw noToken(error);
    if (isLegacy) tell(ok(name, 'the legacy API token is accepted'));
    else if (kind === 'unknown') tell(ok(name, 'the credential is accepted: a token was given'));
    const what = isLegacy || kind === 'unknown' ? 'whose it is, and which tenants it opens, was not asked' : 'the list of tenants was not read to its end';
    tell(skipped(`${name}, tenants`, `${what}: ${error.message}`));
    return { kind, entries, isListed: false };
  }
}

function noToken(reason: NotWaited): Failure {
  return new Failure('transient', 'central.unavailable', `no token that is good could be had, and it was not tried again: ${reason.message}`, {
    advice: 'Try again after that time.',
  });
}

function tellTenants(
  account: string,
  { kind, listed, isListed }: Omit<Listed, 'entries'> & { readonly listed: number },
  tenants: readonly ListedTenant[],
  { tenant = [] }: TenantOptions,
  tell: Tell,
): void {
  const aside = tenants.filter(({ reason }) => reason !== null);
  if (kind !== 'tenant' && kind !== 'legacy token' && (isListed || listed > 0))
    tell(ok(`${account}, tenants`, `${plural(listed, 'tenant')} in the list${isListed ? '' : ' so far'}, ${tenants.length} chosen by the configuration`));
  if (isListed && listed > 0 && tenants.length === 0)
    tell(
      wrong(
        'warning',
        `${account}, tenants`,
        'the configuration chooses none of them',
        'no name or id fits `tenants.include`, or `tenants.exclude` takes all away',
        'Correct the patterns; `sophos-central tenants` lists the names.',
      ),
    );
  for (const pattern of isListed ? tenant : []) {
    const { wants } = chooseTenants({ include: [pattern], exclude: [], labels: [] });
    if (tenants.some(wants)) continue;
    tell(
      wrong(
        'warning',
        `${account}, tenants`,
        `none is called \`${pattern}\``,
        '`--tenant` names nobody that the configuration reads',
        'See `sophos-central tenants`; `*` and `?` are allowed.',
      ),
    );
  }
  for (const { name, reason } of aside) {
    const cause = reason ?? '';
    const cure = cause.includes('not active')
      ? 'Leave it out with `tenants.exclude`, or ask Sophos why it is not active.'
      : cause.includes('not provisioned')
        ? 'Wait until Sophos has set it up; it is looked for again every hour.'
        : 'If this host is meant, give it as `apiUrl`. Otherwise find out who answered in place of Sophos.';
    tell(wrong('warning', name, 'nothing is read from this tenant', cause, cure));
  }
}
