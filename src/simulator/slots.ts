/** Values in a template that each record fills in anew; every one keeps its width, so that filling in is overwriting. */
export const SLOT = {
  id: '00000000-0000-4000-8000-0000000000a1',
  /** The id with the two nibbles of every byte swapped. */
  javaId: '00000000-0000-4000-8000-0000000000a2',
  /** Base64 of the id's 16 raw bytes. */
  rawId: 'AAAAAAAAAAAAAAAAAAAAAA==',
  customer: '00000000-0000-4000-8000-0000000000a3',
  endpoint: '00000000-0000-4000-8000-0000000000a4',
  user: '0000000000000000000000a5',
  when: '1970-01-01T00:00:00.001Z',
  created: '1970-01-01T00:00:00.002Z',
  createdMs: 1_000_000_000_001,
  /** Four digits: which endpoint. */
  host: '~~~~',
} as const;

export type Slot = keyof typeof SLOT;

/** One place to fill in. */
export interface Hole {
  readonly slot: Slot;
  readonly at: number;
}

/** An item with holes, as bytes. */
export interface Template {
  readonly bytes: Buffer;
  readonly holes: readonly Hole[];
  readonly type: string;
}

/** Finds the holes of an item made of slots. */
export function templateOf(item: Readonly<Record<string, unknown>>): Template {
  const bytes = Buffer.from(JSON.stringify(item));
  const holes: Hole[] = [];
  for (const slot of Object.keys(SLOT) as Slot[]) {
    const text = String(SLOT[slot]);
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) holes.push({ slot, at });
  }
  return { bytes, holes, type: String(item.type) };
}
