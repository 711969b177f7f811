/**
 * The first layout.
 *
 * chunks     one row per appended page (or part of a large one), without its contents: found by (stream, last_seq), so that the
 *            first row after an offset is the one that holds the next record. Small, so that walking a backlog touches no contents.
 * packs      the contents: `head` is counts, times, ends, keys and metas; `text` the records, each followed by LF.
 * keys       remembered keys, one row per page: 16 bytes of digest each, then 8 of time each.
 * counts     by the hour in which a record was fetched, so that what was read in an hour equals what became of it. Rows with an
 *            empty route count reading, the others delivering.
 */
export const first = `
CREATE TABLE owner (id INTEGER PRIMARY KEY CHECK (id = 1), command TEXT NOT NULL, pid INTEGER NOT NULL, host TEXT NOT NULL, since INTEGER NOT NULL);

CREATE TABLE tenants (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, labels TEXT NOT NULL, aside_reason TEXT, aside_until INTEGER
) WITHOUT ROWID;
CREATE TABLE tenant_names (folded TEXT PRIMARY KEY, name TEXT NOT NULL, tenant TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE streams (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, tenant TEXT NOT NULL,
  checkpoint TEXT, version INTEGER NOT NULL DEFAULT 0, up_to INTEGER NOT NULL DEFAULT 0,
  read_up_to INTEGER, newest_time INTEGER, asked_at INTEGER,
  read INTEGER NOT NULL DEFAULT 0, repeated INTEGER NOT NULL DEFAULT 0, odd INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE chunks (
  stream INTEGER NOT NULL, last_seq INTEGER NOT NULL, first_seq INTEGER NOT NULL, fetched_at INTEGER NOT NULL,
  oldest_time INTEGER NOT NULL, newest_time INTEGER NOT NULL, bytes INTEGER NOT NULL, pack INTEGER NOT NULL,
  PRIMARY KEY (stream, last_seq)
) WITHOUT ROWID;
CREATE TABLE packs (id INTEGER PRIMARY KEY, head BLOB NOT NULL, text BLOB NOT NULL);

CREATE TABLE keys (id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, newest_time INTEGER NOT NULL, digests BLOB NOT NULL);
CREATE INDEX keys_by_stream ON keys (stream, newest_time);

CREATE TABLE lanes (
  id INTEGER PRIMARY KEY, route TEXT NOT NULL, stream INTEGER NOT NULL, start INTEGER NOT NULL, offset INTEGER NOT NULL,
  opened_at INTEGER NOT NULL, retired_at INTEGER, given_up_at INTEGER,
  delivered INTEGER NOT NULL DEFAULT 0, filtered INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0,
  given_up INTEGER NOT NULL DEFAULT 0, UNIQUE (stream, route)
);
CREATE TABLE marks (route TEXT NOT NULL, place TEXT NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (route, place)) WITHOUT ROWID;

CREATE TABLE counts (
  hour INTEGER NOT NULL, stream INTEGER NOT NULL, route TEXT NOT NULL,
  read INTEGER NOT NULL DEFAULT 0, repeated INTEGER NOT NULL DEFAULT 0, filtered INTEGER NOT NULL DEFAULT 0, delivered INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0, given_up INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (hour, stream, route)
) WITHOUT ROWID;
CREATE TABLE gaps (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, stream INTEGER NOT NULL, route TEXT, since INTEGER, until INTEGER NOT NULL,
  reason TEXT NOT NULL, found_at INTEGER NOT NULL, records INTEGER
);
CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY AUTOINCREMENT, route TEXT NOT NULL, stream INTEGER NOT NULL, seq INTEGER NOT NULL, key TEXT NOT NULL,
  code TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL, time INTEGER NOT NULL, fetched_at INTEGER NOT NULL, meta TEXT, json TEXT NOT NULL
);

CREATE TABLE health (subject TEXT PRIMARY KEY, at INTEGER NOT NULL, failure TEXT, next_at INTEGER) WITHOUT ROWID;
CREATE TABLE wishes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL, answer TEXT, answered_at INTEGER
);
`;
