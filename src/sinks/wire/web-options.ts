/** What the user may say about any far end that is spoken to by HTTP. */
import { choice, duration, either, integer, list, map, object, pattern, secretText, size, text } from '../../core/schema.ts';
import type { Millis } from '../../core/types.ts';
import type { Secret } from '../../core/world.ts';

/** The options as they are after reading. */
export interface WebOptions {
  readonly bearer?: Secret | undefined;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly secretHeaders: Readonly<Record<string, Secret>>;
  readonly gzip: boolean;
  readonly timeout: Millis;
  readonly caFile?: string | undefined;
  readonly proxy?: Secret | 'none' | undefined;
}

export interface BatchOptions {
  readonly records: number;
  readonly bytes: number;
}

/** RFC 9110, 5.6.2. */
const headerForm = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

/** What describes the body and the connection is ours to say. */
const ownHeaders = new Set(
  ['host', 'content-length', 'content-encoding', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade', 'expect', 'te', 'trailer'].concat(
    'proxy-authorization',
  ),
);

const isHeaderMap = (headers: object) => Object.keys(headers).every((name) => headerForm.test(name) && !ownHeaders.has(name.toLowerCase()));
const headerRule = 'names must be those of HTTP headers, and none that speaks of the length of the body or the connection';

/** An address, or several that take turns. */
export const addresses = (isRight: (value: string) => boolean, expected: string, example: string) => {
  const one = () =>
    text()
      .refine(isRight, expected)
      .meta({ examples: [example] });
  return either(one(), list(one()).min(1, 'must name at least one address'));
};

/** Without user, password and fragment: credentials have options of their own. */
export function isPlainAddress(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, hash } = new URL(value);
  return (protocol === 'https:' || protocol === 'http:') && `${username}${password}${hash}` === '';
}

/** The way to a far end: how long an answer may take, whom to trust, and through which proxy. */
export const wayOptions = {
  timeout: duration({ min: 1 }).prefault('30s').describe('Longest wait for the answer to one request'),
  caFile: text()
    .optional()
    .meta({ examples: ['company-ca.pem'] })
    .describe('PEM file of certificates to trust besides the system`s'),
  proxy: either(choice('none'), secretText())
    .optional()
    .meta({ examples: ['http://proxy.example.com:3128', 'none'] })
    .describe('HTTP proxy, `none` to use none'),
};

/** The same for every sink that sends requests. */
export const webShape = {
  bearer: secretText()
    .optional()
    .meta({ examples: ['${env:BEARER_TOKEN}'] })
    .describe('Token, sent as `Authorization: Bearer`'),
  username: pattern(/^[^:]+$/, 'must be a name without a colon')
    .optional()
    .meta({ examples: ['connector'] })
    .describe('User name, sent with `password` as basic authentication'),
  password: secretText()
    .optional()
    .meta({ examples: ['${env:PASSWORD}'] })
    .describe('Password of `username`'),
  secretHeaders: map(secretText())
    .refine(isHeaderMap, headerRule)
    .prefault({})
    .meta({ examples: [{ 'X-Api-Key': '${env:API_KEY}' }] })
    .describe('Further headers whose values are secrets, such as an API key'),
  ...wayOptions,
};

/** What a header may hold without being encoded. */
export const headerText = () => pattern(/^[\x20-\x7e]+$/, 'must be printable ASCII');

export const headerMap = () =>
  map(headerText())
    .refine(isHeaderMap, headerRule)
    .default({})
    .meta({ examples: [{ 'X-Source': 'sophos-central' }] });

export const batch = (records: number, bytes: string) =>
  object({
    records: integer({ min: 1, max: 100_000 }).default(records).describe('Most records in one request'),
    bytes: size({ least: '1KB' }).prefault(bytes).describe('Most bytes in one request, before compression'),
  })
    .prefault({})
    .describe('How much goes into one request');

/** What does not go together, each with the key that is at fault. */
export function webConflicts({ bearer, username, password, secretHeaders, headers }: Partial<WebOptions>): [key: string, message: string][] {
  const conflicts: [string, string][] = [];
  if ((username === undefined) !== (password === undefined))
    conflicts.push([username === undefined ? 'password' : 'username', '`username` and `password` go together']);
  if (bearer !== undefined && username !== undefined) conflicts.push(['bearer', 'goes without `username` and `password`']);
  for (const [key, named] of Object.entries({ headers, secretHeaders })) {
    const names = Object.keys(named ?? {}).map((name) => name.toLowerCase());
    if (names.includes('authorization') && (bearer !== undefined || username !== undefined))
      conflicts.push([key, '`authorization` goes without `bearer` and `username`']);
  }
  return conflicts;
}
