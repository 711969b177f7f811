import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import { compileWhere, WhereFailure } from '../../src/core/where.ts';

const regex = (pattern: string) => {
  const compiled = RE2JS.compile(pattern);
  return (text: string) => compiled.test(text);
};
const compile = (text: string) => compileWhere(text, { regex });
const test = (text: string, fields: unknown) => compile(text).test(fields);

const event = {
  type: 'Event::Endpoint::CorePuaDetection',
  severity: 'medium',
  name: 'PUA "x" at C:\\Users\\dana',
  count: 3,
  big: 12345678901,
  active: true,
  gone: null,
  none: [],
  ips: ['10.0.0.1', '10.0.0.2'],
  tenant: { id: 't1', name: 'Acme Ltd' },
  core: { items: [{ type: 'file', totals: [1, 5] }, { type: 'process' }, null] },
  'odd.key': 'dotted',
  and: 1,
};

describe('where', () => {
  it.each<[string, boolean]>([
    ['type == "Event::Endpoint::CorePuaDetection"', true],
    ['type == "event::endpoint::corepuadetection"', false],
    ["type ~ '*pua*DETECT*'", true],
    ["type ~ 'pua'", false],
    ["tenant.name ~ 'Acme ?td'", true],
    ["tenant.name ~ 'Acme ??td'", false],
    ['name =~ "\\bdana$"', true],
    ['name =~ "(?i)^pua"', true],
    ['name =~ "^dana"', false],
    ['name ~ "*C:\\\\Users\\\\*"', true],
    ['name ~ \'*"x"*\'', true],
    ['count == 3', true],
    ['count == "3"', false],
    ['count != "3"', true],
    ['count >= 3 and count < 3.5', true],
    ['count > -1e2', true],
    ['big == 12345678901', true],
    ['active == true', true],
    ['active == "true"', false],
    ['active != false', true],
    ['severity >= "medium"', true],
    ['severity > "LOW" and severity < "Very_High"', true],
    ['severity >= "high"', false],
    ['severity in ["high", "medium"]', true],
    ['severity in []', false],
    ['count in ["3", 3, null]', true],
    ['ips == "10.0.0.2"', true],
    ['ips != "10.0.0.2"', true],
    ['ips ~ "10.0.0.3"', false],
    ['ips[0] == "10.0.0.2"', false],
    ['ips.1 == "10.0.0.2"', true],
    ['ips[7] == "10.0.0.2"', false],
    ['core.items.type == "process"', true],
    ['core.items.totals >= 5', true],
    ['core.items[0].totals[1] == 5', true],
    ['core.items == null', true],
    ['core == "x"', false],
    ['["odd.key"] == "dotted"', true],
    ['["and"] == 1', true],
    ['tenant["name"] == "Acme Ltd"', true],
    ['missing == 1', false],
    ['missing != 1', false],
    ['missing < 1', false],
    ['missing in [1]', false],
    ['not missing == 1', true],
    ['gone == null', false],
    ['gone != 1', false],
    ['exists(gone)', false],
    ['exists(none)', true],
    ['none != 1', false],
    ['exists(tenant.id) and not exists(tenant.label)', true],
    ['exists(core.items.totals)', true],
    ['count == 9 or active == true and severity == "medium"', true],
    ['(count == 9 or active == true) and severity == "low"', false],
    ['not (count == 3) or not not active == true', true],
    ['type.length == 33', false],
    ['constructor == 1 or exists(constructor) or exists(__proto__) or exists(ips.length)', false],
    ['  count\n==\t3  ', true],
    ['exists == 1', false],
  ])('%s is %s', (text, expected) => {
    expect(test(text, event)).toBe(expected);
  });

  it('is false for what is not an object, and never throws', () => {
    for (const fields of [null, undefined, 1, 'x', true, [1, [2]], []]) expect(test('a == 1', fields)).toBe(false);
  });

  it('does not exhaust the stack on a record that is made to be deep', () => {
    const deep: unknown = JSON.parse(`{"a":${'['.repeat(100_000)}1${']'.repeat(100_000)}}`);
    expect(test('a == 1 or a.b == 1', deep)).toBe(false);
  });

  it('lists the paths it looks at', () => {
    expect(compile('a.b == 1 and (exists(c[0]) or not a.b ~ "x") and ["d e"] in [1]').paths).toEqual(['a.b', 'c[0]', '["d e"]']);
  });

  it.each<[string, number, string, string | undefined]>([
    ['', 0, 'empty', 'severity'],
    ['   ', 0, 'empty', 'severity'],
    ['a = 1', 2, '`=` is not an operator', '`==`'],
    ['a === 1', 2, '`===`', '`==`'],
    ['a == 1 && b == 2', 7, '`&&`', '`and`'],
    ['a == 1 || b == 2', 7, '`||`', '`or`'],
    ['!a == 1', 0, '`!`', '`not`'],
    ['a == high', 5, 'the word `high`', '`"high"`'],
    ['a == 1 AND b == 2', 7, 'seen `AND`', '`and`'],
    ['a', 1, 'compared with nothing', 'exists(a)'],
    ['a and b == 1', 2, 'compared with nothing', 'a == true'],
    ['a not in [1]', 2, '`not in`', 'not (a in [...])'],
    ['"x" == a', 0, 'expected a field', 'field first'],
    ['(a == 1', 7, 'expected `)`', 'column 1'],
    ['a == 1)', 6, 'closes nothing', undefined],
    ['a == "x', 5, 'not closed', 'Close it with "'],
    ['a == “x”', 5, 'no meaning', 'straight quotes'],
    ['a in 1', 5, 'a list', undefined],
    ['a in [1 2]', 8, '`,` or `]`', undefined],
    ['a. == 1', 2, 'a name after the dot', 'like this'],
    ['a[x] == 1', 1, '`[number]`', 'in [...]'],
    ['a == 2026-01-01', 5, 'not a number', 'quotes'],
    ['a == 1 b', 7, 'seen `b`', 'quotes'],
    ['a ~ 1', 4, 'glob in quotes', '*malware*'],
    ['a =~ "("', 5, 'not valid', 'RE2'],
    ['a =~ "(?=x)"', 5, 'not valid', 'Look-around'],
    ['a < true', 4, 'a number or a text', undefined],
    ['a == 1e999', 5, 'too large', undefined],
    ['and == 1', 0, 'expected a field', undefined],
    ['not', 3, 'expected a field', undefined],
    ['exists(a', 8, 'expected `)`', undefined],
    [`${'('.repeat(60)}a == 1${')'.repeat(60)}`, 51, 'deeper than 50', undefined],
    [`${'not '.repeat(60)}a == 1`, 204, 'deeper than 50', undefined],
  ])('refuses %s and shows where', (text, offset, finding, suggestion) => {
    const error = failureOf(text);
    expect(error).toMatchObject({ kind: 'config', code: 'where.syntax', offset });
    expect(error.finding).toContain(finding);
    if (suggestion === undefined) expect(error.suggestion).toBeUndefined();
    else expect(error.advice).toContain(suggestion);
    const [first, shown, caret] = error.message.split('\n') as [string, string, string];
    expect(first).toContain(`column ${offset + 1}`);
    expect(shown[caret.indexOf('^')] ?? '').toBe(text.replace(/\s/g, ' ')[offset] ?? '');
  });

  it('refuses a filter above 4 KiB', () => {
    expect(failureOf(`a == "${'x'.repeat(5000)}"`).finding).toContain('4096 bytes');
  });

  it('takes linear time for regular expressions and globs that are meant to take for ever', () => {
    const text = 'a'.repeat(50_000);
    const before = performance.now();
    expect(test('a =~ "^(a+)+$"', { a: `${text}!` })).toBe(false);
    expect(test(`a ~ "${'*a'.repeat(200)}*b"`, { a: text })).toBe(false);
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it('throws nothing but WhereFailure whatever the text', () => {
    const piece = fc.constantFrom(
      'a',
      'b.c',
      'and',
      'or',
      'not',
      'in',
      'exists',
      '(',
      ')',
      '[',
      ']',
      ',',
      '==',
      '=~',
      '~',
      '<',
      '"x"',
      "'",
      '\\',
      '1',
      '-',
      'true',
      'null',
      ' ',
      '.',
      '💥',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece).map((pieces) => pieces.join(' ')),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          try {
            compile(text).test(event);
          } catch (error) {
            expect(error).toBeInstanceOf(WhereFailure);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('agrees with a plain evaluator on random filters and records', () => {
    fc.assert(
      fc.property(tree(4), fields, (node, record) => {
        expect(test(spellOut(node), record)).toBe(evaluate(node, record));
      }),
      { numRuns: 2000 },
    );
  });

  it('matches globs as the same glob written as a regular expression', () => {
    const unit = fc.constantFrom('a', 'B', '*', '?', '💥', '.', '\\');
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 8 }), fc.array(fc.constantFrom('a', 'b', 'A', '💥', '.', '\\'), { maxLength: 12 }), (glob, value) => {
        const source = glob.map((piece) => (piece === '*' ? '[^]*' : piece === '?' ? '[^]' : piece.replace(/[.\\]/g, '\\$&'))).join('');
        expect(test(`a ~ ${JSON.stringify(glob.join(''))}`, { a: value.join('') })).toBe(new RegExp(`^${source}$`, 'iu').test(value.join('')));
      }),
      { numRuns: 3000 },
    );
  });
});

function failureOf(text: string): WhereFailure {
  try {
    compile(text);
  } catch (error) {
    if (error instanceof WhereFailure && error instanceof Failure) return error;
    throw error;
  }
  throw new Error(`\`${text}\` was taken for a filter`);
}

// ---------------------------------------------------------------- a second opinion, written without the first

type Value = string | number | boolean | null;
type Node =
  | { is: 'and'; of: Node[] }
  | { is: 'or'; of: Node[] }
  | { is: 'not'; of: Node }
  | { is: 'exists'; path: string[] }
  | { is: 'in'; path: string[]; values: Value[] }
  | Comparison;
interface Comparison {
  is: '==' | '!=' | '<' | '<=' | '>' | '>=';
  path: string[];
  value: Value;
}

const value = fc.constantFrom<Value>('x', 'y', 'low', 'High', 'critical', '1', 1, 2, -3, true, false, null);
const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 });
const ordered = fc.constantFrom<Value>('x', 'low', 'High', 'critical', 1, 2);
const leaf: fc.Arbitrary<Node> = fc.oneof(
  fc.record({ is: fc.constant('exists' as const), path }),
  fc.record({ is: fc.constant('in' as const), path, values: fc.array(value, { maxLength: 3 }) }),
  fc.record({ is: fc.constantFrom('==' as const, '!=' as const), path, value }),
  fc.record({ is: fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const), path, value: ordered }),
);
function tree(depth: number): fc.Arbitrary<Node> {
  if (depth === 0) return leaf;
  const below = tree(depth - 1);
  return fc.oneof(
    leaf,
    fc.record({ is: fc.constantFrom('and' as const, 'or' as const), of: fc.array(below, { minLength: 1, maxLength: 3 }) }),
    fc.record({ is: fc.constant('not' as const), of: below }),
  );
}
const fields = fc.letrec<{ any: unknown; map: unknown }>((tie) => ({
  any: fc.oneof({ maxDepth: 3 }, value, fc.array(tie('any'), { maxLength: 3 }), tie('map')),
  map: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('any'), { maxKeys: 3 }),
})).map;

