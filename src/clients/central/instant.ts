import type { Millis } from '../../core/types.ts';

/**
 * An instant as Central writes it, in ms; NaN when it is none.
 *
 * Shape    ISO 8601 with `Z`, with an offset, or with no zone at all, which Central means as UTC (reference, 0.4).
 */
export function parseInstant(text: string): Millis {
  if (!/^\d{4}-\d\d-\d\dT/.test(text)) return Number.NaN;
  return Date.parse(/(?:[zZ]|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
}

/** 29 February is left to `Date.parse`. */
const daysIn = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * The same for the one spelling that fills pages, `YYYY-MM-DDTHH:mm:ss.sssZ`, read from its bytes; NaN for any other.
 *
 * `Date.parse` needs a string and 0.3 us; this needs neither.
 */
export function instantAt(bytes: Uint8Array, start: number, end: number): Millis {
  if (end - start !== 24 || bytes[start + 10] !== 0x54 || bytes[start + 19] !== 0x2e || bytes[start + 23] !== 0x5a) return Number.NaN;
  if (bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d || bytes[start + 13] !== 0x3a || bytes[start + 16] !== 0x3a) return Number.NaN;
  const year = two(bytes, start) * 100 + two(bytes, start + 2);
  const month = two(bytes, start + 5);
  const day = two(bytes, start + 8);
  const hour = two(bytes, start + 11);
  const minute = two(bytes, start + 14);
  const second = two(bytes, start + 17);
  const ms = two(bytes, start + 20) * 10 + one(bytes, start + 22);
  // Written so that a NaN from any digit fails too.
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= (daysIn[month] as number) && hour <= 23 && minute <= 59 && second <= 59 && ms <= 999 && year >= 1))
    return Number.NaN;
  return ((daysBefore(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + ms;
}

function one(bytes: Uint8Array, at: number): number {
  const digit = (bytes[at] as number) - 0x30;
  return digit >= 0 && digit <= 9 ? digit : Number.NaN;
}

function two(bytes: Uint8Array, at: number): number {
  return one(bytes, at) * 10 + one(bytes, at + 1);
}

/** Days from 1970-01-01 in the Gregorian calendar; March is counted first, so that leap days end a year. */
function daysBefore(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const ofEra = y - era * 400;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}
