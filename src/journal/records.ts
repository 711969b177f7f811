/**
 * The journal proper: records in, records out.
 *
 *   append   sift repeats | one transaction: chunks, keys, checkpoint, counts, gap | then memory follows
 *   settle   one transaction: offsets (only from where the span began), counts, dead letters, marks
 *
 * Nothing in memory changes before a commit, but the key set, which is put back exactly as it was.
 */
import { Failure } from '../core/failure.ts';
import { selectFromPack } from '../core/pack.ts';
import type { Journal, ReadLimit, Settled } from '../core/store.ts';
import type { Appended, Batch, Checkpoint, Lane, Marks, Millis, Page, Place, Refusal, Stream } from '../core/types.ts';
import type { Added, Chunks } from './chunks.ts';
import { addCounts, hourOf, partsByHour } from './counts.ts';
import type { Database } from './database.ts';
import type { Keys, Sifted } from './keys.ts';
import { findLane, type LaneRow } from './lanes.ts';
import { addGap } from './ledger.ts';
import { ensureStream, findStream } from './streams.ts';

export interface RecordsOptions {
  readonly db: Database;
  readonly chunks: Chunks;
  readonly keys: Keys;
  readonly bytes: () => number;
}

export function openRecords({ db, chunks, keys, bytes }: RecordsOptions): Omit<Journal, 'trim' | 'close'> {
  return {
    async place(name) {
      const row = findStream(db, name);
      return { at: row?.checkpoint ? (JSON.parse(row.checkpoint) as Checkpoint) : null, version: row?.version ?? 0 };
    },
    async append(stream, page, from, fetchedAt) {
      return append(stream, page, from, fetchedAt);
    },
    async read(lane, limit, after) {
      return read(lane, limit, after);
    },
    async settle(spans, receipt, at) {
      db.write(() => {
        for (const span of spans) settle(span, receipt.refused, at);
        const route = spans[0]?.lane.route;
        if (receipt.marks && route !== undefined) saveMarks(route, receipt.marks);
      });
    },
    async prepare(route, marks) {
      db.write(() => saveMarks(route, marks));
    },
    async marks(route) {
      const rows = db.all<{ place: string; mark: string }>('SELECT place, mark FROM marks WHERE route = ?', route);
      return new Map(rows.map(({ place, mark }) => [place, JSON.parse(mark)]));
    },
  };

  function append(stream: Stream, page: Page, from: Place, fetchedAt: Millis): Appended {
    const { count } = page.items;
    let sifted: Sifted | null = null;
    let added: readonly Added[] = [];
    let accepted = 0;
    try {
      db.write(() => {
        const row = ensureStream(db, stream.id, stream);
        if (row.version !== from.version) throw stalePlace(stream.id, from.version, row.version);
        if (stream.repeats === 'recent' && count > 0) sifted = keys.sift(row, page.items);
        const items = sifted ? selectFromPack(page.items, sifted.keep) : page.items;
        accepted = items.count;
        if (accepted > 0) added = chunks.add(row.id, items, row.up_to + 1, fetchedAt);
        sifted?.save();
        db.run(
          `UPDATE streams SET checkpoint = ?, version = version + 1, up_to = up_to + ?2, read_up_to = coalesce(?, read_up_to), newest_time = ?, asked_at = ?,
            read = read + ?2, repeated = repeated + ?, odd = odd + ? WHERE id = ?`,
          JSON.stringify(page.next),
          accepted,
          page.readUpTo ?? null,
          newestOf(page, row.newest_time),
          fetchedAt,
          count - accepted,
          page.odd ?? 0,
          row.id,
        );
        if (count > 0) addCounts(db, { hour: hourOf(fetchedAt), stream: row.id, route: '', read: accepted, repeated: count - accepted });
        if (page.gap) addGap(db, row.id, page.gap, fetchedAt);
      });
    } catch (error) {
      (sifted as Sifted | null)?.failed();
      throw error;
    }
    (sifted as Sifted | null)?.committed();
    chunks.keep(added);
    return { place: { at: page.next, version: from.version + 1 }, accepted, repeated: count - accepted, journalBytes: bytes() };
  }

  function read(lane: Lane, limit: ReadLimit, after: number | undefined): Batch {
    const row = findLane(db, lane);
    if (!row) return { lane, after: after ?? 0, records: [] };
    const start = after ?? row.offset;
    return { lane, after: start, records: start >= row.up_to ? [] : chunks.read(row.stream_id, start, limit) };
  }

  function settle(span: Settled, refusals: readonly Refusal[], at: Millis): void {
    const { lane, after, upTo, filtered } = span;
    const row = findLane(db, lane);
    if (row?.offset !== after || upTo > row.up_to || upTo < after) throw staleLane(span, row?.offset);
    const refused = refusals.filter(
      (refusal) => refusal.lane.route === lane.route && refusal.lane.stream === lane.stream && refusal.seq > after && refusal.seq <= upTo,
    );
    const delivered = upTo - after - filtered - refused.length;
    db.run(
      'UPDATE lanes SET offset = ?, delivered = delivered + ?, filtered = filtered + ?, refused = refused + ? WHERE id = ?',
      upTo,
      delivered,
      filtered,
      refused.length,
      row.id,
    );
    // Of a span over several hours only the sum of `filtered` is known: it is taken from the first hours that have room for it.
    let toFilter = filtered;
    for (const part of partsByHour(chunks.within(row.stream_id, after, upTo), after, upTo)) {
      const count = part.upTo - part.after;
      const mine = refused.filter(({ seq }) => seq > part.after && seq <= part.upTo).length;
      const sieved = Math.min(toFilter, count - mine);
      toFilter -= sieved;
      addCounts(db, { hour: part.hour, stream: row.stream_id, route: lane.route, filtered: sieved, refused: mine, delivered: count - mine - sieved });
    }
    for (const refusal of refused) bury(row, refusal, at);
  }

  function bury({ stream_id: stream }: LaneRow, { lane, seq, code, reason }: Refusal, at: Millis): void {
    const { key, time, fetchedAt, meta, json } = chunks.record(stream, seq);
    db.run(
      'INSERT INTO dead_letters (route, stream, seq, key, code, reason, at, time, fetched_at, meta, json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      lane.route,
      stream,
      seq,
      key,
      code,
      reason,
      at,
      time,
      fetchedAt,
      meta === undefined ? null : JSON.stringify(meta),
      json,
    );
  }

  function saveMarks(route: string, marks: Marks): void {
    for (const [place, mark] of marks) {
      if (mark === null) db.run('DELETE FROM marks WHERE route = ? AND place = ?', route, place);
      else db.run('INSERT INTO marks (route, place, mark) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET mark = excluded.mark', route, place, JSON.stringify(mark));
    }
  }
}

function newestOf({ items: { count, times } }: Page, before: Millis | null): Millis | null {
  let newest = before;
  for (let i = 0; i < count; i++) {
    const time = times[i] as number;
    if (newest === null || time > newest) newest = time;
  }
  return newest;
}

function stalePlace(stream: string, from: number, now: number): Failure {
  return new Failure('stale', 'journal.stale-place', `appending to ${stream}: its place is version ${now}, the page continues version ${from}`);
}

function staleLane({ lane, after, upTo }: Settled, offset: number | undefined): Failure {
  const seen = offset === undefined ? 'there is no such lane any more' : `it stands at ${offset}`;
  return new Failure('stale', 'journal.stale-lane', `settling ${after} to ${upTo} of ${lane.stream} on route ${lane.route}: ${seen}`);
}
