import type { CentralCredential } from '../clients/central/credential.ts';
import type { Credentials } from '../config/plan.ts';
import { Failure } from '../core/failure.ts';
import type { Renew, World } from '../core/world.ts';

/** Whose secret it is, as the log says it. */
export type Whose = { readonly account: string } | { readonly sink: string } | { readonly service: string };

/** Reads a secret again and tells what came of it. One that cannot be read now counts as the same. */
export function told<T>(renew: Renew<T>, whose: Whose, { report }: Pick<World, 'report'>): Renew<T> {
  return async (signal) => {
    try {
      const fresh = await renew(signal);
      report({ name: fresh === null ? 'secret.unchanged' : 'secret.renewed', ...whose });
      return fresh;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Failure)) throw error;
      report({ name: 'secret.unrenewed', ...whose, code: error.code, reason: error.message, advice: error.advice });
      return null;
    }
  };
}

/** What the client for Central takes. */
export function centralCredential(credentials: Credentials): CentralCredential {
  return credentials.kind === 'client' ? { clientId: credentials.clientId, clientSecret: credentials.clientSecret } : { siemToken: credentials.token };
}
