import type { Trail } from '../clients/central/cycle.ts';
import type { Checkpoint, Millis } from '../core/types.ts';
import { instantOf, isFields, readTrail, textOrNull, writeTrail } from './fields.ts';

/** The checkpoint of a SIEM stream, read back (see siem.ts for what it means). */
export interface Place {
  /** Where the next page begins; `null`: at a `from_date`. */
  readonly cursor: string | null;
  /** Where to begin when nothing has been read yet. */
  readonly from: Millis | null;
  /** Keys are remembered from here on. */
  readonly keysSince: Millis | null;
  /** Everything that Central recorded up to here has been read. */
  readonly readUpTo: Millis | null;
  /** When the last look back was asked for. */
  readonly lookedBackAt: Millis | null;
  /** Of a read that has not come to its end. */
  readonly drain: Drain | null;
  /** How many reads in a row ended at a cursor that led nowhere. */
  readonly stuck: number;
}

export interface Drain {
  readonly trail: Trail | null;
  /** Empty pages in a row; those that do not even advance count more. */
  readonly empties: number;
}

export const nowhere: Place = { cursor: null, from: null, keysSince: null, readUpTo: null, lookedBackAt: null, drain: null, stuck: 0 };

/** Reads a checkpoint. What another tool left (`{ cursor }` alone) is one too; what is missing or of another form counts as not known. */
export function readPlace(checkpoint: Checkpoint | null): Place {
  if (!isFields(checkpoint)) return nowhere;
  const { cursor, from, keysSince, readUpTo, lookedBackAt, drain, stuck } = checkpoint;
  return {
    cursor: textOrNull(cursor),
    from: instantOf(from),
    keysSince: instantOf(keysSince),
    readUpTo: instantOf(readUpTo),
    lookedBackAt: instantOf(lookedBackAt),
    drain: isFields(drain) ? { trail: readTrail(drain.trail), empties: instantOf(drain.empties) ?? 0 } : null,
    stuck: instantOf(stuck) ?? 0,
  };
}

/** A checkpoint is JSON. */
export function writePlace(place: Place): Checkpoint {
  const { drain } = place;
  return { ...place, drain: drain && { empties: drain.empties, trail: writeTrail(drain.trail) } };
}
