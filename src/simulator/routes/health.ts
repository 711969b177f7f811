import { parameterOf } from '../call.ts';
import type { Item } from '../collection.ts';
import { randomFrom } from '../random.ts';
import { json, type Reply } from '../reply.ts';
import { wordsOf } from './asking.ts';
import { bodyIn, type Shape, shapedIn } from './body.ts';
import { iso } from './family.ts';
import { firewallCount } from './firewalls-made.ts';
import { collectionOf, familyOf, type Holder } from './held.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const DAY_MS = 86_400_000;
const CHECKS = ['protection', 'policy', 'exclusions', 'tamperProtection'] as const;
const PRODUCTS = ['endpoint', 'networkDevice'] as const;
const SHAPE: Shape = { protection: 'object', policy: 'object', exclusions: 'object', tamperProtection: 'object' };

function scoreOf(total: number, wrong: number): number {
  return total === 0 ? 100 : Math.round(((total - wrong) / total) * 100);
}

/** What has been snoozed, as it was sent. */
function snoozedIn(asked: Asked): Item {
  return collectionOf(asked, 'health snoozes', () => []).get('snooze') ?? {};
}

function isSnoozed(snoozed: Item, ...path: readonly string[]): boolean {
  const value = path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), snoozed);
  return value === true || (typeof value === 'object' && value !== null && Reflect.get(value, 'snoozed') === true);
}

/** How an estate does: every number from the seed, every score from its numbers. */
function checksOf(holder: Holder, snoozed: Item): Item {
  const random = randomFrom(familyOf(holder, 'health'));
  const servers = Math.floor(holder.sim.setup.endpoints * 0.2);
  const totals = { computer: holder.sim.setup.endpoints - servers, server: servers };
  const wrongOf = (total: number) => Math.floor(random() * random() * (total + 1));
  // Nothing is said of servers where there are none.
  const types = servers === 0 ? (['computer'] as const) : (['computer', 'server'] as const);
  const each = (make: (type: 'computer' | 'server', total: number, wrong: number) => Item) =>
    Object.fromEntries(types.map((type) => [type, make(type, totals[type], wrongOf(totals[type]))]));
  const at = (...path: readonly string[]) => ({ snoozed: isSnoozed(snoozed, 'endpoint', ...path) });
  const exclusions = (path: readonly string[]) => {
    const numberOfSecurityRisks = Math.floor(random() * 4);
    const total = numberOfSecurityRisks + Math.floor(random() * 20);
    return { total, numberOfSecurityRisks, scanningExclusions: [], score: scoreOf(Math.max(total, 1), numberOfSecurityRisks), ...at(...path) };
  };
  return {
    protection: each((type, total, notFullyProtected) => ({ total, notFullyProtected, score: scoreOf(total, notFullyProtected), ...at('protection', type) })),
    policy: each((type, total, wrong) => {
      const [policies, notOnRecommended] = [3, Math.min(3, Math.round((wrong / Math.max(total, 1)) * 3))];
      return {
        'threat-protection': { total: policies, notOnRecommended, score: scoreOf(policies, notOnRecommended), ...at('policy', type, 'threat-protection') },
      };
    }),
    exclusions: {
      policy: Object.fromEntries(types.map((type) => [type, exclusions(['exclusions', 'policy', type])])),
      global: exclusions(['exclusions', 'global']),
    },
    tamperProtection: {
      ...each((type, total, disabled) => ({ total, disabled, score: scoreOf(total, disabled), ...at('tamperProtection', type) })),
      global: { enabled: true, score: 100, ...at('tamperProtection', 'global') },
    },
  };
}

function health(asked: Asked): Reply {
  const checks = wordsOf(asked, 'checks', CHECKS);
  const products = wordsOf(asked, 'products', PRODUCTS);
  const snoozed = snoozedIn(asked);
  const wants = (product: string) => products.length === 0 || products.includes(product);
  const endpoint = Object.entries(checksOf(asked, snoozed)).filter(([check]) => checks.length === 0 || checks.includes(check));
  const total = firewallCount(asked);
  const notReporting = Math.floor(randomFrom(familyOf(asked, 'firewall health'))() * (total / 2));
  const firewall = { total, notReporting, score: scoreOf(total, notReporting), snoozed: isSnoozed(snoozed, 'networkDevice', 'firewall') };
  return json(200, {
    tenant: { id: asked.tenant.id, name: asked.tenant.name },
    ...(wants('endpoint') ? { endpoint: Object.fromEntries(endpoint) } : {}),
    ...(wants('networkDevice') ? { networkDevice: { firewall } } : {}),
  });
}

function dayOf({ query }: Asked, name: string): number | undefined {
  const text = parameterOf(query, name);
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at) || iso(at).slice(0, 10) !== text) throw new Refused(400, `${name} is not a date`);
  return at;
}

function historical(asked: Asked): Reply {
  const today = Math.floor(asked.now / DAY_MS) * DAY_MS;
  const end = dayOf(asked, 'endDate') ?? today;
  const start = dayOf(asked, 'startDate') ?? end - 29 * DAY_MS;
  if (start > end || end - start > 366 * DAY_MS) throw new Refused(400, 'startDate and endDate are no stretch of at most a year');
  const datapoints = [];
  for (let at = start; at <= Math.min(end, today); at += DAY_MS) {
    const score = 70 + Math.floor(randomFrom(familyOf(asked, 'scores') ^ (at / DAY_MS))() * 30);
    datapoints.push({ date: iso(at).slice(0, 10), score });
  }
  return json(200, { tenant: { id: asked.tenant.id, name: asked.tenant.name }, datapoints });
}

function regional(asked: Asked): Reply {
  const random = randomFrom(asked.sim.setup.seed ^ 0x5c02e5);
  const bands = [0, 20, 40, 60, 80].map((from) => ({ from, to: from === 80 ? 100 : from + 19, percentage: Math.floor(random() * 40) }));
  return json(200, { bands });
}

function snooze(asked: Asked): Reply {
  const body = bodyIn(asked, { endpoint: 'object', networkDevice: 'object' });
  const endpoint = body.endpoint === undefined ? {} : { endpoint: shapedIn(body.endpoint, SHAPE, 'endpoint') };
  const device = body.networkDevice === undefined ? {} : { networkDevice: shapedIn(body.networkDevice, { firewall: 'object' }, 'networkDevice') };
  collectionOf(asked, 'health snoozes', () => []).put({ ...snoozedIn(asked), ...endpoint, ...device, id: 'snooze' });
  const { id: _id, ...all } = snoozedIn(asked);
  return json(200, all);
}

const PATH = '/account-health-check/v1';

/** The account health check. */
export const healthRoutes: readonly Route[] = [
  route(`GET ${PATH}/health-check`, health),
  route(`GET ${PATH}/scores/regional`, regional),
  route(`GET ${PATH}/scores/historical`, historical),
  route(`POST ${PATH}/snooze`, snooze),
];
