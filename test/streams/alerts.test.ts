/** Alerts against a small Central whose list forgets what is closed, and shows some late. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../src/core/types.ts';
import { alerts } from '../../src/streams/alerts.ts';
import { told } from '../clients/world.ts';
import type { FarList, FarThing } from '../far-ends/lists.ts';
import { keysOf, streamLaws } from '../laws/stream.laws.ts';
import { changesOf, day, hour, ListScene, minute, never, readOn, type Told, toldBy } from './inventory-scene.ts';

const path = '/common/v1/alerts';

class Alerts {
  readonly scene: ListScene;
  readonly list: FarList;
  #at: Checkpoint | null = null;

  private constructor(scene: ListScene, list: FarList) {
    this.scene = scene;
    this.list = list;
  }
  static async open(max = 1000): Promise<Alerts> {
    const list: FarList = { path, style: 'key', max, items: [], time: 'raisedAt' };
    return new Alerts(await ListScene.open(list), list);
  }
  add(count: number, agoMs = 0): FarThing[] {
    const made = Array.from({ length: count }, (_, i) => ({
      id: `id-${this.list.items.length + i}`,
      raisedAt: new Date(this.scene.far.now - agoMs).toISOString(),
      severity: 'high',
      type: 'Event::Endpoint::Threat::Detected',
      description: 'Zoë said "\\u2033"',
    }));
    this.list.items.push(...made);
    return made;
  }
  close(id: string): void {
    this.list.items = this.list.items.filter((item) => item.id !== id);
  }
  change(id: string, fields: FarThing): void {
    this.list.items = this.list.items.map((item) => (item.id === id ? { ...item, ...fields } : item));
  }
  pass(ms: number): void {
    this.scene.far.now += ms;
  }
  restart(at: Checkpoint | null): void {
    this.#at = at;
  }
  /** What is told since the last reading. */
  async read(options: Record<string, unknown> = {}): Promise<Told[]> {
    return (await this.pages(options)).flatMap((page) => toldBy([page]));
  }
  async pages(options: Record<string, unknown> = {}) {
    const { pages, at } = await readOn(() => this.scene.stream(alerts, options), this.#at);
    this.#at = at;
    return pages;
  }
  /** `from` of the readings since the last look, as time before now. */
  asked(): number[] {
    const { far } = this.scene;
    const times = far.to(path).map(({ query }) => far.now - Date.parse(query.get('from') ?? ''));
    far.asked.length = 0;
    return times;
  }
}

let far: Alerts;
beforeEach(async () => {
  far = await Alerts.open();
});
afterEach(() => far.scene.close());

streamLaws('alerts', async () => {
  const own = await Alerts.open();
  return {
    open: () => own.scene.stream(alerts, { pageSize: 25 }),
    add: (count) => {
      own.pass(1000);
      own.add(count);
    },
    keys: () => own.list.items.map(({ id }) => String(id)),
    failOnce: () => own.scene.far.failNext(path, 'cut'),
    hangOnce: () => own.scene.far.failNext(path, 'hang'),
    severalPages: 90,
    close: () => own.scene.close(),
  };
});

const ids = (told: readonly Told[]) => told.map(({ item }) => item.id);

