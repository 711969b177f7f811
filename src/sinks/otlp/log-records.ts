/**
 * Writes a parcel as `ExportLogsServiceRequest` in its JSON form: one resource for each tenant, one log record for each record.
 *
 * Source   OTLP specification, "JSON Protobuf Encoding": lowerCamelCase keys, 64-bit integers as decimal texts, enumerations as numbers;
 *          opentelemetry/proto/logs/v1. Logs data model: a time of 0 is unknown; the observed time is always set.
 */
import { isUtf8 } from 'node:buffer';
import { textOf } from '../../core/pack.ts';
import { compileTemplate, type Template } from '../../core/template.ts';
import type { Millis, Origin, Parcel, Section, StreamRecord } from '../../core/types.ts';
import { topLevel } from '../wire/field.ts';
import { JsonBody, quote, wellFormed } from '../wire/json-body.ts';
import { recordIdStart } from '../wire/record-id.ts';
import { anyValue, keyValues } from './any-value.ts';
import type { OtlpOptions } from './options.ts';
import { severityNumberOf } from './severity.ts';

export interface LogWriter {
  /** Bytes that a record takes beside its line, generously. */
  readonly overheadBytes: number;
  write(parcel: Parcel): Buffer;
}

/** `{"timeUnixNano":"..","observedTimeUnixNano":"..","severityNumber":17,"severityText":"high","body":..,"attributes":[..]}` */
const skeletonBytes = 330;
const idBytes = 130;
/** A text that is longer is no severity. */
const longestSeverity = 64;
/** 2^64 nanoseconds. */
const latestMs = 18_446_744_073_709;

const comma = Buffer.from(',');
const end = Buffer.from('"}}]}');

/**
 * Compiles the templates.
 *
 * Throws   config `config.template` for a template that cannot be read.
 */
export function compileLogWriter({ body, serviceName, resource }: Pick<OtlpOptions, 'body' | 'serviceName' | 'resource'>): LogWriter {
  const extras = Object.entries(resource).map(([name, text]): [string, Template] => [name, compileTemplate(text)]);
  return {
    overheadBytes: skeletonBytes + idBytes,
    write({ sections }) {
      const out = new JsonBody(sections.reduce((sum, { lines }) => sum + lines.bytes.length * 1.3 + lines.count * (skeletonBytes + idBytes), 512) | 0);
      out.ascii('{"resourceLogs":[');
      let first = true;
      for (const section of sections) {
        if (section.records.length === 0) continue;
        if (!first) out.utf8(comma);
        first = false;
        const { origin, records } = section;
        out.utf8(Buffer.from(`{"resource":{"attributes":[${keyValues(attributesOf(origin, records[0]?.time ?? 0, serviceName, extras))}]},"scopeLogs":[`));
        out.utf8(Buffer.from(`{"scope":{"name":"sophos-central-connector","attributes":[${keyValues([['sophos.stream', origin.stream]])}]},"logRecords":[`));
        writeRecords(section, body, out);
        out.ascii(']}]}');
      }
      out.ascii(']}');
      return out.bytes();
    },
  };
}

function attributesOf(origin: Origin, time: Millis, serviceName: string, extras: readonly [string, Template][]): [string, string][] {
  const { id, name, labels } = origin.tenant;
  const own: [string, string][] = [
    ['service.name', serviceName],
    ['sophos.tenant.id', id],
    ['sophos.tenant.name', name],
    ...Object.entries(labels).map(([label, value]): [string, string] => [`sophos.tenant.label.${label}`, value]),
  ];
  const further = extras.map(([key, template]): [string, string] => [key, template.plain(origin, time)]).filter(([, value]) => value !== '');
  // Keys are unique: what the user wrote wins.
  return [...new Map([...own, ...further])];
}

function writeRecords({ origin, records, lines, json }: Section, body: OtlpOptions['body'], out: JsonBody): void {
  const isClean = isUtf8(lines.bytes);
  const idStart = recordIdStart(origin);
  for (let i = 0; i < records.length; i++) {
    const record = records[i];
    if (!record) break;
    if (i > 0) out.utf8(comma);
    const line = isClean ? textOf(lines, i) : wellFormed(textOf(lines, i));
    out.utf8(Buffer.from(headOf(record)));
    const fields = body === 'fields' && json ? fieldsOf(line) : null;
    if (fields === null) {
      out.ascii('{"stringValue":');
      out.quoted(line);
      out.ascii('}');
    } else out.utf8(Buffer.from(fields));
    out.utf8(Buffer.from(`,"attributes":[${keyValues([['event.name', eventNameOf(record, origin)]])},{"key":"log.record.uid","value":{"stringValue":"`));
    out.inQuotes(idStart);
    out.inQuotes(record.key);
    out.utf8(end);
  }
}

function headOf({ time, fetchedAt, utf8 }: StreamRecord): string {
  const told = topLevel(utf8, 'severity');
  const text = told === undefined || String(told).length > longestSeverity ? '' : `"severityText":${quote(String(told))},`;
  return `{"timeUnixNano":"${nanosOf(time)}","observedTimeUnixNano":"${nanosOf(fetchedAt)}","severityNumber":${severityNumberOf(told)},${text}"body":`;
}

/** Nanoseconds since 1970; 0, "unknown", for what does not fit. */
function nanosOf(ms: Millis): string {
  return ms > 0 && ms <= latestMs ? `${Math.floor(ms)}000000`.replace(/^0+(?=\d)/, '') : '0';
}

/** An event's type is its name; things have none. */
function eventNameOf({ utf8 }: StreamRecord, { stream }: Origin): string {
  const type = topLevel(utf8, 'type');
  return typeof type === 'string' && type.startsWith('Event::') ? type : `sophos.${stream}`;
}

/** The JSON line as a map; null when it is no JSON, or too deep to walk. */
function fieldsOf(line: Uint8Array): string | null {
  try {
    return anyValue(JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  }
}
