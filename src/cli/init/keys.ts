/**
 * What is typed, as the prompts are given it.
 *
 * A prompt reads what there is and throws away what stands behind the key that ends it, so each is given one answer at a time:
 * lines that were typed ahead, or pasted together, wait for their questions. Ctrl-D and a terminal that has gone count as Ctrl-C.
 */
import { Readable } from 'node:stream';

type Source = Readable & { readonly isTTY?: boolean; setRawMode?(mode: boolean): unknown };

const ctrlC = 0x03;
const ctrlD = 0x04;
const enter = 0x0d;

export class Keys extends Readable {
  readonly isTTY = true;
  readonly #source: Source;
  readonly #take = (chunk: Buffer | string): void => {
    let more = true;
    for (const answer of answersOf(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)) more = this.push(answer);
    if (!more) this.#source.pause();
  };
  readonly #gone = (): void => {
    this.push(Buffer.from([ctrlC]));
  };

  constructor(source: Source) {
    super();
    this.#source = source;
    source.on('data', this.#take).on('end', this.#gone).on('close', this.#gone).on('error', this.#gone);
    source.pause();
  }

  override _read(): void {
    this.#source.resume();
  }

  setRawMode(mode: boolean): this {
    this.#source.setRawMode?.(mode);
    return this;
  }

  /** Leaves the terminal as it was. */
  end(): void {
    this.#source.off('data', this.#take).off('end', this.#gone).off('close', this.#gone).off('error', this.#gone);
    this.#source.setRawMode?.(false);
    this.#source.pause();
  }
}

/** The bytes, cut behind each Enter. */
function answersOf(chunk: Buffer): readonly Buffer[] {
  const bytes = Buffer.from(chunk.map((byte) => (byte === ctrlD ? ctrlC : byte)));
  const answers: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(enter, start);
    const stop = end < 0 ? bytes.length : end + 1;
    answers.push(bytes.subarray(start, stop));
    start = stop;
  }
  return answers;
}
