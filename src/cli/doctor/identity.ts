/** Does Sophos accept the credential, whose is it, and which tenants does it open? */
import type { SophosCentral } from '../../clients/central/client.ts';
import type { CentralTenant } from '../../clients/central/shapes/account.ts';
import type { AccountPlan, Plan } from '../../config/plan.ts';
import { chooseTenants } from '../../config/tenants.ts';
import { CentralError, Failure } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { TenantOptions } from '../accounts.ts';
import type { CommandContext } from '../command.ts';
import { openClient } from '../compose.ts';
import { plural } from '../output/progress.ts';
import { openBeside } from '../store.ts';
import { placeOf, type Read } from './configuration.ts';
import { forEach } from './examine.ts';
import { ok, skipped, type Tell, type Told, wrong } from './finding.ts';
import { globalUrl, identityUrl, type Reached } from './network.ts';

const atOnce = 4;
/** A person waits: no call needs longer, and one repetition tells an accident from a state. */
const longestCallMs: Millis = 20_000;
const retries = 1;

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
  /** `tenant`, `partner`, `organization`, or `legacy token`. */
  readonly kind: string;
  /** Hosts that hold its tenants' data. */
  readonly regions: readonly string[];
  readonly tenants: readonly ListedTenant[];
}

export async function examineIdentity(
  read: Read,
  reached: readonly Reached[],
  options: TenantOptions,
  context: CommandContext,
  tell: Tell,
  signal: AbortSignal,
): Promise<readonly KnownAccount[]> {
  const { plan } = read;
  if (!plan) return [];
  const known = await forEach(plan.accounts, atOnce, async (account) => {
    const told: Told[] = [];
    const found = await ask(account, plan, read, reached, options, context, (finding) => told.push(finding), signal);
    return { told, found };
  });
  for (const { told } of known) told.forEach(tell);
  return known.flatMap(({ found }) => (found ? [found] : []));
}

async function ask(
  account: AccountPlan,
  plan: Plan,
  read: Read,
  reached: readonly Reached[],
  options: TenantOptions,
  context: CommandContext,
  tell: Tell,
  signal: AbortSignal,
): Promise<KnownAccount | null> {
  const closed = reached.filter(({ route, isWell }) => route.account === account && !isWell);
  if (closed.length > 0) {
    tell(skipped(account.name, `not asked: ${[...new Set(closed.map(({ route }) => route.url.host))].join(' and ')} cannot be reached`));
    return null;
  }
  try {
    const client = await openClient({ ...account, timeoutMs: Math.min(account.timeoutMs, longestCallMs) }, context.world, retries);
    const kind = await kindOf(account, client, tell, signal);
    const tenants: ListedTenant[] = [];
    const configured = chooseTenants(plan.tenants);
    const asked = chooseTenants({ include: options.tenant ?? ['*'], exclude: options.excludeTenant ?? [], labels: [] });
    let listed = 0;
    for await (const { items } of client.tenants.pages({ signal })) {
      for (const entry of items) {
        listed++;
        const named = { id: entry.id, name: kind === 'legacy token' ? account.name : entry.name };
        if (!configured.wants(named)) continue;
        tenants.push({ ...named, entry, reason: client.tenants.whyNot(entry), isAsked: asked.wants(named) });
      }
    }
    tellTenants(account.name, kind, listed, tenants, options, tell);
    const regions = tenants.flatMap(({ entry, reason }) => (reason === null && entry.apiHost ? [entry.apiHost] : []));
    return { account, client, kind, tenants, regions: [...new Set(regions)] };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    tell(await refusalOf(error, account, plan, read, context));
    return null;
  }
}

async function kindOf(account: AccountPlan, client: SophosCentral, tell: Tell, signal: AbortSignal): Promise<string> {
  if (account.credentials.kind === 'token') {
    for await (const { items } of client.tenants.pages({ signal })) {
      const id = items[0]?.id ?? '';
      const whose = id.startsWith('legacy-') ? 'no record has told yet whose it is' : `it opens the tenant ${id}`;
      tell(ok(account.name, `the legacy API token is accepted; ${whose}`));
    }
    return 'legacy token';
  }
  const { id, idType, apiHosts } = await client.whoami(signal);
  const region = apiHosts.dataRegion ? `, data at ${new URL(apiHosts.dataRegion).host}` : '';
  tell(ok(account.name, `the credential is accepted: ${idType} ${id}${region}`));
  return idType;
}

