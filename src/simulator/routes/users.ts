/** People of the directory and their groups: who there is, and who belongs where (reference, section 5.2). */
import type { Collection, Item } from '../collection.ts';
import { iso } from './family.ts';
import { collectionOf, type Holder, idIn } from './held.ts';
import { personOf } from './people.ts';

const DAY_MS = 86_400_000;
const SOURCES = ['custom', 'custom', 'activeDirectory', 'azureActiveDirectory'];
const GROUPS = ['Everybody', 'Geschäftsführung', 'IT & Security', 'Field "Sales"', '営業'];
/** So many members are shown within a group, and so many groups within a user. */
const EXCERPT = 10;

export function usersOf(holder: Holder): Collection {
  return collectionOf(holder, 'users', () => usersMade(holder));
}

export function userGroupsOf(holder: Holder): Collection {
  return collectionOf(holder, 'user-groups', () => userGroupsMade(holder));
}

function groupName(index: number): string {
  const round = Math.floor(index / GROUPS.length);
  return `${GROUPS[index % GROUPS.length] as string}${round === 0 ? '' : ` ${round + 1}`}`;
}

function* usersMade(holder: Holder): Generator<Item> {
  const { tenant, sim } = holder;
  const { users, userGroups } = sim.setup;
  for (let i = 0; i < users; i++) {
    const { id, name, firstName, lastName, email } = personOf(holder, i);
    const source = SOURCES[i % SOURCES.length] as string;
    const numbers = userGroups === 0 ? [] : [...new Set([0, 1 + (i % userGroups)])].filter((n) => n < userGroups && (n > 0 || i % 5 !== 4));
    const at = iso(tenant.bornAt - (i + 30) * DAY_MS);
    yield {
      id,
      name,
      // A name that came without its parts, and people without an address.
      ...(i % 6 === 5 ? {} : { firstName, lastName }),
      ...(i % 9 === 8 ? {} : { email }),
      ...(source === 'custom' ? {} : { domain: 'acme.example.com' }),
      ...(i % 4 === 2 ? { exchangeLogin: `user${i}@acme.example.com` } : {}),
      groups: { items: numbers.map((n) => ({ id: idIn(holder, 'user-groups', n), name: groupName(n) })) },
      tenant: { id: tenant.id, name: tenant.name },
      source: { type: source },
      createdAt: at,
      updatedAt: at,
    };
  }
}

function* userGroupsMade(holder: Holder): Generator<Item> {
  const { tenant, sim } = holder;
  for (let i = 0; i < sim.setup.userGroups; i++) {
    const at = iso(tenant.bornAt - (i + 90) * DAY_MS);
    const source = i % 3 === 2 ? 'activeDirectory' : 'custom';
    yield {
      id: idIn(holder, 'user-groups', i),
      name: groupName(i),
      ...(i % 2 === 0 ? { description: `Group ${i}` } : {}),
      ...(source === 'custom' ? {} : { domain: 'acme.example.com' }),
      source: { type: source },
      tenant: { id: tenant.id, name: tenant.name },
      createdAt: at,
      updatedAt: at,
    };
  }
}

/** A user's groups, all of them. */
export function groupsOf(user: Item): readonly Item[] {
  const { items } = (user.groups ?? {}) as { readonly items?: readonly Item[] };
  return items ?? [];
}

/** Who is in a group. */
export function membersOf(holder: Holder, groupId: unknown): readonly Item[] {
  return usersOf(holder)
    .list()
    .filter((user) => groupsOf(user).some(({ id }) => id === groupId));
}

function excerpt(items: readonly Item[]) {
  const shown = items.slice(0, EXCERPT).map(({ id, name }) => ({ id, name }));
  return { total: items.length, itemsCount: shown.length, items: shown };
}

export function shownUser(user: Item): Item {
  return { ...user, groups: excerpt(groupsOf(user)) };
}

export function shownGroup(holder: Holder, group: Item): Item {
  return { ...group, users: excerpt(membersOf(holder, group.id)) };
}

/** Whom a directory sends cannot be changed here. */
export function isSynced({ source }: Item): boolean {
  return typeof source === 'object' && source !== null && (source as Item).type !== 'custom';
}

/** Takes a user into a group; says whether that was new. */
export function join(holder: Holder, user: Item, group: Item): boolean {
  const own = groupsOf(user);
  if (own.some(({ id }) => id === group.id)) return false;
  usersOf(holder).put({ ...user, groups: { items: [...own, { id: group.id, name: group.name }] } });
  return true;
}

/** Takes a user out of a group; says whether it was in it. */
export function part(holder: Holder, user: Item, groupId: unknown): boolean {
  const own = groupsOf(user);
  const items = own.filter(({ id }) => id !== groupId);
  if (items.length === own.length) return false;
  usersOf(holder).put({ ...user, groups: { items } });
  return true;
}
