import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigProblems, type Problem } from '../../src/config/problems.ts';
import { registers } from './kinds.ts';
import { mend } from './mend.ts';
import { cases } from './wrong-cases.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'config-'));
  await writeFile(path.join(folder, 'empty'), '\n');
});
afterAll(() => rm(folder, { recursive: true }));

const env = { SOPHOS_CLIENT_ID: 'id-from-env', SOPHOS_CLIENT_SECRET: 'secret-from-env', HEC_TOKEN: 'hec-token-value', EMPTY: '' };

async function problemsOf(text: string, more: { env?: Record<string, string>; overrides?: object } = {}): Promise<readonly Problem[]> {
  const file = path.join(folder, 'wrong.yaml');
  await writeFile(file, text);
  try {
    await loadConfig({ file, cwd: folder, env: { ...env, ...more.env }, registers, ...(more.overrides ? { overrides: more.overrides } : {}) });
  } catch (error) {
    if (error instanceof ConfigProblems) return error.problems;
    throw error;
  }
  return [];
}

describe('a wrong configuration', () => {
  it.each(cases)('with %s is refused at its place, with advice', async (_name, text, line, column, at, message, advice) => {
    const problems = await problemsOf(text);
    const found = problems.find((problem) => problem.path === at && problem.message.includes(message));
    expect(found, JSON.stringify(problems, null, 1)).toBeDefined();
    expect({ line: found?.line, column: found?.column }).toEqual({ line, column });
    expect(found?.file).toBe(path.join(folder, 'wrong.yaml'));
    expect(found?.suggestion).toContain(advice);
    // One mistake, one message; two texts have a second.
    expect(problems).toHaveLength(/clientSecert|!hunter2/.test(text) ? 2 : 1);
  });

  it('is one of at least 130, each with line, column and advice', () => {
    expect(cases.length).toBeGreaterThanOrEqual(130);
    expect(new Set(cases.map(([name]) => name)).size).toBe(cases.length);
    expect(cases.filter(([, , line, column, , , advice]) => line < 1 || column < 1 || advice.length < 3)).toEqual([]);
  });

  it('is right once its advice is followed to the letter', async () => {
    let followed = 0;
    const stillWrong: string[] = [];
    for (const [name, text, , , at] of cases) {
      const [problem] = (await problemsOf(text)).filter((one) => one.path === at);
      const mended = problem && mend(text, problem);
      if (problem === undefined || mended === undefined) continue;
      followed++;
      const left = await problemsOf(mended, { env: { TOKEN: 'token-value', NAME: 'name-value', X: 'x-value', CLIENT_SECRET: 'secret-value' } });
      const isSame = left.some((one) => one.path === problem.path && one.message === problem.message);
      // A row with two mistakes keeps the other one; what an example names, such as a sink, need not be there.
      const others = left.filter(({ message }) => !/clientSecert|there is no sink|is not read|`(to|url|token|type)` is missing/.test(message));
      if (isSame || others.length > 0) stillWrong.push(`${name}: ${problem.suggestion} -> ${mended}: ${left.map(({ message }) => message).join('; ')}`);
    }
    expect(stillWrong).toEqual([]);
    expect(followed).toBeGreaterThan(75);
  });

  it('tells everything in one go, in the order of the file', async () => {
    const text = `central: { clientSecret: "\${env:NOPE}" }
streams: { evnets: {}, alerts: { days: 0 } }
sinks:
  s: { type: splunk-hec, tokn: x }
  f: { type: fiel, path: "x" }
routes:
  - { from: evnets, to: s, where: 'a = 1' }
  - { from: alerts, to: f, format: ocsf }
log: { level: loud }
`;
    const problems = await problemsOf(text);
    expect(problems.map(({ line, path: at }) => [line, at])).toEqual([
      [1, 'central.clientSecret'],
      [2, 'streams.evnets'],
      [2, 'streams.alerts.days'],
      [4, 'sinks.s.url'],
      [4, 'sinks.s.tokn'],
      [5, 'sinks.f.type'],
      [7, 'routes[0].where'],
      [8, 'routes[1].format'],
      [9, 'log.level'],
    ]);
  });

  it('never shows a secret in a message', async () => {
    const text = `central:
  clientId: [ "\${env:SOPHOS_CLIENT_SECRET}" ]
  clientSecret: 1234567890
  proxy: "ftp://user:hunter2hunter2@h"
sinks:
  s: { type: splunk-hec, url: "\${env:HEC_TOKEN}", token: { x: very-secret-thing }, ack: "\${env:HEC_TOKEN}" }
log: { level: "\${env:HEC_TOKEN}" }
`;
    const problems = await problemsOf(text);
    expect(problems.length).toBeGreaterThanOrEqual(5);
    const all = JSON.stringify(problems) + new ConfigProblems(problems).message;
    for (const secret of ['secret-from-env', 'hec-token-value', '1234567890', 'hunter2', 'very-secret-thing']) expect(all).not.toContain(secret);
  });

  it.each([
    'clientSecret: !hunter2hunter2',
    'clientSecret: *hunter2hunter2',
    'clientSecret: @hunter2hunter2',
    'clientSecret: "hunter2hunter2',
    'clientSecret: %hunter2hunter2\n%hunter2hunter2',
  ])('never quotes what is not YAML: %s', async (text) => {
    const problems = await problemsOf(`central:\n  ${text}\n`);
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems.map(({ message, suggestion }) => [message, suggestion]))).not.toContain('hunter2hunter2');
  });

  it('names a variable that is no URL, and wrong options', async () => {
    const problems = await problemsOf('state: x\n', { env: { SOPHOS_CENTRAL_API_URL: 'nonsense' }, overrides: { logLevel: 'inof', state: 'postgres://x/y' } });
    expect(problems.map((problem) => [problem.path, problem.file, problem.suggestion])).toEqual([
      ['SOPHOS_CENTRAL_API_URL', null, 'set SOPHOS_CENTRAL_API_URL to a URL, or unset it'],
      ['--state', null, 'name a folder'],
      ['--log-level', null, 'did you mean `info`?'],
    ]);
  });

  it('sends nothing to the terminal that the file made up', async () => {
    const [problem] = await problemsOf('"\\e[31mred\\n": 1\n');
    expect(problem?.path).not.toMatch(/\p{Cc}/u);
    expect(problem?.message).not.toMatch(/\p{Cc}/u);
  });

  it('is one Failure with a line for each mistake', async () => {
    const error = new ConfigProblems(await problemsOf('streems: {}\nlog: { level: 7 }\n'));
    expect(error).toMatchObject({ kind: 'config', code: 'config.invalid' });
    expect(error.message).toMatch(
      /^the configuration has 2 mistakes\n.*wrong\.yaml:1:1: streems: the key `streems` is unknown here \(did you mean `streams`\?\)\n.*wrong\.yaml:2:15: log\.level: /,
    );
  });
});

