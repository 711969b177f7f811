/** Bodies of JSON for sinks that send requests: lines of JSON pasted as they are, other lines as strings. */
import { isUtf8 } from 'node:buffer';

/** The same text with every byte that is no UTF-8 replaced. */
export function wellFormed(line: Uint8Array): Uint8Array {
  return isUtf8(line) ? line : Buffer.from(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'));
}

/** A JSON string. Halves of surrogate pairs are replaced, as many JSON readers refuse them. */
export function quote(text: string): string {
  const json = JSON.stringify(text);
  // Only those halves are written so; a backslash before `ud` costs a detour and nothing else.
  return json.includes('\\ud') ? JSON.stringify(Buffer.from(text).toString('utf8')) : json;
}

const plainKey = /^[\w.:@/+=-]*$/;
const quoteMark = 0x22;
const backslash = 0x5c;

/** What follows the backslash for each byte that needs one; 0: none needed; `u`: as \u00XX. */
const escapes = new Uint8Array(256);
escapes.fill(0x75, 0, 0x20);
for (const [byte, letter] of [
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [quoteMark, '"'],
  [backslash, '\\'],
] as const)
  escapes[byte] = letter.charCodeAt(0);

/** A growing body of JSON, written without an object of ours per record. */
export class JsonBody {
  #bytes: Buffer;
  #length = 0;

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  utf8(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  ascii(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  /** A text that stands between quotes that are there already. */
  inQuotes(text: string): void {
    if (plainKey.test(text)) this.ascii(text);
    else this.utf8(Buffer.from(quote(text).slice(1, -1)));
  }

  /** Bytes of UTF-8 as a JSON string. */
  quoted(line: Uint8Array): void {
    // No byte becomes more than six.
    this.#reserve(line.length * 6 + 2);
    const out = this.#bytes;
    let at = this.#length;
    out[at++] = quoteMark;
    for (let i = 0; i < line.length; i++) {
      const byte = line[i] as number;
      const letter = escapes[byte] as number;
      if (letter === 0) {
        out[at++] = byte;
        continue;
      }
      out[at++] = backslash;
      out[at++] = letter;
      if (letter === 0x75) at += out.write(byte.toString(16).padStart(4, '0'), at, 'latin1');
    }
    out[at++] = quoteMark;
    this.#length = at;
  }

  #reserve(more: number): void {
    const need = this.#length + more;
    if (need <= this.#bytes.length) return;
    const wider = Buffer.allocUnsafe(Math.max(need, this.#bytes.length * 2));
    this.#bytes.copy(wider, 0, 0, this.#length);
    this.#bytes = wider;
  }
}
