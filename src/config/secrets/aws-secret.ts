import { Failure } from '../../core/failure.ts';
import type { Secret } from '../../core/world.ts';
import { clean, keyOf, sealed } from './answer.ts';
import { readAwsName, regionOf } from './aws-place.ts';
import { type AwsAsked, awsFailure } from './aws-refusal.ts';
import { type AwsClient, type AwsValue, openAwsClient } from './aws-sdk.ts';
import { badAnswer, missing } from './failures.ts';
import type { RemoteSource } from './provider.ts';
import type { Ready, Setting } from './settings.ts';

/** Is `NAME#KEY` one that can be asked for, and is a region known? Throws config `secret.form`. */
export async function checkAwsSecret(name: string, setting: Setting): Promise<void> {
  await regionOf(readAwsName(name), setting);
}

/**
 * `${aws-secret:NAME#KEY}`: a secret of AWS Secrets Manager, through AWS' own SDK.
 *
 * Throws   config when the name, the identity or the rights are at fault, or the SDK is not installed; transient when it may pass.
 * Calls    GetSecretValue once per secret, for all its keys together, of the version AWSCURRENT.
 */
export function awsSecrets(ready: Ready): RemoteSource {
  const clients = new Map<string, Promise<AwsClient>>();

  function clientOf(region: string): Promise<AwsClient> {
    const client = clients.get(region) ?? openAwsClient(region, ready);
    clients.set(region, client);
    return client;
  }

  return {
    scheme: 'aws-secret',
    check: (name) => checkAwsSecret(name, ready),
    async resolve(written, signal) {
      const name = readAwsName(written);
      const region = await regionOf(name, ready);
      const client = await clientOf(region);
      const asked: AwsAsked = { id: name.id, region, host: client.host, identity: client.identity, secrets: client.secrets };
      const value = await ready.asking.once(
        `aws:${region} ${name.id}`,
        () =>
          client.ask(name.id, signal).catch((error: unknown) => {
            signal.throwIfAborted();
            throw error instanceof Failure && error.code.startsWith('secret.') ? error : awsFailure(error, asked);
          }),
        signal,
      );
      return secretOf(value, name.key, `the secret \`${clean(name.id)}\` in ${region}`);
    },
  };
}

function secretOf({ text, binary }: AwsValue, key: string | null, what: string): Secret {
  const value = typeof text === 'string' ? text : binary instanceof Uint8Array ? textOf(binary, what) : undefined;
  if (value === undefined)
    throw badAnswer(`AWS answered without a value for ${what}`, 'check the endpoint, and look for a proxy in between that answers by itself');
  return key === null ? sealed(value, what) : keyOf(value, key, what);
}

function textOf(binary: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(binary);
  } catch (cause) {
    throw missing(`${what} is binary and no UTF-8 text`, 'store it as a text', cause);
  }
}
