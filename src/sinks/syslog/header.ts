/**
 * What stands before the text of a message.
 *
 *   5424   <PRI>1 TIME HOST APP-NAME PROCID MSGID [sophos@32473 tenant=".." tenantName=".." stream=".." record=".."] TEXT
 *   3164   <PRI>Mmm dd hh:mm:ss HOST TAG[PROCID]: TEXT
 *   none   <PRI>TEXT
 *
 * Much of it comes from records and tenants, who may be hostile: a header field keeps printable ASCII only, without blanks, and a value
 * of structured data is escaped (RFC 5424, 6.3.3) and free of control characters. So none of them can end its field.
 */
import { compileTemplate, type Template } from '../../core/template.ts';
import type { Millis, Origin, StreamRecord } from '../../core/types.ts';
import { topLevel } from '../wire/field.ts';
import type { ClockForm, Rfc } from './presets.ts';
import { type Facility, facilities, type Severity, severities, severityOf } from './priority.ts';

export interface HeaderOptions {
  readonly rfc: Rfc;
  readonly time: ClockForm;
  readonly facility: Facility | number;
  readonly severity?: Severity | undefined;
  readonly hostname: string;
  readonly recordHost: boolean;
  readonly appName: string;
  readonly procId: string;
  readonly msgId: string;
  readonly structuredData: boolean;
  readonly sdId: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly bom: boolean;
}

/** `2/3`: this message is the second part of three. */
export type PartOf = `${number}/${number}`;

export interface Header {
  /** Up to where the text begins. */
  of(record: StreamRecord, origin: Origin, part?: PartOf): string;
  /** The same without structured data: at most about 500 bytes. */
  short(record: StreamRecord, origin: Origin, part?: PartOf): string;
}

/** One value of structured data; a tenant's name may be of any length. */
const maxValueBytes = 256;

/**
 * Compiles the templates.
 *
 * Throws   config `config.template` for a template that cannot be read.
 */
export function compileHeader(options: HeaderOptions): Header {
  const priority = priorityOf(options);
  if (options.rfc === 'none') {
    const bare = (record: StreamRecord, _: Origin, part?: PartOf) => `${priority(record)}${partMark(part)}`;
    return { of: bare, short: bare };
  }
  const host = compileField(options.hostname, 255);
  const app = compileField(options.appName, options.rfc === 5424 ? 48 : 32);
  const proc = compileField(options.procId, options.rfc === 5424 ? 128 : 32);
  const hostOf = (record: StreamRecord, origin: Origin) => {
    const told = options.recordHost ? topLevel(record.utf8, 'location') : undefined;
    const named = typeof told === 'string' ? fieldText(told, 255) : '-';
    return named === '-' ? host(origin, record.time) : named;
  };
  if (options.rfc === 3164) {
    const stamp = options.time === 'iso' ? isoTime : options.time === 'utc' ? utcStamp : localStamp;
    const classic = (record: StreamRecord, origin: Origin, part?: PartOf) => {
      const tag = `${tagText(app(origin, record.time))}[${tagText(proc(origin, record.time))}]`;
      return `${priority(record)}${stamp(record)} ${hostOf(record, origin)} ${tag}: ${partMark(part)}`;
    };
    return { of: classic, short: classic };
  }
  const message = compileField(options.msgId, 32);
  const data = options.structuredData ? compileData(options.sdId, options.fields) : () => '-';
  const text = options.bom ? ' \ufeff' : ' ';
  const front = (record: StreamRecord, origin: Origin) => {
    const { time } = record;
    return `${priority(record)}1 ${isoTime(record)} ${hostOf(record, origin)} ${app(origin, time)} ${proc(origin, time)} ${message(origin, time)} `;
  };
  return {
    of: (record, origin, part) => `${front(record, origin)}${data(record, origin, part)}${text}`,
    short: (record, origin, part) => `${front(record, origin)}${part === undefined ? '-' : `[${options.sdId} part="${part}"]`}${text}`,
  };
}

