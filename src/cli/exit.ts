/** Exit codes: this is the one place that decides them. */
import { CentralError, Failure } from '../core/failure.ts';

/** What the program's end tells whoever started it (product: "The command line"). */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Central's or Intelix' credentials were refused. */
  refused: 3,
  /** A tenant or a sink could not be served, and which is said. */
  partly: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Codes of failures whose kind alone would say something else. */
const byCode: Readonly<Record<string, ExitCode>> = {
  // `| head` had enough: nobody's fault.
  'stdout.closed': exitCodes.done,
  'cli.interrupted': exitCodes.interrupted,
  // Overlapping runs are safe; the second one says who holds the state.
  'journal.owned': exitCodes.failed,
};

/** The exit code for what was thrown. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof Failure)) return exitCodes.failed;
  const listed = byCode[error.code];
  if (listed !== undefined) return listed;
  if (error.kind === 'config') return exitCodes.usage;
  if (error.kind === 'auth') return isOfSophos(error) ? exitCodes.refused : exitCodes.failed;
  return exitCodes.failed;
}

/** A mistake in what was typed: exit code 2. */
export function usage(code: string, message: string, advice: string): Failure {
  return new Failure('config', `usage.${code}`, message, { advice });
}

/** What the signal of a command aborts with on Ctrl-C. */
export function interrupted(): Failure {
  return new Failure('stale', 'cli.interrupted', 'interrupted');
}

/** A service that is asked to stop has done what it was asked, also when it was still starting. */
export async function untilStopped(signal: AbortSignal, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted && exitCodeOf(signal.reason) === exitCodes.interrupted) return exitCodes.done;
    throw error;
  }
}

/** Exit code 3 is for Sophos alone: a sink's refused token is that sink's failure. */
function isOfSophos(error: Failure): boolean {
  return error instanceof CentralError || /^(central|identity|intelix|auth)\./.test(error.code);
}
