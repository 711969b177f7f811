/** The sections of the file that have one shape each. Streams, sinks and formats bring their own, see registers.ts. */
import { choice, duration, either, integer, list, map, object, pattern, secretText, size, text, z } from '../core/schema.ts';
import { routePresetNames } from './presets.ts';

/** A URL without anything that a base does not have. */
export const urlText = () =>
  text()
    .refine(isPlainUrl, 'expected a URL such as `https://host` (http for a simulator or a proxy), without user, query or fragment')
    .transform((value) => value.replace(/\/+$/, ''))
    .meta({ examples: ['https://id.sophos.com'] });

function isPlainUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return (protocol === 'https:' || protocol === 'http:') && `${username}${password}${search}${hash}` === '';
}

/** Proxies carry passwords in their URL, so the text is sealed. */
const proxy = () =>
  either(
    choice('none'),
    text()
      .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), 'expected `http://host:port` or `none`')
      .pipe(secretText())
      .meta({ writeOnly: true }),
  );

/** Credentials of one account and how its calls travel. */
export const account = object({
  clientId: text()
    .optional()
    .meta({ examples: ['${env:SOPHOS_CLIENT_ID}'] })
    .describe('Client id of the API credential; without it SOPHOS_CLIENT_ID is used'),
  clientSecret: secretText()
    .optional()
    .meta({ examples: ['${env:SOPHOS_CLIENT_SECRET}'] })
    .describe('Client secret of the API credential; without it SOPHOS_CLIENT_SECRET is used'),
  siemToken: secretText()
    .optional()
    .meta({ examples: ['url: https://api1.central.sophos.com/gateway, x-api-key: ${env:SIEM_KEY}, Authorization: Basic ${env:SIEM_BASIC}'] })
    .describe('Legacy API token: the whole line "url: ..., x-api-key: ..., Authorization: Basic ..."'),
  authUrl: urlText()
    .optional()
    .meta({ examples: ['https://id.sophos.com'] })
    .describe('Another identity service, for a simulator or a proxy; SOPHOS_CENTRAL_AUTH_URL beats it'),
  apiUrl: urlText()
    .optional()
    .meta({ examples: ['https://api.central.sophos.com'] })
    .describe('Another global API host; SOPHOS_CENTRAL_API_URL beats it'),
  rateLimits: object({
    second: integer({ min: 1 }).default(10).describe('Calls in one second'),
    minute: integer({ min: 1 }).default(100).describe('Calls in one minute'),
    hour: integer({ min: 1 }).default(1000).describe('Calls in one hour'),
    day: integer({ min: 1 }).default(200_000).describe('Calls in one day'),
  })
    .prefault({})
    .describe('What the credential is allowed, over all its tenants'),
  proxy: proxy()
    .optional()
    .meta({ examples: ['http://proxy.example.com:3128', 'none'] })
    .describe('HTTP proxy for calls to Central; `none`: not even the one of the environment'),
  caFile: text()
    .optional()
    .meta({ examples: ['company-ca.pem'] })
    .describe('PEM file of certificates to trust besides the system`s'),
  timeoutMs: integer({ min: 100, max: 3_600_000 }).default(60_000).describe('Longest wait for one answer, in ms'),
});

export const tenants = object({
  include: list(text())
    .min(1, 'includes no tenant; leave it out for all')
    .default(['*'])
    .meta({ examples: [['Acme*', 'Beta Ltd']] })
    .describe('Tenants to read: ids, names or globs'),
  exclude: list(text())
    .default([])
    .meta({ examples: [['Trial *']] })
    .describe('Tenants to leave out: ids, names or globs'),
  labels: map(map(text()))
    .default({})
    .meta({ examples: [{ 'Acme*': { index: 'acme' } }] })
    .describe('Labels by id, name or glob, for templates: `{tenant.label.X}`'),
});

/** A name that would do, for advice. */
export function betterName(name: string): string {
  const plain = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return `write \`${plain === '' ? 'name-1' : plain}\``;
}

/** Common to every stream. */
export const streamCommon = object({ every: duration({ min: 1000 }).optional().describe('How often it is read') });

/** Common to every sink. */
export const sinkCommon = object({
  type: text().describe('The kind of sink'),
  every: duration({ min: 1 }).optional().describe('At most one delivery in this time, for digests'),
});

/** Names end up in logs, metrics and the journal. */
export const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const nameRule = 'must be letters, digits, `.`, `_` or `-`, at most 64, beginning with a letter or digit';

export const route = object({
  from: either(text(), list(text()).min(1, 'names no stream'))
    .meta({ examples: ['events', ['events', 'siem-alerts'], '*'] })
    .describe('Stream, list of streams, or `*` for every stream that is read'),
  to: text()
    .meta({ examples: ['splunk'] })
    .describe('Name of the sink'),
  name: pattern(nameForm, nameRule)
    .optional()
    .meta({ examples: ['urgent'] })
    .describe("The route's name; by default its sink's"),
  format: either(
    text(),
    z.looseObject({
      type: text()
        .meta({ examples: ['raw', { type: 'siem-cef', convertDhost: false }] })
        .describe('The format'),
    }),
  )
    .default('json')
    .describe('How records are written: a format, or `{ type: format, ...options }`'),
  where: text()
    .optional()
    .meta({ examples: ['severity >= "high"'] })
    .describe('Only records for which this filter is true'),
  preset: choice(...routePresetNames)
    .optional()
    .describe('A filter by name, beside `where`: `pua-mail` takes detections of potentially unwanted applications'),
  every: duration({ min: 1 }).optional().describe("At most one delivery in this time, instead of the sink's"),
  start: choice('now', 'oldest').default('now').describe('Where a new route begins in an existing state'),
});

