/** Severity as OpenTelemetry counts: 1 to 24, four numbers for each of TRACE, DEBUG, INFO, WARN, ERROR, FATAL. */

/** Central's words; the further apart, the graver. */
const words: ReadonlyMap<string, number> = new Map([
  ['none', 9],
  ['info', 9],
  ['information', 9],
  ['informational', 9],
  ['low', 10],
  ['medium', 13],
  ['high', 17],
  ['very_high', 18],
  ['very-high', 18],
  ['veryhigh', 18],
  ['critical', 21],
]);

/** The least number of Central's scale from 0 to 10 (detections), and what it means. */
const scale: readonly (readonly [least: number, number: number])[] = [
  [9, 21],
  [7, 17],
  [4, 13],
  [1, 10],
  [0, 9],
];

/** `severityNumber` of what a record says; 0, "unspecified", for what is missing or unheard of. */
export function severityNumberOf(told: string | number | undefined): number {
  if (typeof told === 'string') return words.get(told.trim().toLowerCase().replaceAll(' ', '_')) ?? 0;
  if (told === undefined || !(told <= 10)) return 0;
  return scale.find(([least]) => told >= least)?.[1] ?? 0;
}
