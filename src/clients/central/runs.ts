/**
 * Searches that Central carries out on its own: started, waited for, listed.
 *
 *     for await (const detection of runDetections(central.forTenant(tenant), { severity: [7, 8, 9, 10] })) ...
 *
 * They are functions beside the client and no part of it: a function of a tenant's calls is one line in a form and one request, and these
 * are several requests with a clock between them.
 */
import { systemClock } from '../../core/clock.ts';
import { CentralError, Failure } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { Clock } from '../../core/world.ts';
import { quoted } from '../quoted.ts';
import type { CallOptions, ListOptions } from './bound.ts';
import type { TenantCalls } from './client.ts';
import type { List, Position } from './list.ts';
import type { PageOf } from './pages.ts';
import type { Detection, DetectionGroup, DetectionsQuery, DetectionsRun } from './shapes/detections.ts';
import type { LiveDiscoverQuery, LiveDiscoverRow, LiveDiscoverRun, XdrQuery, XdrRow, XdrRun } from './shapes/queries.ts';

export interface RunOptions extends ListOptions {
  /** The first pause between two questions, default 1 s; it doubles up to ten times as much. */
  readonly everyMs?: Millis | undefined;
  /** How long a run may take, default 30 min. Central goes on with it, and it can be waited for again by its id. */
  readonly withinMs?: Millis | undefined;
  /** Default: the machine's. */
  readonly clock?: Clock | undefined;
}

/** A run that was started before: nothing is started, only waited for. */
export interface StartedRun {
  readonly runId: string;
}

/** What of a run is looked at. */
interface RunState {
  readonly id: string;
  readonly status?: string | null;
  readonly result?: string | null;
  readonly expiresAt?: unknown;
}

/** The calls of one kind of run. */
interface RunCalls<Query, Run extends RunState, Row> {
  start(query: Query, options?: CallOptions): Promise<Run>;
  run(runId: string, options?: CallOptions): Promise<Run>;
  results(runId: string, options?: ListOptions): List<Row>;
}

const firstPauseMs: Millis = 1000;
const longestWaitMs: Millis = 30 * 60_000;

/** How one kind of run goes. */
interface RunLife<Row, Run> {
  start(): Promise<Run>;
  finish(run: Run): Promise<Run>;
  results(run: Run): List<Row>;
  /** An error as it is told of that run. */
  told(run: Run, error: unknown): unknown;
}

/**
 * One run: iterating it starts it, waits for its end, and gives its results. It is started once, however often it is iterated.
 *
 * Throws   as every call; rejected `central.run-failed` when it ended without success, `central.run-gone` when Central does not know it any
 *          more; transient `central.run-unfinished` when it takes too long: who iterates again waits again, for the same run.
 * Calls    one to start, one for each question how far it has come, one for each page. An abort ends the waiting, not the run.
 */
export class QueryRun<Row, Run> implements AsyncIterable<Row> {
  readonly #life: RunLife<Row, Run>;
  #started: Promise<Run> | null = null;
  #finished: Promise<Run> | null = null;

  constructor(life: RunLife<Row, Run>) {
    this.#life = life;
  }

  /** The run as it was answered when it was started; its id is what another program can wait for. */
  async started(): Promise<Run> {
    this.#started ??= this.#life.start();
    try {
      return await this.#started;
    } catch (error) {
      this.#started = null;
      throw error;
    }
  }

  /** The run, once it has ended with success. */
  async finished(): Promise<Run> {
    this.#finished ??= this.started().then((run) => this.#life.finish(run));
    try {
      return await this.#finished;
    } catch (error) {
      this.#finished = null;
      throw error;
    }
  }

