import { defineFormat } from '../core/kinds.ts';
import { object } from '../core/schema.ts';
import type { Json, Millis, Origin, StreamRecord } from '../core/types.ts';
import { type Addition, type Additions, prepareAdditions, writeWithoutNulls } from './without-nulls.ts';

/** What one record of each stream is called; a stream that is not here goes by its own name. */
const datastreams: Readonly<Record<string, string>> = {
  events: 'event',
  'siem-alerts': 'alert',
  alerts: 'alert',
  endpoints: 'endpoint',
  'local-sites': 'local-site',
  admins: 'admin',
  roles: 'role',
  users: 'user',
  'user-groups': 'user-group',
  'endpoint-groups': 'endpoint-group',
  policies: 'policy',
  firewalls: 'firewall',
  'firewall-groups': 'firewall-group',
  detections: 'detection',
  cases: 'case',
  licenses: 'license',
};

/** The word in `datastream`. */
export function datastreamOf(stream: string): string {
  return Object.hasOwn(datastreams, stream) ? (datastreams[stream] as string) : stream;
}

/**
 * The item with `tenant`, `datastream`, `fetchedAt` and what else is known of the record (`snapshot`, `change`) added at the end.
 *
 * Shape    members that are null are left out at every depth; elements of lists stay.
 *          An item's own keys stay: where it has a value for one of ours, ours is left out. Its own `tenant` object is completed with `id`, `name`.
 *          What is no object is written as `value`.
 * Units    `fetchedAt` in ISO 8601, UTC.
 */
export const json = defineFormat({
  name: 'json',
  summary: 'The item with tenant, datastream and fetchedAt added, and nulls removed',
  options: object({}),
  open() {
    const additionsFor = remembering();
    return {
      json: true,
      encode: (record, origin, out) => writeWithoutNulls(asObject(record.utf8), additionsFor(record, origin), out),
    };
  },
});

/** The fields of `json` as an object: what filters see. Null members are still there; filters take them as missing. */
export function jsonFields(record: StreamRecord, origin: Origin): Readonly<Record<string, unknown>> {
  const own = fieldsOf(record.json);
  for (const { key, value } of valuesToAdd(record, origin)) {
    const present = Object.hasOwn(own, key) ? own[key] : null;
    if (present === null) own[key] = value;
    else if (key === 'tenant' && isMap(present) && isMap(value)) own[key] = Object.assign({}, value, dropNulls(present));
  }
  return own;
}

/** An item that is not JSON has no fields of its own: a filter must not stop for it. */
function fieldsOf(text: string): Record<string, unknown> {
  try {
    const item: unknown = JSON.parse(text);
    return isMap(item) ? (item as Record<string, unknown>) : { value: item };
  } catch {
    return {};
  }
}

/** Records of one page share their additions: those made last are kept. A memo only: the same record always gets the same. */
function remembering(): (record: StreamRecord, origin: Origin) => Additions {
  let last: { readonly origin: Origin; readonly fetchedAt: Millis; readonly meta: Json | undefined; readonly additions: Additions } | undefined;
  return (record, origin) => {
    const { fetchedAt, meta } = record;
    if (last?.origin !== origin || last.fetchedAt !== fetchedAt || last.meta !== meta)
      last = { origin, fetchedAt, meta, additions: additionsOf(record, origin) };
    return last.additions;
  };
}

function additionsOf(record: StreamRecord, origin: Origin): Additions {
  return prepareAdditions(valuesToAdd(record, origin).map(({ key, value }) => addition(key, value)));
}

function addition(key: string, value: Json): Addition {
  const text = JSON.stringify(value);
  if (key !== 'tenant' || !isMap(value)) return { key, text };
  return { key, text, within: prepareAdditions(Object.entries(value).map(([inner, of]) => addition(inner, of))) };
}

/** Streams know two or three things; the limit only keeps the bit sets of `prepareAdditions` honest. */
const maxKnown = 20;

function valuesToAdd(record: StreamRecord, { stream, tenant }: Origin): readonly { readonly key: string; readonly value: Json }[] {
  const ours: [string, Json][] = [
    ['tenant', { id: tenant.id, name: tenant.name }],
    ['datastream', datastreamOf(stream)],
    ['fetchedAt', new Date(record.fetchedAt).toISOString()],
  ];
  const known = isMap(record.meta) ? Object.entries(record.meta) : [];
  const more = known.filter(([key, value]) => value !== null && !ours.some(([own]) => own === key)).slice(0, maxKnown);
  return [...ours, ...more].map(([key, value]) => ({ key, value }));
}

/** The item itself when it is an object, otherwise an object around it. */
export function asObject({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  let at = 0;
  while ((bytes[at] ?? OPEN) <= 0x20) at++;
  return bytes[at] === OPEN ? bytes : Buffer.concat([Buffer.from('{"value":'), bytes, Buffer.from('}')]);
}

/** `{` */
const OPEN = 0x7b;

function isMap<T>(value: T): value is T & { readonly [field: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function dropNulls(fields: { readonly [field: string]: Json }): { readonly [field: string]: Json } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
