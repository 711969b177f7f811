/** Sophos Central as a typed client: credentials in, async iterables out. Loads no sink, journal or command. */

export { SophosCentral, type SophosCentralOptions } from './clients/central/client.ts';
export type { PageOf } from './clients/central/pages.ts';
export type { Siem, SiemFeed, SiemPage, SiemQuery, SiemReading, SiemTenant } from './clients/central/resources/siem.ts';
export type { Tenants } from './clients/central/resources/tenants.ts';
export type { CentralTenant, OpenText, WhoAmI } from './clients/central/shapes/account.ts';
export type { SiemAlert, SiemEvent, SiemSeverity } from './clients/central/shapes/siem.ts';
export type { Pace, RateLimits } from './clients/pace.ts';
export { type CentralDetail, CentralError, Failure, type FailureDetail, type FailureKind } from './core/failure.ts';
export type { LegacyToken } from './core/legacy-token.ts';
export { secret } from './core/secret.ts';
export type { Pack } from './core/types.ts';
export type { Clock, Http, HttpReply, HttpRequest, Report, Secret, Via, World } from './core/world.ts';
