/**
 * A record as siem.py 2.1.0 has it in hand before it prints: what its three formats share.
 *
 * Where siem.py would stop with an exception (a missing `type` or `created_at`, a `name` that is a number), the step is left out and the
 * record is printed all the same.
 *
 * Source: reference, siem.py, "Steps".
 */
import type { Json, Origin, StreamRecord } from '../core/types.ts';
import { datastreamOf } from './json.ts';
import { type Dict, readPython, type Value } from './python.ts';
import { strip } from './python-print.ts';
import { splitName } from './siem-name.ts';

/** Keys that siem.py renames. */
const newNames: ReadonlyMap<string, string> = new Map([
  ['source', 'suser'],
  ['when', 'end'],
  ['user_id', 'duid'],
  ['created_at', 'rt'],
  ['full_file_path', 'filePath'],
  ['location', 'dhost'],
  ['device_event_class_id', 'type'],
]);

/** Streams that siem.py reads; what we know beyond the item is not added to these. */
const own: ReadonlySet<string> = new Set(['events', 'siem-alerts']);

/**
 * The item with `datastream`, without members that are null.
 *
 * Shape    what is no object stands under `value`. Records of snapshots carry what is known of them (`snapshot`, `change`) at the end.
 * Throws   rejected, as `readPython`.
 */
export function siemRecord(record: StreamRecord, { stream }: Origin): Dict {
  const item = readPython(record.json);
  const fields: Dict = item instanceof Map ? item : new Map([['value', item]]);
  fields.set('datastream', datastreamOf(stream));
  for (const [key, value] of fields) if (value === null) fields.delete(key);
  if (record.meta !== undefined && !own.has(stream)) addKnown(fields, record.meta);
  return fields;
}

function addKnown(fields: Dict, meta: Json): void {
  const known = readPython(JSON.stringify(meta));
  if (!(known instanceof Map)) return;
  for (const [key, value] of known) if (value !== null && !fields.has(key)) fields.set(key, value);
}

/** The fields in the order of `siem-json` and `siem-keyvalue`: renamed first, then the name split. */
export function renamedRecord(record: StreamRecord, origin: Origin, convertDhost: boolean): Dict {
  const fields = siemRecord(record, origin);
  rename(fields, convertDhost);
  splitName(fields);
  return fields;
}

/** Moves each value to the end under its new name, or into the place of a member that has that name already. */
export function rename(fields: Dict, convertDhost: boolean): void {
  const old: string[] = [];
  for (const key of fields.keys()) if (newNames.has(key)) old.push(key);
  for (const key of old) {
    const name = newNames.get(key) ?? key;
    const value = fields.get(key) ?? null;
    fields.set(name, convertDhost && name === 'dhost' ? hostName(value) : value);
    fields.delete(key);
  }
}

/** Letters and digits with single hyphens between; siem.py lets a line break pass at the end of a part. */
const part = /^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*\n?$/;

/** A valid host name as it is, and any other made valid. */
function hostName(value: Value): Value {
  if (typeof value !== 'string' || isHostName(value)) return value;
  return value
    .toLowerCase()
    .split('.')
    .map(strip)
    .filter((each) => each !== '')
    .map((each) => each.replace(/[^-a-z0-9]+/g, '-').replace(/^-+|(?<!-)-+$/g, ''))
    .join('.');
}

function isHostName(value: string): boolean {
  const bare = strip(value);
  const name = bare.endsWith('.') ? bare.slice(0, -1) : bare;
  return name.length < 256 && name.split('.').every((each) => each.length < 64 && part.test(each));
}
