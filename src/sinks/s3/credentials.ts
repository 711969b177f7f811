import { Failure } from '../../core/failure.ts';
import { secret } from '../../core/secret.ts';
import { readSecret } from '../wire/credentials.ts';
import type { S3Options } from './options.ts';
import type { Keys } from './sigv4.ts';

/** The variables that every tool of AWS reads. */
export type AwsEnvironment = Readonly<Record<string, string | undefined>>;

const form = /^[\x21-\x7e]+$/;

/**
 * The keys of the configuration, or else those of the environment; never some of both.
 *
 * Throws   config `s3.no-credentials` when there are none, `wire.secret-malformed` for what no header can carry.
 */
export function readKeys({ accessKeyId, secretAccessKey, sessionToken }: S3Options, env: AwsEnvironment): Keys {
  const token = (option: string, given: Keys['sessionToken']) => (given ? { sessionToken: readSecret(option, given, form) } : {});
  if (accessKeyId !== undefined && secretAccessKey)
    return { accessKeyId, secretAccessKey: readSecret('secretAccessKey', secretAccessKey, form), ...token('sessionToken', sessionToken) };
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: key, AWS_SESSION_TOKEN: session } = env;
  if (id === undefined || id.trim() === '' || key === undefined || key.trim() === '')
    throw new Failure(
      'config',
      's3.no-credentials',
      'opening the sink failed: there is neither `accessKeyId` nor `AWS_ACCESS_KEY_ID` with `AWS_SECRET_ACCESS_KEY` in the environment',
      { advice: 'Give `accessKeyId` and `secretAccessKey`, or set these variables; `aws configure export-credentials --format env` prints them.' },
    );
  return {
    accessKeyId: readSecret('AWS_ACCESS_KEY_ID', secret(id), form).reveal(),
    secretAccessKey: readSecret('AWS_SECRET_ACCESS_KEY', secret(key), form),
    ...token('AWS_SESSION_TOKEN', session ? secret(session) : undefined),
  };
}

/**
 * The region of the configuration, or else of the environment. Services other than that of AWS mostly want none, and `us-east-1` is what
 * their clients say then.
 *
 * Throws   config `s3.no-region`.
 */
export function readRegion({ region, endpoint }: S3Options, env: AwsEnvironment): string {
  const found = [region, env.AWS_REGION, env.AWS_DEFAULT_REGION].find((each) => each !== undefined && /^[a-z0-9-]+$/.test(each));
  if (found !== undefined) return found;
  if (endpoint !== undefined) return 'us-east-1';
  throw new Failure('config', 's3.no-region', 'opening the sink failed: there is neither `region` nor `AWS_REGION` in the environment', {
    advice: 'Set `region` to that of the bucket, such as `eu-central-1`.',
  });
}
