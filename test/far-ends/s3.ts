/**
 * A service that speaks as much S3 as the sink needs, on loopback: it checks Signature Version 4 with a reading of its own, keeps objects
 * by key, and misbehaves on request.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { type Answer, type Asked, type Misbehaving, startMisbehaving, type Ways } from './misbehaving.ts';

export interface StoredObject {
  readonly headers: Asked['headers'];
  readonly bytes: Buffer;
  /** Uncompressed. */
  readonly text: string;
}

export interface S3 extends Misbehaving {
  /** Key -> object, keys in their order. */
  readonly objects: ReadonlyMap<string, StoredObject>;
  /** Every line of every object, by key. */
  lines(): string[];
  /** How often an object was written over. */
  overwritten(): number;
}

export interface S3Ways {
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region?: string;
  /** What its clock says; the real time unless given. */
  readonly now?: () => number;
  readonly mayList?: boolean;
  readonly tls?: Ways['tls'];
}

export function errorXml(code: string, message: string, more = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more}<RequestId>4442587FB7D0A2F9</RequestId></Error>`;
}

const no = (status: number, code: string, message: string, more = ''): Answer => ({ status, body: errorXml(code, message, more) });

export async function startS3(ways: S3Ways): Promise<S3> {
  const { bucket, region = 'us-east-1', now = Date.now, mayList = true, tls } = ways;
  const objects = new Map<string, StoredObject>();
  let overwritten = 0;

  function put(asked: Asked, key: string): Answer {
    const { headers, wire } = asked;
    const sha = createHash('sha256').update(wire);
    if (headers['x-amz-content-sha256'] !== sha.copy().digest('hex')) return no(400, 'XAmzContentSHA256Mismatch', 'The provided header does not match');
    const sums = [
      [headers['x-amz-checksum-sha256'], sha.digest('base64')],
      [headers['content-md5'], createHash('md5').update(wire).digest('base64')],
    ].filter(([given]) => given !== undefined);
    if (sums.length !== 1) return no(400, 'InvalidRequest', 'one checksum is wanted');
    if (sums.some(([given, right]) => given !== right)) return no(400, 'BadDigest', 'The checksum did not match');
    if (Buffer.byteLength(key) > 1024) return no(400, 'KeyTooLongError', 'Your key is too long');
    if (objects.has(key)) overwritten++;
    objects.set(key, { headers, bytes: wire, text: (key.endsWith('.gz') ? gunzipSync(wire) : wire).toString('utf8') });
    return { status: 200, headers: { etag: `"${createHash('md5').update(wire).digest('hex')}"` } };
  }

  const far = await startMisbehaving({
    ...(tls ? { tls } : {}),
    bringsRecords: ({ method }) => method === 'PUT',
    take(asked) {
      const problem = judgeSignature(asked, ways, region, now());
      if (problem) return problem;
      const [, first, ...rest] = asked.path.split('/').map(decodeURIComponent);
      if (first !== bucket) return no(404, 'NoSuchBucket', 'The specified bucket does not exist', `<BucketName>${first}</BucketName>`);
      const key = rest.join('/');
      if (asked.method === 'PUT' && key !== '') return put(asked, key);
      if (asked.method === 'GET' && asked.query.get('list-type') === '2')
        return mayList ? { status: 200, body: '<ListBucketResult></ListBucketResult>' } : no(403, 'AccessDenied', 'Access Denied');
      return no(405, 'MethodNotAllowed', 'The specified method is not allowed');
    },
  });
  const sorted = () => new Map([...objects].sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    ...far,
    get objects() {
      return sorted();
    },
    lines: () => [...sorted().values()].flatMap(({ text }) => text.replace(/\n$/, '').split('\n')),
    overwritten: () => overwritten,
  };
}

/** From the text of the request alone, as the documentation of Signature Version 4 tells the server to do it. */
function judgeSignature({ method, path, query, headers }: Asked, ways: S3Ways, region: string, now: number): Answer | null {
  const found = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/.exec(
    String(headers.authorization),
  );
  if (!found) return no(400, 'AuthorizationHeaderMalformed', 'The authorization header is malformed');
  const [, id = '', day = '', place = '', names = '', signature = ''] = found;
  if (id !== ways.accessKeyId) return no(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
  if (place !== region) return no(400, 'AuthorizationHeaderMalformed', `the region '${place}' is wrong; expecting '${region}'`, `<Region>${region}</Region>`);
  const stamp = String(headers['x-amz-date']);
  const at = Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(at) || !stamp.startsWith(day)) return no(403, 'AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header');
  if (Math.abs(at - now) > 900_000)
    return no(
      403,
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      `<ServerTime>${new Date(now).toISOString()}</ServerTime>`,
    );
  if (ways.sessionToken !== undefined && headers['x-amz-security-token'] !== ways.sessionToken)
    return no(400, 'InvalidToken', 'The provided token is malformed');
  const list = names.split(';');
  const mustBeSigned = Object.keys(headers).filter((name) => name.startsWith('x-amz-') || name === 'host' || name === 'content-type' || name === 'content-md5');
  if (mustBeSigned.some((name) => !list.includes(name)) || list.join() !== [...list].sort().join())
    return no(403, 'AccessDenied', 'There were headers present in the request which were not signed');
  const encode = (text: string) =>
    [...Buffer.from(text)]
      .map((byte) => (/[A-Za-z0-9\-._~]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`))
      .join('');
  const canonical = [
    method,
    path
      .split('/')
      .map((part) => encode(decodeURIComponent(part)))
      .join('/'),
    [...query]
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .sort()
      .join('&'),
    ...list.map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    names,
    String(headers['x-amz-content-sha256']),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', stamp, `${day}/${region}/s3/aws4_request`, createHash('sha256').update(canonical).digest('hex')].join('\n');
  let key: Buffer = Buffer.from(`AWS4${ways.secretAccessKey}`);
  for (const part of [day, region, 's3', 'aws4_request']) key = createHmac('sha256', key).update(part).digest();
  const right = createHmac('sha256', key).update(text).digest();
  if (timingSafeEqual(right, Buffer.from(signature, 'hex'))) return null;
  // As the service does: it repeats what it was asked, the access key included.
  return no(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided.',
    `<AWSAccessKeyId>${id}</AWSAccessKeyId>`,
  );
}
