/** Severity over everything that Central writes, and its number in every target. */

export type Severity = 'none' | 'low' | 'medium' | 'high' | 'very_high' | 'critical';

/** Of one severity, the number or word of each target. */
export interface SeverityNumbers {
  /** CEF and LEEF: 0 to 10. */
  readonly cef: number;
  /** OCSF `severity_id`: 0 unknown, 1 informational ... 5 critical. */
  readonly ocsf: number;
  /** RFC 5424: 2 critical ... 6 informational. */
  readonly syslog: number;
  /** ECS `event.severity`: like CEF, in steps of ten, so that a rule can compare. */
  readonly ecs: number;
  /** CIM `severity`. */
  readonly cim: 'critical' | 'high' | 'medium' | 'low' | 'informational' | 'unknown';
}

const of = (cef: number, ocsf: number, syslog: number, ecs: number, cim: SeverityNumbers['cim']): SeverityNumbers => ({ cef, ocsf, syslog, ecs, cim });

const numbers: Readonly<Record<Severity, SeverityNumbers>> = {
  none: of(0, 1, 6, 0, 'informational'),
  low: of(3, 2, 5, 30, 'low'),
  medium: of(5, 3, 4, 50, 'medium'),
  high: of(8, 4, 3, 80, 'high'),
  very_high: of(9, 5, 2, 90, 'critical'),
  critical: of(10, 5, 2, 100, 'critical'),
};

/** Of a severity that is missing or that nobody knows: visible as unknown in OCSF and CIM, neither harmless nor grave elsewhere. */
const unknownNumbers: SeverityNumbers = of(5, 0, 5, 50, 'unknown');

/** Words beside the six: of cases (`informational`, `notSet`) and as other spellings. */
const words: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['none', 'none'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['very_high', 'very_high'],
  ['critical', 'critical'],
  ['very high', 'very_high'],
  ['very-high', 'very_high'],
  ['veryhigh', 'very_high'],
  ['info', 'none'],
  ['information', 'none'],
  ['informational', 'none'],
]);

/** The longest word above; a longer text is not looked up. */
const longest = 13;

/** Reads a severity in any case, or the number 0 to 10 of a detection. Undefined when it says nothing that is known. */
export function readSeverity(value: unknown): Severity | undefined {
  if (typeof value === 'string') return words.get(value) ?? (value.length > longest + 8 ? undefined : words.get(value.trim().toLowerCase()));
  return typeof value === 'number' ? fromNumber(value) : undefined;
}

function fromNumber(value: number): Severity | undefined {
  if (!(value >= 0 && value <= 10)) return undefined;
  if (value < 1) return 'none';
  if (value < 4) return 'low';
  if (value < 7) return 'medium';
  return value < 9 ? 'high' : 'critical';
}

export function severityNumbers(severity: Severity | undefined): SeverityNumbers {
  return severity === undefined ? unknownNumbers : numbers[severity];
}
