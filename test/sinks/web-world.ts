import { openHttp } from '../../src/clients/http.ts';
import { systemClock } from '../../src/core/clock.ts';
import { Failure } from '../../src/core/failure.ts';
import type { SinkKind, SinkPlace } from '../../src/core/kinds.ts';
import type { Sink } from '../../src/core/types.ts';
import type { Clock, Http, Report } from '../../src/core/world.ts';

/** What a user would write, the type left out. */
export type Written = Readonly<Record<string, unknown>>;

export interface Around {
  /** Sees or replaces what travels. */
  readonly through?: (http: Http) => Http;
  readonly clock?: Clock;
  readonly reports?: Report[];
}

export const webToken = 'web-hunter2-token-0123456789';

export const place: SinkPlace = { name: 'far', folder: import.meta.dirname, names: { of: (tenant) => tenant.name } };

/** A sink as the configuration would open it, with connections of its own. */
export async function openWebSink<O>(
  kind: SinkKind<O>,
  written: Written,
  { through = (http) => http, clock = systemClock, reports = [] }: Around = {},
): Promise<Sink> {
  const { http, close } = openHttp();
  const world = { clock, random: Math.random, http: through(http), report: (report: Report) => void reports.push(report) };
  const sink = await kind.open(kind.options.parse(written), world, place);
  return {
    ...sink,
    async close() {
      await sink.close();
      await close();
    },
  };
}

/** What a promise failed with. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => new Error('nothing failed'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Failure)) throw error;
  return error;
}

/** Closes what was opened, the last first. */
export function opening(): { <T extends { close(): Promise<void> }>(thing: T): T; closeAll(): Promise<void> } {
  const opened: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(thing: T): T => {
    opened.push(thing);
    return thing;
  };
  return Object.assign(keep, {
    async closeAll() {
      for (const thing of opened.splice(0).reverse()) await thing.close();
    },
  });
}
