/** Searches of Central's own, as a snapshot: started, waited for, listed, and lost on the way. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/core/world.ts';
import { SophosCentral } from '../../src/index.ts';
import { detections } from '../../src/streams/detections.ts';
import { openTestWorld } from '../clients/world.ts';
import { type Asked, FarCentral, type Fault } from '../far-ends/central.ts';
import { day, hour, minute, never, readOn, toldBy } from './inventory-scene.ts';

const path = '/detections/v1/queries/detections';

/** Runs that need some questions before they have finished. */
class Searches {
  readonly far: FarCentral;
  readonly started: { from: string; to: string }[] = [];
  readonly slept: number[] = [];
  questions = 3;
  result = 'succeeded';
  known = true;
  items: Record<string, unknown>[] = [];
  #left = 0;
  readonly #closers: (() => Promise<void>)[] = [];

  constructor(far: FarCentral) {
    this.far = far;
    far.intercept = (asked) => this.#answer(asked);
  }
  static async open(): Promise<Searches> {
    return new Searches(await new FarCentral().open());
  }
  async close(): Promise<void> {
    for (const close of this.#closers) await close();
    await this.far.close();
  }
  /** As a new process would; its sleep moves the far end's clock. */
  open(options: Record<string, unknown> = {}) {
    const { clientId, clientSecret, url, accountId } = this.far;
    const clock: Clock = {
      now: () => this.far.now,
      monotonic: () => this.far.now,
      sleep: async (ms, signal) => {
        signal.throwIfAborted();
        this.slept.push(ms);
        this.far.now += ms;
      },
    };
    const { world, close } = openTestWorld(clock);
    this.#closers.push(close);
    const client = new SophosCentral({ clientId, clientSecret, authUrl: url, apiUrl: url, rateLimits: { second: 10_000 }, retries: 0, world });
    return detections.open(detections.options.parse({ pageSize: 2, ...options }), { id: accountId, name: 'Acme', labels: {}, apiHost: url }, client, world);
  }
  #answer({ method, path: asked, query, body }: Asked): Fault | null {
    if (!asked.startsWith(path)) return null;
    const run = { id: `run-${this.started.length}` };
    if (method === 'POST') {
      this.started.push(JSON.parse(body));
      this.#left = this.questions;
      this.known = true;
      return { status: 201, body: { ...this.#state(), id: `run-${this.started.length}` } };
    }
    if (!this.known || !asked.includes(run.id)) return { status: 404, body: { error: 'notFound' } };
    if (!asked.endsWith('/results')) {
      this.#left--;
      return { body: { ...run, ...this.#state() } };
    }
    if (this.#left > 0) return { status: 404, body: { error: 'notFound' } };
    const page = Number(query.get('page') ?? 1);
    return { body: { items: this.items.slice((page - 1) * 2, page * 2), pages: { current: page, size: 2, maxSize: 100 } } };
  }
  #state() {
    return this.#left > 0 ? { status: 'pending', result: 'notAvailable' } : { status: 'finished', result: this.result };
  }
}

let far: Searches;
beforeEach(async () => {
  far = await Searches.open();
  far.items = Array.from({ length: 5 }, (_, i) => ({ id: `d${i}`, severity: i }));
});
afterEach(() => far.close());

const idsOf = (pages: Parameters<typeof toldBy>[0]) => toldBy(pages).flatMap(({ item }) => (item.id ? [item.id] : []));
const all = ['d0', 'd1', 'd2', 'd3', 'd4'];

describe('a search', () => {
  it('is of the last day, or more; it is waited for with growing pauses, and listed page by page', async () => {
    const { now } = far.far;
    const { pages } = await readOn(() => far.open({ days: 3 }), null);
    expect(far.started).toEqual([{ from: new Date(now - 3 * day).toISOString(), to: new Date(now).toISOString() }]);
    expect(far.slept).toEqual([1000, 2000, 4000]);
    expect(idsOf(pages)).toEqual(all);
    expect(toldBy(pages).at(-1)?.item).toMatchObject({ items: 5, snapshot: { end: true } });
  });

  it('needs no waiting when it has finished at once', async () => {
    far.questions = 0;
    expect(idsOf((await readOn(() => far.open(), null)).pages)).toEqual(all);
    expect(far.slept).toEqual([]);
  });

  it('is started once, though the process is killed after each page', async () => {
    far.questions = 20;
    expect(idsOf((await readOn(() => far.open(), null)).pages)).toEqual(all);
    expect(far.started).toHaveLength(1);
  });

  it('is started again for the same time and under the same snapshot when it vanished', async () => {
    const open = () => far.open();
    const first = await open().fetch(null, never);
    const second = await open().fetch(first.next, never);
    expect(idsOf([second])).toEqual(['d0', 'd1']);
    far.known = false;
    const { pages } = await readOn(open, second.next);
    expect(idsOf(pages)).toEqual(all);
    expect(far.started[1]).toEqual(far.started[0]);
    expect(new Set(toldBy([second, ...pages]).map(({ key }) => key)).size).toBe(6);
  });

  it('that fails is started again, and the turn ends when it fails over and over', async () => {
    far.result = 'failed';
    const { pages, at } = await readOn(() => far.open(), null);
    expect(pages.at(-1)).toMatchObject({ more: false, brokenOff: 'the search for detections ended as `failed`', againMs: hour });
    expect(far.started).toHaveLength(4);
    far.result = 'succeeded';
    expect(idsOf((await readOn(() => far.open(), at)).pages)).toEqual(all);
  });

  it('that does not finish is given up after half an hour', async () => {
    far.questions = 1e9;
    const began = far.far.now;
    const { pages } = await readOn(() => far.open(), null);
    expect(pages.at(-1)?.brokenOff).toContain('did not finish');
    expect(far.far.now - began).toBeLessThan(4 * 35 * minute);
  });

  it('that has no id is not started for ever', async () => {
    far.far.failNext(path, ...Array.from({ length: 9 }, () => ({ status: 201, body: { status: 'pending' } })));
    const { pages } = await readOn(() => far.open(), null);
    expect(pages.at(-1)?.brokenOff).toContain('no id');
    expect([pages.length, far.started.length]).toEqual([4, 0]);
  });

  it('ends at once when it is aborted', async () => {
    const first = await far.open().fetch(null, never);
    await expect(far.open().fetch(first.next, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });

  it('begins where it is told to, at most 30 days ago', async () => {
    const { now } = far.far;
    await readOn(() => far.open(), detections.restart(now - 10 * day));
    expect(Date.parse(far.started[0]?.from ?? '')).toBe(now - 10 * day);
    far.far.now = now;
    await readOn(() => far.open(), detections.restart(now - 99 * day));
    expect(now - Date.parse(far.started[1]?.from ?? '')).toBe(30 * day - minute);
  });

  it('tells each detection once with `changes`, and nothing of those that leave the window', async () => {
    const open = () => far.open({ changes: true });
    const first = await readOn(open, null);
    far.items = [{ id: 'd5' }, ...far.items.slice(2)];
    far.far.now += hour;
    const { pages } = await readOn(open, first.at);
    expect(toldBy(pages).map(({ item, meta }) => [item.id, meta.change])).toEqual([['d5', 'added']]);
  });
});
