/**
 * The whole current state of something, page by page, and at most once in a given time.
 *
 *      due                                                          last page
 *     -----> page ------> page ------> page ... ------------------> + end ------> at rest until it is due again
 *            |            |  \
 *            |            |   \__ its pages run in a circle, or its position is refused, or it is older than 10 min:
 *            |            |       it begins anew under the same id, and the journal drops what it has
 *            |            \__ it is older than a day: it begins anew as another
 *            \__ Central's time at this request names the snapshot
 *
 * Every record's key is `<snapshot id>/<item id>`, its time is the snapshot's, and `snapshot` says which it was. The end is a record too,
 * `<snapshot id>#end`, with the number of items: who has it has the whole. (A slash would do as well, were there no item with the id `end`.)
 *
 * With `changes`, only what was added, changed or removed since the last snapshot is told, and nothing else: no end either. What the
 * last one held then stands in the checkpoint (known.ts). The first tells everything as added. What is gone is told after the last page, for
 * only then it is certain.
 *
 * A list that is numbered by pages can show an item twice, or hide one, when the estate changes while it is read: the journal drops the
 * first, the next snapshot brings the second. With `changes`, what such a list has not shown is looked for once more before it is told as removed.
 */
import type { SophosCentral } from '../clients/central/client.ts';
import { CentralError } from '../core/failure.ts';
import { emptyPack, packItems, selectFromPack, textOf } from '../core/pack.ts';
import type { Checkpoint, Item, Json, Millis, Pack, Page, Stream } from '../core/types.ts';
import type { World } from '../core/world.ts';
import { isFields } from './fields.ts';
import { fingerprint } from './fingerprint.ts';
import type { StreamTenant } from './kind.ts';
import { forNext, type Known, nothingKnown } from './known.ts';
import { joinPacks } from './packs.ts';
import { noSnapshot, readSnapshotPlace, type Snapshot, type SnapshotPlace, writeSnapshotPlace } from './snapshot-place.ts';
import { emptiness, noSteps, stepOn } from './steps.ts';

/** One page of a source. */
export interface SourcePage {
  readonly items: Pack;
  readonly odd: number;
  /** Central's time when it was asked for. */
  readonly askedAt: Millis;
  /** Where to go on; `null` after the last page. */
  readonly next: Json;
  /** What names that place, where a circle can be told by it. */
  readonly nextName?: string | null;
  /** To be had again with every later page of this snapshot, also when it begins anew. */
  readonly carried?: Json;
  /** What is known of item `i` beyond itself; one object for like items. */
  readonly extra?: (i: number) => { readonly [field: string]: Json } | undefined;
  /** It ended before its end: why. */
  readonly brokenOff?: string;
}

/** Where a snapshot's items come from. Asked again at the same place, it gives the same again, as far as Central does. */
export interface Source {
  page(position: Json, carried: Json, signal: AbortSignal): Promise<SourcePage>;
}

export interface SnapshotOptions {
  /** Tell only what changed. */
  readonly changes: boolean;
  /** Members whose change is none. */
  readonly ignore: ReadonlySet<string>;
  /** The member that a person calls it by. */
  readonly nameMember: string;
  /** It shows a window of time, and what leaves that is not removed. */
  readonly isWindow: boolean;
  /** At most one in this time; 0: whenever it is asked for. */
  readonly everyMs: Millis;
}

/** A position that is older may be known to nobody any more. */
const freshMs: Millis = 600_000;
/** A snapshot that takes longer is none. */
const longestMs: Millis = 86_400_000;
/** So often in a row it begins anew at once; then it waits. */
const restarts = 3;
const waitMs: Millis = 3_600_000;
/** Part of `everyMs` that may be missing: who reads once a day by the clock is never late by a second. */
const slack = 0.05;

/** A snapshot stream of one tenant. */
export function openSnapshotStream(kind: string, source: Source, options: SnapshotOptions, tenant: StreamTenant, client: SophosCentral, world: World): Stream {
  const id = `${tenant.id}/${kind}`;
  const { id: tenantId, name, labels } = tenant;
  return {
    id,
    stream: kind,
    tenant: { id: tenantId, name, labels },
    repeats: 'recent',
    async fetch(from, signal) {
      const place = readSnapshotPlace(from);
      const restMs = restOf(place, client.now(), options.everyMs);
      if (restMs > 0) return { items: emptyPack, next: from, more: false, againMs: restMs };
      let start = startOf(place, client.now());
      let page: SourcePage;
      try {
        page = await source.page(start.position, start.carried, signal);
      } catch (error) {
        if (start.position === null || !isRefused(error)) throw error;
        world.report({ name: 'stream.cursor-refused', stream: id, tenant: name, reason: error.message });
        start = anew(start);
        // Refused over and over: the next turn is soon enough.
        if (start.restarts > restarts) return brokenOff(start, error.message, options);
        page = await source.page(null, start.carried, signal);
      }
      return advance(start, page, options);
    },
  };
}

