/**
 * What the output file of siem.py has already.
 *
 * siem.py writes a page's records one by one and its cursor after them. Killed in between, it would write the page again; and where Central no
 * longer knows a cursor, it gives the last day again. So the ids at the end of the file are remembered: what it has, it does not get twice.
 */
import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import type { Millis } from '../../../core/types.ts';
import type { FileMark } from '../../../sinks/file/mark.ts';

export interface Written {
  /** `events` or `siem-alerts`. */
  readonly stream: string;
  /** The tenant's id, as the record says; `null` when it does not. */
  readonly tenant: string | null;
  readonly key: string;
  readonly time: Millis;
}

/** A day of a large estate. */
const maxTailBytes = 64_000_000;

const streamsByName: Readonly<Record<string, string>> = { event: 'events', alert: 'siem-alerts' };

/**
 * The records at the file's end whose id, kind and time can be read; none when there is no such file.
 *
 * `marks` are those of our own sink: what is behind one, of a delivery that was never settled, is cut off at the next run, so it does not count.
 */
export async function readWritten(file: string, since: Millis, marks: readonly FileMark[] = []): Promise<readonly Written[]> {
  const text = await tailOf(file, marks);
  const found: Written[] = [];
  const lines = text.split('\n');
  lines.forEach((line, i) => {
    // Of a writer that was killed: cut within a field it may look whole. JSON does not.
    if (i === lines.length - 1 && !line.startsWith('{')) return;
    const record = recordOf(line);
    if (record !== null && record.time >= since) found.push(record);
  });
  return found;
}

/** Is the file as our own sink left it? */
export async function isAsWeLeftIt(file: string, marks: readonly FileMark[]): Promise<boolean> {
  const stats = await lstat(file, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== undefined) return null;
    throw error;
  });
  return stats !== null && marks.some(({ inode, length, upTo }) => upTo === undefined && inode === String(stats.ino) && length === Number(stats.size));
}

function recordOf(line: string): Written | null {
  const field = line.startsWith('{') || line.startsWith('[') ? jsonField(line) : line.startsWith('CEF:') ? cefField(line) : keyvalueField(line);
  if (field === null) return null;
  const key = field('id');
  const stream = streamsByName[field('datastream') ?? ''];
  const time = Date.parse(field('rt') ?? '');
  if (key === undefined || key === '' || stream === undefined || Number.isNaN(time)) return null;
  return { stream, tenant: field('customer_id') ?? null, key, time };
}

type FieldOf = (name: string) => string | undefined;

function jsonField(line: string): FieldOf | null {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch (error) {
    // The half line of one that was killed.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof record !== 'object' || record === null) return null;
  const fields = new Map<string, unknown>(Object.entries(record));
  return (name) => {
    const value = fields.get(name);
    return typeof value === 'string' ? value : undefined;
  };
}

/** Nothing is escaped there: a value may hold what looks like a field. */
function keyvalueField(line: string): FieldOf | null {
  return line.endsWith(';') ? (name) => only(line, new RegExp(`(?:^| )${name}="([^"]*)";`, 'g')) : null;
}

/** The header's name may hold anything; in the extension `=` is escaped. */
function cefField(line: string): FieldOf | null {
  const header = /^CEF:(?:[^|\\]|\\.)*(?:\|(?:[^|\\]|\\.)*){6}\|/.exec(line)?.[0];
  return header === undefined ? null : (name) => only(line.slice(header.length), new RegExp(`(?:^| )${name}=(\\S*)`, 'g'));
}

/** What all matches say; nothing when they differ. */
function only(line: string, pattern: RegExp): string | undefined {
  const values = new Set([...line.matchAll(pattern)].map((found) => found[1]));
  const [value] = values;
  return values.size === 1 ? value : undefined;
}

async function tailOf(file: string, marks: readonly FileMark[]): Promise<string> {
  // Without O_NONBLOCK a pipe of this name would keep us waiting for its writer. Windows knows no such flag.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error: NodeJS.ErrnoException) => {
    // What the sink has to say about the file it says itself.
    if (error.code !== undefined) return null;
    throw error;
  });
  if (handle === null) return '';
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) return '';
    const unsettled = marks.find(({ inode, upTo }) => upTo !== undefined && inode === String(stats.ino) && Number(stats.size) <= upTo);
    const size = Math.min(Number(stats.size), unsettled?.length ?? Number.POSITIVE_INFINITY);
    const length = Math.min(size, maxTailBytes);
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await handle.read(bytes, 0, length, size - length);
    const text = bytes.toString('utf8', 0, bytesRead);
    return length < size ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    await handle.close();
  }
}
