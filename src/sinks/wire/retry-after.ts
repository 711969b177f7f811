import type { Millis } from '../../core/types.ts';

/** No wish is longer: a far end must not silence us for ever. */
const longestMs = 86_400_000;

/** `Retry-After` in ms: seconds, or a date. Undefined when it says neither. */
export function retryAfterMs(header: string | undefined, now: Millis): Millis | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Math.min(longestMs, Math.round(Number(header) * 1000));
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.min(longestMs, Math.max(0, at - now));
}
