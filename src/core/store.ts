/** The nouns that live in one store and its transactions: the journal, and what is known beside it. */
import type { TenantNames } from './kinds.ts';
import type { Appended, Batch, Checkpoint, Gap, Json, Lane, Marks, Millis, Origin, Page, Place, Receipt, Span, Stream, Tenant } from './types.ts';

export interface ReadLimit {
  readonly records: number;
  readonly bytes: number;
}

/** Records and positions. */
export interface Journal {
  place(stream: string): Promise<Place>;
  /** One transaction: records, remembered keys and checkpoint. Throws `stale` if `from` is no longer current. */
  append(stream: Stream, page: Page, from: Place, fetchedAt: Millis): Promise<Appended>;
  /** The next records of a lane after `after` (default: its offset). An empty batch means caught up. At least one record, whatever its size. */
  read(lane: Lane, limit: ReadLimit, after?: number): Promise<Batch>;
  /** One transaction: offsets, marks, refusals, counts. Throws `stale` if an offset moved. */
  settle(spans: readonly Settled[], receipt: Receipt, at: Millis): Promise<void>;
  /** Keeps marks of places about to be written for the first time. */
  prepare(route: string, marks: Marks): Promise<void>;
  marks(route: string): Promise<Marks>;
  /** Removes what was fetched before then, never a record that a lane still needs. Resolves with the bytes freed. */
  trim(before: Millis): Promise<number>;
  close(): Promise<void>;
}

/** A span, and how many of its records the route's `where` kept from the sink. */
export interface Settled extends Span {
  readonly filtered: number;
}

/** A tenant as the journal knows it. */
export interface KnownTenant extends Tenant {
  readonly account: string;
  /** Why nothing is read from it at present, if so. */
  readonly asideReason: string | null;
  readonly asideUntil: Millis | null;
}

/** A lane and how far it has come. */
export interface LaneState extends Lane {
  readonly origin: Origin;
  readonly offset: number;
  /** Newest number of its stream. */
  readonly upTo: number;
  readonly backlogBytes: number;
  /** `time` of the oldest record that still waits. */
  readonly oldestWaiting: Millis | null;
  readonly retiredAt: Millis | null;
  readonly delivered: number;
  readonly filtered: number;
  readonly refused: number;
  readonly givenUp: number;
  /** Its first record came after this number. */
  readonly start: number;
  readonly openedAt: Millis;
}

/** A stream and how far it has been read. */
export interface StreamState extends Origin {
  readonly id: string;
  readonly upTo: number;
  readonly readUpTo: Millis | null;
  readonly newestTime: Millis | null;
  readonly askedAt: Millis | null;
  readonly nextAt: Millis | null;
  readonly failure: string | null;
  readonly read: number;
  readonly repeated: number;
  readonly odd: number;
}

/** Who there is: tenants, streams, lanes, and the health that `status` shows. */
export interface Directory {
  saveTenants(account: string, tenants: readonly Tenant[]): Promise<void>;
  setAside(tenant: string, reason: string | null, until: Millis | null): Promise<void>;
  tenants(): Promise<readonly KnownTenant[]>;
  /** Makes the lane if it is new; `now` begins after the stream's newest record, `oldest` at all that is kept. */
  openLane(lane: Lane, origin: Origin, start: 'now' | 'oldest'): Promise<void>;
  /** Many at once, in one transaction. */
  openLanes(lanes: readonly { readonly lane: Lane; readonly origin: Origin; readonly start: 'now' | 'oldest' }[]): Promise<void>;
  /** Lanes that are not of these routes and their stream kinds wait `journal.keep`, then are given up; those that are go on where they stand. */
  retireLanes(except: ReadonlyMap<string, ReadonlySet<string>>, at: Millis): Promise<void>;
  /** Gives up the backlog of lanes retired before then, each with a row in the ledger. */
  giveUpLanes(retiredBefore: Millis, at: Millis): Promise<readonly GivenUp[]>;
  /** Gives up the slowest route's oldest records, about so many bytes, each lane with a row in the ledger; the next slowest's when it has no more. */
  giveUpOldest(bytes: number, at: Millis): Promise<readonly GivenUp[]>;
  /** All lanes, or those of one route. */
  lanes(route?: string): Promise<readonly LaneState[]>;
  streams(): Promise<readonly StreamState[]>;
  /** Health of a stream's, or (with `sink:` before its name) a route's loop; `null` failure means well. */
  note(subject: string, health: Health): Promise<void>;
  healths(): Promise<ReadonlyMap<string, Health>>;
}

