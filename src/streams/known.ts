import type { Json } from '../core/types.ts';
import { isFields } from './fields.ts';

/** What is remembered of an item between two snapshots. */
export interface KnownItem {
  readonly fingerprint: string;
  /** What a person calls it: told when it is gone. */
  readonly name: string;
}

/**
 * What the last snapshot held, while the next one is read: an item moves from `before` to `after` when it is seen. What is left in
 * `before` at the end is gone.
 */
export interface Known {
  readonly before: Map<string, KnownItem>;
  readonly after: Map<string, KnownItem>;
}

export function nothingKnown(): Known {
  return { before: new Map(), after: new Map() };
}

/** Both at once, as the beginning of the next. */
export function forNext({ before, after }: Known): Known {
  return { before: new Map([...before, ...after]), after: new Map() };
}

/** Shape  `{ before, after }`, each a flat list of id, fingerprint, name: ids may be anything, and a list keeps its order. */
export function writeKnown({ before, after }: Known): Json {
  return { before: flat(before), after: flat(after) };
}

export function readKnown(value: unknown): Known | null {
  return isFields(value) ? { before: mapOf(value.before), after: mapOf(value.after) } : null;
}

function flat(items: ReadonlyMap<string, KnownItem>): readonly string[] {
  const texts: string[] = [];
  for (const [id, { fingerprint, name }] of items) texts.push(id, fingerprint, name);
  return texts;
}

function mapOf(texts: unknown): Map<string, KnownItem> {
  const items = new Map<string, KnownItem>();
  if (!Array.isArray(texts)) return items;
  for (let i = 0; i + 2 < texts.length; i += 3) items.set(String(texts[i]), { fingerprint: String(texts[i + 1]), name: String(texts[i + 2]) });
  return items;
}
