/**
 * Alerts, by a list that has them while they are open, and forgets them when they are closed.
 *
 * Constraints (reference, section 5.1). The list is asked by the time of raising, `from` on; an alert can be listed late; it changes, and when it is closed it
 * is not listed any more. So a *reading* is pages from a beginning to the end, the oldest alerts first, and there are two of them:
 *
 *      window begins                            readUpTo - 2 x overlap      readUpTo        now
 *     --+---------------------------------------------+-------------------------+-----------+----> Central's time
 *       |----------------------------------------------- the whole window, every `recheck` ---->
 *                                                     |-------------------- otherwise --------->
 *
 * What has been told stands in the checkpoint, with a fingerprint of each item: so nothing is told twice, and a difference is a change. What the
 * whole window does not list any more, though it was raised within it, is closed. Both are records of their own, with `change`:
 * their key is the alert's id with a number and the fingerprint, their time is when they were seen.
 *
 * `knownSince`: from here on nothing is unknown that was told. No reading begins before it, except the first, so a longer window grows with
 * time and tells nothing twice. What leaves the window is forgotten, and that is no change.
 *
 * When nothing was read for longer than the window, it widens to `readUpTo`, as far as Central's 90 days; what lies before is a gap.
 *
 * A reading whose position has grown old or is refused begins anew; what it has told is known.
 *
 * What another tool has told is known too, though not in which form: seen again it is not told, its form is from then on known, and what changes
 * later is a change. Should it never be listed again, nothing is told of its end, and it is known until it leaves the window.
 */
import type { SophosCentral } from '../clients/central/client.ts';
import type { PackedPage } from '../clients/central/list.ts';
import { CentralError } from '../core/failure.ts';
import { emptyPack, packItems, selectFromPack, textOf } from '../core/pack.ts';
import type { Checkpoint, Gap, Item, Json, Millis, Pack, Page, Stream } from '../core/types.ts';
import type { World } from '../core/world.ts';
import { type AlertPlace, type KnownAlert, newReading, nothingRead, type Reading, readAlertPlace, toldElsewhere, writeAlertPlace } from './alert-place.ts';
import { fingerprint } from './fingerprint.ts';
import type { StreamTenant } from './kind.ts';
import { joinPacks } from './packs.ts';
import { emptiness, keyOf, stepOn } from './steps.ts';

export interface AlertOptions {
  readonly days: number;
  readonly overlap: Millis;
  /** 0: never. */
  readonly recheck: Millis;
  readonly pageSize?: number | undefined;
}

const dayMs: Millis = 86_400_000;
/** As far back as Central is known to list. */
export const longestWindowMs: Millis = 90 * dayMs;
/** For clocks that differ, and for the time a request travels. */
const margin: Millis = 60_000;
/** Remembered beyond what can be asked for. */
const slackMs: Millis = 3_600_000;
/** A position that is older may be known to nobody any more. */
const freshMs: Millis = 600_000;
/** So often in a row a reading begins anew at once; then it waits for its next turn. */
const restarts = 3;

/** How far another tool has come with a tenant's alerts. */
export interface AlertsAdopted {
  /** It may have told alerts that were raised before: none of them is told again. */
  readonly since: Millis;
  /** It told every alert that was listed up to here, as far as it knew; what Central does not list any more since then is a gap. */
  readonly readUpTo: Millis;
  /** What it told of those raised since. */
  readonly known: Iterable<{ readonly id: string; readonly raisedAt: Millis }>;
}

/** A reading that is under way. */
type Under = AlertPlace & { readonly reading: Reading };

/** The alerts of one tenant, as a stream. */
export function openAlerts(options: AlertOptions, tenant: StreamTenant, client: SophosCentral, world: World): Stream {
  const id = `${tenant.id}/alerts`;
  const { id: tenantId, name, labels } = tenant;

  let order: { readonly sort?: readonly string[] } = { sort: ['raisedAt:asc'] };

  async function ask(under: Under, signal: AbortSignal): Promise<PackedPage> {
    const { since, position } = under.reading;
    const list = client.forTenant(tenant).alerts.list({ from: new Date(since).toISOString(), ...order, pageSize: options.pageSize, signal });
    try {
      return await list.page(position, 'raisedAt');
    } catch (error) {
      if (!order.sort || !isOrderRefused(error)) throw error;
      // A list that cannot be put in order is read in its own: what is known is told by id, not by place.
      order = {};
      return await ask(under, signal);
    }
  }

  return {
    id,
    stream: 'alerts',
    tenant: { id: tenantId, name, labels },
    repeats: 'never',
    async fetch(from, signal) {
      const place = readAlertPlace(from);
      let start = startOf(place, client.now(), options);
      let page: PackedPage;
      try {
        page = await ask(start, signal);
        // The first answer told Central's time: a local clock that was ahead must not hide what it skipped.
        const other = begin(place, client.now(), options, 0);
        if (start.reading.beganAt !== null || other.reading.since > start.reading.since - margin) return advance(start, page, options);
        start = other;
      } catch (error) {
        const other = isRefused(error) ? instead(place, start.reading, client.now(), options) : null;
        if (!other) throw error;
        const of = start.reading.position ? 'stream.cursor-refused' : 'stream.window-refused';
        world.report({ name: of, stream: id, tenant: name, reason: error instanceof Error ? error.message : '', fromDate: other.reading.since });
        if (other.reading.restarts > restarts) return brokenOff(other, error instanceof Error ? error.message : '');
        start = other;
      }
      page = await ask(start, signal);
      return advance(start, page, options);
    },
  };
}

