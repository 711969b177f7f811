/**
 * Detections: Central searches on its own, and keeps what it found for a day.
 *
 *     start ---> pending? sleep, ask again ---> finished: page 1, 2, 3 ...
 *
 * The run is the position, the window is carried on: so a run that expired or vanished is started again for the same time, under the same
 * snapshot.
 */
import type { SophosCentral, TenantCalls } from '../clients/central/client.ts';
import type { DetectionsRun } from '../clients/central/shapes/detections.ts';
import { emptyPack } from '../core/pack.ts';
import { integer, object } from '../core/schema.ts';
import type { Json, Millis } from '../core/types.ts';
import type { Clock } from '../core/world.ts';
import { instantOf, isFields, textOrNull } from './fields.ts';
import { defineStream } from './kind.ts';
import { restartSnapshot, type Source, type SourcePage } from './snapshot.ts';
import { choicesOf, openSnapshots, pageSizeOf, snapshotBasis } from './snapshot-kind.ts';
import { readPosition } from './steps.ts';

const most = 100;
const dayMs: Millis = 86_400_000;
/** Central searches no further back. */
const longestMs: Millis = 30 * dayMs;
/** Between two questions: from one second, doubling, to ten. */
const shortestPauseMs: Millis = 1000;
const longestPauseMs: Millis = 10_000;
/** So long one fetch waits for a run; then others have their turn. */
const patienceMs: Millis = 20_000;
/** So long a run is waited for at all. */
const hopelessMs: Millis = 1_800_000;

const traits = {
  name: 'detections',
  summary: 'What sensors saw in the last days, ten levels of severity (XDR)',
  datastream: 'detection',
  everyMs: 3_600_000,
  isWindow: true,
};

export const detections = defineStream({
  ...snapshotBasis(traits),
  pastMs: longestMs,
  pageSize: { min: 1, max: most, option: 'pageSize' },
  options: object({
    ...choicesOf(traits),
    days: integer({ min: 1, max: 30 }).default(1).describe('The window: how many days back is searched'),
    pageSize: pageSizeOf(most),
  }),
  open(options, tenant, client, world, everyMs) {
    const source = runOf(client, client.forTenant(tenant), options.days * dayMs, options.pageSize, world.clock);
    return openSnapshots(traits, source, options, tenant, client, world, everyMs);
  },
  restart: (since) => restartSnapshot({ from: since }),
});

/** Of a run, where its results go on; `null`: it has not finished. */
interface At {
  readonly run: string;
  readonly startedAt: Millis;
  readonly page: Json;
}

function runOf(client: SophosCentral, calls: TenantCalls, windowMs: Millis, pageSize: number | undefined, clock: Clock): Source {
  async function start(window: Json, signal: AbortSignal): Promise<SourcePage> {
    const { from, to } = windowIn(window, client.now(), windowMs);
    const askedAt = client.now();
    const run = await calls.detections.start({ from: new Date(from).toISOString(), to: new Date(to).toISOString() }, { signal });
    if (textOrNull(run.id) === null)
      return { items: emptyPack, odd: 0, askedAt, carried: { from, to }, next: null, brokenOff: 'Central started a search for detections and gave it no id' };
    return await answer({ run: run.id, startedAt: askedAt, page: null }, run, askedAt, { from, to }, signal);
  }

  async function answer(at: At, run: DetectionsRun, askedAt: Millis, window: Json, signal: AbortSignal): Promise<SourcePage> {
    const nothing = { items: emptyPack, odd: 0, askedAt, carried: window };
    if (isWaiting(run)) {
      if (askedAt - at.startedAt < hopelessMs) return { ...nothing, next: { ...at } };
      return { ...nothing, next: null, brokenOff: 'the search for detections did not finish within half an hour' };
    }
    if (run.result !== 'succeeded') return { ...nothing, next: null, brokenOff: `the search for detections ended as \`${run.result ?? run.status}\`` };
    return await results(at, window, signal);
  }

  async function results(at: At, window: Json, signal: AbortSignal): Promise<SourcePage> {
    const { items, odd, askedAt, next } = await calls.detections.results(at.run, { signal, pageSize }).page(readPosition(at.page));
    return { items, odd, askedAt, carried: window, next: next && { ...at, page: { ...next } } };
  }

  async function wait(at: At, window: Json, signal: AbortSignal): Promise<SourcePage> {
    const began = clock.monotonic();
    for (let pauseMs = shortestPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      await clock.sleep(pauseMs, signal);
      const askedAt = client.now();
      const run = await calls.detections.run(at.run, { signal });
      if (!isWaiting(run) || clock.monotonic() - began >= patienceMs) return await answer(at, run, askedAt, window, signal);
    }
  }

  return {
    async page(position, carried, signal) {
      const at = placeIn(position);
      if (!at) return await start(carried, signal);
      return at.page === null ? await wait(at, carried, signal) : await results(at, carried, signal);
    },
  };
}

function isWaiting({ status, result }: DetectionsRun): boolean {
  return status !== 'finished' && status !== 'canceled' && (result === undefined || result === null || result === 'notAvailable');
}

function placeIn(position: Json): At | null {
  if (!isFields(position)) return null;
  const [run, startedAt] = [textOrNull(position.run), instantOf(position.startedAt)];
  return run === null || startedAt === null ? null : { run, startedAt, page: position.page ?? null };
}

/** The window of this snapshot: chosen once. */
function windowIn(carried: Json, now: Millis, windowMs: Millis): { readonly from: Millis; readonly to: Millis } {
  const fields = isFields(carried) ? carried : {};
  const to = Math.min(instantOf(fields.to) ?? now, now);
  const from = instantOf(fields.from) ?? to - windowMs;
  return { from: Math.min(Math.max(from, now - longestMs + 60_000), to), to };
}
