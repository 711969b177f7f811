/** `--wait`: until isolation has reached the endpoints. */
import { Failure, isAbort } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { Target } from '../accounts.ts';
import type { CommandContext } from '../command.ts';
import type { Change } from './change.ts';
import { isIsolated } from './endpoints.ts';
import { inChunks } from './items.ts';
import { callsOf } from './scope.ts';

/** Between two looks: first so long, then twice as long, at most so long. */
const firstPauseMs: Millis = 500;
const longestPauseMs: Millis = 10_000;

/** Looks again and again, and resolves with those that have not changed when the time is over. */
export async function waitForIsolation(
  { world: { clock }, screen, quiet }: CommandContext,
  done: readonly Change[],
  enabled: boolean,
  forMs: Millis,
  signal: AbortSignal,
): Promise<ReadonlyMap<Change, Failure>> {
  const until = clock.monotonic() + forMs;
  const waiting = new Set(done);
  try {
    for (let looks = 0; ; looks++) {
      for (const change of await reached(waiting, enabled, signal)) waiting.delete(change);
      const left = until - clock.monotonic();
      if (waiting.size === 0 || left <= 0) break;
      if (!quiet) screen.status(`waiting for ${waiting.size} of ${done.length} endpoints`);
      await clock.sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** looks, left), signal);
    }
  } catch (error) {
    // They were accepted all the same; nobody waits for them any longer.
    if (!isAbort(error, signal)) throw error;
    return new Map();
  } finally {
    screen.status(null);
  }
  return new Map([...waiting].map((change) => [change, notInTime(change)]));
}

/** A look that fails is no news: the next one may succeed. */
async function reached(waiting: ReadonlySet<Change>, enabled: boolean, signal: AbortSignal): Promise<readonly Change[]> {
  const there: Change[] = [];
  for (const [target, changes] of grouped(waiting)) {
    for (const some of inChunks(changes)) {
      const ids = some.map(({ object }) => object.id);
      try {
        const states = new Map<string, boolean | null>();
        for await (const endpoint of callsOf(target).endpoints.list({ ids, view: 'full', signal })) states.set(endpoint.id, isIsolated(endpoint));
        there.push(...some.filter(({ object }) => states.get(object.id) === enabled));
      } catch (error) {
        if (!(error instanceof Failure) || error.kind === 'auth' || error.kind === 'config') throw error;
      }
    }
  }
  return there;
}

function grouped(changes: Iterable<Change>): Map<Target, Change[]> {
  const groups = new Map<Target, Change[]>();
  for (const change of changes) groups.set(change.target, [...(groups.get(change.target) ?? []), change]);
  return groups;
}

function notInTime({ object }: Change): Failure {
  return new Failure('transient', 'action.not-in-time', `${object.name} (${object.id}) was asked to change its isolation, and has not said that it did`, {
    advice: 'It may be off: it changes when it comes back. Look at it again later.',
  });
}
