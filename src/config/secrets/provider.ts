import type { Secret } from '../../core/world.ts';

/**
 * A source of secrets as the reading of the configuration sees it. A `SecretProvider` is one.
 *
 * Shape    without `resolve` nobody may be asked now: the placeholder stays as it is, and only its form is checked.
 */
export interface SecretSource {
  readonly scheme: string;
  /** Of a source that is not everywhere: can this name be asked for? Asks nobody. Throws config, mostly `secret.form`. */
  check?(name: string): Promise<void>;
  resolve?(name: string, signal: AbortSignal): Promise<Secret>;
}

/** A source that is asked over the network, or by the service alone. */
export type RemoteSource = Required<SecretSource>;

/** Every scheme there is: the list for "did you mean". */
export const schemes = ['env', 'file', 'aws-secret', 'keyring', 'vault', 'azure-kv', 'gcp-secret', 'systemd', 'ini'] as const;
