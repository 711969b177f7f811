import { either, flag, integer, list, map, object, pattern, secretText, size, text } from '../../core/schema.ts';
import type { Millis } from '../../core/types.ts';
import type { Secret } from '../../core/world.ts';
import { wayOptions } from '../wire/web-options.ts';

/** The field of every event that names its record for ever. */
export const recordField = 'sophos_record';

const url = () =>
  text()
    .refine(isHecUrl, 'expected `https://host:8088` (or `http://`), without user, password or query, and not ending in `/raw`')
    .meta({ examples: ['https://splunk.example.com:8088'] });

const channelForm = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** What a user may write below `type: splunk-hec`. */
export const options = object({
  url: either(url(), list(url()).min(1, 'must name at least one indexer')).describe('The collector, or several indexers that are used in turn'),
  token: secretText()
    .meta({ examples: ['${env:HEC_TOKEN}'] })
    .describe('The HEC token'),
  ack: flag().default(false).describe('Count records as delivered only when the indexer acknowledges them; the token must have acknowledgement on'),
  ackPollMs: integer({ min: 50 }).default(1000).describe('Pause between two questions for acknowledgements, in ms'),
  ackTimeoutMs: integer({ min: 50 }).default(300_000).describe('After this time without an acknowledgement the records are sent again, in ms'),
  channel: pattern(channelForm, 'must be a GUID')
    .optional()
    .meta({ examples: ['0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba'] })
    .describe('Channel of the acknowledgements; without it each indexer gets a random one at each start'),
  index: text()
    .optional()
    .meta({ examples: ['sophos'] })
    .describe('Index, a template; unset leaves it to the token'),
  sourcetype: text()
    .optional()
    .meta({ examples: ['sophos:central:{stream}'] })
    .describe('Source type, a template; unset leaves it to the token'),
  source: text()
    .optional()
    .meta({ examples: ['{tenant.name}'] })
    .describe('Source, a template; unset leaves it to the token'),
  host: text()
    .optional()
    .meta({ examples: ['sophos-central'] })
    .describe('Host, a template; unset leaves it to the token'),
  fields: map(text())
    .refine((fields) => !Object.hasOwn(fields, recordField), `must not hold \`${recordField}\`, which every event has already`)
    .default({})
    .meta({ examples: [{ tenant: '{tenant.name}' }] })
    .describe('Further indexed fields, each a template; an empty value is left out'),
  batch: object({
    records: integer({ min: 1, max: 100_000 }).default(1000).describe('Most records in one request'),
    bytes: size({ least: '1KB' }).prefault('1MB').describe('Most bytes in one request, before compression'),
  })
    .prefault({})
    .describe('How much goes into one request'),
  gzip: flag().default(true).describe('Compress requests'),
  inFlight: integer({ min: 1, max: 64 }).optional().describe('Requests under way at once; default 2, with `ack` 8'),
  ...wayOptions,
}).describe('Splunk HTTP Event Collector');

/** The options as they are after reading. */
export interface HecOptions {
  readonly url: string | readonly string[];
  readonly token: Secret;
  readonly ack: boolean;
  readonly ackPollMs: Millis;
  readonly ackTimeoutMs: Millis;
  readonly channel?: string | undefined;
  readonly index?: string | undefined;
  readonly sourcetype?: string | undefined;
  readonly source?: string | undefined;
  readonly host?: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
  readonly batch: { readonly records: number; readonly bytes: number };
  readonly gzip: boolean;
  readonly inFlight?: number | undefined;
  readonly timeout: Millis;
  readonly caFile?: string | undefined;
  readonly proxy?: Secret | 'none' | undefined;
}

function isHecUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash, pathname } = new URL(value);
  return (protocol === 'https:' || protocol === 'http:') && `${username}${password}${search}${hash}` === '' && !/\/raw(\/1\.0)?\/*$/.test(pathname);
}

/** The address ending in `/services/collector`, whichever form was written: bare, `/services/collector`, `/services/collector/event[/1.0]`. */
export function collectorOf(value: string): string {
  const { origin, pathname } = new URL(value);
  return `${origin}${pathname.replace(/\/+$/, '').replace(/\/services\/collector(\/event)?(\/1\.0)?$/, '')}/services/collector`;
}
