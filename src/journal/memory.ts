/**
 * The journal in memory, for tests and for work that keeps nothing.
 *
 * Made of plain lists and on purpose as simple as can be: the journals that matter are compared with it, step by step.
 */
import { Failure } from '../core/failure.ts';
import { packItems, recordsOf } from '../core/pack.ts';
import type { Directory, Journal, ReadLimit, Settled, Store } from '../core/store.ts';
import type { Marks, Millis, Page, Place, Receipt, Stream, StreamRecord } from '../core/types.ts';
import type { Clock } from '../core/world.ts';
import { alreadyRead } from './adopt.ts';
import { count, emptyState, ensureStream, giveUp, laneOf, type MemoryState, openLane, originOf, recordsAfter } from './memory-state.ts';
import { openNames } from './names.ts';
import { originFromName } from './streams.ts';

export function openMemoryStore({ clock }: { readonly clock: Clock }): Store {
  const state = emptyState();
  const names = new Map<string, { tenant: string; name: string }>();
  let changed = false;
  return {
    journal: journalIn(state),
    directory: directoryIn(state, clock),
    ledger: {
      async addGap(stream, gap, at) {
        ensureStream(state, stream, originFromName(stream));
        state.gaps.push({ ...gap, id: state.nextId++, kind: 'gap', stream, route: null, records: null, foundAt: at });
      },
      gaps: async () => state.gaps.map((gap) => ({ ...gap, origin: originOf(state, gap.stream) })),
      counts: async () => [...state.counts.values()].sort((a, b) => a.hour - b.hour || order(a.stream, b.stream) || order(a.route, b.route)),
    },
    deadLetters: {
      async list({ route, ids, limit }) {
        const found = ids ? ids.flatMap((id) => state.letters.find((letter) => letter.id === id) ?? []) : state.letters;
        const mine = found.filter((letter) => route === undefined || letter.lane.route === route).slice(0, limit);
        return mine.map(({ record: _, ...letter }) => ({ ...letter, origin: originOf(state, letter.lane.stream) }));
      },
      count: async () => state.letters.length,
      retry: async (ids, at) => retry(state, new Set(ids), at),
      async drop(ids) {
        const before = state.letters.length;
        state.letters = state.letters.filter(({ id }) => !ids.includes(id));
        return before - state.letters.length;
      },
    },
    wishes: {
      async leave(kind, body) {
        changed = true;
        state.wishes.push({ id: state.nextId, kind, body, answer: null, answeredAt: null });
        return state.nextId++;
      },
      open: async () => state.wishes.filter(({ answeredAt }) => answeredAt === null).map(({ id, kind, body }) => ({ id, kind, body })),
      async answer(id, answer, at) {
        const wish = state.wishes.find((each) => each.id === id);
        if (wish) Object.assign(wish, { answer, answeredAt: at });
      },
      answered: async (id) => state.wishes.find((wish) => wish.id === id)?.answer ?? null,
      changed() {
        const was = changed;
        changed = false;
        return was;
      },
    },
    names: openNames({ holder: (folded) => names.get(folded), hold: (folded, name, tenant) => void names.set(folded, { tenant, name }) }),
    async reset(id, checkpoint, since) {
      const stream = ensureStream(state, id, originFromName(id));
      stream.place = { at: checkpoint, version: stream.place.version + 1 };
      stream.readUpTo = checkpoint === null || stream.readUpTo === null ? null : Math.min(stream.readUpTo, since);
      const gone = [...stream.keys].filter(([, time]) => time >= since);
      for (const [key] of gone) stream.keys.delete(key);
      return Math.max(gone.length, stream.pages.flat().filter(({ time }) => time >= since).length);
    },
    async adopt(streams) {
      const read = streams.filter(({ id }) => (state.streams.get(id)?.upTo ?? 0) > 0 || (state.streams.get(id)?.askedAt ?? null) !== null);
      if (read.length > 0) throw alreadyRead(read.map(({ id }) => id));
      for (const { id, origin, checkpoint, readUpTo, delivered } of streams) {
        const mine = ensureStream(state, id, origin);
        mine.place = { at: checkpoint, version: mine.place.version + 1 };
        mine.readUpTo = readUpTo;
        for (const { key, time } of delivered) mine.keys.set(key, time);
      }
    },
    async remember(streams) {
      for (const { id, origin, delivered } of streams) for (const { key, time } of delivered) ensureStream(state, id, origin).keys.set(key, time);
    },
    bytes: () => bytesIn(state),
    close: async () => undefined,
  };
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const bytesIn = (state: MemoryState) => sizeOf([...state.streams.values()].flatMap(({ pages }) => pages.flat()));
const sizeOf = (records: readonly StreamRecord[]) => records.reduce((sum, { utf8 }) => sum + utf8.length + 1, 0);

function journalIn(state: MemoryState): Journal {
  return {
    place: async (id) => state.streams.get(id)?.place ?? { at: null, version: 0 },
    append: async (stream, page, from, fetchedAt) => append(state, stream, page, from, fetchedAt),
    async read(lane, limit, after) {
      const known = laneOf(state, lane);
      const start = after ?? known?.offset ?? 0;
      return { lane, after: start, records: known ? fitting(recordsAfter(state, lane.stream, start), limit) : [] };
    },
    settle: async (spans, receipt, at) => settle(state, spans, receipt, at),
    prepare: async (route, marks) => saveMarks(state, route, marks),
    marks: async (route) => new Map(state.marks.get(route) ?? []),
    async trim(before) {
      const held = bytesIn(state);
      for (const stream of state.streams.values()) {
        const floor = Math.min(...state.lanes.filter((lane) => lane.stream === stream.id && !lane.isGivenUp).map(({ offset }) => offset));
        const stays = stream.pages.findIndex((page) => page.some(({ seq, fetchedAt }) => seq > floor || fetchedAt >= before));
        stream.pages = stays === -1 ? [] : stream.pages.slice(stays);
      }
      return held - bytesIn(state);
    },
    close: async () => undefined,
  };
}

function append(state: MemoryState, stream: Stream, page: Page, from: Place, fetchedAt: Millis) {
  const version = state.streams.get(stream.id)?.place.version ?? 0;
  if (version !== from.version) throw new Failure('stale', 'journal.stale-place', `${stream.id} stands at version ${version}, not ${from.version}`);
  const mine = ensureStream(state, stream.id, stream);
  const { items } = page;
  const given = recordsOf(items, 1, fetchedAt);
  const fresh = given.filter(({ key, time }) => {
    if (stream.repeats === 'never') return true;
    if (mine.keys.has(key)) return false;
    mine.keys.set(key, time);
    return true;
  });
  // Copied: whoever made the page may use its memory again.
  const copies = packItems(fresh.map(({ key, time, json, meta }) => ({ key, time, json, ...(meta === undefined ? {} : { meta }) })));
  if (fresh.length > 0) mine.pages.push(recordsOf(copies, mine.upTo + 1, fetchedAt));
  mine.upTo += fresh.length;
  mine.place = { at: page.next, version: from.version + 1 };
  mine.readUpTo = page.readUpTo ?? mine.readUpTo;
  for (const { time } of given) mine.newestTime = Math.max(mine.newestTime ?? time, time);
  mine.askedAt = fetchedAt;
  mine.read += fresh.length;
  mine.repeated += given.length - fresh.length;
  mine.odd += page.odd ?? 0;
  if (given.length > 0) count(state, fetchedAt, { stream: stream.id, route: '' }, { read: fresh.length, repeated: given.length - fresh.length });
  if (page.gap) state.gaps.push({ ...page.gap, id: state.nextId++, kind: 'gap', stream: stream.id, route: null, records: null, foundAt: fetchedAt });
  return { place: mine.place, accepted: fresh.length, repeated: given.length - fresh.length, journalBytes: bytesIn(state) };
}

function fitting(records: readonly StreamRecord[], limit: ReadLimit): StreamRecord[] {
  const taken: StreamRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    bytes += record.utf8.length + 1;
    if (taken.length > 0 && (taken.length >= limit.records || bytes > limit.bytes)) break;
    taken.push(record);
  }
  return taken;
}

