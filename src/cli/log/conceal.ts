import { longestFirst, spellingsOf, struckOut } from '../../core/secret.ts';

/** Shorter texts stand in too many words by chance. */
const shortest = 6;
/** A token as identity services give them, three parts joined by dots, whoever put it into a message. */
const webToken = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+/g;

/** Knows the secrets of this run, and takes them out of texts. */
export interface Concealment {
  add(secrets: Iterable<string>): void;
  of(text: string): string;
}

/**
 * The last guard before a line is written. The first is that secrets are values which do not print; this one is for what others say: a proxy
 * that repeats a header, a library that quotes what it was given.
 */
export function openConcealment(): Concealment {
  let known: readonly string[] = [];
  return {
    add(secrets) {
      const added = [...secrets].filter(({ length }) => length >= shortest).flatMap(spellingsOf);
      known = longestFirst([...known, ...added], shortest);
    },
    of(text) {
      const left = struckOut(text, known);
      return left.includes('eyJ') ? left.replace(webToken, '[secret]') : left;
    },
  };
}
