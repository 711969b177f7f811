/** Ours against a real Python. Other versions of Unicode call other characters printable: texts with characters that only one side knows are left out. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, type TestContext } from 'vitest';
import type { Json } from '../../src/core/types.ts';
import { readPython } from '../../src/formats/python.ts';
import { asJson, print, str, strip } from '../../src/formats/python-print.ts';
import { splitName } from '../../src/formats/siem-name.ts';
import { rename } from '../../src/formats/siem-record.ts';

interface Answer {
  readonly str: string;
  readonly json: string;
  readonly strip?: string;
  readonly host?: string;
  readonly threat?: readonly string[] | null;
  readonly loss?: readonly string[] | null;
  readonly unassigned: number;
}

/** What Python says to each text; `null` where it refuses. */
function ask(texts: readonly string[], context: TestContext): (Answer | null)[] {
  const { status, stdout, stderr, error } = spawnSync('python3', ['-I', '-S', '-E', join(import.meta.dirname, 'python.py')], {
    input: texts.join('\n'),
    encoding: 'utf8',
    maxBuffer: 1 << 29,
  });
  if (error) context.skip('there is no python3 on this machine');
  expect(status, stderr).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const nasty = [
  '',
  "'",
  '"',
  '\'"',
  '\\',
  '\n',
  '\r\n',
  '\t',
  '\0',
  '\x1f',
  '\x7f',
  '\x85',
  '\xa0',
  '\xad',
  '\u2028',
  '\u3000',
  '\ufeff',
  '\ud83d',
  '💥',
  'é',
  '東',
  '\u{e0001}',
];
const text = fc.array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 6 }).map((parts) => parts.join(''));
const key = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', '7', '007', '-1', 'a', 'b'));
const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?$/);
const number = fc.oneof(
  digits,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('NaN', 'Infinity', '-Infinity', '-0', '-0.0', '1e16', '1e400'),
);
const blank = fc.constantFrom('', ' ', '\t', '\r', '  ');

/** JSON as text: keys that stand twice, numbers of every spelling, blanks between tokens. */
const { written } = fc.letrec<{ written: string }>((tie) => ({
  written: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.oneof(
      number,
      text.map((value) => JSON.stringify(value)),
      fc.constantFrom('true', 'false', 'null'),
    ),
    fc.tuple(blank, fc.array(tie('written'), { maxLength: 4 })).map(([between, of]) => `[${between}${of.join(`${between},${between}`)}${between}]`),
    fc
      .tuple(blank, fc.array(fc.tuple(key, tie('written')), { maxLength: 5 }))
      .map(([between, of]) => `{${between}${of.map(([name, value]) => `${JSON.stringify(name)}${between}:${between}${value}`).join(`${between},`)}${between}}`),
  ),
}));

const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number): T[] => fc.sample(arbitrary, numRuns);