function settle(state: MemoryState, spans: readonly Settled[], { refused, marks }: Receipt, at: Millis): void {
  const offsets = new Map<unknown, number>();
  for (const { lane, after, upTo } of spans) {
    const known = laneOf(state, lane);
    const newest = state.streams.get(lane.stream)?.upTo ?? 0;
    if (!known || (offsets.get(known) ?? known.offset) !== after || upTo < after || upTo > newest)
      throw new Failure('stale', 'journal.stale-lane', `${lane.route}, ${lane.stream} does not stand at ${after}`);
    offsets.set(known, upTo);
  }
  for (const { lane, after, upTo, filtered } of spans) {
    const known = laneOf(state, lane);
    if (!known) continue;
    const letters = refused.filter((each) => each.lane.route === lane.route && each.lane.stream === lane.stream && each.seq > after && each.seq <= upTo);
    known.offset = upTo;
    known.filtered += filtered;
    known.refused += letters.length;
    known.delivered += upTo - after - filtered - letters.length;
    let toFilter = filtered;
    for (const record of recordsAfter(state, lane.stream, after).filter(({ seq }) => seq <= upTo)) {
      const refusal = letters.find(({ seq }) => seq === record.seq);
      if (refusal) count(state, record.fetchedAt, lane, { refused: 1 });
      else if (toFilter-- > 0) count(state, record.fetchedAt, lane, { filtered: 1 });
      else count(state, record.fetchedAt, lane, { delivered: 1 });
      if (!refusal) continue;
      const { key, json, time, fetchedAt, seq } = record;
      const { code, reason } = refusal;
      state.letters.push({ id: state.nextId++, lane: { route: lane.route, stream: lane.stream }, seq, key, code, reason, at, json, time, fetchedAt, record });
    }
  }
  const route = spans[0]?.lane.route;
  if (marks && route !== undefined) saveMarks(state, route, marks);
}

