/** The local sites of all chosen tenants, and what Intelix knows of each: every distinct address is looked up once. */

import type { LocalSite } from '../../clients/central/shapes/web-control.ts';
import { kindOfAddress, normalAddress } from '../../clients/intelix/address.ts';
import { type RiskLevel, riskLevels } from '../../clients/intelix/risk.ts';
import { Failure } from '../../core/failure.ts';
import type { Target } from '../accounts.ts';
import { sitesOf } from '../actions/local-sites.ts';
import { fromEach, openScope, type Scope, type ScopeOptions } from '../actions/scope.ts';
import type { CommandContext } from '../command.ts';
import { figure, plural } from '../output/progress.ts';
import { type Looked, lookAll } from './looking.ts';
import type { OpenIntelix } from './open.ts';

/** A site of a tenant, as Central lists it. */
export interface Reviewed {
  readonly target: Target;
  readonly site: LocalSite;
  readonly looked: Looked;
}

/** One address, however it is spelled and in how many estates it stands. */
export interface Address {
  readonly kind: 'url' | 'ip';
  /** The smallest spelling, so that it is the same one in every run. */
  readonly address: string;
  readonly sites: number;
}

export interface Review {
  readonly scope: Scope;
  /** Tenants that could be read. */
  readonly targets: readonly Target[];
  /** In the order of the tenants, and of Central. */
  readonly sites: readonly Reviewed[];
  readonly addresses: readonly (Address & { readonly looked: Looked })[];
  /** Tenants and accounts that could not be read; they have been warned of. */
  readonly unread: readonly Failure[];
}

/** Reads and looks up. Throws as `openScope` and `lookAll` do. */
export async function reviewSites(context: CommandContext, intelix: OpenIntelix, options: ScopeOptions): Promise<Review> {
  const scope = await openScope(context, options);
  const { found, unread } = await fromEach(context, scope, (_target, calls) => sitesOf(calls, context.signal));
  const sites = found.flatMap(({ target, value }) => value.map((site) => ({ target, site })));
  const addresses = addressesOf(sites.map(({ site }) => site.url));
  const looked = await lookAll(context, intelix, [...addresses.values()], ({ address, kind }, signal) => intelix.site(address, kind, signal));
  const known = new Map([...addresses.keys()].map((key, i) => [key, looked[i] ?? nameless]));
  return {
    scope,
    targets: found.map(({ target }) => target),
    sites: sites.map((each) => ({ ...each, looked: known.get(keyOf(each.site.url) ?? '') ?? nameless })),
    addresses: [...addresses].map(([key, address]) => ({ ...address, looked: known.get(key) ?? nameless })),
    unread,
  };
}

/** In the order in which they are met. */
function addressesOf(urls: readonly (string | null | undefined)[]): ReadonlyMap<string, Address> {
  const addresses = new Map<string, Address>();
  for (const url of urls) {
    const key = keyOf(url);
    if (key === null || typeof url !== 'string') continue;
    const before = addresses.get(key);
    const address = before === undefined || url < before.address ? url : before.address;
    addresses.set(key, { kind: key.startsWith('ip ') ? 'ip' : 'url', address, sites: (before?.sites ?? 0) + 1 });
  }
  return addresses;
}

/** `null`: there is nothing to look up. */
function keyOf(url: string | null | undefined): string | null {
  if (typeof url !== 'string' || url.trim() === '') return null;
  return `${kindOfAddress(url) === 'ip' ? 'ip' : 'url'} ${normalAddress(url)}`;
}

const nameless: Looked = {
  is: 'not looked up',
  reason: 'Central tells no address of it',
  failure: new Failure('rejected', 'intelix.bad-input', 'Central tells no address of the site', { advice: 'Look at the entry in Sophos Central.' }),
};

/** How many sites there are of each risk, for a person. */
export function summaryOf({ sites, addresses, targets }: Review): string {
  const count = (level: RiskLevel) => sites.filter(({ looked }) => looked.is === 'looked up' && looked.risk === level).length;
  const missing = sites.filter(({ looked }) => looked.is === 'not looked up').length;
  const risks = riskLevels.map((level) => `${figure(count(level))} ${level}`).join(', ');
  const rest = missing === 0 ? '' : `, ${figure(missing)} not looked up`;
  const distinct = `${figure(addresses.length)} distinct address${addresses.length === 1 ? '' : 'es'}`;
  return `${plural(sites.length, 'local site')} of ${plural(targets.length, 'tenant')}, ${distinct}: ${risks}${rest}.`;
}
