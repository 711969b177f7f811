/** What other processes ask of the owner: rows that they leave and the owner answers. */
import type { Wish, Wishes } from '../core/store.ts';
import type { Json, Millis } from '../core/types.ts';
import type { Database } from './database.ts';

/** An answered wish is of no use once who left it has gone. */
const answeredKeptMs: Millis = 24 * 3_600_000;

/** `writing`: the connection on which wishes are left; for those beside the owner it is not the one that reads. */
export function openWishes(db: Database, writing: () => Database): Wishes {
  // Its first value is of no interest: who opens the journal reads the open wishes anyway.
  let seen = version();

  function version(): number {
    return db.get<{ data_version: number }>('PRAGMA data_version')?.data_version ?? 0;
  }

  return {
    async leave(kind, body, at) {
      const to = writing();
      return to.write(() => to.run('INSERT INTO wishes (kind, body, at) VALUES (?, ?, ?)', kind, JSON.stringify(body), at).lastId);
    },
    async open() {
      const rows = db.all<{ id: number; kind: Wish['kind']; body: string }>('SELECT id, kind, body FROM wishes WHERE answered_at IS NULL ORDER BY id');
      return rows.map(({ id, kind, body }) => ({ id, kind, body: JSON.parse(body) as Json }));
    },
    async answer(id, answer, at) {
      db.write(() => {
        db.run('UPDATE wishes SET answer = ?, answered_at = ? WHERE id = ?', JSON.stringify(answer), at, id);
        db.run('DELETE FROM wishes WHERE answered_at < ?', at - answeredKeptMs);
      });
    },
    async answered(id) {
      const row = db.get<{ answer: string | null }>('SELECT answer FROM wishes WHERE id = ? AND answered_at IS NOT NULL', id);
      return row?.answer ? (JSON.parse(row.answer) as Json) : null;
    },
    changed() {
      const now = version();
      const changed = now !== seen;
      seen = now;
      return changed;
    },
  };
}
