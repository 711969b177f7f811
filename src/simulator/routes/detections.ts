import { parameterOf } from '../call.ts';
import type { Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { durationOf, flagOf, instantOf, momentOf, wordOf } from './asking.ts';
import { bodyIn, type Shape, shapedIn, textsIn } from './body.ts';
import { detectionsOf } from './detection-feed.ts';
import { iso } from './family.ts';
import { listOf, pageReply } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';
import { RUN_LIFE_MS, type Run, resultsOf, runIn, startRun, stateOf } from './runs.ts';

const DAY_MS = 86_400_000;
const RESOLUTION_MS = { day: DAY_MS, hour: 3_600_000, minute: 60_000 } as const;
/** How far back counts go when nobody says. */
const REACH_MS = { day: 30 * DAY_MS, hour: DAY_MS, minute: 3_600_000 } as const;
const MOST_BUCKETS = 1500;

const QUERY: Shape = {
  from: 'text',
  to: 'text',
  ids: 'texts',
  severity: 'ints',
  detectionRule: 'text',
  type: 'texts',
  category: 'texts',
  source: 'text',
  deviceName: 'text',
  deviceNameContains: 'text',
  entityType: 'text',
  location: 'text',
  mitreAttack: 'texts',
  mitreAttackTactics: 'texts',
  operatingSystem: 'texts',
  operatingSystemName: 'text',
  username: 'text',
  showSuppressed: 'flag',
  sort: 'objects',
};

/** What a query or a count wants; what is absent does not narrow. */
interface Wanted {
  readonly from: number;
  readonly to: number;
  readonly ids: readonly string[];
  readonly severity: readonly number[];
  readonly type: readonly string[];
  readonly category: readonly string[];
  readonly tactics: readonly string[];
  /** Path of a field and the text that it must hold whole. */
  readonly equal: readonly (readonly [string, string | undefined])[];
  readonly nameContains: string | undefined;
  readonly suppressed: boolean;
}

function fits(wanted: Wanted): (item: Item) => boolean {
  const oneOf = (list: readonly unknown[], value: unknown) => list.length === 0 || list.includes(value);
  return (item) => {
    const at = Date.parse(String(item.time));
    if (at < wanted.from || at > wanted.to || (!wanted.suppressed && item.suppressed === 'true')) return false;
    if (!oneOf(wanted.ids, item.id) || !oneOf(wanted.severity, item.severity) || !oneOf(wanted.type, item.type) || !oneOf(wanted.category, item.category))
      return false;
    if (!oneOf(wanted.tactics, item.detectionAttack)) return false;
    const contained = wanted.nameContains === undefined || String(fieldAt(item, 'device.entity')).toLowerCase().includes(wanted.nameContains.toLowerCase());
    return contained && wanted.equal.every(([path, text]) => text === undefined || String(fieldAt(item, path)).toLowerCase() === text.toLowerCase());
  };
}

/** What stands in an object at a path such as `device.entity`. */
function fieldAt(item: Item, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), item);
}

function asked(body: Item, now: number): Wanted {
  const text = (key: string) => (typeof body[key] === 'string' ? String(body[key]) : undefined);
  const to = momentIn(body, 'to', now) ?? now;
  const severity = Array.isArray(body.severity) ? body.severity.map(Number) : [];
  if (severity.some((level) => level < 0 || level > 10)) throw new Refused(400, 'severity is from 0 to 10');
  return {
    from: momentIn(body, 'from', now) ?? to - DAY_MS,
    to,
    ids: textsIn(body, 'ids'),
    severity,
    type: textsIn(body, 'type'),
    category: textsIn(body, 'category'),
    tactics: textsIn(body, 'mitreAttackTactics'),
    equal: [
      ['detectionRule', text('detectionRule')],
      ['sensor.source', text('source')],
      ['device.entity', text('deviceName')],
      ['device.type', text('entityType')],
      ['rawData.meta_username', text('username')],
    ],
    nameContains: text('deviceNameContains'),
    suppressed: body.showSuppressed === true,
  };
}

function momentIn(body: Item, key: string, now: number): number | undefined {
  if (body[key] === undefined) return undefined;
  const text = String(body[key]);
  const relative = durationOf(text);
  const at = relative === null ? instantOf(text) : now + relative;
  if (at === null) throw new Refused(400, `${key} is neither a time nor a duration`);
  return at;
}

function sorted(items: readonly Item[], sort: unknown): readonly Item[] {
  const orders = (Array.isArray(sort) ? sort : []).map((one) => shapedIn(one, { field: 'text!', direction: ['asc', 'desc'] }, 'sort'));
  return [...items].sort((a, b) => {
    for (const { field, direction } of orders) {
      const [left, right] = [fieldAt(a, String(field)), fieldAt(b, String(field))];
      const difference = typeof left === 'number' && typeof right === 'number' ? left - right : String(left) < String(right) ? -1 : left === right ? 0 : 1;
      if (difference !== 0) return direction === 'desc' ? -difference : difference;
    }
    return 0;
  });
}

