/**
 * A text file of Sophos API Connect, read from its end.
 *
 * The file may be years long; what counts is what Central may bring again. A line was added by a pull, and a pull brings what is at most a
 * day old: so all that stands before a line is older than a day after that line's time. Reading ends where that is too old to count.
 */
import type { FileHandle } from 'node:fs/promises';
import { Failure } from '../../../core/failure.ts';
import type { Millis } from '../../../core/types.ts';
import { read } from '../../../sinks/file/layout.ts';
import { instantOf, Window } from './window.ts';

const chunkBytes = 262_144;
/** No line of Central comes near. */
const mostLineBytes = 16_777_216;
/** What a pull brings at most, and an hour for clocks. */
const pullMs: Millis = 25 * 3_600_000;
/** So many lines in a row have to be too old: one may have a strange time. */
const enough = 1000;
const LF = 0x0a;

export interface TextFile {
  readonly times: ReadonlyMap<string, Millis>;
  /** Tenants of the lines that say it. */
  readonly customers: ReadonlySet<string>;
  /** Lines, within what was read, in which no id was found. */
  readonly strange: number;
  /** The last line has no end, and is not whole. */
  readonly isTorn: boolean;
  /** Lines end as on Windows. */
  readonly hasCarriageReturns: boolean;
}

/**
 * Reads the ids.
 *
 * Throws   config `import.damaged` when there are no lines in it.
 */
export async function readLines(handle: FileHandle, path: string, size: number, now: Millis): Promise<TextFile> {
  const window = new Window(now);
  const customers = new Set<string>();
  let strange = 0;
  let isTorn = false;
  let hasCarriageReturns = false;
  let isLast = true;
  let oldInARow = 0;
  for await (const [written, isEnded] of linesFromEnd(handle, path, size)) {
    hasCarriageReturns ||= isLast && written.endsWith('\r');
    isLast = false;
    const line = written.trimEnd();
    if (line === '') continue;
    if (!isEnded && !isWhole(line)) {
      isTorn = true;
      continue;
    }
    const found = idOf(line);
    if (!found) {
      strange++;
      continue;
    }
    const customer = /\[CustomerID: ([^\]]*)\]$/.exec(line)?.[1];
    if (customer) customers.add(customer);
    window.add(found.id, found.time);
    oldInARow = found.time !== null && found.time + pullMs < window.since ? oldInARow + 1 : 0;
    if (oldInARow >= enough) break;
  }
  return { times: window.times(), customers, strange, isTorn, hasCarriageReturns };
}

/** The form of a line, in every version: before the id stands nothing that somebody else chose. */
const usual = /^(?:\[Reporter: [^\]]*\] )?\[Timestamp: ([^\]]*)\] \[(?:EventID|AlertID): ([^\]]+)\]/;
/** Wherever it stands, as the tool itself looks for it. */
const anywhere = /(?:EventID|AlertID): ([^\]]+)\]/;

function idOf(line: string): { readonly id: string; readonly time: Millis | null } | null {
  const [, stamp, id] = usual.exec(line) ?? [];
  if (id !== undefined) return { id, time: instantOf(stamp) };
  const found = anywhere.exec(line)?.[1];
  return found === undefined ? null : { id: found, time: instantOf(/\[Timestamp: ([^\]]*)\]/.exec(line)?.[1]) };
}

/** Does a line have its last field? Those of other versions end in `Location` or `GroupKey`. */
function isWhole(line: string): boolean {
  return /\[(?:CustomerID|Location|GroupKey): [^[]*\]$/.test(line) && !/\[EventID: (?!.*\[CustomerID: )/.test(line);
}

/** From the last to the first, without LF; `false` with one that has no end. */
async function* linesFromEnd(handle: FileHandle, path: string, size: number): AsyncGenerator<readonly [line: string, isEnded: boolean]> {
  /** Of a line whose beginning is not read yet: its parts, the last one first. */
  let parts: Buffer[] = [];
  let bytes = 0;
  let isEnded = false;
  const take = (part: Buffer): string => {
    const line = Buffer.concat([part, ...parts.reverse()]).toString('utf8');
    parts = [];
    bytes = 0;
    return line;
  };
  for (let end = size; end > 0; ) {
    const from = Math.max(0, end - chunkBytes);
    const chunk = await read(handle, from, end);
    let upTo = chunk.length;
    for (let at = chunk.lastIndexOf(LF); at >= 0; at = at === 0 ? -1 : chunk.lastIndexOf(LF, at - 1)) {
      const line = take(chunk.subarray(at + 1, upTo));
      // Behind the last LF of the file there is nothing, or a line without an end.
      if (isEnded || line !== '') yield [line, isEnded];
      isEnded = true;
      upTo = at;
    }
    parts.push(chunk.subarray(0, upTo));
    bytes += upTo;
    if (bytes > mostLineBytes)
      throw new Failure('config', 'import.damaged', `could not take over \`${path}\`: before byte ${end} there is no line end within ${mostLineBytes} bytes`, {
        advice: 'Look whether it is the file of the other tool; if it is broken, move it away and import again.',
      });
    end = from;
  }
  if (bytes > 0) yield [take(Buffer.alloc(0)), isEnded];
}
