import { parameterOf } from '../call.ts';
import type { Collection, Item } from '../collection.ts';
import { pick } from '../random.ts';
import { json, type Reply } from '../reply.ts';
import { flagOf, momentOf, orderOf, within, wordsOf } from './asking.ts';
import { bodyIn, type Shape, textsIn } from './body.ts';
import { detectionAt, detectionsOf } from './detection-feed.ts';
import { adminIn, type Family, heldBy, iso, many, namedBy, principalIn, removes, shows } from './family.ts';
import { collectionOf, type Holder } from './held.ts';
import { pageReply } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const TYPES = ['hunt', 'investigation', 'incident', 'request'] as const;
const SEVERITIES = ['notSet', 'informational', 'low', 'medium', 'high', 'critical'] as const;
const STATUSES = ['new', 'investigating', 'onHold', 'actionRequired', 'resolved', 'closed'] as const;
const MANAGERS = ['self', 'sophos'] as const;
const VERDICTS = ['falsePositive', 'truePositive'] as const;
const SUBJECTS = [
  'Suspicious PowerShell',
  'Credential dumping',
  'Phishing mail opened',
  'Unusual sign-in',
  'Ransomware precursor',
  'Lateral movement',
] as const;
const HOUR_MS = 3_600_000;
const SIZES = { usual: 50, max: 50 } as const;
const FIRST_NUMBER = 598_000;

export const cases: Family = {
  name: 'cases',
  ids: 'free',
  sizes: SIZES,
  make: (holder) => casesMade(holder).map(({ detectionIds: _ids, ...item }) => item),
};

/** The cases that there are from the start, each with the ids of its detections, which are not shown with it. */
function casesMade(holder: Holder): readonly Item[] {
  return many(holder, 'cases', 60, (i, random) => madeCase(holder, i, random));
}

/** The ids of each case's detections, by the id of the case. */
function detectionIdsIn(holder: Holder): Collection {
  return collectionOf(holder, 'case detections', () => casesMade(holder).map(({ id, detectionIds }) => ({ id, detectionIds })));
}

function madeCase(holder: Holder, i: number, random: () => number): Item {
  const { tenant } = holder;
  const createdMs = tenant.bornAt - (60 - i) * 12 * HOUR_MS + Math.floor(random() * HOUR_MS);
  const status = pick(STATUSES, random);
  const isOver = status === 'resolved' || status === 'closed';
  const detections = Array.from({ length: 1 + Math.floor(random() * 5) }, (_, k) => detectionAt(holder, -(60 - i) * 6 - k));
  const subject = pick(SUBJECTS, random);
  const someone = random() < 0.75 ? { assignee: adminIn(holder, i), assignedAt: iso(createdMs + HOUR_MS) } : {};
  return {
    id: `1-${FIRST_NUMBER + tenant.number * 1000 + i}`,
    type: pick(TYPES, random),
    name: `${subject} on ${String(nameOf(detections[0]))}`,
    tenant: { id: tenant.id },
    managedBy: random() < 0.3 ? 'sophos' : 'self',
    severity: pick(SEVERITIES, random),
    status,
    ...(isOver ? { verdict: pick(VERDICTS, random), resolvedAt: iso(createdMs + 9 * HOUR_MS) } : {}),
    escalated: random() < 0.15,
    ...someone,
    overview: `${subject}: ${detections.length} detections within an hour.`,
    initialDetection: briefly(detections[0]),
    createdAt: iso(createdMs),
    createdBy: adminIn(holder, i + 1),
    updatedAt: iso(createdMs + 10 * HOUR_MS),
    detectionCount: detections.length,
    detectionIds: detections.map((one) => String(one.id)),
  };
}

function nameOf(detection: Item | undefined): unknown {
  return typeof detection?.device === 'object' && detection.device !== null ? Reflect.get(detection.device, 'entity') : undefined;
}

