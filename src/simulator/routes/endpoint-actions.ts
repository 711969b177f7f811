/** What can be done to one endpoint: scans, update checks, tamper protection, adaptive attack protection, logs and dumps (reference, section 6.3). */
import type { Item } from '../collection.ts';
import { hexText, mix32, randomFrom } from '../random.ts';
import { json, type Reply } from '../reply.ts';
import { durationOf, pathId } from './asking.ts';
import { bodyIn, type Shape } from './body.ts';
import { endpointIn, endpointsOf } from './endpoints.ts';
import { iso } from './family.ts';
import { collectionOf, familyOf, freshIdIn } from './held.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const AT = '/endpoint/v1/endpoints/{endpointId}';
const USUAL_EXPIRY_MS = 4 * 3_600_000;
const MOST_EXPIRY_MS = 30 * 86_400_000;

/** A request that the endpoint will hear of: 201, and never seen again. */
function requested(name: string): (asked: Asked) => Reply {
  return (asked) => {
    bodyIn(asked, {});
    const endpoint = endpointIn(asked);
    const all = collectionOf(asked, name, () => []);
    const request = { id: freshIdIn(asked, name, all), status: 'requested', requestedAt: iso(asked.now) };
    all.put({ ...request, endpointId: endpoint.id });
    return json(201, request);
  };
}

interface Guard {
  readonly password: string;
  readonly previousPasswords: readonly Item[];
}

function passwordOf(asked: Asked, endpoint: Item, round: number): string {
  const place = endpointsOf(asked).placeOf(String(endpoint.id)) ?? 0;
  return hexText(12, randomFrom(mix32(familyOf(asked, 'tamper') ^ place) ^ mix32(round)));
}

function guardOf(asked: Asked, endpoint: Item): Guard {
  const kept = collectionOf(asked, 'tamper-protection', () => []).get(String(endpoint.id));
  if (kept === undefined) return { password: passwordOf(asked, endpoint, 0), previousPasswords: [] };
  return { password: String(kept.password), previousPasswords: Array.isArray(kept.previousPasswords) ? kept.previousPasswords : [] };
}

function tamperReply(asked: Asked, status: number, endpoint: Item): Reply {
  return json(status, { enabled: endpoint.tamperProtectionEnabled, ...guardOf(asked, endpoint) });
}

function setTamper(asked: Asked): Reply {
  const { enabled, regeneratePassword } = bodyIn(asked, { enabled: 'flag', regeneratePassword: 'flag' });
  const endpoint = endpointIn(asked);
  if (enabled === true && !asked.sim.settings.globalTamperProtection) throw new Refused(400, 'tamper protection is turned off for the whole account');
  if (enabled === true && endpoint.tamperProtectionSupported === false) throw new Refused(400, 'the endpoint does not support tamper protection');
  const guard = guardOf(asked, endpoint);
  if (regeneratePassword === true) {
    const previousPasswords = [{ password: guard.password, invalidatedAt: iso(asked.now) }, ...guard.previousPasswords];
    const password = passwordOf(asked, endpoint, previousPasswords.length);
    collectionOf(asked, 'tamper-protection', () => []).put({ id: endpoint.id, password, previousPasswords });
  }
  const changed = enabled === undefined ? endpoint : endpointsOf(asked).put({ ...endpoint, tamperProtectionEnabled: enabled });
  return tamperReply(asked, 201, changed);
}

/** What is wanted, and what has reached the endpoint by now. */
function adaptive(asked: Asked, endpoint: Item): Item {
  const kept = collectionOf(asked, 'adaptive-attack-protection', () => []).get(String(endpoint.id));
  if (kept === undefined) return { desiredState: { enabled: false, source: 'user' }, actualState: { enabled: false } };
  const { desiredState, before, enabled, lifeMs, dueAt } = kept;
  if (asked.now < Number(dueAt)) return { desiredState, actualState: before };
  const endsAt = typeof lifeMs === 'number' ? Number(dueAt) + lifeMs : null;
  const isOn = enabled === true && (endsAt === null || asked.now < endsAt);
  const lastUpdatedAt = iso(enabled === true && !isOn ? (endsAt ?? Number(dueAt)) : Number(dueAt));
  return { desiredState, actualState: { enabled: isOn, lastUpdatedAt, ...(isOn && endsAt !== null ? { expiresAt: iso(endsAt) } : {}) } };
}

