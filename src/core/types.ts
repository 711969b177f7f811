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
  /** Nothing can be new before this time is over: ask again then, and not at the stream's own pace. */
  readonly againMs?: Millis;
  /** Of a read that was broken off, though more was promised: why. It goes on at the next turn. */
  readonly brokenOff?: string;
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
  /** Its marks only spare repeats: it may deliver where nobody keeps them. */
  readonly marksAreOptional?: boolean;
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
  /** Gets a record only when every other route that wants it has it. */
  readonly trails?: boolean;
  /** Where a route that is new to an existing state begins. */
  readonly start: 'now' | 'oldest';
}