function briefly(detection: Item | undefined): Item {
  const { id, severity, type, detectionRule, mitreAttacks, time, sensor } = detection ?? {};
  return { id, severity, type, detectionRule, mitreAttacks, time, sensor };
}

const SORTS = ['id', 'name', 'type', 'severity', 'status', 'createdAt', 'updatedAt'] as const;

function list(asked: Asked): Reply {
  const text = (name: string) => parameterOf(asked.query, name)?.toLowerCase();
  const listed = {
    managedBy: wordsOf(asked, 'managedBy', MANAGERS),
    type: wordsOf(asked, 'type', TYPES),
    severity: wordsOf(asked, 'severity', SEVERITIES),
    status: wordsOf(asked, 'status', STATUSES),
    verdict: wordsOf(asked, 'verdict', VERDICTS),
  };
  const [name, overview, assignee] = [text('name'), text('overviewContains'), text('assignee')];
  const [after, before] = [momentOf(asked, 'createdAfter'), momentOf(asked, 'createdBefore')];
  const escalated = flagOf(asked, 'escalated');
  const order = orderOf(asked, SORTS);
  const kept = heldBy(cases, asked)
    .list()
    .filter((item) => Object.entries(listed).every(([field, words]) => words.length === 0 || words.includes(String(item[field]))))
    .filter((item) => name === undefined || String(item.name).toLowerCase().includes(name))
    .filter((item) => overview === undefined || String(item.overview).toLowerCase().includes(overview))
    .filter((item) => escalated === undefined || item.escalated === escalated)
    .filter((item) => within(item.createdAt, after, before) && isAssigned(item, assignee));
  return pageReply(asked, order === null ? kept : kept.sort(order), SIZES);
}

/** An address, or the words for nobody. */
function isAssigned({ assignee }: Item, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  if (typeof assignee !== 'object' || assignee === null) return wanted === 'unassigned';
  return [Reflect.get(assignee, 'name'), Reflect.get(assignee, 'id')].some((text) => String(text).toLowerCase() === wanted);
}

const CHANGEABLE: Shape = { name: 'text', type: TYPES, severity: SEVERITIES, status: STATUSES, assignee: 'text', overview: 'text', verdict: VERDICTS };

function create(asked: Asked): Reply {
  const shape = { ...CHANGEABLE, name: 'text!', managedBy: MANAGERS, initialDetectionId: 'text', otherDetectionIds: 'texts' } as const;
  const { assignee, initialDetectionId, otherDetectionIds, ...body } = bodyIn(asked, shape);
  const known = detectionsOf(asked, asked.now);
  const ids = [...(typeof initialDetectionId === 'string' ? [initialDetectionId] : []), ...textsIn({ otherDetectionIds }, 'otherDetectionIds')];
  const initial = known.find(({ id }) => id === initialDetectionId);
  const collection = heldBy(cases, asked);
  const at = iso(asked.now);
  const item = collection.put({
    id: `1-${FIRST_NUMBER + asked.tenant.number * 1000 + 500 + collection.nextNumber()}`,
    type: 'investigation',
    managedBy: 'self',
    severity: 'notSet',
    status: 'new',
    escalated: false,
    ...body,
    tenant: { id: asked.tenant.id },
    ...assigned(asked, assignee),
    ...(initial === undefined ? {} : { initialDetection: briefly(initial) }),
    createdAt: at,
    createdBy: principalIn(asked),
    updatedAt: at,
    detectionCount: new Set(ids).size,
  });
  detectionIdsIn(asked).put({ id: item.id, detectionIds: [...new Set(ids)] });
  return json(201, item);
}

function assigned(asked: Asked, assignee: unknown): Item {
  if (typeof assignee !== 'string') return {};
  if (assignee.toLowerCase() === 'unassigned') return { assignee: null, assignedAt: null };
  return { assignee: { ...adminIn(asked, assignee.length), name: assignee }, assignedAt: iso(asked.now) };
}

