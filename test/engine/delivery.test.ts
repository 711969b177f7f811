import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { Failure } from '../../src/core/failure.ts';
import type { Store } from '../../src/core/store.ts';
import type { Route } from '../../src/core/types.ts';
import type { World } from '../../src/core/world.ts';
import { type Delivery, openDelivery } from '../../src/engine/delivery.ts';
import { accepted, farEnd, linesOf, quickly, routeTo, Scene, tenant } from './scene.ts';

describe('delivery', () => {
  let scene: Scene;
  let store: Store;
  let world: World;

  beforeEach(async () => {
    scene = await Scene.open(quickly(5));
    ({ store, world } = scene);
  });
  afterEach(() => scene.close());

  async function fill(count: number, id = 't1/events', from = 0): Promise<void> {
    await scene.openLane(id);
    await scene.append(count, { id, from });
  }

  const onePass = (route: Route): Delivery => openDelivery(route, { store, world, patience: { ms: 0, tries: 10 } });

  async function deliverAll(route: Route): Promise<unknown> {
    const delivery = onePass(route);
    delivery.finish();
    return await delivery.run(new AbortController().signal, new AbortController().signal);
  }

  it('delivers everything that waits, in order, and settles it', async () => {
    await fill(95);
    const { sink, taken, calls } = farEnd(() => accepted);
    expect(await deliverAll(routeTo(sink))).toBeNull();
    expect(taken).toEqual(linesOf(95));
    expect(calls()).toBe(10);
    expect(await scene.backlog()).toBe(0);
  });

  it('joins the records of many lanes in one parcel', async () => {
    for (let i = 0; i < 30; i++) await fill(1, `t${i}/events`);
    const { sink, taken, calls } = farEnd(() => accepted, 1, 100);
    await deliverAll(routeTo(sink));
    expect({ taken: taken.length, calls: calls() }).toEqual({ taken: 30, calls: 1 });
  });

  it('sends a parcel again after a transient failure, and nothing else twice', async () => {
    await fill(40);
    const { sink, taken, calls } = farEnd((_lines, call) => {
      if (call % 2 === 1) throw new Failure('transient', 'x.busy', 'busy');
      return accepted;
    });
    expect(await deliverAll(routeTo(sink))).toBeNull();
    expect(taken).toEqual(linesOf(40));
    expect(calls()).toBe(8);
  });

  it('keeps the receipts of later parcels when the first one fails', async () => {
    await fill(40);
    let failed = false;
    const { sink, taken } = farEnd((lines) => {
      if (lines[0] === linesOf(1)[0] && !failed) {
        failed = true;
        throw new Failure('transient', 'x.busy', 'busy');
      }
      return accepted;
    }, 4);
    expect(await deliverAll(routeTo(sink))).toBeNull();
    expect([...taken].sort()).toEqual([...linesOf(40)].sort());
    expect(await scene.backlog()).toBe(0);
  });

  it.each([
    ['names it', true],
    ['refuses the whole parcel', false],
  ])('finds the guilty record when the far end %s, and makes only it a dead letter', async (_how, names) => {
    await fill(64);
    const { sink, taken, calls } = farEnd(
      (lines, _call, parcel) => {
        const guilty = lines.findIndex((line) => line.includes(':37"'));
        if (guilty < 0) return accepted;
        const section = parcel.sections[0];
        const at = section && { lane: section.lane, seq: section.records[guilty]?.seq ?? 0 };
        throw new Failure('rejected', 'x.bad', 'bad record', names && at ? { at } : {});
      },
      1,
      64,
    );
    expect(await deliverAll(routeTo(sink))).toBeNull();
    expect([...taken].sort()).toEqual(
      linesOf(64)
        .filter((line) => !line.includes(':37"'))
        .sort(),
    );
    const letters = await store.deadLetters.list({});
    expect(letters.map(({ key, code }) => ({ key, code }))).toEqual([{ key: 'k37', code: 'x.bad' }]);
    expect(calls()).toBeLessThan(names ? 6 : 16);
    expect(await scene.backlog()).toBe(0);
  });

  it('makes a lonely bad record a dead letter at the end of a pass', async () => {
    await fill(1);
    const { sink } = farEnd(() => {
      throw new Failure('rejected', 'x.bad', 'bad record');
    });
    expect(await deliverAll(routeTo(sink))).toBeNull();
    expect(await store.deadLetters.count()).toBe(1);
    expect(await scene.backlog()).toBe(0);
  });

  it('blames the configuration when every record of three parcels running is refused for one reason, and drops nothing', async () => {
    await fill(50);
    const { sink } = farEnd(() => {
      throw new Failure('rejected', 'x.index', 'wrong index');
    });
    const error = await deliverAll(routeTo(sink));
    expect(error).toMatchObject({ kind: 'config', code: 'delivery.all-refused' });
    expect(await store.deadLetters.count()).toBe(0);
    expect(await scene.backlog()).toBe(50);
  });

  it('blames the records when reasons differ, or when some are taken', async () => {
    await fill(50);
    const { sink } = farEnd((lines) => {
      if (lines.length > 1) throw new Failure('rejected', 'x.bad', 'bad');
      const number = Number(/:(\d+)"/.exec(lines[0] ?? '')?.[1]);
      if (number % 10 === 9) return accepted;
      throw new Failure('rejected', number % 2 === 0 ? 'x.even' : 'x.odd', 'bad');
    });
    expect(await deliverAll(routeTo(sink))).toBeNull();
    expect(await store.deadLetters.count()).toBe(45);
    expect(await scene.backlog()).toBe(0);
  });

  it('settles unsent what the route does not want', async () => {
    await fill(30);
    const { sink, taken } = farEnd(() => accepted);
    await deliverAll(routeTo(sink, { where: (record) => record.seq % 3 === 0 }));
    expect(taken).toHaveLength(10);
    expect(await store.directory.lanes('r')).toMatchObject([{ offset: 30, delivered: 10, filtered: 20, refused: 0 }]);
  });

  it('gives up in a pass when the sink stays down, and loses nothing', async () => {
    await fill(30);
    const { sink, calls } = farEnd(() => {
      throw new Failure('transient', 'x.down', 'down');
    });
    expect(await deliverAll(routeTo(sink))).toMatchObject({ code: 'x.down' });
    expect(calls()).toBeGreaterThanOrEqual(10);
    expect(await scene.backlog()).toBe(30);
  });

  it('on stop sends no new parcel, and settles what is under way', async () => {
    await fill(100);
    const stop = new AbortController();
    let release: () => void = () => undefined;
    const { sink, taken } = farEnd(
      () =>
        new Promise((resolve) => {
          release = () => resolve(accepted);
          stop.abort();
        }),
    );
    const over = onePass(routeTo(sink)).run(stop.signal, new AbortController().signal);
    await expect.poll(() => stop.signal.aborted).toBe(true);
    release();
    await over;
    expect(taken).toEqual(linesOf(10));
    expect(await scene.backlog()).toBe(90);
  });

  it('ends at once when it is killed, and the next run sends what was under way again', async () => {
    await fill(30);
    const kill = new AbortController();
    const stuck = farEnd((_lines, call) =>
      call === 1 ? accepted : new Promise((_resolve, reject) => kill.signal.addEventListener('abort', () => reject(kill.signal.reason))),
    );
    const over = onePass(routeTo(stuck.sink)).run(kill.signal, kill.signal);
    await expect.poll(() => stuck.calls()).toBe(2);
    kill.abort();
    await over;
    expect(await scene.backlog()).toBe(20);
    const { sink, taken } = farEnd(() => accepted);
    await deliverAll(routeTo(sink));
    expect([...stuck.taken, ...taken]).toEqual(linesOf(30));
  });

  it('ends when it is killed, also while a sink heeds no abort', async () => {
    await fill(30);
    const kill = new AbortController();
    let answer: () => void = () => undefined;
    const deaf = farEnd(
      () =>
        new Promise((resolve) => {
          answer = () => resolve(accepted);
        }),
    );
    const over = onePass(routeTo(deaf.sink)).run(kill.signal, kill.signal);
    await expect.poll(() => deaf.calls()).toBe(1);
    kill.abort();
    expect(await over).toBeNull();
    expect(await scene.backlog()).toBe(30);
    answer();
  });

  it('sends nothing again when the lanes are read anew while something is under way', async () => {
    await fill(40);
    let release: () => void = () => undefined;
    let isHeld = false;
    const { sink, taken } = farEnd((lines) => {
      if (lines[0] !== linesOf(1)[0] || isHeld) return accepted;
      isHeld = true;
      return new Promise((_resolve, reject) => {
        release = () => reject(new Failure('transient', 'x.unacknowledged', 'no word'));
      });
    }, 3);
    const delivery = onePass(routeTo(sink));
    delivery.finish();
    const over = delivery.run(new AbortController().signal, new AbortController().signal);
    await expect.poll(() => taken.length).toBe(20);
    await fill(5, 't2/events');
    delivery.reload();
    release();
    expect(await over).toBeNull();
    expect([...taken].sort()).toEqual([...linesOf(40), ...linesOf(5, 't2/events')].sort());
    expect(await scene.backlog()).toBe(0);
  });

  it('writes what grows under the name that its tenant has now', async () => {
    await fill(1);
    const names: string[] = [];
    const { sink } = farEnd((_lines, _call, { sections }) => {
      names.push(...sections.map(({ origin }) => origin.tenant.name));
      return accepted;
    });
    const stop = new AbortController();
    const delivery = onePass(routeTo(sink));
    const over = delivery.run(stop.signal, new AbortController().signal);
    await expect.poll(() => names).toEqual(['One']);
    await fill(1, 't1/events', 1);
    delivery.grew('t1/events', { stream: 'events', tenant: { ...tenant, name: 'Renamed' } }, 2);
    await expect.poll(() => names).toEqual(['One', 'Renamed']);
    stop.abort();
    await over;
  });

  it('delivers what is appended while it runs, without being asked', async () => {
    const { sink, taken } = farEnd(() => accepted);
    const stop = new AbortController();
    const delivery = onePass(routeTo(sink));
    const over = delivery.run(stop.signal, new AbortController().signal);
    await fill(5);
    delivery.grew('t1/events', { stream: 'events', tenant }, 5);
    await expect.poll(() => taken.length).toBe(5);
    stop.abort();
    await over;
    expect(await scene.backlog()).toBe(0);
  });

  it('holds a digest back until its time, and sends it at once at the end of a pass', async () => {
    await fill(3);
    const { sink, calls } = farEnd(() => accepted, 1, 1);
    const delivery = openDelivery(routeTo(sink, { everyMs: 3_600_000 }), { store, world: { ...world, clock: systemClock }, patience: null });
    const over = delivery.run(new AbortController().signal, new AbortController().signal);
    await expect.poll(() => calls()).toBe(1);
    expect(await scene.backlog()).toBe(2);
    delivery.finish();
    await over;
    expect(calls()).toBe(3);
  });
});
