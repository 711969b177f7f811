import { type Fields, isFields } from '../meaning/values.ts';
import { newRoom, type Room, SnakeCopy } from './snake.ts';
import { type Places, placesOf } from './sophos-tables.ts';
import { type Sort, sorts } from './sorts.ts';

/** One member's place, ready for use. */
interface Place {
  readonly group: string | undefined;
  readonly name: string;
  readonly sort: Sort;
  readonly isDuplicate: boolean;
  readonly within: Table | undefined;
}

interface Table {
  readonly places: ReadonlyMap<string, Place>;
  /** The names that are spoken for at this level. */
  readonly names: ReadonlySet<string>;
}

/** Sophos' own fields below `sophos_central`, under the integration's names where it has one. */
export class SophosFields {
  readonly #copy = new SnakeCopy();
  readonly #tables: ReadonlyMap<string, Table>;
  readonly #keepDuplicates: boolean;

  constructor(keepDuplicates: boolean) {
    this.#keepDuplicates = keepDuplicates;
    this.#tables = new Map(Object.entries(placesOf).map(([kind, places]) => [kind, tableOf(places)]));
  }

  /**
   * The members of `sophos_central.<kind>` as text, each with its comma before it.
   *
   * Shape    `left` says that something could not be written: a value of another kind than the mapping's, or beyond the bounds.
   */
  of(item: Fields, kind: string): { readonly text: string; readonly left: boolean } {
    const room = newRoom();
    const text = this.#members(item, this.#tables.get(kind) ?? noTable, room, 0);
    return { text, left: room.left };
  }

  #members(fields: Fields, table: Table, room: Room, depth: number): string {
    let text = '';
    let groups: Map<string, string> | undefined;
    let taken: Set<string> | undefined;
    for (const key in fields) {
      const value = fields[key];
      if (value === null || value === '') continue;
      const place = table.places.get(key);
      if (place === undefined) {
        taken ??= new Set();
        text += this.#unknown(key, value, table, taken, room, depth);
        continue;
      }
      if (this.#isSaid(place, value)) continue;
      const written = this.#known(place, value, room, depth);
      if (written === undefined) room.left = true;
      if (written === undefined || written === '') continue;
      const member = `,"${place.name}":${written}`;
      if (place.group === undefined) text += member;
      else {
        groups ??= new Map();
        groups.set(place.group, (groups.get(place.group) ?? '') + member);
      }
    }
    if (groups !== undefined) for (const [group, members] of groups) text += `,"${group}":{${members.slice(1)}}`;
    return text;
  }

  #isSaid({ isDuplicate, sort }: Place, value: unknown): boolean {
    return isDuplicate && !this.#keepDuplicates && sort !== 'objects' && sorts[sort].isTaken(value);
  }

  #known({ within, sort }: Place, value: unknown, room: Room, depth: number): string | undefined {
    if (within !== undefined) return this.#object(value, within, room, depth);
    if (sort !== 'objects') return sorts[sort].write(value, this.#keepDuplicates);
    const list = Array.isArray(value) ? value : [value];
    const objects = list.filter(isFields);
    if (objects.length < list.length) room.left = true;
    return this.#bounded(objects, room, depth);
  }

  /** Where an object is mapped, what is none (an identifier that Central wrote as one text in older days) stands in it as `value`. */
  #object(value: unknown, within: Table, room: Room, depth: number): string | undefined {
    if (isFields(value)) {
      const members = this.#members(value, within, room, depth + 1);
      return members === '' ? '' : `{${members.slice(1)}}`;
    }
    const written = sorts.keyword.write(value, true);
    return written === undefined || written === '' ? written : `{"value":${written}}`;
  }

  #unknown(key: string, value: unknown, table: Table, taken: Set<string>, room: Room, depth: number): string {
    room.letters -= key.length;
    const written = this.#bounded(value, room, depth);
    if (written === undefined) room.left = true;
    return written === undefined || written === '' ? '' : `,"${this.#copy.free(key, taken, table.names)}":${written}`;
  }

  /** What does not fit takes no room either. */
  #bounded(value: unknown, room: Room, depth: number): string | undefined {
    const { nodes, letters } = room;
    const written = this.#copy.text(value, room, depth);
    if (written === undefined) Object.assign(room, { nodes, letters });
    return written;
  }
}

const noTable: Table = { places: new Map(), names: new Set() };

function tableOf(places: Places): Table {
  const entries = Object.entries(places).map(([member, place]): [string, Place] => [member, typeof place === 'string' ? simple(place) : nested(...place)]);
  return { places: new Map(entries), names: new Set([...entries.map(([, { group, name }]) => group ?? name), 'value']) };
}

function simple(place: string): Place {
  const [target = '', sort = '', mark] = place.split(' ');
  const dot = target.indexOf('.');
  return {
    group: dot < 0 ? undefined : target.slice(0, dot),
    name: target.slice(dot + 1),
    sort: isSort(sort) ? sort : 'keyword',
    isDuplicate: mark === '=',
    within: undefined,
  };
}

function nested(name: string, within: Places): Place {
  return { group: undefined, name, sort: 'objects', isDuplicate: false, within: tableOf(within) };
}

function isSort(word: string): word is Sort {
  return word === 'objects' || word in sorts;
}
