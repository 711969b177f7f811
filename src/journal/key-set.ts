/**
 * A set of keys as 16-byte digests, in one typed array: 1,000,000 keys need 32 MB, and the collector never looks inside.
 *
 * Open addressing with linear probing. Only the newest additions can be taken back, newest first: that leaves the table exactly as
 * it was, which a failed transaction needs. An empty slot is four zero words; the digest of four zeros is moved aside.
 */
import { createHash } from 'node:crypto';

const words = 4;
/** Bytes of one digest. */
export const digestBytes = words * 4;
const smallest = 16;

export interface KeySet {
  readonly size: number;
  /** Bytes that it holds. */
  readonly bytes: number;
  /** Makes room, so that so many additions move nothing. */
  reserve(more: number): void;
  /** Adds digest `i` of these; false when it is known. */
  add(digests: Uint32Array, i: number): boolean;
  /** Takes back the newest additions. */
  undo(count: number): void;
  /** Nothing is taken back any more. */
  settle(): void;
}

export function openKeySet(expected = 0): KeySet {
  let slots = slotsFor(expected);
  let table = new Uint32Array(slots * words);
  let size = 0;
  let recent: number[] = [];

  /** The slot of a digest, or the empty one where it belongs. */
  function find(a: number, b: number, c: number, d: number): number {
    const mask = slots - 1;
    // The digests are random but for a UUID's version bits; time-ordered UUIDs differ in their last words only.
    let slot = (Math.imul(a ^ (c << 7), 0x9e3779b1) ^ Math.imul(d ^ (b << 13), 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & mask;
    for (;;) {
      const at = slot * words;
      const first = table[at];
      if (first === a && table[at + 1] === b && table[at + 2] === c && table[at + 3] === d) return slot;
      if (first === 0 && table[at + 1] === 0 && table[at + 2] === 0 && table[at + 3] === 0) return slot;
      slot = (slot + 1) & mask;
    }
  }

  function isEmpty(slot: number): boolean {
    const at = slot * words;
    return table[at] === 0 && table[at + 1] === 0 && table[at + 2] === 0 && table[at + 3] === 0;
  }

  return {
    get size() {
      return size;
    },
    get bytes() {
      return table.byteLength;
    },
    reserve(more) {
      const need = slotsFor(size + more);
      if (need <= slots) return;
      if (recent.length > 0) throw new Error('the key set cannot grow before its newest keys are settled');
      const old = table;
      slots = need;
      table = new Uint32Array(slots * words);
      for (let at = 0; at < old.length; at += words) {
        const a = old[at] as number;
        const b = old[at + 1] as number;
        const c = old[at + 2] as number;
        const d = old[at + 3] as number;
        if ((a | b | c | d) === 0) continue;
        const to = find(a, b, c, d) * words;
        table[to] = a;
        table[to + 1] = b;
        table[to + 2] = c;
        table[to + 3] = d;
      }
    },
    add(digests, i) {
      const from = i * words;
      const a = digests[from] as number;
      const b = digests[from + 1] as number;
      const c = digests[from + 2] as number;
      let d = digests[from + 3] as number;
      if ((a | b | c | d) === 0) d = 1;
      const slot = find(a, b, c, d);
      if (!isEmpty(slot)) return false;
      const at = slot * words;
      table[at] = a;
      table[at + 1] = b;
      table[at + 2] = c;
      table[at + 3] = d;
      size++;
      recent.push(slot);
      return true;
    },
    undo(count) {
      for (let i = 0; i < count; i++) {
        const slot = recent.pop();
        if (slot === undefined) throw new Error('more keys taken back than were added');
        table.fill(0, slot * words, (slot + 1) * words);
        size--;
      }
    },
    settle() {
      recent = [];
    },
  };
}

/** At most 70 % full. */
function slotsFor(keys: number): number {
  let slots = smallest;
  while (slots * 0.7 < keys) slots *= 2;
  return slots;
}

/** The digests of keys, 16 bytes each: a UUID in its usual spelling as it is, anything else by SHA-256, cut. */
export function digestsOf(keys: readonly string[]): Uint32Array {
  const digests = new Uint32Array(keys.length * words);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (!uuidInto(key, digests, i * words)) hashInto(key, digests, i * words);
  }
  return digests;
}

/** Value of a lower-case hexadecimal digit by character code; 16 for everything else. */
const hexValues = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code));
  return value === -1 ? 16 : value;
});

// Where the 32 digits of xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx stand.
const hexPlaces = Uint8Array.from([...Array(36).keys()].filter((place) => ![8, 13, 18, 23].includes(place)));

/** Only the spelling with lower-case digits, so that two different keys never share a digest. */
function uuidInto(key: string, digests: Uint32Array, at: number): boolean {
  if (key.length !== 36 || key.charCodeAt(8) !== 45 || key.charCodeAt(13) !== 45 || key.charCodeAt(18) !== 45 || key.charCodeAt(23) !== 45) return false;
  let wrong = 0;
  for (let word = 0; word < words; word++) {
    let value = 0;
    for (let digit = 0; digit < 8; digit++) {
      const code = key.charCodeAt(hexPlaces[word * 8 + digit] as number);
      const hex = code < 128 ? (hexValues[code] as number) : 16;
      wrong |= hex;
      value = (value << 4) | (hex & 15);
    }
    digests[at + word] = value;
  }
  return (wrong & 16) === 0;
}

function hashInto(key: string, digests: Uint32Array, at: number): void {
  // UTF-16 and not UTF-8: halves of surrogate pairs must stay apart.
  const hash = createHash('sha256').update(key, 'utf16le').digest();
  for (let word = 0; word < words; word++) digests[at + word] = hash.readUInt32LE(word * 4);
}
