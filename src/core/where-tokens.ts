/** One word, sign or value of a filter. `at` is its offset; `shown` is how a message names it. */
export type Token = { readonly at: number; readonly text: string; readonly shown: string } & (
  | { readonly kind: 'word'; readonly steps: readonly (string | number)[]; readonly quoted: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'operator' | 'mark' | 'end' }
);

/** A word that could be a keyword: one plain name. */
export function isWord(token: Token): boolean {
  return token.kind === 'word' && !token.quoted && token.steps.length === 1;
}

type Complain = (offset: number, finding: string, suggestion?: string) => Error;

const blank = /\s+/y;
const name = /[A-Za-z_@$][\w@$-]*/y;
const laterName = /[\w@$-]+/y;
const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const signs = /[=!<>~&|]+/y;
const index = /\[\s*(\d{1,9})\s*\]/y;
const openBracket = /\[\s*/y;
const closeBracket = /\s*\]/y;

const operators: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', '~', '=~']);

/** What people bring along from other languages, and what it is called here. */
const foreign: ReadonlyMap<string, string> = new Map([
  ['=', 'Write `==`.'],
  ['===', 'Write `==`.'],
  ['!==', 'Write `!=`.'],
  ['<>', 'Write `!=`.'],
  ['=>', 'Write `>=`.'],
  ['=<', 'Write `<=`.'],
  ['&&', 'Write `and`.'],
  ['&', 'Write `and`.'],
  ['||', 'Write `or`.'],
  ['|', 'Write `or`.'],
  ['!', 'Write `not`.'],
  ['!~', 'Write `not (field ~ "...")`.'],
  ['~=', 'Write `~` for a glob, `=~` for a regular expression.'],
]);

/** Cuts a filter into tokens; the last one is always `end`. `fail` makes the error to throw. */
export function lexWhere(text: string, fail: Complain): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (form: RegExp): string | undefined => {
    form.lastIndex = at;
    const found = form.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };

  for (take(blank); at < text.length; take(blank)) {
    const sign = text[at] as string;
    if (sign === '"' || sign === "'") tokens.push(stringToken());
    else if (sign === '[' ? !beginsName() : '(),]'.includes(sign)) tokens.push({ kind: 'mark', at: at++, text: sign, shown: `\`${sign}\`` });
    else tokens.push(operatorToken() ?? wordToken() ?? numberToken() ?? strange());
  }
  tokens.push({ kind: 'end', at: text.length, text: '', shown: 'the end' });
  return tokens;

  /** After `in` a bracket begins a list; where a field may stand, it holds the field's name in quotes. */
  function beginsName(): boolean {
    const previous = tokens.at(-1);
    const afterIn = previous !== undefined && isWord(previous) && previous.text === 'in' && tokens.at(-2)?.kind === 'word';
    return !afterIn && /^\[\s*["']/.test(text.slice(at, at + 64));
  }

  function stringToken(): Token {
    const start = at;
    const value = readString();
    return { kind: 'string', at: start, text: text.slice(start, at), value, shown: 'a text' };
  }

  /** `\\`, `\"`, `\'`, `\n`, `\r`, `\t` and `\uXXXX` are escapes; any other backslash stands for itself, so that regular expressions stay readable. */
  function readString(): string {
    const start = at;
    const quote = text[at++];
    let value = '';
    for (; at < text.length; at++) {
      const character = text[at] as string;
      if (character === quote) {
        at++;
        return value;
      }
      if (character !== '\\') {
        value += character;
        continue;
      }
      const escaped = text[at + 1] ?? '';
      const plain = { '\\': '\\', '"': '"', "'": "'", n: '\n', r: '\r', t: '\t' }[escaped];
      const unit = escaped === 'u' ? /^[0-9a-fA-F]{4}/.exec(text.slice(at + 2, at + 6))?.[0] : undefined;
      if (plain !== undefined) at++;
      else if (unit !== undefined) at += 5;
      value += plain ?? (unit === undefined ? '\\' : String.fromCharCode(Number.parseInt(unit, 16)));
    }
    throw fail(start, 'this text is not closed', `Close it with ${quote}.`);
  }

  function operatorToken(): Token | undefined {
    const start = at;
    const found = take(signs);
    if (found === undefined) return undefined;
    if (!operators.has(found)) throw fail(start, `\`${found}\` is not an operator here`, foreign.get(found));
    return { kind: 'operator', at: start, text: found, shown: `\`${found}\`` };
  }

  /** A path: names with dots between, and brackets. */
  function wordToken(): Token | undefined {
    const start = at;
    const steps: (string | number)[] = [];
    const first = text[at] === '[' ? readBracket() : take(name);
    if (first === undefined) return undefined;
    steps.push(first);
    let quoted = text[start] === '[';
    while (text[at] === '.' || (text[at] === '[' && (quoted || first !== 'in'))) {
      if (text[at] === '[') {
        quoted = true;
        steps.push(readBracket());
        continue;
      }
      at++;
      const part = take(laterName);
      if (part === undefined) throw fail(at, 'expected a name after the dot', 'Names with other characters are written `["like this"]`.');
      steps.push(part);
    }
    const whole = text.slice(start, at);
    return { kind: 'word', at: start, text: whole, steps, quoted, shown: `\`${whole}\`` };
  }

  /** `[2]` or `["a name"]`. */
  function readBracket(): string | number {
    const start = at;
    const digits = take(index);
    if (digits !== undefined) return Number(digits.slice(1, -1));
    take(openBracket);
    if (text[at] !== '"' && text[at] !== "'") throw fail(start, 'expected `[number]` or `["name"]`', 'To compare with a list, write `field in [...]`.');
    const key = readString();
    if (take(closeBracket) === undefined) throw fail(at, 'expected `]` after the name');
    return key;
  }

  function numberToken(): Token | undefined {
    const start = at;
    const digits = take(number);
    if (digits === undefined) return undefined;
    if (/[\w.-]/.test(text[at] ?? '')) throw fail(start, 'this is not a number', 'Put texts, such as identifiers and times, in quotes.');
    const value = Number(digits);
    if (!Number.isFinite(value)) throw fail(start, 'this number is too large');
    return { kind: 'number', at: start, text: digits, value, shown: `the number ${digits}` };
  }

  function strange(): never {
    const character = String.fromCodePoint(text.codePointAt(at) as number);
    throw fail(at, `the character ${JSON.stringify(character)} has no meaning here`, '“”„‘’'.includes(character) ? 'Use straight quotes: " or \'.' : undefined);
  }
}
