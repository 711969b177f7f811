/**
 * What Python prints of a value: `json.dumps` without ASCII escapes, `repr`, `str` and `str.strip`.
 *
 * Nothing here calls itself, so the depth of a value costs no stack.
 */
import { type Dict, Numeral, type Value } from './python.ts';

/** How the leaves are printed; brackets, `, ` and `: ` are the same for all. */
export interface Notation {
  readonly text: (text: string) => string;
  readonly numeral: (numeral: Numeral) => string;
  readonly yes: string;
  readonly no: string;
  readonly none: string;
}

const overflows: ReadonlyMap<string, string> = new Map([
  ['inf', 'Infinity'],
  ['-inf', '-Infinity'],
  ['nan', 'NaN'],
]);

/** A test that is much cheaper than JSON.stringify, for the texts that need nothing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that JSON escapes.
const needsEscape = /["\\\x00-\x1f\ud800-\udfff]/;

/** What `json.dumps` prints with `ensure_ascii=False`. Half of a surrogate pair, which Python could not write to a file, stays escaped. */
export const asJson: Notation = {
  text: (text) => (needsEscape.test(text) ? JSON.stringify(text) : `"${text}"`),
  numeral: ({ text }) => overflows.get(text) ?? text,
  yes: 'true',
  no: 'false',
  none: 'null',
};

/** What `repr` prints. */
export const asRepr: Notation = {
  text: quoted,
  numeral: ({ text }) => text,
  yes: 'True',
  no: 'False',
  none: 'None',
};

/** What `str` prints: text as it is, everything else by `repr`. */
export function str(value: Value): string {
  return typeof value === 'string' ? value : print(value, asRepr);
}

/** A list or an object that is being printed. */
interface Printing {
  readonly keys: Iterator<string, undefined> | undefined;
  readonly values: Iterator<Value, undefined>;
  separator: '' | ', ';
}

/** Prints a value, whatever its depth. */
export function print(value: Value, notation: Notation): string {
  if (!isNested(value)) return leaf(value, notation);
  const outer: Printing[] = [];
  let open: Printing | undefined = begin(value);
  let out = open.keys === undefined ? '[' : '{';
  while (open !== undefined) {
    const { keys, values, separator }: Printing = open;
    const next = values.next().value;
    if (next === undefined) {
      out += keys === undefined ? ']' : '}';
      open = outer.pop();
      continue;
    }
    out += separator;
    open.separator = ', ';
    if (keys !== undefined) out += `${notation.text(keys.next().value ?? '')}: `;
    if (isNested(next)) {
      outer.push(open);
      open = begin(next);
      out += open.keys === undefined ? '[' : '{';
    } else out += leaf(next, notation);
  }
  return out;
}

function begin(of: readonly Value[] | Dict): Printing {
  return { keys: of instanceof Map ? of.keys() : undefined, values: of.values(), separator: '' };
}

function isNested(value: Value): value is readonly Value[] | Dict {
  return typeof value === 'object' && value !== null && !(value instanceof Numeral);
}

function leaf(value: Exclude<Value, readonly Value[] | Dict>, notation: Notation): string {
  if (typeof value === 'string') return notation.text(value);
  if (value instanceof Numeral) return notation.numeral(value);
  return value === null ? notation.none : value ? notation.yes : notation.no;
}

const unprintable = /[\p{C}\p{Z}\\']/gu;
const namedEscapes: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\\', '\\\\'],
  [' ', ' '],
]);

/** Text in quotes, by `'` unless it holds one and no `"`. */
function quoted(text: string): string {
  if (/^[ !#-&(-[\]-~]*$/.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = text.replace(unprintable, (char) => {
    if (char === "'") return quote === "'" ? "\\'" : char;
    return namedEscapes.get(char) ?? escapeOf(char.codePointAt(0) ?? 0);
  });
  return quote + inner + quote;
}

function escapeOf(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** What `str.strip` takes for white space: U+FEFF is none, the four separators U+001C to U+001F and U+0085 are. */
const blank = new Set(
  '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
);

/** `str.strip`. */
export function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && blank.has(text.charAt(start))) start++;
  while (end > start && blank.has(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}
