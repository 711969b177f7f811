/** The journal on SQLite against the one in memory: the same random deeds, the same answers, also after a crash. */
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { GapRow, Store } from '../../src/core/store.ts';
import type { Lane } from '../../src/core/types.ts';
import { openMemoryStore } from '../../src/journal/memory.ts';
import { openSqliteStore } from '../../src/journal/sqlite.ts';
import { journalFolder } from './folders.ts';
import { all, heldClock, item, noon, page, refusal, span, streamOf } from './pages.ts';

const streams = [streamOf('events', 'recent'), streamOf('alerts', 'recent'), streamOf('endpoints', 'never')] as const;
const routes = ['splunk', 'archive'] as const;

type Deed =
  | { readonly do: 'append'; readonly stream: number; readonly keys: readonly number[]; readonly late: boolean }
  | { readonly do: 'settle'; readonly lane: number; readonly share: number; readonly refuse: boolean; readonly late: boolean }
  | { readonly do: 'open'; readonly stream: number; readonly route: number; readonly start: 'now' | 'oldest' }
  | { readonly do: 'retire'; readonly route: number }
  | { readonly do: 'trim' | 'give-up-lanes' | 'give-up-all' | 'retry' | 'drop' | 'crash' | 'hour' }
  | { readonly do: 'reset'; readonly stream: number; readonly back: number };

const stream = fc.nat({ max: streams.length - 1 });
const route = fc.nat({ max: routes.length - 1 });
const append = fc.record({ do: fc.constant('append' as const), stream, keys: fc.array(fc.nat({ max: 60 }), { maxLength: 12 }), late: rarely() });
const settle = fc.record({
  do: fc.constant('settle' as const),
  lane: fc.nat({ max: 20 }),
  share: fc.nat({ max: 3 }),
  refuse: fc.boolean(),
  late: rarely(),
});
const open = fc.record({ do: fc.constant('open' as const), stream, route, start: fc.constantFrom('now' as const, 'oldest' as const) });
const others: fc.Arbitrary<Deed> = fc.oneof(
  fc.constantFrom<Deed>({ do: 'trim' }, { do: 'give-up-lanes' }, { do: 'give-up-all' }, { do: 'retry' }, { do: 'drop' }, { do: 'crash' }, { do: 'hour' }),
  fc.record({ do: fc.constant('retire' as const), route }),
  fc.record({ do: fc.constant('reset' as const), stream, back: fc.nat({ max: 60 }) }),
);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 5, arbitrary: append },
  { weight: 5, arbitrary: settle },
  { weight: 2, arbitrary: open },
  { weight: 4, arbitrary: others },
);

function rarely(): fc.Arbitrary<boolean> {
  return fc.nat({ max: 9 }).map((n) => n === 0);
}

/** Does it, and says everything that can be seen of the answer. */
async function perform(store: Store, what: Deed, at: number): Promise<unknown> {
  const { journal, directory, deadLetters } = store;
  try {
    switch (what.do) {
      case 'append': {
        const target = streams[what.stream] as (typeof streams)[number];
        const place = await journal.place(target.id);
        const from = what.late ? { ...place, version: place.version + 1 } : place;
        const content = what.keys.map((key) => item(`k${key}`, noon + key, key % 7 === 0 ? { meta: { key } } : {}));
        const { journalBytes: _, ...appended } = await journal.append(target, page(content, { at }, { readUpTo: noon + 60 }), from, at);
        return appended;
      }
      case 'settle': {
        const lanes = await directory.lanes();
        const lane = lanes[what.lane % Math.max(1, lanes.length)];
        if (!lane) return null;
        const { after, records } = await journal.read(lane, { records: what.share * 4 + 1, bytes: 2_000 });
        const upTo = records.at(-1)?.seq ?? after;
        const filtered = records.length > 2 ? 1 : 0;
        const refused = what.refuse && records.length > 0 ? [refusal(lane, upTo)] : [];
        const marks = new Map([[`place${what.share}`, what.refuse ? null : { upTo }]]);
        return await journal.settle([span(lane, what.late ? after + 1 : after, upTo, filtered)], { refused, marks }, at);
      }
      case 'open': {
        const target = streams[what.stream] as (typeof streams)[number];
        return await directory.openLane({ route: routes[what.route] as string, stream: target.id }, target, what.start);
      }
      case 'retire':
        return await directory.retireLanes(new Map([[routes[what.route] as string, new Set(streams.map(({ stream }) => stream))]]), at);
      case 'trim':
        await journal.trim(at - 1);
        return null;
      case 'give-up-lanes':
        return await directory.giveUpLanes(at, at);
      case 'give-up-all':
        return (await directory.giveUpOldest(Number.MAX_SAFE_INTEGER, at)).map(({ lane, records }) => `${lane.route} ${lane.stream} ${records}`).sort();
      case 'retry':
      case 'drop': {
        const ids = (await deadLetters.list({ limit: 2 })).map(({ id }) => id);
        return what.do === 'retry' ? await deadLetters.retry(ids, at) : await deadLetters.drop(ids);
      }
      case 'reset':
        return await store.reset((streams[what.stream] as (typeof streams)[number]).id, what.back === 0 ? null : { back: what.back }, noon + what.back);
      default:
        return null;
    }
  } catch (error) {
    if (error instanceof Failure) return error.kind;
    throw error;
  }
}

