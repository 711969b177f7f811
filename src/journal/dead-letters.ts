/** What sinks refused for good: kept with its text, whatever is trimmed, until it is put back or dropped. */
import { packItems } from '../core/pack.ts';
import type { DeadLetter, DeadLetters } from '../core/store.ts';
import type { Json, Millis } from '../core/types.ts';
import type { Added, Chunks } from './chunks.ts';
import { addCounts, hourOf } from './counts.ts';
import type { Database } from './database.ts';
import { openLane } from './lanes.ts';
import { ensureStream, type OriginColumns, originColumns, originJoin, originOf } from './streams.ts';

interface LetterColumns extends OriginColumns {
  readonly id: number;
  readonly route: string;
  readonly name: string;
  readonly seq: number;
  readonly key: string;
  readonly code: string;
  readonly reason: string;
  readonly at: Millis;
  readonly time: Millis;
  readonly fetched_at: Millis;
  readonly meta: string | null;
  readonly json: string;
}

const select = `SELECT d.id, d.route, s.name, d.seq, d.key, d.code, d.reason, d.at, d.time, d.fetched_at, d.meta, d.json, ${originColumns}
  FROM dead_letters d JOIN streams s ON s.id = d.stream ${originJoin}`;

export interface DeadLettersOptions {
  readonly db: Database;
  readonly chunks: Chunks;
}

export function openDeadLetters({ db, chunks }: DeadLettersOptions): DeadLetters {
  const find = (id: number) => db.get<LetterColumns>(`${select} WHERE d.id = ?`, id);

  return {
    async list({ route, ids, limit }) {
      let rows: LetterColumns[];
      if (ids) {
        rows = ids.flatMap((id) => find(id) ?? []).filter((row) => route === undefined || row.route === route);
        if (limit !== undefined) rows = rows.slice(0, limit);
      } else {
        rows = db.all<LetterColumns>(`${select} WHERE ?1 IS NULL OR d.route = ?1 ORDER BY d.id LIMIT ?2`, route ?? null, limit ?? -1);
      }
      return rows.map(letterOf);
    },
    async count() {
      return db.get<{ count: number }>('SELECT count(*) AS count FROM dead_letters')?.count ?? 0;
    },
    async retry(ids, at) {
      let added: readonly Added[] = [];
      const count = db.write(() => {
        const rows = [...new Set(ids)].flatMap((id) => find(id) ?? []);
        added = [...groupsOf(rows).values()].flatMap((group) => putBack(group, at));
        for (const { id } of rows) db.run('DELETE FROM dead_letters WHERE id = ?', id);
        return rows.length;
      });
      chunks.keep(added);
      return count;
    },
    async drop(ids) {
      return db.write(() => ids.reduce((sum, id) => sum + db.run('DELETE FROM dead_letters WHERE id = ?', id).changes, 0));
    },
  };

  /** Letters of one route and stream, fetched at one moment, become one page of a stream of their own. */
  function putBack(group: readonly LetterColumns[], at: Millis): readonly Added[] {
    const [{ route, name, fetched_at: fetchedAt, ...origin }] = group as [LetterColumns];
    const lane = { route, stream: retryStream(route, name) };
    openLane(db, lane, originOf(origin), 'now', at);
    const stream = ensureStream(db, lane.stream, originOf(origin));
    const items = group.map(({ key, time, json, meta }) => ({ key, time, json, ...(meta === null ? {} : { meta: JSON.parse(meta) as Json }) }));
    const added = chunks.add(stream.id, packItems(items), stream.up_to + 1, fetchedAt);
    db.run('UPDATE streams SET up_to = up_to + ?1, read = read + ?1, asked_at = ?2 WHERE id = ?3', items.length, at, stream.id);
    addCounts(db, { hour: hourOf(fetchedAt), stream: stream.id, route: '', read: items.length });
    return added;
  }
}

/** The stream that carries what is sent again. Refused once more, a letter comes back through the same one. */
function retryStream(route: string, stream: string): string {
  const prefix = `retry/${route}/`;
  return stream.startsWith(prefix) ? stream : prefix + stream;
}

function groupsOf(rows: readonly LetterColumns[]): Map<string, LetterColumns[]> {
  const groups = new Map<string, LetterColumns[]>();
  for (const row of rows) {
    const name = JSON.stringify([row.route, row.name, row.fetched_at]);
    const group = groups.get(name);
    if (group) group.push(row);
    else groups.set(name, [row]);
  }
  return groups;
}

function letterOf(row: LetterColumns): DeadLetter {
  const { id, route, name: stream, seq, key, code, reason, at, time, fetched_at: fetchedAt, json } = row;
  return { id, lane: { route, stream }, origin: originOf(row), seq, key, code, reason, at, time, fetchedAt, json };
}
