/**
 * What the far end has already taken of parcels that failed as a whole.
 *
 * A parcel may become several requests, or a request whose records are answered one by one. When some are taken and others are not, the
 * parcel fails and is sent again, perhaps cut in pieces. Those taken are left out then. This is kept in memory alone: after a kill they
 * are sent again, and the far end folds them by their id, if it can.
 */
import { LineBuffer, textOf } from '../../core/pack.ts';
import type { Lane, Parcel, Section } from '../../core/types.ts';

export interface Taken {
  /** The parcel without what was taken. */
  rest(parcel: Parcel): Parcel;
  add(lane: Lane, seq: number): void;
  /** The parcel is over. */
  forget(parcel: Parcel): void;
}

/** More are not remembered: of parcels that were given up nobody tells us. */
const most = 200_000;

export function openTaken(): Taken {
  const lanes = new Map<string, Set<number>>();
  let count = 0;
  return {
    rest(parcel) {
      if (count === 0) return parcel;
      const sections = parcel.sections.map((section) => without(section, lanes.get(nameOf(section.lane)))).filter(({ records }) => records.length > 0);
      return { sections };
    },
    add(lane, seq) {
      if (count >= most) {
        lanes.clear();
        count = 0;
      }
      const name = nameOf(lane);
      const known = lanes.get(name) ?? new Set();
      lanes.set(name, known);
      if (!known.has(seq)) count++;
      known.add(seq);
    },
    forget({ sections }) {
      if (count === 0) return;
      for (const { lane, records } of sections) {
        const name = nameOf(lane);
        const known = lanes.get(name);
        if (!known) continue;
        for (const { seq } of records) if (known.delete(seq)) count--;
        if (known.size === 0) lanes.delete(name);
      }
    },
  };
}

function nameOf({ route, stream }: Lane): string {
  return `${route}\n${stream}`;
}

function without(section: Section, taken: ReadonlySet<number> | undefined): Section {
  if (!taken || !section.records.some(({ seq }) => taken.has(seq))) return section;
  const lines = new LineBuffer(section.lines.bytes.length);
  const records = section.records.filter(({ seq }, i) => {
    if (taken.has(seq)) return false;
    lines.utf8(textOf(section.lines, i));
    lines.endLine();
    return true;
  });
  return { ...section, records, lines: lines.lines() };
}

/** How many records a parcel holds. */
export function recordsIn({ sections }: Parcel): number {
  return sections.reduce((sum, { records }) => sum + records.length, 0);
}
