/**
 * The engine: intake, delivery and housekeeping over one store, until stopped or, in one pass, until all is read and delivered.
 *
 * It knows interfaces only. Who opens streams, formats and sinks is cli/compose.ts.
 */

import { setMaxListeners } from 'node:events';
import { Failure } from '../core/failure.ts';
import type { LaneState, Store, Wish } from '../core/store.ts';
import type { Checkpoint, Json, Lane, Millis, Origin, Page, Route, Stream } from '../core/types.ts';
import type { World } from '../core/world.ts';
import type { Patience } from './backoff.ts';
import { type Delivery, openDelivery } from './delivery.ts';
import { type JournalLimits, openHousekeeping } from './housekeeping.ts';
import type { Feed, Source } from './source.ts';
import { openSupervisor, type Unserved } from './supervisor.ts';
import { openTrail } from './trail.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly world: World;
  readonly sources: readonly Source[];
  readonly routes: readonly Route[];
  /** The stream kinds that are read. */
  readonly kinds: ReadonlySet<string>;
  readonly limits: JournalLimits;
  readonly concurrency: number;
  readonly rediscoverMs: Millis;
  /** One pass with this patience; `null`: a service. */
  readonly patience: Patience | null;
  /** The checkpoint from which a stream of that kind reads again. */
  readonly restart: (kind: string, since: Millis) => Checkpoint;
}

export interface Outcome {
  readonly unserved: readonly Unserved[];
  readonly accepted: number;
  readonly repeated: number;
  readonly delivered: number;
  readonly refused: number;
}

/** After a stop: the longest that what is under way is waited for. */
const stopWithinMs: Millis = 25_000;

