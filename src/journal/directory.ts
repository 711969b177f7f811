/** Who there is: tenants, streams, lanes, and how they are. */
import type { Directory, GivenUp, Health, KnownTenant, LaneState, StreamState } from '../core/store.ts';
import type { Lane, Millis } from '../core/types.ts';
import type { Chunks } from './chunks.ts';
import type { Database } from './database.ts';
import { giveUp, openLane } from './lanes.ts';
import { type OriginColumns, originColumns, originJoin, originOf } from './streams.ts';

export interface DirectoryOptions {
  readonly db: Database;
  readonly chunks: Chunks;
  readonly now: () => Millis;
}

interface TenantColumns {
  readonly id: string;
  readonly account: string;
  readonly name: string;
  readonly labels: string;
  readonly aside_reason: string | null;
  readonly aside_until: Millis | null;
}

interface LaneColumns extends OriginColumns {
  readonly route: string;
  readonly name: string;
  readonly offset: number;
  readonly up_to: number;
  readonly backlog: number | null;
  readonly oldest: Millis | null;
  readonly retired_at: Millis | null;
  readonly delivered: number;
  readonly filtered: number;
  readonly refused: number;
  readonly given_up: number;
  readonly start: number;
  readonly opened_at: Millis;
}

interface StreamColumns extends OriginColumns {
  readonly name: string;
  readonly up_to: number;
  readonly read_up_to: Millis | null;
  readonly newest_time: Millis | null;
  readonly asked_at: Millis | null;
  readonly at: Millis | null;
  readonly failure: string | null;
  readonly next_at: Millis | null;
  readonly read: number;
  readonly repeated: number;
  readonly odd: number;
}

// The sums touch only lanes that wait for something.
const lanesSql = (
  where: string,
) => `SELECT l.route, s.name, l.offset, s.up_to, l.retired_at, l.delivered, l.filtered, l.refused, l.given_up, l.start, l.opened_at,
    CASE WHEN l.offset < s.up_to THEN (SELECT sum(c.bytes) FROM chunks c WHERE c.stream = s.id AND c.last_seq > l.offset) END AS backlog,
    CASE WHEN l.offset < s.up_to THEN (SELECT min(c.oldest_time) FROM chunks c WHERE c.stream = s.id AND c.last_seq > l.offset) END AS oldest,
    ${originColumns}
  FROM lanes l JOIN streams s ON s.id = l.stream ${originJoin} WHERE l.given_up_at IS NULL ${where} ORDER BY l.id`;

const streamsSql = `SELECT s.name, s.up_to, s.read_up_to, s.newest_time, s.asked_at, h.at, h.failure, h.next_at, s.read, s.repeated, s.odd, ${originColumns}
  FROM streams s ${originJoin} LEFT JOIN health h ON h.subject = s.name ORDER BY s.id`;