/** Records that will not be delivered to a route, though they were read. */
export interface GivenUp {
  readonly lane: Lane;
  readonly records: number;
}

export interface Health {
  readonly at: Millis;
  readonly failure: string | null;
  readonly nextAt: Millis | null;
}

export interface GapRow extends Gap {
  readonly id: number;
  readonly stream: string;
  readonly origin: Origin;
  readonly foundAt: Millis;
  /** `gap`: Central could not give it. `given-up`: it was read, and `route` will not have it. */
  readonly kind: 'gap' | 'given-up';
  /** Of what was given up. */
  readonly route: string | null;
  readonly records: number | null;
}

export interface CountRow extends Lane {
  /** Start of the hour in which the records were fetched, ms: so that what was read in an hour equals what became of it. */
  readonly hour: Millis;
  readonly read: number;
  readonly repeated: number;
  readonly filtered: number;
  readonly delivered: number;
  readonly refused: number;
  readonly givenUp: number;
  /** Read earlier in the hour in which the lane was opened, and not meant for it. */
  readonly skipped: number;
}

/** What could not be had, and what was counted. */
export interface Ledger {
  addGap(stream: string, gap: Gap, at: Millis): Promise<void>;
  gaps(): Promise<readonly GapRow[]>;
  /** Per stream (`route` is empty: read, repeated) and per lane (filtered, delivered, refused, givenUp, skipped), by hour. */
  counts(): Promise<readonly CountRow[]>;
}

export interface DeadLetter {
  readonly id: number;
  readonly lane: Lane;
  readonly origin: Origin;
  readonly seq: number;
  readonly key: string;
  readonly code: string;
  readonly reason: string;
  readonly at: Millis;
  readonly json: string;
  readonly fetchedAt: Millis;
  readonly time: Millis;
}

/** What a sink refused for good. */
export interface DeadLetters {
  list(filter: { readonly route?: string; readonly ids?: readonly number[]; readonly limit?: number }): Promise<readonly DeadLetter[]>;
  count(): Promise<number>;
  /** Puts them back before their route, as a lane of their own. Resolves with how many. */
  retry(ids: readonly number[], at: Millis): Promise<number>;
  drop(ids: readonly number[]): Promise<number>;
}

/** What another command asks of the owner, through the journal. */
export interface Wish {
  readonly id: number;
  readonly kind: 'reset' | 'dead-letter.retry' | 'dead-letter.drop';
  readonly body: Json;
}

/** Wishes that other processes leave, and their answers. */
export interface Wishes {
  leave(kind: Wish['kind'], body: Json, at: Millis): Promise<number>;
  open(): Promise<readonly Wish[]>;
  answer(id: number, answer: Json, at: Millis): Promise<void>;
  answered(id: number): Promise<Json | null>;
  /** Has another process written since the last call? Cheap enough to ask each second. */
  changed(): boolean;
}

/** A stream as another tool left it. */
export interface Adopted {
  /** `<tenant id>/<kind>`. */
  readonly id: string;
  readonly origin: Origin;
  /** Where reading goes on; `null`: as if never read. */
  readonly checkpoint: Checkpoint | null;
  readonly readUpTo: Millis | null;
  /** What it has delivered, as far as reads may bring it again: their keys are remembered. For streams with `repeats: 'recent'`. */
  readonly delivered: readonly { readonly key: string; readonly time: Millis }[];
}

/** Everything that lives in one store and its transactions. */
export interface Store {
  readonly journal: Journal;
  readonly directory: Directory;
  readonly ledger: Ledger;
  readonly deadLetters: DeadLetters;
  readonly wishes: Wishes;
  readonly names: TenantNames;
  /** Sets a stream's checkpoint (`null`: as if never read) and forgets the keys of records from `since` on. Resolves with how many kept records that forgets. */
  reset(stream: string, checkpoint: Checkpoint | null, since: Millis): Promise<number>;
  /** Takes over streams that another tool has read so far, all or none. Throws config `journal.already-read` when one has been read here. */
  adopt(streams: readonly Adopted[]): Promise<void>;
  /** Remembers keys of what another has delivered, also where this store has read. Places stay. */
  remember(streams: readonly Pick<Adopted, 'id' | 'origin' | 'delivered'>[]): Promise<void>;
  /** What it holds now, in bytes. */
  bytes(): number;
  close(): Promise<void>;
}
