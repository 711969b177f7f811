const CHUNK_BYTES = 1 << 22;
const FIRST_SLOTS = 1 << 12;

/**
 * Every stable id that was indexed, in order, and how many of them are distinct.
 *
 * Why      a million ids of eighty characters as strings in a set would cost several times their own size;
 *          here they lie side by side, and a table of numbers finds them again.
 */
export class RecordLog {
  #chunks: Buffer[] = [];
  /** Where each id begins; the last entry is where the next will. */
  #starts = new Float64Array(FIRST_SLOTS);
  #lengths = new Uint16Array(FIRST_SLOTS);
  #count = 0;
  #end = 0;
  /** Number of an id plus one, or 0. */
  #table = new Uint32Array(FIRST_SLOTS * 2);
  #distinct = 0;
  #without = 0;

  /** Events, also those without an id. */
  get count(): number {
    return this.#count;
  }

  get distinct(): number {
    return this.#distinct;
  }

  get repeated(): number {
    return this.#count - this.#without - this.#distinct;
  }

  /** `null`: an event that carries none. */
  add(id: string | null): void {
    if (this.#count === this.#starts.length) this.#grow();
    const bytes = id === null ? null : Buffer.from(id.slice(0, 20_000));
    const length = bytes?.length ?? 0;
    if ((this.#end % CHUNK_BYTES) + length > CHUNK_BYTES) this.#end = Math.ceil(this.#end / CHUNK_BYTES) * CHUNK_BYTES;
    const chunk = Math.floor(this.#end / CHUNK_BYTES);
    this.#chunks[chunk] ??= Buffer.allocUnsafeSlow(CHUNK_BYTES);
    if (bytes !== null) this.#chunks[chunk].set(bytes, this.#end % CHUNK_BYTES);
    this.#starts[this.#count] = this.#end;
    this.#lengths[this.#count] = bytes === null ? 0xffff : length;
    this.#end += length;
    if (bytes === null) this.#without++;
    else if (this.#enter(this.#count)) this.#distinct++;
    this.#count++;
  }

  /** The id of event `index`, as bytes. */
  at(index: number): Buffer | null {
    const length = this.#lengths[index] as number;
    if (length === 0xffff) return null;
    const start = this.#starts[index] as number;
    const from = start % CHUNK_BYTES;
    return (this.#chunks[Math.floor(start / CHUNK_BYTES)] as Buffer).subarray(from, from + length);
  }

  clear(): void {
    this.#chunks = [];
    this.#count = 0;
    this.#end = 0;
    this.#table = new Uint32Array(FIRST_SLOTS * 2);
    this.#distinct = 0;
    this.#without = 0;
  }

  /** Is it the first of its kind? Then it is in the table from now on. */
  #enter(index: number): boolean {
    const id = this.at(index) as Buffer;
    const mask = this.#table.length - 1;
    let slot = hash(id) & mask;
    for (;;) {
      const other = this.#table[slot] as number;
      if (other === 0) break;
      if (id.equals(this.at(other - 1) as Buffer)) return false;
      slot = (slot + 1) & mask;
    }
    this.#table[slot] = index + 1;
    return true;
  }

  #grow(): void {
    const size = this.#starts.length * 2;
    const starts = new Float64Array(size);
    starts.set(this.#starts);
    this.#starts = starts;
    const lengths = new Uint16Array(size);
    lengths.set(this.#lengths);
    this.#lengths = lengths;
    const held = this.#table.filter((entry) => entry !== 0);
    this.#table = new Uint32Array(size * 2);
    for (const entry of held) this.#enter(entry - 1);
  }
}

function hash(bytes: Uint8Array): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ (bytes[i] as number), 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}
