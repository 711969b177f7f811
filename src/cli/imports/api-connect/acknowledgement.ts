/** Alerts that a later version of Sophos API Connect acknowledges by itself. */
import type { Failure } from '../../../core/failure.ts';

export interface Acknowledgement {
  /** The severities; never empty. */
  readonly severities: readonly string[];
}

const switches = ['alerts_auto_acknowledge', 'auto_acknowledge', 'acknowledge'] as const;
/** One word means all up to it. */
const highest = ['alerts_auto_acknowledge_level', 'auto_acknowledge_level', 'acknowledge_level'] as const;
const lists = ['acknowledge_levels', 'level'] as const;

/** Of its settings, those that are read here, and those for events: it reads them and does nothing with them. */
export const acknowledgementKeys: readonly string[] = [...switches, ...highest, ...lists, 'events_auto_acknowledge', 'events_auto_acknowledge_level'];

const words = ['low', 'medium', 'high'];

type Complain = (key: string, value: string, advice: string) => Failure;

/** What it acknowledges; `null` when nothing. */
export function acknowledgementOf(textAt: (key: string) => string | undefined, complain: Complain): Acknowledgement | null {
  const chosen = switches.find((key) => textAt(key));
  if (chosen === undefined) return null;
  const [word = '', ...inline] = tokensOf(textAt(chosen) ?? '');
  const isSwitch = /^(true|false|on|off)$/.test(word);
  if (word === 'false' || word === 'off') return null;
  const own = isSwitch ? inline : [word, ...inline];
  const severities = own.length > 0 ? own : elsewhere(textAt);
  const strange = severities.find((severity) => !words.includes(severity));
  if (strange !== undefined || severities.length === 0)
    throw complain(chosen, strange ?? textAt(chosen) ?? '', 'Write `True` or `False`, and the highest severity, `low`, `medium` or `high`, as its level.');
  return { severities: words.filter((severity) => severities.includes(severity)) };
}

function elsewhere(textAt: (key: string) => string | undefined): readonly string[] {
  const list = tokensOf(lists.map(textAt).find((value) => value) ?? '');
  if (list.length > 0) return list;
  const top = tokensOf(highest.map(textAt).find((value) => value) ?? '');
  const rank = words.indexOf(top[0] ?? '');
  return top.length === 1 && rank >= 0 ? words.slice(0, rank + 1) : top;
}

function tokensOf(value: string): string[] {
  return value
    .toLowerCase()
    .split(/[^a-z_]+/)
    .filter((token) => token !== '');
}
