/** PRI: facility and severity, RFC 5424, 6.2.1. */

/** Facilities by their usual names; the position is the number. */
export const facilities = [
  ...(['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'] as const),
  ...(['ntp', 'security', 'console', 'solaris-cron', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'] as const),
] as const;
export type Facility = (typeof facilities)[number];

/** Severities by their usual names; the position is the number. */
export const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
export type Severity = (typeof severities)[number];

const informational = 6;

/** Central's words. None becomes 0 (emerg): rsyslog's and others' own rules send that to every terminal. */
const words: ReadonlyMap<string, number> = new Map([
  ['none', informational],
  ['info', informational],
  ['informational', informational],
  ['low', 5],
  ['medium', 4],
  ['high', 3],
  ['very_high', 2],
  ['critical', 1],
]);

/** The least number of Central's scale from 0 to 10 (detections), and what it means. */
const scale: readonly (readonly [least: number, severity: number])[] = [
  [10, 1],
  [9, 2],
  [7, 3],
  [5, 4],
  [2, 5],
];

/** What a record calls its severity, as syslog counts; what is missing or unheard of is informational. */
export function severityOf(told: string | number | undefined): number {
  if (typeof told === 'string') return words.get(told.toLowerCase()) ?? informational;
  return scale.find(([least]) => told !== undefined && told >= least)?.[1] ?? informational;
}
