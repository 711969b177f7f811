/**
 * Automatic actions: a rule of the configuration at work, as a route whose far end is Central itself.
 *
 * The route trails: it gets an alert only once every route that wants it has it, and its offset is as durable as any other. On top of that
 * it acts only when it is safe to:
 *
 *     alert ----> raised within a day of its reading? ----> new to this rule? ----> refused by no sink? ----> allowed? ----> room this hour? ----> act
 *                 a change, a backfill: no                  (marks, 25 h)           (dead letters)                        |
 *                                                                                              the lane waits <--- no ----+
 *
 * What is older than a day when it is read is history: a first start, or a `reset`, must not act on it. What comes again within that time is known
 * by its key. Every action stands in the action log before it is sent.
 */
import type { Alert, AlertAction } from '../../clients/central/shapes/alerts.ts';
import type { ActionPlan } from '../../config/plan.ts';
import { Failure } from '../../core/failure.ts';
import type { Store } from '../../core/store.ts';
import type { Format, Json, Marks, Millis, Origin, Parcel, Receipt, Route, Section, Sink, StreamRecord } from '../../core/types.ts';
import type { World } from '../../core/world.ts';
import type { KnownTargets } from '../known-targets.ts';
import { plural } from '../output/progress.ts';
import type { Target } from '../target.ts';
import { alertChange } from './alerts.ts';
import type { Change, Result } from './change.ts';
import { type ActionLog, actionLogPath, openActionLog, readActionLog } from './log.ts';
import type { ActionLine } from './log-line.ts';
import { performChanges } from './performing.ts';
import { ruleName } from './rule-name.ts';

export interface RuleOptions {
  readonly rule: ActionPlan;
  readonly statePath: string;
  readonly store: Pick<Store, 'deadLetters'>;
  readonly world: World;
  readonly known: KnownTargets;
}

const hour: Millis = 3_600_000;
const historyMs: Millis = 24 * hour;
/** An hour more, for clocks that differ. */
const rememberedMs: Millis = 25 * hour;
const limits = { records: 20, bytes: 1 << 20 };
/** So long, and so often, an action that fails is tried again. */
const patience = { tries: 10, ms: 900_000 };
/** It is sent nowhere. */
const nothing: Format = { json: false, encode: () => undefined };

