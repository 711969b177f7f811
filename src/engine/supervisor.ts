/**
 * The supervisor of intake: gives each stream its turn, starts it again after a failure, keeps its health.
 *
 *            discover (each hour)                take pages                  caught up
 *   account ----------------------> stream: due ------------> reading ------------------> due again, by cadence
 *                                     ^   ^                      |
 *                                     |   +--- back-off ---------+  transient
 *                                     +------- slow pace --------+  auth, config, forbidden (the tenant is set aside)
 *
 * One bad tenant hurts nobody else: a turn is one stream's, and turns are given in the order in which they fell due.
 */
import { CentralError, Failure } from '../core/failure.ts';
import type { Store } from '../core/store.ts';
import type { Millis, Page, Stream } from '../core/types.ts';
import type { World } from '../core/world.ts';
import { type Asides, openAsides } from './asides.ts';
import { isExhausted, openBackoff, type Patience } from './backoff.ts';
import { type Cadence, cadenceOf, pauseOf, type Rhythm } from './cadence.ts';
import { takePages } from './intake.ts';
import type { Discovery, Feed, Source } from './source.ts';
import { openTurns } from './turns.ts';

/** What could not be served, for the exit code and the closing words. */
export interface Unserved {
  readonly kind: 'account' | 'tenant' | 'stream' | 'route';
  readonly name: string;
  readonly reason: string;
  readonly failure?: unknown;
}

export interface SupervisorOptions {
  readonly store: Store;
  readonly world: World;
  readonly sources: readonly Source[];
  /** One pass: each stream until it is caught up, with this patience. `null`: a service. */
  readonly patience: Patience | null;
  readonly concurrency: number;
  readonly rediscoverMs: Millis;
  /** The journal is full: nothing may be read. */
  readonly isFull: () => boolean;
  /** Before its first turn, so that its lanes are there before its records. */
  readonly onFeeds: (feeds: readonly Feed[]) => Promise<void>;
  readonly onPage: (stream: Stream, page: Page, accepted: number, repeated: number, journalBytes: number) => void;
}

export interface Supervisor {
  /** Runs until aborted or, in one pass, until every stream is caught up, set aside or given up. */
  run(signal: AbortSignal): Promise<void>;
  readonly unserved: readonly Unserved[];
}

/** Pages in one turn: long enough to be fast, short enough that thousands of others are not kept waiting. */
const pagesPerTurn = 16;
/** A forbidden tenant is asked again at this pace: the customer may switch the access on at any time. */
const asideMs: Millis = 3_600_000;

interface StreamTask extends Rhythm {
  busyAt: Millis;
  gone: boolean;
  /** The tenant was listed again, perhaps under another name or at another place. */
  renew(feed: Feed): void;
}

