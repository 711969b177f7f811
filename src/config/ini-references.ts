/** What an `.ini` value says of other values: Python's `%(name)s`. */

/** Why a value cannot be completed. */
export interface Unfinished {
  /** Finishes "the value of `key` ...". */
  readonly because: string;
}

/** As deep as Python follows references. */
const maxDepth = 10;
/** Ten lines of references to references can ask for more text than there is memory. */
const maxCharacters = 100_000;
const maxReferences = 10_000;

/**
 * Completes a value as configparser's BasicInterpolation does: `%(name)s` is another value of the section, `%%` is `%`, and any other `%` is a mistake.
 *
 * Shape    `values` are those of the section, its inherited ones included, before completion; `null` for a key that stands alone.
 */
export function interpolate(value: string, values: ReadonlyMap<string, string | null>): string | Unfinished {
  if (!value.includes('%')) return value;
  let left = maxCharacters;
  let references = maxReferences;

  function follow(text: string, depth: number): string | Unfinished {
    if (depth > maxDepth) return { because: `refers to itself, or more than ${maxDepth} deep` };
    let whole = '';
    let rest = 0;
    for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', rest)) {
      whole += text.slice(rest, at);
      if (text[at + 1] === '%') {
        whole += '%';
        rest = at + 2;
        continue;
      }
      const end = text[at + 1] === '(' ? text.indexOf(')', at) : -1;
      if (end <= at + 2 || text[end + 1] !== 's') return { because: 'has a `%` that is neither `%%` nor `%(name)s`' };
      const found = values.get(text.slice(at + 2, end).toLowerCase());
      if (found === undefined || found === null) return { because: 'refers to a key that is not there' };
      if (--references < 0) return { because: 'has too many references' };
      const part = found.includes('%') ? follow(found, depth + 1) : found;
      if (typeof part !== 'string') return part;
      left -= part.length;
      if (left < 0) return { because: `is longer than ${maxCharacters} characters once its references are followed` };
      whole += part;
      rest = end + 2;
    }
    return whole + text.slice(rest);
  }

  return follow(value, 1);
}
