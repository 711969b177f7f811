import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Command, CommandEntry } from '../../src/cli/command.ts';
import { exitCodes, interrupted } from '../../src/cli/exit.ts';
import { CentralError, Failure } from '../../src/core/failure.ts';
import { type } from './terminal.ts';

const entry = (command: Command<never>): CommandEntry => ({ name: command.name, summary: command.summary, load: async () => command });

/** A command that says what it was given. */
const echo: Command<{ readonly tenant?: readonly string[] }> = {
  name: 'echo',
  summary: 'say what was given',
  examples: ['echo one --tenant acme'],
  declare: (parser) => parser.argument('[words...]').option('--tenant <name...>', 'a tenant'),
  async run(context, args, options) {
    await context.print(`${JSON.stringify({ args, options, globals: context.globals })}\n`);
    return exitCodes.done;
  },
};

const throwing = (error: unknown): CommandEntry =>
  entry({
    name: 'fail',
    summary: 'fail',
    examples: ['fail'],
    run: async () => {
      throw error;
    },
  });

const central = (kind: 'auth' | 'transient', status: number) =>
  new CentralError(kind, 'central.x', 'could not read /whoami: no', {
    status,
    method: 'GET',
    url: 'https://x.sophos.com',
    correlationId: 'corr-1',
    advice: 'Look at the credential.',
  });

describe('the command line', () => {
  it.each([
    ['a command that ends well', null, 0],
    ['a wrong option or configuration', new Failure('config', 'config.invalid', 'bad'), 2],
    ['refused credentials of Central', central('auth', 401), 3],
    ["a sink's refused token", new Failure('auth', 'hec.token-disabled', 'no'), 1],
    ['a network failure', new Failure('transient', 'http.reset', 'reset'), 1],
    ['a bug', new TypeError('x is not a function'), 1],
    ['a closed pipe', new Failure('config', 'stdout.closed', 'gone'), 0],
    ['a state that another run holds', new Failure('config', 'journal.owned', 'held by 12'), 1],
  ] as const)('ends with its own code after %s', async (_what, error, code) => {
    const said = await type(error === null ? ['echo'] : ['fail'], { table: [entry(echo), throwing(error)] });
    expect(said.code).toBe(code);
    expect(said.err === '').toBe(code === 0);
  });

  it('ends with 130 when interrupted, whatever the interruption broke off', async () => {
    const stop = new AbortController();
    const waiting: Command = {
      name: 'wait',
      summary: 'wait',
      examples: ['wait'],
      run: async () => {
        stop.abort(interrupted());
        throw new Failure('transient', 'http.reset', 'the connection broke');
      },
    };
    expect(await type(['wait'], { table: [entry(waiting)], signal: stop.signal })).toMatchObject({ code: 130, err: 'interrupted\n' });
  });

  it('ends a service with 0 that is asked to stop while it still starts, and other commands with 130', async () => {
    const env = { SOPHOS_CLIENT_ID: 'a', SOPHOS_CLIENT_SECRET: 'b' };
    const signal = AbortSignal.abort(interrupted());
    expect(await type(['run'], { env, signal })).toMatchObject({ code: 0 });
    expect(await type(['whoami'], { env, signal })).toMatchObject({ code: 130 });
  });

  it('takes global options before and after the command', async () => {
    const line = ['--log-level', 'debug', 'echo', 'one', '--quiet', '--tenant', 'acme', 'beta', '-c', 'x.yaml', '--no-color'];
    const said = await type(line, { table: [entry(echo)] });
    expect(JSON.parse(said.out)).toEqual({
      args: ['one'],
      options: { tenant: ['acme', 'beta'] },
      globals: { logLevel: 'debug', quiet: true, config: 'x.yaml', color: false },
    });
  });

  it('loads no module but that of the command', async () => {
    const loaded: string[] = [];
    const watched = (command: Command<never>): CommandEntry => ({
      ...entry(command),
      load: async () => {
        loaded.push(command.name);
        return command;
      },
    });
    const table = [watched(echo), watched({ ...echo, name: 'other' })];
    await type(['--help'], { table });
    expect(loaded).toEqual([]);
    await type(['echo', '--help'], { table });
    await type(['help', 'echo'], { table });
    expect(loaded).toEqual(['echo', 'echo']);
  });

  it('says attempted, seen, advice and correlation id, and no stack', async () => {
    const { err } = await type(['fail'], { table: [throwing(central('transient', 502))] });
    expect(err).toBe('error: could not read /whoami: no\n  Look at the credential.\n  correlation id: corr-1\n');
  });

  it('shows the stack of a bug only when asked', async () => {
    const table = [throwing(new TypeError('x is not a function'))];
    expect((await type(['fail'], { table })).err).toMatch(/^error: internal error: x is not a function\nThis is a bug: please report it[^\n]*\n$/);
    expect((await type(['fail', '--log-level', 'debug'], { table })).err).toContain('    at ');
  });

  it('writes the failure as one JSON line when asked', async () => {
    const { err } = await type(['fail', '--log-format', 'json'], { table: [throwing(central('transient', 502))] });
    expect(JSON.parse(err)).toMatchObject({ level: 'error', msg: 'could not read /whoami: no', code: 'central.x', correlationId: 'corr-1' });
  });

  it('cannot be made to forge a line by what a far end said', async () => {
    const { err } = await type(['fail'], { table: [throwing(new Failure('transient', 'x', 'tenant \u001b[2Jacme\u202e\r said no'))] });
    expect(err).toBe('error: tenant \\e[2Jacme\\u202e\\r said no\n');
  });

  it('ends quietly when the reader of standard output has gone', async () => {
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })) });
    const endless: Command = {
      name: 'endless',
      summary: 'print for ever',
      examples: ['endless'],
      async run(context) {
        for (;;) await context.print('line\n'.repeat(10_000));
      },
    };
    expect(await type(['endless'], { table: [entry(endless)], stdout })).toEqual({ code: 0, out: '', err: '' });
  });
});

describe('a slip of the fingers', () => {
  const table = [entry(echo)];
  it.each([
    [['ecko'], /unknown command 'ecko'.*\n.*echo/],
    [['echo', '--tennant', 'x'], /unknown option '--tennant'.*\n.*--tenant/],
    [['echo', '--log-levl', 'x'], /unknown option '--log-levl'.*\n.*--log-level/],
    [['--log-level', 'loud', 'echo'], /Allowed choices are error, warn/],
    [['echo', '--tenant'], /argument missing/],
    [[], /Usage: sophos-central/],
  ])('of %j ends with 2 and a hint', async (argv, hint) => {
    const said = await type(argv, { table });
    expect(said.code).toBe(2);
    expect(said.out).toBe('');
    expect(said.err).toMatch(hint);
  });
});
