import type { Item, Json, Lines, LineWriter, Pack, StreamRecord } from './types.ts';

const LF = 0x0a;

/** A pack with nothing in it. */
export const emptyPack: Pack = { count: 0, bytes: new Uint8Array(0), ends: new Uint32Array(0), keys: [], times: new Float64Array(0) };

/** Packs items side by side. For streams that have objects in hand; the SIEM streams cut their packs straight from the page's bytes. */
export function packItems(items: readonly Item[]): Pack {
  if (items.length === 0) return emptyPack;
  const writer = new LineBuffer(items.length * 256);
  const keys: string[] = [];
  const times = new Float64Array(items.length);
  const metas: (Json | undefined)[] = [];
  let hasMeta = false;
  items.forEach((item, i) => {
    writer.text(item.json);
    writer.endLine();
    keys.push(item.key);
    times[i] = item.time;
    metas.push(item.meta);
    hasMeta ||= item.meta !== undefined;
  });
  const { bytes, ends } = writer.lines();
  return { count: items.length, bytes, ends, keys, times, ...(hasMeta ? { metas } : {}) };
}

/** The bytes of text `i` of a pack (or line `i` of lines), without its LF. Shares memory. */
export function textOf(pack: { readonly bytes: Uint8Array; readonly ends: Uint32Array }, i: number): Uint8Array {
  return pack.bytes.subarray(i === 0 ? 0 : (pack.ends[i - 1] as number) + 1, pack.ends[i]);
}

/** Keeps of a pack only the items for which `keep` is not 0. */
export function selectFromPack(pack: Pack, keep: Uint8Array): Pack {
  let count = 0;
  let size = 0;
  for (let i = 0; i < pack.count; i++) {
    if (keep[i] === 0) continue;
    count++;
    size += (pack.ends[i] as number) - (i === 0 ? -1 : (pack.ends[i - 1] as number));
  }
  if (count === pack.count) return pack;
  if (count === 0) return emptyPack;
  const bytes = new Uint8Array(size);
  const ends = new Uint32Array(count);
  const keys: string[] = [];
  const times = new Float64Array(count);
  const metas: (Json | undefined)[] | undefined = pack.metas ? [] : undefined;
  let at = 0;
  for (let i = 0; i < pack.count; i++) {
    if (keep[i] === 0) continue;
    const text = textOf(pack, i);
    bytes.set(text, at);
    at += text.length;
    bytes[at] = LF;
    ends[keys.length] = at++;
    times[keys.length] = pack.times[i] as number;
    metas?.push(pack.metas?.[i]);
    keys.push(pack.keys[i] as string);
  }
  return { count, bytes, ends, keys, times, ...(metas ? { metas } : {}) };
}

/** Records `from` (inclusive) to `to` (exclusive) of a pack; the text is decoded only where somebody looks. */
export function recordsOf(pack: Pack, firstSeq: number, fetchedAt: number, from = 0, to = pack.count): StreamRecord[] {
  const records: StreamRecord[] = new Array(Math.max(0, to - from));
  for (let i = from; i < to; i++) records[i - from] = new PackedRecord(pack, i, firstSeq + i, fetchedAt);
  return records;
}

class PackedRecord implements StreamRecord {
  readonly #pack: Pack;
  readonly #index: number;
  readonly seq: number;
  readonly fetchedAt: number;
  constructor(pack: Pack, index: number, seq: number, fetchedAt: number) {
    this.#pack = pack;
    this.#index = index;
    this.seq = seq;
    this.fetchedAt = fetchedAt;
  }
  get key(): string {
    return this.#pack.keys[this.#index] as string;
  }
  get time(): number {
    return this.#pack.times[this.#index] as number;
  }
  get utf8(): Uint8Array {
    return textOf(this.#pack, this.#index);
  }
  get json(): string {
    const { buffer, byteOffset, byteLength } = this.utf8;
    return Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
  }
  get meta(): Json | undefined {
    return this.#pack.metas?.[this.#index];
  }
}

/** A growing buffer of lines: what formats write into. */
export class LineBuffer implements LineWriter {
  #bytes: Buffer;
  #ends: Uint32Array;
  #length = 0;
  #count = 0;

  constructor(sizeHint = 65_536) {
    this.#bytes = Buffer.allocUnsafe(Math.max(64, sizeHint));
    this.#ends = new Uint32Array(256);
  }

  /** Bytes so far, an unfinished line included. */
  get length(): number {
    return this.#length;
  }

  text(text: string): void {
    // A UTF-16 unit never needs more than three bytes of UTF-8.
    this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length);
  }

  utf8(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  endLine(): void {
    this.#reserve(1);
    if (this.#count === this.#ends.length) {
      const wider = new Uint32Array(this.#ends.length * 2);
      wider.set(this.#ends);
      this.#ends = wider;
    }
    this.#ends[this.#count++] = this.#length;
    this.#bytes[this.#length++] = LF;
  }

  /** Forgets an unfinished line. */
  dropLine(): void {
    this.#length = this.#count === 0 ? 0 : (this.#ends[this.#count - 1] as number) + 1;
  }

  /** The finished lines. Shares memory with this buffer, which must not be written to afterwards. */
  lines(): Lines {
    return { count: this.#count, bytes: this.#bytes.subarray(0, this.#length), ends: this.#ends.subarray(0, this.#count) };
  }

  #reserve(more: number): void {
    const need = this.#length + more;
    if (need <= this.#bytes.length) return;
    const wider = Buffer.allocUnsafe(Math.max(need, this.#bytes.length * 2));
    this.#bytes.copy(wider, 0, 0, this.#length);
    this.#bytes = wider;
  }
}

/** Lines `from` (inclusive) to `to` (exclusive). The bytes share memory. */
export function sliceLines(lines: Lines, from: number, to: number): Lines {
  if (from === 0 && to === lines.count) return lines;
  const start = from === 0 ? 0 : (lines.ends[from - 1] as number) + 1;
  const end = to === 0 ? 0 : (lines.ends[to - 1] as number) + 1;
  const ends = lines.ends.slice(from, to);
  for (let i = 0; i < ends.length; i++) ends[i] = (ends[i] as number) - start;
  return { count: to - from, bytes: lines.bytes.subarray(start, Math.max(start, end)), ends };
}
