import type { Millis } from '../core/types.ts';
import { usage } from './exit.ts';

const units: Readonly<Record<string, Millis>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const day: Millis = 86_400_000;

/**
 * An instant as typed: ISO 8601 (UTC when it names no zone), Unix seconds, or how long ago, such as `12h` or `7d`.
 *
 * Throws   config `usage.instant`.
 */
export function parseInstant(option: string, text: string, now: Millis): Millis {
  const ago = /^(\d+(?:\.\d+)?)(s|m|h|d|w)$/.exec(text);
  if (ago) return now - Number(ago[1]) * (units[ago[2] as string] as Millis);
  // Nine digits begin in 1973, eleven end in 5138: neither a year nor a compact date is taken for seconds.
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  const iso = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/i.exec(text);
  if (iso) {
    const at = Date.parse(`${text.replace(' ', 'T')}${iso[1] === undefined && text.length > 10 ? 'Z' : ''}`);
    if (!Number.isNaN(at)) return at;
  }
  throw usage('instant', `\`${option} ${text}\` is not a time`, 'Write it as 2026-01-31T12:00:00Z, as Unix seconds, or as how long ago: 12h, 7d.');
}

export interface TimeOptions {
  readonly days?: string;
  readonly since?: string;
  readonly until?: string;
}

export interface TimeRange {
  /** `null`: as far back as the stream goes by itself. */
  readonly since: Millis | null;
  readonly until: Millis | null;
}

/** What `--days`, `--since` and `--until` ask for. */
export function parseRange(options: TimeOptions, now: Millis): TimeRange {
  if (options.days !== undefined && options.since !== undefined) throw usage('range', '`--days` and `--since` say the same thing twice', 'Use one of them.');
  const until = options.until === undefined ? null : parseInstant('--until', options.until, now);
  let since: Millis | null = null;
  if (options.since !== undefined) since = parseInstant('--since', options.since, now);
  else if (options.days !== undefined) since = now - parseDays(options.days) * day;
  if (since !== null && since > now) throw usage('range', `\`--since ${options.since}\` is in the future`, 'Name a time that has passed.');
  if (since !== null && until !== null && until < since) throw usage('range', '`--until` is before `--since`', 'Swap the two.');
  return { since, until };
}

function parseDays(text: string): number {
  const days = /^\d+$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > 90) throw usage('days', `\`--days\` takes a whole number, 1 to 90; seen \`${text}\``, 'Write for example `--days 1`.');
  return days;
}

/**
 * A duration as typed, such as `90s` or `2m`, in ms.
 *
 * Throws   config `usage.duration`.
 */
export function parseDuration(option: string, text: string): Millis {
  const found = /^(\d+(?:\.\d+)?)(s|m|h|d|w)$/.exec(text);
  if (!found) throw usage('duration', `\`${option} ${text}\` is not a duration`, 'Write it as 90s, 2m, 12h or 7d.');
  return Number(found[1]) * (units[found[2] as string] as Millis);
}
