/**
 * Compiles a glob: `*` stands for any text, `?` for one character, everything else for itself; upper and lower case are the same.
 *
 * Shape    matches the whole text.
 * Calls    no backtracking beyond the last `*`: at worst text length times pattern length.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const pieces = pattern.toLowerCase().split(/\*+/);
  const first = pieces[0] as string;
  if (pieces.length === 1) return (text) => endOfMatch(text.toLowerCase(), 0, first) === text.toLowerCase().length;
  const last = pieces.at(-1) as string;
  const middle = pieces.slice(1, -1);
  return (text) => {
    const lower = text.toLowerCase();
    let at = endOfMatch(lower, 0, first);
    if (at < 0) return false;
    for (const piece of middle) {
      at = endOfFirst(lower, at, piece);
      if (at < 0) return false;
    }
    return endsWith(lower, at, last);
  };
}

/** Where `piece` ends if it stands at `from`, otherwise -1. */
function endOfMatch(text: string, from: number, piece: string): number {
  if (!piece.includes('?')) return text.startsWith(piece, from) ? from + piece.length : -1;
  let at = from;
  for (let i = 0; i < piece.length; i++) {
    if (at >= text.length) return -1;
    // One character may be two units of UTF-16.
    if (piece[i] === '?') at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
    else if (piece[i] !== text[at++]) return -1;
  }
  return at;
}

/** Where the leftmost `piece` from `from` on ends, otherwise -1. The leftmost is always the best for what follows a `*`. */
function endOfFirst(text: string, from: number, piece: string): number {
  if (!piece.includes('?')) {
    const found = text.indexOf(piece, from);
    return found < 0 ? -1 : found + piece.length;
  }
  for (let at = from; at <= text.length; at++) {
    const end = endOfMatch(text, at, piece);
    if (end >= 0) return end;
  }
  return -1;
}

function endsWith(text: string, from: number, piece: string): boolean {
  if (!piece.includes('?')) return text.length - piece.length >= from && text.endsWith(piece);
  // With characters of two units the start is not known: between one and two units for each.
  for (let at = Math.max(from, text.length - piece.length * 2); at <= text.length; at++) if (endOfMatch(text, at, piece) === text.length) return true;
  return false;
}
