import { choice, flag, integer, object, pattern, secretText, text } from '../../core/schema.ts';
import type { Millis } from '../../core/types.ts';
import type { Secret } from '../../core/world.ts';
import { type BatchOptions, batch, isPlainAddress, webShape } from '../wire/web-options.ts';

const { timeout, caFile, proxy } = webShape;

/** Of one call, before compression as well as after it: Azure Monitor, "Service limits", Logs Ingestion API. */
const mostBytes = 1_048_576;

const address = (example: string) =>
  text()
    .refine(isAddress, 'expected `https://host`, without user, password and query')
    .meta({ examples: [example] });

/** What a user may write below `type: sentinel`. */
export const options = object({
  endpoint: address('https://sophos-abcd.westeurope-1.ingest.monitor.azure.com').describe(
    'Logs ingestion address of the data collection rule, or of the data collection endpoint',
  ),
  dcrImmutableId: pattern(/^dcr-[A-Za-z0-9]{8,64}$/, 'must be the immutable id of the data collection rule, `dcr-` and 32 digits')
    .meta({ examples: ['dcr-0123456789abcdef0123456789abcdef'] })
    .describe('Immutable id of the data collection rule'),
  streamName: text()
    .refine(isStreamName, 'must begin with `Custom-` or `Microsoft-`, and hold letters, digits, - and _ only')
    .meta({ examples: ['Custom-SophosCentral'] })
    .describe('Stream of the rule that the records are declared in, a template'),
  tenantId: pattern(/^[A-Za-z0-9.-]+$/, 'must be the id or the domain of the Entra tenant')
    .meta({ examples: ['72f988bf-0000-4000-8000-2d7cd011db47'] })
    .describe('Entra tenant (directory) id'),
  clientId: pattern(/^[A-Za-z0-9.-]+$/, 'must be the id of the app registration')
    .meta({ examples: ['11112222-3333-4444-8555-666677778888'] })
    .describe('Application (client) id of the app registration'),
  clientSecret: secretText()
    .meta({ examples: ['${env:AZURE_CLIENT_SECRET}'] })
    .describe('Client secret of the app registration: its value, not its id'),
  authorityUrl: address('https://login.microsoftonline.us').default('https://login.microsoftonline.com').describe('Where tokens are asked for'),
  scope: pattern(/^https:\/\/[\x21-\x7e]+$/, 'must be such as `https://monitor.azure.us//.default`')
    .default('https://monitor.azure.com//.default')
    .describe('What the token is for; other clouds have another'),
  body: choice('fields', 'text').default('fields').describe('`fields`: JSON objects as they are, each key a column; `text`: the whole line in `column`'),
  column: pattern(/^[A-Za-z][A-Za-z0-9_]{0,44}$/, 'must be the name of a column')
    .default('RawData')
    .describe('Column for lines that are written as text'),
  timeGenerated: flag().default(true).describe('Add `TimeGenerated`, the time of the record, where it is missing'),
  gzip: flag().default(true).describe('Compress requests'),
  batch: batch(1000, '1MB').refine(({ bytes }) => bytes <= mostBytes, { message: 'must be at most 1MiB: the service takes no more', path: ['bytes'] }),
  inFlight: integer({ min: 1, max: 16 }).default(2).describe('Requests under way at once'),
  timeout,
  caFile,
  proxy,
}).describe('Microsoft Sentinel and Log Analytics, by the Logs Ingestion API');

/** The options as they are after reading. */
export interface SentinelOptions {
  readonly endpoint: string;
  readonly dcrImmutableId: string;
  readonly streamName: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly authorityUrl: string;
  readonly scope: string;
  readonly body: 'fields' | 'text';
  readonly column: string;
  readonly timeGenerated: boolean;
  readonly gzip: boolean;
  readonly batch: BatchOptions;
  readonly inFlight: number;
  readonly timeout: Millis;
  readonly caFile?: string | undefined;
  readonly proxy?: Secret | 'none' | undefined;
}

function isAddress(value: string): boolean {
  return isPlainAddress(value) && new URL(value).search === '';
}

/** The text between the placeholders; their values are made fit. */
function isStreamName(value: string): boolean {
  return /^(Custom|Microsoft)-[A-Za-z0-9_-]*$/.test(value.replace(/\{[^{}]*\}/g, 'x'));
}

/** Without slashes at the end. */
export function baseOf(value: string): string {
  return value.replace(/\/+$/, '');
}
