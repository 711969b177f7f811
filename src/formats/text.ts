import { defineFormat } from '../core/kinds.ts';
import { object } from '../core/schema.ts';
import type { Origin, StreamRecord } from '../core/types.ts';
import { type Dict, readPython, type Value } from './python.ts';
import { str } from './python-print.ts';

/**
 * One readable line, as Sophos API Connect writes events and alerts.
 *
 * Shape    objects in Python's notation. A field that is missing leaves its place empty, and so does one that is null, unless API Connect
 *          prints it as `None`. A line break inside a value is one blank.
 *          What API Connect does not know (other streams, an item that is no object) is written in the same way under its own keys.
 * Source: reference, Sophos API Connect, "Lines".
 */
export const text = defineFormat({
  name: 'text',
  summary: 'One readable line, as Sophos API Connect writes it',
  options: object({}),
  open: () => ({
    json: false,
    encode: (record, origin, out) => out.text(lineOf(record, origin).replace(/\r\n|\n|\r/g, ' ')),
  }),
});

function lineOf(record: StreamRecord, { stream }: Origin): string {
  const item = readPython(record.json);
  if (item instanceof Map && stream === 'events') return eventLine(item);
  if (item instanceof Map && stream === 'siem-alerts') return alertLine(item);
  const fields: Dict = item instanceof Map ? item : new Map([['value', item]]);
  const known = record.meta === undefined ? null : readPython(JSON.stringify(record.meta));
  if (known instanceof Map) for (const [key, value] of known) if ((fields.get(key) ?? null) === null) fields.set(key, value);
  return otherLine(fields, stream);
}

function eventLine(item: Dict): string {
  const of = (key: string) => shown(item.get(key));
  return (
    `[Timestamp: ${of('created_at')}] [EventID: ${of('id')}] [Severity: ${of('severity')}] [Name: ${of('name')}] ` +
    `[IP: ][EventType: ${of('type')}] [SourceInfo: ${printed(item.get('source_info'))}] [Location: ${of('location')}] ` +
    `[Group: ${of('group')}] [CustomerID: ${of('customer_id')}]`
  );
}

function alertLine(item: Dict): string {
  const of = (key: string) => shown(item.get(key));
  return (
    `[Reporter: Sophos Central] [Timestamp: ${of('created_at')}] [AlertID: ${of('id')}] [Severity: ${of('severity')}] ` +
    `[IP: ][Description: ${of('type')} ${of('description')}] [AlertType: ${of('type')}] [Data: ${printed(item.get('data'))}] ` +
    `[Location: ${of('location')}]`
  );
}

function otherLine(fields: Dict, stream: string): string {
  let line = `[Reporter: Sophos Central] [Stream: ${stream}]`;
  for (const [key, value] of fields) if (value !== null) line += ` [${key}: ${str(value)}]`;
  return line;
}

/** A field that API Connect joins as text. */
function shown(value: Value | undefined): string {
  return value === undefined || value === null ? '' : str(value);
}

/** A field that API Connect prints with `str`, null included. */
function printed(value: Value | undefined): string {
  return value === undefined ? '' : str(value);
}
