import type { Pack } from '../core/types.ts';

/** Two packs as one, in that order. */
export function joinPacks(first: Pack, second: Pack): Pack {
  if (first.count === 0) return second;
  if (second.count === 0) return first;
  const length = (first.ends[first.count - 1] as number) + 1;
  const bytes = new Uint8Array(length + second.bytes.length);
  bytes.set(first.bytes.subarray(0, length));
  bytes.set(second.bytes, length);
  const ends = new Uint32Array(first.count + second.count);
  ends.set(first.ends);
  for (let i = 0; i < second.count; i++) ends[first.count + i] = (second.ends[i] as number) + length;
  const times = new Float64Array(ends.length);
  times.set(first.times);
  times.set(second.times, first.count);
  const metas = first.metas || second.metas ? [...metasOf(first), ...metasOf(second)] : undefined;
  return { count: ends.length, bytes, ends, keys: [...first.keys, ...second.keys], times, ...(metas ? { metas } : {}) };
}

function metasOf({ count, metas }: Pack) {
  return metas ?? new Array<undefined>(count).fill(undefined);
}