describe('a hostile configuration', () => {
  it('of more than a megabyte is refused', async () => {
    expect((await problemsOf(`state: ${'x'.repeat(1_100_000)}`))[0]?.message).toContain('larger than 1 MB');
  });

  it('with a bomb of aliases is refused in time', async () => {
    const levels = Array.from({ length: 12 }, (_, i) => `a${i}: &a${i} [${Array.from({ length: 10 }, () => (i === 0 ? 'x' : `*a${i - 1}`)).join(', ')}]`);
    const before = performance.now();
    expect((await problemsOf(`${levels.join('\n')}\n`))[0]?.message).toContain('once its aliases are followed');
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it.each([
    ['an alias to itself', 'state: &a [*a]\n'],
    ['endless nesting', `state: ${'['.repeat(5000)}${']'.repeat(5000)}\n`],
    ['a key that is a trap', '__proto__: { state: x }\nconstructor: 1\n'],
    ['bytes that are no text', '\0\u0001'],
  ])('with %s is refused', async (_name, text) => {
    expect((await problemsOf(text)).length).toBeGreaterThan(0);
  });

  it('with a hundred thousand keys is refused in time', async () => {
    const before = performance.now();
    const text = Array.from({ length: 90_000 }, (_, i) => `k${i}: 1`).join('\n');
    expect((await problemsOf(text)).length).toBeGreaterThan(0);
    expect(performance.now() - before).toBeLessThan(15_000);
  });

  it('with thousands of mistakes is refused in time, and the message stays short', async () => {
    const before = performance.now();
    const problems = await problemsOf(`log:\n${Array.from({ length: 30_000 }, (_, i) => `  k${i}: 1`).join('\n')}\n`);
    expect(problems).toHaveLength(30_000);
    expect(new ConfigProblems(problems).message.split('\n')).toHaveLength(102);
    expect(performance.now() - before).toBeLessThan(10_000);
  });

  it('that is not UTF-8 is refused', async () => {
    const file = path.join(folder, 'latin.yaml');
    await writeFile(file, Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe]));
    await expect(loadConfig({ file, cwd: folder, env, registers })).rejects.toMatchObject({
      message: expect.stringMatching(/not UTF-8.*\(save it as UTF-8\)/),
    });
  });

  it.each([
    ['a folder', '.', /is a folder \(name a file in it with `--config`\)/],
    ['a file that is not there', 'nothing.yaml', /does not exist \(check `--config`, and whether this user may read it\)/],
  ])('that is %s is told with advice', async (_name, file, message) => {
    await expect(loadConfig({ file, cwd: folder, env, registers })).rejects.toMatchObject({ message: expect.stringMatching(message) });
  });
});
