/** Rows of streams: what every other table calls a stream is the number given here. */
import type { Origin } from '../core/types.ts';
import type { Database } from './database.ts';

export interface StreamRow {
  readonly id: number;
  readonly checkpoint: string | null;
  readonly version: number;
  readonly up_to: number;
  readonly newest_time: number | null;
  readonly read_up_to: number | null;
}

/** How an origin stands in a row, with the tenant's newest name. */
export interface OriginColumns {
  readonly kind: string;
  readonly tenant: string;
  readonly tenant_name: string | null;
  readonly labels: string | null;
}

/** To be joined wherever `originOf` reads a row; expects the stream as `s`. */
export const originColumns = 's.kind, s.tenant, t.name AS tenant_name, t.labels';
export const originJoin = 'LEFT JOIN tenants t ON t.id = s.tenant';

export function originOf({ kind, tenant, tenant_name: name, labels }: OriginColumns): Origin {
  return { stream: kind, tenant: { id: tenant, name: name ?? tenant, labels: labels === null ? {} : (JSON.parse(labels) as Record<string, string>) } };
}

export function findStream(db: Database, name: string): StreamRow | undefined {
  return db.get<StreamRow>('SELECT id, checkpoint, version, up_to, newest_time, read_up_to FROM streams WHERE name = ?', name);
}

/** The stream's row, made if it is new. Within a transaction. */
export function ensureStream(db: Database, name: string, origin: Origin): StreamRow {
  const known = findStream(db, name);
  if (known) return known;
  const { id, name: tenantName, labels } = origin.tenant;
  // An account's list may come later than its first stream (legacy tokens have none).
  db.run("INSERT INTO tenants (id, account, name, labels) VALUES (?, '', ?, ?) ON CONFLICT DO NOTHING", id, tenantName, JSON.stringify(labels));
  const { lastId } = db.run('INSERT INTO streams (name, kind, tenant) VALUES (?, ?, ?)', name, origin.stream, id);
  return { id: lastId, checkpoint: null, version: 0, up_to: 0, newest_time: null, read_up_to: null };
}

/** An origin from a stream's name, `<tenant id>/<kind>`, for a stream that is not known yet. */
export function originFromName(name: string): Origin {
  const slash = name.lastIndexOf('/');
  const id = slash === -1 ? '' : name.slice(0, slash);
  return { stream: name.slice(slash + 1), tenant: { id, name: id, labels: {} } };
}
