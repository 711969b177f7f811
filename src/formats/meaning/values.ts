/** Readers of single values. What is not of the asked kind is undefined: a format must not stop for it. */
import { Failure } from '../../core/failure.ts';

/** An object as JSON.parse made it. Only names that no prototype has are asked of it. */
export type Fields = Readonly<Record<string, unknown>>;

export const noFields: Fields = Object.freeze({});

/**
 * The item as an object; what is no object stands under `value`.
 *
 * Throws   rejected for a text that is not JSON.
 */
export function parseItem(json: string): Fields {
  const item = parse(json);
  return isFields(item) ? item : { value: item };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Failure('rejected', 'format.not-json', 'the record is not JSON, or nested too deeply', { advice: 'use the format `raw` to see it' });
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that is not empty, as it is. */
export function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A text without blanks at its ends; undefined when nothing is left. */
export function trimmed(value: unknown): string | undefined {
  return typeof value === 'string' ? textIn(value.trim()) : undefined;
}

export function fieldsIn(value: unknown): Fields {
  return isFields(value) ? value : noFields;
}

export function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A whole number, also one that is written as a text. */
export function wholeIn(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== 'string' || value.length > 15 || !/^-?[0-9]+$/.test(value)) return undefined;
  return Number(value);
}

export function portIn(value: unknown): number | undefined {
  const port = wholeIn(value);
  return port !== undefined && port >= 0 && port <= 65_535 ? port : undefined;
}

/** `2026-10-01T14:20:28.605Z` and its kin: seconds and zone may be missing (then UTC). */
const instant = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[-+]\d{2}:?\d{2})?)?$/i;

/** Instants of the years 1 to 9999, in ms since 1970. */
const earliest = -62_135_596_800_000;
const latest = 253_402_300_799_999;

/** An instant as ms since 1970 UTC: ISO 8601, or ms as a number. */
export function instantIn(value: unknown): number | undefined {
  const at = typeof value === 'number' ? Math.trunc(value) : instantOfText(value);
  return at !== undefined && at >= earliest && at <= latest ? at : undefined;
}

function instantOfText(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > 40) return undefined;
  const usual = usualInstant(value);
  if (usual !== undefined) return usual;
  const found = instant.exec(value);
  if (found === null) return undefined;
  const at = Date.parse(found[1] === undefined && value.length > 10 ? `${value}Z` : value);
  return Number.isNaN(at) ? undefined : at;
}

/** `YYYY-MM-DDTHH:MM:SS.mmmZ`, as Central nearly always writes it, in a quarter of the time that Date.parse takes. */
function usualInstant(text: string): number | undefined {
  if (text.length !== 24 || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':') return undefined;
  if (text[19] !== '.' || text[23] !== 'Z') return undefined;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)];
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)];
  // What is not surely in range goes the long way; a NaN is not in range.
  const isUsual = year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour < 24 && minute < 60 && second < 60;
  const at = isUsual ? Date.UTC(year, month - 1, day, hour, minute, second, digits(text, 20, 23)) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** The number in these places; NaN when one of them holds no digit. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

const ipv4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/;

/** An IP address, without blanks, zone or port. */
export function ipIn(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 45) return undefined;
  const text = value.trim();
  return ipv4.test(text) || isIpv6(text) ? text : undefined;
}

function isIpv6(text: string): boolean {
  if (!/^[0-9a-f:.]{2,39}$/i.test(text) || !text.includes(':')) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [half, part] of halves.entries()) {
    if (part === '') continue;
    const pieces = part.split(':');
    for (const [i, piece] of pieces.entries()) {
      const isLast = half === halves.length - 1 && i === pieces.length - 1;
      if (isLast && piece.includes('.')) {
        if (!ipv4.test(piece)) return false;
        groups += 2;
      } else if (/^[0-9a-f]{1,4}$/i.test(piece)) groups++;
      else return false;
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

/** A SHA-256 in hexadecimal digits, lower case. */
export function sha256In(value: unknown): string | undefined {
  return typeof value === 'string' && value.length === 64 && /^[0-9a-f]+$/i.test(value) ? value.toLowerCase() : undefined;
}

/** A MAC address as `00:15:5D:A8:4B:64`. */
export function macIn(value: unknown): string | undefined {
  return typeof value === 'string' && value.length === 17 && /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i.test(value)
    ? value.replaceAll('-', ':').toUpperCase()
    : undefined;
}

/** What stands after the last slash or backslash; the path itself when nothing does. */
export function baseName(path: string): string {
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return path.slice(at + 1) || path;
}
