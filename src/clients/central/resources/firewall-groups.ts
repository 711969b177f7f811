import { acting, byPageOf, listing, type NoQuery, of, removing } from '../form.ts';
import type { FirewallGroup, FirewallGroupChange, FirewallGroupsQuery, FirewallSync, FirewallSyncQuery, NewFirewallGroup } from '../shapes/firewalls.ts';
import type { Deleted } from '../shapes/parts.ts';

/** Groups of firewalls (reference, 7.6). */
export const firewallGroups = {
  list: listing('/firewall/v1/firewall-groups', byPageOf(100), of<FirewallGroup, FirewallGroupsQuery>(), 'list the firewall groups'),
  create: acting('POST', '/firewall/v1/firewall-groups', of<FirewallGroup, NoQuery, NewFirewallGroup>(), 'create a firewall group'),
  update: acting('PATCH', '/firewall/v1/firewall-groups/{groupId}', of<FirewallGroup, NoQuery, FirewallGroupChange>(), 'change a firewall group'),
  delete: removing('/firewall/v1/firewall-groups/{groupId}', of<Deleted>(), 'delete a firewall group'),
  syncStatus: listing(
    '/firewall/v1/firewall-groups/{groupId}/firewalls/sync-status',
    byPageOf(1000),
    of<FirewallSync, FirewallSyncQuery>(),
    'ask whether the firewalls of a group are in sync',
  ),
};
