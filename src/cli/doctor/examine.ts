/** One examination: bounded in time, and whatever it throws becomes a finding, so that the others go on. */
import { Failure } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { CommandContext } from '../command.ts';
import { sideBySide } from '../side-by-side.ts';
import type { Area, Finding, Tell } from './finding.ts';

/** What an examination found, and what others build upon. */
export interface Examined<T> {
  readonly area: Area;
  readonly findings: readonly Finding[];
  /** `null` when it did not come to its end. */
  readonly result: T | null;
}

/**
 * Examines one area.
 *
 * Throws   the signal's reason on Ctrl-C; nothing else.
 */
export async function examine<T>(
  area: Area,
  limitMs: Millis,
  { signal: outer, world: { clock } }: CommandContext,
  work: (tell: Tell, signal: AbortSignal) => Promise<T>,
): Promise<Examined<T>> {
  const findings: Finding[] = [];
  const over = new AbortController();
  const signal = AbortSignal.any([outer, over.signal]);
  let isOver = false;
  const tell: Tell = (finding) => {
    // Who goes on after the end is heard no more.
    if (!isOver) findings.push({ area, ...finding });
  };
  const expired = clock.sleep(limitMs, signal).then(
    () => timedOut(limitMs),
    () => timedOut(limitMs),
  );
  const done = work(tell, signal).then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  const outcome = await Promise.race([done, expired]);
  outer.throwIfAborted();
  if ('error' in outcome) tell(findingOf(area, outcome.error));
  isOver = true;
  over.abort(new Failure('stale', 'cli.interrupted', 'the examination is over'));
  return { area, findings, result: 'result' in outcome ? outcome.result : null };
}

function timedOut(limitMs: Millis): { readonly error: unknown } {
  return {
    error: new Failure('transient', 'doctor.too-slow', `the examination came to no end within ${limitMs / 1000} s`, {
      advice: 'Look at what is slow: the network, a far end, or the disk. Then try again.',
    }),
  };
}

function findingOf(area: Area, error: unknown): Parameters<Tell>[0] {
  if (error instanceof Failure)
    return {
      subject: area,
      state: 'failed',
      seen: 'could not be examined to its end',
      cause: error.message,
      cure: error.advice ?? 'Try again.',
      code: error.code,
    };
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    subject: area,
    state: 'failed',
    seen: 'could not be examined: this is a bug of the program',
    cause: words,
    cure: 'Report it, with the output of `sophos-central doctor --json`.',
  };
}

/** Does something for each, some at once, and keeps their order. */
export async function forEach<T, R>(items: readonly T[], concurrency: number, work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  await sideBySide([...items.entries()], concurrency, async ([i, item]) => {
    results[i] = await work(item);
  });
  return results;
}
