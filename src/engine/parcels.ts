import { Failure } from '../core/failure.ts';
import { LineBuffer, sliceLines } from '../core/pack.ts';
import type { Settled } from '../core/store.ts';
import type { Batch, Origin, Parcel, Refusal, Route, Section, SinkLimits, StreamRecord } from '../core/types.ts';

/**
 * Cutting batches into parcels. Pure: nothing here waits, sends or remembers.
 *
 *   batch --encode--> portion --cutToFit--> load (portions of several lanes, within the sink's limits) --halve--> smaller loads
 *
 * Whatever is cut, the spans of the pieces join without a hole and without an overlap: that is what makes settling safe.
 */

/** A section, and what the format could not write within its span. */
export interface Portion {
  readonly section: Section;
  readonly refused: readonly Refusal[];
}

/** What travels as one parcel and is settled as one. */
export type Load = readonly Portion[];

/** Filters and writes a batch. Records that the route does not want stay in the span and out of the lines. */
export function encode(batch: Batch, origin: Origin, route: Route, sizeHint: number): Portion {
  const { lane, after, records } = batch;
  const { where, format } = route;
  const out = new LineBuffer(sizeHint);
  const refused: Refusal[] = [];
  const wanted: StreamRecord[] = [];
  for (const record of records) {
    if (where && !where(record, origin)) continue;
    try {
      format.encode(record, origin, out);
      out.endLine();
      wanted.push(record);
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'rejected') throw error;
      out.dropLine();
      refused.push({ lane, seq: record.seq, code: error.code, reason: error.message });
    }
  }
  const upTo = records.at(-1)?.seq ?? after;
  return { section: { lane, after, upTo, origin, records: wanted, lines: out.lines(), json: format.json }, refused };
}

/** Records `from` (inclusive) to `to` (exclusive) of a portion; the outer pieces keep what was filtered at the ends. */
export function slice(portion: Portion, from: number, to: number): Portion {
  const { section } = portion;
  if (from === 0 && to === section.records.length) return portion;
  const after = from === 0 ? section.after : (section.records[from - 1] as StreamRecord).seq;
  const upTo = to === section.records.length ? section.upTo : (section.records[to - 1] as StreamRecord).seq;
  return {
    section: { ...section, after, upTo, records: section.records.slice(from, to), lines: sliceLines(section.lines, from, to) },
    refused: portion.refused.filter((each) => each.seq > after && each.seq <= upTo),
  };
}

/** What of a portion comes after a number within its span. */
export function cutAfter(portion: Portion, seq: number): Portion {
  const { records } = portion.section;
  const from = records.findIndex((record) => record.seq > seq);
  const { section, refused } = slice(portion, from < 0 ? records.length : from, records.length);
  return { section: { ...section, after: seq }, refused: refused.filter((each) => each.seq > seq) };
}

/** What a load already holds. */
export interface Room {
  records: number;
  bytes: number;
}

/**
 * Cuts off what still fits beside `used`.
 *
 * Shape    `fits` is null when nothing does; a single line above the limit fits only where nothing else is.
 */
export function cutToFit(portion: Portion, limits: SinkLimits, used: Room): { readonly fits: Portion | null; readonly rest: Portion | null } {
  const { ends, count } = portion.section.lines;
  if (count === 0) return { fits: portion, rest: null };
  const room = limits.bytes - used.bytes;
  let low = 0;
  let high = Math.min(count, limits.records - used.records);
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((ends[middle - 1] as number) + 1 <= room) low = middle;
    else high = middle - 1;
  }
  if (low === 0 && used.records === 0) low = 1;
  if (low === 0) return { fits: null, rest: portion };
  if (low === count) return { fits: portion, rest: null };
  return { fits: slice(portion, 0, low), rest: slice(portion, low, count) };
}

export function parcelOf(load: Load): Parcel {
  return { sections: load.filter(({ section }) => section.records.length > 0).map(({ section }) => section) };
}

export function recordCount(load: Load): number {
  return load.reduce((sum, { section }) => sum + section.records.length, 0);
}

export function byteCount(load: Load): number {
  return load.reduce((sum, { section }) => sum + section.lines.bytes.length, 0);
}

/** The spans to settle. What was neither sent nor refused by the format was filtered: numbers have no holes. */
export function spansOf(load: Load): Settled[] {
  return load.map(({ section, refused }) => ({
    lane: section.lane,
    after: section.after,
    upTo: section.upTo,
    filtered: section.upTo - section.after - section.records.length - refused.length,
  }));
}

/** Cuts a load before its record number `at` (counted over all its portions). */
export function cut(load: Load, at: number): readonly [Load, Load] {
  const left: Portion[] = [];
  const right: Portion[] = [];
  let seen = 0;
  for (const portion of load) {
    const count = portion.section.records.length;
    if (seen >= at) right.push(portion);
    else if (seen + count <= at) left.push(portion);
    else {
      left.push(slice(portion, 0, at - seen));
      right.push(slice(portion, at - seen, count));
    }
    seen += count;
  }
  return [left, right];
}

export function halve(load: Load): readonly [Load, Load] {
  return cut(load, recordCount(load) >>> 1);
}

/** The position of a record in the load, -1 when it is not there. */
export function positionOf(load: Load, lane: { readonly route: string; readonly stream: string }, seq: number): number {
  let seen = 0;
  for (const { section } of load) {
    if (section.lane.stream === lane.stream && section.lane.route === lane.route) {
      const found = section.records.findIndex((record) => record.seq === seq);
      if (found >= 0) return seen + found;
    }
    seen += section.records.length;
  }
  return -1;
}
