import { isSilent, type List } from '../clients/central/list.ts';
import { emptyPack } from '../core/pack.ts';
import type { Source } from './snapshot.ts';
import { keyOf, readPosition } from './steps.ts';

/** A list of Central's as the source of a snapshot: one call for each page. */
export function listSource(list: (signal: AbortSignal) => List<unknown>): Source {
  return {
    async page(position, carried, signal) {
      const { items, odd, askedAt, info, next } = await list(signal).page(readPosition(position));
      const [first = null] = items.keys;
      // It says nothing of pages and begins as the page before did: it is no list of pages, and all of it has been read.
      if (isSilent(info) && first !== null && first === carried) return { items: emptyPack, odd: 0, askedAt, next: null };
      return { items, odd, askedAt, next: next && { ...next }, nextName: keyOf(next), carried: isSilent(info) ? first : null };
    },
  };
}
