import type { Failure } from '../../core/failure.ts';
import { clean } from './answer.ts';
import { badAnswer, busy, missing, noIdentity, refused } from './failures.ts';

/** What was asked for, for the message. */
export interface AwsAsked {
  readonly id: string;
  readonly region: string;
  readonly host: string;
  readonly identity: string;
  /** Nothing of these may be told. */
  secrets(): readonly (string | undefined)[];
}

/** What the user can do about a name of an error; `%ID` is the secret, `%REGION` the region. */
type Advice = readonly [make: (message: string, advice: string, cause?: unknown) => Failure, advice: string];

/** Source: API reference of Secrets Manager, GetSecretValue "Errors" and "Common Errors"; STS, "Common Errors". */
const known: Readonly<Record<string, Advice>> = {
  ResourceNotFoundException: [missing, 'check the name, the region %REGION and the account; the version must have the stage AWSCURRENT'],
  InvalidRequestException: [missing, 'look at the secret in AWS: it may be marked for deletion (restore it), or managed by another service'],
  InvalidParameterException: [missing, 'check the name of the secret'],
  ValidationException: [missing, 'check the name of the secret'],
  DecryptionFailure: [refused, 'allow the identity `kms:Decrypt` on the key of the secret, and look whether the key is enabled'],
  AccessDeniedException: [refused, 'allow the identity `secretsmanager:GetSecretValue` on the secret, and `kms:Decrypt` if it has a key of its own'],
  AccessDenied: [refused, 'check the role: who is asking may not take it, or may not read the secret'],
  ExpiredTokenException: [refused, 'renew the session: its token has expired (`aws sso login`, or new temporary keys)'],
  ExpiredToken: [refused, 'renew the session: its token has expired (`aws sso login`, or new temporary keys)'],
  UnrecognizedClientException: [refused, 'check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN: AWS does not know this key'],
  InvalidClientTokenId: [refused, 'check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN: AWS does not know this key'],
  InvalidSignatureException: [refused, 'check AWS_SECRET_ACCESS_KEY, and the clock of this machine'],
  SignatureDoesNotMatch: [refused, 'check AWS_SECRET_ACCESS_KEY, and the clock of this machine'],
  IncompleteSignatureException: [refused, 'check the access key: it holds a character that it cannot have'],
  MissingAuthenticationTokenException: [refused, 'check the endpoint: it did not see who is asking'],
  RequestTimeTooSkewed: [refused, 'set the clock of this machine'],
  RequestExpired: [refused, 'set the clock of this machine'],
  OptInRequired: [refused, 'enable the region %REGION for the account'],
  NotAuthorized: [refused, 'allow the identity `secretsmanager:GetSecretValue` on the secret'],
  InvalidIdentityToken: [refused, 'check the web identity token and the trust of the role'],
  ExpiredIdTokenException: [refused, 'renew the web identity token'],
};

const forNow = /Throttl|TooManyRequests|SlowDown|LimitExceeded|InternalService|InternalFailure|InternalServer|ServiceUnavailable|RequestTimeout$/;
const sources =
  'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a profile (`secrets.aws.profile`, AWS_PROFILE), a web identity, a container role or an instance role';

/** What the SDK threw, in our words. */
export function awsFailure(error: unknown, { id, region, host, identity, secrets }: AwsAsked): Failure | unknown {
  if (!(error instanceof Error)) return error;
  const status = statusOf(error);
  const said = clean(error.message, secrets());
  const asked = `AWS Secrets Manager (${host}, region ${region}, asked as ${identity})`;
  const told = `${asked} does not give \`${clean(id)}\`: ${clean(error.name)}${said === '' || said === error.name ? '' : `: ${said}`}`;
  const found = Object.hasOwn(known, error.name) ? known[error.name] : undefined;
  // The cause is left out of all of these: it holds the request and its signature.
  if (found) return found[0](told, found[1].replace('%REGION', region));
  if (/^(Credentials|Token|TokenProvider)(Provider)?Error$|^ProviderError$/.test(error.name)) return noCredentials(asked, said);
  if (forNow.test(error.name) || status === 429 || status >= 500) return busy(told);
  if (
    error instanceof SyntaxError ||
    /deserializ|unexpected token|not valid json|protocol/i.test(`${error.name} ${error.message}`) ||
    (status > 0 && error.name === 'Error')
  )
    return badAnswer(
      `${asked} gave an answer that is none of Secrets Manager's (status ${status || 'unknown'})`,
      'check the endpoint, and look for a proxy in between that answers by itself',
    );
  if (status >= 300) return refused(`${told} (status ${status})`, 'check the identity, the region and the name of the secret');
  return noCredentials(asked, said);
}

function noCredentials(asked: string, said: string): Failure {
  return noIdentity(
    `${asked} could not be asked, as there are no credentials: ${said}; looked at the environment, the shared files, web identity, container and instance`,
    sources,
  );
}

function statusOf(error: Error): number {
  const { $metadata: metadata, $response: response } = error as { $metadata?: { httpStatusCode?: unknown }; $response?: { statusCode?: unknown } };
  const status = metadata?.httpStatusCode ?? response?.statusCode;
  return typeof status === 'number' ? status : 0;
}