function saveMarks(state: MemoryState, route: string, marks: Marks): void {
  const mine = state.marks.get(route) ?? new Map();
  state.marks.set(route, mine);
  for (const [place, mark] of marks) {
    if (mark === null) mine.delete(place);
    else mine.set(place, mark);
  }
}

function retry(state: MemoryState, ids: ReadonlySet<number>, at: Millis): number {
  const chosen = [...ids].flatMap((id) => state.letters.find((letter) => letter.id === id) ?? []);
  const pages = new Map<string, typeof chosen>();
  for (const letter of chosen) {
    const prefix = `retry/${letter.lane.route}/`;
    const id = letter.lane.stream.startsWith(prefix) ? letter.lane.stream : prefix + letter.lane.stream;
    const page = JSON.stringify([letter.lane.route, id, letter.lane.stream, letter.fetchedAt]);
    pages.set(page, [...(pages.get(page) ?? []), letter]);
  }
  for (const [name, letters] of pages) {
    const [route, id, from] = JSON.parse(name) as [string, string, string];
    openLane(state, { route, stream: id }, originOf(state, from), 'now', at);
    const stream = ensureStream(state, id, originOf(state, from));
    const fetchedAt = letters[0]?.fetchedAt ?? at;
    const copies = packItems(letters.map(({ record: { key, time, json, meta } }) => ({ key, time, json, ...(meta === undefined ? {} : { meta }) })));
    stream.pages.push(recordsOf(copies, stream.upTo + 1, fetchedAt));
    stream.upTo += letters.length;
    stream.read += letters.length;
    stream.askedAt = at;
    count(state, fetchedAt, { stream: id, route: '' }, { read: letters.length });
  }
  state.letters = state.letters.filter(({ id }) => !ids.has(id));
  return chosen.length;
}

