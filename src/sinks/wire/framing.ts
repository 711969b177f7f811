/**
 * Messages in a stream of bytes, each with its end: nothing that stands in a message can end it, or begin another.
 *
 *   lf              message LF              RFC 6587, 3.4.2; what most receivers take
 *   nul             message NUL             the same with another end
 *   octet-counting  length SP message       RFC 6587, 3.4.1 and RFC 5425, 4.3; the length is in bytes
 *   none            message                 datagrams only: there the datagram is the frame
 *
 * Where a byte ends a message, LF, CR and NUL within one become a blank each: all three, since receivers know more ends than the one
 * agreed on. A counted or a single datagram needs none of that and keeps its bytes.
 */
export const framings = ['lf', 'nul', 'octet-counting', 'none'] as const;
export type Framing = (typeof framings)[number];

/** Framed messages side by side; frame `i` ends before `ends[i]`, and the next one begins there. */
export interface Frames {
  readonly bytes: Uint8Array;
  readonly ends: readonly number[];
}

const blank = 0x20;
const enders = [0x0a, 0x0d, 0x00];
const endOf: Readonly<Record<Framing, number | null>> = { lf: 0x0a, nul: 0x00, 'octet-counting': null, none: null };
/** A length and its blank, or an end: no frame adds more. */
const maxExtraBytes = 12;

/** A growing buffer of frames. */
export class FrameWriter {
  readonly #framing: Framing;
  readonly #end: number | null;
  readonly #ends: number[] = [];
  #bytes: Buffer;
  #length = 0;

  constructor(framing: Framing, sizeHint: number) {
    this.#framing = framing;
    this.#end = endOf[framing];
    this.#bytes = Buffer.allocUnsafe(Math.max(64, sizeHint));
  }

  /**
   * One message.
   *
   * @param head what comes before the text: of our making, without LF, CR and NUL
   * @param text any bytes, in one or several pieces
   */
  add(head: string, ...text: readonly Uint8Array[]): void {
    const headBytes = Buffer.byteLength(head);
    const textBytes = text.reduce((sum, { length }) => sum + length, 0);
    this.#reserve(headBytes + textBytes + maxExtraBytes);
    const out = this.#bytes;
    let at = this.#length;
    if (this.#framing === 'octet-counting') at += out.write(`${headBytes + textBytes} `, at, 'latin1');
    at += out.write(head, at);
    for (const piece of text) {
      out.set(piece, at);
      if (this.#end !== null) blankOut(out.subarray(at, at + piece.length));
      at += piece.length;
    }
    if (this.#end !== null) out[at++] = this.#end;
    this.#length = at;
    this.#ends.push(at);
  }

  /** The frames so far. Shares memory with this writer, which must not be written to afterwards. */
  frames(): Frames {
    return { bytes: this.#bytes.subarray(0, this.#length), ends: this.#ends };
  }

  #reserve(more: number): void {
    const need = this.#length + more;
    if (need <= this.#bytes.length) return;
    const wider = Buffer.allocUnsafe(Math.max(need, this.#bytes.length * 2));
    this.#bytes.copy(wider, 0, 0, this.#length);
    this.#bytes = wider;
  }
}

function blankOut(bytes: Buffer): void {
  for (const ender of enders) for (let at = bytes.indexOf(ender); at >= 0; at = bytes.indexOf(ender, at + 1)) bytes[at] = blank;
}

/** The longest beginning of UTF-8 text within so many bytes that ends with a whole character. */
export function cutUtf8(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length <= maxBytes) return bytes;
  let end = Math.max(0, maxBytes);
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}

/** Cuts frames into runs of whole frames of at most so many bytes; a longer frame is a run of its own. */
export function runsOf({ ends }: Frames, maxBytes: number): { readonly from: number; readonly to: number; readonly frames: number }[] {
  const runs: { from: number; to: number; frames: number }[] = [];
  let start = 0;
  for (const end of ends) {
    const last = runs.at(-1);
    if (last && end - last.from <= maxBytes) {
      last.to = end;
      last.frames++;
    } else runs.push({ from: start, to: end, frames: 1 });
    start = end;
  }
  return runs;
}
