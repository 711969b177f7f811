import type { RateLimits } from './options.ts';

const WINDOWS_MS = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
type WindowName = keyof typeof WINDOWS_MS;

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Token buckets, one for each window and each subject: full at first, filling evenly. */
export class CallLimits {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes one call; resolves to 0, or to the ms until one is allowed, and then takes nothing. */
  take(subject: string, limits: RateLimits, now: number): number {
    const wanted: Bucket[] = [];
    let waitMs = 0;
    for (const name of Object.keys(WINDOWS_MS) as WindowName[]) {
      const allowed = limits[name];
      if (allowed === undefined) continue;
      const perMs = allowed / WINDOWS_MS[name];
      const bucket = this.#buckets.get(`${name} ${subject}`) ?? { tokens: allowed, filledAt: now };
      this.#buckets.set(`${name} ${subject}`, bucket);
      bucket.tokens = Math.min(allowed, bucket.tokens + Math.max(0, now - bucket.filledAt) * perMs);
      bucket.filledAt = now;
      if (bucket.tokens < 1) waitMs = Math.max(waitMs, (1 - bucket.tokens) / perMs);
      wanted.push(bucket);
    }
    if (waitMs > 0) return Math.ceil(waitMs);
    for (const bucket of wanted) bucket.tokens--;
    return 0;
  }

  clear(): void {
    this.#buckets.clear();
  }
}
