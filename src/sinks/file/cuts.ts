import type { TenantNames } from '../../core/kinds.ts';
import type { Template } from '../../core/template.ts';
import type { Parcel, Section } from '../../core/types.ts';

const dayMs = 86_400_000;

/** Lines `from` (inclusive) to `to` (exclusive) of a section. */
export interface Cut {
  readonly section: Section;
  readonly from: number;
  readonly to: number;
}

/** Which lines of a parcel go to which file, in order. Files in the order of their first line. */
export function cutByPath(parcel: Parcel, template: Template, names: TenantNames): Map<string, Cut[]> {
  const cuts = new Map<string, Cut[]>();
  for (const section of parcel.sections) {
    const { origin, records } = section;
    const { count } = section.lines;
    for (let from = 0; from < count; ) {
      const time = records[from]?.time ?? 0;
      const to = template.usesDate ? endOfDay(section, from) : count;
      const path = template.path(origin, time, names);
      const cut = { section, from, to };
      const earlier = cuts.get(path);
      if (earlier) earlier.push(cut);
      else cuts.set(path, [cut]);
      from = to;
    }
  }
  return cuts;
}

/** Where the run of records ends that are of the same UTC day as record `from`. */
function endOfDay({ records, lines }: Section, from: number): number {
  const day = Math.floor((records[from]?.time ?? 0) / dayMs);
  let to = from + 1;
  while (to < lines.count && Math.floor((records[to]?.time ?? 0) / dayMs) === day) to++;
  return to;
}

/** The bytes of a cut, each line with its LF. Shares memory with the section. */
export function bytesOf({ section: { lines }, from, to }: Cut): Uint8Array {
  const start = from === 0 ? 0 : (lines.ends[from - 1] as number) + 1;
  return lines.bytes.subarray(start, (lines.ends[to - 1] as number) + 1);
}

/** How many bytes the lines of these cuts have, with one byte after each. */
export function sizeOf(cuts: readonly Cut[]): number {
  let bytes = 0;
  for (const cut of cuts) bytes += bytesOf(cut).length;
  return bytes;
}