function change(asked: Asked): Reply {
  const item = namedBy(cases, asked, 'caseId');
  const { assignee, ...body } = bodyIn(asked, CHANGEABLE);
  if (item.managedBy !== 'self') throw new Refused(403);
  const at = iso(asked.now);
  const isOver = body.status === 'resolved' || body.status === 'closed';
  const changed = { ...item, ...body, ...assigned(asked, assignee), ...(isOver ? { resolvedAt: at } : {}), updatedAt: at };
  return json(200, heldBy(cases, asked).put(changed));
}

/** What the case's detections are, as far as they are known. */
function detectionsIn(asked: Asked): readonly Item[] {
  const wanted = textsIn(detectionIdsIn(asked).get(String(namedBy(cases, asked, 'caseId').id)) ?? {}, 'detectionIds');
  const older = Array.from({ length: 60 * 6 + 10 }, (_, i) => detectionAt(asked, i - 60 * 6 - 5));
  const known = new Map([...older, ...detectionsOf(asked, asked.now)].map((one) => [String(one.id), one]));
  return wanted.flatMap((id) => {
    const one = known.get(id);
    return one === undefined ? [] : [one];
  });
}

function impacted(asked: Asked): Reply {
  const [id, name] = [parameterOf(asked.query, 'id'), parameterOf(asked.query, 'name')];
  const types = wordsOf(asked, 'type', ['ipAddress', 'user', 'device', 'file', 'process', 'url']);
  const entities = new Map<string, Item>();
  for (const one of detectionsIn(asked)) {
    const device = { ...(typeof one.device === 'object' ? one.device : {}) };
    const raw = { ...(typeof one.rawData === 'object' ? one.rawData : {}) };
    const deviceId = String(Reflect.get(device, 'id'));
    entities.set(deviceId, { id: deviceId, name: Reflect.get(device, 'entity'), type: 'device' });
    const user = String(Reflect.get(raw, 'meta_username'));
    entities.set(user, { id: user, name: user, type: 'user' });
  }
  const kept = [...entities.values()].filter(
    (entity) =>
      (id === undefined || entity.id === id) && (name === undefined || entity.name === name) && (types.length === 0 || types.includes(String(entity.type))),
  );
  return pageReply(asked, kept, SIZES);
}

function summary(asked: Asked): Reply {
  const tactics = new Map<string, Item>();
  for (const { mitreAttacks } of detectionsIn(asked))
    for (const attack of Array.isArray(mitreAttacks) ? mitreAttacks : []) {
      const tactic: Item = { ...Reflect.get(attack, 'tactic') };
      tactics.set(String(tactic.id), tactic);
    }
  return json(200, { tactics: [...tactics.values()] });
}

function oneDetection(asked: Asked): Reply {
  const one = detectionsIn(asked).find(({ id }) => id === asked.ids.detectionId);
  if (one === undefined) throw new Refused(404);
  return json(200, one);
}

/** Cases; what Sophos manages can only be read. */
export const caseRoutes: readonly Route[] = [
  route('GET /cases/v1/cases', list),
  route('POST /cases/v1/cases', create),
  route('GET /cases/v1/cases/{caseId}', shows(cases, 'caseId')),
  route('PATCH /cases/v1/cases/{caseId}', change),
  route(
    'DELETE /cases/v1/cases/{caseId}',
    removes(cases, 'caseId', (_asked, { managedBy }) => {
      if (managedBy !== 'self') throw new Refused(403);
    }),
  ),
  route('GET /cases/v1/cases/{caseId}/impacted-entities', impacted),
  route('GET /cases/v1/cases/{caseId}/detections', (asked) => pageReply(asked, detectionsIn(asked), SIZES)),
  route('GET /cases/v1/cases/{caseId}/detections/{detectionId}', oneDetection),
  route('GET /cases/v1/cases/{caseId}/mitre-attack-summary', summary),
];
