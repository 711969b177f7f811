/** The answer of a monitoring plugin: figures, what they mean, and one line that Nagios, Icinga and their like read. */
import type { ExitCode } from '../exit.ts';
import { visible } from '../output/visible.ts';
import { isBad, type Range } from './threshold.ts';

export const states = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;
export type State = (typeof states)[number];

/** The monitoring convention, which is not that of the other commands. */
export const stateCodes: Readonly<Record<State, ExitCode>> = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 };

/** One figure, and when it is bad. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** `s` for seconds; nothing for a count. */
  readonly unit?: 's';
  /** As in `3 alerts of high severity`; said when it is bad. */
  readonly says: string;
  readonly warning: Range | null;
  readonly critical: Range | null;
}

export interface Verdict {
  readonly state: State;
  readonly figures: readonly Figure[];
  /** What could not be looked at, one sentence each. */
  readonly unknown: readonly string[];
  /** One line for each thing that somebody should look at. */
  readonly details: readonly string[];
  /** What is said when nothing is bad. */
  readonly calm: string;
}

export function stateOf({ value, warning, critical }: Figure): State {
  if (critical && isBad(critical, value)) return 'CRITICAL';
  return warning && isBad(warning, value) ? 'WARNING' : 'OK';
}

/** The worst of all: critical, then warning, then what is not known. */
export function worst(all: readonly State[]): State {
  return (['CRITICAL', 'WARNING', 'UNKNOWN'] as const).find((state) => all.includes(state)) ?? 'OK';
}

/** More lines than this help nobody. */
const mostDetails = 50;

/** The lines of the plugin: state, words and performance data first, details below. */
export function verdictText({ state, figures, unknown, details, calm }: Verdict): string {
  const bad = figures.filter((figure) => stateOf(figure) !== 'OK').map(({ says }) => says);
  const words = [...bad, ...unknown.slice(0, 1), ...(unknown.length > 1 ? [`and ${unknown.length - 1} more`] : [])];
  const head = `SOPHOS ${state} - ${plain(words.length === 0 ? calm : words.join(', '))}`;
  const data = figures.map(perfData).join(' ');
  const shown = [...unknown.slice(1), ...details].slice(0, mostDetails).map(plain);
  const rest = unknown.slice(1).length + details.length - shown.length;
  return [`${head}${data === '' ? '' : ` | ${data}`}`, ...shown, ...(rest > 0 ? [`... and ${rest} more`] : []), ''].join('\n');
}

/** `'label'=value[unit];[warning];[critical];[min]`. */
function perfData({ name, value, unit, warning, critical }: Figure): string {
  return `${name}=${value}${unit ?? ''};${warning?.text ?? ''};${critical?.text ?? ''};0`;
}

/** On one line, and without the bar that ends the words. */
function plain(text: string): string {
  return visible(text).replaceAll('|', '/');
}
