import type { SecretProvider, World } from '../../core/world.ts';
import type { Env } from '../find.ts';
import { envSecrets } from './env.ts';
import { fileSecrets } from './file.ts';

/** What providers ask of the outside. */
export type Outside = Pick<World, 'http' | 'clock'>;

export interface ProvidersInput {
  readonly env: Env;
  /** Relative paths start here: the configuration file's folder. */
  readonly folder: string;
  /** Absent where nothing may be asked over the network. */
  readonly world?: Outside;
}

/**
 * Every source of secrets, by its scheme.
 *
 * Calls    anew for each reading of the configuration: what a provider has asked for it remembers, so that several keys of one secret cost one call.
 */
export function openProviders({ env, folder }: ProvidersInput): readonly SecretProvider[] {
  return [envSecrets(env), fileSecrets(folder)];
}
