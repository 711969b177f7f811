/** Small streams and pages for journal tests. */
import { packItems } from '../../src/core/pack.ts';
import type { Settled, Store } from '../../src/core/store.ts';
import type { Checkpoint, Item, Lane, Millis, Page, Place, Refusal, Stream } from '../../src/core/types.ts';
import type { Clock } from '../../src/core/world.ts';

/** A clock that stands still until it is moved. */
export interface HeldClock extends Clock {
  at: Millis;
}

/** 2026-11-21T10:15:00Z: a quarter past an hour. */
export const noon: Millis = 1_795_256_100_000;

export function heldClock(): HeldClock {
  return {
    at: noon,
    now() {
      return this.at;
    },
    monotonic() {
      return this.at;
    },
    sleep: () => Promise.reject(new Error('the journal never sleeps')),
  };
}

export const acme = { id: '0c8f0b5e-2f0b-4d7c-9a60-1f4d3c2b1a00', name: 'Acme', labels: { index: 'acme' } };

export function streamOf(kind = 'events', repeats: Stream['repeats'] = 'recent', tenant = acme): Stream {
  const fetch = () => Promise.reject(new Error('the journal never fetches'));
  return { id: `${tenant.id}/${kind}`, stream: kind, tenant, repeats, fetch };
}

export function item(key: string, time: Millis = noon, more: Partial<Item> = {}): Item {
  return { key, time, json: JSON.stringify({ id: key, text: 'größer 🐘' }), ...more };
}

export function items(prefix: string, count: number, time: Millis = noon): Item[] {
  return Array.from({ length: count }, (_, i) => item(`${prefix}-${i}`, time + i));
}

export function page(content: readonly Item[], next: Checkpoint = { cursor: 'next' }, more: Partial<Page> = {}): Page {
  return { items: packItems(content), next, more: false, ...more };
}

/** Appends at the stream's present place. */
export async function append(store: Store, stream: Stream, content: readonly Item[], more: Partial<Page> = {}, at: Millis = noon): Promise<Place> {
  const from = await store.journal.place(stream.id);
  return (await store.journal.append(stream, page(content, { from: from.version }, more), from, at)).place;
}

export const laneOf = (stream: Stream, route = 'splunk'): Lane => ({ route, stream: stream.id });

export async function openLane(store: Store, stream: Stream, route = 'splunk', start: 'now' | 'oldest' = 'oldest'): Promise<Lane> {
  const lane = laneOf(stream, route);
  await store.directory.openLane(lane, { stream: stream.stream, tenant: stream.tenant }, start);
  return lane;
}

export const all = { records: 1_000_000, bytes: Number.MAX_SAFE_INTEGER };

export async function keysOf(store: Store, lane: Lane, after?: number): Promise<string[]> {
  return (await store.journal.read(lane, all, after)).records.map(({ key }) => key);
}

export const span = (lane: Lane, after: number, upTo: number, filtered = 0): Settled => ({ lane, after, upTo, filtered });

export const refusal = (lane: Lane, seq: number): Refusal => ({ lane, seq, code: 'hec.6', reason: 'Invalid data format' });

/** Settles everything that waits. */
export async function settleAll(store: Store, lane: Lane, refused: readonly Refusal[] = []): Promise<void> {
  const { after, records } = await store.journal.read(lane, all);
  await store.journal.settle([span(lane, after, records.at(-1)?.seq ?? after)], { refused }, noon);
}