function setAdaptive(asked: Asked): Reply {
  const { enabled, expiresAfter } = bodyIn(asked, { enabled: 'flag!', expiresAfter: 'duration' });
  const lifeMs = expiresAfter === undefined ? null : durationOf(String(expiresAfter));
  if (lifeMs !== null && lifeMs <= 0) throw new Refused(400, 'expiresAfter must be positive');
  const endpoint = endpointIn(asked);
  const { actualState: before } = adaptive(asked, endpoint);
  const desiredState = { enabled, ...(expiresAfter === undefined ? {} : { expiresAfter }), source: 'user' };
  const dueAt = asked.now + asked.sim.settings.isolationDelayMs;
  collectionOf(asked, 'adaptive-attack-protection', () => []).put({ id: endpoint.id, desiredState, before, enabled, lifeMs, dueAt });
  return json(200, adaptive(asked, endpoint));
}

/** Something that an endpoint gathers and uploads: asked for, and looked after by id. */
function gathered(name: string, param: string, file: 'forensicLogFile' | 'memoryDumpFile', prefix: string, shape: Shape): readonly Route[] {
  const held = (asked: Asked) => collectionOf(asked, name, () => []);
  const shown = (asked: Asked, { id, endpointId, receivedAt, expiresAt, dueAt }: Item): Item => {
    const isFinished = asked.now >= Number(dueAt);
    const status = isFinished ? 'finished' : 'pending';
    const random = randomFrom(mix32(familyOf(asked, name) ^ Number(dueAt)));
    const found = { fileName: `${prefix}_${endpointId}_${id}.zip`, sha256: hexText(64, random), size: 10_000 + Math.floor(random() * 1e9) };
    return { id, status, receivedAt, expiresAt, ...(isFinished ? { [file]: found } : {}) };
  };
  return [
    route(`POST ${AT}/${name}`, (asked) => {
      const body = bodyIn(asked, shape);
      if (body.mode === 'process' && typeof body.pid !== 'number') throw new Refused(400, 'pid is required');
      const lifeMs = body.expires === undefined ? USUAL_EXPIRY_MS : (durationOf(String(body.expires)) ?? 0);
      if (lifeMs <= 0 || lifeMs > MOST_EXPIRY_MS) throw new Refused(400, 'expires is not valid');
      const { id: endpointId } = endpointIn(asked);
      const all = held(asked);
      const dueAt = asked.now + asked.sim.settings.collectDelayMs;
      const id = freshIdIn(asked, name, all);
      return json(202, shown(asked, all.put({ id, endpointId, receivedAt: iso(asked.now), expiresAt: iso(asked.now + lifeMs), dueAt })));
    }),
    route(`GET ${AT}/${name}/{${param}}`, (asked) => {
      const request = held(asked).get(pathId(asked, param));
      if (request === undefined || request.endpointId !== endpointIn(asked).id) throw new Refused(404);
      return json(200, shown(asked, request));
    }),
  ];
}

export const endpointActionRoutes: readonly Route[] = [
  route(`POST ${AT}/scans`, requested('scans')),
  route(`POST ${AT}/update-checks`, requested('update-checks')),
  route(`GET ${AT}/tamper-protection`, (asked) => tamperReply(asked, 200, endpointIn(asked))),
  route(`POST ${AT}/tamper-protection`, setTamper),
  route(`GET ${AT}/adaptive-attack-protection`, (asked) => json(200, adaptive(asked, endpointIn(asked)))),
  route(`POST ${AT}/adaptive-attack-protection`, setAdaptive),
  ...gathered('forensic-logs', 'forensicLogRequestId', 'forensicLogFile', 'forensic_sdu', { mode: 'text!', expires: 'duration' }),
  ...gathered('memory-dumps', 'memoryDumpRequestId', 'memoryDumpFile', 'memory_dump', { mode: 'text!', pid: 'int', expires: 'duration' }),
];
