import { headerOf } from '../call.ts';
import type { Collection, Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { orderOf } from './asking.ts';
import { iso, many } from './family.ts';
import { firewallCount, serialOf } from './firewalls-made.ts';
import { collectionOf, type Holder, idIn } from './held.ts';
import { pageReply } from './paging.ts';
import { type Asked, type Route, route } from './route.ts';

const DAY_MS = 86_400_000;
/** Code, name, and what it counts: people, servers, or nothing. */
const PRODUCTS = [
  ['CIXAXDR', 'Intercept X Advanced with XDR', 0.8],
  ['SVRCIXAXDR', 'Intercept X Advanced for Server with XDR', 0.2],
  ['CEMA', 'Email Advanced', 1],
  ['MDRCEU', 'Managed Detection and Response Complete', 0.8],
  ['CMOB', 'Mobile Advanced', 0.3],
  ['DNSP', 'DNS Protection', null],
] as const;
const DAYS_LEFT = [300, -5, 20, 200, 700] as const;
const FIREWALL_PRODUCTS = ['XSTREAM', 'STANDARD', 'ENHANCEDPLUS'] as const;

function day(ms: number): string {
  return iso(ms).slice(0, 10);
}

function licensesOf(holder: Holder, now: number): readonly Item[] {
  const { tenant, sim } = holder;
  return many(holder, 'licenses', PRODUCTS.length, (i, random, id) => {
    const [code, name, share] = PRODUCTS[i] ?? PRODUCTS[0];
    const used = Math.round(sim.setup.endpoints * (share ?? 0));
    // The second estate of three has more seats in use than it bought.
    const quantity = tenant.number % 3 === 1 ? Math.max(1, used - 1) : used + Math.floor(random() * 20) + 1;
    const isForever = code === 'DNSP';
    const counted = { quantity, usage: { current: { count: used, date: day(now), collectedAt: iso(now - (now % DAY_MS)) } } };
    return {
      id,
      licenseIdentifier: `L${idIn(holder, 'license identifiers', i).replaceAll('-', '').slice(0, 9).toUpperCase()}`,
      product: { code, name, genericCode: code, features: [] },
      startDate: day(tenant.bornAt - (400 - i * 20) * DAY_MS),
      // One has run out, one is about to, the others have time.
      ...(isForever ? {} : { endDate: day(tenant.bornAt + (DAYS_LEFT[i] ?? 300) * DAY_MS) }),
      perpetual: isForever,
      type: tenant.billingType === 'trial' ? 'trial' : tenant.billingType === 'usage' ? 'usage' : 'term',
      ...(isForever ? { unlimited: true } : { unlimited: false, ...counted }),
    };
  });
}

export function licensesIn(holder: Holder, now: number): Collection {
  return collectionOf(holder, 'licenses', () => licensesOf(holder, now));
}

function licenses(asked: Asked): Reply {
  const { sim, tenant } = asked;
  const owner = sim.setup.account === 'tenant' ? {} : { [sim.setup.account]: { id: sim.accountId } };
  return json(200, { ...owner, tenant: { id: tenant.id }, licenses: licensesIn(asked, asked.now).list() });
}

function firewallLicensesOf(holder: Holder): readonly Item[] {
  const { tenant } = holder;
  return many(holder, 'firewall licenses', firewallCount(holder), (i, random, id) => {
    const bought = { startDate: day(tenant.bornAt - 200 * DAY_MS), endDate: day(tenant.bornAt + (Math.floor(random() * 500) - 60) * DAY_MS) };
    const product = { code: FIREWALL_PRODUCTS[i % 3], name: `${FIREWALL_PRODUCTS[i % 3]} protection` };
    return {
      serialNumber: serialOf(holder, i),
      owner: { id: tenant.id, type: 'tenant' },
      model: i % 3 === 0 ? 'SFVUNL' : 'XGS107',
      modelType: i % 3 === 0 ? 'virtual' : 'hardware',
      licenses: [{ id, licenseIdentifier: `FW${id.slice(0, 8).toUpperCase()}`, product, ...bought, perpetual: false, type: 'term', unlimited: true }],
    };
  });
}

/** Of the tenant, or of all of a partner's. */
function firewallLicenses(asked: Asked): Reply {
  const isOne = headerOf(asked.call, 'x-tenant-id') !== undefined;
  const tenants = isOne ? [asked.tenant] : asked.sim.estate.list();
  const order = orderOf(asked, ['serialNumber', 'model', 'modelType']);
  const items = tenants.flatMap((tenant) => firewallLicensesOf({ sim: asked.sim, tenant }));
  return pageReply(asked, order === null ? items : [...items].sort(order));
}

/** Licences, on the global host. */
export const licenseRoutes: readonly Route[] = [
  route('GET /licenses/v1/licenses', licenses, 'global-tenant'),
  route('GET /licenses/v1/licenses/firewalls', firewallLicenses, 'any'),
];
