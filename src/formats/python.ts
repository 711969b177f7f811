/**
 * JSON as Python reads it, for the formats that must agree with programs written in Python byte for byte; `python-print.ts` prints it.
 *
 * JSON.parse cannot serve here: it puts keys such as `7` first, forgets digits of long integers, and makes `1.0` the same as `1`.
 * Nothing here calls itself, so the depth of an item costs no stack.
 */
import { Failure } from '../core/failure.ts';

export type Value = string | boolean | null | Numeral | readonly Value[] | Dict;

/** Python's `dict`: a key that is set again keeps its place, a new one goes to the end. */
export type Dict = Map<string, Value>;

/** A number as `str()` prints it. */
export class Numeral {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Python 3.13 reads 9,998 levels, and older ones fewer. */
const maxDepth = 10_000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that JSON forbids.
const controls = /[\x00-\x1f]/;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

// Each search with these two begins where it is told, whatever was searched before.
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const word = /true|false|null|NaN|-?Infinity/y;
const words: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', new Numeral('nan')],
  ['Infinity', new Numeral('inf')],
  ['-Infinity', new Numeral('-inf')],
]);

/** An object or a list around the one that is being read. */
interface Outer {
  readonly dict: Dict | undefined;
  readonly list: Value[];
  /** The key in `dict` whose value is being read. */
  readonly key: string;
}

/**
 * Reads what `json.loads` reads, the words NaN and Infinity included, and of a key that stands twice the last value at the first place.
 *
 * Throws   rejected `format.not-json` where Python stops as well; rejected `format.too-deep` beyond 10,000 levels.
 */
export function readPython(text: string): Value {
  // Control characters may stand between tokens, but not within texts: where there are any, each text is looked at.
  const isSuspect = controls.test(text);
  // The first backslash that may still come: a text that ends before it is as it stands.
  let backslash = -1;
  const outer: Outer[] = [];
  // What is open: an object, or if there is none a list, or if `depth` is 0 nothing.
  let dict: Dict | undefined;
  let list: Value[] = [];
  let key = '';
  let depth = 0;
  let at = 0;

  for (;;) {
    at = blankEnd(text, at);
    let code = text.charCodeAt(at);
    let value: Value;

    if (code === OPEN_OBJECT || code === OPEN_LIST) {
      const isObject = code === OPEN_OBJECT;
      at = blankEnd(text, at + 1);
      code = text.charCodeAt(at);
      if (code !== (isObject ? CLOSE_OBJECT : CLOSE_LIST)) {
        if (depth++ > 0) outer.push({ dict, list, key });
        if (depth > maxDepth) throw tooDeep();
        dict = isObject ? new Map() : undefined;
        list = isObject ? none : [];
        if (isObject) {
          const end = stringEnd(text, at);
          if (backslash < at) backslash = nextBackslash(text, at, isSuspect);
          key = end <= backslash ? text.slice(at + 1, end - 1) : unescaped(text, at, end);
          at = colonEnd(text, end);
        }
        continue;
      }
      at++;
      value = isObject ? new Map() : [];
    } else if (code === QUOTE) {
      const end = stringEnd(text, at);
      if (backslash < at) backslash = nextBackslash(text, at, isSuspect);
      value = end <= backslash ? text.slice(at + 1, end - 1) : unescaped(text, at, end);
      at = end;
    } else {
      const written = scalarAt(text, at, code);
      value = scalarOf(written);
      at += written.length;
    }

    // The value is whole; with it, perhaps, one or more of the objects and lists around it.
    for (;;) {
      at = blankEnd(text, at);
      if (depth === 0) {
        if (at < text.length) throw notJson(at);
        return value;
      }
      if (dict === undefined) list.push(value);
      else dict.set(key, value);
      code = text.charCodeAt(at);
      if (code === COMMA) break;
      if (code !== (dict === undefined ? CLOSE_LIST : CLOSE_OBJECT)) throw notJson(at);
      at++;
      value = dict ?? list;
      depth--;
      const above = outer.pop();
      if (above !== undefined) ({ dict, list, key } = above);
    }

    at++;
    if (dict !== undefined) {
      at = blankEnd(text, at);
      const end = stringEnd(text, at);
      if (backslash < at) backslash = nextBackslash(text, at, isSuspect);
      key = end <= backslash ? text.slice(at + 1, end - 1) : unescaped(text, at, end);
      at = colonEnd(text, end);
    }
  }
}

/** Stands for the list while an object is open; nothing is ever put into it. */
const none: Value[] = [];

function blankEnd(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09; code = text.charCodeAt(at)) at++;
  return at;
}

function colonEnd(text: string, from: number): number {
  const at = blankEnd(text, from);
  if (text.charCodeAt(at) !== COLON) throw notJson(at);
  return at + 1;
}

/** After the closing quote of the text that must begin at `from`. */
function stringEnd(text: string, from: number): number {
  if (text.charCodeAt(from) !== QUOTE) throw notJson(from);
  let end = text.indexOf('"', from + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  if (end < 0) throw notJson(from);
  return end + 1;
}

function nextBackslash(text: string, from: number, isSuspect: boolean): number {
  if (isSuspect) return from;
  const at = text.indexOf('\\', from);
  return at < 0 ? text.length : at;
}

/** The text between two quotes, escapes undone. */
function unescaped(text: string, from: number, end: number): string {
  try {
    return String(JSON.parse(text.slice(from, end)));
  } catch {
    throw notJson(from);
  }
}

/** A number or a word as it is written. */
function scalarAt(text: string, from: number, code: number): string {
  const isNumber = (code >= 0x30 && code <= 0x39) || code === MINUS;
  const found = sticky(isNumber ? number : word, text, from) ?? (code === MINUS ? sticky(word, text, from) : null);
  if (found === null) throw notJson(from);
  return found;
}

function sticky(form: RegExp, text: string, from: number): string | null {
  form.lastIndex = from;
  return form.exec(text)?.[0] ?? null;
}

function scalarOf(written: string): Value {
  const known = words.get(written);
  if (known !== undefined) return known;
  return new Numeral(/[.eE]/.test(written) ? floatText(Number(written)) : written === '-0' ? '0' : written);
}

/** Do an odd number of backslashes stand before `at`? */
function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text.charCodeAt(from - 1) === BACKSLASH) from--;
  return (at - from) % 2 === 1;
}

function notJson(at: number): Failure {
  return new Failure('rejected', 'format.not-json', `the item is not JSON at character ${at}`, {
    advice: 'Use the format `raw` for this route, and report the record.',
  });
}

function tooDeep(): Failure {
  return new Failure('rejected', 'format.too-deep', `the item is nested deeper than ${maxDepth} levels`, { advice: 'Use the format `raw` for this route.' });
}

/** `repr` of a float: the shortest digits that read back, with an exponent from 1e16 on and below 1e-4. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e16 || size < 1e-4) return value.toExponential().replace(/([-+])(\d)$/, '$10$2');
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}
