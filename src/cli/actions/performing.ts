/**
 * Making changes: in order within a tenant, tenants side by side, each told to the action log before it is sent and after.
 *
 * An answer may be lost (a reset, a timeout, a gateway's error): the change may have been made or not. It is never simply sent again. Where
 * the object can be looked at, it is: an effect that is seen is a success, one that is not seen is sent once more; otherwise the change
 * stays unknown. Of a call for many objects that is refused as a whole, the halves are tried, until the guilty object stands alone.
 *
 * When the signal aborts no new change begins. Those under way have 25 s to end.
 */
import { CentralError, Failure, isAbort } from '../../core/failure.ts';
import type { Json, Millis } from '../../core/types.ts';
import type { Clock } from '../../core/world.ts';
import { sideBySide } from '../side-by-side.ts';
import { actorOf } from './actor.ts';
import type { Change, Effect, Result } from './change.ts';
import type { ActionLog, EndChange } from './log.ts';

/** How a list of changes went. */
export interface Performance {
  /** In the order of the changes. */
  readonly results: readonly Result[];
  /** Why no more changes were begun: a refused credential, or an action log that cannot be written. */
  readonly stopped: Failure | null;
}

export interface PerformOptions {
  readonly log: ActionLog;
  readonly clock: Clock;
  /** Tenants at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  onResult?(result: Result): void;
}

const graceMs: Millis = 25_000;
/** After a lost answer whose effect is not seen. */
const againMs: Millis = 1_000;
const timesSent = 2;

/** Makes the changes. Throws only for bugs; whoever calls looks at the signal. */
export async function performChanges(changes: readonly Change[], options: PerformOptions): Promise<Performance> {
  const { clock, concurrency, signal, onResult } = options;
  const results = new Map<Change, Result>();
  const over = new AbortController();
  const grace = gracefully(signal, over.signal, clock);
  let stopped: Failure | null = null;

  async function one(step: readonly Change[]): Promise<void> {
    if (stopped || signal.aborted) return;
    const ends = new Map<Change, EndChange>();
    try {
      for (const change of step) ends.set(change, await options.log.begin(actorOf(change.target.account), deedOf(change)));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      stopped ??= error;
      return await abandon(ends);
    }
    const made = await attempt(step, grace, clock, timesSent);
    for (const result of made) {
      results.set(result.change, result);
      onResult?.(result);
      if (result.is === 'failed' && result.failure.kind === 'auth') stopped ??= result.failure;
    }
    try {
      for (const result of made) await ends.get(result.change)?.(endingOf(result));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      stopped ??= error;
    }
  }

  /** Told and not sent: the log is broken, but may take a last word. */
  async function abandon(ends: ReadonlyMap<Change, EndChange>): Promise<void> {
    for (const end of ends.values()) {
      try {
        await end({ state: 'failed', outcome: 'not sent', reason: 'the action log could not be written' });
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        return;
      }
    }
  }

  try {
    await sideBySide([...byTenant(changes)], concurrency, async (own) => {
      for (const step of stepsOf(own)) await one(step);
    });
  } finally {
    over.abort();
  }
  return { results: changes.map((change) => results.get(change) ?? { change, is: 'not begun' }), stopped };
}

function deedOf({ target, action, object, detail }: Change) {
  return { tenant: target.tenant, action, object, ...(detail === undefined ? {} : { detail }) };
}

function endingOf(result: Result) {
  if (result.is === 'done') return { state: 'done', ...(result.outcome === undefined ? {} : { outcome: result.outcome }) } as const;
  if (result.is === 'not begun') return { state: 'failed', outcome: 'not sent' } as const;
  const { failure } = result;
  const correlationId = failure instanceof CentralError ? failure.correlationId : undefined;
  return {
    state: 'failed',
    ...(result.is === 'unknown' ? { outcome: 'unknown' } : {}),
    ...(correlationId === undefined ? {} : { correlationId }),
    reason: failure.message,
  } as const;
}

/** One tenant of one account after the other, each with its changes in their order. */
function byTenant(changes: readonly Change[]): Iterable<readonly Change[]> {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const { account, tenant } = change.target;
    const key = `${account.name}\n${tenant.id}`;
    const group = groups.get(key);
    if (group) group.push(change);
    else groups.set(key, [change]);
  }
  return groups.values();
}

