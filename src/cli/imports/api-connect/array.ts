/**
 * A JSON file of Sophos API Connect: one array of the API's items, written anew at each pull.
 *
 * It is read to its end, item by item, so that a file of any size costs the memory of one item, and so that a file that a kill left half
 * written is found out before anything is added to it. Only braces and quotes are followed; each item is then parsed alone.
 */
import type { FileHandle } from 'node:fs/promises';
import { Failure } from '../../../core/failure.ts';

const chunkBytes = 1_048_576;
/** No item of Central comes near. */
const mostItemBytes = 16_777_216;

const [quote, backslash, comma, open, close, openMap, closeMap] = [0x22, 0x5c, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d];
/** Tab, LF, CR and blank; a byte order mark counts too where the file begins. */
const isBlank = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

export type Item = { readonly [field: string]: unknown };

/**
 * Calls `take` for each item, with its text; resolves with their number. An empty file has none.
 *
 * Throws   config `import.damaged`, naming the place, for anything but a whole array of objects.
 */
export async function readArray(handle: FileHandle, path: string, take: (item: Item, text: string) => void): Promise<number> {
  const scan = new Scan(path, take);
  const chunk = Buffer.allocUnsafe(chunkBytes);
  for (let at = 0; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, chunkBytes, at);
    if (bytesRead === 0) return scan.end(at);
    scan.read(chunk.subarray(0, bytesRead), at);
    at += bytesRead;
  }
}

class Scan {
  readonly #path: string;
  readonly #take: (item: Item, text: string) => void;
  /** What may come next. */
  #expects: 'array' | 'first' | 'item' | 'rest of an item' | 'comma' | 'nothing' = 'array';
  #depth = 0;
  #isText = false;
  #isEscaped = false;
  #count = 0;
  #began = 0;
  /** Of an item that began in an earlier chunk. */
  #parts: Buffer[] = [];
  #partBytes = 0;

  constructor(path: string, take: (item: Item, text: string) => void) {
    this.#path = path;
    this.#take = take;
  }

  read(chunk: Buffer, at: number): void {
    let i = at === 0 && chunk.subarray(0, 3).toString('latin1') === '\u00ef\u00bb\u00bf' ? 3 : 0;
    while (i < chunk.length) {
      if (this.#expects === 'rest of an item') i = this.#readItem(chunk, i);
      else {
        const byte = chunk[i] ?? 0;
        if (byte === openMap && (this.#expects === 'first' || this.#expects === 'item')) {
          this.#expects = 'rest of an item';
          this.#began = at + i;
        } else {
          if (!isBlank(byte)) this.#readMark(byte, at + i);
          i++;
        }
      }
    }
  }

  /** Resolves with how many there were. */
  end(size: number): number {
    if (this.#expects === 'nothing' || size === 0) return this.#count;
    const where = this.#expects === 'rest of an item' ? `item ${this.#count + 1}, which begins at byte ${this.#began}, is cut off` : 'its `]` is missing';
    throw this.#damaged(`it ends at byte ${size}, and ${where}`);
  }

  #readMark(byte: number, at: number): void {
    if (this.#expects === 'array' && byte === open) this.#expects = 'first';
    else if ((this.#expects === 'first' || this.#expects === 'comma') && byte === close) this.#expects = 'nothing';
    else if (this.#expects === 'comma' && byte === comma) this.#expects = 'item';
    else if (this.#expects === 'array') throw this.#damaged('it does not begin with `[`');
    else if (this.#expects === 'nothing') throw this.#damaged(`the array ends before byte ${at}, and more follows`);
    else throw this.#damaged(`at byte ${at}, after ${this.#count} items, there is neither an item nor the end of the array`);
  }

  /** Where the item, or the chunk, ends. */
  #readItem(chunk: Buffer, from: number): number {
    let i = from;
    for (; i < chunk.length; i++) {
      const byte = chunk[i];
      if (this.#isText) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === backslash) this.#isEscaped = true;
        else if (byte === quote) this.#isText = false;
      } else if (byte === quote) this.#isText = true;
      else if (byte === openMap) this.#depth++;
      else if (byte === closeMap && --this.#depth === 0) {
        this.#finish(chunk.subarray(from, i + 1));
        return i + 1;
      }
    }
    this.#partBytes += i - from;
    if (this.#partBytes > mostItemBytes)
      throw this.#damaged(`item ${this.#count + 1}, which begins at byte ${this.#began}, has no end within ${mostItemBytes} bytes`);
    // The chunk's memory is used again.
    this.#parts.push(Buffer.from(chunk.subarray(from)));
    return i;
  }

  #finish(last: Buffer): void {
    const text = (this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last])).toString('utf8');
    this.#parts = [];
    this.#partBytes = 0;
    let item: Item;
    try {
      item = JSON.parse(text) as Item;
    } catch (cause) {
      throw this.#damaged(`item ${this.#count + 1}, which begins at byte ${this.#began}, is no JSON`, cause);
    }
    this.#count++;
    this.#expects = 'comma';
    this.#take(item, text);
  }

  #damaged(finding: string, cause?: unknown): Failure {
    return new Failure('config', 'import.damaged', `could not take over \`${this.#path}\`: ${finding}`, {
      advice:
        'The other tool may have been killed while it wrote. Move the file away and import again: a new one begins with what Central still has of the last 24 h. Or write the end yourself: after the last whole item, `]`.',
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
