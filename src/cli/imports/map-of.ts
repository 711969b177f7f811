import type { Tree } from '../../config/source.ts';

/** A map of a configuration; an empty one where something else stands, or nothing. */
export function mapOf(value: Tree | undefined): { readonly [key: string]: Tree } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