/** Half of a surrogate pair: Python prints it as it is, and could not write it to a file; ours stays escaped. */
const escapedHalves = (json: string) => json.replace(/\p{Cs}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`);

const comparable = (text: string, answer: Answer) => answer.unassigned === (text.match(/\p{Cn}/gu) ?? []).length;

describe('what we print of JSON', () => {
  it('is what json.dumps and str print', (context) => {
    const texts = sample(written, 6_000);
    const answers = ask(texts, context);
    let compared = 0;
    for (const [i, each] of texts.entries()) {
      const answer = answers[i];
      if (!answer) throw new Error(`Python refuses ${each}`);
      const value = readPython(each);
      expect(print(value, asJson), each).toBe(escapedHalves(answer.json));
      if (!comparable(answer.json, answer)) continue;
      compared++;
      expect(str(typeof value === 'string' ? [value] : value), each).toBe(answer.str);
    }
    expect(compared).toBeGreaterThan(2_000);
  });

  it('is refused where Python refuses it', (context) => {
    const broken = fc
      .tuple(written, fc.nat(), fc.constantFrom('', ',', ':', '"', '\\', '{', ']', '0', '-', '.', 'e', 'n', '\x01', ' ', '\u00a0', '\ufeff'))
      .map(([whole, seed, put]) => {
        const at = seed % (whole.length + 1);
        return whole.slice(0, at) + put + whole.slice(at + (seed % 2));
      });
    const texts = sample(broken, 6_000).filter((each) => !/\p{Cs}/u.test(each));
    const answers = ask(texts, context);
    for (const [i, each] of texts.entries()) {
      if (answers[i]) expect(print(readPython(each), asJson), each).toBe(escapedHalves(answers[i].json));
      else expect(() => readPython(each), each).toThrow(expect.objectContaining({ code: 'format.not-json' }));
    }
    expect(answers.filter((answer) => answer === null).length).toBeGreaterThan(1_000);
    expect(answers.filter((answer) => answer !== null).length).toBeGreaterThan(500);
  });
});

describe('what we make of a text', () => {
  it('has the ends that str.strip leaves', (context) => {
    const units = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter((char) => !/\p{Cs}/u.test(char));
    const texts = [
      ...all.filter((char) => /[\s\p{Z}\p{C}]/u.test(char) && !/\p{Co}|\p{Cn}/u.test(char)).map((char) => `${char}a${char}`),
      ...sample(units, 500),
    ];
    const answers = ask(
      texts.map((each) => JSON.stringify(each)),
      context,
    );
    for (const [i, each] of texts.entries()) expect(strip(each), JSON.stringify(each)).toBe(answers[i]?.strip);
  });

  it('has the host name that siem.py makes of it', (context) => {
    const part = fc.constantFrom(
      'a',
      'B-c',
      '-',
      '--',
      '.',
      '..',
      ' ',
      '\n',
      'ü',
      'İ',
      '\u212a',
      '_',
      '10',
      'x'.repeat(63),
      'x'.repeat(64),
      'a--b',
      '\x1c',
      '\ufeff',
      '-a',
    );
    const texts = sample(
      fc.array(part, { maxLength: 7 }).map((parts) => parts.join('')),
      3_000,
    );
    const answers = ask(
      texts.map((each) => JSON.stringify(each)),
      context,
    );
    for (const [i, each] of texts.entries()) {
      const fields = new Map([['location', each]]);
      rename(fields, true);
      expect(fields.get('dhost'), JSON.stringify(each)).toBe(answers[i]?.host);
    }
  });

  it('has the fields that the expressions of siem.py find', (context) => {
    const marks = [
      'An \u2033',
      '\u2033',
      ' action taken.',
      ' Username: ',
      '  Rule names: \u2032',
      '\u2032  User action: ',
      '  Application Name: ',
      '  Data Control action: ',
      '  File type: ',
      '  File size: ',
      '36',
      '\u0663',
      '  Source path: ',
      'C:\\x',
    ];
    const odd = fc.constantFrom(...marks, "'", "''", 'a', ' ', '  ', '\n', '\r', '\u2028', '💥', 'An \u2033');
    const nearly = fc
      .array(fc.oneof({ weight: 1, arbitrary: odd }, { weight: 9, arbitrary: fc.constant('') }), { minLength: 15, maxLength: 15 })
      .map((between) => {
        const fill = (i: number) => ([0, 1, 2, 9, 10, 11, 13].includes(i) ? '' : 'u');
        return (
          marks.map((mark, i) => `${between[i]}${mark}${mark.endsWith(' ') || mark.endsWith('\u2033') || mark.endsWith('\u2032') ? fill(i) : ''}`).join('') +
          between[14]
        );
      });
    const texts = [
      ...sample(nearly, 3_000),
      ...sample(
        fc.array(odd, { maxLength: 30 }).map((parts) => parts.join('')),
        2_000,
      ),
      ...sample(
        fc.array(fc.constantFrom("'", "'", 'a', '\n', '\r', 'é'), { maxLength: 12 }).map((parts) => parts.join('')),
        2_000,
      ),
    ];
    const answers = ask(
      texts.map((each) => JSON.stringify(each)),
      context,
    );
    const split = (type: string, name: string) => {
      const fields = new Map<string, string>([['name', name]]);
      fields.set('type', type);
      splitName(fields);
      fields.delete('type');
      return [...fields.values()];
    };
    for (const [i, each] of texts.entries()) {
      const { threat, loss } = answers[i] as Answer;
      expect(split('Event::Endpoint::Threat::Detected', each), JSON.stringify(each)).toEqual(threat ? [threat[0], ...threat] : [each]);
      expect(split('Event::Endpoint::DataLossPreventionUserAllowed', each), JSON.stringify(each)).toEqual(loss ?? [each]);
    }
    expect(answers.filter((answer) => answer?.loss).length, 'that match').toBeGreaterThan(100);
    expect(answers.filter((answer) => answer?.threat).length, 'that match').toBeGreaterThan(100);
  });
});

describe('readPython', () => {
  it('reads as deep as Python ever does, and no deeper', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(str(readPython(nested(10_000)))).toBe(nested(10_000));
    expect(() => readPython(nested(10_002))).toThrow(expect.objectContaining({ kind: 'rejected', code: 'format.too-deep' }));
    expect(() => readPython('['.repeat(1_000_000))).toThrow(expect.objectContaining({ code: 'format.too-deep' }));
  });

  it('keeps every value that JSON.parse finds', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 1, '\t'), (value, indent) => {
        const parsed: Json = JSON.parse(print(readPython(JSON.stringify(value, null, indent)), asJson));
        expect(parsed).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
