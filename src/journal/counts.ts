/** Counts by the hour in which records were fetched: what was read in an hour, and what became of it. */
import type { Millis } from '../core/types.ts';
import type { Chunk } from './chunks.ts';
import type { Database } from './database.ts';

const hourMs = 3_600_000;

export interface Counts {
  readonly hour: Millis;
  readonly stream: number;
  /** Empty: reading. */
  readonly route: string;
  readonly read?: number;
  readonly repeated?: number;
  readonly filtered?: number;
  readonly delivered?: number;
  readonly refused?: number;
  readonly givenUp?: number;
  readonly skipped?: number;
}

/** Start of its hour. */
export function hourOf(at: Millis): Millis {
  return Math.floor(at / hourMs) * hourMs;
}

/** Within a transaction. */
export function addCounts(db: Database, counts: Counts): void {
  const { hour, stream, route, read = 0, repeated = 0, filtered = 0, delivered = 0, refused = 0, givenUp = 0, skipped = 0 } = counts;
  db.run(
    `INSERT INTO counts (hour, stream, route, read, repeated, filtered, delivered, refused, given_up, skipped) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET read = read + excluded.read, repeated = repeated + excluded.repeated, filtered = filtered + excluded.filtered,
       delivered = delivered + excluded.delivered, refused = refused + excluded.refused, given_up = given_up + excluded.given_up,
       skipped = skipped + excluded.skipped`,
    hour,
    stream,
    route,
    read,
    repeated,
    filtered,
    delivered,
    refused,
    givenUp,
    skipped,
  );
}

/** A run of records of a span that were fetched in one hour. */
export interface HourPart {
  readonly hour: Millis;
  readonly after: number;
  readonly upTo: number;
}

/** Cuts `after < seq <= upTo` where the hour of fetching changes from chunk to chunk. */
export function partsByHour(chunks: readonly Chunk[], after: number, upTo: number): HourPart[] {
  const parts: HourPart[] = [];
  for (const chunk of chunks) {
    const hour = hourOf(chunk.fetched_at);
    const from = Math.max(after, chunk.first_seq - 1);
    const to = Math.min(upTo, chunk.last_seq);
    const last = parts.at(-1);
    if (last?.hour === hour && last.upTo === from) parts[parts.length - 1] = { hour, after: last.after, upTo: to };
    else parts.push({ hour, after: from, upTo: to });
  }
  return parts;
}
