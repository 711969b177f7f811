import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Route } from '../../src/core/types.ts';
import { openDelivery } from '../../src/engine/delivery.ts';
import { accepted, farEnd, lineOf, linesOf, quickly, routeTo, Scene, tenant } from './scene.ts';

const never = () => new AbortController().signal;
const busy = () => new Failure('transient', 'x.busy', 'busy');

/** Answers that wait until they are let go. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('delivery in trouble', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open(quickly(5));
  });
  afterEach(() => scene.close());

  const serve = (route: Route) => openDelivery(route, { store: scene.store, world: scene.world, patience: null });
  const drain = async (route: Route) => {
    const delivery = serve(route);
    delivery.finish();
    return await delivery.run(never(), never());
  };

  it('ends when it is killed, though the sink goes on for a while and does not listen', async () => {
    await scene.openLane();
    await scene.append(10);
    const kill = new AbortController();
    const { sink, calls } = farEnd(async () => {
      kill.abort();
      await new Promise((resolve) => setTimeout(resolve, 20));
      return accepted;
    });
    expect(await serve(routeTo(sink)).run(kill.signal, kill.signal)).toBeNull();
    expect(calls()).toBe(1);
  });

  it('begins a lane where the journal says, also one that it had not heard of', async () => {
    await scene.append(30);
    const { sink, taken } = farEnd(() => accepted);
    const stop = new AbortController();
    const delivery = serve(routeTo(sink));
    const over = delivery.run(stop.signal, never());
    await new Promise((resolve) => setImmediate(resolve));
    await scene.openLane();
    await scene.append(5, { from: 30 });
    delivery.grew('t1/events', { stream: 'events', tenant }, 35);
    await expect.poll(() => scene.backlog()).toBe(0);
    stop.abort();
    await over;
    expect(taken).toEqual(linesOf(5, undefined, 30));
  });

  it('sends nothing again that was taken behind a failing parcel, when lanes are added meanwhile', async () => {
    await scene.openLane();
    await scene.append(40);
    let isDown = true;
    const { sink, taken, calls } = farEnd((lines) => {
      if (isDown && lines.includes(lineOf(0))) throw busy();
      return accepted;
    }, 4);
    const delivery = serve(routeTo(sink));
    delivery.finish();
    const over = delivery.run(never(), never());
    await expect.poll(() => taken.length).toBe(30);
    await scene.openLane('t2/events');
    await scene.append(5, { id: 't2/events' });
    const before = calls();
    delivery.reload();
    await expect.poll(() => calls()).toBeGreaterThan(before + 3);
    isDown = false;
    expect(await over).toBeNull();
    expect([...taken].sort()).toEqual([...linesOf(40), ...linesOf(5, 't2/events')].sort());
  });

  it('sends nothing again that was taken, when older records are given up meanwhile', async () => {
    await scene.openLane();
    await scene.append(20);
    await scene.append(20, { from: 20, fetchedAt: 2 });
    const { open, opened } = gate();
    const { sink, taken, calls } = farEnd(async () => {
      await opened;
      return accepted;
    }, 4);
    const over = drain(routeTo(sink));
    await expect.poll(() => calls()).toBe(4);
    expect(await scene.store.directory.giveUpOldest(1, 3)).toMatchObject([{ records: 20 }]);
    open();
    expect(await over).toBeNull();
    expect(taken).toEqual(linesOf(40));
    expect(await scene.store.directory.lanes('r')).toMatchObject([{ offset: 40, delivered: 20, givenUp: 20, filtered: 0 }]);
  });

  it('loses no record out of memory when one lane cannot be read or written', async () => {
    for (const id of ['t1/events', 't2/events', 't3/events']) {
      await scene.openLane(id);
      await scene.append(3, { id });
    }
    const { sink, taken } = farEnd(() => accepted, 1, 100);
    let broken = 2;
    const { journal } = scene.store;
    const store = {
      ...scene.store,
      journal: {
        ...journal,
        read: async (...args: Parameters<typeof journal.read>) => {
          if (args[0].stream === 't2/events' && broken-- > 0) throw new Failure('transient', 'journal.io', 'the disk failed');
          return await journal.read(...args);
        },
      },
    };
    const delivery = openDelivery(routeTo(sink), { store, world: scene.world, patience: { ms: 60_000, tries: 10 } });
    delivery.finish();
    expect(await delivery.run(never(), never())).toBeNull();
    expect(await scene.backlog()).toBe(0);
    expect([...taken].sort()).toEqual([...linesOf(3), ...linesOf(3, 't2/events'), ...linesOf(3, 't3/events')].sort());
  });

  it('on stop tries a failed parcel again while later ones are taken or under way, so that these need not be repeated', async () => {
    await scene.openLane();
    await scene.append(40);
    const stop = new AbortController();
    const { open, opened } = gate();
    let tries = 0;
    const far = farEnd(async (lines) => {
      if (!lines.includes(lineOf(0))) {
        await opened;
        return accepted;
      }
      if (++tries === 2) {
        stop.abort();
        open();
      }
      if (tries < 4) throw busy();
      return accepted;
    }, 4);
    expect(await serve(routeTo(far.sink)).run(stop.signal, never())).toBeNull();
    const { sink, taken } = farEnd(() => accepted);
    await drain(routeTo(sink));
    expect([...far.taken, ...taken].sort()).toEqual([...linesOf(40)].sort());
  });

  it('repeats nothing that was taken behind three parcels that were refused whole', async () => {
    await scene.openLane();
    await scene.append(5);
    let isWrong = true;
    const { open, opened } = gate();
    const { sink, taken, calls } = farEnd(
      async (lines) => {
        if (lines.includes(lineOf(4))) {
          await opened;
          return accepted;
        }
        if (isWrong && !lines.includes(lineOf(3))) throw new Failure('rejected', 'x.bad', 'bad');
        if (lines.includes(lineOf(3))) {
          await opened;
          if (isWrong) throw new Failure('rejected', 'x.bad', 'bad');
        }
        return accepted;
      },
      5,
      1,
    );
    const over = drain(routeTo(sink));
    await expect.poll(() => calls()).toBe(5);
    open();
    await expect.poll(() => taken.length).toBeGreaterThan(0);
    await over;
    isWrong = false;
    expect(taken).toEqual([lineOf(4)]);
    expect(await scene.store.deadLetters.count()).toBe(4);
  });

  it('delivers nothing of a retired lane', async () => {
    await scene.openLane();
    await scene.openLane('t1/siem-alerts', 'siem-alerts');
    await scene.append(3);
    await scene.append(3, { id: 't1/siem-alerts', kind: 'siem-alerts' });
    await scene.store.directory.retireLanes(new Map([['r', new Set(['events'])]]), 5);
    const { sink, taken } = farEnd(() => accepted);
    await drain(routeTo(sink));
    expect(taken).toEqual(linesOf(3));
  });
});
