import { systemClock } from '../../src/core/clock.ts';
import { Failure } from '../../src/core/failure.ts';
import type { Sink } from '../../src/core/types.ts';
import type { Clock, Report } from '../../src/core/world.ts';
import { email } from '../../src/sinks/email.ts';

/** What a user would write, the type left out. */
export type Written = Readonly<Record<string, unknown>>;

export const sender = 'Sophos Central <sophos@example.com>';
export const recipient = 'soc@example.com';

export interface Around {
  readonly clock?: Clock;
  readonly folder?: string;
  readonly reports?: Report[];
}

/** A sink as the configuration would open it. */
export async function openEmail(written: Written, { clock = systemClock, folder = import.meta.dirname, reports = [] }: Around = {}): Promise<Sink> {
  const world = {
    clock,
    random: Math.random,
    http: () => Promise.reject(new Error('a mail needs no HTTP')),
    report: (report: Report) => void reports.push(report),
  };
  const options = email.options.parse({ from: sender, to: recipient, ...written });
  return await email.open(options, world, { name: 'mail', folder, names: { of: ({ name }) => name } });
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

/** A clock that stands still until it is moved. */
export function movable(start: number): Clock & { move(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    monotonic: () => now,
    sleep: () => Promise.reject(new Error('nobody sleeps here')),
    move: (ms) => {
      now += ms;
    },
  };
}
