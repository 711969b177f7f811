/** The errors of whole command lines: exit code, words, advice, and nothing that should not be printed. */
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { Clock } from '../../src/core/world.ts';
import { type Said, type } from '../cli/terminal.ts';
import { Bench, secrets } from './bench.ts';
import { type CliRow, cliRows, type Home, writeConfig } from './cli-rows.ts';
import { control, expectAction } from './row.ts';

const bench = new Bench();
afterEach(() => bench.close());

/** Pauses are over at once, and have lasted as long as they should. */
function hasty(): Clock {
  let slept = 0;
  return {
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() + slept,
    async sleep(ms, signal) {
      await systemClock.sleep(0, signal);
      slept += ms;
    },
  };
}

async function say(row: CliRow, ...more: string[]): Promise<Said> {
  const far = await bench.central();
  const home: Home = { folder: await bench.folder(), far, bench };
  await writeConfig(home, row);
  const late = (await row.prepare?.(home)) ?? [];
  const env = {
    SOPHOS_CLIENT_ID: far.clientId,
    SOPHOS_CLIENT_SECRET: far.clientSecret,
    SOPHOS_CENTRAL_AUTH_URL: far.url,
    SOPHOS_CENTRAL_API_URL: far.url,
    NO_PROXY: '127.0.0.1',
    ...row.env,
  };
  return await type([...row.argv, ...late, ...more], { cwd: home.folder, env, world: { clock: hasty() } });
}

/** What a monitoring plugin says of a failure: one line of words, then the code. */
function expectPlugin({ says, code }: CliRow, { out, err }: Said): void {
  expect(err).toBe('');
  const [head = '', ...below] = out.trimEnd().split('\n');
  expect(head).toMatch(/^SOPHOS UNKNOWN - /);
  for (const words of says) expect(head).toMatch(words);
  expectAction(head.split('. ').at(-1), head);
  expect(below).toEqual([`code: ${code}`]);
  expect(head).not.toMatch(control);
  for (const secret of secrets) expect(out).not.toContain(secret);
}

describe('a command line that ends with an error', () => {
  it.each(cliRows.map((row) => [row.what, row] as const))('%s', async (_what, row) => {
    const plain = await say(row);
    expect({ code: plain.code, err: plain.err }).toMatchObject({ code: row.exit });
    if (row.isPlugin) return expectPlugin(row, plain);
    for (const words of row.says) expect(plain.err).toMatch(words);
    expect(plain.err).toContain(row.correlationId ?? '');
    expect(plain.err.replaceAll('\n', '')).not.toMatch(control);
    for (const secret of secrets) expect(plain.out + plain.err).not.toContain(secret);
    if (row.code === null) return;

    await bench.close();
    const { code, err } = await say(row, '--log-format', 'json');
    expect(code).toBe(row.exit);
    const told: unknown = JSON.parse(err.split('\n').find((line) => line.startsWith('{"level":"error"')) ?? '{}');
    expect(told).toMatchObject({ level: 'error', code: row.code });
    expectAction((told as { advice?: unknown }).advice, err);
    if (row.correlationId !== undefined) expect(told).toMatchObject({ correlationId: row.correlationId });
    for (const secret of secrets) expect(err).not.toContain(secret);
  });
});
