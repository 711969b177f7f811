/** Numbers and ids that depend on nothing but the seed. */

/** Mixes 32 bits; a bijection, so distinct inputs never meet. */
export function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** A stream of numbers in [0, 1) from a seed. */
export function randomFrom(seed: number): () => number {
  let state = mix32(seed ^ 0x5eed);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mix32(state) / 0x1_0000_0000;
  };
}

/** One of a list. */
export function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T;
}

const HEX = Buffer.from('0123456789abcdef', 'latin1');
const DASH = 0x2d;

/** Writes the last `digits` hex digits of a number. */
export function writeHex(out: Uint8Array, at: number, value: number, digits: number): void {
  for (let i = digits - 1, v = value; i >= 0; i--, v >>>= 4) out[at + i] = HEX[v & 15] as number;
}

/** Writes the 36 characters of a UUID (version 4) made of four words; the first and the last word survive whole. */
function writeUuid(out: Uint8Array, at: number, w0: number, w1: number, w2: number, w3: number): void {
  const versioned = (w1 & 0xffff0fff) | 0x4000;
  const varied = (w2 & 0x3fffffff) | 0x80000000;
  writeHex(out, at, w0, 8);
  out[at + 8] = DASH;
  writeHex(out, at + 9, versioned >>> 16, 4);
  out[at + 13] = DASH;
  writeHex(out, at + 14, versioned & 0xffff, 4);
  out[at + 18] = DASH;
  writeHex(out, at + 19, varied >>> 16, 4);
  out[at + 23] = DASH;
  writeHex(out, at + 24, varied & 0xffff, 4);
  writeHex(out, at + 28, w3, 8);
}

/**
 * Writes the UUID of one thing among its family: the same for the same two numbers, and never that of another pair,
 * because the first word tells things apart and the last one families.
 */
export function writeIdOf(out: Uint8Array, at: number, family: number, index: number): void {
  const last = mix32(family ^ 0x1d0f);
  const first = mix32(index ^ last);
  writeUuid(out, at, first, mix32(first + 0x51ed27), mix32(first ^ (last + 0x2545f491)), last);
}

/** The same as text. */
export function idOf(family: number, index: number): string {
  const out = Buffer.alloc(36);
  writeIdOf(out, 0, family, index);
  return out.toString('latin1');
}

/** Lower-case hex digits from a source of randomness. */
export function hexText(digits: number, random: () => number): string {
  let text = '';
  while (text.length < digits) text += Math.floor(random() * 16).toString(16);
  return text;
}
