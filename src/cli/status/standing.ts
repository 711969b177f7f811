/** How things stand, out of the journal: what `status` shows, as data. */
import type { Health, LaneState, Store, StreamState } from '../../core/store.ts';
import type { Millis } from '../../core/types.ts';
import type { RunningHolder } from '../holder.ts';

export interface Standing {
  readonly state: string;
  readonly at: string;
  /** `null`: nobody runs. */
  readonly running: { readonly command: string; readonly pid: number; readonly host: string; readonly since: string } | null;
  /** `null`: there is no journal yet. */
  readonly journalBytes: number | null;
  readonly tenants: readonly TenantStanding[];
  readonly streams: readonly StreamStanding[];
  readonly routes: readonly RouteStanding[];
  readonly deadLetters: number;
  readonly gaps: number;
}

export interface TenantStanding {
  readonly id: string;
  readonly name: string;
  readonly account: string;
  /** Why nothing is read from it at present. */
  readonly aside: string | null;
  readonly asideUntil: string | null;
}

export interface StreamStanding {
  readonly stream: string;
  readonly tenant: { readonly id: string; readonly name: string };
  readonly readUpTo: string | null;
  readonly newestRecord: string | null;
  /** How far reading is behind; `null` before the first read. */
  readonly delayMs: Millis | null;
  readonly newestAgeMs: Millis | null;
  readonly askedAt: string | null;
  readonly nextAt: string | null;
  readonly read: number;
  readonly repeated: number;
  readonly odd: number;
  readonly error: string | null;
}

/** What the configuration says of a route's sink. */
export interface SinkOfRoute {
  readonly name: string;
  readonly unconfirmed: boolean;
}

export interface RouteStanding {
  readonly route: string;
  /** Its sink, while the configuration names it. */
  readonly sink: string | null;
  /** Does that sink confirm nothing? Then `delivered` is what the system has taken. */
  readonly unconfirmed: boolean;
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly oldestWaiting: string | null;
  readonly oldestWaitingAgeMs: Millis | null;
  readonly delivered: number;
  readonly filtered: number;
  readonly refused: number;
  /** No longer in the configuration; its backlog is given up after `journal.keep`. */
  readonly retired: boolean;
  readonly error: string | null;
  readonly nextAt: string | null;
}

export const nothingYet = (state: string, now: Millis): Standing => ({
  state,
  at: iso(now),
  running: null,
  journalBytes: null,
  tenants: [],
  streams: [],
  routes: [],
  deadLetters: 0,
  gaps: 0,
});

/** Reads it all, once; tenants by name, streams by tenant, routes by name. `sinkOf` names the sink of a route. */
export async function standingOf(
  store: Store,
  state: string,
  holder: RunningHolder | null,
  sinkOf: ReadonlyMap<string, SinkOfRoute>,
  now: Millis,
): Promise<Standing> {
  const { directory, ledger, deadLetters } = store;
  const [tenants, streams, lanes, healths, letters, gaps] = await Promise.all([
    directory.tenants(),
    directory.streams(),
    directory.lanes(),
    directory.healths(),
    deadLetters.count(),
    ledger.gaps(),
  ]);
  return {
    state,
    at: iso(now),
    running: holder ? { command: holder.command, pid: holder.pid, host: holder.host, since: iso(holder.since) } : null,
    journalBytes: store.bytes(),
    tenants: tenants
      .map(({ id, name, account, asideReason, asideUntil }) => ({ id, name, account, aside: asideReason, asideUntil: isoOrNull(asideUntil) }))
      .toSorted((a, b) => byText(a.name, b.name) || byText(a.id, b.id)),
    streams: streams
      .map((each) => streamStanding(each, now))
      .toSorted((a, b) => byText(a.tenant.name, b.tenant.name) || byText(a.tenant.id, b.tenant.id) || byText(a.stream, b.stream)),
    routes: routesOf(lanes, healths, sinkOf, now).toSorted((a, b) => byText(a.route, b.route)),
    deadLetters: letters,
    gaps: gaps.length,
  };
}

function streamStanding({ stream, tenant, readUpTo, newestTime, askedAt, nextAt, read, repeated, odd, failure }: StreamState, now: Millis): StreamStanding {
  return {
    stream,
    tenant: { id: tenant.id, name: tenant.name },
    readUpTo: isoOrNull(readUpTo),
    newestRecord: isoOrNull(newestTime),
    delayMs: ageOf(readUpTo, now),
    newestAgeMs: ageOf(newestTime, now),
    askedAt: isoOrNull(askedAt),
    nextAt: isoOrNull(nextAt),
    read,
    repeated,
    odd,
    error: failure,
  };
}

function routesOf(
  lanes: readonly LaneState[],
  healths: ReadonlyMap<string, Health>,
  sinkOf: ReadonlyMap<string, SinkOfRoute>,
  now: Millis,
): readonly RouteStanding[] {
  const byRoute = new Map<string, LaneState[]>();
  for (const lane of lanes) {
    const known = byRoute.get(lane.route);
    if (known) known.push(lane);
    else byRoute.set(lane.route, [lane]);
  }
  return [...byRoute].map(([route, of]) => {
    const waits = of.flatMap(({ oldestWaiting }) => (oldestWaiting === null ? [] : [oldestWaiting]));
    const oldest = waits.length === 0 ? null : waits.reduce((least, each) => Math.min(least, each));
    const health = healths.get(`sink:${route}`);
    const sum = (figure: (lane: LaneState) => number) => of.reduce((total, lane) => total + figure(lane), 0);
    return {
      route,
      sink: sinkOf.get(route)?.name ?? null,
      unconfirmed: sinkOf.get(route)?.unconfirmed ?? false,
      waiting: sum(({ upTo, offset }) => Math.max(0, upTo - offset)),
      waitingBytes: sum(({ backlogBytes }) => backlogBytes),
      oldestWaiting: isoOrNull(oldest),
      oldestWaitingAgeMs: ageOf(oldest, now),
      delivered: sum(({ delivered }) => delivered),
      filtered: sum(({ filtered }) => filtered),
      refused: sum(({ refused }) => refused),
      retired: of.every(({ retiredAt }) => retiredAt !== null),
      error: health?.failure ?? null,
      nextAt: isoOrNull(health?.nextAt ?? null),
    };
  });
}

function byText(a: string, b: string): number {
  return a.localeCompare(b, 'en');
}

function ageOf(at: Millis | null, now: Millis): Millis | null {
  return at === null ? null : Math.max(0, now - at);
}

function isoOrNull(at: Millis | null): string | null {
  return at === null ? null : iso(at);
}

function iso(at: Millis): string {
  return new Date(at).toISOString();
}
