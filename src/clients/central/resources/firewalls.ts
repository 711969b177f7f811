import { acting, byPageOf, listing, type NoQuery, needing, of, querying, removing } from '../form.ts';
import type {
  Firewall,
  FirewallAction,
  FirewallActionTaken,
  FirewallChange,
  FirewallsQuery,
  FirmwareCheck,
  FirmwareUpgrade,
  FirmwareUpgradeQuery,
  FirmwareUpgradeScheduled,
  FirmwareVersions,
} from '../shapes/firewalls.ts';
import type { Deleted } from '../shapes/parts.ts';

/** Firewalls (reference, 7.6). There is no call for one alone: search the list. */
export const firewalls = {
  list: listing('/firewall/v1/firewalls', byPageOf(1000), of<Firewall, FirewallsQuery>(), 'list the firewalls'),
  update: acting('PATCH', '/firewall/v1/firewalls/{firewallId}', of<Firewall, NoQuery, FirewallChange>(), 'change a firewall'),
  delete: removing('/firewall/v1/firewalls/{firewallId}', of<Deleted>(), 'delete a firewall'),
  act: acting('POST', '/firewall/v1/firewalls/{firewallId}/action', of<FirewallActionTaken, NoQuery, FirewallAction>(), 'act on a firewall'),
  checkFirmware: querying(
    '/firewall/v1/firewalls/actions/firmware-upgrade-check',
    of<FirmwareVersions, NoQuery, FirmwareCheck>(),
    'look for firmware of firewalls',
  ),
  upgradeFirmware: acting(
    'POST',
    '/firewall/v1/firewalls/actions/firmware-upgrade',
    of<FirmwareUpgradeScheduled, NoQuery, FirmwareUpgrade>(),
    'schedule firmware upgrades',
  ),
  cancelUpgrade: needing(removing('/firewall/v1/firewalls/actions/firmware-upgrade', of<Deleted, FirmwareUpgradeQuery>(), 'cancel firmware upgrades'), 'ids'),
};
