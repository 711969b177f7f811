import { hostname, userInfo } from 'node:os';
import type { AccountPlan } from '../../config/plan.ts';
import type { Actor } from './log-line.ts';

/** Who acts when a command uses this account. */
export function actorOf({ name, credentials }: AccountPlan): Actor {
  return { user: userName(), host: hostname(), account: name, clientId: credentials.kind === 'client' ? credentials.clientId.slice(0, 8) : '' };
}

/** A container may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    if (error instanceof Error) return `uid ${process.getuid?.() ?? 'unknown'}`;
    throw error;
  }
}
