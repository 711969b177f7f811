/** Rows of lanes: opened, retired, given up. */
import type { GivenUp } from '../core/store.ts';
import type { Lane, Millis, Origin } from '../core/types.ts';
import type { Chunks } from './chunks.ts';
import { addCounts, hourOf, partsByHour } from './counts.ts';
import type { Database } from './database.ts';
import { ensureStream } from './streams.ts';

export interface LaneRow {
  readonly id: number;
  readonly stream_id: number;
  readonly offset: number;
  /** Newest number of its stream. */
  readonly up_to: number;
}

/** A lane that still counts, if there is one. */
export function findLane(db: Database, { route, stream }: Lane): LaneRow | undefined {
  return db.get<LaneRow>(
    `SELECT l.id, l.stream AS stream_id, l.offset, s.up_to FROM streams s JOIN lanes l ON l.stream = s.id AND l.route = ?2
     WHERE s.name = ?1 AND l.given_up_at IS NULL`,
    stream,
    route,
  );
}

/** Within a transaction: makes the lane if it is new or was given up; a retired one goes on where it stood. */
export function openLane(db: Database, lane: Lane, origin: Origin, start: 'now' | 'oldest', at: Millis): void {
  const stream = ensureStream(db, lane.stream, origin);
  const known = db.get<{ id: number; given_up_at: Millis | null }>('SELECT id, given_up_at FROM lanes WHERE stream = ? AND route = ?', stream.id, lane.route);
  if (known && known.given_up_at === null) {
    db.run('UPDATE lanes SET retired_at = NULL WHERE id = ? AND retired_at IS NOT NULL', known.id);
    return;
  }
  let offset = stream.up_to;
  if (start === 'oldest') {
    const oldest = db.get<{ first_seq: number }>('SELECT first_seq FROM chunks WHERE stream = ? ORDER BY last_seq LIMIT 1', stream.id);
    if (oldest) offset = oldest.first_seq - 1;
  }
  db.run(
    `INSERT INTO lanes (route, stream, start, offset, opened_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET start = excluded.start, offset = excluded.offset, opened_at = excluded.opened_at, retired_at = NULL, given_up_at = NULL`,
    lane.route,
    stream.id,
    offset,
    offset,
    at,
  );
  // What was read earlier in this hour and is stepped over: without it the hour could not be balanced.
  const hour = hourOf(at);
  const read = db.get<{ read: number }>("SELECT read FROM counts WHERE hour = ? AND stream = ? AND route = ''", hour, stream.id)?.read ?? 0;
  if (start === 'now' && read > 0 && !known) addCounts(db, { hour, stream: stream.id, route: lane.route, skipped: read });
}

/** Within a transaction: gives up what of a lane waits up to a number, with a row in the ledger. */
export function giveUp(db: Database, chunks: Chunks, lane: Lane & Omit<LaneRow, 'up_to'>, upTo: number, reason: string, at: Millis): GivenUp | null {
  const records = upTo - lane.offset;
  if (records <= 0) return null;
  const gone = chunks.within(lane.stream_id, lane.offset, upTo);
  let since = Number.POSITIVE_INFINITY;
  let until = Number.NEGATIVE_INFINITY;
  for (const chunk of gone) {
    const [oldest, newest] = chunks.rangeOf(chunk, lane.offset, upTo);
    since = Math.min(since, oldest);
    until = Math.max(until, newest);
  }
  for (const part of partsByHour(gone, lane.offset, upTo)) {
    addCounts(db, { hour: part.hour, stream: lane.stream_id, route: lane.route, givenUp: part.upTo - part.after });
  }
  db.run('UPDATE lanes SET offset = ?, given_up = given_up + ? WHERE id = ?', upTo, records, lane.id);
  db.run(
    "INSERT INTO gaps (kind, stream, route, since, until, reason, found_at, records) VALUES ('given-up', ?, ?, ?, ?, ?, ?, ?)",
    lane.stream_id,
    lane.route,
    gone.length === 0 ? null : since,
    gone.length === 0 ? at : until,
    reason,
    at,
    records,
  );
  return { lane: { route: lane.route, stream: lane.stream }, records };
}