/** Everything that a journal can be asked; numbers of rows and bytes are its own affair. */
async function look(store: Store): Promise<unknown> {
  const { journal, directory, ledger, deadLetters } = store;
  const lanes = await directory.lanes();
  const contents = async (lane: Lane) =>
    (await journal.read(lane, all)).records.map(({ seq, key, time, json, meta, fetchedAt }) => [seq, key, time, json, meta, fetchedAt]);
  const known = await directory.streams();
  return {
    lanes: lanes.map(({ backlogBytes, ...lane }) => ({ ...lane, hasBacklog: backlogBytes > 0 })),
    contents: await Promise.all(lanes.map(contents)),
    kept: await Promise.all(lanes.map(async (lane) => (await journal.read(lane, all, 0)).records.length)),
    streams: known,
    places: await Promise.all(known.map(({ id }) => journal.place(id))),
    marks: await Promise.all(routes.map(async (name) => [...(await journal.marks(name))].sort())),
    gaps: (await ledger.gaps()).map(({ id: _, ...gap }) => gap).sort((a, b) => (gapName(a) < gapName(b) ? -1 : 1)),
    counts: await ledger.counts(),
    letters: (await deadLetters.list({})).map(({ id: _, ...letter }) => letter),
  };
}

const gapName = ({ stream, route, foundAt, since }: Omit<GapRow, 'id'>) => JSON.stringify([foundAt, stream, route, since]);

/** Read = delivered + filtered + refused + given up + what waits; the promise that all this is for. */
async function balance(store: Store): Promise<void> {
  for (const lane of await store.directory.lanes()) {
    expect(lane.offset - lane.start).toBeLessThanOrEqual(lane.delivered + lane.filtered + lane.refused + lane.givenUp);
    const waiting = (await store.journal.read(lane, all)).records;
    expect(waiting.map(({ seq }) => seq)).toEqual(Array.from({ length: lane.upTo - lane.offset }, (_, i) => lane.offset + 1 + i));
  }
}

describe('the journal on SQLite', () => {
  it('does what the journal in memory does, whatever happens to it, and survives each crash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 5, maxLength: 60 }), async (deeds) => {
        const clock = heldClock();
        const model = openMemoryStore({ clock });
        const folder = await journalFolder(clock);
        const options = { mode: 'own', clock, report: () => undefined, keysLimitBytes: 600 } as const;
        let place = join(folder.folder, '0');
        let store = await openSqliteStore({ ...options, folder: place });
        try {
          for (const [round, what] of deeds.entries()) {
            clock.at += what.do === 'hour' ? 3_600_000 : 1;
            if (what.do === 'crash') {
              // What a power cut leaves: the files as they are, the log not written back.
              const next = join(folder.folder, String(round + 1));
              await cp(place, next, { recursive: true, filter: (path) => !path.endsWith('-shm') });
              await store.close();
              await rm(place, { recursive: true });
              place = next;
              store = await openSqliteStore({ ...options, folder: place });
            }
            expect(await perform(store, what, clock.at)).toEqual(await perform(model, what, clock.at));
            if (round % 8 === 7 || what.do === 'crash') expect(await look(store)).toEqual(await look(model));
          }
          expect(await look(store)).toEqual(await look(model));
          await balance(store);
        } finally {
          await store.close();
          await folder.remove();
        }
      }),
      { numRuns: 60, endOnFailure: false },
    );
  }, 120_000);
});
