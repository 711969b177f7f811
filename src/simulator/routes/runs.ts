import type { Item } from '../collection.ts';
import type { Reply } from '../reply.ts';
import { iso } from './family.ts';
import { collectionOf, freshIdIn } from './held.ts';
import { type Asked, Refused } from './route.ts';

/** Which API's runs; the kinds do not see each other's. */
export type RunKind = 'detections' | 'detection-groups' | 'live-discover' | 'xdr-query';

/** One query under way, as it is kept. */
export type Run = {
  readonly id: string;
  readonly createdMs: number;
  readonly startMs: number;
  readonly doneMs: number;
  readonly outcome: string;
  /** What was asked, as it is shown. */
  readonly facts: Item;
  readonly rows: readonly Item[];
};

export const RUN_LIFE_MS = 86_400_000;
/** When a run starts and when it is finished, after it was asked for. */
const PACES = { slow: [1000, 3000], quick: [100, 300], 'at-once': [0, 0] } as const;

export function startRun(asked: Asked, kind: RunKind, facts: Item, rows: readonly Item[]): Run {
  const { runs, runResult } = asked.sim.settings;
  const [start, done] = PACES[runs];
  const collection = collectionOf(asked, `${kind} runs`, () => []);
  const times = { createdMs: asked.now, startMs: asked.now + start, doneMs: asked.now + done };
  const run: Run = { id: freshIdIn(asked, `${kind} runs`, collection), ...times, outcome: runResult, facts, rows };
  collection.put(run);
  // What has expired need not be kept.
  for (const old of collection.list())
    if (isRun(old) && old.rows.length > 0 && asked.now >= old.createdMs + RUN_LIFE_MS) collection.put({ ...old, facts: {}, rows: [] });
  return run;
}

/** Every run that has not expired, the oldest first. */
export function runsIn(asked: Asked, kind: RunKind): readonly Run[] {
  const all = collectionOf(asked, `${kind} runs`, () => []).list();
  return all.filter((item): item is Run => isRun(item) && asked.now < item.createdMs + RUN_LIFE_MS);
}

/** The run that the path names; 404 when there is none or its day is over. */
export function runIn(asked: Asked, kind: RunKind): Run {
  const run = runsIn(asked, kind).find(({ id }) => id === asked.ids.runId?.toLowerCase());
  if (run === undefined) throw new Refused(404);
  return run;
}

/** Ends it now, unless it has ended. */
export function cancelRun(asked: Asked, kind: RunKind): void {
  const run = runIn(asked, kind);
  if (asked.now >= run.doneMs) return;
  const ended = { ...run, startMs: Math.min(run.startMs, asked.now), doneMs: asked.now, outcome: 'canceled' };
  collectionOf(asked, `${kind} runs`, () => []).put(ended);
}

export interface RunState {
  readonly status: 'pending' | 'started' | 'finished' | 'canceled';
  readonly result: string;
  readonly finishedAt?: string;
}

/** How far it has come. */
export function stateOf({ now }: Asked, run: Run): RunState {
  if (now < run.startMs) return { status: 'pending', result: 'notAvailable' };
  if (now < run.doneMs) return { status: 'started', result: 'notAvailable' };
  return { status: run.outcome === 'canceled' ? 'canceled' : 'finished', result: run.outcome, finishedAt: iso(run.doneMs) };
}

/** Its results through `page`; before the end, and of a run that came to nothing, as the setting says. */
export function resultsOf(asked: Asked, run: Run, page: (rows: readonly Item[]) => Reply): Reply {
  const { status, result } = stateOf(asked, run);
  if (status !== 'finished' && status !== 'canceled') {
    const { earlyResults } = asked.sim.settings;
    if (earlyResults !== 'empty') throw new Refused(earlyResults, 'The run has not finished.');
  }
  return page(result === 'succeeded' ? run.rows : []);
}

function isRun(item: Item): item is Run {
  return typeof item.doneMs === 'number' && typeof item.createdMs === 'number' && Array.isArray(item.rows);
}