export async function runEngine(options: EngineOptions, stop: AbortSignal): Promise<Outcome> {
  const { store, routes, patience } = options;
  const { directory } = store;
  const { clock } = options.world;
  let accepted = 0;
  let repeated = 0;
  let delivered = 0;
  let refused = 0;
  let settledAt = Number.NEGATIVE_INFINITY;
  const trailNames = new Set(routes.filter(({ trails }) => trails).map(({ name }) => name));
  const world: World = {
    ...options.world,
    report(report) {
      if (report.name === 'parcel.settled') {
        settledAt = clock.monotonic();
        // What is done about a record is no delivery of it.
        if (!trailNames.has(String(report.route))) {
          delivered += Number(report.records);
          refused += Number(report.refused);
        }
      }
      options.world.report(report);
    },
  };

  const kill = new AbortController();
  const over = new AbortController();
  const enough = new AbortController();
  const reading = AbortSignal.any([stop, enough.signal, over.signal]);
  // Every turn, parcel and sleep listens to them: that is no leak.
  setMaxListeners(0, stop, kill.signal, over.signal, reading);
  const newest = new Map<string, number>();
  const opened = new Set<string>();
  const trail = openTrail(trailNames);
  const trailing = trailNames.size > 0 ? { ...store, journal: { ...store.journal, settle } } : store;
  const deliveries = new Map<string, Delivery>(
    routes.map((route) => [route.name, openDelivery(route, { store: trailing, world, patience, ...(route.trails ? { limitOf: trail.limitOf } : {}) })]),
  );
  const trailers = [...deliveries.values()].filter(({ route }) => route.trails);
  const byKind = new Map<string, Delivery[]>();
  for (const delivery of deliveries.values()) {
    for (const kind of delivery.route.streams) byKind.set(kind, [...(byKind.get(kind) ?? []), delivery]);
  }

  /** What others have settled, those that trail may follow. */
  async function settle(...[spans, receipt, at]: Parameters<Store['journal']['settle']>): Promise<void> {
    await store.journal.settle(spans, receipt, at);
    for (const stream of trail.settled(spans)) follow(stream, null, newest.get(stream) ?? 0);
  }

  function follow(stream: string, origin: Origin | null, upTo: number): void {
    if (trailers.length === 0) return;
    const limit = Math.min(upTo, trail.limitOf(stream));
    for (const { route, grew } of trailers) if (opened.has(laneName({ route: route.name, stream }))) grew(stream, origin, limit);
  }

  const laneName = ({ route, stream }: Lane) => `${route}\n${stream}`;

  function learn(states: readonly LaneState[]): void {
    if (trailers.length > 0) trail.learn(states);
    for (const state of states) {
      if (state.retiredAt === null) opened.add(laneName(state));
      newest.set(state.stream, Math.max(newest.get(state.stream) ?? 0, state.upTo));
    }
  }

  await skipRetired(trailNames, store, clock.now());
  const known = await directory.streams();
  for (const { id, upTo } of known) newest.set(id, upTo);
  // What waits of a kind that is read no more still goes where it was meant to; one that is read, but not for this route, would grow for ever.
  const idle = known.map(({ stream }) => stream).filter((kind) => !options.kinds.has(kind));
  await directory.retireLanes(new Map(routes.map(({ name, streams }) => [name, new Set([...streams, ...idle])])), clock.now());
  learn(await directory.lanes());

  async function onFeeds(feeds: readonly Feed[]): Promise<void> {
    const lanes: { lane: Lane; origin: Origin; start: 'now' | 'oldest' }[] = [];
    for (const { stream } of feeds) {
      for (const { route } of byKind.get(stream.stream) ?? []) {
        const lane = { route: route.name, stream: stream.id };
        if (opened.has(laneName(lane))) continue;
        lanes.push({ lane, origin: { stream: stream.stream, tenant: stream.tenant }, start: route.start });
      }
    }
    if (lanes.length === 0) return;
    await directory.openLanes(lanes);
    // Only now: what could not be opened must be tried again.
    for (const { lane } of lanes) opened.add(laneName(lane));
    if (trailers.length > 0) trail.learn(await directory.lanes());
    // Where they begin, only the journal knows; and those that begin at what is kept have something to read at once.
    for (const route of new Set(lanes.map(({ lane }) => lane.route))) deliveries.get(route)?.reload();
  }

  function onPage(stream: Stream, page: Page, more: number, known: number, journalBytes: number): void {
    accepted += more;
    repeated += known;
    const upTo = (newest.get(stream.id) ?? 0) + more;
    newest.set(stream.id, upTo);
    world.report({
      name: 'page.appended',
      id: stream.id,
      stream: stream.stream,
      tenant: stream.tenant.name,
      accepted: more,
      repeated: known,
      odd: page.odd ?? 0,
      more: page.more,
    });
    if (page.gap) {
      const { since, until, reason } = page.gap;
      world.report({ name: 'gap.found', id: stream.id, stream: stream.stream, tenant: stream.tenant.name, since, until, reason });
    }
    housekeeping.holds(journalBytes);
    if (more === 0) return;
    const origin = { stream: stream.stream, tenant: stream.tenant };
    for (const delivery of byKind.get(stream.stream) ?? []) if (!delivery.route.trails) delivery.grew(stream.id, origin, upTo);
    follow(stream.id, origin, upTo);
  }

  async function grant(wish: Wish): Promise<Json> {
    world.report({ name: 'wish.taken', kind: wish.kind });
    const answer = await grantWish(wish, store, options.restart, clock.now());
    for (const delivery of deliveries.values()) delivery.reload();
    learn(await directory.lanes());
    return answer;
  }

  const supervisor = openSupervisor({
    store,
    world,
    sources: options.sources,
    patience,
    concurrency: options.concurrency,
    rediscoverMs: options.rediscoverMs,
    isFull: () => housekeeping.isFull(),
    onFeeds,
    onPage,
  });
  const housekeeping = openHousekeeping({ store, world, limits: options.limits, grant });

  const unserved: Unserved[] = [];
  const keeping = housekeeping.run(over.signal);
  const watching = patience ? watchRoom(patience) : Promise.resolve();
  const intake = supervisor.run(reading);
  let delivering = deliveries.size;
  const outlets = new Map([...deliveries.values()].map((delivery) => [delivery, outlet(delivery)]));

  async function outlet(delivery: Delivery): Promise<void> {
    const error = await delivery.run(stop, kill.signal);
    if (error !== null)
      unserved.push({ kind: 'route', name: delivery.route.name, reason: error instanceof Error ? error.message : String(error), failure: error });
    delivering--;
  }

  /** One pass: with a full journal that nobody empties, reading would wait for ever. */
  async function watchRoom({ ms }: Patience): Promise<void> {
    let fullAt: Millis | null = null;
    while (!over.signal.aborted) {
      await clock.sleep(1_000, over.signal).catch(() => undefined);
      const now = clock.monotonic();
      fullAt = housekeeping.isFull() ? (fullAt ?? now) : null;
      if (fullAt === null || (delivering > 0 && now - Math.max(fullAt, settledAt) < ms)) continue;
      const failure = new Failure('transient', 'engine.journal-full', 'the journal is full, and nothing empties it', {
        advice: 'Mend the sink that takes nothing, or raise `journal.maxSize`; with a full disk, free some space.',
      });
      unserved.push({ kind: 'stream', name: 'of any tenant that is not read to its end', reason: failure.message, failure });
      return enough.abort(failure);
    }
  }

  const onStop = () => {
    void clock.sleep(stopWithinMs, over.signal).then(
      () => kill.abort(stop.reason),
      () => undefined,
    );
  };
  if (stop.aborted) onStop();
  else stop.addEventListener('abort', onStop, { once: true });

  try {
    // A bug in any of them ends all: the journal is safe, and a supervisor outside starts the program again.
    const housekeepingFails = keeping.then(() => new Promise<never>(() => undefined));
    await Promise.race([Promise.all([intake, ...(patience ? [] : outlets.values())]), housekeepingFails]);
    // Those that trail end last: until then there may be more to follow.
    for (const trails of [false, true]) {
      const some = [...deliveries.values()].filter(({ route }) => (route.trails ?? false) === trails);
      for (const delivery of some) {
        if (trails) delivery.reload();
        delivery.finish();
      }
      await Promise.race([Promise.all(some.map((delivery) => outlets.get(delivery))), housekeepingFails]);
    }
  } finally {
    stop.removeEventListener('abort', onStop);
    over.abort(new Failure('transient', 'engine.over', 'the engine has ended'));
    await Promise.allSettled([keeping, watching, intake]);
  }
  return { unserved: [...supervisor.unserved, ...unserved], accepted, repeated, delivered, refused };
}

