/** What `doctor` finds: one finding is one line, with its cause and its cure where something is wrong. */
import { type ExitCode, exitCodes } from '../exit.ts';

/** In the order in which they are told: what comes later often fails only because of what came before. */
export const areas = ['program', 'configuration', 'secrets', 'network', 'clock', 'identity', 'hosts', 'rights', 'budget', 'state', 'sinks'] as const;
export type Area = (typeof areas)[number];

/** `skipped`: could not be examined, and something before it says why. */
export type State = 'ok' | 'warning' | 'failed' | 'skipped';

export interface Finding {
  readonly area: Area;
  /** What was looked at, such as `central`, a host, a sink. */
  readonly subject: string;
  readonly state: State;
  readonly seen: string;
  readonly cause?: string;
  /** What to do about it. */
  readonly cure?: string;
  /** Of a failure: its row in docs/errors.md. */
  readonly code?: string;
}

export type Told = Omit<Finding, 'area'>;
export type Tell = (finding: Told) => void;

export const ok = (subject: string, seen: string): Told => ({ subject, state: 'ok', seen });
export const skipped = (subject: string, seen: string): Told => ({ subject, state: 'skipped', seen });

/** Something that is not as it should be. */
export function wrong(state: 'warning' | 'failed', subject: string, seen: string, cause: string, cure: string, code?: string): Told {
  return { subject, state, seen, cause, cure, ...(code === undefined ? {} : { code }) };
}

export type Counts = Readonly<Record<State, number>>;

export function countsOf(findings: readonly Finding[]): Counts {
  const of = (state: State) => findings.filter((each) => each.state === state).length;
  return { ok: of('ok'), warning: of('warning'), failed: of('failed'), skipped: of('skipped') };
}

/** Failures of the identity service and of the old gateway that say no to the credential itself. */
const refusals: readonly string[] = ['central.credentials-refused', 'central.token-refused', 'central.legacy-token-refused'];

/**
 * The exit code of the first area that failed: 2 for the configuration and its secrets, 3 for refused credentials, 4 when only tenants or sinks cannot
 * be served, otherwise 1. Warnings are 0.
 */
export function exitCodeFor(findings: readonly Finding[]): ExitCode {
  const failed = findings.filter(({ state }) => state === 'failed');
  const first = areas.find((area) => failed.some((each) => each.area === area));
  switch (first) {
    case undefined:
      return exitCodes.done;
    case 'configuration':
    case 'secrets':
      return exitCodes.usage;
    case 'identity':
      return failed.some(({ area, code }) => area === 'identity' && refusals.includes(code ?? '')) ? exitCodes.refused : exitCodes.failed;
    case 'rights':
    case 'sinks':
      return exitCodes.partly;
    default:
      return exitCodes.failed;
  }
}