/** The checkpoint that begins at `since`, as if nothing had been told. */
export function alertsRestart(since: Millis): Checkpoint {
  return writeAlertPlace({ ...nothingRead, from: since, known: new Map() });
}

/** The checkpoint that goes on where another tool stopped (see `AlertsAdopted`). */
export function alertsAdopted({ since, readUpTo, known }: AlertsAdopted): Checkpoint {
  const place: AlertPlace = { ...nothingRead, from: since, knownSince: since, readUpTo, known: new Map() };
  for (const { id, raisedAt } of known) {
    if (raisedAt >= since) place.known.set(id, { fingerprint: toldElsewhere, raisedAt, revision: 0, isSeen: false, brief: '{}' });
  }
  return writeAlertPlace(place);
}

/** The reading that goes on, or the one that begins. */
function startOf(place: AlertPlace, now: Millis, options: AlertOptions): Under {
  const { reading } = place;
  if (!reading) return begin(place, now, options, 0);
  const isOld = reading.position !== null && reading.askedAt !== null && now - reading.askedAt > freshMs;
  return isOld || reading.position === null ? begin(place, now, options, isOld ? 0 : reading.restarts) : { ...place, reading };
}

function begin(place: AlertPlace, now: Millis, options: AlertOptions, restarts: number, oldest = now - longestWindowMs): Under {
  const { readUpTo, recheckedAt, knownSince } = place;
  if (readUpTo === null || place.from !== null) {
    const from = Math.min(place.from ?? now - options.days * dayMs, now);
    return { ...place, from, reading: newReading(Math.max(from, oldest), true, restarts) };
  }
  const isWhole = options.recheck > 0 && (recheckedAt === null || now - recheckedAt >= options.recheck);
  const late = readUpTo - 2 * options.overlap;
  const wanted = isWhole ? Math.min(now - options.days * dayMs, late) : late;
  return { ...place, reading: newReading(Math.max(Math.min(wanted, now), knownSince ?? oldest, oldest), isWhole, restarts) };
}

function isRefused(error: unknown): boolean {
  return error instanceof CentralError && [400, 404, 410, 422].includes(error.status);
}

function isOrderRefused(error: unknown): boolean {
  return error instanceof CentralError && error.status === 400 && /\bsort/i.test(error.message);
}

/** Of a position: from the beginning. Of a beginning: it may be too old, and the refusal told Central's time. */
function instead(place: AlertPlace, reading: Reading, now: Millis, options: AlertOptions): Under | null {
  const other = begin(place, now, options, reading.restarts + 1, now - longestWindowMs + margin);
  return reading.position !== null || other.reading.since > reading.since + 1000 ? other : null;
}

function brokenOff(place: Under, reason: string): Page {
  const next = writeAlertPlace({ ...place, reading: { ...place.reading, position: null, restarts: 0 } });
  return { items: emptyPack, next, more: false, brokenOff: reason };
}

function advance(start: Under, page: PackedPage, options: AlertOptions): Page {
  const { odd, askedAt, next } = page;
  const { reading, readUpTo } = start;
  const isFirst = reading.beganAt === null;
  if (isFirst) for (const [id, alert] of start.known) start.known.set(id, { ...alert, isSeen: false });
  const gap = isFirst ? gapBefore(readUpTo, reading) : undefined;
  const items = told(start, page);
  const under: Reading = { ...reading, beganAt: reading.beganAt ?? askedAt, askedAt, position: next };
  const knownSince = start.knownSince ?? reading.since;
  const place: Under = { ...start, knownSince, readUpTo: gap ? gap.until : readUpTo, reading: under };
  const rest = { items, odd, ...(gap ? { gap } : {}) };
  if (next !== null) {
    const steps = stepOn(reading.steps, page.items.keys, keyOf(next));
    if (typeof steps !== 'string') return { ...rest, next: writeAlertPlace({ ...place, reading: { ...under, steps } }), more: true };
    const again: Under = { ...place, reading: newReading(reading.since, reading.isWhole, reading.restarts + 1) };
    if (again.reading.restarts > restarts || steps === emptiness) return { ...brokenOff(again, steps), ...rest };
    return { ...rest, next: writeAlertPlace(again), more: true };
  }
  return { ...rest, ...over(place, items, askedAt, options), more: false };
}

