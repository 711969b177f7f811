import { systemClock } from '../../src/core/clock.ts';
import type { Sink } from '../../src/core/types.ts';
import type { Report, World } from '../../src/core/world.ts';
import { syslog } from '../../src/sinks/syslog.ts';

/** What a user would write, the type left out. */
export type Written = Readonly<Record<string, unknown>>;

/** Reports go into `reports`. HTTP is of no use to syslog. */
export function worldOf(reports: Report[] = []): World {
  return { clock: systemClock, random: Math.random, http: () => Promise.reject(new Error('no HTTP here')), report: (report) => void reports.push(report) };
}

/** A sink as the configuration would open it. */
export function openSyslog(written: Written, reports: Report[] = []): Promise<Sink> {
  return syslog.open(syslog.options.parse(written), worldOf(reports), { name: 'soc', folder: import.meta.dirname, names: { of: ({ name }) => name } });
}
