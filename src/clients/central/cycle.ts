/**
 * Does a row of positions run in a circle? Brent's method: one position is kept and compared with each that follows; after 1, 2, 4, 8 ...
 * steps the newest is kept instead. A circle of any length is found within three times its way, and the state is small enough
 * for a checkpoint.
 */
export interface Trail {
  readonly kept: string;
  readonly steps: number;
  readonly limit: number;
}

/** Where a row of positions begins. */
export function beginTrail(position: string): Trail {
  return { kept: position, steps: 0, limit: 1 };
}

/** The trail one position on; `null` when that position has been passed before. */
export function follow({ kept, steps, limit }: Trail, position: string): Trail | null {
  if (position === kept) return null;
  return steps + 1 === limit ? { kept: position, steps: 0, limit: limit * 2 } : { kept, steps: steps + 1, limit };
}
