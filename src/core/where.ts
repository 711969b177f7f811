/**
 * The filter language: text -> predicate, compiled once to closures; nothing is ever evaluated as code.
 *
 *   any     = all ("or" all)*
 *   all     = one ("and" one)*
 *   one     = "not" one | "(" any ")" | "exists" "(" path ")" | path operator literal | path "in" "[" literal, ... "]"
 *   path    = name ("." name | "[" number "]" | "[" string "]")*
 *   literal = "text" | 'text' | number | true | false | null
 *
 * What holds
 * - A field that is absent, or null as a member of an object (the `json` format removes those), is missing: every comparison with
 *   it is false, `!=` too. `not` turns that round: `not a == 1` is true where `a` is missing.
 * - A list is true when any element is, wherever it stands in the path; `[2]` or `.2` picks one element.
 * - No coercion: `1` is not `"1"`. `==` is case-sensitive, `~` is not. `<` and its like compare numbers with numbers and texts with
 *   texts by code units (so ISO 8601 instants sort); two severity words compare by severity.
 */
import { Failure } from './failure.ts';
import { compileGlob } from './glob.ts';
import { isWord, lexWhere, type Token } from './where-tokens.ts';

/** A compiled filter. */
export interface Where {
  readonly text: string;
  /** The field paths it looks at, each once, in order of appearance. */
  readonly paths: readonly string[];
  /** `fields` is an object as JSON.parse makes it. */
  test(fields: unknown): boolean;
}

/** Makes a search (not anchored) of a pattern by a linear-time engine; throws when the pattern is not valid. */
export type RegexEngine = (pattern: string) => (text: string) => boolean;

/** A filter that cannot be read. `offset` is where in its text, from 0; `finding` and `suggestion` are the message without the picture. */
export class WhereFailure extends Failure {
  readonly offset: number;
  readonly finding: string;
  readonly suggestion: string | undefined;
  constructor(text: string, offset: number, finding: string, suggestion?: string, cause?: unknown) {
    super('config', 'where.syntax', `the filter cannot be read at column ${offset + 1}: ${finding}\n${picture(text, offset)}`, {
      advice: suggestion ?? 'Correct it there; a filter looks like `severity == "high" and type ~ "*Malware*"`.',
      ...(cause === undefined ? {} : { cause }),
    });
    this.name = 'WhereFailure';
    this.offset = offset;
    this.finding = finding;
    this.suggestion = suggestion;
  }
}

export const maxWhereBytes = 4096;
const maxDepth = 50;
/** Lists directly within lists that are looked into: a record made to be deep must not exhaust the stack. */
const maxLists = 200;

/** Severity words in their order. */
export const severities = ['none', 'low', 'medium', 'high', 'very_high', 'critical'] as const;
const ranks: ReadonlyMap<string, number> = new Map(severities.map((word, rank) => [word, rank]));

type Test = (value: unknown) => boolean;
type Literal = string | number | boolean | null;
type Step = string | number;

/**
 * Compiles a filter.
 *
 * Throws   WhereFailure (config, `where.syntax`) for anything that is not a filter, never anything else.
 * Units    at most 4 KiB of text and 50 levels of parentheses and `not`.
 */
