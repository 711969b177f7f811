import { duration, integer, object } from '../core/schema.ts';
import { alertsRestart, longestWindowMs, openAlerts } from './alert-window.ts';
import { defineStream } from './kind.ts';
import { pageSizeOf } from './snapshot-kind.ts';

/** What somebody should look at, from the day it is raised until it is closed. */
export const alerts = defineStream({
  name: 'alerts',
  summary: 'Alerts of all products: when raised, when changed, when closed (Common API)',
  pastMs: longestWindowMs,
  pageSize: { min: 1, max: 1000, option: 'pageSize' },
  // What has been told stands in the checkpoint.
  repeats: 'never',
  rememberMs: 0,
  everyMs: 300_000,
  datastream: 'alert',
  options: object({
    days: integer({ min: 1, max: 90 }).default(1).describe('The window: how many days back alerts are read and watched'),
    overlap: duration({ max: 6 * 3_600_000 })
      .prefault('1h')
      .describe('Each read begins twice this time before the end of the last, for alerts that come late'),
    recheck: duration().prefault('1h').describe('How often the whole window is read, to see what changed or was closed; `0s`: never'),
    pageSize: pageSizeOf(1000),
  }),
  open: (options, tenant, client, world) => openAlerts(options, tenant, client, world),
  restart: alertsRestart,
  // Late, changed and closed alerts are to be found each time.
  forNew: (options) => ({ ...(options as object), recheck: 1 }),
});
