import type { Failure } from '../core/failure.ts';
import type { LaneState, Settled } from '../core/store.ts';
import type { Lane, Mark, Receipt, Refusal, StreamRecord } from '../core/types.ts';
import { byteCount, cut, cutAfter, halve, type Load, type Portion, positionOf, recordCount, spansOf } from './parcels.ts';
import { type Attempt, attemptOf, type HeldRefusals } from './refusals.ts';

/** A load on its way: its state, and what came of it. */
export interface Slot {
  readonly load: Load;
  /** The parcel that it was at first, before it was cut. */
  readonly attempt: Attempt;
  state: 'waiting' | 'sending' | 'done' | 'failed';
  receipt: Receipt;
  failure: unknown;
  /** Its parcel was named a guilty record before; next time halve, so that a far end that always names the first costs no n requests. */
  readonly wasNamed: boolean;
}

const nothing: Receipt = { refused: [] };

export function slotOf(load: Load, attempt = attemptOf(recordCount(load)), wasNamed = false): Slot {
  return { load, attempt, state: 'waiting', receipt: nothing, failure: null, wasNamed };
}

/** What a rejected slot of several records is cut into, in order: around the record that the far end named, or in two. */
export function piecesOf({ load, attempt, wasNamed }: Slot, failure: Failure): Slot[] {
  const named = !wasNamed && failure.at ? positionOf(load, failure.at.lane, failure.at.seq) : -1;
  if (named < 0) return halve(load).map((piece) => slotOf(piece, attempt));
  const [before, from] = cut(load, named);
  const [alone, after] = cut(from, 1);
  return [before, alone, after].filter((piece) => piece.length > 0).map((piece) => slotOf(piece, attempt, true));
}

/** The one record of a slot, and its lane. */
export function loneRecord({ load }: Slot): { readonly lane: Lane; readonly record: StreamRecord } {
  for (const { section } of load) {
    const [record] = section.records;
    if (record) return { lane: section.lane, record };
  }
  throw new Error('a rejected parcel without records');
}

/** Everything that one transaction settles. */
export interface Settlement {
  readonly spans: readonly Settled[];
  readonly receipt: { readonly refused: readonly Refusal[]; readonly marks: ReadonlyMap<string, Mark> };
  /** Records that the far end has taken, and the bytes of their parcels. */
  readonly records: number;
  readonly bytes: number;
  readonly filtered: number;
}

/** What is held goes first, then what is done, each in its order. */
export function settlementOf(held: HeldRefusals, done: readonly Slot[]): Settlement {
  const spans = joinSpans([...held.spans, ...done.flatMap(({ load }) => spansOf(load))]);
  const refused = [...held.refused];
  const marks = new Map<string, Mark>();
  let records = 0;
  let bytes = 0;
  for (const { load, receipt } of done) {
    for (const portion of load) refused.push(...portion.refused);
    refused.push(...receipt.refused);
    for (const [place, mark] of receipt.marks ?? []) marks.set(place, mark);
    records += recordCount(load) - receipt.refused.length;
    bytes += byteCount(load);
  }
  return { spans, receipt: { refused, marks }, records, bytes, filtered: spans.reduce((sum, span) => sum + span.filtered, 0) };
}

/** Joins spans of one lane that follow each other, so that a transaction moves each offset once. */
function joinSpans(spans: readonly Settled[]): Settled[] {
  const byLane = new Map<string, Settled>();
  for (const span of spans) {
    const key = `${span.lane.route}\n${span.lane.stream}`;
    const known = byLane.get(key);
    byLane.set(key, known ? { ...known, upTo: span.upTo, filtered: known.filtered + span.filtered } : span);
  }
  return [...byLane.values()];
}

/**
 * The slots without what has been given up under them, so that the rest can be settled from where the lanes stand now.
 *
 * Shape    null when that cannot be: something between is missing, or a sink keeps marks, which count whole parcels.
 */
export function alignedTo(lanes: readonly LaneState[], slots: readonly Slot[]): Slot[] | null {
  const offsets = new Map(lanes.map(({ stream, offset }) => [stream, offset]));
  const aligned: Slot[] = [];
  for (const slot of slots) {
    if (slot.receipt.marks && slot.receipt.marks.size > 0) return null;
    const load: Portion[] = [];
    for (const portion of slot.load) {
      const { lane, after, upTo } = portion.section;
      const offset = offsets.get(lane.stream) ?? Number.POSITIVE_INFINITY;
      if (after > offset) return null;
      offsets.set(lane.stream, Math.max(offset, upTo));
      if (upTo > offset) load.push(after === offset ? portion : cutAfter(portion, offset));
    }
    slot.attempt.open -= recordCount(slot.load) - recordCount(load);
    // Of a refused parcel that is gone nobody is guilty.
    const state = slot.state === 'failed' && recordCount(load) === 0 ? 'waiting' : slot.state;
    if (load.length > 0) aligned.push({ ...slot, load, state });
  }
  return aligned;
}
