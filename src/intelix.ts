/** SophosLabs Intelix as a typed client. Loads no sink, journal or command. */

export { kindOfAddress, type LookupKind, normalAddress } from './clients/intelix/address.ts';
export type { Analysis, AnalysisJob, AnalysisKind, AnalysisOptions } from './clients/intelix/analysis.ts';
export { type CachedLookup, type LookupCache, MemoryCache } from './clients/intelix/cache.ts';
export { Intelix, type IntelixOptions, type IntelixTest, type LookupOptions } from './clients/intelix/client.ts';
export type { IntelixRegion } from './clients/intelix/hosts.ts';
export type { FileBand, FileLookup, IpLookup, Lookup, LookupOf, UrlLookup } from './clients/intelix/lookups.ts';
export { defaultIpRisk, type IpRisk, type RiskLevel, riskLevels, riskOf } from './clients/intelix/risk.ts';
export type { Pace, RateLimits } from './clients/pace.ts';
export { type CentralDetail, CentralError, Failure, type FailureDetail, type FailureKind } from './core/failure.ts';
export { secret } from './core/secret.ts';
export type { Clock, Http, HttpReply, HttpRequest, Report, Secret, Via, World } from './core/world.ts';
