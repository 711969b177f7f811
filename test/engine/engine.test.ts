import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Store } from '../../src/core/store.ts';
import type { Page, Route, Stream } from '../../src/core/types.ts';
import { type EngineOptions, runEngine } from '../../src/engine/engine.ts';
import type { Discovery, Source } from '../../src/engine/source.ts';
import { accepted, farEnd, itemsOf, linesOf, quickly, routeTo, Scene, streamOf, tenant } from './scene.ts';

/** Streams with so many pages of ten records each. */
function paged(pages: number, id = 't1/events', kind = 'events'): Stream {
  return streamOf(id, kind, async (from): Promise<Page> => {
    const done = Number(from ?? 0);
    if (done >= pages) return { items: itemsOf(0), next: done, more: false };
    return { items: itemsOf(10, id, done * 10), next: done + 1, more: done + 1 < pages };
  });
}

function sourceOf(discover: (call: number) => Partial<Discovery>): Source {
  let calls = 0;
  return {
    account: 'a',
    callsPerHour: 1_000_000,
    discover: async () => ({ tenants: [tenant], feeds: [], aside: [], ...discover(++calls) }),
  };
}

const feed = (stream: Stream, everyMs = 10) => ({ stream, everyMs });

describe('the engine', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open(quickly(20));
  });
  afterEach(() => scene.close());

  function options(routes: readonly Route[], source: Source, more: Partial<EngineOptions> = {}): EngineOptions {
    const limits = { keepMs: 0, maxBytes: 1e9, minFreeBytes: 0, whenFull: 'pause', freeBytes: async () => null } as const;
    return {
      store: scene.store,
      world: scene.world,
      sources: [source],
      routes,
      kinds: new Set(['events', 'siem-alerts']),
      limits,
      concurrency: 4,
      rediscoverMs: 10,
      patience: { ms: 0, tries: 10 },
      restart: () => null,
      ...more,
    };
  }
  const never = () => new AbortController().signal;

  it('opens the lanes of a stream before it reads it, also when that failed at first', async () => {
    let broken = 1;
    const store: Store = {
      ...scene.store,
      directory: {
        ...scene.store.directory,
        async openLanes(lanes) {
          if (broken-- > 0) throw new Failure('transient', 'journal.busy', 'busy');
          await scene.store.directory.openLanes(lanes);
        },
      },
    };
    const { sink, taken } = farEnd(() => accepted);
    const source = sourceOf(() => ({ feeds: [feed(paged(2))] }));
    await runEngine(options([routeTo(sink)], source, { store }), never());
    expect(taken).toEqual(linesOf(20));
  });

  it('begins a new route with what is read from then on, and sends nothing older to it', async () => {
    const first = farEnd(() => accepted);
    await runEngine(
      options(
        [routeTo(first.sink)],
        sourceOf(() => ({ feeds: [feed(paged(2))] })),
        { limits: keeping },
      ),
      never(),
    );
    const late = farEnd(() => accepted);
    const routes = [routeTo(farEnd(() => accepted).sink), routeTo(late.sink, { name: 'late' })];
    await runEngine(
      options(
        routes,
        sourceOf(() => ({ feeds: [feed(paged(3))] })),
        { limits: keeping },
      ),
      never(),
    );
    expect(first.taken).toEqual(linesOf(20));
    expect(late.taken).toEqual(linesOf(10, undefined, 20));
  });
  const keeping = { keepMs: 1e9, maxBytes: 1e9, minFreeBytes: 0, whenFull: 'pause', freeBytes: async () => null } as const;

  it('holds nothing for a route that wants a stream no more, and sends it nothing of it', async () => {
    const both = new Set(['events', 'siem-alerts']);
    const feeds = (pages: number) => sourceOf(() => ({ feeds: [feed(paged(pages)), feed(paged(pages, 't1/siem-alerts', 'siem-alerts'))] }));
    const one = farEnd(() => accepted);
    const other = farEnd(() => accepted);
    await runEngine(options([routeTo(one.sink, { streams: both }), routeTo(other.sink, { name: 'o', streams: both })], feeds(1)), never());
    one.taken.length = 0;
    for (const pages of [2, 3]) await runEngine(options([routeTo(one.sink), routeTo(other.sink, { name: 'o', streams: both })], feeds(pages)), never());
    expect(one.taken).toEqual(linesOf(20, undefined, 10));
    expect(await scene.store.directory.giveUpLanes(Number.MAX_SAFE_INTEGER, 1)).toMatchObject([{ lane: { stream: 't1/siem-alerts' } }]);
  });

  it('still delivers what waits of a stream that is configured no more', async () => {
    await scene.openLane();
    await scene.append(5);
    const { sink, taken } = farEnd(() => accepted);
    await runEngine(
      options(
        [routeTo(sink, { streams: new Set(['siem-alerts']) })],
        sourceOf(() => ({})),
        { kinds: new Set(['siem-alerts']) },
      ),
      never(),
    );
    expect(taken).toEqual(linesOf(5));
  });

  it('ends one pass when the journal is full, one sink dead and another alive, and says so', async () => {
    const dead = farEnd(() => {
      throw new Failure('transient', 'x.down', 'down');
    });
    const alive = farEnd(() => accepted);
    const routes = [routeTo(dead.sink), routeTo(alive.sink, { name: 'alive' })];
    const limits = { ...keeping, maxBytes: scene.store.bytes() + 30_000 };
    const { unserved } = await runEngine(
      options(
        routes,
        sourceOf(() => ({ feeds: [feed(paged(5_000))] })),
        { limits },
      ),
      never(),
    );
    expect(unserved.map(({ kind }) => kind).sort()).toEqual(['route', 'stream']);
    expect(alive.taken.length).toBeGreaterThan(0);
    expect(await scene.backlog('alive')).toBe(0);
  });

  it('reads a stream with one task at a time, also when its tenant was gone for a while', async () => {
    let reading = 0;
    let most = 0;
    let discoveries = 0;
    const stream = streamOf('t1/events', 'events', async () => {
      // The first task may still be at its last turn when the second begins.
      if (discoveries > 8) most = Math.max(most, ++reading);
      else reading++;
      await new Promise((resolve) => setTimeout(resolve, 15));
      reading--;
      return { items: itemsOf(0), next: null, more: false };
    });
    const stop = new AbortController();
    const source = sourceOf((call) => {
      discoveries = call;
      if (call === 60) stop.abort();
      return { feeds: call === 2 || call === 5 ? [] : [feed(stream, 40)], againMs: 10 };
    });
    await runEngine(options([], source, { patience: null }), stop.signal);
    expect(most).toBe(1);
  });

  it('knows a tenant by its new name once it is listed under it', async () => {
    const names: string[] = [];
    const { sink } = farEnd((_lines, _call, parcel) => {
      names.push(...parcel.sections.map(({ origin }) => origin.tenant.name));
      return accepted;
    });
    const stop = new AbortController();
    const endless = (name: string): Stream => ({
      ...streamOf('t1/events', 'events', async (from) => ({ items: itemsOf(1, 't1/events', Number(from ?? 0)), next: Number(from ?? 0) + 1, more: false })),
      tenant: { ...tenant, name },
    });
    const source = sourceOf((call) => ({ feeds: [feed(endless(call === 1 ? 'Old' : 'New'))], againMs: 10 }));
    const over = runEngine(options([routeTo(sink)], source, { patience: null }), stop.signal);
    await expect.poll(() => names.at(-1)).toBe('New');
    stop.abort();
    await over;
    expect(names[0]).toBe('Old');
  });

  it('goes on when it cannot write down that a tenant is set aside', async () => {
    const store: Store = {
      ...scene.store,
      directory: { ...scene.store.directory, setAside: async () => Promise.reject(new Failure('transient', 'journal.busy', 'busy')) },
    };
    const forbidden = streamOf('t2/events', 'events', async () => Promise.reject(new Failure('rejected', 'x.forbidden', 'no')));
    const { sink, taken } = farEnd(() => accepted);
    const source = sourceOf(() => ({ feeds: [feed(forbidden), feed(paged(3))] }));
    const { unserved } = await runEngine(options([routeTo(sink)], source, { store }), never());
    expect(unserved).toHaveLength(1);
    expect(taken).toEqual(linesOf(30));
  });

  it('takes a wish again that it could not answer', async () => {
    let broken = 1;
    const store: Store = {
      ...scene.store,
      wishes: {
        ...scene.store.wishes,
        async answer(...args) {
          if (broken-- > 0) throw new Failure('transient', 'journal.busy', 'busy');
          await scene.store.wishes.answer(...args);
        },
      },
    };
    const id = await scene.store.wishes.leave('dead-letter.drop', { ids: [] }, 1);
    const stop = new AbortController();
    const over = runEngine(
      options(
        [],
        sourceOf(() => ({})),
        { store, patience: null },
      ),
      stop.signal,
    );
    await expect.poll(() => scene.store.wishes.answered(id)).toEqual({ dropped: 0 });
    stop.abort();
    await over;
  });
});
