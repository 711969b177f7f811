/** Changes that control makes in an estate, as a person in the console or the passing of time would. */
import { tenantIn, tenantsIn } from './additions.ts';
import type { Collection, Item } from './collection.ts';
import type { SimulatedTenant } from './estate.ts';
import { alertsOf, isTime } from './routes/alerts.ts';
import { alertMade } from './routes/alerts-made.ts';
import { freshIdIn, type Holder } from './routes/held.ts';
import { holdingNames, holdingOf } from './routes/holdings.ts';
import type { Simulation } from './state.ts';
import { BadWish, listIn, numberIn, objectIn, onlyKeys, textIn, textsIn, type Wish } from './wishes.ts';

const MINUTE_MS = 60_000;
/** Numbers of alerts that control adds: other ones than those of the start. */
const ADDED_ALERTS = 1_000_000;

interface Touched {
  readonly tenant: string;
  readonly id: string;
}

/** `POST /_sim/alerts`: raises alerts, changes them, or closes them as somebody in the console would. */
export function changeAlerts(sim: Simulation, wish: Wish): { readonly ids: readonly string[]; readonly records: readonly Touched[] } {
  onlyKeys(wish, ['tenant', 'count', 'items', 'late_minutes', 'raisedMinutesAgo', 'change', 'close']);
  const minutesAgo = numberIn(wish, 'raisedMinutesAgo') ?? numberIn(wish, 'late_minutes') ?? 0;
  const records: Touched[] = [];
  for (const tenant of tenantsIn(sim, wish.tenant)) {
    const holder = { sim, tenant };
    const alerts = alertsOf(holder);
    const raisedAt = sim.clock.now() - minutesAgo * MINUTE_MS;
    const keep = (item: Item) => records.push({ tenant: tenant.id, id: String(item.id) });
    for (let i = 0; i < (numberIn(wish, 'count') ?? 0); i++) keep(raise(holder, alerts, raisedAt, {}));
    for (const item of listIn(wish, 'items') ?? []) keep(raise(holder, alerts, raisedAt, objectIn(item, 'an entry of `items`')));
    for (const item of listIn(wish, 'change') ?? []) keep(merged(alerts, objectIn(item, 'an entry of `change`')));
    for (const id of textsIn(wish, 'close') ?? []) {
      if (!alerts.remove(id)) throw new BadWish(`there is no open alert ${id}`);
    }
  }
  return { ids: records.map(({ id }) => id), records };
}

function raise(holder: Holder, alerts: Collection, raisedAt: number, given: Wish): Item {
  if (given.raisedAt !== undefined && !isTime(given.raisedAt)) throw new BadWish('`raisedAt` must be a time');
  const id = textIn(given, 'id') ?? freshIdIn(holder, 'alerts', alerts);
  if (alerts.get(id) !== undefined) throw new BadWish(`there is an alert ${id} already`);
  return alerts.put({ ...alertMade(holder, ADDED_ALERTS + alerts.nextNumber(), id, raisedAt), ...given });
}

function merged(collection: Collection, given: Wish): Item {
  const known = collection.get(textIn(given, 'id') ?? '');
  if (known === undefined) throw new BadWish(`there is nothing with the id ${JSON.stringify(given.id)}`);
  return collection.put({ ...known, ...given });
}

/** `POST /_sim/collection`: puts, changes or removes whatever an estate holds. */
export function changeCollection(sim: Simulation, wish: Wish): { readonly ids: readonly string[] } {
  onlyKeys(wish, ['tenant', 'name', 'put', 'remove']);
  const name = textIn(wish, 'name') ?? '';
  const holder = { sim, tenant: tenantIn(sim, wish.tenant ?? 0) };
  const collection = holdingIn(holder, name);
  const ids = (listIn(wish, 'put') ?? []).map((value) => {
    const given = objectIn(value, 'an entry of `put`');
    const id = textIn(given, 'id') ?? freshIdIn(holder, name, collection);
    collection.put({ ...collection.get(id), ...given, id });
    return id;
  });
  for (const id of textsIn(wish, 'remove') ?? []) if (!collection.remove(id)) throw new BadWish(`there is nothing with the id ${id}`);
  return { ids };
}

function holdingIn(holder: Holder, name: string): Collection {
  const collection = holdingOf(holder, name);
  if (collection === null) throw new BadWish(`there is no collection \`${name}\`; there are ${holdingNames.join(', ')}`);
  return collection;
}

/** The lines of the truth about one kind of thing: every alert that there ever was, of all else what is there now. */
export function* holdingLines(sim: Simulation, tenants: readonly SimulatedTenant[], name: string, idsOnly: boolean): Generator<Buffer> {
  for (const tenant of tenants) {
    const collection = holdingIn({ sim, tenant }, name);
    const items = name === 'alerts' ? collection.ever() : collection.list();
    const lines = items.map((item) => JSON.stringify({ tenant: tenant.id, stream: name, id: item.id, ...(idsOnly ? {} : { item }) }));
    if (lines.length > 0) yield Buffer.from(`${lines.join('\n')}\n`);
  }
}
