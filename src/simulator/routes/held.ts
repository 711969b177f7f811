import { Collection, type Item } from '../collection.ts';
import { idOf, mix32 } from '../random.ts';
import type { Asked } from './route.ts';

/** A simulator, and one estate in it. */
export type Holder = Pick<Asked, 'sim' | 'tenant'>;

/** Numbers of what was added later: behind all that an estate may have had from the start. */
const ADDED_FROM = 0x4000_0000;

/** The collection of that name in the estate that is asked for, made when it is first needed. */
export function collectionOf({ tenant }: Pick<Asked, 'tenant'>, name: string, make: () => Iterable<Item>): Collection {
  const known = tenant.collections.get(name);
  if (known !== undefined) return known;
  const made = new Collection(make());
  tenant.collections.set(name, made);
  return made;
}

/** A number of their own for the things of one name in one estate. */
export function familyOf({ sim, tenant }: Holder, name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return mix32(sim.setup.seed ^ hash) ^ tenant.number;
}

/** The id of the thing of that name and number: known to others before the thing is made. */
export function idIn(holder: Holder, name: string, index: number): string {
  return idOf(familyOf(holder, name), index);
}

/** An id that nothing in the collection has had. */
export function freshIdIn(holder: Holder, name: string, collection: Collection): string {
  return idIn(holder, name, ADDED_FROM + collection.nextNumber());
}
