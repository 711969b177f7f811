import type { Journal, LaneState } from '../core/store.ts';
import type { Origin, Route, Span } from '../core/types.ts';
import { type LaneCursor, openLanes } from './lanes.ts';
import { cutToFit, encode, type Load, type Portion, type Room } from './parcels.ts';

/** What waits for one route, read lane after lane and cut into loads that each fit one parcel. */
export interface Loads {
  /** As much as one parcel takes, in the order of the rotation; `null` when nothing waits. What it throws takes nothing away. */
  next(): Promise<Load | null>;
  waiting(): boolean;
  /** The stream has grown to `upTo`. False when there is no such lane here: only the journal knows where it begins. */
  grew(stream: string, origin: Origin | null, upTo: number): boolean;
  /** Takes the journal's word; `taken` is in some load already. */
  reload(states: readonly LaneState[], taken: readonly Span[]): void;
  /** Before `reload`: what was read and is in no load yet is read again. */
  drop(): void;
}

export function openLoads(route: Route, journal: Journal): Loads {
  const { limits } = route.sink;
  const lanes = openLanes();
  let pending: Portion | null = null;
  let bytesPerRecord = 1_200;

  async function read(lane: LaneCursor, used: Room): Promise<Portion | null> {
    const room = { records: Math.max(1, limits.records - used.records), bytes: Math.max(1, limits.bytes - used.bytes) };
    const whole = await journal.read({ route: route.name, stream: lane.stream }, room, lane.sentTo);
    // The journal may have more by now; a route that trails has to wait for it.
    const batch = route.trails ? { ...whole, records: whole.records.filter(({ seq }) => seq <= lane.upTo) } : whole;
    return batch.records.length === 0 ? null : encode(batch, lane.origin, route, batch.records.length * bytesPerRecord + 1_024);
  }

  async function nextPortion(used: Room): Promise<Portion | null> {
    for (let lane: LaneCursor | undefined = lanes.next(); lane; lane = lanes.next()) {
      try {
        const portion = await read(lane, used);
        // Nothing: trimmed or given up under us. The lane's own word counts.
        lane.sentTo = portion ? portion.section.upTo : lane.upTo;
        if (!portion) continue;
        const { lines } = portion.section;
        if (lines.count > 0) bytesPerRecord = Math.ceil((lines.bytes.length / lines.count) * 1.1);
        return portion;
      } finally {
        lanes.turned(lane);
      }
    }
    return null;
  }

  return {
    async next() {
      const load: Portion[] = [];
      const used = { records: 0, bytes: 0 };
      // Portions without lines (all filtered) cost no room, so their number is bounded as well.
      while (used.records < limits.records && used.bytes < limits.bytes && load.length < 10_000) {
        let portion = pending;
        pending = null;
        try {
          portion ??= await nextPortion(used);
        } catch (error) {
          // What has been read goes first; the lane that failed has its turn again, and then fails alone.
          if (load.length > 0) break;
          throw error;
        }
        if (!portion) break;
        const { fits, rest } = cutToFit(portion, limits, used);
        if (fits) {
          load.push(fits);
          used.records += fits.section.records.length;
          used.bytes += fits.section.lines.bytes.length;
        }
        pending = rest;
        if (rest) break;
      }
      return load.length > 0 ? load : null;
    },
    waiting: () => pending !== null || lanes.waiting(),
    grew: (stream, origin, upTo) => lanes.grew(stream, origin, upTo),
    reload(states, taken) {
      lanes.reload(states);
      for (const { lane, upTo } of [...taken, ...(pending ? [pending.section] : [])]) lanes.sent(lane.stream, upTo);
    },
    drop() {
      pending = null;
    },
  };
}
