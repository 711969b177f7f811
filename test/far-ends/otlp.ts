/** A receiver of OTLP logs on loopback, strict about the JSON form of protobuf: what a lenient reader would let pass is a 400 here. */
import { type Answer, type Misbehaving, startMisbehaving, type Ways } from './misbehaving.ts';

export interface LogRecord {
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: string;
  readonly time: string;
  readonly observed: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface OtlpReceiver extends Misbehaving {
  readonly records: readonly LogRecord[];
  /** Bodies with this text are left out, which a partial success tells. */
  refuseBodiesWith(text: string): void;
  /** What is said beside every success. */
  remark(message: string): void;
}

export async function startOtlp({ bearer, maxBytes = 20_000_000, tls }: { bearer?: string; maxBytes?: number; tls?: Ways['tls'] } = {}): Promise<OtlpReceiver> {
  const records: LogRecord[] = [];
  let refused: string | null = null;
  let remarked: string | null = null;
  const far = await startMisbehaving({
    ...(tls ? { tls } : {}),
    bringsRecords: ({ body }) => body.includes('"logRecords"'),
    take({ method, path, headers, body }): Answer {
      if (path !== '/v1/logs') return { status: 404, body: '404 page not found' };
      if (method !== 'POST') return { status: 405 };
      if (bearer !== undefined && headers.authorization !== `Bearer ${bearer}`)
        return { status: 401, body: { code: 16, message: `no ${headers.authorization}` } };
      if (headers['content-type'] !== 'application/json') return { status: 415 };
      if (body.length > maxBytes) return { status: 413, body: { code: 8, message: 'request body too large' } };
      try {
        const all = readRequest(JSON.parse(body));
        const kept = all.filter((record) => refused === null || !JSON.stringify(record.body).includes(refused));
        records.push(...kept);
        const left = all.length - kept.length;
        if (left > 0) return { status: 200, body: { partialSuccess: { rejectedLogRecords: String(left), errorMessage: 'some are not to my liking' } } };
        return { status: 200, body: remarked === null ? {} : { partialSuccess: { errorMessage: remarked } } };
      } catch (error) {
        return { status: 400, body: { code: 3, message: String(error) } };
      }
    },
  });
  return {
    ...far,
    records,
    refuseBodiesWith(text) {
      refused = text;
    },
    remark(message) {
      remarked = message;
    },
  };
}

class Malformed extends Error {}

type Fields = Readonly<Record<string, unknown>>;

function readRequest(value: unknown): LogRecord[] {
  const { resourceLogs } = fields(value, ['resourceLogs']);
  return list(resourceLogs).flatMap((each) => {
    const { resource, scopeLogs } = fields(each, ['resource', 'scopeLogs', 'schemaUrl']);
    const attributes = readKeyValues(fields(resource, ['attributes', 'droppedAttributesCount']).attributes);
    return list(scopeLogs).flatMap((logs) => {
      const { scope, logRecords } = fields(logs, ['scope', 'logRecords', 'schemaUrl']);
      const { name, attributes: own } = fields(scope, ['name', 'version', 'attributes']);
      readKeyValues(own);
      return list(logRecords).map((record) => readRecord(record, attributes, text(name)));
    });
  });
}

const recordKeys = ['timeUnixNano', 'observedTimeUnixNano', 'severityNumber', 'severityText', 'body', 'attributes', 'flags', 'traceId', 'spanId', 'eventName'];

function readRecord(value: unknown, resource: Fields, scope: string): LogRecord {
  const record = fields(value, recordKeys);
  const { severityNumber } = record;
  if (typeof severityNumber !== 'number' || !Number.isInteger(severityNumber) || severityNumber < 0 || severityNumber > 24)
    throw new Malformed(`severityNumber ${String(severityNumber)}`);
  if (record.observedTimeUnixNano === '0') throw new Malformed('the observed time is not set');
  for (const [key, length] of [
    ['traceId', 32],
    ['spanId', 16],
  ] as const)
    if (record[key] !== undefined && !new RegExp(`^[0-9a-f]{${length}}$`).test(text(record[key]))) throw new Malformed(key);
  return {
    resource,
    scope,
    time: unsigned64(record.timeUnixNano),
    observed: unsigned64(record.observedTimeUnixNano),
    severityNumber,
    severityText: record.severityText === undefined ? '' : text(record.severityText),
    body: readValue(record.body),
    attributes: readKeyValues(record.attributes),
  };
}

function readKeyValues(value: unknown, depth = 0): Fields {
  const pairs = list(value).map((pair) => {
    const { key, value: own } = fields(pair, ['key', 'value']);
    return [text(key), readValue(own, depth)] as const;
  });
  if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Malformed('a key is there twice');
  return Object.fromEntries(pairs);
}

/** Depth as protobuf readers count: 100 messages within one another, and some stand above. */
function readValue(value: unknown, depth = 0): unknown {
  if (depth > 90) throw new Malformed('too deep');
  const entries = Object.entries(fields(value, ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue']));
  if (entries.length > 1) throw new Malformed('more than one value');
  const [kind, own] = entries[0] ?? [];
  if (kind === undefined) return null;
  if (kind === 'stringValue') return text(own);
  if (kind === 'intValue') return signed64(own);
  if (kind === 'arrayValue') return list(fields(own, ['values']).values).map((each) => readValue(each, depth + 2));
  if (kind === 'kvlistValue') return readKeyValues(fields(own, ['values']).values, depth + 3);
  if (kind === 'boolValue' && typeof own === 'boolean') return own;
  if (kind === 'doubleValue' && (typeof own === 'number' || ['NaN', 'Infinity', '-Infinity'].includes(String(own)))) return Number(own);
  throw new Malformed(kind);
}

function fields(value: unknown, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Malformed(`no object: ${JSON.stringify(value)?.slice(0, 80)}`);
  const strange = Object.keys(value).find((key) => !known.includes(key));
  if (strange !== undefined) throw new Malformed(`unknown field ${strange}`);
  return value as Fields;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Malformed('no list');
  return value;
}

/** Protobuf texts are UTF-8: halves of surrogate pairs are none. */
function text(value: unknown): string {
  if (typeof value !== 'string' || /\p{Surrogate}/u.test(value)) throw new Malformed(`no text: ${String(value).slice(0, 80)}`);
  return value;
}

function unsigned64(value: unknown): string {
  const digits = text(value);
  if (!/^(0|[1-9]\d*)$/.test(digits) || BigInt(digits) >= 2n ** 64n) throw new Malformed(`no unsigned 64-bit integer: ${digits}`);
  return digits;
}

function signed64(value: unknown): number {
  const digits = text(value);
  if (!/^(0|-?[1-9]\d*)$/.test(digits) || BigInt(digits) >= 2n ** 63n || BigInt(digits) < -(2n ** 63n)) throw new Malformed(`no 64-bit integer: ${digits}`);
  return Number(digits);
}
