/** One request to an API, as it came and how it was answered. */
export interface LoggedRequest {
  readonly n: number;
  /** By the simulator's clock. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  /** As it was sent, without the question mark. */
  readonly query: string;
  readonly tenant: string | null;
  readonly status: number;
  /** What became of the reply when it did not simply arrive. */
  readonly transport?: string;
  /** Would the real Central have changed something, or could it have? */
  readonly changes: boolean;
}

/** Requests that are no GET and change nothing: tokens, searches and runs of queries. */
const HARMLESS: readonly RegExp[] = [
  /^\/(api\/v2\/)?oauth2\/token$/,
  /^\/common\/v1\/alerts\/search$/,
  /^\/detections\/v1\/queries\/[^/]+$/,
  /^\/(xdr-query|live-discover)\/v1\/queries\/runs$/,
  /^\/email\/v1\/(post-delivery-)?quarantine\/messages\/search$/,
  /^\/firewall\/v1\/firewall-config\/firewalls\/[^/]+\/mdr-threat-feed\/indicators\/search$/,
];
const MOST = 200_000;

export function couldChange(method: string, path: string): boolean {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return false;
  return !(method === 'POST' && HARMLESS.some((pattern) => pattern.test(path)));
}

/** Every request to the APIs, in order: what proves that something was not asked for. */
export class RequestLog {
  #entries: LoggedRequest[] = [];
  #from = 0;
  #count = 0;

  add(request: Omit<LoggedRequest, 'n' | 'changes'>): void {
    this.#count++;
    this.#entries.push({ n: this.#count, ...request, changes: couldChange(request.method, request.path) });
    if (this.#entries.length - this.#from <= MOST) return;
    this.#from++;
    if (this.#from < MOST / 4) return;
    this.#entries = this.#entries.slice(this.#from);
    this.#from = 0;
  }

  /** The last 200,000, one line each. */
  *lines(changesOnly: boolean): Generator<Buffer> {
    const end = this.#entries.length;
    const entries = this.#entries;
    for (let i = this.#from; i < end; i++) {
      const entry = entries[i];
      if (entry !== undefined && (entry.changes || !changesOnly)) yield Buffer.from(`${JSON.stringify(entry)}\n`);
    }
  }

  clear(): void {
    this.#entries = [];
    this.#from = 0;
  }
}
