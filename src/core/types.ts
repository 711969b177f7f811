/**
 * The nouns of the house, as interfaces. Everything else is built from these; see docs/architecture.md for the picture.
 *
 * Data flows one way: stream -> page -> journal -> batch -> lines -> parcel -> sink. Each step keeps order within one stream.
 */

/** An instant (ms since 1970 UTC) or a duration in ms; the name of the value says which. */
export type Millis = number;

export type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json };

/** A stream's own bookmark: opaque to everybody but the stream. */
export type Checkpoint = Json;

/** A sink's own bookmark for one place that it writes to: opaque to everybody but the sink. */
export type Mark = Json;

/** One item of a stream, as Central gave it. */
export interface Item {
  /** What makes the item unique in its stream: usually Central's `id`. */
  readonly key: string;
  /** The instant that Central recorded it (`created_at`). */
  readonly time: Millis;
  /** The item's JSON text, on one line. */
  readonly json: string;
  /** What we know beyond the item itself: snapshot, change, backfill. */
  readonly meta?: Json | undefined;
}

/**
 * Items side by side in one buffer, so that a page crosses the house without one object, or one decoding, per item.
 *
 * Shape    text `i` is `bytes[i === 0 ? 0 : ends[i - 1] + 1 .. ends[i])`, UTF-8, followed by one LF at `ends[i]`.
 */
export interface Pack {
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
  readonly keys: readonly string[];
  readonly times: Float64Array;
  readonly metas?: readonly (Json | undefined)[];
}

/** A hole: Central could not give what was recorded between `since` and `until`. */
export interface Gap {
  readonly since: Millis | null;
  readonly until: Millis;
  readonly reason: string;
}

/** What one fetch returns: items in Central's order, and the checkpoint to continue from. */
export interface Page {
  readonly items: Pack;
  readonly next: Checkpoint;
  /** More waits right now: fetch again at once. */
  readonly more: boolean;
  readonly gap?: Gap;
  /** Everything that Central recorded up to here has been read (Central's time). */
  readonly readUpTo?: Millis;
  /** How many items came without a usable key or time and were given one. */
  readonly odd?: number;
}

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Origin {
  /** The stream kind's name, such as `events`. */
  readonly stream: string;
  readonly tenant: Tenant;
}

export interface Stream extends Origin {
  /** Stable for ever: `<tenant id>/<kind>`. */
  readonly id: string;
  /** Must the journal remember recent keys, because reads overlap? */
  readonly repeats: 'never' | 'recent';
  /** Keeps nothing. Asked again with the same `from`: the same items again, perhaps followed by newer ones. */
  fetch(from: Checkpoint | null, signal: AbortSignal): Promise<Page>;
}

/** One item as kept in the journal; `seq` counts 1, 2, 3 ... in its stream. */
export interface StreamRecord extends Item {
  readonly seq: number;
  readonly fetchedAt: Millis;
  /** The same text as `json`, undecoded. */
  readonly utf8: Uint8Array;
}

export interface Place {
  readonly at: Checkpoint | null;
  readonly version: number;
}

export interface Appended {
  readonly place: Place;
  readonly accepted: number;
  readonly repeated: number;
  /** What the journal holds now, in bytes. */
  readonly journalBytes: number;
}

/** One route for one stream. */
export interface Lane {
  readonly route: string;
  readonly stream: string;
}

/** Records `after < seq <= upTo` of a lane. */
export interface Span {
  readonly lane: Lane;
  readonly after: number;
  readonly upTo: number;
}

export interface Batch {
  readonly lane: Lane;
  readonly after: number;
  readonly records: readonly StreamRecord[];
}

/** A record that will never be accepted, named by number, never by position. */
export interface Refusal {
  readonly lane: Lane;
  readonly seq: number;
  readonly code: string;
  readonly reason: string;
}

/** Place -> mark; only the places touched. `null` ends the row of that place. */
export type Marks = ReadonlyMap<string, Mark>;

export interface Receipt {
  readonly refused: readonly Refusal[];
  readonly marks?: Marks;
}

/** How a record is written. Pure and synchronous; throws Failure `rejected` for a record that it cannot write. */
export interface Format {
  /** Appends the record to `out`, without a line end. */
  encode(record: StreamRecord, origin: Origin, out: LineWriter): void;
  /** Are its lines JSON objects? (HEC sends these as objects, and everything else as text.) */
  readonly json: boolean;
}

/** Where a format writes its bytes. */
export interface LineWriter {
  text(text: string): void;
  utf8(bytes: Uint8Array): void;
}

