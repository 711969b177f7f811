/**
 * Records that wait for one route alone, because the other routes' outputs have them from another tool.
 *
 * They lie in a stream of their own that no read can bring again. An import may be repeated, and what was missing the first time may have come
 * meanwhile: what still waits from before is settled unsent, and what is missing now is put in.
 */
import { packItems } from '../../core/pack.ts';
import type { Adopted, Store } from '../../core/store.ts';
import type { Millis, Origin, Stream } from '../../core/types.ts';
import type { LeftOver } from './takeover.ts';

/** Called only until `adopted` are first read: afterwards the routes may have had them. */
export async function queueAll(store: Store, adopted: readonly Adopted[], leftOver: readonly LeftOver[], now: Millis): Promise<void> {
  await dropWaiting(store, adopted, now);
  for (const each of leftOver) if (adopted.some(({ id }) => id === `${each.origin.tenant.id}/${each.origin.stream}`)) await queue(store, each, now);
}

async function queue({ journal, directory }: Store, { origin, route, items }: LeftOver, now: Millis): Promise<void> {
  if (items.length === 0) return;
  const stream = leftOverStream(streamOf(route, `${origin.tenant.id}/${origin.stream}`), origin);
  await directory.openLane({ route, stream: stream.id }, origin, 'oldest');
  await journal.append(stream, { items: packItems(items), next: { imported: true }, more: false }, await journal.place(stream.id), now);
}

/** A stream that no read can bring again. */
export function leftOverStream(id: string, origin: Origin): Stream {
  return { ...origin, id, repeats: 'never', fetch: async () => Promise.reject(new Error('what another tool left over is not read again')) };
}

async function dropWaiting({ journal, directory }: Store, adopted: readonly Adopted[], now: Millis): Promise<void> {
  for (const { route, stream, offset, upTo } of await directory.lanes()) {
    if (offset >= upTo || !adopted.some(({ id }) => stream === streamOf(route, id))) continue;
    await journal.settle([{ lane: { route, stream }, after: offset, upTo, filtered: upTo - offset }], { refused: [] }, now);
  }
}

function streamOf(route: string, id: string): string {
  return `retry/${route}/${id}/imported`;
}
