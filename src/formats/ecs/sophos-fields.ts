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
   * The members of `sophos_central.<kind>` as text, with commas between them.
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
    let taken: string[] | undefined;
    for (const key in fields) {
      const value = fields[key];
      if (value === null || value === '') continue;
      const place = table.places.get(key);
      if (place === undefined) {
        taken ??= [];
        const member = this.#unknown(key, value, table, taken, room, depth);
        if (member !== '') text = joined(text, member);
        continue;
      }
      if (this.#isSaid(place, value)) continue;
      const written = this.#known(place, value, room, depth);
      if (written === undefined) room.left = true;
      if (written === undefined || written === '') continue;
      const member = `"${place.name}":${written}`;
      if (place.group === undefined) text = joined(text, member);
      else {
        groups ??= new Map();
        groups.set(place.group, joined(groups.get(place.group) ?? '', member));
      }
    }
    if (groups !== undefined) for (const [group, members] of groups) text = joined(text, `"${group}":{${members}}`);
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
    if (Array.isArray(value)) return this.#list(value, within, room, depth);
    if (isFields(value)) {
      const members = this.#members(value, within, room, depth + 1);
      return members === '' ? '' : `{${members}}`;
    }
    const written = sorts.keyword.write(value, true);
    return written === undefined || written === '' ? written : `{"value":${written}}`;
  }

  #list(values: readonly unknown[], within: Table, room: Room, depth: number): string {
    let text = '';
    for (const value of values) {
      if (!isFields(value) || --room.nodes < 0) {
        room.left = true;
        continue;
      }
      const members = this.#members(value, within, room, depth + 1);
      if (members !== '') text = joined(text, `{${members}}`);
    }
    return text === '' ? '' : `[${text}]`;
  }

  #unknown(key: string, value: unknown, table: Table, taken: string[], room: Room, depth: number): string {
    room.letters -= key.length;
    const written = this.#bounded(value, room, depth);
    if (written === undefined) room.left = true;
    return written === undefined || written === '' ? '' : `"${this.#copy.free(key, taken, table.names)}":${written}`;
  }

  /** What does not fit takes no room either. */
  #bounded(value: unknown, room: Room, depth: number): string | undefined {
    const { nodes, letters } = room;
    const written = this.#copy.text(value, room, depth);
    if (written === undefined) Object.assign(room, { nodes, letters });
    return written;
  }
}

/** What is cut off later is copied: so the comma is only written where something stands before it. */
function joined(text: string, member: string): string {
  return text === '' ? member : `${text},${member}`;
}

const noTable: Table = { places: new Map(), names: new Set() };

function tableOf(places: Places): Table {
  const entries = Object.entries(places).map(([member, place]): [string, Place] => [member, typeof place === 'string' ? simple(place) : nested(...place)]);
  return { places: new Map(entries), names: new Set(entries.map(([, { group, name }]) => group ?? name)) };
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
