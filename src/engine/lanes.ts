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
  /** The stream has grown to `upTo`. */
  grew(stream: string, origin: Origin, upTo: number): void;
  /** The lane whose turn it is, if any waits. */
  next(): LaneCursor | undefined;
  /** After `next`: puts the lane back at the end if there is more to read. */
  turned(lane: LaneCursor): void;
  /** Takes everything from the journal's word, forgetting what was sent and not settled. */
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
      let lane = byStream.get(stream);
      if (!lane) {
        lane = { stream, origin, upTo: 0, sentTo: 0 };
        byStream.set(stream, lane);
      }
      // At the start it came from the journal, which knew the tenant as it was called then.
      lane.origin = origin;
      lane.upTo = Math.max(lane.upTo, upTo);
      if (lane.sentTo < lane.upTo) rotation.add(lane);
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
      byStream.clear();
      rotation.clear();
      for (const state of states) {
        const lane: LaneCursor = { stream: state.stream, origin: state.origin, upTo: state.upTo, sentTo: state.offset };
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