/** The checkpoint that begins a snapshot now, whatever was read before; `carried` is for its source. */
export function restartSnapshot(carried: Json = null): Checkpoint {
  return writeSnapshotPlace({ ...noSnapshot, carried });
}

/** How long nothing can be new. A last snapshot that lies ahead of the clock says that the clock is wrong, and keeps nobody waiting. */
function restOf({ snapshot, done }: SnapshotPlace, now: Millis, everyMs: Millis): Millis {
  if (snapshot || !done || everyMs <= 0) return 0;
  const elapsed = now - done.at;
  return elapsed < -60_000 || elapsed >= everyMs * (1 - slack) ? 0 : Math.min(everyMs, everyMs - elapsed);
}

function startOf(place: SnapshotPlace, now: Millis): SnapshotPlace {
  const { snapshot, askedAt, known } = place;
  if (snapshot && now - snapshot.at > longestMs)
    return { ...anew(place), snapshot: null, carried: null, restarts: 0, isConfirming: false, known: known && forNext(known) };
  if (snapshot && place.position !== null && askedAt !== null && now - askedAt > freshMs) return { ...anew(place), restarts: 0 };
  return place;
}

/** Once more from the beginning. What has been told stays told: the journal knows its keys, and `known` has it. */
function anew(place: SnapshotPlace): SnapshotPlace {
  return { ...place, position: null, count: 0, steps: noSteps, restarts: place.restarts + 1 };
}

/** Of a position: what it named is not there any more. If the list itself is meant, its first page says so again. */
function isRefused(error: unknown): error is CentralError {
  return error instanceof CentralError && [400, 404, 410, 422].includes(error.status);
}

function brokenOff(place: SnapshotPlace, reason: string, { everyMs }: SnapshotOptions): Page {
  const next = writeSnapshotPlace({ ...place, restarts: 0 });
  return { items: emptyPack, next, more: false, brokenOff: reason, againMs: everyMs > 0 ? Math.min(everyMs, waitMs) : waitMs };
}

function advance(start: SnapshotPlace, page: SourcePage, options: SnapshotOptions): Page {
  const { askedAt, odd } = page;
  const snapshot = start.snapshot ?? begun(askedAt, start.done);
  const told = options.changes ? changed(page, snapshot, start.known ?? nothingKnown(), options) : whole(page, snapshot);
  const count = start.count + page.items.count;
  const place: SnapshotPlace = { ...start, snapshot, askedAt, count, position: page.next, carried: page.carried ?? null, known: told.known };
  if (page.brokenOff !== undefined) return leftOff({ ...place, restarts: start.restarts }, told.items, odd, page.brokenOff, options);
  if (page.next !== null) {
    const steps = stepOn(start.steps, page.items.keys, page.nextName ?? null);
    if (typeof steps === 'string') return leftOff(place, told.items, odd, steps, options);
    return { items: told.items, odd, next: writeSnapshotPlace({ ...place, steps }), more: true };
  }
  if (mayHide(start, told.known, options)) {
    const again: SnapshotPlace = { ...place, position: null, count: 0, steps: noSteps, isConfirming: true };
    return { items: told.items, odd, next: writeSnapshotPlace(again), more: true };
  }
  const end = options.changes ? removed(snapshot, told.known, options) : endOf(snapshot, count);
  const known = told.known && forNext({ before: new Map(), after: told.known.after });
  const done: SnapshotPlace = { ...noSnapshot, done: snapshot, known };
  return {
    items: end.length === 0 ? told.items : joinPacks(told.items, packItems(end)),
    odd,
    next: writeSnapshotPlace(done),
    more: false,
    readUpTo: snapshot.at,
    ...(options.everyMs > 0 ? { againMs: Math.max(1, restOf(done, askedAt, options.everyMs)) } : {}),
  };
}

/** It cannot go on where it is: what it brought counts, and it begins anew, at once or after a while. */
function leftOff(place: SnapshotPlace, items: Pack, odd: number, reason: string, options: SnapshotOptions): Page {
  const again = anew(place);
  // A thousand empty pages were enough.
  if (again.restarts <= restarts && reason !== emptiness) return { items, odd, next: writeSnapshotPlace(again), more: true };
  return { ...brokenOff(again, reason, options), items, odd };
}

