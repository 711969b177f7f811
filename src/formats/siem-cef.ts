import { Failure } from '../core/failure.ts';
import { defineFormat } from '../core/kinds.ts';
import type { Dict, Value } from './python.ts';
import { str, strip } from './python-print.ts';
import { splitName } from './siem-name.ts';
import { siemOptions } from './siem-options.ts';
import { rename, siemRecord } from './siem-record.ts';

/** Every other severity, `critical` included, is 0. */
const severities: ReadonlyMap<Value, string> = new Map<Value, string>([
  ['none', '0'],
  ['low', '1'],
  ['medium', '5'],
  ['high', '8'],
  ['very_high', '10'],
]);

/**
 * What siem.py 2.1.0 prints with `format = cef`: objects flattened, lists in Python's notation, and a line break inside a value stays.
 *
 * Source: reference, siem.py, "cef".
 */
export const siemCef = defineFormat({
  name: 'siem-cef',
  summary: 'CEF as siem.py 2.1.0 prints it, byte for byte',
  options: siemOptions,
  open: ({ convertDhost }) => ({
    json: false,
    encode(record, origin, out) {
      const whole = siemRecord(record, origin);
      splitName(whole);
      const header = takeHeader(whole);
      const fields = flatten(whole);
      rename(fields, convertDhost);
      out.text(strip(header + extension(fields)));
    },
  }),
});

/** The header; what stands in it leaves the fields. An object does not: it is flattened with the rest. */
function takeHeader(whole: Dict): string {
  const type = take(whole, 'type') ?? 'NA';
  const name = take(whole, 'name') ?? 'NA';
  const severity = severities.get(take(whole, 'severity') ?? null) ?? '0';
  return `CEF:0|sophos|sophos central|1.0|${headerText(type)}|${headerText(name)}|${severity}|`;
}

function take(whole: Dict, key: string): Value | undefined {
  const value = whole.get(key);
  if (value instanceof Map) return undefined;
  whole.delete(key);
  return value;
}

/** Objects within objects become members `outer_inner`, at any depth; an empty object vanishes. */
function flatten(whole: Dict): Dict {
  const flat: Dict = new Map();
  let length = 0;
  for (const [key, value] of whole) {
    if (value instanceof Map) length = flattenInto(flat, key, value, length);
    else flat.set(key, value);
  }
  return flat;
}

/** Returns `before` and the length of the names that were added. */
function flattenInto(flat: Dict, key: string, inner: Dict, before: number): number {
  let length = before;
  const outer: { readonly prefix: string; readonly entries: Iterator<[string, Value], undefined> }[] = [{ prefix: `${key}_`, entries: inner.entries() }];
  for (let top = outer.at(-1); top !== undefined; top = outer.at(-1)) {
    const entry = top.entries.next().value;
    if (entry === undefined) outer.pop();
    else if (entry[1] instanceof Map) outer.push({ prefix: `${top.prefix}${entry[0]}_`, entries: entry[1].entries() });
    else {
      const name = top.prefix + entry[0];
      length += name.length;
      if (length > maxNames) throw tooLong();
      flat.set(name, entry[1]);
    }
  }
  return length;
}

/** A small item whose objects stand one in the other, thousands deep, would otherwise become a line of gigabytes. */
const maxNames = 16_000_000;

function tooLong(): Failure {
  return new Failure('rejected', 'format.too-deep', `the item is nested so deep that its flattened names alone exceed ${maxNames} characters`, {
    advice: 'Use the format `raw` for this route.',
  });
}

function headerText(value: Value): string {
  return str(value).replace(/[|\\]/g, '\\$&');
}

function extension(fields: Dict): string {
  let pairs = '';
  let separator = '';
  for (const [key, value] of fields) {
    pairs += `${separator}${key}=${typeof value === 'string' ? escaped(value) : str(value)}`;
    separator = ' ';
  }
  return pairs;
}

function escaped(text: string): string {
  return text.includes('=') || text.includes('\\') ? text.replace(/[=\\]/g, '\\$&') : text;
}
