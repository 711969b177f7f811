import { usage } from '../exit.ts';

/**
 * A range as monitoring plugins write it: `10` (0 to 10), `10:` (10 or more), `~:10` (10 or less), `10:20`, and `@10:20` (inside is bad).
 *
 * Source   Monitoring Plugins Development Guidelines, "Threshold and Ranges".
 */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly isInsideBad: boolean;
  /** As it was written. */
  readonly text: string;
}

const form = /^(@?)(?:(~|-?\d+(?:\.\d+)?)?:)?(-?\d+(?:\.\d+)?)?$/;

/** Reads a range; `null` when it is none. */
export function parseRangeText(text: string): Range | null {
  const found = form.exec(text);
  if (!found || text === '' || text === '@' || text === ':' || text === '@:') return null;
  const [, at = '', from, to] = found;
  const start = from === undefined ? 0 : from === '~' ? Number.NEGATIVE_INFINITY : Number(from);
  const end = to === undefined ? Number.POSITIVE_INFINITY : Number(to);
  return start > end ? null : { start, end, isInsideBad: at === '@', text };
}

export function isBad({ start, end, isInsideBad }: Range, value: number): boolean {
  const isInside = value >= start && value <= end;
  return isInside === isInsideBad;
}

/** Thresholds by the name of what they are about; `null` takes a default away. */
export type Thresholds = ReadonlyMap<string, Range | null>;

/**
 * Reads `name=range`, given any number of times; the last for a name counts.
 *
 * Throws   config `usage.threshold`.
 */
export function parseThresholds(option: string, given: readonly string[], known: readonly string[]): Thresholds {
  const thresholds = new Map<string, Range | null>();
  for (const text of given.flatMap((each) => each.split(','))) {
    const [, name = '', written = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    const range = written === '' ? null : parseRangeText(written);
    if (!known.includes(name))
      throw usage(
        'threshold',
        `\`${option} ${text}\`: there is no figure \`${name || text}\``,
        `Write \`${option} figure=range\`; figures are ${known.join(', ')}.`,
      );
    if (written !== '' && !range)
      throw usage('threshold', `\`${option} ${text}\`: \`${written}\` is not a range`, 'Write 10 (more than 10 is bad), 10: (less is bad), 5:10, or @5:10.');
    thresholds.set(name, range);
  }
  return thresholds;
}
