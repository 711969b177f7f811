/** The admins of an estate, and what roles they have. */
import type { Collection, Item } from '../collection.ts';
import { iso } from './family.ts';
import { collectionOf, type Holder, idIn } from './held.ts';
import { personOf } from './people.ts';

const DAY_MS = 86_400_000;

/** The role of super admins. */
export const superRole = (holder: Holder) => idIn(holder, 'roles', 0);

export function adminsOf(holder: Holder): Collection {
  return collectionOf(holder, 'admins', () => adminsMade(holder));
}

function* adminsMade(holder: Holder): Generator<Item> {
  const { tenant, sim } = holder;
  for (let i = 0; i < sim.setup.admins; i++) {
    const { id: userId, name, firstName, lastName, email } = personOf(holder, i);
    const at = iso(tenant.bornAt - (i + 100) * DAY_MS);
    yield {
      id: idIn(holder, 'admins', i),
      tenant: { id: tenant.id },
      users: [{ id: userId, name }],
      profile: { name, ...(i % 3 === 2 ? {} : { firstName, lastName }), email },
      roleAssignments: [{ id: idIn(holder, 'role-assignments', i), roleId: idIn(holder, 'roles', i === 0 ? 0 : 1 + (i % 3)) }],
      createdAt: at,
      updatedAt: at,
    };
  }
}

export function assignmentsOf({ roleAssignments }: Item): readonly Item[] {
  return Array.isArray(roleAssignments) ? roleAssignments : [];
}
