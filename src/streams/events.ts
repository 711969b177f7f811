import { choice, duration, integer, list, object, text } from '../core/schema.ts';
import { defineStream } from './kind.ts';
import { dayMs, openSiemStream, rememberMs, restartAt } from './siem.ts';

/** Options that both SIEM kinds have. */
export const siemOptions = {
  since: duration({ max: 86_400_000 }).prefault('12h').describe('How far back the very first read begins; the API keeps 24 h'),
  overlap: duration({ max: 6 * 3_600_000 })
    .prefault('10m')
    .describe('How often a read looks back by twice this time, for records that arrived late; `0s`: never'),
  limit: integer({ min: 200, max: 1000 }).default(1000).describe('Records per page'),
  offsetMinutes: integer({ min: 0, max: 1440 }).default(0).describe('Central holds back the newest minutes, until late records have arrived'),
};

/** What siem.py leaves out in its light mode (reference, A.7). */
const noisyTypes: readonly string[] = [
  'NonCompliant',
  'Compliant',
  'Device::AlertedOnly',
  'UpdateFailure',
  'SavScanComplete',
  'Application::Allowed',
  'UpdateSuccess',
  'WebControlViolation',
  'WebFilteringBlocked',
].map((type) => `Event::Endpoint::${type}`);

/** What happened: detections, updates, policies, of all products. */
export const events = defineStream({
  name: 'events',
  summary: 'What happened on endpoints, servers, firewalls and in the account (SIEM API)',
  pastMs: dayMs,
  pageSize: { min: 200, max: 1000, option: 'limit' },
  repeats: 'recent',
  rememberMs,
  everyMs: 60_000,
  datastream: 'event',
  options: object({
    ...siemOptions,
    excludeTypes: list(text())
      .default([])
      .meta({ examples: [['Event::Endpoint::UpdateSuccess']] })
      .describe('Event types that Central leaves out, such as `Event::Endpoint::UpdateSuccess`'),
    preset: choice('light')
      .optional()
      .describe('`light`: Central leaves out the nine noisiest types as well, which tell of updates, scans, compliance and web pages'),
  }),
  open({ preset, ...options }, tenant, client, world) {
    const excludeTypes = preset === undefined ? options.excludeTypes : [...new Set([...noisyTypes, ...options.excludeTypes])];
    return openSiemStream('events', 'events', { ...options, excludeTypes }, tenant, client, world);
  },
  restart: restartAt,
});