function priorityOf({ facility, severity }: HeaderOptions): (record: StreamRecord) => string {
  const base = (typeof facility === 'number' ? facility : facilities.indexOf(facility)) * 8;
  if (severity !== undefined) {
    const fixed = `<${base + severities.indexOf(severity)}>`;
    return () => fixed;
  }
  return (record) => `<${base + severityOf(topLevel(record.utf8, 'severity'))}>`;
}

/** Tells the parts of one record apart where there is no structured data. */
function partMark(part: PartOf | undefined): string {
  return part === undefined ? '' : `(${part}) `;
}

type FieldOf = (origin: Origin, time: Millis) => string;

/** A field of the header; compiled once, worked out once for each origin unless it holds the date. */
function compileField(text: string, most: number): FieldOf {
  const template = compileTemplate(text);
  if (!template.usesOrigin && !template.usesDate) {
    const fixed = fieldText(text, most);
    return () => fixed;
  }
  if (template.usesDate) return (origin, time) => fieldText(template.plain(origin, time), most);
  const known = new WeakMap<Origin, string>();
  return (origin, time) => {
    const value = known.get(origin) ?? fieldText(template.plain(origin, time), most);
    known.set(origin, value);
    return value;
  };
}

/** Printable ASCII without blanks; everything else becomes hyphens. Nothing is the nil value. */
function fieldText(value: string, most: number): string {
  const plain = value
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^\x21-\x7e]+/g, '-')
    .slice(0, most);
  return plain === '' ? '-' : plain;
}

/** RFC 3164, 4.1.3: a character that is none of these ends the tag. */
function tagText(value: string): string {
  return value.replace(/[^A-Za-z0-9_./-]/g, '-');
}

function compileData(sdId: string, fields: Readonly<Record<string, string>>): (record: StreamRecord, origin: Origin, part?: PartOf) => string {
  const extras = Object.entries(fields).map(([name, text]): [string, Template] => [name, compileTemplate(text)]);
  const usesDate = extras.some(([, template]) => template.usesDate);
  const known = new WeakMap<Origin, string>();
  const frontOf = (origin: Origin, time: Millis) => {
    const { tenant, stream } = origin;
    const pairs = extras
      .map(([name, template]) => [name, template.plain(origin, time)] as const)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => ` ${name}="${valueText(value)}"`);
    const own = ` tenant="${valueText(tenant.id)}" tenantName="${valueText(tenant.name)}" stream="${valueText(stream)}"`;
    return `[${sdId}${own}${pairs.join('')} record="${valueText(`${tenant.id}/${stream}/`)}`;
  };
  return (record, origin, part) => {
    let front = usesDate ? undefined : known.get(origin);
    if (front === undefined) {
      front = frontOf(origin, record.time);
      if (!usesDate) known.set(origin, front);
    }
    return `${front}${valueText(record.key)}"${part === undefined ? '' : ` part="${part}"`}]`;
  };
}

const plainValue = /^[\w .:@/+=-]{0,85}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Surrogate}/gu;

/** A value of structured data: of bounded length, without control characters, with `"`, `\` and `]` escaped. */
function valueText(value: string): string {
  if (plainValue.test(value)) return value;
  let kept = '';
  let bytes = 0;
  for (const character of value.replace(control, ' ')) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxValueBytes) break;
    kept += character;
  }
  return kept.replace(/["\\\]]/g, '\\$&');
}

/** When Central recorded it; an instant without a year of four digits is the nil value. */
function isoTime({ time, fetchedAt }: StreamRecord): string {
  for (const instant of [time, fetchedAt]) if (instant >= -62_167_219_200_000 && instant <= 253_402_300_799_999) return new Date(instant).toISOString();
  return '-';
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number) => String(value).padStart(2, '0');

/** RFC 3164, 4.1.2: the clock on the wall of this machine, without year and zone. */
function localStamp({ time, fetchedAt }: StreamRecord): string {
  const at = new Date(Number.isNaN(new Date(time).getTime()) ? fetchedAt : time);
  return `${months[at.getMonth()]} ${String(at.getDate()).padStart(2)} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

function utcStamp({ time, fetchedAt }: StreamRecord): string {
  const at = new Date(Number.isNaN(new Date(time).getTime()) ? fetchedAt : time);
  return `${months[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
}
