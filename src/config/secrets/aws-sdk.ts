/**
 * AWS' SDK, held by the hand: it signs and finds credentials, we do the sending, the waiting and the words.
 *
 * What it would do by itself and must not: warn on standard error, retry with sleeps of its own, pass by the proxy, remember the
 * credentials file for as long as the process lives.
 */
import type * as sdk from '@aws-sdk/client-secrets-manager';
import { Failure } from '../../core/failure.ts';
import { secretsOf } from './asking.ts';
import { profileOf, sharedFiles } from './aws-place.ts';
import { missing, unreachable } from './failures.ts';
import { type Ready, variable } from './settings.ts';

/** A secret as Secrets Manager gave it. */
export interface AwsValue {
  readonly text?: string | undefined;
  readonly binary?: Uint8Array | undefined;
}

export interface AwsClient {
  /** Where it asks, for messages. */
  readonly host: string;
  /** As whom, in words. */
  readonly identity: string;
  /** Nothing of these may be told. */
  secrets(): readonly (string | undefined)[];
  ask(id: string, signal: AbortSignal): Promise<AwsValue>;
}

type Sdk = typeof sdk;

/** The chain of credentials may run programs and ask several places: it ends all the same. */
const chainMs = 20_000;

/** What the SDK hands to whoever sends for it: https://github.com/smithy-lang/smithy-typescript, `HttpRequest`. */
interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export async function openAwsClient(region: string, ready: Ready): Promise<AwsClient> {
  const { env, settings, world } = ready;
  const { SecretsManagerClient, GetSecretValueCommand } = await load();
  const endpoint = endpointOf(ready);
  const host = endpoint === undefined ? `secretsmanager.${region}` : new URL(endpoint).host;
  const profile = profileOf(settings.aws?.profile, env);
  const keys = profile === undefined ? keysOf(env) : undefined;
  let lastTrouble: Failure | null = null;
  const carried = new Set<string>();

  const requestHandler = {
    async handle(request: SdkRequest, { abortSignal }: { readonly abortSignal?: unknown } = {}) {
      lastTrouble = null;
      for (const each of secretsOf({ headers: request.headers, ...bodyOf(request) })) carried.add(each);
      const signal = abortSignal instanceof AbortSignal ? abortSignal : new AbortController().signal;
      try {
        const reply = await ready.asking.plain(
          { method: request.method, url: urlOf(request), headers: request.headers, ...bodyOf(request) },
          `AWS at ${request.hostname}`,
          signal,
        );
        return { response: { statusCode: reply.status, reason: '', headers: reply.headers, body: reply.body } };
      } catch (error) {
        if (error instanceof Failure) lastTrouble = error;
        throw error;
      }
    },
    destroy: () => undefined,
  };
  const { config, credentials } = sharedFiles(env);
  const options = {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
    ...(keys === undefined ? {} : { credentials: keys }),
    requestHandler,
    maxAttempts: 1,
    logger: silent,
    // These three are read by the chain of credentials, which is given the client's options.
    filepath: credentials,
    configFilepath: config,
    ignoreCache: true,
  };
  const client = quietly(() => new SecretsManagerClient(options));

  async function send(id: string, signal: AbortSignal): Promise<AwsValue> {
    const { SecretString: text, SecretBinary: binary } = await client.send(new GetSecretValueCommand({ SecretId: id, VersionStage: 'AWSCURRENT' }), {
      abortSignal: signal,
    });
    return { text, binary };
  }

  return {
    host,
    identity: keys
      ? `the access key ${keys.accessKeyId} of the environment`
      : profile === undefined
        ? 'the usual sources of credentials'
        : `the profile \`${profile}\``,
    secrets: () => [keys?.secretAccessKey, keys?.sessionToken, ...carried],
    async ask(id, signal) {
      try {
        return await withinTime(world, signal, host, (limited) =>
          send(id, limited).catch((error: unknown) => {
            // The answer told the SDK how far our clock is off: signed again, it is right.
            if (isOfClock(error)) return send(id, limited);
            throw error;
          }),
        );
      } catch (error) {
        // What went wrong while sending, and not what the SDK made of it.
        throw lastTrouble ?? error;
      }
    },
  };
}

async function load(): Promise<Sdk> {
  try {
    return await import('@aws-sdk/client-secrets-manager');
  } catch (cause) {
    const isGone = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
    throw missing(
      `reading AWS Secrets Manager needs the package \`@aws-sdk/client-secrets-manager\`, which ${isGone ? 'is not installed' : 'cannot be loaded'}`,
      'run `npm install @aws-sdk/client-secrets-manager` where sophos-central-connector is installed, or install it again without `--omit=optional`',
      cause,
    );
  }
}

/** The order of https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html, before the shared file, which the SDK reads. */
function endpointOf({ env, settings }: Ready): string | undefined {
  if (settings.aws?.endpoint !== undefined) return settings.aws.endpoint;
  if (variable(env, 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS')?.toLowerCase() === 'true') return undefined;
  const url = variable(env, 'AWS_ENDPOINT_URL_SECRETS_MANAGER') ?? variable(env, 'AWS_ENDPOINT_URL');
  if (url === undefined) return undefined;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw missing('AWS_ENDPOINT_URL is no URL', 'write it as `https://host`, or leave it out');
}

function keysOf(env: Ready['env']): { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string } | undefined {
  const [accessKeyId, secretAccessKey, sessionToken] = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'].map((name) => variable(env, name));
  return accessKeyId === undefined || secretAccessKey === undefined
    ? undefined
    : { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

const nothing = () => undefined;
const silent = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/** The SDK warns on standard error, once, of versions of Node that it will stop to serve: that is for who builds this program, not for who runs it. */
function quietly<T>(make: () => T): T {
  const name = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';
  const before = process.env[name];
  process.env[name] = 'true';
  try {
    return make();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

function urlOf({ protocol, hostname, port, path, query = {} }: SdkRequest): string {
  const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`);
  for (const [name, value] of Object.entries(query)) for (const each of Array.isArray(value) ? value : [value]) url.searchParams.append(name, each ?? '');
  return url.href;
}

function bodyOf({ body }: SdkRequest): { readonly body?: string | Uint8Array } {
  return typeof body === 'string' || body instanceof Uint8Array ? { body } : {};
}

function isOfClock(error: unknown): boolean {
  return (
    error instanceof Error &&
    (/^RequestTimeTooSkewed|RequestExpired$/.test(error.name) || (error.name === 'InvalidSignatureException' && /expired|not yet current/i.test(error.message)))
  );
}

/** Not all links of the chain listen to a signal. */
async function withinTime<T>({ clock }: Ready['world'], signal: AbortSignal, host: string, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', onAbort, { once: true });
  const done = new AbortController();
  const late = clock.sleep(chainMs, AbortSignal.any([done.signal, stop.signal])).then(() => {
    const failure = unreachable(`AWS Secrets Manager at ${host} could not be asked: no credentials and no answer within ${chainMs} ms`, undefined);
    stop.abort(failure);
    throw failure;
  });
  const answer = ask(stop.signal);
  answer.catch(nothing);
  try {
    return await Promise.race([answer, late]);
  } finally {
    done.abort('the answer is there');
    late.catch(nothing);
    signal.removeEventListener('abort', onAbort);
  }
}
