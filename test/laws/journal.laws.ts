/**
 * What every journal promises.
 *
 * A journal's own test calls `journalLaws(name, setup)`; `setup` starts with nothing. What only a journal on disk can promise (a kill,
 * a full disk, one owner) stands in its own tests.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/core/store.ts';
import type { Mark } from '../../src/core/types.ts';
import {
  acme,
  all,
  append,
  type HeldClock,
  heldClock,
  item,
  items,
  keysOf,
  laneOf,
  noon,
  openLane,
  page,
  refusal,
  settleAll,
  span,
  streamOf,
} from '../journal/pages.ts';

export interface JournalSetup {
  readonly store: Store;
  close(): Promise<void>;
}

const hour = 3_600_000;

export function journalLaws(name: string, setup: (clock: HeldClock) => Promise<JournalSetup>): void {
  const opened: JournalSetup[] = [];
  let clock = heldClock();
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });
  async function begin(): Promise<Store> {
    clock = heldClock();
    const made = await setup(clock);
    opened.push(made);
    return made.store;
  }

  describe(`${name}: append`, () => {
    it('numbers the records of a stream 1, 2, 3 and gives them back as they came', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream);
      const odd = ['0c8f0b5e-2f0b-4d7c-9a60-1f4d3c2b1a01', '0C8F0B5E-2F0B-4D7C-9A60-1F4D3C2B1A01', '', 'a\nb', 'half \ud800', '🐘', '\0'];
      const first = odd.map((key, i) => item(key, noon + i + 0.5, i % 2 ? { meta: i === 1 ? null : { snapshot: i } } : {}));
      await append(store, stream, first);
      await append(store, stream, items('more', 3), {}, noon + 9);
      const { after, records } = await store.journal.read(lane, all);
      expect(after).toBe(0);
      expect(records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(records.slice(0, 7).map(({ key, time, json, meta }) => ({ key, time, json, meta }))).toEqual(first.map((each) => ({ meta: undefined, ...each })));
      expect(records.map(({ fetchedAt }) => fetchedAt)).toEqual([...Array(7).fill(noon), ...Array(3).fill(noon + 9)]);
      expect(Buffer.from(records[0]?.utf8 ?? []).toString()).toBe(first[0]?.json);
    });

    it('begins at no checkpoint, and then keeps the last with its version', async () => {
      const store = await begin();
      const stream = streamOf();
      expect(await store.journal.place(stream.id)).toEqual({ at: null, version: 0 });
      const { place, accepted, repeated } = await store.journal.append(stream, page(items('a', 2), { c: [1, 'ä'] }), { at: null, version: 0 }, noon);
      expect({ place, accepted, repeated }).toEqual({ place: { at: { c: [1, 'ä'] }, version: 1 }, accepted: 2, repeated: 0 });
      expect(await store.journal.place(stream.id)).toEqual(place);
      expect((await store.journal.append(stream, page([], 'end'), place, noon)).place).toEqual({ at: 'end', version: 2 });
    });

    it('lets a late writer lose, and nothing of its page stays', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream);
      const from = await store.journal.place(stream.id);
      await store.journal.append(stream, page(items('a', 2)), from, noon);
      const gap = { since: null, until: noon, reason: 'late' };
      await expect(store.journal.append(stream, page(items('b', 2), 'b', { gap, odd: 1 }), from, noon)).rejects.toMatchObject({ kind: 'stale' });
      expect(await keysOf(store, lane)).toEqual(['a-0', 'a-1']);
      expect(await store.ledger.gaps()).toEqual([]);
      expect((await store.directory.streams())[0]).toMatchObject({ read: 2, odd: 0, upTo: 2 });
      // The keys of the lost page are not remembered either.
      await append(store, stream, items('b', 2));
      expect(await keysOf(store, lane)).toEqual(['a-0', 'a-1', 'b-0', 'b-1']);
    });

    it('drops what a stream with overlapping reads has had, within a page too', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream);
      await append(store, stream, [item('a'), item('b'), item('a')]);
      const from = await store.journal.place(stream.id);
      const appended = await store.journal.append(stream, page([item('c'), item('b'), item('a'), item('c'), item('d')]), from, noon);
      expect(appended).toMatchObject({ accepted: 2, repeated: 3 });
      expect(await keysOf(store, lane)).toEqual(['a', 'b', 'c', 'd']);
      expect((await store.directory.streams())[0]).toMatchObject({ read: 4, repeated: 4 });
    });

    it('keeps what a stream without overlapping reads repeats', async () => {
      const store = await begin();
      const stream = streamOf('events', 'never');
      const lane = await openLane(store, stream);
      await append(store, stream, [item('a'), item('a')]);
      await append(store, stream, [item('a')]);
      expect(await keysOf(store, lane)).toEqual(['a', 'a', 'a']);
    });

    it('tells streams apart', async () => {
      const store = await begin();
      const [events, alerts] = [streamOf('events'), streamOf('alerts')];
      await append(store, events, [item('a')]);
      await append(store, alerts, [item('a'), item('b')]);
      expect(await keysOf(store, await openLane(store, events))).toEqual(['a']);
      expect(await keysOf(store, await openLane(store, alerts))).toEqual(['a', 'b']);
    });

    it("remembers keys for 25 hours of the stream's own time, though the records are long trimmed", async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream);
      for (let i = 0; i <= 50; i++) await append(store, stream, items(`h${i}`, 3, noon + i * (hour / 2)), { readUpTo: noon + i * (hour / 2) });
      await settleAll(store, lane);
      expect(await store.journal.trim(noon + 1)).toBeGreaterThan(0);
      const from = await store.journal.place(stream.id);
      const again = [0, 1, 7, 50].flatMap((i) => items(`h${i}`, 3, noon + i * (hour / 2)));
      expect(await store.journal.append(stream, page(again), from, noon)).toMatchObject({ accepted: 0, repeated: 12 });
    });

    it('is not made forgetful by one item from the far future', async () => {
      const store = await begin();
      const stream = streamOf();
      await append(store, stream, items('a', 2), { readUpTo: noon });
      await append(store, stream, [item('future', noon + 10_000 * hour)], { readUpTo: noon + 1 });
      await append(store, stream, [item('b', noon + 2)], { readUpTo: noon + 2 });
      const from = await store.journal.place(stream.id);
      expect(await store.journal.append(stream, page([item('a-0'), item('b')]), from, noon)).toMatchObject({ accepted: 0 });
    });

    it('keeps a gap with the page that found it', async () => {
      const store = await begin();
      const stream = streamOf();
      await append(store, stream, items('a', 1), { gap: { since: noon - hour, until: noon, reason: 'the cursor was too old' } });
      expect(await store.ledger.gaps()).toMatchObject([
        {
          stream: stream.id,
          origin: { stream: 'events', tenant: acme },
          kind: 'gap',
          since: noon - hour,
          until: noon,
          reason: 'the cursor was too old',
          foundAt: noon,
        },
      ]);
    });

    it('knows how far a stream has been read', async () => {
      const store = await begin();
      const stream = streamOf();
      await append(store, stream, [item('b', noon + 5), item('a', noon - 5)], { readUpTo: noon + 6, odd: 2 }, noon + 7);
      await append(store, stream, [], {}, noon + 8);
      const state = { id: stream.id, upTo: 2, newestTime: noon + 5, readUpTo: noon + 6, askedAt: noon + 8, read: 2, repeated: 0, odd: 2, failure: null };
      expect(await store.directory.streams()).toMatchObject([state]);
      await store.directory.note(stream.id, { at: noon + 9, failure: 'refused', nextAt: noon + 10 });
      expect(await store.directory.streams()).toMatchObject([{ askedAt: noon + 9, failure: 'refused', nextAt: noon + 10 }]);
      expect(await store.directory.healths()).toEqual(new Map([[stream.id, { at: noon + 9, failure: 'refused', nextAt: noon + 10 }]]));
    });
  });

  describe(`${name}: read`, () => {
    it('stops at either limit, but never before the first record', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream);
      for (const each of ['a', 'b', 'c']) await append(store, stream, items(each, 4));
      const size = (await store.journal.read(lane, all)).records.map(({ utf8 }) => utf8.length + 1);
      const sum = (count: number) => size.slice(0, count).reduce((a, b) => a + b, 0);
      const count = async (records: number, bytes: number, after?: number) => (await store.journal.read(lane, { records, bytes }, after)).records.length;
      expect(await count(5, all.bytes)).toBe(5);
      expect(await count(12, all.bytes)).toBe(12);
      expect(await count(all.records, sum(6))).toBe(6);
      expect(await count(all.records, sum(6) - 1)).toBe(5);
      expect(await count(all.records, 1)).toBe(1);
      expect(await count(0, 0)).toBe(1);
      expect(await count(all.records, 1, 3)).toBe(1);
      expect(await count(7, all.bytes, 10)).toBe(2);
      expect(await count(7, all.bytes, 12)).toBe(0);
    });

    it('begins after the offset of the lane, or where it is told', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream);
      await append(store, stream, items('a', 4));
      await store.journal.settle([span(lane, 0, 1)], { refused: [] }, noon);
      expect(await store.journal.read(lane, all)).toMatchObject({ lane, after: 1, records: [{ seq: 2 }, { seq: 3 }, { seq: 4 }] });
      expect(await store.journal.read(lane, all, 3)).toMatchObject({ after: 3, records: [{ seq: 4 }] });
    });

    it('finds nothing in a lane that is not there', async () => {
      const store = await begin();
      await append(store, streamOf(), items('a', 4));
      expect((await store.journal.read(laneOf(streamOf()), all)).records).toEqual([]);
    });

    it('gives back a page of ten megabytes', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream);
      const big = Array.from({ length: 40 }, (_, i) => item(`big-${i}`, noon, { json: JSON.stringify({ i, x: 'y'.repeat(250_000) }), meta: i }));
      await append(store, stream, big);
      const { records } = await store.journal.read(lane, all);
      expect(records.map(({ key, json, meta }) => ({ key, json, meta }))).toEqual(big.map(({ key, json, meta }) => ({ key, json, meta })));
    });
  });

  describe(`${name}: settle`, () => {
    it('moves only from where the lane stands, all spans or none', async () => {
      const store = await begin();
      const [events, alerts] = [streamOf('events'), streamOf('alerts')];
      const lanes = [await openLane(store, events), await openLane(store, alerts)] as const;
      for (const stream of [events, alerts]) await append(store, stream, items('a', 4));
      const marks = new Map([['file', 7]]);
      const wrong = [span(lanes[0], 0, 2), span(lanes[1], 1, 2)];
      await expect(store.journal.settle(wrong, { refused: [refusal(lanes[0], 1)], marks }, noon)).rejects.toMatchObject({ kind: 'stale' });
      expect((await store.directory.lanes()).map(({ offset, delivered }) => [offset, delivered])).toEqual([
        [0, 0],
        [0, 0],
      ]);
      expect(await store.deadLetters.count()).toBe(0);
      expect((await store.journal.marks('splunk')).size).toBe(0);
      await store.journal.settle([span(lanes[0], 0, 2, 1), span(lanes[1], 0, 3)], { refused: [refusal(lanes[0], 1)], marks }, noon);
      expect((await store.directory.lanes()).map(({ offset, delivered, filtered, refused }) => [offset, delivered, filtered, refused])).toEqual([
        [2, 0, 1, 1],
        [3, 3, 0, 0],
      ]);
      expect(await store.journal.marks('splunk')).toEqual(marks);
    });

    it('refuses what lies beyond the newest record, and lanes that are not there', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream);
      await append(store, stream, items('a', 4));
      await expect(store.journal.settle([span(lane, 0, 5)], { refused: [] }, noon)).rejects.toMatchObject({ kind: 'stale' });
      await expect(store.journal.settle([span(laneOf(stream, 'other'), 0, 1)], { refused: [] }, noon)).rejects.toMatchObject({ kind: 'stale' });
    });

    it('keeps lanes of one stream apart', async () => {
      const store = await begin();
      const stream = streamOf();
      const [fast, slow] = [await openLane(store, stream, 'fast'), await openLane(store, stream, 'slow')];
      await append(store, stream, items('a', 3));
      await settleAll(store, fast);
      expect(await keysOf(store, fast)).toEqual([]);
      expect(await keysOf(store, slow)).toEqual(['a-0', 'a-1', 'a-2']);
    });

    it('keeps marks by route and place until they end', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream);
      await append(store, stream, items('a', 2));
      await store.journal.prepare(
        'splunk',
        new Map<string, Mark>([
          ['one', { length: 0 }],
          ['two', 'x'],
        ]),
      );
      await store.journal.prepare('other', new Map([['one', 5]]));
      await store.journal.settle(
        [span(lane, 0, 1)],
        {
          refused: [],
          marks: new Map<string, number | null>([
            ['one', 1],
            ['two', null],
          ]),
        },
        noon,
      );
      expect(await store.journal.marks('splunk')).toEqual(new Map([['one', 1]]));
      expect(await store.journal.marks('other')).toEqual(new Map([['one', 5]]));
    });

    it('counts by the hour of fetching, so that each hour balances', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream);
      await append(store, stream, items('a', 3), {}, noon);
      await append(store, stream, [...items('b', 4), item('a-0')], {}, noon + hour);
      await store.journal.settle([span(lane, 0, 5, 2)], { refused: [refusal(lane, 4)] }, noon + 5 * hour);
      await store.journal.settle([span(lane, 5, 7)], { refused: [] }, noon + 5 * hour);
      const rows = await store.ledger.counts();
      const at = Math.floor(noon / hour) * hour;
      expect(rows).toMatchObject([
        { hour: at, route: '', stream: stream.id, read: 3, repeated: 0 },
        { hour: at, route: 'splunk', filtered: 2, delivered: 1, refused: 0 },
        { hour: at + hour, route: '', read: 4, repeated: 1 },
        { hour: at + hour, route: 'splunk', filtered: 0, delivered: 3, refused: 1 },
      ]);
    });
  });

  describe(`${name}: lanes`, () => {
    it('begin at what is kept or at what comes', async () => {
      const store = await begin();
      const stream = streamOf();
      const early = await openLane(store, stream, 'early');
      await append(store, stream, items('a', 2));
      const [now, oldest] = [await openLane(store, stream, 'now', 'now'), await openLane(store, stream, 'oldest', 'oldest')];
      await append(store, stream, items('b', 1));
      expect(await keysOf(store, early)).toEqual(['a-0', 'a-1', 'b-0']);
      expect(await keysOf(store, now)).toEqual(['b-0']);
      expect(await keysOf(store, oldest)).toEqual(['a-0', 'a-1', 'b-0']);
      // What it steps over in its first hour is counted, or that hour would not balance.
      expect((await store.ledger.counts()).find(({ route }) => route === 'now')).toMatchObject({ skipped: 2 });
    });

    it('stay where they are when opened again', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream);
      await append(store, stream, items('a', 3));
      await store.journal.settle([span(lane, 0, 1)], { refused: [] }, noon);
      const origin = { stream: stream.stream, tenant: stream.tenant };
      await store.directory.openLanes([
        { lane, origin, start: 'now' },
        { lane: laneOf(stream, 'late'), origin, start: 'now' },
      ]);
      expect((await store.directory.lanes()).map(({ route, offset, upTo, start }) => [route, offset, upTo, start])).toEqual([
        ['splunk', 1, 3, 0],
        ['late', 3, 3, 3],
      ]);
      expect(await store.directory.lanes('late')).toHaveLength(1);
    });

    it('say what waits', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream);
      expect((await store.directory.lanes())[0]).toMatchObject({ backlogBytes: 0, oldestWaiting: null, openedAt: noon });
      await append(store, stream, items('a', 3, noon - 50));
      const [state] = await store.directory.lanes();
      expect(state).toMatchObject({ ...lane, origin: { stream: 'events', tenant: acme }, upTo: 3, oldestWaiting: noon - 50, retiredAt: null });
      expect(state?.backlogBytes).toBeGreaterThan(100);
    });

    it('of routes that are gone hold their backlog, and go on when the route is back', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream, 'gone');
      await openLane(store, stream, 'stays');
      await append(store, stream, items('a', 2));
      await store.directory.retireLanes(new Map([['stays', new Set(['events'])]]), noon);
      await store.directory.retireLanes(new Map([['stays', new Set(['events'])]]), noon + 5);
      expect((await store.directory.lanes()).map(({ retiredAt }) => retiredAt)).toEqual([noon, null]);
      expect(await store.directory.giveUpLanes(noon, noon + 10)).toEqual([]);
      await openLane(store, stream, 'gone', 'now');
      expect(await keysOf(store, lane)).toEqual(['a-0', 'a-1']);
      expect((await store.directory.lanes('gone'))[0]?.retiredAt).toBe(null);
    });

    it('of a stream kind that their route wants no more hold nothing up for ever, and go on when it is wanted again', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream, 'narrowed');
      await append(store, stream, items('a', 2));
      await store.directory.retireLanes(new Map([['narrowed', new Set(['siem-alerts'])]]), noon);
      expect((await store.directory.lanes())[0]?.retiredAt).toBe(noon);
      await store.directory.retireLanes(new Map([['narrowed', new Set(['events'])]]), noon + 5);
      expect((await store.directory.lanes())[0]?.retiredAt).toBe(null);
      expect(await store.directory.giveUpLanes(noon + 10, noon + 10)).toEqual([]);
      expect(await keysOf(store, lane)).toEqual(['a-0', 'a-1']);
      await store.directory.retireLanes(new Map([['narrowed', new Set()]]), noon + 20);
      expect(await store.directory.giveUpLanes(noon + 21, noon + 30)).toEqual([{ lane, records: 2 }]);
    });

    it('of routes that stay away are given up by name, and begin anew afterwards', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream, 'gone');
      await append(store, stream, items('a', 3, noon - 9));
      await store.journal.settle([span(lane, 0, 1)], { refused: [] }, noon);
      await store.directory.retireLanes(new Map(), noon);
      expect(await store.directory.giveUpLanes(noon + 1, noon + 10)).toEqual([{ lane, records: 2 }]);
      expect(await store.directory.giveUpLanes(noon + 1, noon + 10)).toEqual([]);
      expect(await store.directory.lanes()).toEqual([]);
      expect((await store.journal.read(lane, all)).records).toEqual([]);
      await expect(store.journal.settle([span(lane, 3, 3)], { refused: [] }, noon)).rejects.toMatchObject({ kind: 'stale' });
      expect(await store.ledger.gaps()).toMatchObject([
        { kind: 'given-up', route: 'gone', stream: stream.id, records: 2, until: noon - 7, foundAt: noon + 10 },
      ]);
      expect((await store.ledger.counts()).find(({ route }) => route === 'gone')).toMatchObject({ delivered: 1, givenUp: 2 });
      expect(await store.journal.trim(noon + 1)).toBeGreaterThan(0);
      await append(store, stream, items('b', 1));
      await openLane(store, stream, 'gone', 'now');
      await append(store, stream, items('c', 1));
      expect(await keysOf(store, lane)).toEqual(['c-0']);
    });

    it('give up their oldest records until enough can be trimmed, and no more', async () => {
      const store = await begin();
      const stream = streamOf();
      const [slow, fast] = [await openLane(store, stream, 'slow'), await openLane(store, stream, 'fast')];
      for (let i = 0; i < 4; i++) await append(store, stream, items(`p${i}`, 10), {}, noon + i);
      await store.journal.settle([span(fast, 0, 25)], { refused: [] }, noon);
      const [state] = await store.directory.lanes('slow');
      const given = await store.directory.giveUpOldest((state?.backlogBytes ?? 0) / 2 - 10, noon + 9);
      expect(given).toEqual([{ lane: slow, records: 20 }]);
      expect((await keysOf(store, slow))[0]).toBe('p2-0');
      expect((await keysOf(store, fast))[0]).toBe('p2-5');
      expect(await store.ledger.gaps()).toMatchObject([{ kind: 'given-up', route: 'slow', records: 20 }]);
      expect(await store.journal.trim(noon + 100)).toBeGreaterThan(0);
      expect((await keysOf(store, slow))[0]).toBe('p2-0');
    });

    it('of a route that is merely a little behind are not given up for a slower one, but in the end for room', async () => {
      const store = await begin();
      const stream = streamOf();
      const [slow, fast] = [await openLane(store, stream, 'slow'), await openLane(store, stream, 'fast')];
      for (let i = 0; i < 4; i++) await append(store, stream, items(`p${i}`, 10), {}, noon + i);
      await store.journal.settle([span(fast, 0, 5)], { refused: [] }, noon);
      const [state] = await store.directory.lanes('slow');
      expect(await store.directory.giveUpOldest((state?.backlogBytes ?? 0) / 2 - 10, noon)).toEqual([{ lane: slow, records: 20 }]);
      expect((await keysOf(store, fast))[0]).toBe('p0-5');
      expect(await store.directory.giveUpOldest(Number.MAX_SAFE_INTEGER, noon)).toEqual([
        { lane: fast, records: 35 },
        { lane: slow, records: 20 },
      ]);
    });
  });

  describe(`${name}: trim`, () => {
    it('never removes what a lane still needs, nor what is younger', async () => {
      const store = await begin();
      const stream = streamOf();
      const [a, b] = [await openLane(store, stream, 'a'), await openLane(store, stream, 'b')];
      for (let i = 0; i < 4; i++) await append(store, stream, items(`p${i}`, 2), {}, noon + i);
      await settleAll(store, a);
      expect(await store.journal.trim(noon + 100)).toBe(0);
      await store.journal.settle([span(b, 0, 5)], { refused: [] }, noon);
      expect(await store.journal.trim(noon)).toBe(0);
      expect(await store.journal.trim(noon + 100)).toBeGreaterThan(0);
      expect(await keysOf(store, b)).toEqual(['p2-1', 'p3-0', 'p3-1']);
      const late = await openLane(store, stream, 'late');
      expect(await keysOf(store, late)).toEqual(['p2-0', 'p2-1', 'p3-0', 'p3-1']);
    });

    it('removes by age alone what no lane wants, and numbers go on', async () => {
      const store = await begin();
      const stream = streamOf();
      await append(store, stream, items('a', 3));
      expect(await store.journal.trim(noon + 1)).toBeGreaterThan(0);
      const lane = await openLane(store, stream);
      await append(store, stream, items('b', 1));
      expect((await store.journal.read(lane, all)).records).toMatchObject([{ seq: 4, key: 'b-0' }]);
    });
  });

  describe(`${name}: dead letters`, () => {
    it('keep the record when it is trimmed, and can be dropped', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream);
      const content = [item('a'), item('b', noon + 1), item('c')];
      await append(store, stream, content);
      await settleAll(store, lane, [refusal(lane, 2), refusal(laneOf(stream, 'other'), 1)]);
      await store.journal.trim(noon + 1);
      const letter = { lane, seq: 2, key: 'b', time: noon + 1, fetchedAt: noon, at: noon, code: 'hec.6', json: content[1]?.json, origin: { tenant: acme } };
      const list = await store.deadLetters.list({});
      expect(list).toMatchObject([letter]);
      expect(await store.deadLetters.list({ route: 'other' })).toEqual([]);
      const ids = list.map(({ id }) => id);
      expect(await store.deadLetters.list({ route: 'splunk', ids, limit: 5 })).toHaveLength(1);
      expect(await store.deadLetters.drop([...ids, 99])).toBe(1);
      expect(await store.deadLetters.count()).toBe(0);
    });

    it('come back to their route alone, once, as a lane of their own', async () => {
      const store = await begin();
      const stream = streamOf();
      const [lane, other] = [await openLane(store, stream), await openLane(store, stream, 'other')];
      await append(store, stream, [item('a'), item('b', noon + 1, { meta: { change: 'added' } }), item('c')]);
      await settleAll(store, lane, [refusal(lane, 2), refusal(lane, 3)]);
      await settleAll(store, other);
      const [letter] = await store.deadLetters.list({});
      expect(await store.deadLetters.retry([letter?.id ?? 0, letter?.id ?? 0, 99], noon + 5)).toBe(1);
      expect(await store.deadLetters.count()).toBe(1);
      const extra = (await store.directory.lanes()).find(({ stream: id }) => id.startsWith('retry/'));
      expect(extra).toMatchObject({ route: 'splunk', stream: `retry/splunk/${stream.id}`, origin: { stream: 'events', tenant: acme }, offset: 0, upTo: 1 });
      const again = { route: 'splunk', stream: `retry/splunk/${stream.id}` };
      const { records } = await store.journal.read(again, all);
      expect(records).toMatchObject([{ seq: 1, key: 'b', time: noon + 1, fetchedAt: noon, meta: { change: 'added' } }]);
      // Refused once more, it comes back through the same lane.
      await settleAll(store, again, [refusal(again, 1)]);
      const [, second] = await store.deadLetters.list({});
      expect(await store.deadLetters.retry([second?.id ?? 0], noon + 6)).toBe(1);
      expect((await store.journal.read(again, all)).records).toMatchObject([{ seq: 2, key: 'b' }]);
      expect((await store.directory.streams()).filter(({ id }) => id.startsWith('retry/'))).toHaveLength(1);
    });
  });

  describe(`${name}: reset`, () => {
    it('sends a stream back, so that what came since is delivered again', async () => {
      const store = await begin();
      const stream = streamOf();
      const lane = await openLane(store, stream);
      await append(store, stream, [item('old', noon - 10), item('a', noon), item('b', noon + 10)], { readUpTo: noon + 20 });
      await settleAll(store, lane);
      const stale = await store.journal.place(stream.id);
      expect(await store.reset(stream.id, { from: noon }, noon)).toBe(2);
      await expect(store.journal.append(stream, page([item('x')]), stale, noon)).rejects.toMatchObject({ kind: 'stale' });
      expect((await store.journal.place(stream.id)).at).toEqual({ from: noon });
      expect((await store.directory.streams())[0]).toMatchObject({ readUpTo: noon });
      await append(store, stream, [item('old', noon - 10), item('a', noon), item('b', noon + 10), item('c', noon + 20)]);
      expect(await keysOf(store, lane)).toEqual(['a', 'b', 'c']);
    });

    it('forgets a stream whole', async () => {
      const store = await begin();
      const stream = streamOf();
      await append(store, stream, items('a', 3), { readUpTo: noon });
      expect(await store.reset(stream.id, null, 0)).toBe(3);
      expect((await store.journal.place(stream.id)).at).toBe(null);
      expect((await store.directory.streams())[0]?.readUpTo).toBe(null);
    });

    it('gives a stream that was never read its first checkpoint', async () => {
      const store = await begin();
      expect(await store.reset(streamOf().id, { cursor: 'imported' }, 0)).toBe(0);
      expect((await store.journal.place(streamOf().id)).at).toEqual({ cursor: 'imported' });
      expect((await store.directory.streams())[0]).toMatchObject({ stream: 'events', tenant: { id: acme.id } });
    });
  });

  describe(`${name}: adoption`, () => {
    const adopted = () => ({
      id: streamOf().id,
      origin: streamOf(),
      checkpoint: { cursor: 'theirs' },
      readUpTo: noon,
      delivered: [
        { key: 'a', time: noon - 10 },
        { key: 'b', time: noon },
      ],
    });

    it('goes on where another tool stopped, and delivers nothing that it delivered', async () => {
      const store = await begin();
      await store.adopt([adopted(), { ...adopted(), id: `${acme.id}/alerts`, origin: { stream: 'alerts', tenant: acme }, delivered: [] }]);
      expect((await store.journal.place(streamOf().id)).at).toEqual({ cursor: 'theirs' });
      expect((await store.directory.streams()).map(({ stream, readUpTo, read }) => ({ stream, readUpTo, read }))).toEqual([
        { stream: 'events', readUpTo: noon, read: 0 },
        { stream: 'alerts', readUpTo: noon, read: 0 },
      ]);
      const lane = await openLane(store, streamOf());
      await append(store, streamOf(), [item('a', noon - 10), item('b', noon), item('c', noon + 1)]);
      expect(await keysOf(store, lane)).toEqual(['c']);
    });

    it('takes over nothing at all when one of the streams has been read already', async () => {
      const store = await begin();
      await append(store, streamOf(), items('mine', 1));
      const other = { ...adopted(), id: `${acme.id}/alerts`, origin: { stream: 'alerts', tenant: acme } };
      await expect(store.adopt([other, adopted()])).rejects.toMatchObject({ kind: 'config', code: 'journal.already-read' });
      expect((await store.journal.place(other.id)).at).toBe(null);
      const lane = await openLane(store, streamOf());
      await append(store, streamOf(), [item('a', noon)]);
      expect((await keysOf(store, lane)).at(-1)).toBe('a');
    });

    it('is repeated, with what is newer, as long as nothing was asked for since', async () => {
      const store = await begin();
      await store.adopt([adopted()]);
      await store.adopt([
        { ...adopted(), checkpoint: { cursor: 'theirs, later' }, readUpTo: noon + 5, delivered: [...adopted().delivered, { key: 'c', time: noon + 1 }] },
      ]);
      expect((await store.journal.place(streamOf().id)).at).toEqual({ cursor: 'theirs, later' });
      expect((await store.directory.streams())[0]).toMatchObject({ readUpTo: noon + 5, read: 0, repeated: 0 });
      const lane = await openLane(store, streamOf());
      await append(store, streamOf(), [item('a', noon - 10), item('b', noon), item('c', noon + 1), item('d', noon + 2)]);
      expect(await keysOf(store, lane)).toEqual(['d']);
      await expect(store.adopt([adopted()])).rejects.toMatchObject({ code: 'journal.already-read' });
    });

    it('remembers what another delivered of a stream that was read here, and keeps its place', async () => {
      const store = await begin();
      const lane = await openLane(store, streamOf());
      await append(store, streamOf(), [item('mine', noon - 20)]);
      const before = await store.journal.place(streamOf().id);
      await store.remember([adopted(), { ...adopted(), id: `${acme.id}/alerts`, origin: { stream: 'alerts', tenant: acme }, delivered: [] }]);
      await store.remember([adopted()]);
      expect(await store.journal.place(streamOf().id)).toEqual(before);
      await append(store, streamOf(), [item('a', noon - 10), item('b', noon), item('c', noon + 1)]);
      expect(await keysOf(store, lane)).toEqual(['mine', 'c']);
    });
  });

  describe(`${name}: what else it knows`, () => {
    it('keeps tenants when they are missing from a list, and shows their newest name', async () => {
      const store = await begin();
      await append(store, streamOf(), items('a', 1));
      const beta = { id: 'beta', name: 'Beta', labels: {} };
      await store.directory.saveTenants('main', [acme, beta]);
      await store.directory.setAside('beta', 'no partner assistance', noon + 5);
      await store.directory.saveTenants('main', [{ ...acme, name: 'Zorro' }]);
      expect(await store.directory.tenants()).toEqual([
        { ...beta, account: 'main', asideReason: 'no partner assistance', asideUntil: noon + 5 },
        { ...acme, name: 'Zorro', account: 'main', asideReason: null, asideUntil: null },
      ]);
      expect((await store.directory.streams())[0]?.tenant.name).toBe('Zorro');
      await store.directory.setAside('beta', null, null);
      expect((await store.directory.tenants())[0]).toMatchObject({ asideReason: null, asideUntil: null });
    });

    it('takes gaps of streams that were never read', async () => {
      const store = await begin();
      await store.ledger.addGap('t1/alerts', { since: null, until: noon, reason: 'forbidden' }, noon);
      expect(await store.ledger.gaps()).toMatchObject([{ stream: 't1/alerts', origin: { stream: 'alerts', tenant: { id: 't1' } }, since: null, until: noon }]);
    });

    it('keeps wishes until they are answered', async () => {
      const store = await begin();
      const id = await store.wishes.leave('reset', { streams: ['x'] }, noon);
      expect(await store.wishes.open()).toEqual([{ id, kind: 'reset', body: { streams: ['x'] } }]);
      expect(await store.wishes.answered(id)).toBe(null);
      await store.wishes.answer(id, { forgotten: 3 }, noon);
      expect(await store.wishes.open()).toEqual([]);
      expect(await store.wishes.answered(id)).toEqual({ forgotten: 3 });
    });

    it('gives each tenant a name of its own for ever', async () => {
      const store = await begin();
      const other = { id: '1234ABCD-0000-4000-8000-000000000000', name: 'ACME', labels: {} };
      expect(store.names.of(acme)).toBe('Acme');
      expect(store.names.of(other)).toBe('ACME_1234abcd');
      expect(store.names.of({ ...acme, name: 'New' })).toBe('New');
      expect(store.names.of(other)).toBe('ACME_1234abcd');
      expect(store.names.of({ id: '99999999-aaaa-4000-8000-000000000000', name: 'acme_1234abcd', labels: {} })).toBe('acme_1234abcd_99999999');
      expect(store.names.of(acme)).toBe('Acme');
    });

    it('says how much it holds', async () => {
      const store = await begin();
      const before = store.bytes();
      const stream = streamOf();
      const big = Array.from({ length: 100 }, (_, i) => item(`k${i}`, noon, { json: `"${'x'.repeat(10_000)}"` }));
      const { journalBytes } = await store.journal.append(stream, page(big), { at: null, version: 0 }, noon);
      expect(journalBytes).toBe(store.bytes());
      expect(store.bytes() - before).toBeGreaterThan(900_000);
      expect(await store.journal.trim(noon + 1)).toBeGreaterThan(900_000);
      expect(store.bytes() - before).toBeLessThan(200_000);
    });
  });
}
