/** One record that says it is a test, through a sink: for `test-sink` and `init`. */
import { hostname } from 'node:os';
import type { Origin, StreamRecord } from '../../core/types.ts';
import type { World } from '../../core/world.ts';
import { deliver, keepsMarks, type OpenSink } from './to-sink.ts';

/** What became of the test record; `key` is what to look for at the far end. */
export type Sent =
  | { readonly outcome: 'not-tried' }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'taken' | 'unconfirmed'; readonly key: string };

/**
 * Sends one marked record.
 *
 * Calls    once for each opened sink, after its `check`; the caller closes it. A sink with marks of its own is left alone: what stands
 *          in its files is for the service to know.
 * Throws   what the sink says when it is not about the record; a transient failure after five tries.
 */
export async function sendTestRecord(open: OpenSink, world: World, by: string, signal: AbortSignal): Promise<Sent> {
  if (keepsMarks(open.sink)) return { outcome: 'not-tried' };
  await open.sink.resume(new Map(), signal);
  const record = testRecord(world.clock.now(), by);
  const [refused] = await deliver(open, [record], testOrigin, world, signal);
  if (refused) return { outcome: 'refused', reason: refused.reason };
  return { outcome: open.sink.unconfirmed ? 'unconfirmed' : 'taken', key: record.key };
}

/** What came of it, in words. */
export const sentText: Readonly<Record<Exclude<Sent['outcome'], 'refused'>, string>> = {
  'not-tried': 'not tried: files are written by the service alone',
  unconfirmed: 'sent; this sink confirms nothing',
  taken: 'taken by the far end',
};

const tenantId = '00000000-0000-4000-8000-000000000000';

/** Whose the test record is: nobody's. */
export const testOrigin: Origin = { stream: 'events', tenant: { id: tenantId, name: 'sophos-central test', labels: {} } };

/** Formed like an event, and impossible to take for one. */
export function testRecord(now: number, by = 'test-sink'): StreamRecord {
  const at = new Date(now).toISOString();
  const key = `sophos-central-test-${at}`;
  const item = {
    id: key,
    type: 'Event::SophosCentralConnector::Test',
    name: `Test record of sophos-central-connector, sent by \`${by}\` on ${hostname()} at ${at}. No action is needed.`,
    severity: 'low',
    group: 'TEST',
    created_at: at,
    when: at,
    location: hostname(),
    source: 'sophos-central-connector',
    customer_id: tenantId,
  };
  const json = JSON.stringify(item);
  return { seq: 1, key, time: now, json, fetchedAt: now, utf8: Buffer.from(json) };
}
