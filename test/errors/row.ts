import { inspect } from 'node:util';
import { expect } from 'vitest';
import type { Command, CommandEntry } from '../../src/cli/command.ts';
import type { ExitCode } from '../../src/cli/exit.ts';
import { CentralError, Failure, type FailureKind } from '../../src/core/failure.ts';
import { type } from '../cli/terminal.ts';
import { type Bench, secrets } from './bench.ts';

/** One error that a user can meet. */
export interface Row {
  readonly what: string;
  readonly kind: FailureKind;
  readonly code: string;
  readonly exit: ExitCode;
  /** Words of the message: what was tried, with host, path or name. */
  readonly attempted: RegExp;
  /** Words of the message: what came back. */
  readonly seen: RegExp;
  /** Of those that Central named one for. */
  readonly correlationId?: string;
  readonly retryAfterMs?: number;
  /** The message shows a place on lines of its own. */
  readonly isPicture?: true;
  /** Rejects with the failure. */
  provoke(bench: Bench): Promise<unknown>;
}

/** What an advice tells to do. */
const actions = [
  ...[
    'add',
    'allow',
    'ask',
    'change',
    'check',
    'choose',
    'copy',
    'correct',
    'enable',
    'end',
    'find',
    'free',
    'give',
    'indent',
    'keep',
    'leave',
    'let',
    'look',
    'mean',
  ],
  ...[
    'lower',
    'make',
    'move',
    'name',
    'point',
    'put',
    'raise',
    'remove',
    'rename',
    'report',
    'restore',
    'run',
    'say',
    'see',
    'set',
    'shorten',
    'start',
    'stop',
    'swap',
  ],
  ...['switch', 'take', 'try', 'use', 'wait', 'write', 'close'],
];
const anAction = new RegExp(`\\b(?:${actions.join('|')})\\b`, 'i');
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** What is in back quotes or braces is a name, and no word of ours. */
export function expectAction(advice: unknown, of: string): void {
  expect(typeof advice === 'string' ? advice.replace(/`[^`]*`|\{[^}]*\}/g, '') : '', `the advice for: ${of}`).toMatch(anAction);
}

/** What the row's provocation failed with. */
export async function failureOf(row: Row, bench: Bench): Promise<Failure> {
  const error: unknown = await row.provoke(bench).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Failure) return error;
  throw new Error(`no Failure: ${inspect(error)}`);
}

/** Everything that holds for every row. */
export async function judge(row: Row, failure: Failure): Promise<void> {
  expect({ kind: failure.kind, code: failure.code }).toEqual({ kind: row.kind, code: row.code });
  expect(failure.message).toMatch(row.attempted);
  expect(failure.message).toMatch(row.seen);
  expect(failure.retryAfterMs).toBe(row.retryAfterMs);
  expectAction(failure.advice, failure.message);
  if (row.correlationId !== undefined) {
    expect(failure).toBeInstanceOf(CentralError);
    expect(failure instanceof CentralError && failure.correlationId).toBe(row.correlationId);
  }
  if (!row.isPicture) expect(failure.message).not.toContain('\n');
  for (const text of [failure.message, failure.advice ?? '', failure instanceof CentralError ? inspect({ ...failure }) : '']) expect(text).not.toMatch(control);

  const table = [throwing(failure)];
  const plain = await type(['fail'], { table });
  expect(plain.code).toBe(row.exit);
  const lines = plain.err.split('\n');
  expect(lines[0]).toBe(`error: ${failure.message.split('\n')[0]}`);
  expect(lines.filter((line) => line.startsWith('error: '))).toHaveLength(1);
  expect(plain.err).toContain(failure.advice);
  expect(plain.err).toContain(row.correlationId ?? '');
  const json = await type(['fail', '--log-format', 'json'], { table });
  expect(JSON.parse(json.err)).toMatchObject({ level: 'error', code: row.code, kind: row.kind, advice: failure.advice });
  // What a library user's console shows, causes and all.
  const all = [plain.err, json.err, inspect(failure, { depth: 8 })];
  expect(plain.err).not.toMatch(control);
  for (const secret of secrets) for (const text of all) expect(text).not.toContain(secret);
}

/** A command that fails with this. */
export function throwing(error: Failure): CommandEntry {
  const command: Command = { name: 'fail', summary: 'fail', examples: ['fail'], run: () => Promise.reject(error) };
  return { name: 'fail', summary: 'fail', load: async () => command };
}

export { control };
