import { object } from '../core/schema.ts';
import { siemOptions } from './events.ts';
import { defineStream } from './kind.ts';
import { dayMs, openSiemStream, rememberMs, restartAt } from './siem.ts';

/** What somebody should look at, as the SIEM API gives it: once, when it was raised. */
export const siemAlerts = defineStream({
  name: 'siem-alerts',
  summary: 'Alerts when they are raised (SIEM API)',
  pastMs: dayMs,
  pageSize: { min: 200, max: 1000, option: 'limit' },
  repeats: 'recent',
  rememberMs,
  everyMs: 60_000,
  datastream: 'alert',
  options: object(siemOptions),
  open: (options, tenant, client, world) => openSiemStream('siem-alerts', 'alerts', options, tenant, client, world),
  restart: restartAt,
});
