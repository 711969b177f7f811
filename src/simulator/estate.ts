import type { SimulatorClock } from './clock.ts';
import type { Collection } from './collection.ts';
import { Feed, type FeedName } from './feed.ts';
import { Items } from './items.ts';
import type { Setup } from './options.ts';
import { idOf, mix32, pick, randomFrom } from './random.ts';
import { timelines } from './timeline.ts';

/** A time in which a tenant could not be read. */
interface Blocked {
  readonly from: number;
  to: number;
}

/** One customer estate. */
export interface SimulatedTenant {
  /** Never used twice. */
  readonly number: number;
  readonly id: string;
  name: string;
  billingType: string;
  status: string;
  /** `null`: not provisioned; absent: the simulator's own URL. */
  apiHost?: string | null;
  geography: string;
  region: string;
  readonly blocked: Blocked[];
  readonly feeds: Partial<Record<FeedName, Feed>>;
  /** What else it holds, by name; see routes/held.ts. */
  readonly collections: Map<string, Collection>;
  readonly bornAt: number;
  readonly events: number;
  readonly alerts: number;
}

export type TenantRef = string | number;

export const WINDOW_MS = 24 * 3_600_000;

const FIRST = [
  'Acme',
  'Birch',
  'Cobalt',
  'Delta',
  'Elm Street',
  'Fjord',
  'Granite',
  'Harbour',
  'Indigo',
  'Juniper',
  'Keystone',
  'Larch',
  'Müller',
  'Northwind',
  'Orchard',
  'Pine',
];
const SECOND = ['Logistics', 'Dental', 'Foods', 'Energy', 'Schools', 'Robotics', 'Legal', 'Optics', 'Bakery', 'Textiles', 'Mobility', 'Pharma'];
const THIRD = ['GmbH', 'Ltd', 'Inc.', 'S.A.', 'AG', 'KK'];
const PLACES = [
  ['US', 'us03'],
  ['IE', 'eu01'],
  ['DE', 'eu02'],
  ['CA', 'ca01'],
] as const;
const BILLING = ['usage', 'term', 'trial'] as const;
const TENANT_FAMILY = 0x7e0a;

/** All tenants of the account, and the foreign rest of the world as absence. */
export class Estate {
  readonly #setup: Setup;
  readonly #clock: SimulatorClock;
  readonly #items: Items;
  readonly #byId = new Map<string, SimulatedTenant>();
  readonly #removed: SimulatedTenant[] = [];
  #numbers = 0;

  constructor(setup: Setup, clock: SimulatorClock) {
    this.#setup = setup;
    this.#clock = clock;
    this.#items = new Items(setup.seed);
    for (let i = 0; i < setup.tenants; i++) this.#make(setup.tenantNames[i] ?? this.#nameOf(i), setup.events, setup.alerts, clock.startedAt);
  }

  /** In the order of creation. */
  list(): readonly SimulatedTenant[] {
    return [...this.#byId.values()];
  }

  /** Also those that have gone. */
  everyone(): readonly SimulatedTenant[] {
    return [...this.#byId.values(), ...this.#removed];
  }

  byId(id: string): SimulatedTenant | undefined {
    return this.#byId.get(id);
  }

  /** By id, by name, or by place in the list. */
  find(ref: TenantRef): SimulatedTenant | undefined {
    if (typeof ref === 'number') return this.list()[ref];
    return this.#byId.get(ref) ?? this.list().find((tenant) => tenant.name === ref) ?? (/^\d+$/.test(ref) ? this.list()[Number(ref)] : undefined);
  }

  add(name: string, events: number, alerts: number): SimulatedTenant {
    return this.#make(name, events, alerts, this.#clock.now());
  }

  remove(tenant: SimulatedTenant): void {
    this.block(tenant);
    if (this.#byId.delete(tenant.id)) this.#removed.push(tenant);
  }

  /** From now on nothing of the tenant can be read. */
  block(tenant: SimulatedTenant): void {
    if (this.#open(tenant) === undefined) tenant.blocked.push({ from: this.#clock.now(), to: Number.POSITIVE_INFINITY });
  }

  unblock(tenant: SimulatedTenant): void {
    const open = this.#open(tenant);
    if (open !== undefined) open.to = this.#clock.now();
  }

  #open(tenant: SimulatedTenant): Blocked | undefined {
    const last = tenant.blocked.at(-1);
    return last?.to === Number.POSITIVE_INFINITY ? last : undefined;
  }

  feed(tenant: SimulatedTenant, name: FeedName): Feed {
    const made = tenant.feeds[name];
    if (made !== undefined) return made;
    const { seed, historyMs, eventsPerMinute, endpoints } = this.#setup;
    const volume = { historyFrom: tenant.bornAt - historyMs, startedAt: tenant.bornAt, events: tenant.events, alerts: tenant.alerts, eventsPerMinute };
    const plans = timelines(volume, mix32(seed ^ (tenant.number * 31)));
    const owner = { number: tenant.number, id: Buffer.from(tenant.id, 'latin1'), endpoints };
    const feed = new Feed(name, owner, this.#items, seed, name === 'events' ? plans.events : plans.alerts);
    tenant.feeds[name] = feed;
    return feed;
  }

  /** Could a record with this life be read at some moment since the start? */
  wasReadable(tenant: SimulatedTenant, visibleFrom: number, createdAt: number): boolean {
    const until = createdAt + WINDOW_MS;
    for (const segment of this.#clock.segments()) {
      let from = Math.max(visibleFrom, segment.from);
      const to = Math.min(until, segment.to);
      if (from > to) continue;
      for (const blocked of tenant.blocked) if (blocked.from <= from && from < blocked.to) from = blocked.to;
      if (from <= to) return true;
    }
    return false;
  }

  #make(name: string, events: number, alerts: number, bornAt: number): SimulatedTenant {
    const number = this.#numbers++;
    const random = randomFrom(this.#setup.seed ^ mix32(number));
    const [geography, region] = pick(PLACES, random);
    const id = idOf(mix32(this.#setup.seed ^ TENANT_FAMILY), number);
    const billingType = BILLING[number % 3] as string;
    const tenant = {
      number,
      id,
      name,
      billingType,
      status: 'active',
      geography,
      region,
      blocked: [],
      feeds: {},
      collections: new Map(),
      bornAt,
      events,
      alerts,
    };
    this.#byId.set(id, tenant);
    return tenant;
  }

  /** Every tenth tenant has the name of the one five before it: names are not unique. */
  #nameOf(index: number): string {
    const named = index % 10 === 9 ? index - 5 : index;
    const random = randomFrom(this.#setup.seed ^ mix32(named ^ 0x0a3e));
    return `${pick(FIRST, random)} ${pick(SECOND, random)} ${pick(THIRD, random)}`;
  }
}
