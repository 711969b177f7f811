import type { Checkpoint, Json, Millis } from '../core/types.ts';
import { instantOf, isFields, textOrNull } from './fields.ts';
import { type Known, readKnown, writeKnown } from './known.ts';
import { noSteps, readSteps, type Steps, writeSteps } from './steps.ts';

/** When a snapshot was begun, by Central's time, and its id: that instant as compact text. */
export interface Snapshot {
  readonly id: string;
  readonly at: Millis;
}

/** The checkpoint of a snapshot stream, read back (see snapshot.ts for what it means). */
export interface SnapshotPlace {
  /** The one that is being read. */
  readonly snapshot: Snapshot | null;
  /** Where it goes on; `null`: at its beginning. */
  readonly position: Json;
  /** What its source wants to have again with each page. */
  readonly carried: Json;
  /** When the last page was asked for. */
  readonly askedAt: Millis | null;
  /** Items so far. */
  readonly count: number;
  readonly steps: Steps;
  /** How often it was begun anew in this turn, because its pages ran in a circle or its position was refused. */
  readonly restarts: number;
  /** It has been read to its end once, and is read again to see whether what was missing is gone. */
  readonly isConfirming: boolean;
  /** The last one that was read to its end. */
  readonly done: Snapshot | null;
  /** Only where changes are wanted. */
  readonly known: Known | null;
}

export const noSnapshot: SnapshotPlace = {
  snapshot: null,
  position: null,
  carried: null,
  askedAt: null,
  count: 0,
  steps: noSteps,
  restarts: 0,
  isConfirming: false,
  done: null,
  known: null,
};

/** Reads a checkpoint; what is missing or of another form counts as not known. */
export function readSnapshotPlace(checkpoint: Checkpoint | null): SnapshotPlace {
  if (!isFields(checkpoint)) return noSnapshot;
  const { snapshot, position, carried, askedAt, count, steps, restarts, isConfirming, done, known } = checkpoint;
  return {
    snapshot: readSnapshot(snapshot),
    position: position ?? null,
    carried: carried ?? null,
    askedAt: instantOf(askedAt),
    count: instantOf(count) ?? 0,
    steps: readSteps(steps),
    restarts: instantOf(restarts) ?? 0,
    isConfirming: isConfirming === true,
    done: readSnapshot(done),
    known: readKnown(known),
  };
}

/** A checkpoint is JSON. */
export function writeSnapshotPlace({ steps, known, snapshot, done, ...rest }: SnapshotPlace): Checkpoint {
  return {
    ...rest,
    snapshot: snapshot && { ...snapshot },
    done: done && { ...done },
    steps: writeSteps(steps),
    known: known && writeKnown(known),
  };
}

function readSnapshot(value: unknown): Snapshot | null {
  if (!isFields(value)) return null;
  const [id, at] = [textOrNull(value.id), instantOf(value.at)];
  return id === null || at === null ? null : { id, at };
}
