/** Do the pages of a list lead anywhere? Small enough for a checkpoint, and the same for all lists. */
import { beginTrail, follow, type Trail } from '../clients/central/cycle.ts';
import type { Position } from '../clients/central/list.ts';
import type { Json } from '../core/types.ts';
import { instantOf, isFields, readTrail, writeTrail } from './fields.ts';
import { fingerprintOfKeys } from './fingerprint.ts';

export interface Steps {
  /** Of the keys that name the next page; numbers always go on. */
  readonly positions: Trail | null;
  /** Of what stood on the pages: a list that ignores where it is asked to go on gives one page for ever. */
  readonly pages: Trail | null;
  /** Empty pages in a row. */
  readonly empties: number;
}

export const noSteps: Steps = { positions: null, pages: null, empties: 0 };

/** Empty pages that promise more, in a row: this many are believed. */
const mostEmpties = 1000;

/** Why reading a list ends, though more was promised. */
export const circle = 'the pages that Central sends run in a circle';
export const emptiness = 'Central promises more, and sends empty pages without end';

/**
 * One page on, which promises another; a text when that leads nowhere, which says so.
 *
 * Shape    `keys` of what stood on it; `name` is the key of the next page, `null` where pages are numbered.
 */
export function stepOn(steps: Steps, keys: readonly string[], name: string | null): Steps | string {
  const positions = name === null ? steps.positions : goOn(steps.positions, name);
  const pages = keys.length === 0 ? steps.pages : goOn(steps.pages, fingerprintOfKeys(keys));
  if (positions === 'circle' || pages === 'circle') return circle;
  const empties = keys.length === 0 ? steps.empties + 1 : 0;
  return empties >= mostEmpties ? emptiness : { positions, pages, empties };
}

function goOn(trail: Trail | null, name: string): Trail | 'circle' {
  return trail ? (follow(trail, name) ?? 'circle') : beginTrail(name);
}

export function readSteps(value: unknown): Steps {
  if (!isFields(value)) return noSteps;
  return { positions: readTrail(value.positions), pages: readTrail(value.pages), empties: instantOf(value.empties) ?? 0 };
}

export function writeSteps({ positions, pages, empties }: Steps): Json {
  return { positions: writeTrail(positions), pages: writeTrail(pages), empties };
}

/** Positions are JSON of our own. */
export function readPosition(value: unknown): Position | null {
  if (!isFields(value)) return null;
  const size = instantOf(value.size);
  if (size === null) return null;
  if (typeof value.key === 'string') return { key: value.key, size };
  const page = instantOf(value.page);
  return page === null ? null : { page, size };
}

/** The key of the next page, where it has one. */
export function keyOf(position: Position | null): string | null {
  return position !== null && 'key' in position ? position.key : null;
}
