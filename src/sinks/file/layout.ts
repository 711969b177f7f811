import type { FileHandle } from 'node:fs/promises';
import { Failure } from '../../core/failure.ts';
import { textOf } from '../../core/pack.ts';
import { bytesOf, type Cut, sizeOf } from './cuts.ts';
import type { FileMark } from './mark.ts';

/** Bytes for one file, and where they go. */
export interface Write {
  readonly at: number;
  readonly bytes: Uint8Array;
  /** What the mark will say of the file's end. */
  readonly tail?: string;
}

/** How lines lie in a file. */
export interface Layout {
  /** Do writes only ever go to the end? */
  readonly appends: boolean;
  /** What a file that we did not write so far looks like at its end. */
  look(handle: FileHandle, size: number, path: string): Promise<Pick<FileMark, 'tail' | 'open'>>;
  write(mark: FileMark, cuts: readonly Cut[]): Write;
  /** How long the file will be after that write. */
  lengthAfter(mark: FileMark, cuts: readonly Cut[]): number;
}

const LF = 0x0a;

/** One line after the other, as the format wrote them: a single section is written as it lies in memory. */
export const linesLayout: Layout = {
  appends: true,
  async look(handle, size) {
    if (size === 0) return {};
    const last = await read(handle, size - 1, size);
    return last[0] === LF ? {} : { open: true };
  },
  write(mark, cuts) {
    const parts = cuts.map(bytesOf);
    if (mark.open) parts.unshift(Buffer.from('\n'));
    return { at: mark.length, bytes: parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts) };
  },
  lengthAfter: (mark, cuts) => mark.length + (mark.open ? 1 : 0) + sizeOf(cuts),
};

/** The longest end of an existing array, in bytes, that we look for its `]` in. */
const reach = 256;
const close = '\n]\n';

/**
 * One JSON array. Its end is overwritten by the next items, which bring their own; between deliveries it is always whole.
 * A line that is not JSON becomes a JSON string.
 */
export const arrayLayout: Layout = {
  appends: false,
  async look(handle, size, path) {
    if (size === 0) return {};
    const text = (await read(handle, Math.max(0, size - reach), size)).toString('latin1');
    const found = /(.?)([ \t\r\n]*\][ \t\r\n]*)$/s.exec(text);
    if (!found || found[1] === '')
      throw new Failure('config', 'file.not-array', `could not continue \`${path}\`: it does not end as a JSON array does`, {
        advice: 'Move the file away, or use `layout: lines`.',
      });
    return { tail: found[2] as string, ...(found[1] === '[' ? { open: true as const } : {}) };
  },
  write(mark, cuts) {
    const tail = mark.tail ?? '';
    const lead = mark.length === 0 ? '[\n' : mark.open ? '\n' : ',\n';
    const parts: Uint8Array[] = [Buffer.from(lead)];
    cuts.forEach((cut, i) => {
      if (i > 0) parts.push(Buffer.from(',\n'));
      parts.push(itemsOf(cut));
    });
    parts.push(Buffer.from(close));
    return { at: mark.length - tail.length, bytes: Buffer.concat(parts), tail: close };
  },
  lengthAfter(mark, cuts) {
    const { at, bytes } = this.write(mark, cuts);
    return at + bytes.length;
  },
};

/** The lines with `,\n` between them. */
function itemsOf(cut: Cut): Uint8Array {
  const { section, from, to } = cut;
  if (!section.json) {
    const items: string[] = [];
    for (let i = from; i < to; i++) items.push(JSON.stringify(Buffer.from(textOf(section.lines, i)).toString('utf8')));
    return Buffer.from(items.join(',\n'));
  }
  const source = bytesOf(cut);
  const start = from === 0 ? 0 : (section.lines.ends[from - 1] as number) + 1;
  const items = Buffer.allocUnsafe(source.length - 1 + (to - from - 1));
  let at = 0;
  let read = 0;
  for (let i = from; i < to; i++) {
    const end = (section.lines.ends[i] as number) - start;
    items.set(source.subarray(read, end), at);
    at += end - read;
    read = end + 1;
    if (i < to - 1) {
      items[at++] = 0x2c;
      items[at++] = LF;
    }
  }
  return items;
}

/** Bytes `from` (inclusive) to `to` (exclusive) of a file, fewer if it is shorter. */
export async function read(handle: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, from + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

/** Writes all of it, however many calls that takes. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) written += (await handle.write(bytes, written, bytes.length - written, at + written)).bytesWritten;
}
