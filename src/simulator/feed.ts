import type { Position } from './cursor.ts';
import { endpointFamily } from './families.ts';
import { type Items, lagMs } from './items.ts';
import { mix32 } from './random.ts';
import type { Template } from './slots.ts';
import { ALERT_DELAY_MS, type Timeline } from './timeline.ts';

/** A record that control added. */
export interface Added {
  readonly createdAt: number;
  readonly visibleFrom: number;
  /** Order of insertion in its feed. */
  readonly index: number;
  readonly id: string | null;
  readonly type: string;
  readonly text: Buffer;
}

/** Whose feed it is. */
export interface FeedOwner {
  /** Number of the tenant, never used twice. */
  readonly number: number;
  readonly id: Buffer;
  readonly endpoints: number;
}

export interface PageQuery {
  readonly after: Position;
  readonly limit: number;
  /** Records created later than this are withheld. */
  readonly upTo: number;
  /** Generated records exist up to here. */
  readonly generatedUpTo: number;
  readonly excluded: ReadonlySet<string>;
  /** So many earlier records again, in front. */
  readonly repeat: number;
}

/** References to records: a generated one is its number, an added one is `-1 - place`. */
export interface PageRefs {
  readonly refs: number[];
  readonly more: boolean;
  readonly next: Position;
}

export type FeedName = 'events' | 'siem-alerts';

/** The number of the event that alert `index` is about. */
export type AlertLink = (index: number) => number;

/** When a feed's generated records come, and which of them belong to those of the other feed. */
export interface FeedPlan {
  readonly timeline: Timeline;
  /** Does an event raise an alert? */
  readonly raises: (index: number) => boolean;
  /** `null`: ids of its own. */
  readonly link: AlertLink | null;
}

/**
 * The records of one stream of one tenant: a generated sequence, of which nothing is stored, and what control added.
 *
 * Order    by created_at, then generated before added, then number. An added record that is late sorts where its
 *          created_at says, behind readers that have passed there.
 */
export class Feed {
  readonly name: FeedName;
  readonly #owner: FeedOwner;
  readonly #items: Items;
  readonly #timeline: Timeline;
  readonly #salt: number;
  readonly #idFamily: number;
  readonly #addedFamily: number;
  readonly #raises: (index: number) => boolean;
  readonly #link: AlertLink | null;
  readonly added: Added[] = [];
  #insertions = 0;

  constructor(name: FeedName, owner: FeedOwner, items: Items, seed: number, plan: FeedPlan) {
    this.name = name;
    this.#owner = owner;
    this.#items = items;
    this.#timeline = plan.timeline;
    this.#raises = plan.raises;
    this.#link = plan.link;
    const kind = name === 'events' || plan.link !== null ? 0 : 1;
    this.#salt = mix32(seed ^ mix32(owner.number * 4 + kind));
    const family = mix32(seed ^ 0xfa31) ^ (owner.number * 8);
    this.#idFamily = family ^ kind;
    this.#addedFamily = family ^ (name === 'events' ? 2 : 3);
  }
  /** How many generated records there are up to an instant. */
  countAt(instant: number): number {
    return this.#timeline.countAt(instant);
  }

  createdAt(index: number): number {
    return this.#timeline.createdAt(index);
  }