export function compileWhere(text: string, { regex }: { readonly regex: RegexEngine }): Where {
  if (Buffer.byteLength(text) > maxWhereBytes)
    throw new WhereFailure('', 0, `it is longer than ${maxWhereBytes} bytes`, 'Say it shorter, for example with `in [...]`.');
  const fail = (offset: number, finding: string, suggestion?: string, cause?: unknown) => new WhereFailure(text, offset, finding, suggestion, cause);
  const tokens = lexWhere(text, fail);
  const paths = new Set<string>();
  let at = 0;
  const peek = (ahead = 0) => tokens[Math.min(at + ahead, tokens.length - 1)] as Token;
  const next = () => tokens[Math.min(at++, tokens.length - 1)] as Token;
  const isKeyword = (token: Token, word: string) => isWord(token) && token.text === word;
  const isMark = (token: Token, mark: string) => token.kind === 'mark' && token.text === mark;
  const takeMark = (mark: string, finding: string, suggestion?: string) => {
    if (!isMark(peek(), mark)) throw fail(peek().at, `${finding}, seen ${peek().shown}`, suggestion);
    at++;
  };

  function any(depth: number): Test {
    const tests = [all(depth)];
    while (isKeyword(peek(), 'or')) {
      at++;
      tests.push(all(depth));
    }
    return tests.length === 1 ? (tests[0] as Test) : (fields) => tests.some((test) => test(fields));
  }

  function all(depth: number): Test {
    const tests = [one(depth)];
    while (isKeyword(peek(), 'and')) {
      at++;
      tests.push(one(depth));
    }
    return tests.length === 1 ? (tests[0] as Test) : (fields) => tests.every((test) => test(fields));
  }

  function one(depth: number): Test {
    const token = peek();
    if (depth > maxDepth) throw fail(token.at, `it is nested deeper than ${maxDepth} levels`);
    if (isKeyword(token, 'not')) {
      at++;
      const test = one(depth + 1);
      return (fields) => !test(fields);
    }
    if (isMark(token, '(')) {
      at++;
      const test = any(depth + 1);
      takeMark(')', 'expected `)`', `The parenthesis at column ${token.at + 1} is not closed.`);
      return test;
    }
    if (isKeyword(token, 'exists') && isMark(peek(1), '(')) {
      at += 2;
      const find = path();
      takeMark(')', 'expected `)` after the field of `exists`');
      return (fields) => find(fields, present);
    }
    return comparison();
  }

  function comparison(): Test {
    const find = path();
    const operator = next();
    if (isKeyword(operator, 'in')) {
      const literals = literalList();
      return (fields) => find(fields, (value) => literals.includes(value as Literal));
    }
    if (operator.kind !== 'operator') throw noOperator(operator);
    const literalToken = peek();
    const value = literal();
    const check = checkFor(operator.text, value, regex, (finding, suggestion, cause) => fail(literalToken.at, finding, suggestion, cause));
    return (fields) => find(fields, check);
  }

  function noOperator(seen: Token): WhereFailure {
    const field = tokens[at - 2] as Token;
    if (isKeyword(seen, 'not') && isKeyword(peek(), 'in')) return fail(seen.at, '`not in` is not an operator', `Write \`not (${field.text} in [...])\`.`);
    const ends = seen.kind === 'end' || isMark(seen, ')') || isKeyword(seen, 'and') || isKeyword(seen, 'or');
    if (ends) return fail(seen.at, `the field \`${field.text}\` is compared with nothing`, `Write \`${field.text} == true\` or \`exists(${field.text})\`.`);
    return fail(seen.at, `expected an operator, seen ${seen.shown}`, 'Operators are ==, !=, <, <=, >, >=, ~ (glob), =~ (regular expression) and in [...].');
  }

  function literalList(): readonly Literal[] {
    takeMark('[', 'expected a list such as `["a", "b"]` after `in`');
    const literals: Literal[] = [];
    while (!isMark(peek(), ']')) {
      literals.push(literal());
      if (isMark(peek(), ',')) at++;
      else if (!isMark(peek(), ']')) throw fail(peek().at, `expected \`,\` or \`]\` in the list, seen ${peek().shown}`);
    }
    at++;
    return literals;
  }

  function literal(): Literal {
    const token = next();
    if (token.kind === 'string' || token.kind === 'number') return token.value;
    if (token.kind === 'word' && !token.quoted) {
      if (token.text === 'true') return true;
      if (token.text === 'false') return false;
      if (token.text === 'null') return null;
      const keyword = ['and', 'or', 'not', 'in'].includes(token.text);
      if (!keyword) throw fail(token.at, `expected a value, seen the word \`${token.text}\``, `Put texts in quotes: \`"${token.text}"\`.`);
    }
    throw fail(token.at, `expected a value, seen ${token.shown}`, 'Values are "texts", numbers, true, false and null.');
  }

  /** Reads a path; what it returns is true when `check` is for any value that the path leads to. */
  function path(): (fields: unknown, check: Test) => boolean {
    const token = next();
    const first = token.kind === 'word' && (token.quoted || !['and', 'or', 'not', 'in', 'true', 'false', 'null'].includes(token.text));
    if (!first) {
      const literalFirst = token.kind === 'string' || token.kind === 'number';
      throw fail(token.at, `expected a field, seen ${token.shown}`, literalFirst ? 'Put the field first: `severity == "high"`.' : undefined);
    }
    paths.add(token.text);
    return followPath(token.steps);
  }

  if (peek().kind === 'end') throw fail(0, 'it is empty', 'Write for example `severity in ["high", "critical"]`.');
  const test = any(0);
  const rest = peek();
  if (isMark(rest, ')')) throw fail(rest.at, 'this `)` closes nothing');
  if (rest.kind !== 'end') throw fail(rest.at, `expected \`and\`, \`or\` or the end, seen ${rest.shown}`, hintForRest(rest));
  return { text, paths: [...paths], test };
}