/** Central tells its time in whole seconds: a process may be behind the one before it by less than this. */
const behindMs: Millis = 60_000;

/** Named after its beginning; two never share a name, though a clock may stand still, or be a little behind. */
function begun(askedAt: Millis, done: Snapshot | null): Snapshot {
  const now = Math.floor(askedAt);
  const at = done && now <= done.at && done.at - now < behindMs ? Math.floor(done.at) + 1 : now;
  return { at, id: new Date(at).toISOString().replaceAll(/[-:.]/g, '') };
}

/** Was something not seen that may only have moved to a page that had been read? */
function mayHide({ position, isConfirming }: SnapshotPlace, known: Known | null, { isWindow }: SnapshotOptions): boolean {
  const isNumbered = isFields(position) && typeof position.page === 'number';
  return isNumbered && !isConfirming && !isWindow && known !== null && known.before.size > 0;
}

interface Told {
  readonly items: Pack;
  readonly known: Known | null;
}

function marked({ id, at }: Snapshot): { readonly [field: string]: Json } {
  return { snapshot: { id, at: new Date(at).toISOString() } };
}

/** Records of one page share what is known of them, where it is the same: so formats write it once. */
function metasOf({ items, extra }: SourcePage, meta: { readonly [field: string]: Json }): (Json | undefined)[] {
  if (!extra) return new Array(items.count).fill(meta);
  const joined = new Map<unknown, Json>();
  return Array.from({ length: items.count }, (_, i) => {
    const more = extra(i);
    if (!more) return meta;
    const both = joined.get(more) ?? { ...meta, ...more };
    joined.set(more, both);
    return both;
  });
}

function named(items: Pack, { id, at }: Snapshot, metas: readonly (Json | undefined)[]): Pack {
  return { ...items, keys: items.keys.map((key) => `${id}/${key}`), times: new Float64Array(items.count).fill(at), metas };
}

function whole(page: SourcePage, snapshot: Snapshot): Told {
  return { items: named(page.items, snapshot, metasOf(page, marked(snapshot))), known: null };
}

/** Only what was added or changed. What stands twice in one snapshot is told once. `known` was read for this page alone, and is brought up to it. */
function changed(page: SourcePage, snapshot: Snapshot, known: Known, { ignore, nameMember }: SnapshotOptions): Told {
  const { items } = page;
  const { before, after } = known;
  const keep = new Uint8Array(items.count);
  const plain = metasOf(page, marked(snapshot));
  const [added, altered] = [new Map<unknown, Json>(), new Map<unknown, Json>()];
  const metas = items.keys.map((id, i) => {
    if (after.has(id)) return undefined;
    const item: unknown = JSON.parse(Buffer.from(textOf(items, i)).toString());
    const was = before.get(id)?.fingerprint;
    const is = fingerprint(item, ignore);
    before.delete(id);
    after.set(id, { fingerprint: is, name: nameOf(item, nameMember) });
    if (was === is) return undefined;
    keep[i] = 1;
    const [memo, change] = was === undefined ? [added, 'added'] : [altered, 'changed'];
    const meta = memo.get(plain[i]) ?? { ...(plain[i] as { readonly [field: string]: Json }), change };
    memo.set(plain[i], meta);
    return meta;
  });
  return { items: selectFromPack(named(items, snapshot, metas), keep), known };
}

/** For people: the first hundred characters are enough. */
function nameOf(item: unknown, member: string): string {
  const name: unknown = typeof item === 'object' && item !== null && Object.hasOwn(item, member) ? Reflect.get(item, member) : undefined;
  return typeof name === 'string' ? name.slice(0, 100) : '';
}

function removed(snapshot: Snapshot, known: Known | null, { nameMember, isWindow }: SnapshotOptions): Item[] {
  if (isWindow) return [];
  const meta = { ...marked(snapshot), change: 'removed' };
  return [...(known?.before ?? [])].map(([id, { name }]) => ({
    key: `${snapshot.id}/${id}`,
    time: snapshot.at,
    json: JSON.stringify(name === '' ? { id } : { id, [nameMember]: name }),
    meta,
  }));
}

function endOf({ id, at }: Snapshot, items: number): Item[] {
  const snapshot = { id, at: new Date(at).toISOString(), end: true };
  return [{ key: `${id}#end`, time: at, json: JSON.stringify({ snapshot, items }), meta: { snapshot: { ...snapshot, items } } }];
}
