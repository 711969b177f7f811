import { accessTokenRoutes } from './access-tokens.ts';
import { attestationRoutes } from './attestations.ts';
import { caseRoutes } from './cases.ts';
import { detectionRoutes } from './detections.ts';
import { dnsLocationRoutes } from './dns-locations.ts';
import { firewallConfigRoutes } from './firewall-config.ts';
import { firewallRoutes } from './firewalls.ts';
import { healthRoutes } from './health.ts';
import { licenseRoutes } from './licenses.ts';
import { liveDiscoverRoutes } from './live-discover.ts';
import { macFilterRoutes } from './mac-filter.ts';
import { mailboxRoutes } from './mailboxes.ts';
import { mobileRoutes } from './mobile.ts';
import { partnerRoutes } from './partner.ts';
import { quarantineRoutes } from './quarantine.ts';
import type { Route } from './route.ts';
import { runtimeProfileRoutes } from './runtime-profiles.ts';
import { xdrQueryRoutes } from './xdr-query.ts';

/** Every API group beside Common and Endpoint. */
export const furtherRoutes: readonly Route[] = [
  ...accessTokenRoutes,
  ...attestationRoutes,
  ...caseRoutes,
  ...detectionRoutes,
  ...dnsLocationRoutes,
  ...firewallConfigRoutes,
  ...firewallRoutes,
  ...healthRoutes,
  ...licenseRoutes,
  ...liveDiscoverRoutes,
  ...macFilterRoutes,
  ...mailboxRoutes,
  ...mobileRoutes,
  ...partnerRoutes,
  ...quarantineRoutes,
  ...runtimeProfileRoutes,
  ...xdrQueryRoutes,
];