describe('a reading', () => {
  it('is of the whole window first, then of the last hours, and of the whole again every hour', async () => {
    await far.read();
    far.pass(5 * minute);
    await far.read();
    far.pass(56 * minute);
    await far.read();
    expect(far.asked()).toEqual([day + 61 * minute, 2 * hour + 61 * minute, day]);
    await far.read({ days: 90, overlap: '10m', recheck: '0s' });
    expect(far.asked()).toEqual([20 * minute]);
  });

  it('never begins before the time from which it knows what it told: a longer window grows', async () => {
    far.add(1, 3 * day);
    await far.read();
    far.pass(2 * hour);
    expect(await far.read({ days: 30 })).toEqual([]);
    expect(far.asked()).toEqual([day + 2 * hour, day + 2 * hour]);
  });

  it('costs one call for each page, of as many as Central allows', async () => {
    far.add(2500);
    expect(await far.read()).toHaveLength(2500);
    expect(far.scene.calls(path)).toBe(3);
    far.list.max = 100;
    far.pass(2 * hour);
    expect(await far.read()).toEqual([]);
    // Refused once, 100 tried, and that remembered.
    expect(far.scene.calls(path)).toBe(26);
  });

  it('brings what is late, however late, when the window is read', async () => {
    await far.read();
    far.pass(10 * minute);
    far.add(1, 100 * minute);
    expect(ids(await far.read())).toEqual(['id-0']);
    far.add(1, 20 * hour);
    expect(await far.read()).toEqual([]);
    far.pass(hour);
    expect(ids(await far.read())).toEqual(['id-1']);
  });

  it('tells what changes, what is closed, and what comes back, each once', async () => {
    far.add(3, hour);
    expect((await far.read()).map(({ key, time, meta }) => [key, time, meta])).toEqual(
      ['id-0', 'id-1', 'id-2'].map((id) => [id, far.scene.far.now - hour, {}]),
    );
    far.pass(hour);
    const [gone] = far.list.items;
    far.close('id-0');
    far.change('id-1', { severity: 'low' });
    const told = await far.read();
    expect(changesOf(told)).toEqual(['changed id-1', 'closed id-0']);
    expect(told[1]?.item).toEqual({ id: 'id-0', raisedAt: gone?.raisedAt, severity: 'high', type: 'Event::Endpoint::Threat::Detected' });
    expect(told.map(({ time }) => time)).toEqual([far.scene.far.now, far.scene.far.now]);
    expect(await far.read()).toEqual([]);
    far.pass(hour);
    far.list.items.push(gone as FarThing);
    far.change('id-1', { severity: 'high' });
    const again = await far.read();
    expect(changesOf(again).sort()).toEqual(['changed id-1', 'reopened id-0']);
    expect(new Set([...told, ...again].map(({ key }) => key)).size).toBe(4);
    far.pass(hour);
    expect(await far.read()).toEqual([]);
  });

  it('takes leaving the window for no change', async () => {
    far.add(1, 23 * hour);
    await far.read();
    far.pass(2 * hour);
    expect(await far.read()).toEqual([]);
    far.close('id-0');
    far.pass(2 * hour);
    expect(await far.read()).toEqual([]);
    far.pass(3 * day);
    expect(await far.read()).toEqual([]);
  });

  it('tells nothing twice of a list that ignores `from`', async () => {
    const { scene } = far;
    far.add(5, 10 * day);
    const items = [...far.list.items];
    scene.lists.misbehave = () => ({ body: { items, pages: {} } });
    expect(await far.read()).toHaveLength(5);
    for (const ms of [hour, 30 * hour, 3 * day, hour]) {
      far.pass(ms);
      expect(await far.read()).toEqual([]);
    }
  });

  it('tells an alert without a readable time once, for as long as it is listed', async () => {
    far.add(1);
    far.change('id-0', { raisedAt: 'yesterday' });
    const [page] = await far.pages();
    expect([page?.items.count, page?.odd]).toEqual([1, 1]);
    for (let i = 0; i < 5; i++) {
      far.pass(20 * hour);
      expect(await far.read()).toEqual([]);
    }
  });

  it('reads a time without a zone as UTC', async () => {
    far.add(1, hour);
    const raisedAt = String(far.list.items[0]?.raisedAt);
    far.change('id-0', { raisedAt: raisedAt.replace('Z', '') });
    expect((await far.read())[0]?.time).toBe(Date.parse(raisedAt));
  });

  it('knows whatever an id may be', async () => {
    const odd = ['__proto__', 'constructor', 'a/b#1', '12', '3', 'x'.repeat(10_240)];
    far.add(odd.length, hour);
    far.list.items = far.list.items.map((item, i) => ({ ...item, id: odd[i] }));
    expect(ids(await far.read({ pageSize: 2 }))).toEqual(odd);
    far.list.items = [];
    far.pass(hour);
    expect(changesOf(await far.read())).toEqual(odd.map((id) => `closed ${id}`));
    far.pass(hour);
    expect(await far.read()).toEqual([]);
  });
});