/** Opens a rule. Throws config `action-log.unwritable` when there is nowhere to say what it does. */
export async function openRule(options: RuleOptions): Promise<Route> {
  const { rule, statePath, world } = options;
  const name = ruleName(rule);
  const log = await openActionLog(statePath, name, world.clock);
  try {
    const since = (ms: Millis) => world.clock.now() - ms;
    const { lines } = await readActionLog(actionLogPath(statePath), (line) => line.command === name && Date.parse(line.at) > since(rememberedMs));
    const past: Past = {
      // What was written by a clock that was hours ahead says nothing of the last hour.
      begun: lines.flatMap(({ state, at }) => (state === 'begun' && Math.abs(Date.parse(at) - world.clock.now()) < hour ? [Date.parse(at)] : [])),
      done: new Set(lines.filter((line) => isOver(line, rule)).map(({ tenant, object }) => nameOf(tenant.id, object.id))),
    };
    return {
      name,
      sinkName: name,
      streams: new Set([rule.from]),
      format: nothing,
      start: 'now',
      trails: true,
      where: (record, origin) => isFresh(record) && (rule.where?.test(record, origin) ?? true),
      sink: sinkOf(options, log, past),
    };
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** What the action log knows of earlier runs: a parcel that ended before its end is delivered again. */
interface Past {
  /** When actions began, of the last hour. */
  readonly begun: Millis[];
  readonly done: ReadonlySet<string>;
}

/** Was it done, or may it have been done and cannot be done twice? */
function isOver({ state, outcome }: ActionLine, rule: ActionPlan): boolean {
  return state === 'done' || (state === 'failed' && outcome === 'unknown' && rule.do !== 'acknowledge');
}

function nameOf(of: string, id: string): string {
  return `${of} ${id}`;
}

function isFresh({ time, fetchedAt, meta }: StreamRecord): boolean {
  const isTold = typeof meta === 'object' && meta !== null && ('change' in meta || 'backfill' in meta);
  return !isTold && fetchedAt - time <= historyMs;
}

/** Keys that a rule has judged, by stream, with the time of their records. */
type Judged = Map<string, Map<string, Millis>>;

function sinkOf({ rule, store, world, known }: RuleOptions, log: ActionLog, { begun: began, done }: Past): Sink {
  const { clock } = world;
  const judged: Judged = new Map();
  /** An alert that is closed twice is closed once; of everything else the second time is another. */
  const canRepeat = rule.do === 'acknowledge';
  const trials = new Map<string, { tries: number; readonly since: Millis }>();
  const keysOf = (stream: string) => {
    const keys = judged.get(stream) ?? new Map<string, Millis>();
    judged.set(stream, keys);
    return keys;
  };

  /** How many may begin now. */
  function room(): number {
    const now = clock.now();
    // What lies ahead was written before the clock was put back: it must not hold up for longer than an hour.
    for (let i = 0; i < began.length; i++) began[i] = Math.min(began[i] as Millis, now);
    while (began.length > 0 && (began[0] as Millis) <= now - hour) began.shift();
    return rule.maxPerHour - began.length;
  }

  function told(result: Result): void {
    const { change, is } = result;
    const { action, object, target } = change;
    const failure = 'failure' in result ? result.failure : null;
    world.report({
      name: is === 'done' ? 'action.done' : 'action.failed',
      rule: rule.name,
      action,
      alert: object.id,
      tenant: target.tenant.name,
      code: failure?.code,
      reason: is === 'unknown' ? `its answer was lost (${failure?.message})` : failure?.message,
    });
  }

  async function act(section: Section, refused: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const keys = keysOf(section.lane.stream);
    for (const [record, change] of changesOf(section, refused, keys)) {
      if (!change) {
        keys.set(record.key, record.time);
        continue;
      }
      if (room() <= 0) throw capped(rule, (began[0] ?? clock.now()) + hour - clock.now());
      began.push(clock.now());
      const { results, stopped } = await performChanges([change], { log, clock, concurrency: 1, signal });
      signal.throwIfAborted();
      for (const result of results) {
        // Nothing was sent: it takes no room.
        if (result.is === 'not begun') began.pop();
        else settle(record, result, keys);
      }
      // Only now: what has been done stays done, also when its end could not be written down.
      if (stopped) throw stopped;
    }
  }

  /** It is judged now; throws when it has to be tried again. */
  function settle(record: StreamRecord, result: Result, keys: Map<string, Millis>): void {
    const failure = 'failure' in result ? result.failure : null;
    // What may pass is tried again by the lane; what was refused is not, nor what may have been done and cannot be done twice.
    const isOpen = result.is === 'failed' ? failure?.kind !== 'rejected' : result.is === 'unknown' && canRepeat;
    if (isOpen && failure && !isGivenUp(record, failure)) throw failure;
    told(result);
    keys.set(record.key, record.time);
    trials.delete(record.key);
  }

  /** One tenant's trouble must not hold up the others for ever. */
  function isGivenUp({ key }: StreamRecord, failure: Failure): boolean {
    if (failure.kind !== 'transient') return false;
    const trial = trials.get(key) ?? { tries: 0, since: clock.monotonic() };
    trial.tries++;
    trials.set(key, trial);
    return trial.tries >= patience.tries && clock.monotonic() - trial.since >= patience.ms;
  }

  /** What there is to do in a section; `null` for what is left alone. */
  function changesOf(
    { lane, origin, records }: Section,
    refused: ReadonlySet<string>,
    keys: ReadonlyMap<string, Millis>,
  ): ReadonlyMap<StreamRecord, Change | null> {
    const fresh = records.filter(({ key }) => !keys.has(key));
    if (fresh.length === 0) return new Map();
    const target = known.find(origin.tenant.id);
    if (target === 'not yet') throw notMet(origin);
    if (target === 'gone') {
      for (const { key } of fresh) leftOut(key, origin.tenant.name, 'its tenant is not read any more');
      return new Map(fresh.map((record) => [record, null]));
    }
    return new Map(fresh.map((record) => [record, changeFor(record, target, refused.has(nameOf(lane.stream, String(record.seq))))]));
  }

  function changeFor(record: StreamRecord, target: Target, isRefused: boolean): Change | null {
    const alert = alertOf(record);
    const allowed = alert?.allowedActions ?? [];
    const reason = !alert
      ? 'it is no alert with an id'
      : isRefused
        ? 'a sink refused it'
        : allowed.includes(rule.do)
          ? null
          : `it allows ${allowed.length === 0 ? 'nothing' : allowed.join(', ')}`;
    if (alert && done.has(nameOf(target.tenant.id, alert.id))) return null;
    if (reason === null && alert) return alertChange(target, alert, { action: rule.do as AlertAction, message: rule.message });
    leftOut(record.key, target.tenant.name, reason ?? '');
    return null;
  }

  function leftOut(alert: string, tenant: string, reason: string): void {
    world.report({ name: 'action.left-out', rule: rule.name, action: rule.do, alert, tenant, reason });
  }

  /** Records that some sink refused, by stream and number: one reading for a whole parcel. */
  async function refusedAnywhere(): Promise<ReadonlySet<string>> {
    if ((await store.deadLetters.count()) === 0) return new Set();
    return new Set((await store.deadLetters.list({})).map(({ lane, seq }) => nameOf(lane.stream, String(seq))));
  }

  return {
    limits,
    check: async () => `rule ${rule.name}: would ${rule.do} alerts in Sophos Central, at most ${rule.maxPerHour} in an hour`,
    async resume(marks) {
      judged.clear();
      for (const [stream, mark] of marks) judged.set(stream, readMark(mark));
    },
    async deliver({ sections }: Parcel, signal): Promise<Receipt> {
      const marks = new Map<string, Json>();
      const refused = await refusedAnywhere();
      for (const section of sections) {
        await act(section, refused, signal);
        const keys = keysOf(section.lane.stream);
        for (const [key, time] of keys) if (time < clock.now() - rememberedMs) keys.delete(key);
        marks.set(section.lane.stream, Object.fromEntries(keys));
      }
      return { refused: [], marks: marks as Marks };
    },
    close: () => log.close(),
  };
}

function readMark(mark: Json): Map<string, Millis> {
  if (typeof mark !== 'object' || mark === null || Array.isArray(mark)) return new Map();
  return new Map(Object.entries(mark).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}

function alertOf({ json }: StreamRecord): Alert | null {
  try {
    const item: unknown = JSON.parse(json);
    return typeof item === 'object' && item !== null && 'id' in item && typeof item.id === 'string' && item.id !== '' ? (item as Alert) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function capped({ name, maxPerHour }: ActionPlan, waitMs: Millis): Failure {
  // Not `transient`: one pass must not wait for an hour, and a service asks again when the hour is over.
  return new Failure('config', 'action.capped', `the rule ${name} has acted ${plural(maxPerHour, 'time')} within an hour, and waits`, {
    retryAfterMs: Math.max(1_000, waitMs),
    advice: 'Look why there are so many; raise `maxPerHour` if that is as it should be.',
  });
}

function notMet({ tenant }: Origin): Failure {
  return new Failure(
    'transient',
    'action.no-tenant',
    `tenant ${tenant.name} (${tenant.id}) has not been listed by its account in this run, so nothing can be done there yet`,
    {
      advice: 'Wait until its account can be read; if the tenant is gone, its alerts are gone too.',
    },
  );
}
