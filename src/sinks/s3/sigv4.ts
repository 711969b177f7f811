import { createHash, createHmac } from 'node:crypto';
import type { Millis } from '../../core/types.ts';
import type { Secret } from '../../core/world.ts';

/** Who signs. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret | undefined;
}

/** What is signed. Every header given is part of the signature. */
export interface Signable {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case; `host` is taken from the URL. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body, hexadecimal. */
  readonly payloadHash: string;
  readonly region: string;
  readonly service: string;
  readonly now: Millis;
}

const algorithm = 'AWS4-HMAC-SHA256';

/**
 * Signs a request with Signature Version 4; resolves to the headers that belong to it, those given included.
 *
 * Source   AWS, "Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)"; the examples there are our tests.
 */
export function signed({ method, url, headers, payloadHash, region, service, now }: Signable, keys: Keys): Readonly<Record<string, string>> {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const day = stamp.slice(0, 8);
  const all: Record<string, string> = {
    ...headers,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': stamp,
    ...(keys.sessionToken ? { 'x-amz-security-token': keys.sessionToken.reveal() } : {}),
  };
  const canonical = Object.entries({ ...all, host: url.host })
    .map(([name, value]) => [name, value.trim().replace(/ +/g, ' ')] as const)
    .sort(byName);
  const names = canonical.map(([name]) => name).join(';');
  const lines = canonical.map(([name, value]) => `${name}:${value}\n`).join('');
  const request = [method, pathOf(url), queryOf(url), lines, names, payloadHash].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = [algorithm, stamp, scope, hashOf(request)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>((last, part) => mac(last, part), `AWS4${keys.secretAccessKey.reveal()}`);
  const signature = createHmac('sha256', key).update(text).digest('hex');
  return { ...all, authorization: `${algorithm} Credential=${keys.accessKeyId}/${scope},SignedHeaders=${names},Signature=${signature}` };
}

export function hashOf(body: string | Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Everything but the unreserved characters of RFC 3986, byte by byte. */
export function uriEncode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString('utf8')).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}

function pathOf({ pathname }: URL): string {
  // Once, not twice: S3 differs from other services here.
  return pathname
    .split('/')
    .map((part) => uriEncode(decodeURIComponent(part)))
    .join('/');
}

function queryOf({ searchParams }: URL): string {
  return [...searchParams]
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort((a, b) => byName(a, b) || (a[1] < b[1] ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function mac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
