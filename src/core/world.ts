/** What a component may ask of the outside, and everything that a test wants to hold still. */
import type { Millis } from './types.ts';

export interface Clock {
  now(): Millis;
  /** Milliseconds that never jump, from an arbitrary start. */
  monotonic(): Millis;
  /** Rejects with the signal's reason as soon as it aborts. */
  sleep(ms: Millis, signal: AbortSignal): Promise<void>;
}

export interface Secret {
  reveal(): string;
  toString(): '[secret]';
  toJSON(): '[secret]';
}

export interface SecretProvider {
  readonly scheme: string;
  resolve(name: string, signal: AbortSignal): Promise<Secret>;
}

/**
 * Reads a secret, or what holds it, again. `null`: it is still the same.
 *
 * Throws   Failure when it cannot be read now; the signal's reason on abort.
 */
export type Renew<T> = (signal: AbortSignal) => Promise<T | null>;

/** One thing that happened; the full union is in reports.ts. */
export interface Report {
  readonly name: string;
  readonly [field: string]: string | number | boolean | null | undefined;
}

/** How an HTTP request travels beyond its URL. */
export interface Via {
  /** PEM text to trust besides the system's. */
  readonly ca?: string;
  /** `http://[user:password@]host:port`; `null`: none, not even the environment's. */
  readonly proxy?: string | null;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** From sending to the last byte of the body. */
  readonly timeoutMs: Millis;
  readonly via?: Via;
  readonly signal?: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  /** Names in lower case; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whole and uncompressed. */
  readonly body: Buffer;
}

/**
 * One HTTP exchange, read to its end.
 *
 * Throws   Failure `transient` with code `http.timeout`, `http.reset`, `http.refused`, `http.dns`, `http.truncated`, `http.proxy`;
 *          `config` with code `http.tls` when the certificate is not trusted, `http.proxy-url` when the proxy is no URL; the signal's reason on abort.
 *          Never for a status.
 */
export type Http = (request: HttpRequest) => Promise<HttpReply>;

/** Everything a test wants to hold still; the only injection there is. */
export interface World {
  readonly clock: Clock;
  readonly random: () => number;
  readonly http: Http;
  readonly report: (report: Report) => void;
}
