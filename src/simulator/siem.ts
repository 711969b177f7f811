import { type Call, headerOf, parameterOf } from './call.ts';
import { decodeCursor, encodeCursor, type Position } from './cursor.ts';
import { type SimulatedTenant, WINDOW_MS } from './estate.ts';
import type { Twist } from './faults.ts';
import type { Feed, FeedName } from './feed.ts';
import { bytes, type Reply } from './reply.ts';
import { tenantIn } from './scope.ts';
import type { Simulation } from './state.ts';

const NOTHING: ReadonlySet<string> = new Set();

/** `GET /siem/v1/events|alerts` with a bearer token. */
export function siem(sim: Simulation, call: Call, name: FeedName, twist: Twist): Reply {
  const tenant = tenantIn(sim, call, 'tenant');
  return 'body' in tenant ? tenant : page(sim, tenant, name, call.query, twist);
}

/** `GET /gateway/siem/v1/events|alerts` with the legacy token, which opens one tenant. */
export function legacySiem(sim: Simulation, call: Call, name: FeedName, twist: Twist): Reply {
  if (headerOf(call, 'x-api-key') === undefined || headerOf(call, 'authorization') === undefined) return sim.forms.phrase(401);
  if (headerOf(call, 'x-api-key') !== sim.legacyKey || headerOf(call, 'authorization') !== sim.legacyAuthorization) return sim.forms.phrase(403);
  const tenant = sim.estate.list()[0];
  if (tenant === undefined) return sim.forms.phrase(403);
  return sim.faults.forbids(tenant, sim.forms) ?? page(sim, tenant, name, call.query, twist);
}

/** The parameters of one request, or what is wrong with them. */
function asked(sim: Simulation, query: URLSearchParams, now: number, twist: Twist): { limit: number; offsetMs: number; after: Position } | string {
  let limit = whole(parameterOf(query, 'limit') ?? '200');
  if (limit === null) return 'limit must be a number';
  if (limit < 200 || limit > 1000) {
    if (sim.settings.limitOutOfRange === 'reject') return 'limit must be between 200 and 1000';
    limit = Math.min(1000, Math.max(200, limit));
  }
  const offset = whole(parameterOf(query, 'from_date_offset_minutes') ?? '0');
  if (offset === null || offset < 0) return 'from_date_offset_minutes must be a number';
  const after = start(sim, query, now, twist);
  return typeof after === 'string' ? after : { limit, offsetMs: offset * 60_000, after };
}

function start(sim: Simulation, query: URLSearchParams, now: number, twist: Twist): Position | string {
  const oldest = now - WINDOW_MS;
  const cursor = parameterOf(query, 'cursor');
  if (cursor !== undefined) {
    const position = twist.refuseCursor ? null : decodeCursor(cursor);
    if (position === null) return 'cursor is not valid';
    // A cursor that is too old is no error: the window simply begins anew.
    if (position.at < oldest || twist.expireCursor) return { at: oldest };
    if (position.lane === undefined || sim.settings.boundary === 'exact') return position;
    return { at: sim.settings.boundary === 'repeat' ? position.at : position.at + 1 };
  }
  const given = parameterOf(query, 'from_date');
  if (given === undefined) return { at: oldest };
  const seconds = whole(given);
  if (seconds === null) return 'from_date must be a Unix time in seconds';
  if (seconds * 1000 < oldest && sim.settings.fromDateTooOld === 'reject') return 'from_date must be within the last 24 hours';
  return { at: Math.min(now, Math.max(oldest, seconds * 1000)) };
}

function page(sim: Simulation, tenant: SimulatedTenant, name: FeedName, query: URLSearchParams, twist: Twist): Reply {
  const now = sim.clock.now();
  const wish = asked(sim, query, now, twist);
  if (typeof wish === 'string') return sim.forms.short(400, wish);
  const cursor = parameterOf(query, 'cursor') ?? encodeCursor(wish.after);
  if (twist.emptyMore) return reply(null, [], true, cursor);
  const feed = sim.estate.feed(tenant, name);
  const found = feed.page({
    after: wish.after,
    limit: wish.limit,
    upTo: wish.offsetMs > 0 ? now - wish.offsetMs : Number.POSITIVE_INFINITY,
    generatedUpTo: sim.clock.highest(),
    excluded: name === 'events' ? excluded(query) : NOTHING,
    repeat: twist.repeat ? Math.ceil(wish.limit / 8) : 0,
  });
  if (twist.reorder) found.refs.reverse();
  if (twist.cursorLoop) return reply(feed, found.refs, true, cursor);
  return reply(feed, found.refs, found.more, encodeCursor(found.next));
}

function excluded(query: URLSearchParams): ReadonlySet<string> {
  const list = query.getAll('exclude_types').flatMap((text) => text.split(','));
  return list.length === 0 ? NOTHING : new Set(list.map((type) => type.trim()));
}

function whole(text: string): number | null {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Joins items that are bytes already; nothing is turned into JSON here. */
function reply(feed: Feed | null, refs: readonly number[], more: boolean, next: string): Reply {
  const head = `{"has_more":${more},"items":[`;
  const tail = `],"next_cursor":${JSON.stringify(next)}}`;
  let size = head.length + tail.length + Math.max(0, refs.length - 1);
  if (feed !== null) for (const ref of refs) size += feed.sizeOf(ref);
  const body = Buffer.allocUnsafe(size);
  let at = body.write(head, 0, 'latin1');
  if (feed !== null) {
    refs.forEach((ref, i) => {
      if (i > 0) body[at++] = 0x2c;
      at = feed.write(body, at, ref);
    });
  }
  body.write(tail, at, 'latin1');
  return bytes(200, body);
}