/** Written lines side by side: line `i` is `bytes[i === 0 ? 0 : ends[i - 1] + 1 .. ends[i])`, followed by one LF. */
export interface Lines {
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

/** A run of records of one lane within a parcel. */
export interface Section extends Span {
  readonly origin: Origin;
  readonly records: readonly StreamRecord[];
  /** `lines` are of `records`, one each, in order. */
  readonly lines: Lines;
  /** Are the lines JSON objects? From the route's format. */
  readonly json: boolean;
}

export interface Parcel {
  readonly sections: readonly Section[];
}

export interface SinkLimits {
  readonly records: number;
  /** Of all lines of one parcel. A single line above it still goes, alone. */
  readonly bytes: number;
}

export interface Sink {
  readonly limits: SinkLimits;
  /** Parcels under way at once, default 1. They are settled in order; after a failure all later ones are sent again. */
  readonly inFlight?: number;
  /** Confirms nothing (UDP, plain syslog): `status` says so. */
  readonly unconfirmed?: boolean;
  /** Would a delivery be taken? Sends none. Resolves with one sentence: what was asked and what came back. */
  check(signal: AbortSignal): Promise<string>;
  /** Once, first: undo what came after a mark, where the sink can. */
  resume(marks: Marks, signal: AbortSignal): Promise<void>;
  /** Places without a mark that this parcel will touch, as they are now; the engine keeps them before `deliver`. */
  prepare?(parcel: Parcel): Promise<Marks>;
  /** Resolves when the far end has the parcel. */
  deliver(parcel: Parcel, signal: AbortSignal): Promise<Receipt>;
  /** Safe to call twice. */
  close(): Promise<void>;
}

/** Which streams, which records, which format, which sink. */
export interface Route {
  readonly name: string;
  readonly sinkName: string;
  /** Stream kind names; `*` is already resolved. */
  readonly streams: ReadonlySet<string>;
  readonly format: Format;
  readonly sink: Sink;
  /** Records for which it is false are settled unsent. */
  readonly where?: (record: StreamRecord, origin: Origin) => boolean;
  /** At most one parcel in this time (digests). */
  readonly everyMs?: Millis;
  /** Where a route that is new to an existing state begins. */
  readonly start: 'now' | 'oldest';
}

// ---------------------------------------------------------------- the journal, and the nouns that live in the same store

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
  /** Lanes of routes that are not among these wait `journal.keep`, then are given up. */
  retireLanes(except: ReadonlySet<string>, at: Millis): Promise<void>;
  /** Gives up the backlog of lanes retired before then, each with a row in the ledger. */
  giveUpLanes(retiredBefore: Millis, at: Millis): Promise<readonly GivenUp[]>;
  /** Gives up the slowest route's oldest records until about so many bytes can be trimmed, each lane with a row in the ledger. */
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
  /** What it holds now, in bytes. */
  bytes(): number;
  close(): Promise<void>;
}

// ---------------------------------------------------------------- the world

export interface Clock {
  now(): Millis;
  /** Milliseconds that never jump, from an arbitrary start. */
  monotonic(): Millis;
  /** Rejects with the signal's reason as soon as it aborts. */
  sleep(ms: Millis, signal: AbortSignal): Promise<void>;
}

export interface Secret {
  reveal(): string;
  toString(): '[secret]';
  toJSON(): '[secret]';
}

export interface SecretProvider {
  readonly scheme: string;
  resolve(name: string, signal: AbortSignal): Promise<Secret>;
}

/** One thing that happened; the full union is in reports.ts. */
export interface Report {
  readonly name: string;
  readonly [field: string]: string | number | boolean | null | undefined;
}

/** How an HTTP request travels beyond its URL. */
export interface Via {
  /** PEM text to trust besides the system's. */
  readonly ca?: string;
  /** `http://[user:password@]host:port`; `null`: none, not even the environment's. */
  readonly proxy?: string | null;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** From sending to the last byte of the body. */
  readonly timeoutMs: Millis;
  readonly via?: Via;
  readonly signal?: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  /** Names in lower case; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whole and uncompressed. */
  readonly body: Buffer;
}

/**
 * One HTTP exchange, read to its end.
 *
 * Throws   Failure `transient` with code `http.timeout`, `http.reset`, `http.refused`, `http.dns`, `http.truncated`, `http.proxy`;
 *          `config` with code `http.tls` when the certificate is not trusted; the signal's reason on abort.
 *          Never for a status.
 */
export type Http = (request: HttpRequest) => Promise<HttpReply>;

/** Everything a test wants to hold still; the only injection there is. */
export interface World {
  readonly clock: Clock;
  readonly random: () => number;
  readonly http: Http;
  readonly report: (report: Report) => void;
}

export interface Schema<T> {
  parse(value: unknown): T;
}

export interface SinkKind<O> {
  readonly name: string;
  readonly summary: string;
  readonly options: Schema<O>;
  open(options: O, world: World, at: SinkPlace): Promise<Sink>;
}

/** Where a sink stands. */
export interface SinkPlace {
  /** The sink's name in the configuration. */
  readonly name: string;
  /** Relative paths start here: the configuration file's folder. */
  readonly folder: string;
  /** Names of tenants' folders and the like that must stay the same for ever are kept here by the engine. */
  readonly names: TenantNames;
}

/** A safe and unique name for each tenant, stable for ever (product: "Files"). */
export interface TenantNames {
  of(tenant: Tenant): string;
}

export interface FormatKind<O> {
  readonly name: string;
  readonly summary: string;
  readonly options: Schema<O>;
  open(options: O): Format;
}
