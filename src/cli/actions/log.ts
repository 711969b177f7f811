/**
 * The action log: every change that a command asks of Central, told before it is sent and after it was answered.
 *
 * One file, `<state>/actions.ndjson`, which is only ever added to. Constraints: no change is sent that the file does not have (each line is
 * synced to disk first); commands that run side by side share it (one write for each line, at the end of the file); a process may die in the
 * middle of a line. So whoever adds a line looks at the last byte first and begins a new line if there is none; readers skip what is torn.
 */
import { randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { Json } from '../../core/types.ts';
import type { Clock } from '../../core/world.ts';
import { makeFolder, syncFolder } from '../../sinks/file/folders.ts';
import { type ActionLine, type Actor, type Deed, lineOf, textOf } from './log-line.ts';

/** How a change ended. */
export interface Ending {
  readonly state: 'done' | 'failed';
  readonly outcome?: Json | undefined;
  readonly correlationId?: string | undefined;
  readonly reason?: string | undefined;
}

/** A change that has been told; tell its end as well. */
export type EndChange = (ending: Ending) => Promise<void>;

/**
 * The log, opened for one run of one command.
 *
 * Throws   config `action-log.unwritable` when a line cannot be kept: then nothing may be sent.
 * Calls    any number at once, also from several processes.
 */
export interface ActionLog {
  readonly path: string;
  readonly run: string;
  /** Resolves when the line is on disk. */
  begin(who: Actor, deed: Deed): Promise<EndChange>;
  close(): Promise<void>;
}

/** Where the log of a state stands. */
export function actionLogPath(statePath: string): string {
  return join(statePath, 'actions.ndjson');
}

/** Opens the log, and makes it with its folder if there is none. */
export async function openActionLog(statePath: string, command: string, clock: Clock): Promise<ActionLog> {
  const path = actionLogPath(statePath);
  const run = randomUUID();
  const file = await attempt(path, () => openFile(path));
  let number = 0;
  // One after the other: the look at the last byte and the write belong together.
  let turn: Promise<void> = Promise.resolve();

  function add(line: ActionLine): Promise<void> {
    const added = turn.then(() => attempt(path, () => append(file, textOf(line))));
    turn = added.catch(() => undefined);
    return added;
  }

  return {
    path,
    run,
    async begin(who, { tenant, action, object, detail }) {
      const deed = {
        run,
        number: ++number,
        who,
        command,
        tenant: { id: tenant.id, name: tenant.name },
        action,
        object: { kind: object.kind, id: object.id, name: object.name },
        ...(detail === undefined ? {} : { detail }),
      };
      const now = () => new Date(clock.now()).toISOString();
      await add({ at: now(), ...deed, state: 'begun' });
      return (ending) => add({ at: now(), ...deed, ...ending });
    },
    async close() {
      await turn;
      await file.close();
    },
  };
}

async function openFile(path: string): Promise<FileHandle> {
  await makeFolder(dirname(path));
  const file = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o600);
  try {
    const { mode, size } = await checked(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) await file.chmod(0o600);
    if (size === 0) await syncFolder(dirname(path));
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function checked(file: FileHandle): Promise<{ readonly mode: number; readonly size: number }> {
  const stat = await file.stat();
  if (!stat.isFile()) throw new Error('it is no file');
  return stat;
}

async function append(file: FileHandle, text: string): Promise<void> {
  const line = Buffer.from((await isTorn(file)) ? `\n${text}` : text);
  const { bytesWritten } = await file.write(line);
  await file.datasync();
  if (bytesWritten !== line.length) throw new Error(`only ${bytesWritten} of ${line.length} bytes could be written`);
}

/** Did somebody die in the middle of the last line? */
async function isTorn(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return bytesRead === 1 && buffer[0] !== 0x0a;
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('config', 'action-log.unwritable', `could not write the action log ${path}: ${reason}; nothing is sent without it`, {
      cause,
      advice: 'Give the user who runs this the right to write there, and room on the disk, or name another state with `--state`.',
    });
  }
}

/** What a log says. */
export interface ActionHistory {
  readonly lines: readonly ActionLine[];
  /** Lines that are torn, or none of ours. */
  readonly unreadable: number;
}

/** No line of ours is longer by far. */
const longestLine = 4 << 20;

/**
 * Reads a log, in its order; one that does not exist is empty. `wants` chooses lines while they are read, so that old years need no room.
 *
 * Throws   config `action-log.unreadable`.
 */
export async function readActionLog(path: string, wants: (line: ActionLine) => boolean = () => true): Promise<ActionHistory> {
  const lines: ActionLine[] = [];
  let unreadable = 0;
  try {
    for await (const text of textLines(path)) {
      if (text === '') continue;
      const line = text === null ? null : lineOf(text);
      if (!line) unreadable++;
      else if (wants(line)) lines.push(line);
    }
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return { lines: [], unreadable: 0 };
    throw new Failure('config', 'action-log.unreadable', `could not read the action log ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      advice: 'Look at the rights of the file and of its folder.',
    });
  }
  return { lines, unreadable };
}

/** Lines of a file without their ends; `null` for one that is too long to be ours. */
async function* textLines(path: string): AsyncGenerator<string | null> {
  let open: Buffer[] = [];
  let length = 0;
  const taken = (): string | null => {
    const text = length > longestLine ? null : Buffer.concat(open).toString('utf8');
    open = [];
    length = 0;
    return text;
  };
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      open.push(chunk.subarray(from, end));
      length += end - from;
      yield taken();
      from = end + 1;
    }
    length += chunk.length - from;
    // Of a line that is too long only its length is kept.
    if (length > longestLine) open = [];
    else open.push(chunk.subarray(from));
  }
  if (length > 0) yield taken();
}
