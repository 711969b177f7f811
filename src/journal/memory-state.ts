/** What the journal in memory holds: plain lists and maps. */
import type { CountRow, DeadLetter, GapRow, GivenUp, Health, KnownTenant, Wish } from '../core/store.ts';
import type { Json, Lane, Mark, Millis, Origin, Place, StreamRecord, Tenant } from '../core/types.ts';

export interface MemoryStream {
  readonly id: string;
  readonly kind: string;
  readonly tenant: string;
  place: Place;
  upTo: number;
  /** What is kept, without holes; the records of a page are removed together. */
  pages: StreamRecord[][];
  /** Key -> time of its item. */
  readonly keys: Map<string, Millis>;
  readUpTo: Millis | null;
  newestTime: Millis | null;
  askedAt: Millis | null;
  read: number;
  repeated: number;
  odd: number;
}

export interface MemoryLane extends Lane {
  start: number;
  offset: number;
  openedAt: Millis;
  retiredAt: Millis | null;
  isGivenUp: boolean;
  delivered: number;
  filtered: number;
  refused: number;
  givenUp: number;
}

export interface MemoryState {
  readonly streams: Map<string, MemoryStream>;
  readonly lanes: MemoryLane[];
  readonly tenants: Map<string, KnownTenant>;
  readonly marks: Map<string, Map<string, Mark>>;
  readonly counts: Map<string, CountRow>;
  readonly gaps: Omit<GapRow, 'origin'>[];
  letters: (Omit<DeadLetter, 'origin'> & { readonly record: StreamRecord })[];
  readonly healths: Map<string, Health>;
  readonly wishes: (Wish & { answer: Json | null; answeredAt: Millis | null })[];
  nextId: number;
}

export function emptyState(): MemoryState {
  return {
    streams: new Map(),
    lanes: [],
    tenants: new Map(),
    marks: new Map(),
    counts: new Map(),
    gaps: [],
    letters: [],
    healths: new Map(),
    wishes: [],
    nextId: 1,
  };
}

export function ensureStream(state: MemoryState, id: string, { stream: kind, tenant }: Origin): MemoryStream {
  const known = state.streams.get(id);
  if (known) return known;
  if (!state.tenants.has(tenant.id)) state.tenants.set(tenant.id, { ...tenant, account: '', asideReason: null, asideUntil: null });
  const place: Place = { at: null, version: 0 };
  const nothing = { readUpTo: null, newestTime: null, askedAt: null, read: 0, repeated: 0, odd: 0 };
  const made: MemoryStream = { id, kind, tenant: tenant.id, place, upTo: 0, pages: [], keys: new Map(), ...nothing };
  state.streams.set(id, made);
  return made;
}

export function originOf(state: MemoryState, id: string): Origin {
  const stream = state.streams.get(id);
  if (!stream) throw new Error(`no stream ${id}`);
  const known = state.tenants.get(stream.tenant);
  const tenant: Tenant = { id: stream.tenant, name: known?.name ?? stream.tenant, labels: known?.labels ?? {} };
  return { stream: stream.kind, tenant };
}

export function laneOf(state: MemoryState, { route, stream }: Lane): MemoryLane | undefined {
  return state.lanes.find((lane) => lane.route === route && lane.stream === stream && !lane.isGivenUp);
}

/** Kept records of a stream after a number. */
export function recordsAfter(state: MemoryState, stream: string, after: number): StreamRecord[] {
  return (state.streams.get(stream)?.pages ?? []).flat().filter(({ seq }) => seq > after);
}

export function count(state: MemoryState, hourOf: Millis, lane: Lane, what: Partial<CountRow>): void {
  const hour = Math.floor(hourOf / 3_600_000) * 3_600_000;
  const key = JSON.stringify([hour, lane.stream, lane.route]);
  const row: CountRow = state.counts.get(key) ?? {
    ...{ hour, route: lane.route, stream: lane.stream, read: 0, repeated: 0, filtered: 0, delivered: 0, refused: 0, givenUp: 0, skipped: 0 },
  };
  const sum = (name: 'read' | 'repeated' | 'filtered' | 'delivered' | 'refused' | 'givenUp' | 'skipped') => row[name] + (what[name] ?? 0);
  state.counts.set(key, {
    ...row,
    read: sum('read'),
    repeated: sum('repeated'),
    filtered: sum('filtered'),
    delivered: sum('delivered'),
    refused: sum('refused'),
    givenUp: sum('givenUp'),
    skipped: sum('skipped'),
  });
}

export function openLane(state: MemoryState, lane: Lane, origin: Origin, start: 'now' | 'oldest', at: Millis): void {
  const stream = ensureStream(state, lane.stream, origin);
  const before = state.lanes.find(({ route, stream: of }) => route === lane.route && of === lane.stream);
  if (before && !before.isGivenUp) {
    before.retiredAt = null;
    return;
  }
  const oldest = stream.pages[0]?.[0];
  const offset = start === 'oldest' && oldest ? oldest.seq - 1 : stream.upTo;
  const fresh = { start: offset, offset, openedAt: at, retiredAt: null, isGivenUp: false };
  if (before) {
    Object.assign(before, fresh);
    return;
  }
  state.lanes.push({ ...lane, ...fresh, delivered: 0, filtered: 0, refused: 0, givenUp: 0 });
  const hour = Math.floor(at / 3_600_000) * 3_600_000;
  const skipped = state.counts.get(JSON.stringify([hour, lane.stream, '']))?.read ?? 0;
  if (start === 'now' && skipped > 0) count(state, at, lane, { skipped });
}

export function giveUp(state: MemoryState, lane: MemoryLane, upTo: number, reason: string, at: Millis): GivenUp | null {
  const gone = recordsAfter(state, lane.stream, lane.offset).filter(({ seq }) => seq <= upTo);
  if (gone.length === 0) return null;
  for (const { fetchedAt } of gone) count(state, fetchedAt, lane, { givenUp: 1 });
  lane.offset = upTo;
  lane.givenUp += gone.length;
  const times = gone.map(({ time }) => time);
  const { stream, route } = lane;
  state.gaps.push({
    id: state.nextId++,
    kind: 'given-up',
    stream,
    route,
    since: Math.min(...times),
    until: Math.max(...times),
    reason,
    foundAt: at,
    records: gone.length,
  });
  return { lane: { route, stream }, records: gone.length };
}
