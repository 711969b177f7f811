/** Random estates that change while they are read, by readers that are killed: against a small model. The seed stands in the name. */
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Checkpoint, Page, Stream } from '../../src/core/types.ts';
import { alerts } from '../../src/streams/alerts.ts';
import { endpoints } from '../../src/streams/endpoints.ts';
import type { FarList, FarThing } from '../far-ends/lists.ts';
import { day, hour, ListScene, minute, never, type Told, toldBy } from './inventory-scene.ts';

type Random = () => number;

function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const pick = <T>(random: Random, from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];

/** A reader that is killed now and then: between fetch and journal, and after it. */
class Reader {
  readonly #told: Told[] = [];
  readonly #keys = new Set<string>();
  readonly #fetch: (at: Checkpoint | null) => Promise<Page>;
  readonly #random: Random;
  readonly #repeats: Stream['repeats'];
  #at: Checkpoint | null = null;

  constructor(fetch: (at: Checkpoint | null) => Promise<Page>, random: Random, repeats: Stream['repeats']) {
    this.#fetch = fetch;
    this.#random = random;
    this.#repeats = repeats;
  }

  /** One page; whether more was promised. */
  async step(): Promise<boolean> {
    let page = await this.#fetch(this.#at);
    // Killed before the journal had it: the same place again.
    if (this.#random() < 0.15) page = await this.#fetch(this.#at);
    for (const each of toldBy([page])) {
      if (this.#repeats === 'recent' && this.#keys.has(each.key)) continue;
      expect(this.#keys.has(each.key), `twice: ${each.key}`).toBe(false);
      this.#keys.add(each.key);
      this.#told.push(each);
    }
    this.#at = JSON.parse(JSON.stringify(page.next));
    expect(page.brokenOff).toBeUndefined();
    return page.more;
  }

  take(): Told[] {
    return this.#told.splice(0);
  }
}

/** Faults that pass: one request fails, or its position is refused. */
function trouble(scene: ListScene, path: string, random: Random): void {
  if (random() < 0.1) scene.far.failNext(path, random() < 0.5 ? 'reset' : { status: 503 });
  else if (random() < 0.05) scene.lists.misbehave = refuseOnce(scene);
}

function refuseOnce(scene: ListScene): ListScene['lists']['misbehave'] {
  return ({ query }) => {
    if (!query.has('pageFromKey')) return null;
    scene.lists.misbehave = () => null;
    return { status: 400, body: { error: 'badRequest' } };
  };
}

async function patiently(step: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; ; tries++) {
    try {
      return await step();
    } catch (error) {
      if (tries > 20 || !(error instanceof Failure)) throw error;
    }
  }
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('an estate that changes while it is read (seed %i)', (seed) => {
  it('is told so that its changes give the estate', async () => {
    const random = randomFrom(seed);
    const list: FarList = { path: '/endpoint/v1/endpoints', style: 'key', max: 500, items: [] };
    const scene = await ListScene.open(list);
    try {
      let made = 0;
      const add = () => list.items.push({ id: `id-${made++}`, hostname: `host-${made}`, version: 0 });
      for (let i = 0; i < 30; i++) add();
      const mutate = () => {
        const victim = pick(random, list.items);
        if (random() < 0.4) add();
        else if (random() < 0.5) list.items = list.items.filter((item) => item !== victim);
        else list.items = list.items.map((item) => (item === victim ? { ...item, version: Number(item.version) + 1 } : item));
      };
      const reader = new Reader((at) => scene.stream(endpoints, { changes: true, pageSize: 4 }).fetch(at, never), random, 'recent');
      const mirror = new Map<string, FarThing>();
      for (let turn = 0; turn < 12; turn++) {
        const isQuiet = turn % 3 === 2;
        for (let more = true; more; ) {
          if (!isQuiet && random() < 0.6) mutate();
          trouble(scene, list.path, random);
          scene.far.now += random() < 0.1 ? 11 * minute : 1000;
          more = await patiently(() => reader.step());
        }
        for (const { item, meta } of reader.take()) {
          const id = String(item.id);
          const was = mirror.get(id);
          if (meta.change === 'added') expect(was, `added ${id}`).toBeUndefined();
          else expect(was, `${String(meta.change)} ${id}`).toBeDefined();
          if (meta.change === 'changed') expect(item.version).not.toBe(was?.version);
          if (meta.change === 'removed') expect(list.items.some((each) => each.id === id)).toBe(false);
          if (meta.change === 'removed') mirror.delete(id);
          else mirror.set(id, item);
        }
        // One undisturbed snapshot after another that may have been under way: then both are the same.
        if (!isQuiet) continue;
        for (let more = true; more; ) more = await patiently(() => reader.step());
        for (const { item, meta } of reader.take()) {
          if (meta.change === 'removed') mirror.delete(String(item.id));
          else mirror.set(String(item.id), item);
        }
        const byId = (a: FarThing, b: FarThing) => (String(a.id) < String(b.id) ? -1 : 1);
        expect([...mirror.values()].sort(byId)).toEqual([...list.items].sort(byId));
      }
    } finally {
      await scene.close();
    }
  });
});

describe.each([11, 12, 13, 14, 15, 16, 17, 18])('alerts that come late, change, close and come back (seed %i)', (seed) => {
  it('are told once each, and their changes give what is open', async () => {
    const random = randomFrom(seed);
    const list: FarList = { path: '/common/v1/alerts', style: 'key', max: 1000, items: [], time: 'raisedAt' };
    const scene = await ListScene.open(list);
    try {
      let made = 0;
      const closed: FarThing[] = [];
      const mutate = () => {
        const victim = pick(random, list.items);
        const chance = random();
        if (chance < 0.6 || !victim) {
          const late = random() < 0.3 ? random() * 10 * hour : random() * minute;
          list.items.push({ id: `id-${made++}`, raisedAt: new Date(scene.far.now - late).toISOString(), version: 0 });
        } else if (chance < 0.75) list.items = list.items.map((item) => (item === victim ? { ...item, version: Number(item.version) + 1 } : item));
        else if (chance < 0.95) {
          list.items = list.items.filter((item) => item !== victim);
          closed.push(victim);
        } else list.items.push(...closed.splice(Math.floor(random() * closed.length), 1));
      };
      const reader = new Reader((at) => scene.stream(alerts, { days: 2, pageSize: 5 }).fetch(at, never), random, 'never');
      const mirror = new Map<string, FarThing>();
      const raised = new Set<string>();
      const apply = () => {
        for (const { key, item, meta } of reader.take()) {
          const id = String(item.id);
          const was = mirror.get(id);
          if (meta.change === undefined) {
            expect([raised.has(id), key]).toEqual([false, id]);
            raised.add(id);
          } else expect(raised.has(id)).toBe(true);
          if (meta.change === 'changed') expect(was?.version).not.toBe(item.version);
          if (meta.change === 'closed') expect(was).toBeDefined();
          if (meta.change === 'reopened') expect(was).toBeUndefined();
          if (meta.change === 'closed') mirror.delete(id);
          else mirror.set(id, item);
        }
      };
      for (let turn = 0; turn < 60; turn++) {
        for (let i = 0; i < 4; i++) if (random() < 0.6) mutate();
        scene.far.now += Math.floor(random() * 25) * minute;
        for (let more = true; more; ) {
          trouble(scene, list.path, random);
          if (random() < 0.2) mutate();
          if (random() < 0.05) scene.far.now += 11 * minute;
          more = await patiently(() => reader.step());
        }
        apply();
        if (turn % 10 !== 9) continue;
        // The whole window is due, and nothing moves.
        scene.far.now += hour;
        for (let again = 0; again < 2; again++) for (let more = true; more; ) more = await patiently(() => reader.step());
        apply();
        const inWindow = (item: FarThing) => Date.parse(String(item.raisedAt)) >= scene.far.now - 2 * day;
        const byId = (a: FarThing, b: FarThing) => (String(a.id) < String(b.id) ? -1 : 1);
        expect([...mirror.values()].filter(inWindow).sort(byId)).toEqual(list.items.filter(inWindow).sort(byId));
      }
      // Every alert that was ever open at such a moment is known.
      for (const { id } of list.items) expect(raised).toContain(String(id));
    } finally {
      await scene.close();
    }
  });
});
