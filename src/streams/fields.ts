/** Reading checkpoints back: they are JSON of our own, and yet nothing in them is taken for granted. */
import type { Trail } from '../clients/central/cycle.ts';
import type { Json } from '../core/types.ts';

export function isFields(value: unknown): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function instantOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function readTrail(trail: unknown): Trail | null {
  if (!isFields(trail)) return null;
  const { kept, steps, limit } = trail;
  return typeof kept === 'string' && typeof steps === 'number' && typeof limit === 'number' ? { kept, steps, limit } : null;
}

export function writeTrail(trail: Trail | null): Json {
  return trail && { ...trail };
}
