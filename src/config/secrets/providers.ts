import type { Env } from '../find.ts';
import { openAsking } from './asking.ts';
import { awsSecrets, checkAwsSecret } from './aws-secret.ts';
import { azureSecrets, checkAzure } from './azure-kv.ts';
import { envSecrets } from './env.ts';
import { fileSecrets } from './file.ts';
import { checkGcp, gcpSecrets } from './gcp-secret.ts';
import { iniSecrets } from './ini.ts';
import { keyringSecrets } from './keyring.ts';
import type { Outside } from './outside.ts';
import type { RemoteSource, SecretSource } from './provider.ts';
import { type Ready, type SecretSettings, type Setting, variable } from './settings.ts';
import { systemdSecrets } from './systemd.ts';
import { checkVault, vaultSecrets } from './vault.ts';

export type { Outside } from './outside.ts';

export interface ProvidersInput {
  readonly env: Env;
  /** Relative paths start here: the configuration file's folder. */
  readonly folder: string;
  /** Absent where nothing may be asked over the network: then only the form of such placeholders is checked. */
  readonly world?: Outside;
}

/**
 * Sources that ask nobody over the network: all that `secrets` itself may use.
 *
 * Whoever looks at a configuration without a world is not the service, which alone has systemd's credentials.
 */
export function openLocalProviders({ env, folder, world }: ProvidersInput): readonly SecretSource[] {
  const { scheme, check, resolve } = systemdSecrets(env);
  const systemd = world || variable(env, 'CREDENTIALS_DIRECTORY') !== undefined ? { scheme, resolve } : { scheme, check };
  return [envSecrets(env), fileSecrets(folder), systemd, keyringSecrets({ env }), iniSecrets(folder)];
}

/** A source that is asked over the network: what can be said of a name without asking, and who asks. */
type Remote = readonly [scheme: string, check: (name: string, setting: Setting) => Promise<void>, open: (ready: Ready) => RemoteSource];

const remote: readonly Remote[] = [
  ['aws-secret', checkAwsSecret, awsSecrets],
  ['vault', checkVault, vaultSecrets],
  ['azure-kv', checkAzure, azureSecrets],
  ['gcp-secret', checkGcp, gcpSecrets],
];

/**
 * Every source of secrets, by its scheme. `settings` is the section `secrets`; `null` when it cannot be used, which is told elsewhere.
 *
 * Calls    anew for each reading of the configuration: what a provider has asked for it remembers, so that several keys of one secret cost one call.
 *          Costs nothing until something is asked for.
 */
export function openProviders(input: ProvidersInput & { readonly settings: SecretSettings | null }): readonly SecretSource[] {
  const { env, folder, world, settings } = input;
  const local = openLocalProviders(input);
  if (settings === null) return [...local, ...remote.map(([scheme]) => ({ scheme }))];
  const setting: Setting = { settings, env, folder };
  if (!world) return [...local, ...remote.map(([scheme, check]) => ({ scheme, check: (name: string) => check(name, setting) }))];
  const ready: Ready = { ...setting, world, asking: openAsking(world) };
  return [...local, ...remote.map(([, , open]) => open(ready))];
}
