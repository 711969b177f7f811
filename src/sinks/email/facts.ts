import type { Origin, Parcel, Section, StreamRecord } from '../../core/types.ts';
import { plain } from './words.ts';

/** What a mail tells of one record. */
export interface Fact {
  readonly section: Section;
  /** Its place in the section. */
  readonly at: number;
  readonly record: StreamRecord;
  readonly origin: Origin;
  /** ISO 8601, UTC, whole seconds. */
  readonly time: string;
  readonly severity: string;
  readonly type: string;
  readonly host: string;
  readonly user: string;
  readonly name: string;
  readonly group: string;
  /** A value was longer than a mail shows. */
  readonly isCut: boolean;
}

/** Longest value that is shown. */
const longest = 400;

/** Severities from the mildest, as words. What is not here ranks lowest. */
const ranks: readonly string[] = ['none', 'info', 'low', 'medium', 'high', 'very_high', 'critical'];

/** Where the kinds of records keep what a mail tells, the first that is there. */
const places = {
  severity: ['severity'],
  type: ['type', 'detectionRule', 'change'],
  host: ['location', 'hostname', 'managedAgent.name', 'device.entity', 'endpoint.hostname'],
  user: ['source', 'person.name', 'associatedPerson.viaLogin', 'associatedPerson.name'],
  name: ['name', 'description', 'detectionDescription', 'detectionRule', 'subject', 'url', 'hostname'],
  group: ['group', 'category'],
} as const;

export function factsOf({ sections }: Parcel): Fact[] {
  return sections.flatMap((section) => section.records.map((record, at) => factOf(section, record, at)));
}

function factOf(section: Section, record: StreamRecord, at: number): Fact {
  const fields = readFields(record.json);
  let isCut = false;
  const told = (from: readonly string[]): string => {
    const value = from.map((path) => valueAt(fields, path)).find((each) => each !== '') ?? '';
    const shown = plain(value, longest);
    isCut ||= shown.endsWith('…') && !value.endsWith('…');
    return shown;
  };
  const { origin } = section;
  return {
    section,
    at,
    record,
    origin,
    time: timeOf(record.time),
    severity: told(places.severity).toLowerCase(),
    type: told(places.type),
    host: told(places.host),
    user: told(places.user),
    name: told(places.name),
    group: told(places.group),
    isCut,
  };
}

/** Higher is worse. */
export function rankOf(severity: string): number {
  const number = Number(severity);
  // Detections have ten levels.
  if (severity !== '' && Number.isFinite(number)) return number / 2;
  return ranks.indexOf(severity);
}

/** The name of the tenant, fit to be shown. */
export function tenantName({ tenant }: Origin): string {
  return plain(tenant.name, 120) || plain(tenant.id, 120);
}

/** How many of each, the most frequent first. */
export function countsOf(values: Iterable<string>): readonly (readonly [value: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

function timeOf(time: number): string {
  return Math.abs(time) <= 8.64e15 ? `${new Date(time).toISOString().slice(0, 19)}Z` : '';
}

type Fields = { readonly [field: string]: unknown };

function readFields(json: string): Fields {
  try {
    const value: unknown = JSON.parse(json);
    return isFields(value) ? value : {};
  } catch {
    // A mail still tells when it came and from whom.
    return {};
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valueAt(fields: Fields, path: string): string {
  let value: unknown = fields;
  for (const step of path.split('.')) value = isFields(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
