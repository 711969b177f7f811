/**
 * What is known of one record, read once and named the same for all streams: the formats take their fields from here.
 *
 * Everything is optional but `meaning` and `at`. Texts are as Central wrote them (control characters included): each format escapes its own way.
 * Source: reference, sections 4.4, 4.5, 5.1, 6.2, 7.2, 7.3.
 */
import type { Json, Origin, StreamRecord } from '../../core/types.ts';
import { type Device, readDevice } from './device.ts';
import { type Evidence, readEvidence } from './evidence.ts';
import { meaningFor, meaningOf } from './meaning.ts';
import { type Members, membersOf } from './members.ts';
import { readUser, type User } from './people.ts';
import { readSentence, type Told } from './sentences.ts';
import { readSeverity, type Severity } from './severity.ts';
import { type Fields, fieldsIn, instantIn, parseItem, textIn, trimmed } from './values.ts';
import type { Category, Meaning } from './words.ts';

export interface Facts {
  /** The item; what is no object stands under `value`. */
  readonly item: Fields;
  /** The item's text; a record decodes it each time that it is asked. */
  readonly json: string;
  readonly stream: string;
  /** Is it an alert, and not an event, a detection or a thing? */
  readonly isAlert: boolean;
  /** `Event::...`, as written. */
  readonly type?: string | undefined;
  readonly meaning: Meaning;
  readonly severity?: Severity | undefined;
  /** The severity as written, also when it is unknown. */
  readonly severityText?: string | undefined;
  readonly id?: string | undefined;
  /** `event_service_event_id`: the event that raised an alert. */
  readonly eventId?: string | undefined;
  /** `name` or `description`: the sentence. */
  readonly text?: string | undefined;
  /** Group of an event, category of an alert. */
  readonly group?: string | undefined;
  /** When it happened: `when`, `raisedAt`, a detection's `time`, a case's `updatedAt`; else when it was recorded or read. ms since 1970. */
  readonly at: number;
  /** The same instant as Central wrote it, when it did. */
  readonly atAsWritten?: string | undefined;
  /** When Central recorded it: `created_at`, else `at`. */
  readonly recordedAt: number;
  readonly device: Device;
  readonly user?: User | undefined;
  /** `threat`, else what the text names. `Unknown Threat` is kept. */
  readonly threat?: string | undefined;
  /** What the text tells: site, program, device, data loss. */
  readonly told: Told;
  readonly evidence: Evidence;
  /** Detection technology: `ML`, `HMPA_DETECTION` ... */
  readonly origin?: string | undefined;
  /** Of a snapshot or of alerts that are followed: `added`, `changed`, `removed`, `reopened`, `closed`. */
  readonly change?: string | undefined;
  readonly tenantId: string;
  readonly tenantName: string;
}

/**
 * Reads a record. One JSON.parse; the rest is looked up.
 *
 * Throws   rejected for a text that is not JSON.
 */
export function readFacts(record: StreamRecord, { stream, tenant }: Origin): Facts {
  const { json } = record;
  const whole = parseItem(json);
  const item = membersOf(whole);
  const type = textIn(item.type);
  const group = textIn(item.group) ?? textIn(item.category);
  const text = textIn(item.name) ?? textIn(item.description) ?? textIn(item.ruleDescription);
  const severityText = typeof item.severity === 'number' ? String(item.severity) : textIn(item.severity);
  const isSpoken = spoken.has(stream);
  const known = isSpoken ? meaningOf(type, group) : meaningOfStream(stream, record.meta, item);
  const told = isSpoken && text !== undefined ? readSentence(text, known.category) : noTold;
  const meaning = told.action === undefined || told.action === known.action || known.category !== 'web' ? known : webMeanings[told.action];
  const recordedAt = instantIn(item.created_at) ?? record.time;
  const change = textIn(fieldsIn(record.meta).change);
  const data = fieldsIn(item.data);
  return {
    item: whole,
    json,
    stream,
    isAlert: stream === 'siem-alerts' || stream === 'alerts',
    type,
    meaning,
    severity: readSeverity(item.severity),
    severityText,
    id: textIn(item.id) ?? record.key,
    eventId: textIn(item.event_service_event_id),
    text,
    group,
    at: happenedAt(item, stream, change) ?? recordedAt,
    atAsWritten: textIn(item.when) ?? textIn(item.raisedAt) ?? textIn(item.time),
    recordedAt,
    device: readDevice(item, data, stream),
    user: readUser(item, told),
    threat: trimmed(item.threat) ?? told.threat,
    told,
    evidence: readEvidence(item, data, told),
    origin: textIn(item.origin),
    change,
    tenantId: tenant.id,
    tenantName: tenant.name,
  };
}

/** A thing is as it is when it is read, and a change of an alert is when it was seen: neither has a time of its own. */
function happenedAt(item: Members, stream: string, change: string | undefined): number | undefined {
  if (change !== undefined) return undefined;
  if (spoken.has(stream)) return instantIn(item.when) ?? instantIn(item.raisedAt);
  if (stream === 'detections') return instantIn(item.time) ?? instantIn(item.sensorGeneratedAt);
  return stream === 'cases' ? (instantIn(item.updatedAt) ?? instantIn(item.createdAt)) : undefined;
}

const noTold: Told = Object.freeze({});

/** Streams whose items carry an `Event::` type and a sentence. */
const spoken: ReadonlySet<string> = new Set(['events', 'siem-alerts', 'alerts']);

const webMeanings = { blocked: meaningFor('web', 'blocked'), warned: meaningFor('web', 'warned'), proceeded: meaningFor('web', 'proceeded') };

/** Streams of things, and what a thing of each is. A stream that is not here holds settings. */
const things: ReadonlyMap<string, Category> = new Map<string, Category>([
  ['detections', 'detection'],
  ['cases', 'case'],
  ['endpoints', 'device-inventory'],
  ['firewalls', 'device-inventory'],
  ['mobile-devices', 'device-inventory'],
  ['access-points', 'device-inventory'],
  ['switches', 'device-inventory'],
  ['users', 'user-inventory'],
  ['admins', 'user-inventory'],
]);

const caseActions: ReadonlyMap<string, Meaning> = new Map([
  ['new', meaningFor('case', 'detected')],
  ['resolved', meaningFor('case', 'resolved')],
  ['closed', meaningFor('case', 'resolved')],
]);
const caseOngoing = meaningFor('case', 'changed');
const changeWords = ['added', 'changed', 'removed'] as const;

function meaningOfStream(stream: string, meta: Json | undefined, item: Members): Meaning {
  const category = things.get(stream) ?? 'settings';
  if (category === 'case') return caseActions.get(textIn(item.status) ?? '') ?? caseOngoing;
  if (category === 'detection') return detected;
  const change = fieldsIn(meta).change;
  return meaningFor(category, changeWords.find((word) => word === change) ?? 'reported');
}

const detected = meaningFor('detection', 'detected');
