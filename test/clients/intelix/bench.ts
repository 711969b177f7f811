/** What the Intelix tests share: a far end, clients of it, and a look at their failures. */
import { inspect } from 'node:util';
import { expect } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import type { Clock, Report } from '../../../src/core/world.ts';
import { Failure, Intelix, type IntelixOptions } from '../../../src/intelix.ts';
import { FarIntelix } from '../../far-ends/intelix.ts';
import { openTestWorld } from '../world.ts';

const generous = { second: 1000, minute: 100_000, hour: 1_000_000, day: 1_000_000 };

/** Real time, but sleeping takes a hundredth. */
export const hasty: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) };

export class IntelixBench {
  readonly far = new FarIntelix();
  reports: Report[] = [];
  readonly #closers: (() => Promise<void>)[] = [];

  async open(): Promise<this> {
    await this.far.open();
    return this;
  }

  client(options: Partial<IntelixOptions> = {}, clock: Clock = hasty): Intelix {
    const { clientId, clientSecret, url } = this.far;
    const { world, reports, close } = openTestWorld(clock);
    this.#closers.push(close);
    this.reports = reports;
    return new Intelix({ clientId, clientSecret, authUrl: url, apiUrl: url, rateLimits: generous, retries: 0, world, ...options });
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close();
    await this.far.close();
  }
}

/** What the work failed with; it tells no secret. */
export async function failure(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Failure);
  expect(inspect(error, { depth: 8 })).not.toMatch(/correct-horse|token-\d|Y29ycmVjdC/);
  return error as Failure;
}
