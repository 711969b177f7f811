import { Failure } from '../../core/failure.ts';
import { secret } from '../../core/secret.ts';
import type { SecretProvider } from '../../core/world.ts';
import { didYouMean } from '../suggest.ts';

/**
 * `${env:NAME}`: a variable of the environment.
 *
 * Throws   config `secret.missing` when it is unset or empty.
 */
export function envSecrets(env: Readonly<Record<string, string | undefined>>): SecretProvider {
  return {
    scheme: 'env',
    async resolve(name) {
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (value !== undefined && value !== '') return secret(value);
      const similar = didYouMean(
        name,
        Object.keys(env).filter((known) => env[known] !== undefined && env[known] !== ''),
      );
      const finding = value === '' ? 'is empty' : 'is not set';
      throw new Failure('config', 'secret.missing', `the environment variable \`${name}\` ${finding}`, { advice: similar ?? `set ${name} before the start` });
    },
  };
}
