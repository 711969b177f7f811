import type { Position } from '../clients/central/list.ts';
import type { Checkpoint, Json, Millis } from '../core/types.ts';
import { instantOf, isFields } from './fields.ts';
import { noSteps, readPosition, readSteps, type Steps, writeSteps } from './steps.ts';

/** The checkpoint of the alerts, read back (see alerts.ts for what it means). */
export interface AlertPlace {
  /** Where the first reading begins, whatever was read before; `null` once it is over. */
  readonly from: Millis | null;
  /** Every alert raised from here on that Central has listed is known. */
  readonly knownSince: Millis | null;
  /** Everything that was listed up to here has been read. */
  readonly readUpTo: Millis | null;
  /** When the last reading of the whole window began. */
  readonly recheckedAt: Millis | null;
  readonly reading: Reading | null;
  /** By id. */
  readonly known: Map<string, KnownAlert>;
}

/** A reading that has not come to its end. */
export interface Reading {
  readonly since: Millis;
  /** Of the whole window: what it does not list is closed. */
  readonly isWhole: boolean;
  /** When its first page was asked for; `null`: it has not been. */
  readonly beganAt: Millis | null;
  /** When its last page was. */
  readonly askedAt: Millis | null;
  readonly position: Position | null;
  readonly steps: Steps;
  /** How often it was begun anew in this turn. */
  readonly restarts: number;
}

export interface KnownAlert {
  /** Of the item as it was last told; empty: told as closed; `toldElsewhere`: by another tool, so nobody knows of what form. */
  readonly fingerprint: string;
  readonly raisedAt: Millis;
  /** How often it was told since it was raised. */
  readonly revision: number;
  /** Listed by the reading of the whole window that is under way. */
  readonly isSeen: boolean;
  /** What is told of it when it is closed: a JSON object's text, which many alerts have in common. */
  readonly brief: string;
}

/** No fingerprint looks like it. */
export const toldElsewhere = '?';

export const nothingRead: Omit<AlertPlace, 'known'> = { from: null, knownSince: null, readUpTo: null, recheckedAt: null, reading: null };

/** Reads a checkpoint; what is missing or of another form counts as not known. */
export function readAlertPlace(checkpoint: Checkpoint | null): AlertPlace {
  if (!isFields(checkpoint)) return { ...nothingRead, known: new Map() };
  const { from, knownSince, readUpTo, recheckedAt, reading, known, briefs } = checkpoint;
  return {
    from: instantOf(from),
    knownSince: instantOf(knownSince),
    readUpTo: instantOf(readUpTo),
    recheckedAt: instantOf(recheckedAt),
    reading: readReading(reading),
    known: readAlerts(known, briefs),
  };
}

/** Shape  `known` is a flat list of five for each alert; ids may be anything, and a list keeps its order. */
export function writeAlertPlace({ reading, known, ...rest }: AlertPlace): Checkpoint {
  const flat: (string | number)[] = [];
  const briefs = new Map<string, number>();
  for (const [id, { fingerprint, raisedAt, revision, isSeen, brief }] of known) {
    if (!briefs.has(brief)) briefs.set(brief, briefs.size);
    flat.push(id, fingerprint, raisedAt, isSeen ? -revision - 1 : revision, briefs.get(brief) ?? 0);
  }
  const written = reading && { ...reading, position: reading.position && { ...reading.position }, steps: writeSteps(reading.steps) };
  return { ...rest, reading: written, known: flat, briefs: [...briefs.keys()] };
}

function readReading(value: unknown): Reading | null {
  if (!isFields(value)) return null;
  const { since, isWhole, beganAt, askedAt, position, steps, restarts } = value;
  const from = instantOf(since);
  if (from === null) return null;
  return {
    since: from,
    isWhole: isWhole === true,
    beganAt: instantOf(beganAt),
    askedAt: instantOf(askedAt),
    position: readPosition(position),
    steps: readSteps(steps),
    restarts: instantOf(restarts) ?? 0,
  };
}

function readAlerts(flat: Json | undefined, briefs: Json | undefined): Map<string, KnownAlert> {
  const known = new Map<string, KnownAlert>();
  if (!Array.isArray(flat)) return known;
  const texts: readonly Json[] = Array.isArray(briefs) ? briefs : [];
  for (let i = 0; i + 4 < flat.length; i += 5) {
    const [id, fingerprint, raisedAt, revision, brief] = flat.slice(i, i + 5);
    const told = instantOf(revision) ?? 0;
    const text = texts[instantOf(brief) ?? -1];
    known.set(String(id), {
      fingerprint: String(fingerprint),
      raisedAt: instantOf(raisedAt) ?? 0,
      revision: told < 0 ? -told - 1 : told,
      isSeen: told < 0,
      brief: typeof text === 'string' ? text : '{}',
    });
  }
  return known;
}

/** Before its first page. */
export function newReading(since: Millis, isWhole: boolean, restarts: number): Reading {
  return { since, isWhole, beganAt: null, askedAt: null, position: null, steps: noSteps, restarts };
}