function tellTenants(account: string, kind: string, listed: number, tenants: readonly ListedTenant[], { tenant = [] }: TenantOptions, tell: Tell): void {
  const aside = tenants.filter(({ reason }) => reason !== null);
  if (kind !== 'tenant' && kind !== 'legacy token')
    tell(ok(`${account}, tenants`, `${plural(listed, 'tenant')} in the list, ${tenants.length} chosen by the configuration`));
  if (listed > 0 && tenants.length === 0)
    tell(
      wrong(
        'warning',
        `${account}, tenants`,
        'the configuration chooses none of them',
        'no name or id fits `tenants.include`, or `tenants.exclude` takes all away',
        'Correct the patterns; `sophos-central tenants` lists the names.',
      ),
    );
  for (const pattern of tenant) {
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

/** Where credentials are made (docs.sophos.com, "API Credentials"). */
const console_ = 'in Sophos Central under Global Settings, Access Control, API Credentials (partners and enterprises: Settings & Policies, API Credentials)';

/** What a refusal means, as far as the identity service tells (reference, section 1). */
async function refusalOf(error: Failure, account: AccountPlan, plan: Plan, read: Read, context: CommandContext): Promise<Told> {
  const { name, credentials } = account;
  const failed = (seen: string, cause: string, cure: string) => wrong('failed', name, seen, cause, cure, error.code);
  if (!(error instanceof CentralError) || error.kind !== 'auth') {
    const seen = `${new URL(identityUrl(account)).host} or ${new URL(globalUrl(account)).host} gave no usable answer`;
    return failed(seen, error.message, error.advice ?? 'Try again.');
  }
  if (credentials.kind === 'token') {
    const cure = `Make an API credential instead, ${console_}, with the role Service Principal ReadOnly.`;
    return failed('the legacy API token is refused', 'it is wrong, was revoked, or is older than the year that it is valid', cure);
  }
  const idPlace = placeOf(read, name, 'clientId', 'SOPHOS_CLIENT_ID');
  const secretPlace = placeOf(read, name, 'clientSecret', 'SOPHOS_CLIENT_SECRET');
  const word = error.centralCode ?? '';
  const seen = `Sophos refused the credential with ${error.status}${word === '' ? '' : `, ${word}`}`;
  const renew = `Make a new credential ${console_}, and put its id and secret into ${idPlace} and ${secretPlace}.`;
  if (/expir/i.test(`${word} ${error.message}`)) return failed(seen, 'the credential has expired', `${renew} Expired ones are not renewed.`);
  if (/client_app|does_not_exist|invalid_client_id|unknown_client/i.test(word)) {
    const begins = credentials.clientId.slice(0, 4);
    const cause = `Sophos knows no credential with the id that begins with \`${begins}\` (wrong id): it was mistyped, cut when it was copied, or the credential was deleted`;
    return failed(seen, cause, `Compare ${idPlace} with the client id shown ${console_}; if it is gone, make a new credential there.`);
  }
  if (error.code === 'central.token-refused')
    return failed(seen, 'tokens are given for this credential, and the API refuses them: it may just have been revoked', renew);
  if (/secret/i.test(word)) {
    const readAt = await lastReadAt(name, plan, context);
    if (readAt !== null) {
      const since = new Date(readAt).toISOString().replace(/\.\d+Z$/, 'Z');
      const cause = `the id is known and the secret is not accepted any more: this account was read until ${since}, so most likely the credential has expired, or its secret was changed since`;
      return failed(seen, cause, `Look at its expiry ${console_}. ${renew}`);
    }
    const cause =
      'the id is known, and the secret is not the one that belongs to it (wrong secret): mistyped, cut when it was copied, or of another credential. An expired credential is refused with the same words';
    return failed(
      seen,
      cause,
      `Put the secret that belongs to this id into ${secretPlace}. It is shown only once: if it is lost or expired, make a new credential ${console_}.`,
    );
  }
  return failed(seen, error.message, `Check ${idPlace} and ${secretPlace}, and the expiry of the credential ${console_}.`);
}

/** When the account's streams were last read here; `null`: never, or nobody can tell. */
async function lastReadAt(account: string, plan: Plan, context: CommandContext): Promise<Millis | null> {
  try {
    const store = await openBeside(context, plan);
    if (!store) return null;
    try {
      const own = new Set((await store.directory.tenants()).filter((tenant) => tenant.account === account).map(({ id }) => id));
      const times = (await store.directory.streams()).flatMap(({ tenant, readUpTo }) => (own.has(tenant.id) && readUpTo !== null ? [readUpTo] : []));
      return times.length === 0 ? null : Math.max(...times);
    } finally {
      await store.close();
    }
  } catch (error) {
    // What is wrong with the state is told where the state is examined.
    if (error instanceof Failure) return null;
    throw error;
  }
}
