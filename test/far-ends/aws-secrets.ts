/**
 * AWS Secrets Manager on loopback, as far as reading secrets goes: it checks Signature Version 4 from the text of the request alone,
 * knows several secrets and their rotation, and misbehaves on request. Without a test around it, `startAwsSecrets` serves as well.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Answer, type Asked, type Misbehaving, startMisbehaving, type Ways } from './misbehaving.ts';

export interface AwsSecretsWays {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary keys come with one, and only with it. */
  readonly sessionToken?: string;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** What its clock says; the real time unless given. */
  readonly now?: () => number;
  readonly tls?: Ways['tls'];
}

/** A text, or bytes as SecretBinary. */
export type AwsSecretValue = string | Uint8Array;

export interface AwsSecrets extends Misbehaving {
  /** Creates a secret, or gives it a new version that is AWSCURRENT from now on. An object is stored as its JSON. */
  rotate(name: string, value: AwsSecretValue | object): void;
  /** The identity may not read this secret any more. */
  deny(name: string): void;
  /** The session has ended. */
  expire(): void;
  /** How often a value was handed out. */
  handedOut(name: string): number;
}

const no = (status: number, type: string, message: string): Answer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'a1b2c3d4-0000-4000-8000-000000000000' },
  body: JSON.stringify({ __type: type, message }),
});

export async function startAwsSecrets(ways: AwsSecretsWays): Promise<AwsSecrets> {
  const { region = 'us-east-1', now = Date.now, tls } = ways;
  const secrets = new Map<string, { value: AwsSecretValue; version: number }>();
  const denied = new Set<string>();
  const handed = new Map<string, number>();
  let isExpired = false;
  const arnOf = (name: string) => `arn:aws:secretsmanager:${region}:123456789012:secret:${name}-AbCdEf`;

  function take(asked: Asked): Answer {
    const problem = judgeSignature(asked, ways, region, now());
    if (problem) return problem;
    if (isExpired) return no(400, 'ExpiredTokenException', 'The security token included in the request is expired');
    if (asked.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue') return no(400, 'UnknownOperationException', '');
    if (asked.headers['content-type'] !== 'application/x-amz-json-1.1') return no(400, 'SerializationException', 'wrong content type');
    const { SecretId: id, VersionStage: stage = 'AWSCURRENT' } = JSON.parse(asked.body) as { SecretId?: string; VersionStage?: string };
    const found = [...secrets.keys()].find((name) => id === name || id === arnOf(name));
    if (found !== undefined && denied.has(found))
      return no(
        400,
        'AccessDeniedException',
        `User: arn:aws:iam::123456789012:user/siem is not authorized to perform: secretsmanager:GetSecretValue on resource: ${arnOf(found)} because no identity-based policy allows the secretsmanager:GetSecretValue action`,
      );
    const secret = found === undefined ? undefined : secrets.get(found);
    if (found === undefined || !secret || stage !== 'AWSCURRENT')
      return no(400, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    handed.set(found, (handed.get(found) ?? 0) + 1);
    const value = typeof secret.value === 'string' ? { SecretString: secret.value } : { SecretBinary: Buffer.from(secret.value).toString('base64') };
    const body = {
      ARN: arnOf(found),
      Name: found,
      VersionId: `00000000-0000-4000-8000-${String(secret.version).padStart(12, '0')}`,
      ...value,
      VersionStages: ['AWSCURRENT'],
      CreatedDate: 1_780_000_000.5,
    };
    return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
  }

  const far = await startMisbehaving({ ...(tls ? { tls } : {}), bringsRecords: () => true, take });
  return {
    ...far,
    rotate(name, value) {
      const text = typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value);
      secrets.set(name, { value: text, version: (secrets.get(name)?.version ?? 0) + 1 });
    },
    deny: (name) => void denied.add(name),
    expire() {
      isExpired = true;
    },
    handedOut: (name) => handed.get(name) ?? 0,
  };
}

const authorization = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/** As AWS, "Create a signed AWS API request", tells it, backwards. */
function judgeSignature({ method, path, query, headers, wire }: Asked, ways: AwsSecretsWays, region: string, now: number): Answer | null {
  const found = authorization.exec(String(headers.authorization));
  if (!found) return no(400, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
  const [, id = '', day = '', place = '', service = '', names = '', signature = ''] = found;
  const token = headers['x-amz-security-token'];
  if (id !== ways.accessKeyId || (token ?? '') !== (ways.sessionToken ?? ''))
    return no(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
  const mismatch = (why: string) => no(400, 'InvalidSignatureException', why);
  if (service !== 'secretsmanager') return mismatch(`Credential should be scoped to correct service: 'secretsmanager'.`);
  if (place !== region) return mismatch(`Credential should be scoped to a valid region, not '${place}'.`);
  const stamp = String(headers['x-amz-date']);
  const at = Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(at) || !stamp.startsWith(day)) return mismatch('Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP');
  if (at < now - 300_000)
    return {
      ...mismatch(`Signature expired: ${stamp} is now earlier than ${new Date(now - 300_000).toISOString()}`),
      headers: { date: new Date(now).toUTCString(), 'content-type': 'application/x-amz-json-1.1' },
    };
  if (at > now + 300_000)
    return {
      ...mismatch(`Signature not yet current: ${stamp} is still later than ${new Date(now + 300_000).toISOString()}`),
      headers: { date: new Date(now).toUTCString(), 'content-type': 'application/x-amz-json-1.1' },
    };
  const list = names.split(';');
  const mustBeSigned = Object.keys(headers).filter((name) => name.startsWith('x-amz-') || name === 'host' || name === 'content-type');
  if (mustBeSigned.some((name) => !list.includes(name)) || list.join() !== [...list].sort().join())
    return mismatch('There were headers present in the request which were not signed');
  const hash = createHash('sha256').update(wire).digest('hex');
  const told = headers['x-amz-content-sha256'];
  if (told !== undefined && told !== hash) return mismatch('The provided x-amz-content-sha256 header does not match what was computed.');
  const encode = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  const canonical = [
    method,
    // Twice encoded, as for every service but S3; this service has but one path.
    path.split('/').map(encode).join('/'),
    [...query]
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .sort()
      .join('&'),
    ...list.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    names,
    hash,
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', stamp, `${day}/${region}/${service}/aws4_request`, createHash('sha256').update(canonical).digest('hex')].join('\n');
  let key: Buffer = Buffer.from(`AWS4${ways.secretAccessKey}`);
  for (const part of [day, region, service, 'aws4_request']) key = createHmac('sha256', key).update(part).digest();
  const right = createHmac('sha256', key).update(text).digest();
  if (timingSafeEqual(right, Buffer.from(signature, 'hex'))) return null;
  return mismatch('The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.');
}
