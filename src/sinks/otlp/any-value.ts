/** A JSON value in the JSON form of OTLP's `AnyValue`. */
import { quote } from '../wire/json-body.ts';

/** Deeper values are written as JSON text: readers have limits of their own (protobuf: 100 messages, three for each level here). */
const deepest = 24;

/**
 * Writes one value.
 *
 * Shape    64-bit integers are texts; a number that is no safe integer is a double; null is an empty `AnyValue`.
 * Source   OTLP specification, "JSON Protobuf Encoding"; opentelemetry/proto/common/v1.
 */
export function anyValue(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return '{}';
  if (typeof value === 'string') return `{"stringValue":${quote(value)}}`;
  if (typeof value === 'boolean') return `{"boolValue":${value}}`;
  if (typeof value === 'number') return numberValue(value);
  if (depth >= deepest) return `{"stringValue":${quote(JSON.stringify(value))}}`;
  if (Array.isArray(value)) return `{"arrayValue":{"values":[${value.map((each) => anyValue(each, depth + 1)).join(',')}]}}`;
  return `{"kvlistValue":{"values":[${members(value, depth + 1)}]}}`;
}

/** Pairs of a list of `KeyValue`, with commas between. */
export function keyValues(pairs: readonly (readonly [key: string, value: unknown])[]): string {
  return pairs.map(([key, value]) => `{"key":${quote(key)},"value":${anyValue(value)}}`).join(',');
}

/** The same of an object's own keys; by hand, as this runs for every field of every record. */
function members(object: object, depth: number): string {
  const fields = object as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of Object.keys(fields)) text += `${text === '' ? '' : ','}{"key":${quote(key)},"value":${anyValue(fields[key], depth)}}`;
  return text;
}

function numberValue(value: number): string {
  if (Number.isSafeInteger(value)) return `{"intValue":"${Object.is(value, -0) ? 0 : value}"}`;
  // JSON has no infinity; protobuf's JSON form has it as a text.
  return `{"doubleValue":${Number.isFinite(value) ? JSON.stringify(value) : `"${value > 0 ? 'Infinity' : value < 0 ? '-Infinity' : 'NaN'}"`}}`;
}