export function openDirectory({ db, chunks, now }: DirectoryOptions): Directory {
  return {
    async saveTenants(account, tenants) {
      db.write(() => {
        for (const { id, name, labels } of tenants) {
          db.run(
            `INSERT INTO tenants (id, account, name, labels) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET account = excluded.account, name = excluded.name, labels = excluded.labels`,
            id,
            account,
            name,
            JSON.stringify(labels),
          );
        }
      });
    },
    async setAside(tenant, reason, until) {
      db.write(() => db.run('UPDATE tenants SET aside_reason = ?, aside_until = ? WHERE id = ?', reason, reason === null ? null : until, tenant));
    },
    async tenants() {
      const rows = db.all<TenantColumns>('SELECT id, account, name, labels, aside_reason, aside_until FROM tenants ORDER BY name, id');
      return rows.map(({ id, account, name, labels, aside_reason: asideReason, aside_until: asideUntil }): KnownTenant => {
        return { id, account, name, labels: JSON.parse(labels) as Record<string, string>, asideReason, asideUntil };
      });
    },
    async openLane(lane, origin, start) {
      db.write(() => openLane(db, lane, origin, start, now()));
    },
    async openLanes(lanes) {
      db.write(() => {
        for (const { lane, origin, start } of lanes) openLane(db, lane, origin, start, now());
      });
    },
    async retireLanes(except, at) {
      db.write(() => {
        const of = 'route = ?2 AND stream IN (SELECT id FROM streams WHERE kind = ?3)';
        const found = db.all<{ route: string; kind: string }>('SELECT DISTINCT l.route, s.kind FROM lanes l JOIN streams s ON s.id = l.stream');
        for (const { route, kind } of found) {
          const isWanted = except.get(route)?.has(kind) === true;
          if (isWanted) db.run(`UPDATE lanes SET retired_at = ?1 WHERE ${of} AND retired_at IS NOT NULL AND given_up_at IS NULL`, null, route, kind);
          else db.run(`UPDATE lanes SET retired_at = ?1 WHERE ${of} AND retired_at IS NULL`, at, route, kind);
        }
      });
    },
    async giveUpLanes(retiredBefore, at) {
      const sql = `SELECT l.id, l.route, l.stream AS stream_id, l.offset, s.name AS stream, s.up_to FROM lanes l JOIN streams s ON s.id = l.stream
        WHERE l.retired_at < ? AND l.given_up_at IS NULL`;
      const lanes = db.all<Parameters<typeof giveUp>[2] & { up_to: number }>(sql, retiredBefore);
      if (lanes.length === 0) return [];
      return db.write(() => {
        const given: GivenUp[] = [];
        for (const lane of lanes) {
          const gone = giveUp(db, chunks, lane, lane.up_to, `the route ${lane.route} is configured no more`, at);
          if (gone) given.push(gone);
          db.run('UPDATE lanes SET given_up_at = ? WHERE id = ?', at, lane.id);
        }
        return given;
      });
    },
    async giveUpOldest(bytes, at) {
      return db.write(() => giveUpOldest(db, chunks, bytes, at));
    },
    async lanes(route) {
      const rows = route === undefined ? db.all<LaneColumns>(lanesSql('')) : db.all<LaneColumns>(lanesSql('AND l.route = ?'), route);
      return rows.map((row): LaneState => {
        const { name: stream, offset, up_to: upTo, retired_at: retiredAt, delivered, filtered, refused, given_up: givenUp, start, opened_at: openedAt } = row;
        const waiting = { backlogBytes: row.backlog ?? 0, oldestWaiting: row.oldest };
        return { route: row.route, stream, origin: originOf(row), offset, upTo, ...waiting, retiredAt, delivered, filtered, refused, givenUp, start, openedAt };
      });
    },
    async streams() {
      return db.all<StreamColumns>(streamsSql).map((row): StreamState => {
        const { name: id, up_to: upTo, read_up_to: readUpTo, newest_time: newestTime, asked_at, at, failure, next_at: nextAt, read, repeated, odd } = row;
        const askedAt = asked_at === null ? at : Math.max(asked_at, at ?? asked_at);
        return { ...originOf(row), id, upTo, readUpTo, newestTime, askedAt, nextAt, failure, read, repeated, odd };
      });
    },
    async note(subject, { at, failure, nextAt }) {
      const sql = `INSERT INTO health (subject, at, failure, next_at) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET at = excluded.at, failure = excluded.failure, next_at = excluded.next_at`;
      db.write(() => db.run(sql, subject, at, failure, nextAt));
    },
    async healths() {
      const rows = db.all<{ subject: string; at: Millis; failure: string | null; next_at: Millis | null }>('SELECT subject, at, failure, next_at FROM health');
      return new Map(rows.map(({ subject, at, failure, next_at: nextAt }): [string, Health] => [subject, { at, failure, nextAt }]));
    },
  };
}

interface WaitingChunk extends Lane {
  readonly id: number;
  readonly stream_id: number;
  readonly offset: number;
  readonly last_seq: number;
  readonly bytes: number;
}

/** The route for which most records wait, first. */
const slowestSql = `SELECT l.route FROM lanes l JOIN streams s ON s.id = l.stream
  WHERE l.given_up_at IS NULL AND l.offset < s.up_to GROUP BY l.route ORDER BY sum(s.up_to - l.offset) DESC, l.route`;

const waitingSql = `SELECT l.id, l.route, s.name AS stream, l.stream AS stream_id, l.offset, c.last_seq, c.bytes
  FROM lanes l JOIN streams s ON s.id = l.stream JOIN chunks c ON c.stream = l.stream AND c.last_seq > l.offset
  WHERE l.route = ? AND l.given_up_at IS NULL ORDER BY c.fetched_at, c.stream, c.last_seq LIMIT 20000`;

/**
 * The oldest chunks that the slowest route waits for, until they are so many bytes; the next slowest only when the slowest waits for nothing more.
 *
 * Another route may still wait for the same chunks: then there is room as soon as it has them, and it loses nothing.
 */
function giveUpOldest(db: Database, chunks: Chunks, bytes: number, at: Millis): GivenUp[] {
  const given: GivenUp[] = [];
  let freed = 0;
  for (const { route } of db.all<{ route: string }>(slowestSql)) {
    const upTo = new Map<number, WaitingChunk>();
    for (const chunk of db.all<WaitingChunk>(waitingSql, route)) {
      if (freed >= bytes) break;
      freed += chunk.bytes;
      upTo.set(chunk.id, chunk);
    }
    for (const lane of upTo.values()) {
      const gone = giveUp(db, chunks, lane, lane.last_seq, 'the journal is full', at);
      if (gone) given.push(gone);
    }
  }
  return given;
}
