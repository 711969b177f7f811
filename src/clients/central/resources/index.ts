import { accessTokens } from './access-tokens.ts';
import { accountHealth } from './account-health.ts';
import { admins } from './admins.ts';
import { alerts } from './alerts.ts';
import { allowedItems } from './allowed-items.ts';
import { attestations } from './attestations.ts';
import { blockedAddresses } from './blocked-addresses.ts';
import { blockedItems } from './blocked-items.ts';
import { cases } from './cases.ts';
import { detectionGroups, detections } from './detections.ts';
import { dnsLocations } from './dns-locations.ts';
import { downloads } from './downloads.ts';
import { endpointGroups } from './endpoint-groups.ts';
import { endpoints } from './endpoints.ts';
import { eventJournal } from './event-journal.ts';
import { exploitMitigation } from './exploit-mitigation.ts';
import { firewallGroups } from './firewall-groups.ts';
import { firewallThreatFeed } from './firewall-threat-feed.ts';
import { firewalls } from './firewalls.ts';
import { intrusionPreventionExclusions } from './intrusion-prevention-exclusions.ts';
import { isolationExclusions } from './isolation-exclusions.ts';
import { licenses, partnerLicenses } from './licenses.ts';
import { enrichmentPivots, liveDiscover } from './live-discover.ts';
import { localSites } from './local-sites.ts';
import { mailMessages } from './mail-messages.ts';
import { mailboxes } from './mailboxes.ts';
import { migrations } from './migrations.ts';
import { mobileActions } from './mobile-actions.ts';
import { mobileDevices, mobileOperatingSystems, mobileSetup } from './mobile-devices.ts';
import { mobileAppGroups, mobileDeviceGroups } from './mobile-groups.ts';
import { switches, wifi } from './network.ts';
import { organizationTenants } from './organization.ts';
import { packages } from './packages.ts';
import { partnerAdmins, partnerBilling, partnerRoles, partnerTenants } from './partner.ts';
import { peripherals } from './peripherals.ts';
import { basePolicies, policies } from './policies.ts';
import { postDeliveryQuarantine, quarantine } from './quarantine.ts';
import { roles } from './roles.ts';
import { runtimeProfiles } from './runtime-profiles.ts';
import { scanningExclusions } from './scanning-exclusions.ts';
import { tamperProtection } from './tamper-protection.ts';
import { tlsDecryption } from './tls-decryption.ts';
import { userGroups } from './user-groups.ts';
import { users } from './users.ts';
import { webCategories } from './web-categories.ts';
import { xdr } from './xdr.ts';

/** What can be asked of one tenant, by the name of what it is about. One line for each, in the order of the reference. */
export const tenantForms = {
  alerts,
  users,
  userGroups,
  admins,
  roles,
  endpoints,
  endpointGroups,
  policies,
  basePolicies,
  downloads,
  migrations,
  packages,
  localSites,
  webCategories,
  tlsDecryption,
  allowedItems,
  blockedItems,
  blockedAddresses,
  scanningExclusions,
  intrusionPreventionExclusions,
  isolationExclusions,
  exploitMitigation,
  peripherals,
  tamperProtection,
  eventJournal,
  accountHealth,
  detections,
  detectionGroups,
  cases,
  liveDiscover,
  enrichmentPivots,
  xdr,
  firewalls,
  firewallGroups,
  firewallThreatFeed,
  licenses,
  accessTokens,
  quarantine,
  postDeliveryQuarantine,
  mailMessages,
  mailboxes,
  mobileSetup,
  mobileOperatingSystems,
  mobileDevices,
  mobileDeviceGroups,
  mobileAppGroups,
  mobileActions,
  dnsLocations,
  wifi,
  switches,
  attestations,
  runtimeProfiles,
};

/** What can be asked as a partner. */
export const partnerForms = {
  tenants: partnerTenants,
  roles: partnerRoles,
  admins: partnerAdmins,
  billing: partnerBilling,
  licenses: partnerLicenses,
};

/** What can be asked as an organization. */
export const organizationForms = {
  tenants: organizationTenants,
};