  /** Page by page, each with the position that follows: it holds for the same run, while Central keeps its results. */
  async *pages(from: Position | null = null): AsyncGenerator<PageOf<Row, Position>> {
    const run = await this.finished();
    try {
      yield* this.#life.results(run).pages(from);
    } catch (error) {
      throw this.#life.told(run, error);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    for await (const { items } of this.pages()) yield* items;
  }

  /** Every row, in memory at once. */
  async all(): Promise<Row[]> {
    const all: Row[] = [];
    for await (const row of this) all.push(row);
    return all;
  }
}

/** Searches for detections (reference, 7.2). */
export function runDetections(
  { detections }: Pick<TenantCalls, 'detections'>,
  query: DetectionsQuery | StartedRun = {},
  options: RunOptions = {},
): QueryRun<Detection, DetectionsRun> {
  return queryRun(detections, 'search for detections', query, options);
}

/** Searches for detections, grouped by rule and sensor (reference, 7.2). */
export function runDetectionGroups(
  { detectionGroups }: Pick<TenantCalls, 'detectionGroups'>,
  query: DetectionsQuery | StartedRun = {},
  options: RunOptions = {},
): QueryRun<DetectionGroup, DetectionsRun> {
  return queryRun(detectionGroups, 'search for detection groups', query, options);
}

/** Runs a query on endpoints (reference, 7.4). */
export function runLiveDiscover(
  { liveDiscover }: Pick<TenantCalls, 'liveDiscover'>,
  query: LiveDiscoverQuery | StartedRun,
  options: RunOptions = {},
): QueryRun<LiveDiscoverRow, LiveDiscoverRun> {
  return queryRun(liveDiscover, 'Live Discover run', query, options);
}

/** Runs a query in the Data Lake (reference, 7.5). */
export function runXdr({ xdr }: Pick<TenantCalls, 'xdr'>, query: XdrQuery | StartedRun, options: RunOptions = {}): QueryRun<XdrRow, XdrRun> {
  return queryRun(xdr, 'XDR query run', query, options);
}

function queryRun<Query extends object, Run extends RunState, Row>(
  calls: RunCalls<Query, Run, Row>,
  what: string,
  query: Query | StartedRun,
  options: RunOptions,
): QueryRun<Row, Run> {
  const { signal, pageSize, pageTotal } = options;
  return new QueryRun<Row, Run>({
    start: async () => ('runId' in query ? await asked(calls, what, { id: query.runId }, signal) : whole(what, await calls.start(query, { signal }))),
    finish: (run) => ended(calls, what, run, options),
    results: ({ id }) => calls.results(id, { signal, pageSize, pageTotal }),
    told: (run, error) => toldOf(what, run, error),
  });
}

async function ended<Query, Run extends RunState, Row>(
  calls: RunCalls<Query, Run, Row>,
  what: string,
  started: Run,
  { signal, everyMs = 0, withinMs = longestWaitMs, clock = systemClock }: RunOptions,
): Promise<Run> {
  const begun = clock.monotonic();
  const firstMs = everyMs > 0 ? everyMs : firstPauseMs;
  const awake = signal ?? new AbortController().signal;
  let run = started;
  for (let pauseMs = firstMs; ; pauseMs = Math.min(2 * pauseMs, 10 * firstMs)) {
    const outcome = outcomeOf(run);
    if (outcome === 'succeeded') return run;
    if (outcome === 'failed') throw failed(what, run);
    const leftMs = begun + withinMs - clock.monotonic();
    if (!(leftMs > 0)) throw unfinished(what, run, withinMs);
    await clock.sleep(Math.min(pauseMs, leftMs), awake);
    run = await asked(calls, what, run, signal);
  }
}

/** How far it has come. Its id is the one that it was started with, whatever the answer says. */
async function asked<Query, Run extends RunState, Row>(
  calls: RunCalls<Query, Run, Row>,
  what: string,
  before: RunState,
  signal: AbortSignal | undefined,
): Promise<Run> {
  const { id } = before;
  try {
    return { ...whole(what, await calls.run(id, { signal }), id), id };
  } catch (error) {
    throw toldOf(what, before, error);
  }
}

/** An answer without an id cannot be asked for again. */
function whole<Run extends RunState>(what: string, run: Run, known?: string): Run {
  const id: unknown = known ?? (run as Partial<RunState> | null)?.id;
  if (typeof run === 'object' && run !== null && typeof id === 'string' && id !== '') return run;
  throw new Failure('transient', 'central.bad-body', `The ${what} was answered without the \`id\` of a run`, {
    advice: 'Look for a proxy or gateway in between that changes answers; without one, try again later.',
  });
}

/**
 * What a run has come to. Words that we do not know are no success: of a status they may lead to one, as a result they are final.
 */
function outcomeOf({ status, result }: RunState): 'waits' | 'succeeded' | 'failed' {
  const isBad = (word: unknown) => typeof word === 'string' && /^(?:failed|timedout|cancell?ed)$/i.test(word);
  if (isBad(status) || isBad(result)) return 'failed';
  if (status !== 'finished' || (result ?? 'notAvailable') === 'notAvailable') return 'waits';
  return result === 'succeeded' ? 'succeeded' : 'failed';
}

function failed(what: string, run: RunState): Failure {
  return new Failure('rejected', 'central.run-failed', `The ${what} ${shown(run.id)} came to its end without success: ${wordsOf(run)}`, {
    advice: 'Correct the query, or ask for less at once: a shorter time, fewer endpoints. What was found before it ended may be listed by the id of the run.',
  });
}

function unfinished(what: string, run: RunState, withinMs: Millis): Failure {
  const seconds = Math.round(withinMs / 1000);
  return new Failure('transient', 'central.run-unfinished', `The ${what} ${shown(run.id)} has not come to its end in ${seconds} s: ${wordsOf(run)}`, {
    advice: 'Wait longer, or ask for it again by its id: Central goes on with it.',
  });
}

/** A 404 for a run that was there is the end of its time. */
function toldOf(what: string, { id, expiresAt }: RunState, error: unknown): unknown {
  if (!(error instanceof CentralError) || error.status !== 404) return error;
  const until = typeof expiresAt === 'string' && expiresAt !== '' ? `; its time was told to end at ${shown(expiresAt)}` : '';
  return new Failure('rejected', 'central.run-gone', `The ${what} ${shown(id)} is not there any more${until}. ${error.message}`, {
    cause: error,
    advice: 'Start it again, and read the results soon: Central keeps them for about a day.',
  });
}

/** Central's words, and whatever it may say about the reason. */
function wordsOf(run: RunState): string {
  const all = Object.entries(run).filter(([name]) => ['status', 'result', 'error', 'errorCode', 'message', 'reason'].includes(name));
  const said = all.filter(([, value]) => typeof value === 'string' && value !== '').map(([name, value]) => `${name} ${shown(String(value))}`);
  return said.length === 0 ? 'Central says nothing about it' : `Central says ${said.join(', ')}`;
}

function shown(text: string): string {
  return quoted(text.slice(0, 300));
}
