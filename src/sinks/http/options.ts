import { choice, flag, integer, list, object, pattern, secretText } from '../../core/schema.ts';
import type { Secret } from '../../core/world.ts';
import { addresses, type BatchOptions, batch, headerMap, headerText, isPlainAddress, type WebOptions, webConflicts, webShape } from '../wire/web-options.ts';

export const layouts = ['ndjson', 'array', 'one'] as const;
export type Layout = (typeof layouts)[number];

const headerName = () => pattern(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, 'must be the name of an HTTP header');

/** What a user may write below `type: http`. */
export const options = object({
  url: addresses(
    isWebhook,
    'expected `https://host/path` (or `http://`), without user and password; placeholders only after the host',
    'https://hooks.example.com/sophos',
  ).describe('Where records go, a template; or several addresses that take turns'),
  method: choice('POST', 'PUT', 'PATCH').default('POST').describe('Method of the requests'),
  layout: choice(...layouts)
    .default('ndjson')
    .describe('The body: one line for each record, one JSON array, or one request for each record'),
  contentType: headerText()
    .optional()
    .meta({ examples: ['application/json'] })
    .describe('Content type; by default that of the layout'),
  headers: headerMap().describe('Further headers, each a template'),
  ...webShape,
  gzip: flag().default(false).describe('Compress requests; many webhooks cannot read that'),
  sign: object({
    secret: secretText()
      .meta({ examples: ['${env:WEBHOOK_SECRET}'] })
      .describe('Key of the signature, shared with the receiver'),
    header: headerName().default('X-Signature').describe('Header of the signature'),
    timestampHeader: headerName().default('X-Signature-Timestamp').describe('Header of the time at which it was signed, in seconds since 1970'),
  })
    .optional()
    .describe('Sign each request with HMAC-SHA256 over time and body'),
  expect: list(integer({ min: 200, max: 299 }))
    .min(1, 'must name at least one status')
    .optional()
    .meta({ examples: [[200, 202]] })
    .describe('Statuses that mean "taken"; by default all from 200 to 299'),
  batch: batch(1000, '1MB'),
  inFlight: integer({ min: 1, max: 64 }).default(1).describe('Parcels under way at once; with more than one, requests may arrive in another order'),
})
  .superRefine((given, context) => {
    for (const [key, message] of webConflicts(given)) context.addIssue({ code: 'custom', path: [key], message });
  })
  .describe('Any webhook');

/** The options as they are after reading. */
export interface WebhookOptions extends WebOptions {
  readonly url: string | readonly string[];
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly layout: Layout;
  readonly contentType?: string | undefined;
  readonly sign?: { readonly secret: Secret; readonly header: string; readonly timestampHeader: string } | undefined;
  readonly expect?: readonly number[] | undefined;
  readonly batch: BatchOptions;
  readonly inFlight: number;
}

/** A host of a record's choosing could be anybody's. */
function isWebhook(value: string): boolean {
  const start = /^https?:\/\/[^/?#]+/i.exec(value)?.[0] ?? '{';
  return !/[{}]/.test(start) && isPlainAddress(value);
}