describe('after a while without reading', () => {
  it('the window widens to what was read last, and there is no gap', async () => {
    await far.read();
    far.pass(10 * day);
    far.add(1, 9 * day);
    const pages = await far.pages();
    expect(ids(toldBy(pages))).toEqual(['id-0']);
    expect(pages[0]?.gap).toBeUndefined();
  });

  it('of more than 90 days, what lies before is a gap, told once', async () => {
    await far.read();
    const readUpTo = far.scene.far.now;
    far.pass(100 * day);
    far.add(3, day);
    const pages = await far.pages({ pageSize: 1 });
    expect(pages[0]?.gap).toMatchObject({ since: readUpTo, until: readUpTo + 10 * day });
    expect(pages.slice(1).map(({ gap }) => gap)).toEqual([undefined, undefined]);
    far.pass(hour);
    expect((await far.pages())[0]?.gap).toBeUndefined();
  });

  it('begins again at `since` when it is told to', async () => {
    far.add(2, 20 * day);
    expect(await far.read()).toEqual([]);
    far.restart(alerts.restart(far.scene.far.now - 30 * day));
    expect(ids(await far.read())).toEqual(['id-0', 'id-1']);
    expect(await far.read()).toEqual([]);
  });
});

describe('a reading that is broken off', () => {
  it('goes on where it was; after 10 minutes it begins anew, and tells nothing twice', async () => {
    for (const waitMs of [9 * minute, 11 * minute]) {
      const own = await Alerts.open();
      own.add(6, hour);
      const open = () => own.scene.stream(alerts, { pageSize: 2 });
      const first = await open().fetch(null, never);
      own.pass(waitMs);
      const { pages } = await readOn(open, JSON.parse(JSON.stringify(first.next)));
      expect(keysOf([first, ...pages])).toEqual(['id-0', 'id-1', 'id-2', 'id-3', 'id-4', 'id-5']);
      expect(own.asked()).toHaveLength(waitMs < 10 * minute ? 3 : 4);
      await own.scene.close();
    }
  });

  it.each([400, 404])('begins anew when its position is refused with %i', async (status) => {
    far.add(6, hour);
    const open = () => far.scene.stream(alerts, { pageSize: 2 });
    const first = await open().fetch(null, never);
    far.scene.far.failNext(path, { status, body: {} });
    expect(keysOf([first, ...(await readOn(open, first.next)).pages])).toEqual(['id-0', 'id-1', 'id-2', 'id-3', 'id-4', 'id-5']);
    expect(told(far.scene.reports)).toMatchObject([{ name: 'stream.cursor-refused' }]);
  });

  it('ends its turn when positions lead nowhere, and takes nothing for closed', async () => {
    far.add(6, hour);
    await far.read();
    far.pass(hour);
    far.add(1);
    far.scene.lists.misbehave = (_, { body }) => ({ body: { ...(body as object), pages: { nextKey: '2026|000000001' } } });
    const pages = await far.pages({ pageSize: 2 });
    expect(pages.at(-1)).toMatchObject({ more: false, brokenOff: 'the pages that Central sends run in a circle' });
    expect(pages.length).toBeLessThan(20);
    expect(pages.flatMap((page) => toldBy([page]))).toEqual([]);
    far.scene.lists.misbehave = () => null;
    expect(ids(await far.read({ pageSize: 2 }))).toEqual(['id-6']);
  });

  it('is whole, each alert once, where the list refuses to be put in order', async () => {
    far.add(6, hour);
    far.scene.lists.misbehave = ({ query }) => (query.has('sort') ? { status: 400, body: { error: 'badRequest', message: 'sort is not known' } } : null);
    expect(ids(await far.read({ pageSize: 2 }))).toEqual(['id-0', 'id-1', 'id-2', 'id-3', 'id-4', 'id-5']);
    far.add(1);
    expect(ids(await far.read({ pageSize: 2 }))).toEqual(['id-6']);
    expect(told(far.scene.reports)).toEqual([]);
  });

  it('learns Central’s time, when the local clock is wrong', async () => {
    far.add(2, 20 * hour);
    for (const skew of [400 * day, -400 * day, 3 * hour]) {
      far.restart(null);
      far.scene.skew = skew;
      expect(ids(await far.read())).toEqual(['id-0', 'id-1']);
    }
  });
});
