import type { SimulatedTenant, TenantRef } from './estate.ts';
import type { Feed, FeedName } from './feed.ts';
import type { Simulation } from './state.ts';
import { BadWish, flagIn, listIn, numberIn, onlyKeys, textIn, textsIn, type Wish } from './wishes.ts';

interface AddedRecord {
  readonly tenant: string;
  readonly stream: FeedName;
  readonly id: string | null;
}

/** `POST /_sim/events`: adds records that the next read finds; resolves with their ids. */
export function addRecords(sim: Simulation, wish: Wish): { readonly ids: readonly (string | null)[]; readonly records: readonly AddedRecord[] } {
  onlyKeys(wish, ['tenant', 'stream', 'items', 'texts', 'count', 'late_minutes', 'as_is']);
  const stream = streamIn(wish) ?? 'events';
  const records: AddedRecord[] = [];
  for (const tenant of tenantsIn(sim, wish.tenant)) {
    const feed = sim.estate.feed(tenant, stream);
    const now = sim.clock.now();
    const createdAt = now - (numberIn(wish, 'late_minutes') ?? 0) * 60_000;
    const keep = (id: string | null) => records.push({ tenant: tenant.id, stream, id });
    for (let i = 0; i < (numberIn(wish, 'count') ?? 0); i++) keep(addMade(feed, createdAt, now));
    for (const item of listIn(wish, 'items') ?? []) keep(addItem(feed, tenant, item, createdAt, now, flagIn(wish, 'as_is') === true));
    for (const text of textsIn(wish, 'texts') ?? []) keep(addText(feed, text, createdAt, now));
  }
  return { ids: records.map((record) => record.id), records };
}

function streamIn(wish: Wish): FeedName | null {
  const name = textIn(wish, 'stream');
  if (name === undefined || name === 'events' || name === 'siem-alerts') return name ?? null;
  throw new BadWish('`stream` is `events` or `siem-alerts`');
}

/** All tenants of `*`, or the one that is meant. */
export function tenantsIn(sim: Simulation, ref: unknown): readonly SimulatedTenant[] {
  if (ref === '*') return sim.estate.list();
  return [tenantIn(sim, ref ?? 0)];
}

export function tenantIn(sim: Simulation, ref: unknown): SimulatedTenant {
  const tenant = typeof ref === 'string' || typeof ref === 'number' ? sim.estate.find(ref as TenantRef) : undefined;
  if (tenant === undefined) throw new BadWish(`there is no tenant ${JSON.stringify(ref)}`);
  return tenant;
}

function addMade(feed: Feed, createdAt: number, visibleFrom: number): string {
  const made = feed.make(createdAt);
  feed.add({ ...made, createdAt, visibleFrom });
  return made.id;
}

/** An item of the caller's: what a record must have is taken from a made one, unless it is to stay as it is. */
function addItem(feed: Feed, tenant: SimulatedTenant, item: unknown, createdAt: number, visibleFrom: number, asIs: boolean): string | null {
  const given = typeof item === 'object' && item !== null && !Array.isArray(item) ? (item as Readonly<Record<string, unknown>>) : {};
  if (asIs) return addText(feed, JSON.stringify(item), createdAt, visibleFrom);
  const made = JSON.parse(feed.make(createdAt).text.toString('utf8')) as Readonly<Record<string, unknown>>;
  const usual = { id: made.id, type: made.type, severity: made.severity, customer_id: tenant.id, when: made.when, created_at: made.created_at };
  const named =
    feed.name === 'events' ? { group: made.group, name: made.name } : { event_service_event_id: given.id ?? made.id, description: made.description };
  return addText(feed, JSON.stringify({ ...usual, ...named, ...given }), createdAt, visibleFrom);
}

/** A JSON text, kept to the byte; it sorts by its own `created_at` where it has a readable one. */
function addText(feed: Feed, text: string, createdAt: number, visibleFrom: number): string | null {
  const value: unknown = JSON.parse(text);
  const { id, type, created_at } = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const own = typeof created_at === 'string' ? Date.parse(created_at) : Number.NaN;
  const known = typeof id === 'string' ? id : null;
  feed.add({ createdAt: Number.isNaN(own) ? createdAt : own, visibleFrom, id: known, type: String(type), text: Buffer.from(text) });
  return known;
}
