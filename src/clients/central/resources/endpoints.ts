import { acting, byKeyOf, listing, type NoQuery, of, reading, removing, triggering } from '../form.ts';
import type {
  AdaptiveAttackProtection,
  AdaptiveAttackProtectionChange,
  BulkIsolation,
  BulkIsolationState,
  EndpointIds,
  ForensicLog,
  ForensicLogRequest,
  Gathering,
  Isolation,
  IsolationChange,
  MemoryDump,
  MemoryDumpRequest,
  TamperProtection,
  TamperProtectionChange,
} from '../shapes/endpoint-actions.ts';
import type { Endpoint, EndpointQuery } from '../shapes/endpoints.ts';
import type { Deleted, Requested } from '../shapes/parts.ts';

const one = '/endpoint/v1/endpoints/{endpointId}';

/** Computers and servers (reference, 6.1 to 6.3). */
export const endpoints = {
  list: listing('/endpoint/v1/endpoints', byKeyOf(500), of<Endpoint, EndpointQuery>(), 'list the endpoints'),
  get: reading(one, of<Endpoint, Pick<EndpointQuery, 'view' | 'fields'>>(), 'read an endpoint'),
  delete: removing(one, of<Deleted>(), 'delete an endpoint'),
  deleteMany: acting('POST', '/endpoint/v1/endpoints/delete', of<EndpointIds, NoQuery, EndpointIds>(), 'delete endpoints'),
  /** Many at once, or no longer: accepted now, carried out later. */
  isolate: acting('POST', '/endpoint/v1/endpoints/isolation', of<BulkIsolationState, NoQuery, BulkIsolation>(), 'change the isolation of endpoints'),
  isolation: reading(`${one}/isolation`, of<Isolation>(), 'read the isolation of an endpoint'),
  setIsolation: acting('PATCH', `${one}/isolation`, of<Isolation, NoQuery, IsolationChange>(), 'change the isolation of an endpoint'),
  scan: triggering(`${one}/scans`, of<Requested>(), 'start a scan of an endpoint'),
  checkForUpdates: triggering(`${one}/update-checks`, of<Requested>(), 'make an endpoint look for updates'),
  /** The answer holds secrets. */
  tamperProtection: reading(`${one}/tamper-protection`, of<TamperProtection>(), 'read the tamper protection of an endpoint'),
  /** The answer holds secrets. */
  setTamperProtection: acting(
    'POST',
    `${one}/tamper-protection`,
    of<TamperProtection, NoQuery, TamperProtectionChange>(),
    'change the tamper protection of an endpoint',
  ),
  adaptiveAttackProtection: reading(`${one}/adaptive-attack-protection`, of<AdaptiveAttackProtection>(), 'read the adaptive attack protection of an endpoint'),
  setAdaptiveAttackProtection: acting(
    'POST',
    `${one}/adaptive-attack-protection`,
    of<AdaptiveAttackProtection, NoQuery, AdaptiveAttackProtectionChange>(),
    'change the adaptive attack protection of an endpoint',
  ),
  collectForensicLog: acting('POST', `${one}/forensic-logs`, of<Gathering, NoQuery, ForensicLogRequest>(), 'collect the forensic log of an endpoint'),
  forensicLog: reading(`${one}/forensic-logs/{forensicLogRequestId}`, of<ForensicLog>(), 'look how far a forensic log is'),
  dumpMemory: acting('POST', `${one}/memory-dumps`, of<Gathering, NoQuery, MemoryDumpRequest>(), 'dump the memory of an endpoint'),
  memoryDump: reading(`${one}/memory-dumps/{memoryDumpRequestId}`, of<MemoryDump>(), 'look how far a memory dump is'),
};
