import { quote } from '../json-text.ts';
import { isFields } from '../meaning/values.ts';

/** Bounds of what is copied under names that nobody has mapped; Elasticsearch takes at most 20 levels and 1,000 fields. */
const maxNodes = 1_000;
const maxLetters = 16_384;
const maxDepth = 14;

/** What may still be copied of one record. */
export interface Room {
  nodes: number;
  letters: number;
  /** Was anything left out? */
  left: boolean;
}

export function newRoom(): Room {
  return { nodes: maxNodes, letters: maxLetters, left: false };
}

/** How many names are remembered: Sophos has some hundreds. */
const maxRemembered = 2_000;

/** Copies values under snake_case names. What it remembers is how names are written. */
export class SnakeCopy {
  readonly #names = new Map<string, string>();

  /** `processPath` as `process_path`, beginning with a letter or digit: `_id` and `__proto__` mean other things. A dot would be taken for an object within, so it goes like every other odd character. */
  name(key: string): string {
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = snakeCase(key);
    if (this.#names.size < maxRemembered) this.#names.set(key, name);
    return name;
  }

  /**
   * A value as JSON text.
   *
   * Shape    members that are null or empty are left out, as the integration does; '' when nothing remains. Undefined when there is no room.
   */
  text(value: unknown, room: Room, depth: number): string | undefined {
    room.nodes--;
    if (typeof value === 'string') room.letters -= value.length;
    if (room.nodes < 0 || room.letters < 0 || depth > maxDepth) return undefined;
    if (value === null || value === '') return '';
    if (typeof value === 'string') return quote(value);
    if (typeof value !== 'object') return typeof value === 'number' && !Number.isFinite(value) ? undefined : JSON.stringify(value);
    if (Array.isArray(value)) return this.#list(value, room, depth);
    return isFields(value) ? this.#object(value, room, depth) : '';
  }

  #list(values: readonly unknown[], room: Room, depth: number): string | undefined {
    let text = '';
    for (const value of values) {
      const written = this.text(value, room, depth + 1);
      if (written === undefined) return undefined;
      if (written !== '') text += `,${written}`;
    }
    return text === '' ? '' : `[${text.slice(1)}]`;
  }

  #object(fields: Readonly<Record<string, unknown>>, room: Room, depth: number): string | undefined {
    let text = '';
    const taken: string[] = [];
    for (const key in fields) {
      room.letters -= key.length;
      const written = this.text(fields[key], room, depth + 1);
      if (written === undefined) return undefined;
      if (written !== '') text += `,"${this.free(key, taken)}":${written}`;
    }
    return text === '' ? '' : `{${text.slice(1)}}`;
  }

  /** A name that is not taken yet, and is from now on: an object in which a name stands twice is refused. */
  free(key: string, taken: string[], known?: ReadonlySet<string>): string {
    let name = this.name(key);
    while (taken.includes(name) || known?.has(name) === true) name += '_';
    taken.push(name);
    return name;
  }
}

/** Longer names are cut: Elasticsearch refuses fields with names without end. */
const longestName = 200;

function snakeCase(key: string): string {
  const name = key
    .slice(0, longestName)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/^_+/, '');
  return name === '' ? '_' : name;
}