  add(record: Omit<Added, 'index'>): void {
    const added = { ...record, index: this.#insertions++ };
    let place = this.added.length;
    while (place > 0 && (this.added[place - 1] as Added).createdAt > added.createdAt) place--;
    this.added.splice(place, 0, added);
  }

  /** An item made now, as one of the generated ones would look. */
  make(createdAt: number): { readonly id: string; readonly type: string; readonly text: Buffer } {
    const number = this.#insertions;
    const hash = mix32(number ^ this.#salt ^ 0xadd);
    const template = this.name === 'events' ? this.#items.event(hash) : this.#items.alert(hash);
    const text = Buffer.allocUnsafe(template.bytes.length);
    this.#items.write(text, 0, template, this.#filling(this.#addedFamily, number, hash, createdAt));
    const id = Buffer.allocUnsafe(36);
    this.#items.writeId(id, 0, this.#addedFamily, number);
    return { id: id.toString('latin1'), type: template.type, text };
  }

  page(query: PageQuery): PageRefs {
    const end = this.countAt(Math.min(query.upTo, query.generatedUpTo));
    let base = this.#baseAfter(query.after);
    let extra = this.#addedAfter(query.after);
    const refs: number[] = query.repeat > 0 ? this.#before(base, extra, Math.min(query.repeat, query.limit - 1)) : [];
    let last = query.after;
    for (;;) {
      const added = this.added[extra];
      const hasAdded = added !== undefined && added.createdAt <= query.upTo;
      if (base >= end && !hasAdded) return { refs, more: false, next: last };
      const takeBase = base < end && (!hasAdded || this.createdAt(base) <= added.createdAt);
      const type = takeBase ? this.#template(base).type : (added as Added).type;
      const wanted = !query.excluded.has(type);
      if (wanted && refs.length >= query.limit) return { refs, more: true, next: last };
      if (takeBase) {
        if (wanted) refs.push(base);
        last = { at: this.createdAt(base), lane: 0, index: base };
        base++;
      } else {
        if (wanted) refs.push(-1 - extra);
        last = { at: (added as Added).createdAt, lane: 1, index: (added as Added).index };
        extra++;
      }
    }
  }

  /** Records just before a place, in order. */
  #before(base: number, extra: number, count: number): number[] {
    const refs: number[] = [];
    let b = base - 1;
    let e = extra - 1;
    while (refs.length < count && (b >= 0 || e >= 0)) {
      const added = this.added[e];
      if (added !== undefined && (b < 0 || added.createdAt >= this.createdAt(b))) refs.push(-1 - e--);
      else refs.push(b--);
    }
    return refs.reverse();
  }

  #baseAfter(position: Position): number {
    if (position.lane === undefined) return this.countAt(position.at - 1);
    if (position.lane === 1) return this.countAt(position.at);
    const index = position.index ?? 0;
    // A cursor of another feed or another start still says an instant.
    return index < this.countAt(position.at) && this.createdAt(index) === position.at ? index + 1 : this.countAt(position.at - 1);
  }

  #addedAfter(position: Position): number {
    const passed = (record: Added) =>
      record.createdAt < position.at || (record.createdAt === position.at && position.lane === 1 && record.index <= (position.index ?? 0));
    let low = 0;
    let high = this.added.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (passed(this.added[middle] as Added)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #hash(index: number): number {
    return mix32(this.#source(index) ^ this.#salt);
  }

  /** The number that a record's chances and id come from: an alert's are those of its event. */
  #source(index: number): number {
    return this.#link === null ? index : this.#link(index);
  }

  #template(index: number): Template {
    const hash = this.#hash(index);
    if (this.name === 'siem-alerts') return this.#items.alert(hash);
    return this.#raises(index) ? this.#items.raising(hash) : this.#items.event(hash);
  }

  #filling(idFamily: number, idIndex: number, hash: number, createdAt: number) {
    return {
      idFamily,
      idIndex,
      customer: this.#owner.id,
      endpointFamily: endpointFamily(this.#owner.number),
      endpoint: mix32(hash ^ 0x77) % this.#owner.endpoints,
      whenAt: createdAt - lagMs(hash) - (this.#link === null ? 0 : ALERT_DELAY_MS),
      createdAt,
    };
  }

  /** Bytes of a referenced item. */
  sizeOf(ref: number): number {
    return ref >= 0 ? this.#template(ref).bytes.length : (this.added[-1 - ref] as Added).text.length;
  }

  /** Writes a referenced item; returns where it ends. */
  write(out: Buffer, at: number, ref: number): number {
    if (ref < 0) {
      const { text } = this.added[-1 - ref] as Added;
      out.set(text, at);
      return at + text.length;
    }
    return this.#items.write(out, at, this.#template(ref), this.#filling(this.#idFamily, this.#source(ref), this.#hash(ref), this.createdAt(ref)));
  }

  /** Writes the 36 characters of a generated record's id. */
  writeId(out: Buffer, at: number, index: number): void {
    this.#items.writeId(out, at, this.#idFamily, this.#source(index));
  }
}
