/** Files of settings of other tools: read as Python reads them, which Python itself is asked about. */
import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type IniOptions, iniValue, maxIniBytes, readIni, readIniFile } from '../../src/config/ini.ts';

/** Sections with their values, and the lines of problems. */
function read(text: string, options?: IniOptions) {
  const { sections, problems } = readIni(text, options);
  return {
    values: Object.fromEntries([...sections].map(([name, keys]) => [name, Object.fromEntries([...keys].map(([key, { value }]) => [key, value]))])),
    problems: problems.map(({ line, message }) => `${line}: ${message}`),
  };
}

describe('a file of settings', () => {
  it('keeps what other readers would take away', () => {
    expect(read('[login]\nclient_secret = "a;b#c" \nToken: url: https://x, key: y=z\n').values).toEqual({
      login: { client_secret: '"a;b#c"', token: 'url: https://x, key: y=z' },
    });
  });

  it('ends a value where its lines stop being indented', () => {
    expect(read('[a]\nk = one\n  two\n\n  ; no\n  three\n\nl=\n').values).toEqual({ a: { k: 'one\ntwo\n\nthree', l: '' } });
  });

  it('hands defaults down, and follows references', () => {
    const text = '[DEFAULT]\nbase = /srv\nlog = %(base)s/%(name)s\n[a]\nname = x\n[b]\nname = 100%%\nbase = /b\n';
    expect(read(text)).toMatchObject({ values: { a: { log: '/srv/x' }, b: { log: '/b/100%' } }, problems: [] });
  });

  it('takes a `%` that means nothing as it stands, and says so', () => {
    expect(read('[a]\nsecret = 5%of(x\nother = %(nowhere)s\n')).toEqual({
      values: { a: { secret: '5%of(x', other: '%(nowhere)s' } },
      problems: [
        '2: the value of `secret` has a `%` that is neither `%%` nor `%(name)s`; it is taken as it stands',
        '3: the value of `other` refers to a key that is not there; it is taken as it stands',
      ],
    });
  });

  it('stops where references have no end', () => {
    expect(read('[a]\nx = %(y)s\ny = %(x)s\n').problems).toHaveLength(2);
    const doubled = Array.from({ length: 9 }, (_, i) => `k${i} = ${`%(k${i + 1})s`.repeat(50)}`).join('\n');
    expect(read(`[a]\n${doubled}\nk9 = x\n`).problems.join()).toMatch(/too many references|longer than/);
    expect(read(`[a]\n${doubled}\nk9 =\n`).problems.join()).toMatch(/too many references/);
  });

  it('says what Python would refuse, and reads the rest', () => {
    const text = 'early = 1\n[a]\nx = 1\nX = 2\nnonsense\n= none\n[a]\ny = 3\n';
    expect(read(text)).toEqual({
      values: { '': { early: '1' }, a: { x: '2', y: '3' } },
      problems: [
        '1: the key `early` stands before any section',
        '4: the key `x` stands twice, first on line 3',
        '5: this line is neither a section, a comment nor `key = value`',
        '6: there is no key before the `=`',
        '7: the section `a` stands twice',
      ],
    });
  });

  it('has keys without a value where that is allowed', () => {
    expect(read('[a]\nx\ny =\n', { valueless: true })).toEqual({ values: { a: { x: '', y: '' } }, problems: [] });
  });

  it('needs no section where every line stands for itself', () => {
    expect(read('client_id = a\n  client_secret = 50%%\n# no\nrun = True\n', { dialect: 'plain' })).toEqual({
      values: { '': { client_id: 'a', client_secret: '50%%', run: 'True' } },
      problems: [],
    });
  });

  it('gives each value with its line', () => {
    const { sections } = readIni('\uFEFF[DEFAULT]\r\nd=1\r\n[a]\r\n\r\nk=2\r\n');
    expect([...(sections.get('a') ?? [])]).toEqual([
      ['d', { value: '1', line: 2 }],
      ['k', { value: '2', line: 5 }],
    ]);
  });

  it('is not fooled by names that objects have', () => {
    const file = readIni('[__proto__]\nconstructor = a\n__proto__ = b\n');
    expect(iniValue(file, '__proto__', '__PROTO__')).toBe('b');
    expect(iniValue(file, 'constructor', 'name')).toBeUndefined();
    expect(iniValue(file, '__proto__', 'toString')).toBeUndefined();
  });

  it('never shows values or control characters in a problem', () => {
    const problems = read('[a]\n\u001b[2Jhunter2\n\u001b\u202ek = %hunter2\n\u001b\u202ek = hunter2\n').problems.join('\n');
    for (const hidden of ['hunter2', '\u001b', '\u202e']) expect(problems).not.toContain(hidden);
  });

  it('is read in one pass, however it is made', () => {
    for (const text of [
      `[a]\nk${' '.repeat(500_000)}x`,
      `[a]\nk=1\n${' '.repeat(400_000)}`,
      '['.repeat(500_000),
      '\n \n'.repeat(200_000),
      `[${']'.repeat(500_000)}`,
    ])
      expect(readIni(text).sections).toBeInstanceOf(Map);
  });
});

