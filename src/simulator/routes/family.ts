import type { Collection, Item } from '../collection.ts';
import { randomFrom } from '../random.ts';
import { json, type Reply } from '../reply.ts';
import { isUuid } from './asking.ts';
import { bodyIn, type Shape } from './body.ts';
import { collectionOf, familyOf, freshIdIn, type Holder, idIn } from './held.ts';
import { chosen, type PageSizes, pageReply } from './paging.ts';
import { type Asked, Refused } from './route.ts';

type Answer = (asked: Asked) => Reply;

/** The objects of one kind that an estate holds, or that the whole account does. */
export interface Family {
  readonly name: string;
  /** Default: the estate that is asked for. */
  readonly owner?: 'account';
  /** Default: UUIDs, and anything else is a 400. */
  readonly ids?: 'free';
  readonly sizes?: PageSizes;
  /** The field that must differ between any two, whatever the case; its like is a 409. */
  readonly unique?: string;
  make(holder: Holder): Iterable<Item>;
  /** How one is shown, when that is more than is kept. */
  show?(asked: Asked, item: Item): Item;
}

/** Whose it is: partner calls are about no tenant, so the account's things lie with the first that it ever had. */
export function holderOf({ owner }: Pick<Family, 'owner'>, { sim, tenant }: Asked): Holder {
  const first = owner === 'account' ? sim.estate.everyone().find(({ number }) => number === 0) : undefined;
  return { sim, tenant: first ?? tenant };
}

export function heldBy(family: Family, asked: Asked): Collection {
  const holder = holderOf(family, asked);
  return collectionOf(holder, family.name, () => family.make(holder));
}

/** The one that the path names. */
export function namedBy(family: Family, asked: Asked, param: string): Item {
  const given = asked.ids[param] ?? '';
  if (family.ids !== 'free' && !isUuid(given)) throw new Refused(400, `${param} is not a UUID`);
  const item = heldBy(family, asked).get(family.ids === 'free' ? given : given.toLowerCase());
  if (item === undefined) throw new Refused(404);
  return item;
}

export function shownBy(family: Family, asked: Asked, item: Item): Item {
  return family.show?.(asked, item) ?? item;
}

/** A page of those to keep; `narrow` reads the parameters once and says which. */
export function lists(family: Family, narrow: (asked: Asked) => (item: Item) => boolean = () => () => true): Answer {
  return (asked) => {
    const keep = narrow(asked);
    const kept = heldBy(family, asked).list().filter(keep);
    return pageReply(asked, family.show === undefined ? kept : kept.map((item) => shownBy(family, asked, item)), family.sizes);
  };
}

/** All of them at once, without `pages`. */
export function listsAll(family: Family, narrow: (asked: Asked) => (item: Item) => boolean = () => () => true): Answer {
  return (asked) => {
    const kept = heldBy(family, asked).list().filter(narrow(asked));
    return json(200, { items: kept.map((item) => chosen(asked, shownBy(family, asked, item))) });
  };
}

export function shows(family: Family, param: string): Answer {
  return (asked) => json(200, chosen(asked, shownBy(family, asked, namedBy(family, asked, param))));
}

/** 201; `build` makes the object of a body that fits, without its id. */
export function adds(family: Family, shape: Shape, build: (asked: Asked, body: Item) => Item): Answer {
  return (asked) => {
    const body = bodyIn(asked, shape);
    const collection = heldBy(family, asked);
    refuseLike(family, collection, body, null);
    const built = build(asked, body);
    const item = collection.put({ id: freshIdIn(holderOf(family, asked), family.name, collection), ...built });
    return json(201, chosen(asked, shownBy(family, asked, item)));
  };
}

/** 200; without `build` what the body names is replaced. */
export function changes(family: Family, param: string, shape: Shape, build: (asked: Asked, body: Item, item: Item) => Item = (_asked, body) => body): Answer {
  return (asked) => {
    const item = namedBy(family, asked, param);
    const body = bodyIn(asked, shape);
    const collection = heldBy(family, asked);
    refuseLike(family, collection, body, item);
    const changed = collection.put({ ...item, ...build(asked, body, item), ...('updatedAt' in item ? { updatedAt: iso(asked.now) } : {}) });
    return json(200, chosen(asked, shownBy(family, asked, changed)));
  };
}

/** `{deleted: true}`; 404 for what is not there. */
export function removes(family: Family, param: string, refuse?: (asked: Asked, item: Item) => void): Answer {
  return (asked) => {
    const item = namedBy(family, asked, param);
    refuse?.(asked, item);
    return json(200, { deleted: heldBy(family, asked).remove(String(item.id)) });
  };
}

/** The same where no 404 is documented: what is not there is gone. */
export function forgets(family: Family, param: string, refuse?: (asked: Asked, item: Item) => void): Answer {
  return (asked) => {
    const given = asked.ids[param] ?? '';
    if (family.ids !== 'free' && !isUuid(given)) throw new Refused(400, `${param} is not a UUID`);
    const collection = heldBy(family, asked);
    const item = collection.get(family.ids === 'free' ? given : given.toLowerCase());
    if (item !== undefined) {
      refuse?.(asked, item);
      collection.remove(String(item.id));
    }
    return json(200, { deleted: true });
  };
}

function refuseLike({ unique }: Family, collection: Collection, body: Item, but: Item | null): void {
  if (unique === undefined || typeof body[unique] !== 'string') return;
  const wanted = String(body[unique]).toLowerCase();
  const like = collection.list().find((item) => item.id !== but?.id && String(item[unique]).toLowerCase() === wanted);
  if (like !== undefined) throw new Refused(409, `${unique} is in use`);
}

/** So many objects of one kind, the same for the same seed. */
export function many(holder: Holder, name: string, count: number, one: (index: number, random: () => number, id: string) => Item): readonly Item[] {
  const random = randomFrom(familyOf(holder, name));
  return Array.from({ length: count }, (_, i) => one(i, random, idIn(holder, name, i)));
}

/** Who did it: the credential that calls. */
export function principalIn({ sim, tenant }: Holder): Item {
  const { account } = sim.setup;
  return { id: idIn({ sim, tenant }, 'credential', 0), type: 'service', name: 'API credential', accountType: account, accountId: sim.accountId };
}

/** Somebody who administers the estate. */
export function adminIn(holder: Holder, index: number): Item {
  const name = ['Jordan Okafor', 'Mia Lindqvist', 'Tomás Herrera', 'Aiko Sato'][index % 4];
  return { id: idIn(holder, 'administrators', index % 4), type: 'user', name, accountType: 'tenant', accountId: holder.tenant.id };
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
