/** What the files of Sophos API Connect hold already. */
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { Failure } from '../../../core/failure.ts';
import type { Item, Millis } from '../../../core/types.ts';
import { readArray } from './array.ts';
import { readLines } from './lines.ts';
import { instantOf, Window } from './window.ts';

/** One of its files. */
export interface HeldFile {
  /** Absolute; of a symbolic link, what it leads to. */
  readonly path: string;
  readonly form: 'text' | 'json';
  readonly isThere: boolean;
  readonly size: number;
  /** When it was last written to. */
  readonly wroteAt: Millis | null;
  /** Ids and times of what Central may bring again. */
  readonly times: ReadonlyMap<string, Millis>;
  readonly customers: ReadonlySet<string>;
  /** What somebody should know about it. */
  readonly remarks: readonly string[];
}

const nothing = { times: new Map<string, Millis>(), customers: new Set<string>(), remarks: [] };

/** A file as it is named, without what is in it. */
export async function lookAt(named: string, form: HeldFile['form']): Promise<HeldFile> {
  const found = await lstat(named).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw unreadable(named, error);
  });
  if (!found) return { ...nothing, path: named, form, isThere: false, size: 0, wroteAt: null };
  if (!found.isSymbolicLink()) return { ...nothing, path: named, form, isThere: true, size: found.size, wroteAt: found.mtimeMs };
  // Our file sink follows no link, so the draft names what it leads to.
  const path = await realpath(named).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(named, error);
  });
  return { ...(await lookAt(path, form)), remarks: [`\`${named}\` is a symbolic link to it; it is written to by this name`] };
}

/**
 * Reads one file.
 *
 * Throws   config `import.damaged` for one that cannot be gone on with; config `import.unreadable`; config `import.still-written`.
 */
export async function readHeld(named: string, form: HeldFile['form'], now: Millis): Promise<HeldFile> {
  const looked = await lookAt(named, form);
  if (!looked.isThere) return looked;
  const { path } = looked;
  return withFile(path, async (handle, size) => {
    if (form === 'json') return { ...looked, ...(await readItems(handle, path, now)) };
    const { strange, isTorn, hasCarriageReturns, ...ids } = await readLines(handle, path, size, now);
    return { ...looked, ...ids, remarks: [...looked.remarks, ...textRemarks(strange, isTorn, hasCarriageReturns)] };
  });
}

/** Those items of a JSON file whose ids are wanted, in its order, each once. */
export async function itemsOf(path: string, wanted: ReadonlySet<string>, now: Millis): Promise<readonly Item[]> {
  const found = new Map<string, Item>();
  await withFile(path, (handle) =>
    readArray(handle, path, (item, text) => {
      const { id } = item;
      if (typeof id === 'string' && wanted.has(id) && !found.has(id)) found.set(id, { key: id, time: instantOf(item.created_at) ?? now, json: compact(text) });
    }),
  );
  return [...found.values()];
}

async function readItems(handle: FileHandle, path: string, now: Millis): Promise<Pick<HeldFile, 'times' | 'customers'>> {
  const window = new Window(now);
  const customers = new Set<string>();
  await readArray(handle, path, ({ id, created_at: createdAt, customer_id: customer }) => {
    if (typeof id !== 'string') return;
    window.add(id, instantOf(createdAt));
    if (typeof customer === 'string') customers.add(customer);
  });
  return { times: window.times(), customers };
}

/** Records are kept on one line. Line breaks stand outside of texts only: within them JSON has none. */
function compact(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}

function textRemarks(strange: number, isTorn: boolean, hasCarriageReturns: boolean): string[] {
  return [
    ...(isTorn ? ['its last line is not whole: it stays, and that record is written again, whole, on a line of its own'] : []),
    ...(hasCarriageReturns ? ['its lines end in CR LF; those that are added end in LF'] : []),
    ...(strange > 0 ? [`${strange} lines in it hold no id and were passed over`] : []),
  ];
}

async function withFile<T>(path: string, work: (handle: FileHandle, size: number) => Promise<T>): Promise<T> {
  // Without O_NONBLOCK a pipe of this name would keep us waiting for its writer. Windows knows no such flag.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(path, error);
  });
  try {
    const before = await handle.stat();
    if (!before.isFile()) throw unreadable(path, null);
    const told = await work(handle, before.size).catch(async (error: unknown) => {
      throw (await hasChanged(handle, before)) ? stillWritten(path, error) : error;
    });
    if (await hasChanged(handle, before)) throw stillWritten(path, undefined);
    return told;
  } finally {
    await handle.close();
  }
}

async function hasChanged(handle: FileHandle, before: { readonly size: number; readonly mtimeMs: number }): Promise<boolean> {
  const after = await handle.stat();
  return after.size !== before.size || after.mtimeMs !== before.mtimeMs;
}

function stillWritten(path: string, cause: unknown): Failure {
  return new Failure('config', 'import.still-written', `could not take over \`${path}\`: something wrote to it just now`, {
    advice: 'Stop the other tool first, and import again.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function unreadable(path: string, cause: NodeJS.ErrnoException | null): Failure {
  const finding = cause ? `it cannot be read (${cause.code ?? cause.message})` : 'it is no regular file';
  return new Failure('config', 'import.unreadable', `could not take over \`${path}\`: ${finding}`, {
    advice: 'Check the settings in `sophos.conf`, and whether this user may read the file.',
    ...(cause ? { cause } : {}),
  });
}
