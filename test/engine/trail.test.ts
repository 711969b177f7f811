import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Page, Route, Stream } from '../../src/core/types.ts';
import { runEngine } from '../../src/engine/engine.ts';
import type { Source } from '../../src/engine/source.ts';
import { openTrail } from '../../src/engine/trail.ts';
import { accepted, farEnd, itemsOf, linesOf, quickly, routeTo, Scene, streamOf, tenant } from './scene.ts';

function paged(pages: number): Stream {
  return streamOf('t1/events', 'events', async (from): Promise<Page> => {
    const done = Number(from ?? 0);
    if (done >= pages) return { items: itemsOf(0), next: done, more: false };
    return { items: itemsOf(10, 't1/events', done * 10), next: done + 1, more: done + 1 < pages };
  });
}

describe('a route that trails', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open(quickly(5));
  });
  afterEach(() => scene.close());

  async function run(routes: readonly Route[], pages: number, patience: { ms: number; tries: number } | null, stop = new AbortController()): Promise<void> {
    const source: Source = {
      account: 'a',
      callsPerHour: 1_000_000,
      discover: async () => ({ tenants: [tenant], feeds: [{ stream: paged(pages), everyMs: 10 }], aside: [] }),
    };
    const limits = { keepMs: 3_600_000, maxBytes: 1e9, minFreeBytes: 0, whenFull: 'pause', freeBytes: async () => null } as const;
    const kinds = new Set(['events']);
    const { store, world } = scene;
    await runEngine({ store, world, sources: [source], routes, kinds, limits, concurrency: 4, rediscoverMs: 10, patience, restart: () => null }, stop.signal);
  }

  const trailing = (sink: Route['sink']) => routeTo(sink, { name: 'after', trails: true });

  it('gets each record once, and only when every other route has it', async () => {
    const seen: string[] = [];
    const first = farEnd((lines) => {
      seen.push(...lines.map((line) => `first ${line}`));
      return accepted;
    });
    const second = farEnd(
      (lines) => {
        seen.push(...lines.map((line) => `second ${line}`));
        return accepted;
      },
      1,
      7,
    );
    const after = farEnd(
      (lines) => {
        for (const line of lines) expect(seen).toEqual(expect.arrayContaining([`first ${line}`, `second ${line}`]));
        return accepted;
      },
      1,
      3,
    );
    await run([routeTo(first.sink), routeTo(second.sink, { name: 'second' }), trailing(after.sink)], 8, { ms: 1000, tries: 10 });
    expect(after.taken).toEqual(linesOf(80));
  });

  it('gets nothing that another route has not delivered, also after a new start', async () => {
    const down = () => {
      throw new Failure('transient', 'down', 'down');
    };
    const good = farEnd(() => accepted);
    const after = farEnd(() => accepted);
    const broken = farEnd(down);
    await run([routeTo(good.sink), routeTo(broken.sink, { name: 'broken' }), trailing(after.sink)], 3, { ms: 0, tries: 2 });
    expect(good.taken).toEqual(linesOf(30));
    expect(after.taken).toEqual([]);
    // Half of it comes through, then it is down again.
    const half = farEnd((_, call) => (call > 2 ? down() : accepted), 1, 5);
    const later = farEnd(() => accepted);
    await run([routeTo(good.sink), routeTo(half.sink, { name: 'broken' }), trailing(later.sink)], 3, { ms: 0, tries: 2 });
    expect(later.taken).toEqual(linesOf(10));
    const last = farEnd(() => accepted);
    await run([routeTo(good.sink), routeTo(farEnd(() => accepted).sink, { name: 'broken' }), trailing(last.sink)], 3, { ms: 0, tries: 2 });
    expect(last.taken).toEqual(linesOf(20, 't1/events', 10));
  });

  it('takes what others filter as theirs, and waits for nobody where there is nobody', async () => {
    const alone = farEnd(() => accepted);
    await run([trailing(alone.sink)], 2, { ms: 0, tries: 2 });
    expect(alone.taken).toEqual(linesOf(20));
    const filtered = farEnd(() => accepted);
    const after = farEnd(() => accepted);
    await run([routeTo(filtered.sink, { where: () => false }), routeTo(after.sink, { name: 'after-2', trails: true })], 4, { ms: 0, tries: 2 });
    expect(filtered.taken).toEqual([]);
    expect(after.taken).toEqual(linesOf(20, 't1/events', 20));
  });

  it('that was taken away and put back begins with what is read from then on', async () => {
    const main = () => routeTo(farEnd(() => accepted).sink);
    const first = farEnd(() => accepted);
    await run([main(), trailing(first.sink)], 2, { ms: 0, tries: 2 });
    await run([main()], 4, { ms: 0, tries: 2 });
    const again = farEnd(() => accepted);
    await run([main(), trailing(again.sink)], 6, { ms: 0, tries: 2 });
    expect(first.taken).toEqual(linesOf(20));
    expect(again.taken).toEqual(linesOf(20, 't1/events', 40));
  });

  it('follows at once in a service, without a pass that ends', async () => {
    const stop = new AbortController();
    const after = farEnd((_, call) => {
      if (call === 4) stop.abort();
      return accepted;
    });
    await run([routeTo(farEnd(() => accepted).sink), trailing(after.sink)], 4, null, stop);
    expect(after.taken).toEqual(linesOf(40));
  });
});

describe('the trail', () => {
  it('is limited by the slowest of the others, and by nobody without them', () => {
    const trail = openTrail(new Set(['t']));
    expect(trail.limitOf('s')).toBe(Number.POSITIVE_INFINITY);
    const span = (route: string, upTo: number) => ({ lane: { route, stream: 's' }, after: 0, upTo });
    trail.settled([span('a', 3), span('b', 0), span('t', 0)]);
    expect(trail.limitOf('s')).toBe(0);
    expect(trail.settled([span('b', 9)])).toEqual(['s']);
    expect(trail.limitOf('s')).toBe(3);
    expect(trail.settled([span('t', 2)])).toEqual([]);
    expect(trail.settled([span('a', 7), span('b', 12)])).toEqual(['s']);
    expect(trail.limitOf('s')).toBe(7);
  });
});
