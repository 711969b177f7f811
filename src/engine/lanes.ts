import type { LaneState } from '../core/store.ts';
import type { Origin } from '../core/types.ts';

/** A lane of one route, as delivery sees it. */
export interface LaneCursor {
  readonly stream: string;
  /** With the tenant's newest name and labels. */
  origin: Origin;
  /** Newest number of the stream. */
  upTo: number;
  /** Newest number that is in some load; the journal knows what is settled. */
  sentTo: number;
}

/**
 * The lanes of one route, and which of them have something to read.
 *
 * Nothing polls thousands of lanes: a lane enters the rotation when its stream grows and leaves it when it is read to the end.
 */
export interface Lanes {
  /** The stream has grown to `upTo`; without an origin that is as it was. False when there is no such lane here: only the journal knows where it begins. */
  grew(stream: string, origin: Origin | null, upTo: number): boolean;
  /** The lane whose turn it is, if any waits. */
  next(): LaneCursor | undefined;
  /** After `next`: puts the lane back at the end if there is more to read. */
  turned(lane: LaneCursor): void;
  /** Takes everything from the journal's word, forgetting what was sent and not settled. A retired lane is none of ours. */
  reload(states: readonly LaneState[]): void;
  /** After `reload`: so much of a stream is in some load already. */
  sent(stream: string, upTo: number): void;
  waiting(): boolean;
}

export function openLanes(): Lanes {
  const byStream = new Map<string, LaneCursor>();
  const rotation = new Set<LaneCursor>();

  return {
    grew(stream, origin, upTo) {
      const lane = byStream.get(stream);
      if (!lane) return false;
      // At the start it came from the journal, which knew the tenant as it was called then.
      if (origin) lane.origin = origin;
      lane.upTo = Math.max(lane.upTo, upTo);
      if (lane.sentTo < lane.upTo) rotation.add(lane);
      return true;
    },
    next() {
      const [lane] = rotation;
      if (lane) rotation.delete(lane);
      return lane;
    },
    turned(lane) {
      if (lane.sentTo < lane.upTo) rotation.add(lane);
    },
    reload(states) {
      const before = new Map(byStream);
      byStream.clear();
      rotation.clear();
      for (const state of states) {
        if (state.retiredAt !== null) continue;
        // It may have grown since the journal was asked.
        const upTo = Math.max(state.upTo, before.get(state.stream)?.upTo ?? 0);
        const lane: LaneCursor = { stream: state.stream, origin: state.origin, upTo, sentTo: state.offset };
        byStream.set(state.stream, lane);
        if (lane.sentTo < lane.upTo) rotation.add(lane);
      }
    },
    sent(stream, upTo) {
      const lane = byStream.get(stream);
      if (!lane) return;
      lane.sentTo = Math.max(lane.sentTo, upTo);
      if (lane.sentTo >= lane.upTo) rotation.delete(lane);
    },
    waiting: () => rotation.size > 0,
  };
}