describe('on disk', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ini-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const write = async (content: string | Uint8Array) => {
    const file = join(folder, 'config.ini');
    await writeFile(file, content);
    return file;
  };

  it('is UTF-8, or else Latin-1, which is told', async () => {
    expect(iniValue(await readIniFile(await write('\uFEFF[a]\nk = ü\n')), 'a', 'k')).toBe('ü');
    const read = await readIniFile(await write(Buffer.from('[a]\nk = ü\n', 'latin1')));
    expect(iniValue(read, 'a', 'k')).toBe('ü');
    expect(read.problems).toEqual([{ line: 1, message: 'the file is not UTF-8; it is read as Latin-1' }]);
  });

  it('is refused when it cannot be what it should', async () => {
    const failing = async (file: string) => readIniFile(file).catch((error: unknown) => error);
    expect(await failing(join(folder, 'nowhere.ini'))).toMatchObject({
      kind: 'config',
      code: 'ini.unreadable',
      message: expect.stringMatching(/does not exist/),
    });
    expect(await failing(folder)).toMatchObject({ code: 'ini.unreadable', message: expect.stringMatching(/is no regular file|cannot be read/) });
    expect(await failing(await write(Buffer.from('\uFEFF[a]', 'utf16le')))).toMatchObject({
      code: 'ini.unreadable',
      message: expect.stringMatching(/is UTF-16 text/),
    });
    expect(await failing(await write(Buffer.alloc(maxIniBytes + 1, 0x20)))).toMatchObject({
      code: 'ini.unreadable',
      message: expect.stringMatching(/is larger than 1 MB/),
    });
  });

  it.skipIf(process.platform === 'win32')('does not wait for the writer of a pipe', async () => {
    const pipe = join(folder, 'pipe.ini');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    await expect(readIniFile(pipe)).rejects.toMatchObject({ code: 'ini.unreadable', message: expect.stringMatching(/no regular file/) });
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('says when it may not be read', async () => {
    const file = await write('[a]\n');
    await chmod(file, 0o000);
    await expect(readIniFile(file)).rejects.toMatchObject({ code: 'ini.unreadable', message: expect.stringMatching(/EACCES/) });
    await chmod(file, 0o600);
  });
});

// Older ones end the name of a section at its first bracket.
const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))']).status === 0;
if (!hasPython) console.log('skipped: the comparison with configparser needs python3, 3.11 or later');

/** Reads texts from stdin; a text that configparser refuses, or one of whose values it refuses, is `null`. */
const askPython = `
import configparser, json, sys
def read(text, valueless):
    parser = configparser.ConfigParser(allow_no_value=valueless)
    try:
        parser.read_string(text)
        names = parser.sections() or (["DEFAULT"] if parser.defaults() else [])
        return {name: {key: parser.get(name, key) or "" for key in parser[name]} for name in names}
    except Exception:
        return None
given = json.load(sys.stdin)
json.dump([read(text, valueless) for text, valueless in given], sys.stdout)
`;

const name = fc.constantFrom('k', 'K', 'key two', 'ä', 'x', '', '[a', 'a]', '#', '%', '__proto__', 'DEFAULT', '\u0085', 'İ');
const value = fc
  .array(
    fc.constantFrom(
      'a',
      ' ',
      '\t',
      '=',
      ':',
      '%',
      '%%',
      '%(k)s',
      '%(X)s',
      '%(',
      ')s',
      ';',
      '#',
      '"',
      '[a]',
      '\\',
      '€',
      '\u0085',
      '\u001c',
      '\u2028',
      '\uFEFF',
      '\u00a0',
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const line = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom('', '', ' ', '\t', '   '), name, fc.constantFrom('=', ' = ', ':', ' : ', ''), value).map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: fc.constantFrom('[a]', '[b]', '[DEFAULT]', '[a] x', '[]', '[ ]', ' [c]', '[a]b]', '[d]=1') },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '# no = 1', ' ; no', '  continued', '\u00a0 more', '\u0085') },
);
const text = fc
  .tuple(fc.constantFrom('', '[a]\n', '[DEFAULT]\nk=1\n[a]\n'), fc.array(line, { maxLength: 7 }), fc.constantFrom('\n', '\r\n', '\r'))
  .map(([start, lines, end]) => start + lines.join(end));

it.skipIf(!hasPython)('has no problems exactly where Python takes it, and the same values then', () => {
  const given = fc.sample(fc.tuple(text, fc.boolean()), 4000);
  // Python's own text files hand over lines with \n; read_string does not translate.
  const input = JSON.stringify(given.map(([each, valueless]) => [each.replace(/\r\n?/g, '\n'), valueless]));
  const python = spawnSync('python3', ['-c', askPython], { input, encoding: 'utf8', env: { ...process.env, PYTHONUTF8: '1' } });
  expect(python.stderr).toBe('');
  const answers = JSON.parse(python.stdout) as (Record<string, Record<string, string>> | null)[];
  expect(answers.filter((each) => each !== null).length).toBeGreaterThan(400);
  for (const [i, [each, valueless]] of given.entries()) {
    const { sections, problems } = readIni(each, { valueless });
    const ours = [...sections].filter(([one]) => one !== 'DEFAULT' || sections.size === 1).filter(([one, keys]) => one !== 'DEFAULT' || keys.size > 0);
    const seen = problems.length > 0 ? null : ours.map(([one, keys]) => [one, [...keys].map(([key, entry]) => [key, entry.value]).sort()]);
    const answer = answers[i];
    const theirs = answer ? Object.entries(answer).map(([one, keys]) => [one, Object.entries(keys).sort()]) : null;
    expect({ each, valueless, seen }).toEqual({ each, valueless, seen: theirs });
  }
});