export const routes = list(z.unknown())
  .min(1, 'holds no route; leave it out, or add one')
  .meta({ examples: [[{ from: '*', to: 'archive' }]] });

export const defaults = object({
  output: text().default('table').describe('Output of the reading commands on a terminal'),
  days: integer({ min: 1, max: 90 }).default(1).describe('Days that are read when no time is given'),
  pageSize: map(integer({ min: 1, max: 1000 }))
    .default({})
    .meta({ examples: [{ events: 500 }] })
    .describe('Items per page, by stream'),
});

export const journal = object({
  keep: duration().prefault('24h').describe('How long delivered records stay, for replay'),
  maxSize: size().prefault('20GB').describe('Largest size of the journal'),
  minFree: size().prefault('1GB').describe('Space that stays free on its disk'),
  whenFull: choice('pause', 'drop').default('pause').describe("`pause` stops reading; `drop` gives up the slowest route's oldest records"),
});

export const logLevels = ['error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export const logFormats = ['pretty', 'json'] as const;

export const log = object({
  level: choice(...logLevels)
    .default('info')
    .describe('Least important level that is written'),
  format: choice(...logFormats)
    .optional()
    .describe('By default `pretty` on a terminal and `json` elsewhere'),
  file: text()
    .optional()
    .meta({ examples: ['logs/sophos-central.log'] })
    .describe('File for the log instead of stderr; relative to the configuration file'),
  rotate: object({
    size: size().prefault('50MB').describe('Largest size of the log file'),
    keep: integer({ min: 1 }).default(5).describe('How many old files stay'),
  })
    .optional()
    .describe('When the log file is put aside'),
});

/** What can be done about an alert (reference, 5.1). */
export const alertActions = ['acknowledge', 'cleanPua', 'cleanVirus', 'authPua', 'clearThreat', 'clearHmpa', 'sendMsgPua', 'sendMsgThreat'] as const;

export const action = object({
  from: choice('alerts').describe('The stream whose records are acted upon'),
  where: text()
    .optional()
    .meta({ examples: ['severity == "low"'] })
    .describe('Only records for which this filter is true'),
  do: choice(...alertActions).describe('What is done, once a record has been delivered to every route that wants it'),
  message: text()
    .max(1000, 'must be at most 1000 characters')
    .optional()
    .meta({ examples: ['seen in the SIEM'] })
    .describe('Text that Central keeps with the action'),
  maxPerHour: integer({ min: 1, max: 10_000 }).default(100).describe('More than this wait for the next hour'),
  name: pattern(nameForm, nameRule)
    .optional()
    .meta({ examples: ['low-alerts'] })
    .describe("The rule's name in the action log and in `status`; by default what it does"),
});

export const actions = list(z.unknown())
  .min(1, 'holds no rule; leave it out, or add one')
  .meta({ examples: [[{ from: 'alerts', do: 'acknowledge' }]] });

const risks = ['HIGH', 'MEDIUM', 'LOW', 'TRUSTED', 'UNCLASSIFIED'] as const;

/** SophosLabs Intelix, for the intelix commands. */
export const intelix = object({
  clientId: text()
    .optional()
    .meta({ examples: ['${env:SOPHOS_INTELIX_CLIENT_ID}'] })
    .describe('Client id of the Intelix subscription; without it SOPHOS_INTELIX_CLIENT_ID is used'),
  clientSecret: secretText()
    .optional()
    .meta({ examples: ['${env:SOPHOS_INTELIX_CLIENT_SECRET}'] })
    .describe('Client secret of the Intelix subscription; without it SOPHOS_INTELIX_CLIENT_SECRET is used'),
  region: choice('us', 'de').default('us').describe('Where lookups are answered'),
  authUrl: urlText()
    .optional()
    .meta({ examples: ['https://api.labs.sophos.com'] })
    .describe('Another host for tokens, for a simulator or a proxy; SOPHOS_INTELIX_AUTH_URL beats it'),
  apiUrl: urlText()
    .optional()
    .meta({ examples: ['https://de.api.labs.sophos.com'] })
    .describe('Another host for lookups; SOPHOS_INTELIX_API_URL beats it'),
  ipRisk: map(choice(...risks))
    .default({})
    .meta({ examples: [{ bulk_mta: 'LOW' }] })
    .describe('Risk of an IP address by its category; what is not named here keeps its default'),
  rateLimits: object({
    second: integer({ min: 1 }).optional().describe('Lookups in one second'),
    minute: integer({ min: 1 }).optional().describe('Lookups in one minute'),
    hour: integer({ min: 1 }).optional().describe('Lookups in one hour'),
    day: integer({ min: 1 }).optional().describe('Lookups in one day'),
  })
    .default({})
    .describe('What the subscription allows'),
});

export const http = object({
  listen: pattern(/^(\[[0-9A-Fa-f:]+\]|[^:\s]+):\d{1,5}$/, 'expected `host:port`')
    .meta({ examples: ['127.0.0.1:8686'] })
    .describe('Address of the status page and metrics'),
});

export const state = text().default('./sophos-central-state').describe('Folder of the journal and checkpoints; relative to the configuration file');

/** Every key at the top of the file. */
export const topKeys = [
  'central',
  'accounts',
  'intelix',
  'tenants',
  'streams',
  'sinks',
  'routes',
  'defaults',
  'state',
  'journal',
  'log',
  'http',
  'actions',
  'secrets',
] as const;
