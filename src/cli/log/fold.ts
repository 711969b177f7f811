import type { Millis } from '../../core/types.ts';

/** Remembers what was said lately, so that the same line is said once and then counted. */
export interface Fold<T> {
  /** What was said first within the window, if this is a repeat: it is only counted. */
  firstOf(key: string, value: T, at: Millis): T | null;
  /** How often this was said within the window by now, this time among them. */
  repeats(key: string, value: T, at: Millis): number;
  /** Those whose window is over by now, if they were repeated. */
  over(at: Millis): readonly { readonly value: T; readonly times: number }[];
}

/** More different lines than this within one window are no longer folded: memory is bounded, and they are news. */
const maxLines = 1_000;

export function openFold<T>(windowMs: Millis): Fold<T> {
  const said = new Map<string, { readonly since: Millis; readonly value: T; times: number }>();
  function repeats(key: string, value: T, at: Millis): number {
    const known = said.get(key);
    if (known) return ++known.times + 1;
    if (said.size < maxLines) said.set(key, { since: at, value, times: 0 });
    return 1;
  }
  return {
    firstOf: (key, value, at) => (repeats(key, value, at) > 1 ? (said.get(key)?.value ?? null) : null),
    repeats,
    over(at) {
      const found: { value: T; times: number }[] = [];
      // The map is in order of time: the first that is young ends the search.
      for (const [key, { since, value, times }] of said) {
        if (at - since < windowMs) break;
        said.delete(key);
        if (times > 0) found.push({ value, times });
      }
      return found;
    },
  };
}
