/** What an estate holds, by the name of its stream: for the truth, and for control to change. */
import type { Collection } from '../collection.ts';
import { adminsOf } from './admins-made.ts';
import { alertsOf } from './alerts.ts';
import { endpointGroupsOf } from './endpoint-groups.ts';
import { endpointsOf } from './endpoints.ts';
import { furtherHoldings } from './further-holdings.ts';
import type { Holder } from './held.ts';
import { localSitesOf } from './local-sites.ts';
import { policiesOf } from './policies.ts';
import { rolesOf } from './roles.ts';
import { userGroupsOf, usersOf } from './users.ts';

const OWN: Readonly<Record<string, (holder: Holder) => Collection>> = {
  alerts: alertsOf,
  endpoints: endpointsOf,
  'local-sites': localSitesOf,
  users: usersOf,
  'user-groups': userGroupsOf,
  admins: adminsOf,
  roles: rolesOf,
  'endpoint-groups': endpointGroupsOf,
  policies: policiesOf,
  ...furtherHoldings,
};

export const holdingNames: readonly string[] = Object.keys(OWN);

/** The collection of that name; `null` when there is no such kind of thing. */
export function holdingOf(holder: Holder, name: string): Collection | null {
  const known = Object.hasOwn(OWN, name) ? OWN[name] : undefined;
  return known?.(holder) ?? holder.tenant.collections.get(name) ?? null;
}
