import { type Call, headerOf } from './call.ts';
import type { FaultKind, Twist } from './faults.ts';
import type { FeedName } from './feed.ts';
import { tokenRequest } from './identity.ts';
import type { Reply } from './reply.ts';
import { router } from './routes/index.ts';
import { Refused } from './routes/route.ts';
import type { Match } from './routes/router.ts';
import { tenantIn } from './scope.ts';
import { legacySiem, siem } from './siem.ts';
import type { Simulation } from './state.ts';
import { tenantRoutes, whoami } from './tenants.ts';

/** What becomes of a request beside its reply. */
export type Transport = 'plain' | 'reset' | 'truncate' | 'hang' | 'slow' | 'drip';

export interface Outcome {
  readonly reply: Reply;
  readonly transport: Transport;
  /** The path under which it is counted. */
  readonly counted: string;
  readonly tenantId: string | undefined;
  readonly faults: readonly string[];
}

export const TOKEN_PATH = '/api/v2/oauth2/token';
const SIEM = /^(\/gateway)?\/siem\/v1\/(events|alerts)$/;
const TENANTS = /^\/(partner|organization)\/v1\/tenants(?:\/([^/]+))?$/;
const TRANSPORTS: readonly string[] = ['reset', 'truncate', 'hang', 'slow', 'drip'] satisfies readonly Transport[];

/** Everything that Sophos answers, with what may go wrong on the way. */
export function central(sim: Simulation, call: Call): Outcome {
  const tenantId = headerOf(call, 'x-tenant-id');
  const match = router.find(call.method, call.path);
  const counted = sim.intelix.counted(call.path) ?? match?.route.path ?? countedPath(call.path);
  const fault = sim.faults.next(call.path, tenantId);
  if (fault === null) return { ...identified(sim, call, answer(sim, call, match, null)), transport: 'plain', counted, tenantId };
  const name = 'status' in fault ? String(fault.status) : fault.kind;
  const instead = sim.faults.reply(fault, sim.forms, sim.clock.now());
  const named = name === 'ok' ? [] : [name];
  if (instead !== null) return { reply: instead, transport: 'plain', counted, tenantId, faults: named };
  if (name === 'revoke') revokeAll(sim);
  const kind = 'kind' in fault ? fault.kind : null;
  const { reply, faults } = identified(sim, call, answer(sim, call, match, kind));
  const transport = TRANSPORTS.includes(name) ? (name as Transport) : 'plain';
  return { reply, transport, counted, tenantId, faults: [...new Set([...named, ...faults])] };
}

/** As if an administrator had ended every session, here and at Intelix. */
export function revokeAll(sim: Simulation): void {
  sim.identity.revokeAll();
  sim.intelix.revokeAll();
}

interface Answered {
  readonly reply: Reply;
  readonly faults: readonly string[];
}

/** Every reply of the API has an id to ask support about; the identity service's has one in its body. */
function identified(sim: Simulation, call: Call, answered: Answered): Answered {
  const { reply, faults } = answered;
  if (call.path === TOKEN_PATH || sim.intelix.counted(call.path) !== null || reply.headers?.['x-correlation-id'] !== undefined) return answered;
  return { reply: { ...reply, headers: { ...reply.headers, 'x-correlation-id': sim.forms.freshId() } }, faults };
}

function countedPath(path: string): string {
  if (path === TOKEN_PATH || path === '/whoami/v1' || SIEM.test(path)) return path;
  const [, kind, id] = TENANTS.exec(path) ?? [];
  if (kind !== undefined) return `/${kind}/v1/tenants${id === undefined ? '' : '/{id}'}`;
  return 'other';
}

function answer(sim: Simulation, call: Call, match: Match | null, kind: FaultKind | null): Answered {
  const plain = (reply: Reply) => ({ reply, faults: [] });
  if (sim.intelix.counted(call.path) !== null) return plain(sim.intelix.answer(call));
  if (call.path === TOKEN_PATH) {
    if (call.method !== 'POST') return plain(sim.forms.short(404));
    return plain(sim.identity.token(tokenRequest(headerOf(call, 'content-type'), call.body), sim.faults.tokenErrorCode, sim.settings.expiredCredential));
  }
  const [, legacy, feed] = SIEM.exec(call.path) ?? [];
  if (legacy === undefined && !sim.identity.accepts(headerOf(call, 'authorization'))) return plain(sim.forms.phrase(401));
  const throttled = throttle(sim, call, legacy !== undefined);
  if (throttled !== null) return plain(throttled);
  if (match !== null) return plain(routed(sim, call, match, kind));
  if (call.method !== 'GET') return plain(sim.forms.short(404));
  if (feed !== undefined) {
    const name: FeedName = feed === 'events' ? 'events' : 'siem-alerts';
    const { twist, names } = sim.faults.twist(kind);
    return { reply: read(sim, call, name, twist, legacy !== undefined), faults: names };
  }
  if (call.path === '/whoami/v1') return plain(whoami(sim, call));
  const [, owner, id] = TENANTS.exec(call.path) ?? [];
  return plain(owner === undefined ? sim.forms.short(404) : tenantRoutes(sim, call, owner === 'partner' ? 'partner' : 'organization', id));
}

function routed(sim: Simulation, call: Call, { route, ids }: Match, kind: FaultKind | null): Reply {
  const tenant = tenantIn(sim, call, route.scope);
  if ('body' in tenant) return tenant;
  const body = bodyOf(call);
  if (body === BAD) return sim.forms.short(400, 'the body is not JSON');
  try {
    return route.answer({ sim, call, tenant, ids, query: call.query, body, now: sim.clock.now(), twist: sim.faults.twistOf(kind) });
  } catch (error) {
    if (error instanceof Refused) return sim.forms.short(error.status, error.message === '' ? undefined : error.message);
    throw error;
  }
}

const BAD = Symbol('no JSON');

function bodyOf({ body }: Call): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return BAD;
    throw error;
  }
}

function read(sim: Simulation, call: Call, name: FeedName, twist: Twist, legacy: boolean): Reply {
  return legacy ? legacySiem(sim, call, name, twist) : siem(sim, call, name, twist);
}

/** A 429 when the credential has used up what it may. */
function throttle(sim: Simulation, call: Call, legacy: boolean): Reply | null {
  const { rateLimits, rateLimitScope, retryAfter } = sim.settings;
  const credential = legacy ? 'legacy' : sim.identity.clientId;
  const subject = rateLimitScope === 'credential' ? credential : `${credential} ${headerOf(call, 'x-tenant-id') ?? ''}`;
  const now = sim.clock.now();
  const waitMs = sim.limits.take(subject, rateLimits, now);
  if (waitMs === 0) return null;
  return sim.forms.full(429, now, retryAfter ? { 'retry-after': String(Math.ceil(waitMs / 1000)) } : {});
}