function spellOut(node: Node): string {
  if (node.is === 'and' || node.is === 'or') return `(${node.of.map(spellOut).join(` ${node.is} `)})`;
  if (node.is === 'not') return `not ${spellOut(node.of)}`;
  if (node.is === 'exists') return `exists(${node.path.join('.')})`;
  if (node.is === 'in') return `${node.path.join('.')} in ${JSON.stringify(node.values)}`;
  return `${node.path.join('.')} ${node.is} ${JSON.stringify(node.value)}`;
}

/** Every value at the end of a path; lists stay lists at the end, and fan out on the way. */
function reach(at: unknown, steps: string[]): unknown[] {
  if (Array.isArray(at) && steps.length > 0) return at.flatMap((element) => reach(element, steps));
  const [step, ...rest] = steps;
  if (step === undefined) return at === null || at === undefined ? [] : [at];
  return typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? reach((at as Record<string, unknown>)[step], rest) : [];
}

function evaluate(node: Node, record: unknown): boolean {
  if (node.is === 'and') return node.of.every((of) => evaluate(of, record));
  if (node.is === 'or') return node.of.some((of) => evaluate(of, record));
  if (node.is === 'not') return !evaluate(node.of, record);
  const found = reach(record, node.path);
  if (node.is === 'exists') return found.length > 0;
  const values = found.flatMap((one) => (Array.isArray(one) ? one.flat(99) : [one]));
  if (node.is === 'in') return values.some((one) => node.values.some((wanted) => wanted === one));
  return values.some((one) => compare(node.is, one, node.value));
}

function compare(operator: string, left: unknown, right: Value): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (typeof left !== typeof right || left === null || right === null) return false;
  const order = ['none', 'low', 'medium', 'high', 'very_high', 'critical'];
  const [l, r] = [left, right].map((side) => order.indexOf(String(side).toLowerCase())) as [number, number];
  const [a, b] = typeof left === 'string' && l >= 0 && r >= 0 ? [l, r] : [left as number, right as number];
  return operator === '<' ? a < b : operator === '<=' ? a <= b : operator === '>' ? a > b : a >= b;
}