function directoryIn(state: MemoryState, clock: Clock): Directory {
  return {
    async saveTenants(account, tenants) {
      for (const tenant of tenants) {
        const known = state.tenants.get(tenant.id);
        state.tenants.set(tenant.id, { ...tenant, account, asideReason: known?.asideReason ?? null, asideUntil: known?.asideUntil ?? null });
      }
    },
    async setAside(id, reason, until) {
      const known = state.tenants.get(id);
      if (known) state.tenants.set(id, { ...known, asideReason: reason, asideUntil: reason === null ? null : until });
    },
    tenants: async () => [...state.tenants.values()].sort((a, b) => order(a.name, b.name) || order(a.id, b.id)),
    openLane: async (lane, origin, start) => openLane(state, lane, origin, start, clock.now()),
    async openLanes(lanes) {
      for (const { lane, origin, start } of lanes) openLane(state, lane, origin, start, clock.now());
    },
    async retireLanes(except, at) {
      for (const lane of state.lanes) {
        const isWanted = except.get(lane.route)?.has(originOf(state, lane.stream).stream) === true;
        lane.retiredAt = isWanted ? null : (lane.retiredAt ?? at);
      }
    },
    async giveUpLanes(retiredBefore, at) {
      const lanes = state.lanes.filter(({ retiredAt, isGivenUp }) => !isGivenUp && retiredAt !== null && retiredAt < retiredBefore);
      return lanes.flatMap((lane) => {
        const given = giveUp(state, lane, state.streams.get(lane.stream)?.upTo ?? 0, `the route ${lane.route} is configured no more`, at);
        lane.isGivenUp = true;
        return given ?? [];
      });
    },
    async giveUpOldest(bytes, at) {
      const lanes = state.lanes.filter(({ isGivenUp }) => !isGivenUp);
      const waits = lanes.flatMap((lane) =>
        (state.streams.get(lane.stream)?.pages ?? []).filter((page) => (page.at(-1)?.seq ?? 0) > lane.offset).map((page) => ({ lane, page })),
      );
      waits.sort((a, b) => (a.page[0]?.fetchedAt ?? 0) - (b.page[0]?.fetchedAt ?? 0));
      const backlogs = new Map<string, number>();
      for (const { route, stream, offset } of lanes) {
        backlogs.set(route, (backlogs.get(route) ?? 0) + (state.streams.get(stream)?.upTo ?? 0) - offset);
      }
      const upTo = new Map<(typeof lanes)[number], number>();
      let freed = 0;
      for (const [route] of [...backlogs].sort(([a, mine], [b, other]) => other - mine || (a < b ? -1 : 1))) {
        for (const { lane, page } of waits.filter((each) => each.lane.route === route)) {
          if (freed >= bytes) break;
          freed += sizeOf(page);
          upTo.set(lane, page.at(-1)?.seq ?? 0);
        }
      }
      return [...upTo].flatMap(([lane, last]) => giveUp(state, lane, last, 'the journal is full', at) ?? []);
    },
    async lanes(route) {
      const mine = state.lanes.filter((lane) => !lane.isGivenUp && (route === undefined || lane.route === route));
      return mine.map(({ isGivenUp: _, ...lane }) => {
        const waiting = (state.streams.get(lane.stream)?.pages ?? []).filter((page) => (page.at(-1)?.seq ?? 0) > lane.offset).flat();
        const upTo = state.streams.get(lane.stream)?.upTo ?? 0;
        const oldestWaiting = waiting.length === 0 ? null : Math.min(...waiting.map(({ time }) => time));
        return { ...lane, origin: originOf(state, lane.stream), upTo, backlogBytes: sizeOf(waiting), oldestWaiting };
      });
    },
    async streams() {
      return [...state.streams.values()].map(({ id, upTo, readUpTo, newestTime, askedAt, read, repeated, odd }) => {
        const health = state.healths.get(id);
        const asked = askedAt === null ? (health?.at ?? null) : Math.max(askedAt, health?.at ?? askedAt);
        const how = { askedAt: asked, nextAt: health?.nextAt ?? null, failure: health?.failure ?? null };
        return { ...originOf(state, id), id, upTo, readUpTo, newestTime, ...how, read, repeated, odd };
      });
    },
    note: async (subject, health) => void state.healths.set(subject, health),
    healths: async () => new Map(state.healths),
  };
}