export function openSupervisor(options: SupervisorOptions): Supervisor {
  const { store, world, sources, patience, onPage } = options;
  const { clock } = world;
  const { journal, directory } = store;
  const unserved = new Map<string, Unserved>();
  const turns = openTurns(clock, options.concurrency, options.isFull);
  const intake = { journal, clock, onPage };
  // What an earlier run left behind; the first success takes it away.
  const ill = new Set<string>();
  const asides = openAsides();

  async function recall(): Promise<void> {
    for (const [subject, { failure }] of await directory.healths()) if (failure !== null) ill.add(subject);
    for (const { id, asideReason } of await directory.tenants()) if (asideReason !== null) asides.mark(id);
  }

  const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

  async function note(subject: string, failure: string | null, pauseMs: Millis | null): Promise<void> {
    try {
      await directory.note(subject, { at: clock.now(), failure, nextAt: pauseMs === null ? null : clock.now() + pauseMs });
    } catch (error) {
      world.report({ name: 'health.unkept', subject, reason: reasonOf(error) });
    }
  }

  /** A journal that cannot be written for now must not end the loop of which this is only the health. */
  async function setAside(tenant: string, reason: string, until: Millis): Promise<void> {
    try {
      await directory.setAside(tenant, reason, until);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      world.report({ name: 'health.unkept', subject: tenant, reason: error.message });
    }
  }

  /** A refusal is the tenant's while nothing of it can be read: that may turn out later, so it is asked when the word is read. */
  function unservedStream({ stream, tenant }: Stream, reason: string, failure: unknown): Unserved {
    const isTenant = () => failure instanceof Failure && failure.kind === 'rejected' && !asides.isReadable(tenant.id);
    const whole = `${tenant.name} (${tenant.id})`;
    return {
      get kind() {
        return isTenant() ? 'tenant' : 'stream';
      },
      get name() {
        return isTenant() ? whole : `${stream} of ${whole}`;
      },
      reason,
      failure,
    };
  }

  function addStream(feed: Feed, account: Source, tasks: Map<string, StreamTask>, cadence: () => Cadence): StreamTask {
    let { stream } = feed;
    const backoff = openBackoff(world.random);
    const task: StreamTask = {
      everyMs: feed.everyMs,
      busyAt: clock.monotonic(),
      gone: false,
      renew(again) {
        stream = again.stream;
      },
    };
    let unwell = ill.has(stream.id);

    async function well(): Promise<void> {
      backoff.succeeded();
      unserved.delete(stream.id);
      if (unwell) await note(stream.id, null, null);
      if (asides.read(stream.tenant, stream.id)) await directory.setAside(stream.tenant.id, null, null);
      if (unwell) world.report({ name: 'stream.recovered', id: stream.id, stream: stream.stream, tenant: stream.tenant.name });
      unwell = false;
    }

    /** Nothing failed, and yet the end was not reached: it is tried again at the next turn, and one pass does not call it done. */
    async function brokenOff(reason: string): Promise<void> {
      backoff.succeeded();
      unwell = true;
      await note(stream.id, reason, null);
      unserved.set(stream.id, { kind: 'stream', name: `${stream.stream} of ${stream.tenant.name} (${stream.tenant.id})`, reason });
    }

    async function failed(error: unknown): Promise<Millis | null> {
      if (error instanceof Failure && error.kind === 'stale') return 0;
      const isBug = !(error instanceof Failure);
      const isRefused = !isBug && error.kind === 'rejected';
      let pauseMs = backoff.failed(error, clock.monotonic());
      if (isRefused) pauseMs = asideMs * (0.9 + world.random() * 0.2);
      const reason = reasonOf(error);
      const refusal = isRefused ? asides.refused(stream.tenant, stream.id) : null;
      world.report({
        name: isBug ? 'loop.parked' : refusal ? reportOf(refusal) : 'stream.failed',
        account: account.account,
        id: stream.id,
        stream: stream.stream,
        tenant: stream.tenant.name,
        code: isBug ? 'bug' : error.code,
        reason,
        advice: isBug ? undefined : error.advice,
        correlationId: error instanceof CentralError ? error.correlationId : undefined,
        stack: isBug && error instanceof Error ? error.stack : undefined,
        tries: backoff.tries,
        pauseMs: Math.round(pauseMs),
      });
      unwell = true;
      await note(stream.id, reason, pauseMs);
      if (refusal?.isTenant) await setAside(stream.tenant.id, reason, clock.now() + pauseMs);
      if (!patience) {
        if (isRefused) unserved.set(stream.id, unservedStream(stream, reason, error));
        return pauseMs;
      }
      const hopeless = isBug || isRefused || error.kind === 'auth' || error.kind === 'config';
      if (!hopeless && !isExhausted(backoff, patience, clock.monotonic())) return pauseMs;
      unserved.set(stream.id, unservedStream(stream, reason, error));
      return null;
    }

    turns.add({
      dueAt: clock.monotonic(),
      async turn(signal) {
        if (task.gone) {
          // The tenant may be back meanwhile, with a task of its own.
          if (tasks.get(stream.id) === task) tasks.delete(stream.id);
          return null;
        }
        try {
          const taken = await takePages(stream, intake, pagesPerTurn, options.isFull, signal);
          await (taken.brokenOff === null ? well() : brokenOff(taken.brokenOff));
          if (taken.accepted > 0) task.busyAt = clock.monotonic();
          if (taken.more) return 0;
          if (patience) return null;
          if (taken.againMs !== null) return taken.againMs;
          return pauseOf(task, cadence(), clock.monotonic()) * (0.95 + world.random() * 0.1);
        } catch (error) {
          if (signal.aborted) return null;
          return await failed(error);
        }
      },
    });
    return task;
  }

  function addAccount(source: Source): void {
    const backoff = openBackoff(world.random);
    const tasks = new Map<string, StreamTask>();
    let unwell = ill.has(`account:${source.account}`);
    let cadence: Cadence = { busyFactor: 1, quietMs: 0 };
    let reckonedAt = Number.NEGATIVE_INFINITY;

    // Reckoned anew at most each minute: with thousands of streams it is not free.
    const currentCadence = () => {
      const now = clock.monotonic();
      if (now - reckonedAt > 60_000) {
        reckonedAt = now;
        cadence = cadenceOf(tasks.values(), source.callsPerHour, now);
      }
      return cadence;
    };

    async function take({ tenants, feeds, aside }: Discovery): Promise<void> {
      await directory.saveTenants(source.account, tenants);
      for (const { tenant, reason } of aside) {
        world.report({ name: 'tenant.set-aside', account: source.account, tenant: tenant.name, code: 'tenant.unreadable', reason });
        await directory.setAside(tenant.id, reason, null);
        // Taken back once something can be read from it.
        asides.mark(tenant.id);
        unserved.set(`tenant:${tenant.id}`, { kind: 'tenant', name: `${tenant.name} (${tenant.id})`, reason });
      }
      const listed = new Set(feeds.map(({ stream }) => stream.id));
      for (const [id, task] of tasks) if (!listed.has(id)) task.gone = true;
      const fresh = feeds.filter(({ stream }) => !tasks.has(stream.id) || tasks.get(stream.id)?.gone);
      for (const feed of feeds) tasks.get(feed.stream.id)?.renew(feed);
      await options.onFeeds(fresh);
      for (const feed of fresh) tasks.set(feed.stream.id, addStream(feed, source, tasks, currentCadence));
      world.report({ name: 'account.discovered', account: source.account, tenants: tenants.length, streams: feeds.length, aside: aside.length });
    }

    turns.add({
      dueAt: clock.monotonic(),
      async turn(signal) {
        try {
          const discovery = await source.discover(signal);
          await take(discovery);
          backoff.succeeded();
          unserved.delete(`account:${source.account}`);
          if (unwell) await note(`account:${source.account}`, null, null);
          unwell = false;
          return patience ? null : (discovery.againMs ?? options.rediscoverMs);
        } catch (error) {
          if (signal.aborted) return null;
          const pauseMs = backoff.failed(error, clock.monotonic());
          const failure = error instanceof Failure ? error : null;
          world.report({
            name: failure ? 'account.failed' : 'loop.parked',
            account: source.account,
            code: failure?.code ?? 'bug',
            reason: reasonOf(error),
            advice: failure?.advice,
            stack: !failure && error instanceof Error ? error.stack : undefined,
            tries: backoff.tries,
            pauseMs: Math.round(pauseMs),
          });
          unwell = true;
          await note(`account:${source.account}`, reasonOf(error), pauseMs);
          unserved.set(`account:${source.account}`, { kind: 'account', name: source.account, reason: reasonOf(error), failure: error });
          const hopeless = failure === null || (failure.kind !== 'transient' && failure.kind !== 'stale');
          return patience && (hopeless || isExhausted(backoff, patience, clock.monotonic())) ? null : pauseMs;
        }
      },
    });
  }

  return {
    async run(signal) {
      await recall();
      for (const source of sources) addAccount(source);
      await turns.run(signal);
    },
    get unserved() {
      return [...unserved.values()];
    },
  };
}

/** A refusal is told once for a whole tenant; of one that can be read otherwise, once for each stream. */
function reportOf({ isTenant, isNews }: ReturnType<Asides['refused']>): string {
  if (!isNews) return 'stream.set-aside';
  return isTenant ? 'tenant.set-aside' : 'stream.refused';
}
