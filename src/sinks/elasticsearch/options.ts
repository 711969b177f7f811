import { choice, flag, integer, object, secretText, text } from '../../core/schema.ts';
import type { Secret } from '../../core/world.ts';
import { addresses, type BatchOptions, batch, headerMap, isPlainAddress, type WebOptions, webConflicts, webShape } from '../wire/web-options.ts';

/** What a user may write below `type: elasticsearch`. */
export const options = object({
  url: addresses(isNode, 'expected `https://host:9200` (or `http://`), without user, password and query', 'https://elastic.example.com:9200').describe(
    'The cluster, or several of its nodes that take turns',
  ),
  index: text()
    .refine(isIndex, 'must be lower case, without blanks and any of \\ / * ? " < > | , # :, and not begin with - _ + or a dot')
    .default('logs-sophos_central.{stream}-default')
    .describe('Data stream or index, a template'),
  action: choice('create', 'index').default('create').describe('`create` for data streams, where a repeat changes nothing; `index` writes it anew'),
  pipeline: text()
    .optional()
    .meta({ examples: ['sophos-{stream}'] })
    .describe('Ingest pipeline, a template'),
  apiKey: secretText()
    .optional()
    .meta({ examples: ['${env:ELASTIC_API_KEY}'] })
    .describe('API key: the encoded form, or `id:key`'),
  headers: headerMap().describe('Further headers'),
  ...webShape,
  gzip: flag().default(true).describe('Compress requests'),
  batch: batch(1000, '5MB'),
  inFlight: integer({ min: 1, max: 64 }).default(2).describe('Requests under way at once'),
})
  .superRefine((given, context) => {
    for (const [key, message] of webConflicts(given)) context.addIssue({ code: 'custom', path: [key], message });
    if (given.apiKey !== undefined && (given.bearer ?? given.username) !== undefined)
      context.addIssue({ code: 'custom', path: ['apiKey'], message: 'goes without `bearer` and `username`' });
  })
  .describe('Elasticsearch and OpenSearch, bulk');

/** The options as they are after reading. */
export interface ElasticsearchOptions extends WebOptions {
  readonly url: string | readonly string[];
  readonly index: string;
  readonly action: 'create' | 'index';
  readonly pipeline?: string | undefined;
  readonly apiKey?: Secret | undefined;
  readonly batch: BatchOptions;
  readonly inFlight: number;
}

function isNode(value: string): boolean {
  return isPlainAddress(value) && new URL(value).search === '';
}

/** The text between the placeholders; their values are made fit. */
function isIndex(value: string): boolean {
  const own = value.replace(/\{[^{}]*\}/g, '');
  return !/[A-Z\\/*?"<>|\s,#:]/.test(own) && !/^[-_+.]/.test(value);
}

/** Without slashes at the end. */
export function nodeOf(value: string): string {
  const { origin, pathname } = new URL(value);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}
