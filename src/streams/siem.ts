/**
 * Reading a SIEM feed for ever, through an API that forgets after 24 hours.
 *
 * Constraints (reference, section 4). Each page names a cursor; it is a position in time, opaque, always there. Records can arrive late,
 * behind the cursor, and out of order. A cursor older than 24 h is no error: the reply silently begins 24 h ago. `from_date` may not be
 * older than that. So a read is a *drain*: pages from a beginning until `has_more` is false. It begins at the cursor, or at a
 * `from_date` (a *look back*), which then gives cursors of its own:
 *
 *      nothing read yet, or the cursor lost, or `overlap` since the last look back
 *     --------------------------> from_date ----+
 *                                               v            has_more            has_more: false
 *     --------------------------> cursor ----> page ----------------> page ... ----------------> caught up
 *      otherwise; also an imported cursor,        \__ refused: from_date, in the same fetch
 *      which is followed first                     \__ runs in a circle: end, begin again at from_date
 *
 *     --+-----------------------+------------------+---------------------------+----> Central's time
 *       keysSince               readUpTo           readUpTo                    now
 *                               - 2 x overlap
 *
 * `readUpTo`: everything recorded until then has been read. At the end of a drain it is Central's time at the request that ended it
 * (less what Central was asked to hold back); before that, the newest `created_at` seen.
 *
 * A look back begins at `readUpTo` less twice the overlap, so each moment is asked for at least twice after it is past. It never begins before
 * `keysSince`, the first moment whose keys the journal has: what is older would count as new. It never begins after `readUpTo`. When
 * that is too long ago to be asked for, the cursor is the better way: the API itself then begins as early as it can.
 *
 * A gap is what Central can no longer give: it exists only if a read begins more than 24 h after `readUpTo`. It is told with the first page that
 * comes after it; from then on `readUpTo` is past it, so it is told once. A cursor that merely grew old makes none: `readUpTo` goes on
 * with every poll of a quiet tenant.
 *
 * Nothing is kept here: the same checkpoint gives the same request, unless a look back has fallen due, which gives the same and more.
 */
import type { SophosCentral } from '../clients/central/client.ts';
import { beginTrail, follow } from '../clients/central/cycle.ts';
import type { SiemFeed, SiemPage, SiemQuery } from '../clients/central/resources/siem.ts';
import { CentralError } from '../core/failure.ts';
import type { Checkpoint, Gap, Millis, Page, Stream } from '../core/types.ts';
import type { World } from '../core/world.ts';
import type { StreamTenant } from './kind.ts';
import { type Drain, nowhere, type Place, readPlace, writePlace } from './place.ts';

/** What the options of both kinds come to. */
export interface SiemOptions {
  /** How far back the very first read begins. */
  readonly since: Millis;
  /** How often a read looks back; 0: never. */
  readonly overlap: Millis;
  readonly limit: number;
  readonly offsetMinutes: number;
  readonly excludeTypes?: readonly string[] | undefined;
}

/** What the API remembers. */
export const dayMs: Millis = 86_400_000;
/** So much inside the API's 24 h is a `from_date`: for clocks that differ, and for the time a request travels. */
const margin: Millis = 60_000;
/** What the API forgets needs no key; the rest is for clocks, late arrivals and the default overlap. */
export const rememberMs: Millis = 25 * 3_600_000 + 600_000;
/** Empty pages that promise more, in a row. One whose cursor stands still counts fifty times: it costs a call and promises little. */
const mostEmpties = 1000;
const standstill = 50;
/** So often in a row a read that ran in a circle begins again at once; then it waits for its next turn. */
const restarts = 3;

/** Where a page is asked from. */
type Start = { readonly cursor: string } | { readonly from: Millis };

/** A SIEM feed of one tenant, as a stream. */
export function openSiemStream(kind: string, feed: SiemFeed, options: SiemOptions, tenant: StreamTenant, client: SophosCentral, world: World): Stream {
  const id = `${tenant.id}/${kind}`;
  const { id: tenantId, name, labels, apiHost } = tenant;

  function ask(start: Start, signal: AbortSignal): Promise<SiemPage> {
    const { limit, offsetMinutes, excludeTypes = [] } = options;
    const where: SiemQuery = 'cursor' in start ? { cursor: start.cursor } : { fromDate: start.from / 1000 };
    return client.siem.page(feed, { id: tenantId, apiHost }, { ...where, limit, offsetMinutes, excludeTypes }, signal);
  }

  return {
    id,
    stream: kind,
    tenant: { id: tenantId, name, labels },
    repeats: 'recent',
    async fetch(from, signal) {
      const place = readPlace(from);
      let start = startOf(place, client.now(), options);
      let page: SiemPage;
      try {
        page = await ask(start, signal);
      } catch (error) {
        // The refusal told Central's time: with a local clock that is wrong, a `from_date` may now come out differently.
        const other = isRefusal(error, start) ? instead(start, place, client.now(), options) : null;
        if (!other) throw error;
        const name = 'cursor' in start ? 'stream.cursor-refused' : 'stream.window-refused';
        world.report({ name, stream: id, tenant: tenant.name, reason: error instanceof Error ? error.message : '', fromDate: other.from });
        start = other;
        page = await ask(start, signal);
      }
      return advance(place, start, page, options, (name) => world.report({ name, stream: id, tenant: tenant.name }));
    },
  };
}

/** The checkpoint that begins at `since`. */
export function restartAt(since: Millis): Checkpoint {
  return writePlace({ ...nowhere, from: since });
}

