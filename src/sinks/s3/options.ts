import { choice, flag, integer, object, pattern, secretText, text } from '../../core/schema.ts';
import type { Millis } from '../../core/types.ts';
import type { Secret } from '../../core/world.ts';
import { type BatchOptions, batch, isPlainAddress, webShape } from '../wire/web-options.ts';

const { timeout, caFile, proxy } = webShape;

/** What a user may write below `type: s3`. */
export const options = object({
  bucket: pattern(/^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/, 'must be the name of a bucket, not its address')
    .meta({ examples: ['siem-archive'] })
    .describe('The bucket'),
  region: pattern(/^[a-z0-9-]+$/, 'must be a region such as `eu-central-1`')
    .optional()
    .meta({ examples: ['eu-central-1'] })
    .describe('Region of the bucket; without it `AWS_REGION` or `AWS_DEFAULT_REGION`'),
  endpoint: text()
    .refine(isEndpoint, 'expected `https://host:port` (or `http://`), without user, password and query')
    .optional()
    .meta({ examples: ['https://minio.example.com:9000'] })
    .describe('Another service that speaks S3; unset means that of AWS'),
  pathStyle: flag().optional().describe('Name the bucket in the path and not in the host; default with `endpoint`, or when its name holds a dot'),
  prefix: text()
    .refine(isPrefix, 'must be parts with single slashes between, and none of them `.` or `..`')
    .default('sophos/{tenant.name}/{stream}/{date}')
    .describe('Where the objects are put in the bucket, a template'),
  gzip: flag().default(true).describe('Compress the objects'),
  accessKeyId: pattern(/^[\x21-\x7e]+$/, 'must not hold blanks')
    .optional()
    .meta({ examples: ['${env:AWS_ACCESS_KEY_ID}'] })
    .describe('Access key; without it `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`'),
  secretAccessKey: secretText()
    .optional()
    .meta({ examples: ['${env:AWS_SECRET_ACCESS_KEY}'] })
    .describe('Secret of the access key'),
  sessionToken: secretText()
    .optional()
    .meta({ examples: ['${env:AWS_SESSION_TOKEN}'] })
    .describe('Session token of a temporary access key'),
  encryption: choice('AES256', 'aws:kms', 'aws:kms:dsse').optional().describe('Encryption on the server; unset leaves it to the bucket'),
  kmsKeyId: pattern(/^[\x21-\x7e]+$/, 'must not hold blanks')
    .optional()
    .meta({ examples: ['alias/siem'] })
    .describe('Key of AWS KMS, with `encryption: aws:kms`'),
  storageClass: pattern(/^[A-Z0-9_]+$/, 'must be a storage class such as `STANDARD_IA`')
    .optional()
    .meta({ examples: ['STANDARD_IA'] })
    .describe('Storage class of the objects'),
  acl: pattern(/^[a-z-]+$/, 'must be a canned ACL such as `bucket-owner-full-control`')
    .optional()
    .meta({ examples: ['bucket-owner-full-control'] })
    .describe('Canned ACL of the objects'),
  checksum: choice('sha256', 'md5').default('sha256').describe('Checksum that the service compares and, `sha256`, keeps with the object'),
  batch: batch(10_000, '16MB'),
  uploads: integer({ min: 1, max: 64 }).default(8).describe('Objects under way at once'),
  timeout,
  caFile,
  proxy,
})
  .superRefine((given, context) => {
    const issue = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
    if ((given.accessKeyId === undefined) !== (given.secretAccessKey === undefined))
      issue(given.accessKeyId === undefined ? 'secretAccessKey' : 'accessKeyId', '`accessKeyId` and `secretAccessKey` go together');
    if (given.sessionToken !== undefined && given.accessKeyId === undefined) issue('sessionToken', 'goes with `accessKeyId` and `secretAccessKey`');
    if (given.kmsKeyId !== undefined && !given.encryption?.startsWith('aws:kms')) issue('kmsKeyId', 'goes with `encryption: aws:kms`');
  })
  .describe('Amazon S3, and others that speak it');

/** The options as they are after reading. */
export interface S3Options {
  readonly bucket: string;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly pathStyle?: boolean | undefined;
  readonly prefix: string;
  readonly gzip: boolean;
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: Secret | undefined;
  readonly sessionToken?: Secret | undefined;
  readonly encryption?: string | undefined;
  readonly kmsKeyId?: string | undefined;
  readonly storageClass?: string | undefined;
  readonly acl?: string | undefined;
  readonly checksum: 'sha256' | 'md5';
  readonly batch: BatchOptions;
  readonly uploads: number;
  readonly timeout: Millis;
  readonly caFile?: string | undefined;
  readonly proxy?: Secret | 'none' | undefined;
}

function isEndpoint(value: string): boolean {
  return isPlainAddress(value) && new URL(value).search === '' && !/%(?![0-9A-Fa-f]{2})/.test(value);
}

function isPrefix(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  return value.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && !/[\u0000-\u001f\u007f\\]/.test(value);
}

/** The address of the bucket, without a slash at its end. */
export function bucketUrlOf({ bucket, endpoint, pathStyle }: S3Options, region: string): string {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const { protocol, host, pathname } = new URL(endpoint ?? `https://s3.${region}.${domain}`);
  const folder = pathname.replace(/\/+$/, '');
  // The certificate of AWS is for one name before its domain.
  const inPath = pathStyle ?? (endpoint !== undefined || bucket.includes('.'));
  return inPath ? `${protocol}//${host}${folder}/${bucket}` : `${protocol}//${bucket}.${host}${folder}`;
}
