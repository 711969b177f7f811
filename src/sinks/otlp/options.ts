import { choice, flag, integer, map, object, text } from '../../core/schema.ts';
import { addresses, type BatchOptions, batch, headerMap, isPlainAddress, type WebOptions, webConflicts, webShape } from '../wire/web-options.ts';

/** Attributes of the resource that are there already. */
const ownAttributes = ['service.name', 'sophos.tenant.id', 'sophos.tenant.name'];

/** What a user may write below `type: otlp`. */
export const options = object({
  url: addresses(isOtlp, 'expected `https://host:4318` (or `http://`), without user, password and query', 'https://collector.example.com:4318').describe(
    'The receiver of OTLP over HTTP, with or without `/v1/logs`; or several that take turns',
  ),
  body: choice('text', 'fields').default('text').describe('The body of a log record: the line as a text, or the fields of a JSON line as a map'),
  serviceName: text().default('sophos-central').describe('Resource attribute `service.name`'),
  resource: map(text())
    .refine(
      (resource) => !ownAttributes.some((name) => Object.hasOwn(resource, name)),
      `must not hold ${ownAttributes.map((name) => `\`${name}\``).join(', ')}`,
    )
    .default({})
    .meta({ examples: [{ 'deployment.environment': 'production' }] })
    .describe('Further resource attributes, each a template; an empty value is left out'),
  headers: headerMap().describe('Further headers'),
  ...webShape,
  gzip: flag().default(true).describe('Compress requests'),
  batch: batch(1000, '2MB'),
  inFlight: integer({ min: 1, max: 64 }).default(2).describe('Requests under way at once'),
})
  .superRefine((given, context) => {
    for (const [key, message] of webConflicts(given)) context.addIssue({ code: 'custom', path: [key], message });
  })
  .describe('OpenTelemetry logs over HTTP');

/** The options as they are after reading. */
export interface OtlpOptions extends WebOptions {
  readonly url: string | readonly string[];
  readonly body: 'text' | 'fields';
  readonly serviceName: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly batch: BatchOptions;
  readonly inFlight: number;
}

function isOtlp(value: string): boolean {
  return isPlainAddress(value) && new URL(value).search === '';
}

/** The address ending in `/v1/logs`, whichever form was written. */
export function logsOf(value: string): string {
  const { origin, pathname } = new URL(value);
  return `${origin}${pathname.replace(/\/+$/, '').replace(/\/v1\/logs$/, '')}/v1/logs`;
}
