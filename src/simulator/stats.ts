/** Counts of what was asked and answered. */
export class Stats {
  #requests = new Map<string, Map<string, number>>();
  #tenants = new Map<string, Map<string, number>>();
  #faults = new Map<string, number>();
  #total = 0;
  #throttled = 0;
  #peak = 0;
  #recent: number[] = [];
  #recentFrom = 0;

  /** An API call arrives (not the identity service, not HEC). */
  arrived(at: number): void {
    while (this.#recentFrom < this.#recent.length && (this.#recent[this.#recentFrom] as number) <= at - 1000) this.#recentFrom++;
    if (this.#recentFrom > 1000) {
      this.#recent = this.#recent.slice(this.#recentFrom);
      this.#recentFrom = 0;
    }
    this.#recent.push(at);
    this.#peak = Math.max(this.#peak, this.#recent.length - this.#recentFrom);
  }

  /** `outcome` is a status, or what became of the connection instead. */
  answered(path: string, tenantId: string | undefined, outcome: string): void {
    this.#total++;
    if (outcome === '429') this.#throttled++;
    count(within(this.#requests, path), outcome);
    if (tenantId !== undefined) count(within(this.#tenants, tenantId), path);
  }

  faulted(kind: string): void {
    count(this.#faults, kind);
  }

  toJSON() {
    const plain = (map: Map<string, Map<string, number>>) => Object.fromEntries([...map].map(([key, counts]) => [key, Object.fromEntries(counts)]));
    return {
      total: this.#total,
      throttled: this.#throttled,
      peakPerSecond: this.#peak,
      requests: plain(this.#requests),
      tenants: plain(this.#tenants),
      faults: Object.fromEntries(this.#faults),
    };
  }

  reset(): void {
    this.#requests = new Map();
    this.#tenants = new Map();
    this.#faults = new Map();
    this.#total = 0;
    this.#throttled = 0;
    this.#peak = 0;
    this.#recent = [];
    this.#recentFrom = 0;
  }
}

function within(maps: Map<string, Map<string, number>>, key: string): Map<string, number> {
  const known = maps.get(key);
  if (known !== undefined) return known;
  const made = new Map<string, number>();
  maps.set(key, made);
  return made;
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