function hintForRest(rest: Token): string | undefined {
  if (rest.kind === 'word' && /^(and|or)$/i.test(rest.text)) return `Write \`${rest.text.toLowerCase()}\` in lower case.`;
  return rest.kind === 'word' || rest.kind === 'string' ? 'Texts of several words need quotes around all of them.' : undefined;
}

const present: Test = () => true;

function followPath(steps: readonly Step[]): (fields: unknown, check: Test) => boolean {
  if (steps.length === 1) {
    const only = steps[0] as Step;
    return (fields, check) => isMap(fields) && Object.hasOwn(fields, only) && reached(fields[only], check);
  }
  return (fields, check) => follow(fields, steps, 0, check);
}

function follow(value: unknown, steps: readonly Step[], depth: number, check: Test, lists = 0): boolean {
  const step = steps[depth];
  if (step === undefined) return reached(value, check);
  if (Array.isArray(value)) {
    const index = typeof step === 'number' ? step : /^\d+$/.test(step) ? Number(step) : -1;
    if (index >= 0) return index < value.length && follow(value[index], steps, depth + 1, check);
    return lists < maxLists && value.some((element) => follow(element, steps, depth, check, lists + 1));
  }
  return isMap(value) && Object.hasOwn(value, step) && follow(value[step], steps, depth + 1, check);
}

/** Null as a member of an object is missing; as an element of a list it is a value. */
function reached(value: unknown, check: Test): boolean {
  if (value === null || value === undefined) return false;
  if (!Array.isArray(value)) return check(value);
  return check === present || anyElement(value, check, 0);
}

function anyElement(values: readonly unknown[], check: Test, lists: number): boolean {
  return values.some((value) => (Array.isArray(value) ? lists < maxLists && anyElement(value, check, lists + 1) : check(value)));
}

function isMap(value: unknown): value is Readonly<Record<Step, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Complain = (finding: string, suggestion?: string, cause?: unknown) => WhereFailure;

function checkFor(operator: string, literal: Literal, regex: RegexEngine, fail: Complain): Test {
  switch (operator) {
    case '==':
      return (value) => value === literal;
    case '!=':
      return (value) => value !== literal;
    case '~': {
      if (typeof literal !== 'string') throw fail('`~` compares with a glob in quotes', 'Write for example `name ~ "*malware*"`.');
      const matches = compileGlob(literal);
      return (value) => typeof value === 'string' && matches(value);
    }
    case '=~': {
      if (typeof literal !== 'string') throw fail('`=~` compares with a regular expression in quotes', 'Write for example `name =~ "^Malware"`.');
      const found = searchFor(literal, regex, fail);
      return (value) => typeof value === 'string' && found(value);
    }
    default:
      return ordering(operator, literal, fail);
  }
}

function searchFor(pattern: string, regex: RegexEngine, fail: Complain): (text: string) => boolean {
  try {
    return regex(pattern);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw fail(`the regular expression is not valid: ${reason}`, 'Look-around and back-references are not part of a linear-time engine (RE2 syntax).', cause);
  }
}

function ordering(operator: string, literal: Literal, fail: Complain): Test {
  if (typeof literal !== 'string' && typeof literal !== 'number') throw fail(`\`${operator}\` compares with a number or a text`);
  const holds: (order: number) => boolean =
    operator === '<' ? (order) => order < 0 : operator === '<=' ? (order) => order <= 0 : operator === '>' ? (order) => order > 0 : (order) => order >= 0;
  if (typeof literal === 'number') return (value) => typeof value === 'number' && holds(value - literal);
  const rank = ranks.get(literal.toLowerCase());
  return (value) => {
    if (typeof value !== 'string') return false;
    const rankOfValue = rank === undefined ? undefined : ranks.get(value.toLowerCase());
    if (rank !== undefined && rankOfValue !== undefined) return holds(rankOfValue - rank);
    return holds(value < literal ? -1 : value > literal ? 1 : 0);
  };
}

/** The line with a caret below; long filters are shown around the place. */
function picture(text: string, offset: number): string {
  const from = Math.max(0, offset - 60);
  const shown = text.slice(from, offset + 40).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => ' '.repeat(character.length));
  return `  ${shown}\n  ${' '.repeat(offset - from)}^`;
}
