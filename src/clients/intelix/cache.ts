import type { Millis } from '../../core/types.ts';
import type { LookupKind } from './address.ts';
import type { Lookup } from './lookups.ts';

/** However long Intelix lets an answer be kept, the world changes. */
export const longestKeptMs: Millis = 7 * 86_400_000;

export interface CachedLookup {
  readonly lookup: Lookup;
  /** Ms since 1970 UTC. */
  readonly expiresAt: Millis;
}

/**
 * Where answers are kept as long as Intelix allows. `address` is in its normal form (see `normalAddress`).
 *
 * Calls    `get` may give what has expired: the client looks at `expiresAt` itself.
 */
export interface LookupCache {
  get(kind: LookupKind, address: string): CachedLookup | undefined;
  put(kind: LookupKind, address: string, cached: CachedLookup): void;
}

/** Is it still good? One that would be kept too long was written by another clock. */
export function isFresh({ expiresAt }: CachedLookup, now: Millis): boolean {
  return expiresAt > now && expiresAt - now <= longestKeptMs;
}

/** Until when an answer with this `ttl` may be kept; `null`: not at all. */
export function keptUntil(ttlSeconds: number | undefined, now: Millis): Millis | null {
  return ttlSeconds !== undefined && ttlSeconds > 0 ? now + Math.min(ttlSeconds * 1000, longestKeptMs) : null;
}

/** A cache in memory, which forgets the oldest when it is full. */
export class MemoryCache implements LookupCache {
  readonly #held = new Map<string, CachedLookup>();
  readonly #most: number;

  constructor(most = 20_000) {
    this.#most = most;
  }

  get size(): number {
    return this.#held.size;
  }

  get(kind: LookupKind, address: string): CachedLookup | undefined {
    return this.#held.get(`${kind} ${address}`);
  }

  put(kind: LookupKind, address: string, cached: CachedLookup): void {
    const key = `${kind} ${address}`;
    // What is renewed is young again.
    this.#held.delete(key);
    this.#held.set(key, cached);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= this.#most) break;
      this.#held.delete(oldest);
    }
  }

  /** All that is good at this moment, the oldest first. */
  *fresh(now: Millis): Generator<readonly [address: string, cached: CachedLookup]> {
    for (const [key, cached] of this.#held) if (isFresh(cached, now)) yield [key.slice(key.indexOf(' ') + 1), cached];
  }
}
