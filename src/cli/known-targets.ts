import type { Target } from './target.ts';

/**
 * The tenants that the accounts have listed in this run.
 *
 * Why      what waits in the journal may be of a tenant that is not listed yet, or not any more; only once every account has been listed can the two
 *          be told apart.
 */
export interface KnownTargets {
  add(target: Target): void;
  /** The account has been listed to its end. */
  listed(account: string): void;
  find(tenantId: string): Target | 'not yet' | 'gone';
}

export function openKnownTargets(accounts: readonly string[]): KnownTargets {
  const targets = new Map<string, Target>();
  const waiting = new Set(accounts);
  return {
    add: (target) => void targets.set(target.tenant.id, target),
    listed: (account) => void waiting.delete(account),
    find: (tenantId) => targets.get(tenantId) ?? (waiting.size > 0 ? 'not yet' : 'gone'),
  };
}