/** The reading has come to its end. */
function over(place: Under, items: Pack, askedAt: Millis, options: AlertOptions): Pick<Page, 'items' | 'next' | 'readUpTo'> {
  const { reading, known } = place;
  const readUpTo = reading.beganAt ?? askedAt;
  const closed = reading.isWhole ? closedOf(place, askedAt) : [];
  // Whatever the next reading may list must be known: also what it lists for lateness, after an outage too.
  const keptSince = Math.min(readUpTo - options.days * dayMs, readUpTo - 2 * options.overlap) - slackMs;
  for (const [id, { raisedAt }] of known) if (raisedAt < keptSince) known.delete(id);
  const next: AlertPlace = {
    from: null,
    knownSince: Math.max(place.knownSince ?? keptSince, keptSince),
    readUpTo,
    recheckedAt: reading.isWhole || place.recheckedAt === null ? readUpTo : place.recheckedAt,
    reading: null,
    known,
  };
  return { items: closed.length === 0 ? items : joinPacks(items, packItems(closed)), next: writeAlertPlace(next), readUpTo };
}

function gapBefore(readUpTo: Millis | null, { since }: Reading): Gap | undefined {
  if (readUpTo === null || since <= readUpTo) return undefined;
  return { since: readUpTo, until: since, reason: 'the alerts were not read for 90 days, and Central lists no older ones' };
}

/** What of a page is new or changed; `known` of this place, which was read for this page alone, is brought up to it. */
function told({ known, knownSince, readUpTo }: Under, { items, askedAt }: PackedPage): Pack {
  const keep = new Uint8Array(items.count);
  const keys = [...items.keys];
  const times = Float64Array.from(items.times);
  const metas: (Json | undefined)[] = new Array(items.count).fill(undefined);
  const changes = { changed: { change: 'changed' }, reopened: { change: 'reopened' } };
  for (const [i, id] of items.keys.entries()) {
    const raisedAt = items.times[i] as number;
    const was = known.get(id);
    // What was told before `knownSince` may be forgotten: a list that ignores `from` must not bring it again.
    if (!was && readUpTo !== null && knownSince !== null && raisedAt < knownSince) continue;
    const item: unknown = JSON.parse(Buffer.from(textOf(items, i)).toString());
    const is = fingerprint(item, nothing);
    const isTold = was?.fingerprint === is || was?.fingerprint === toldElsewhere;
    const revision = was ? was.revision + (isTold ? 0 : 1) : 0;
    known.set(id, { fingerprint: is, raisedAt, revision, isSeen: true, brief: briefOf(item) });
    if (isTold) continue;
    keep[i] = 1;
    if (!was) continue;
    keys[i] = `${id}#${revision}.${is}`;
    times[i] = askedAt;
    metas[i] = was.fingerprint === '' ? changes.reopened : changes.changed;
  }
  return selectFromPack({ ...items, keys, times, metas }, keep);
}

const nothing: ReadonlySet<string> = new Set();

/** So that a route for severe alerts hears of their end too. */
const brief = ['severity', 'category', 'product', 'type'];

function briefOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) return '{}';
  const fields = brief.map((name) => [name, Object.hasOwn(item, name) ? Reflect.get(item, name) : undefined]);
  return JSON.stringify(Object.fromEntries(fields.filter(([, value]) => typeof value === 'string' && value.length <= 200)));
}

function closedOf({ known, reading }: Under, askedAt: Millis): Item[] {
  const closed: Item[] = [];
  const meta = { change: 'closed' };
  for (const [id, alert] of known) {
    if (alert.isSeen || alert.fingerprint === '' || alert.fingerprint === toldElsewhere || alert.raisedAt < reading.since) continue;
    const revision = alert.revision + 1;
    known.set(id, { ...alert, fingerprint: '', revision });
    closed.push({ key: `${id}#${revision}.closed`, time: askedAt, json: JSON.stringify(closedItem(id, alert)), meta });
  }
  return closed;
}

function closedItem(id: string, { raisedAt, brief }: KnownAlert): unknown {
  return { id, ...JSON.parse(brief), raisedAt: new Date(raisedAt).toISOString() };
}