function found(request: Asked): readonly Item[] {
  const body = request.body === undefined ? bodyIn({ body: {} }, QUERY) : bodyIn(request, QUERY);
  const items = detectionsOf(request, request.now).filter(fits(asked(body, request.now)));
  // The newest first, when nobody says.
  return body.sort === undefined ? items.reverse() : sorted(items, body.sort);
}

/** One for each rule, with how often and when last. */
function grouped(items: readonly Item[]): readonly Item[] {
  const groups = new Map<string, Item>();
  for (const { detectionRule, sensor, time, mitreAttacks, type, severity } of items) {
    const known = groups.get(String(detectionRule));
    const newest = known === undefined || String(time) > String(known.time) ? time : known.time;
    const most = Math.max(Number(known?.severity ?? 0), Number(severity));
    groups.set(String(detectionRule), { severity: most, count: Number(known?.count ?? 0) + 1, detectionRule, sensor, time: newest, mitreAttacks, type });
  }
  return [...groups.values()];
}

function shown(request: Asked, run: Run): Item {
  const state = stateOf(request, run);
  // These runs know no start: they wait, and then they are done.
  const status = state.status === 'pending' || state.status === 'started' ? 'pending' : 'finished';
  const result = state.result === 'timedOut' || state.result === 'canceled' ? 'failed' : state.result;
  const counted = result === 'succeeded' ? { resultCount: run.rows.length } : {};
  const finished = state.finishedAt === undefined ? {} : { finishedAt: state.finishedAt };
  return { id: run.id, status, result, createdAt: iso(run.createdMs), expiresAt: iso(run.createdMs + RUN_LIFE_MS), ...finished, ...counted };
}

function counts(request: Asked): Reply {
  const { query, now } = request;
  const resolution = (wordOf(request, 'resolution', Object.keys(RESOLUTION_MS)) ?? 'day') as keyof typeof RESOLUTION_MS;
  const step = RESOLUTION_MS[resolution];
  const to = momentOf(request, 'to') ?? now;
  const from = momentOf(request, 'from') ?? to - REACH_MS[resolution];
  if (from > to || (to - from) / step > MOST_BUCKETS) throw new Refused(400, 'from and to do not fit the resolution');
  const text = (name: string) => parameterOf(query, name);
  const body: Record<string, unknown> = { showSuppressed: flagOf(request, 'showSuppressed') ?? false };
  for (const name of ['detectionRule', 'source', 'deviceNameContains', 'entityType', 'username']) if (text(name) !== undefined) body[name] = text(name);
  for (const name of ['ids', 'type', 'category', 'mitreAttackTactics']) body[name] = listOf(query, name);
  body.severity = listOf(query, 'severity').map((level) => (/^\d{1,2}$/.test(level) ? Number(level) : -1));
  const items = detectionsOf(request, now).filter(fits({ ...asked(body, now), from, to }));
  const buckets = [];
  for (let start = Math.floor(from / step) * step; start < to; start += step) {
    const inside = items.filter((item) => Math.floor(Date.parse(String(item.time)) / step) * step === start);
    buckets.push({ startsAt: iso(start), totalCount: inside.length });
  }
  return json(200, { from: iso(from), to: iso(to), tenant: { id: request.tenant.id }, resolution, resolutionDetectionCounts: buckets });
}

const PATH = '/detections/v1/queries';

/** Detections and their groups: asynchronous queries, and counts at once. */
export const detectionRoutes: readonly Route[] = [
  route(`GET ${PATH}/detections/counts`, counts),
  route(`POST ${PATH}/detections`, (request) => json(201, shown(request, startRun(request, 'detections', {}, found(request))))),
  route(`GET ${PATH}/detections/{runId}`, (request) => json(200, shown(request, runIn(request, 'detections')))),
  route(`GET ${PATH}/detections/{runId}/results`, (request) => resultsOf(request, runIn(request, 'detections'), (rows) => pageReply(request, rows))),
  route(`POST ${PATH}/detection-groups`, (request) => json(201, shown(request, startRun(request, 'detection-groups', {}, grouped(found(request)))))),
  route(`GET ${PATH}/detection-groups/{runId}`, (request) => json(200, shown(request, runIn(request, 'detection-groups')))),
  route(`GET ${PATH}/detection-groups/{runId}/results`, (request) =>
    resultsOf(request, runIn(request, 'detection-groups'), (rows) => pageReply(request, rows)),
  ),
];