function stepsOf(changes: readonly Change[]): readonly (readonly Change[])[] {
  const steps: Change[][] = [];
  for (const change of changes) {
    const last = steps.at(-1);
    const { together } = change;
    if (last && together !== undefined && last[0]?.together === together && last.length < together.atMost) last.push(change);
    else steps.push([change]);
  }
  return steps;
}

async function attempt(step: readonly Change[], signal: AbortSignal, clock: Clock, sendings: number): Promise<readonly Result[]> {
  try {
    return await send(step, signal);
  } catch (error) {
    const failure = failureOf(error, signal);
    if (mayBeMade(failure)) return await afterLostAnswer(step, failure, signal, clock, sendings);
    if (step.length > 1 && isOfOne(failure)) {
      const middle = Math.ceil(step.length / 2);
      return [...(await attempt(step.slice(0, middle), signal, clock, sendings)), ...(await attempt(step.slice(middle), signal, clock, sendings))];
    }
    return step.map((change) => ({ change, is: 'failed', failure }));
  }
}

async function send(step: readonly Change[], signal: AbortSignal): Promise<readonly Result[]> {
  const [first] = step;
  if (!first) return [];
  if (!first.together) return [{ change: first, is: 'done', outcome: await first.perform(signal) }];
  const answers = await first.together.perform(step, signal);
  return step.map((change) => {
    const outcome = answers.get(change.object.id);
    return outcome === undefined ? { change, is: 'failed', failure: unnamed(change) } : { change, is: 'done', outcome };
  });
}

function unnamed({ action, object }: Change): Failure {
  return new Failure('rejected', 'action.unconfirmed', `Central took the request to ${action} several objects, and its answer does not name ${object.id}`, {
    advice: 'Look whether the object still exists, and try it alone.',
  });
}

async function afterLostAnswer(step: readonly Change[], failure: Failure, signal: AbortSignal, clock: Clock, sendings: number): Promise<readonly Result[]> {
  const results: Result[] = [];
  const unseen: Change[] = [];
  for (const change of step) {
    const effect = await look(change, signal);
    if (effect === 'seen') results.push({ change, is: 'done', outcome: lostButSeen });
    else if (effect === 'unknown') results.push({ change, is: 'unknown', failure });
    else if (sendings > 1) unseen.push(change);
    else results.push({ change, is: 'failed', failure });
  }
  if (unseen.length === 0) return results;
  try {
    await clock.sleep(againMs, signal);
  } catch (error) {
    if (!isAbort(error, signal)) throw error;
    return [...results, ...unseen.map((change) => ({ change, is: 'unknown', failure }) as const)];
  }
  return [...results, ...(await attempt(unseen, signal, clock, sendings - 1))];
}

/** Told instead of the answer that was lost. */
const lostButSeen: Json = { answerLost: true };

async function look(change: Change, signal: AbortSignal): Promise<Effect> {
  if (!change.look || signal.aborted) return 'unknown';
  try {
    return await change.look(signal);
  } catch (error) {
    if (error instanceof Failure || isAbort(error, signal)) return 'unknown';
    throw error;
  }
}

/** What our own abort broke off is lost as well. */
function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (isAbort(error, signal))
    return new Failure('transient', 'action.broken-off', 'the answer did not come within 25 s of the interruption', {
      advice: 'Look in Central whether it was done.',
    });
  if (error instanceof Failure) return error;
  throw error;
}

/** Might Central have made the change, although this is what came back? */
function mayBeMade({ kind, code }: Failure): boolean {
  return kind === 'transient' && !['central.throttled', 'central.redirected', 'http.refused', 'http.dns', 'http.proxy'].includes(code);
}

/** Might a single object be the cause? Not of a missing right. */
function isOfOne(failure: Failure): boolean {
  return failure instanceof CentralError && [400, 404, 409, 422].includes(failure.status);
}

/** Aborts some time after `signal` does, and not when all is over by then. */
function gracefully(signal: AbortSignal, over: AbortSignal, clock: Clock): AbortSignal {
  const grace = new AbortController();
  const begin = () => {
    clock.sleep(graceMs, over).then(
      () => grace.abort(signal.reason),
      (error: unknown) => {
        if (!isAbort(error, over)) throw error;
      },
    );
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true, signal: over });
  return grace.signal;
}