function startOf(place: Place, now: Millis, options: SiemOptions): Start {
  const { cursor, drain, readUpTo, lookedBackAt } = place;
  if (cursor === null) return { from: beginning(place, now, options) };
  if (drain || options.overlap === 0 || readUpTo === null || lookedBackAt === null || now - lookedBackAt < options.overlap) return { cursor };
  const back = lookBack(readUpTo, place.keysSince, options);
  return back >= oldest(now) ? { from: back } : { cursor };
}

/** Where a read without a cursor begins: whole seconds, never further back than Central remembers. */
function beginning({ cursor, from, keysSince, readUpTo }: Place, now: Millis, options: SiemOptions): Millis {
  const wanted = readUpTo !== null ? lookBack(readUpTo, keysSince, options) : (from ?? (cursor === null ? now - options.since : oldest(now)));
  return Math.max(wholeSecond(Math.min(wanted, now)), oldest(now));
}

function lookBack(readUpTo: Millis, keysSince: Millis | null, { overlap }: SiemOptions): Millis {
  return wholeSecond(Math.min(readUpTo, Math.max(readUpTo - 2 * overlap, keysSince ?? Number.NEGATIVE_INFINITY)));
}

/** `from_date` has whole seconds; earlier is safer than later. */
function wholeSecond(at: Millis): Millis {
  return Math.floor(at / 1000) * 1000;
}

function oldest(now: Millis): Millis {
  return Math.ceil((now - dayMs + margin) / 1000) * 1000;
}

/** Of a cursor, `not found`, `gone` and `unprocessable` may mean it too; if they mean the feed, the next request says so again. */
function isRefusal(error: unknown, start: Start): boolean {
  if (!(error instanceof CentralError)) return false;
  return error.status === 400 || ('cursor' in start && [404, 410, 422].includes(error.status));
}

function instead(start: Start, place: Place, now: Millis, options: SiemOptions): { readonly from: Millis } | null {
  const from = beginning(place, now, options);
  return 'cursor' in start || from > start.from ? { from } : null;
}

function advance(place: Place, start: Start, page: SiemPage, options: SiemOptions, report: (name: string) => void): Page {
  const { items, odd, askedAt, hasMore } = page;
  const gap = gapBefore(place, start, askedAt);
  const readUpTo = hasMore ? latest(place.readUpTo, gap?.until ?? null, newest(page)) : askedAt - options.offsetMinutes * 60_000;
  const isBeginning = place.drain === null || 'from' in start;
  const next: Place = {
    cursor: page.nextCursor || null,
    from: null,
    keysSince: place.keysSince ?? ('from' in start ? start.from : Math.ceil(askedAt / 1000) * 1000),
    readUpTo,
    lookedBackAt: 'from' in start || place.lookedBackAt === null ? askedAt : place.lookedBackAt,
    drain: null,
    stuck: 0,
  };
  const rest = { items, odd, ...(gap ? { gap } : {}), ...(readUpTo === null ? {} : { readUpTo }) };
  if (!hasMore) return { ...rest, next: writePlace(next), more: false };

  const drain = goOn(isBeginning ? null : place.drain, start, page);
  if (drain === 'circle') {
    report('stream.cursor-stuck');
    const stuck = place.stuck + 1;
    // Nothing read yet and nothing to go by: begin where this read began.
    const from = readUpTo === null && 'from' in start ? start.from : null;
    const again = { ...rest, next: writePlace({ ...next, cursor: null, from, stuck: stuck % (restarts + 1) }) };
    return stuck <= restarts ? { ...again, more: true } : { ...again, more: false, brokenOff: 'the pages that Central sends run in a circle' };
  }
  if (drain.empties >= mostEmpties) {
    report('stream.empty-pages');
    return { ...rest, next: writePlace(next), more: false, brokenOff: 'Central promises more, and sends empty pages without end' };
  }
  return { ...rest, next: writePlace({ ...next, drain, stuck: place.stuck }), more: true };
}

/** The drain after one page more that promises others. */
function goOn(drain: Drain | null, start: Start, { items, nextCursor }: SiemPage): Drain | 'circle' {
  if (nextCursor === '') return 'circle';
  const asked = 'cursor' in start ? start.cursor : null;
  // Empty pages are bounded by their number: a cursor that waits in its place may well go on.
  if (items.count === 0) return { trail: drain?.trail ?? null, empties: (drain?.empties ?? 0) + (nextCursor === asked ? standstill : 1) };
  const before = drain?.trail ?? (asked === null ? null : beginTrail(asked));
  const trail = before ? follow(before, nextCursor) : beginTrail(nextCursor);
  return trail ? { trail, empties: 0 } : 'circle';
}

function gapBefore({ readUpTo }: Place, start: Start, askedAt: Millis): Gap | undefined {
  if (readUpTo === null) return undefined;
  const until = Math.max(askedAt - dayMs, 'from' in start ? start.from : Number.NEGATIVE_INFINITY);
  if (until <= readUpTo) return undefined;
  return { since: readUpTo, until, reason: 'the SIEM API forgets after 24 h, and this was not read in time' };
}

/** The newest `created_at`. What stands at `askedAt` was given that time for want of its own; a device's clock may run ahead. */
function newest({ items, askedAt }: SiemPage): Millis | null {
  let found: Millis | null = null;
  for (const time of items.times) if (time < askedAt && (found === null || time > found)) found = time;
  return found;
}

function latest(...times: readonly (Millis | null)[]): Millis | null {
  return times.reduce((last, time) => (last === null || (time !== null && time > last) ? time : last), null);
}
