/** What could not be had, what was given up, and what was counted. */
import type { CountRow, GapRow, Ledger } from '../core/store.ts';
import type { Gap, Millis } from '../core/types.ts';
import type { Database } from './database.ts';
import { ensureStream, type OriginColumns, originColumns, originFromName, originJoin, originOf } from './streams.ts';

/** Within a transaction. */
export function addGap(db: Database, stream: number, { since, until, reason }: Gap, at: Millis): void {
  db.run("INSERT INTO gaps (kind, stream, since, until, reason, found_at) VALUES ('gap', ?, ?, ?, ?, ?)", stream, since, until, reason, at);
}

interface GapColumns extends OriginColumns {
  readonly id: number;
  readonly gap_kind: GapRow['kind'];
  readonly name: string;
  readonly route: string | null;
  readonly since: Millis | null;
  readonly until: Millis;
  readonly reason: string;
  readonly found_at: Millis;
  readonly records: number | null;
}

interface CountColumns extends Omit<CountRow, 'givenUp'> {
  readonly given_up: number;
}

export function openLedger(db: Database): Ledger {
  return {
    async addGap(stream, gap, at) {
      db.write(() => addGap(db, ensureStream(db, stream, originFromName(stream)).id, gap, at));
    },
    async gaps() {
      const rows = db.all<GapColumns>(
        `SELECT g.id, g.kind AS gap_kind, s.name, g.route, g.since, g.until, g.reason, g.found_at, g.records, ${originColumns}
         FROM gaps g JOIN streams s ON s.id = g.stream ${originJoin} ORDER BY g.id`,
      );
      return rows.map((row): GapRow => {
        const { id, gap_kind: kind, name: stream, route, since, until, reason, found_at: foundAt, records } = row;
        return { id, kind, stream, origin: originOf(row), route, since, until, reason, foundAt, records };
      });
    },
    async counts() {
      const rows = db.all<CountColumns>(
        `SELECT c.hour, s.name AS stream, c.route, c.read, c.repeated, c.filtered, c.delivered, c.refused, c.given_up, c.skipped
         FROM counts c JOIN streams s ON s.id = c.stream ORDER BY c.hour, s.name, c.route`,
      );
      return rows.map(({ given_up: givenUp, ...row }): CountRow => ({ ...row, givenUp }));
    },
  };
}
