import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.ts';
import { packItems, textOf } from '../../src/core/pack.ts';
import type { Store } from '../../src/core/store.ts';
import type { Format, Parcel, Receipt, Route, Sink, Stream } from '../../src/core/types.ts';
import type { Clock, Report, World } from '../../src/core/world.ts';
import { openStore } from '../../src/journal/index.ts';

export const tenant = { id: 't1', name: 'One', labels: {} };
export const accepted: Receipt = { refused: [] };
export const raw: Format = { json: true, encode: (record, _origin, out) => out.utf8(record.utf8) };
/** Real time, but no sleep longer than this. */
export const quickly = (mostMs: number): Clock => ({ ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, mostMs), signal) });

/** A journal in a folder of its own, and what was reported. */
export class Scene {
  readonly reports: Report[] = [];
  readonly world: World;
  readonly store: Store;
  readonly #folder: string;

  private constructor(folder: string, store: Store, world: World, reports: Report[]) {
    this.#folder = folder;
    this.store = store;
    this.world = world;
    this.reports = reports;
  }

  static async open(clock: Clock): Promise<Scene> {
    const reports: Report[] = [];
    const world: World = {
      clock,
      random: () => 0.5,
      http: async () => Promise.reject(new Error('no network here')),
      report: (report) => void reports.push(report),
    };
    const folder = await mkdtemp(join(tmpdir(), 'scene-'));
    return new Scene(folder, await openStore(folder, { mode: 'own', holder: 'test', clock: systemClock, report: world.report }), world, reports);
  }

  async close(): Promise<void> {
    await this.store.close();
    await rm(this.#folder, { recursive: true });
  }

  /** Appends records to a stream; opens no lane. */
  async append(count: number, { id = 't1/events', from = 0, kind = 'events', fetchedAt = 1 } = {}): Promise<void> {
    const page = { items: itemsOf(count, id, from), next: null, more: false };
    await this.store.journal.append(streamOf(id, kind), page, await this.store.journal.place(id), fetchedAt);
  }

  async openLane(id = 't1/events', kind = 'events', route = 'r'): Promise<void> {
    await this.store.directory.openLanes([{ lane: { route, stream: id }, origin: streamOf(id, kind), start: 'now' }]);
  }

  async backlog(route = 'r'): Promise<number> {
    return (await this.store.directory.lanes(route)).reduce((sum, lane) => sum + lane.upTo - lane.offset, 0);
  }
}

export function streamOf(id: string, kind: string, fetch: Stream['fetch'] = async () => Promise.reject(new Error('not asked'))): Stream {
  return { id, stream: kind, tenant: { ...tenant, id: id.split('/')[0] ?? id }, repeats: 'never', fetch };
}

export function itemsOf(count: number, id = 't1/events', from = 0) {
  return packItems(Array.from({ length: count }, (_, i) => ({ key: `k${from + i}`, time: 1, json: lineOf(from + i, id) })));
}

export const lineOf = (i: number, id = 't1/events') => JSON.stringify({ id: `${id}:${i}` });
export const linesOf = (count: number, id = 't1/events', from = 0) => Array.from({ length: count }, (_, i) => lineOf(from + i, id));

/** A far end that keeps what it takes, and answers as the script says. */
export function farEnd(answer: (lines: readonly string[], call: number, parcel: Parcel) => Receipt | Promise<Receipt>, inFlight = 1, records = 10) {
  const taken: string[] = [];
  let calls = 0;
  const sink: Sink = {
    limits: { records, bytes: 10_000 },
    inFlight,
    check: async () => 'fine',
    resume: async () => undefined,
    async deliver(parcel) {
      const lines = parcel.sections.flatMap(({ lines: each }) => Array.from({ length: each.count }, (_, i) => Buffer.from(textOf(each, i)).toString()));
      const receipt = await answer(lines, ++calls, parcel);
      taken.push(...lines);
      return receipt;
    },
    close: async () => undefined,
  };
  return { sink, taken, calls: () => calls };
}

export function routeTo(sink: Sink, more: Partial<Route> = {}): Route {
  return { name: 'r', sinkName: 's', streams: new Set(['events']), format: raw, sink, start: 'now', ...more };
}
