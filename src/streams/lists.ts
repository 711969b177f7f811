import type { List } from '../clients/central/list.ts';
import type { Source } from './snapshot.ts';
import { keyOf, readPosition } from './steps.ts';

/** A list of Central's as the source of a snapshot: one call for each page. */
export function listSource(list: (signal: AbortSignal) => List<unknown>): Source {
  return {
    async page(position, _, signal) {
      const { items, odd, askedAt, next } = await list(signal).page(readPosition(position));
      return { items, odd, askedAt, next: next && { ...next }, nextName: keyOf(next) };
    },
  };
}
