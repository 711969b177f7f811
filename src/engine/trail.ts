/**
 * The trail: how far a trailing route may follow.
 *
 * A route that `trails` gets a record once every other route that wants it has it: its lane of a stream may be read up to the smallest
 * offset of the others' lanes of that stream. What the others filtered counts as theirs; without any other, nothing is waited for.
 *
 *     others     a: -----------------> 120        b: ---------> 80
 *     trailing   may read up to 80
 *
 * Why lanes and not a callback after delivery: the offset of a trailing lane is durable like any other, so that a kill between the delivery and
 * what comes after it loses nothing.
 */
import type { LaneState } from '../core/store.ts';
import type { Lane, Span } from '../core/types.ts';

export interface Trail {
  /** Takes the journal's word on every lane. */
  learn(states: readonly LaneState[]): void;
  /** Settled: the streams whose limit may have grown. */
  settled(spans: readonly Span[]): readonly string[];
  /** So far may be read; infinity when there is nobody to wait for. */
  limitOf(stream: string): number;
}

export function openTrail(trailing: ReadonlySet<string>): Trail {
  const byStream = new Map<string, Map<string, number>>();

  function put({ route, stream }: Lane, offset: number): void {
    const offsets = byStream.get(stream) ?? new Map<string, number>();
    byStream.set(stream, offsets);
    offsets.set(route, Math.max(offsets.get(route) ?? 0, offset));
  }

  return {
    learn(states) {
      byStream.clear();
      for (const state of states) if (state.retiredAt === null && !trailing.has(state.route)) put(state, state.offset);
    },
    settled(spans) {
      const grown = new Set<string>();
      for (const { lane, upTo } of spans) {
        if (trailing.has(lane.route)) continue;
        put(lane, upTo);
        grown.add(lane.stream);
      }
      return [...grown];
    },
    limitOf: (stream) => Math.min(Number.POSITIVE_INFINITY, ...(byStream.get(stream)?.values() ?? [])),
  };
}
