/** Sophos Central as a typed client: credentials in, async iterables out. Loads no sink, journal or command. */

export type { CallOptions, ListOptions } from './clients/central/bound.ts';
export {
  type OrganizationCalls,
  type PartnerCalls,
  SophosCentral,
  type SophosCentralOptions,
  type TenantCalls,
} from './clients/central/client.ts';
export type { CentralCredential } from './clients/central/credential.ts';
export type { List, PackedPage, Position } from './clients/central/list.ts';
export type { PageInfo, PageOf } from './clients/central/pages.ts';
export type { Siem, SiemFeed, SiemPage, SiemQuery, SiemReading, SiemTenant } from './clients/central/resources/siem.ts';
export type { Tenants } from './clients/central/resources/tenants.ts';
export { QueryRun, type RunOptions, runDetectionGroups, runDetections, runLiveDiscover, runXdr, type StartedRun } from './clients/central/runs.ts';
export type * from './clients/central/shapes/access-tokens.ts';
export type * from './clients/central/shapes/account.ts';
export type * from './clients/central/shapes/account-health.ts';
export type * from './clients/central/shapes/admins.ts';
export type * from './clients/central/shapes/alerts.ts';
export type * from './clients/central/shapes/attestations.ts';
export type * from './clients/central/shapes/cases.ts';
export type * from './clients/central/shapes/detections.ts';
export type * from './clients/central/shapes/directory.ts';
export type * from './clients/central/shapes/dns-locations.ts';
export type * from './clients/central/shapes/endpoint-actions.ts';
export type * from './clients/central/shapes/endpoint-groups.ts';
export type * from './clients/central/shapes/endpoint-settings.ts';
export type * from './clients/central/shapes/endpoints.ts';
export type * from './clients/central/shapes/exclusions.ts';
export type * from './clients/central/shapes/exploit-mitigation.ts';
export type * from './clients/central/shapes/firewall-threat-feed.ts';
export type * from './clients/central/shapes/firewalls.ts';
export type * from './clients/central/shapes/items.ts';
export type * from './clients/central/shapes/licenses.ts';
export type * from './clients/central/shapes/mailboxes.ts';
export type * from './clients/central/shapes/mobile-actions.ts';
export type * from './clients/central/shapes/mobile-devices.ts';
export type * from './clients/central/shapes/mobile-groups.ts';
export type * from './clients/central/shapes/network.ts';
export type * from './clients/central/shapes/partner.ts';
export type * from './clients/central/shapes/parts.ts';
export type * from './clients/central/shapes/policies.ts';
export type * from './clients/central/shapes/quarantine.ts';
export type * from './clients/central/shapes/queries.ts';
export type * from './clients/central/shapes/runtime-profiles.ts';
export type * from './clients/central/shapes/siem.ts';
export type * from './clients/central/shapes/software.ts';
export type * from './clients/central/shapes/web-control.ts';
export type { Pace, RateLimits } from './clients/pace.ts';
export { type CentralDetail, CentralError, Failure, type FailureDetail, type FailureKind } from './core/failure.ts';
export type { LegacyToken } from './core/legacy-token.ts';
export { secret } from './core/secret.ts';
export type { Json, Pack } from './core/types.ts';
export type { Clock, Http, HttpReply, HttpRequest, Report, Secret, Via, World } from './core/world.ts';
