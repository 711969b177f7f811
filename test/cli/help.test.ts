import { describe, expect, it } from 'vitest';
import { isGroup } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { type } from './terminal.ts';

const paths = (
  await Promise.all(
    commands.map(async (entry) => {
      const command = await entry.load();
      return [[entry.name], ...(isGroup(command) ? command.commands.map(({ name }) => [entry.name, name]) : [])];
    }),
  )
).flat();

describe('help', () => {
  it('lists every command with what it does', async () => {
    const { code, out, err } = await type(['--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const { name, summary } of commands) expect(out.replace(/\s+/g, ' ')).toContain(`${name} ${summary}`);
    expect(out).toContain('Examples:');
  });

  it('has the same words in the table and in the command', async () => {
    for (const entry of commands) expect(await entry.load()).toMatchObject({ name: entry.name, summary: entry.summary });
  });

  it.each(paths.map((path) => [path.join(' '), path] as const))('of `%s` has an example that begins with it, and the global options', async (line, path) => {
    const { code, out } = await type([...path, '--help']);
    expect(code).toBe(0);
    const [, examples = ''] = out.split(/\nExamples?:\n/);
    expect(examples).toContain(`sophos-central ${line}`);
    expect((await type(['help', ...path])).out).toBe(out);
    expect(out).toContain('--log-level');
  });

  it('names a command that there is when asked for one that there is not', async () => {
    expect(await type(['help', 'simulatr'])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Did you mean simulate?') });
  });

  it('prints the version', async () => {
    expect((await type(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
