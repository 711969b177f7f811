import { Failure } from '../core/failure.ts';
import { defineFormat } from '../core/kinds.ts';
import { object } from '../core/schema.ts';
import type { Millis, Origin, StreamRecord } from '../core/types.ts';
import { datastreamOf } from './json.ts';
import { instantIn } from './meaning/values.ts';
import { type Dict, readPython, type Value } from './python.ts';
import { str } from './python-print.ts';

/**
 * `key="value"` pairs: the fields of `json`, flattened, and before them when Central recorded the item.
 *
 * Shape    `pair (" " pair)*`; a pair is `name="text"`. Names of members are joined with dots, elements of a list go by their number.
 *          Between two quotes there never stands a quote (it is written `\u0022`), so a reader that knows no escapes finds the same ends as
 *          one that does; the quoted text is a JSON string. Numbers keep their digits; null and what is empty of members is left out.
 *          An item's own keys stay, as in `json`.
 * Throws   rejected, as `readPython`, and `format.too-deep` when the names alone become too long.
 */
export const keyvalue = defineFormat({
  name: 'keyvalue',
  summary: 'key="value" pairs of every field, flattened and safely quoted',
  options: object({}),
  open: () => ({
    json: false,
    encode: (record, origin, out) => out.text(pairsOf(record, origin)),
  }),
});

/** A small item whose objects stand one in the other, thousands deep, would otherwise become a line of gigabytes. */
const maxNames = 16_000_000;

function pairsOf(record: StreamRecord, origin: Origin): string {
  const fields = fieldsOf(record, origin);
  let line = '';
  if ((fields.get('time') ?? null) === null) line = `time="${instant(instantIn(fields.get('created_at')) ?? record.time, record.fetchedAt)}"`;
  let namesLength = 0;
  const outer: Members[] = [];
  let open: Members | undefined = members('', fields);
  while (open !== undefined) {
    const { prefix, keys, values }: Members = open;
    const value = values.next().value;
    if (value === undefined) {
      open = outer.pop();
      continue;
    }
    const key = keys.next().value;
    if (value === null) continue;
    const name = typeof key === 'number' ? `${prefix}${key}` : prefix + nameOf(key ?? '');
    if (isNested(value)) {
      outer.push(open);
      open = members(`${name}.`, value);
      continue;
    }
    namesLength += name.length;
    if (namesLength > maxNames) throw tooLong();
    line += `${line === '' ? '' : ' '}${name}="${quoted(typeof value === 'boolean' ? String(value) : str(value))}"`;
  }
  return line;
}

/** An object or a list that is being written. */
interface Members {
  readonly prefix: string;
  readonly keys: Iterator<string | number, undefined>;
  readonly values: Iterator<Value, undefined>;
}

function members(prefix: string, of: readonly Value[] | Dict): Members {
  return { prefix, keys: of.keys(), values: of.values() };
}

function isNested(value: Value): value is readonly Value[] | Dict {
  return value instanceof Map || Array.isArray(value);
}

/** The item with what `json` adds. */
function fieldsOf(record: StreamRecord, { stream, tenant }: Origin): Dict {
  const item = readPython(record.json);
  const fields: Dict = item instanceof Map ? item : new Map([['value', item]]);
  complete(
    fields,
    'tenant',
    new Map([
      ['id', tenant.id],
      ['name', tenant.name],
    ]),
  );
  complete(fields, 'datastream', datastreamOf(stream));
  complete(fields, 'fetchedAt', instant(record.fetchedAt, 0));
  const known = record.meta === undefined ? null : readPython(JSON.stringify(record.meta));
  if (known instanceof Map) for (const [key, value] of known) complete(fields, key, value);
  return fields;
}

/** Sets what the item has no value for, at the end; its own `tenant` gets the members that it lacks. */
function complete(fields: Dict, key: string, value: Value): void {
  const present = fields.get(key) ?? null;
  if (present === null) {
    fields.delete(key);
    fields.set(key, value);
  } else if (key === 'tenant' && present instanceof Map && value instanceof Map) {
    for (const [inner, of] of value) complete(present, inner, of);
  }
}

/** ISO 8601, UTC; of what is no instant, the other. */
function instant(at: Millis, otherwise: Millis): string {
  return new Date(Math.abs(at) <= maxInstant ? at : otherwise).toISOString();
}

/** The last instant that a Date can hold. */
const maxInstant = 8.64e15;

/** Plain names: letters, digits, `_` and `-` after a letter, and nothing that looks like an escape. */
const plainName = /^(?!.*_x[0-9A-F]{4}_)[A-Za-z][A-Za-z0-9_-]*$/;

/** Every other name with its odd characters as `_x0020_`, so that two names never become one. An empty name is `_x_`. */
function nameOf(key: string): string {
  if (plainName.test(key)) return key;
  if (key === '') return '_x_';
  return key.replace(/^[^A-Za-z]|[^A-Za-z0-9_-]|_(?=x[0-9A-F]{4}_)/g, (char) => `_x${hex(char)}_`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that are written as escapes.
const needsEscape = /["\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: see above. With `u`, a surrogate matches only alone.
const escapes = /["\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]/gu;
const namedEscapes: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** What stands between the quotes: a JSON string in which a quote is `\u0022`. */
function quoted(text: string): string {
  return needsEscape.test(text) ? text.replace(escapes, (char) => namedEscapes.get(char) ?? `\\u${hex(char).toLowerCase()}`) : text;
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
}

function tooLong(): Failure {
  return new Failure('rejected', 'format.too-deep', `the item is nested so deep that its flattened names alone exceed ${maxNames} characters`, {
    advice: 'Use the format `raw` for this route.',
  });
}
