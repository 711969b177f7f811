import { openHttp } from '../../src/clients/http.ts';
import { systemClock } from '../../src/core/clock.ts';
import { Failure } from '../../src/core/failure.ts';
import type { SinkPlace } from '../../src/core/kinds.ts';
import type { Sink } from '../../src/core/types.ts';
import type { Clock, Http } from '../../src/core/world.ts';
import { splunkHec } from '../../src/sinks/splunk-hec.ts';

/** What a user would write, the type left out. */
export type Written = Readonly<Record<string, unknown>>;

export const secretToken = 'b0221cd8-c4b4-465a-9a3c-273e3a75aa29';

export const place: SinkPlace = { name: 'splunk', folder: import.meta.dirname, names: { of: (tenant) => tenant.name } };

/** A sink as the configuration would open it, with connections of its own. `through` sees or replaces what travels. */
export async function openHecSink(written: Written, through: (http: Http) => Http = (http) => http, clock: Clock = systemClock): Promise<Sink> {
  const { http, close } = openHttp();
  const world = { clock, random: Math.random, http: through(http), report: () => undefined };
  const sink = await splunkHec.open(splunkHec.options.parse({ token: secretToken, ...written }), world, place);
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

/** Resolves as soon as the condition holds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const startedAt = performance.now();
  while (!condition()) {
    if (performance.now() - startedAt > 10_000) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