/** A route that trails does not go on where it was taken away: what was read while it was gone is none of its business. */
async function skipRetired(trailing: ReadonlySet<string>, { directory, journal }: Store, at: Millis): Promise<void> {
  for (const route of trailing) {
    const left = (await directory.lanes(route)).filter(({ retiredAt, offset, upTo }) => retiredAt !== null && offset < upTo);
    const spans = left.map(({ stream, offset, upTo }) => ({ lane: { route, stream }, after: offset, upTo, filtered: upTo - offset }));
    if (spans.length > 0) await journal.settle(spans, { refused: [] }, at);
  }
}

/** Does what a wish asks; commands without a running owner call it themselves. */
export async function grantWish(wish: Pick<Wish, 'kind' | 'body'>, store: Store, restart: EngineOptions['restart'], at: Millis): Promise<Json> {
  const body = wish.body as { readonly ids?: readonly number[]; readonly streams?: readonly string[]; readonly since?: Millis | null };
  switch (wish.kind) {
    case 'dead-letter.retry':
      return { retried: await store.deadLetters.retry(body.ids ?? [], at) };
    case 'dead-letter.drop':
      return { dropped: await store.deadLetters.drop(body.ids ?? []) };
    case 'reset': {
      const known = new Map((await store.directory.streams()).map((state) => [state.id, state]));
      let forgotten = 0;
      let streams = 0;
      for (const id of body.streams ?? []) {
        const state = known.get(id);
        if (!state) continue;
        const since = body.since ?? null;
        forgotten += await store.reset(id, since === null ? null : restart(state.stream, since), since ?? 0);
        streams++;
      }
      return { streams, forgotten };
    }
  }
}
