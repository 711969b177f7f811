import type { Lane } from './types.ts';

/**
 * What went wrong, by how the house must react.
 *
 * config     the user must change something          exit 2 at start; that sink waits while running
 * auth       the identity service says no            stop the loop, ask again every few minutes, never drop data; exit 3
 * transient  network, 429, 5xx, disk busy            start the loop again after back-off; the far end's wish is a minimum
 * rejected   this input will never be accepted       halve until the guilty record stands alone: dead letter
 * stale      another owner moved on                  drop the work, read the place again
 */
export type FailureKind = 'config' | 'auth' | 'transient' | 'rejected' | 'stale';

export interface FailureDetail {
  readonly cause?: unknown;
  /** The far end's wish, a minimum. */
  readonly retryAfterMs?: number;
  /** What the user can do about it, one sentence. */
  readonly advice?: string;
  /** Of a `rejected` parcel: the record that the far end named. */
  readonly at?: { readonly lane: Lane; readonly seq: number };
}

/** The one error class that we throw on purpose; anything else that is thrown is a bug. */
export class Failure extends Error {
  readonly kind: FailureKind;
  /** Stable and dotted, such as `hec.token-disabled`. */
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  readonly advice: string | undefined;
  readonly at: { readonly lane: Lane; readonly seq: number } | undefined;

  constructor(kind: FailureKind, code: string, message: string, detail: FailureDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'Failure';
    this.kind = kind;
    this.code = code;
    this.retryAfterMs = detail.retryAfterMs;
    this.advice = detail.advice;
    this.at = detail.at;
  }
}

export interface CentralDetail extends FailureDetail {
  readonly status: number;
  /** Central's own word for it (`error` or `errorCode`). */
  readonly centralCode?: string;
  readonly correlationId?: string;
  readonly requestId?: string;
  readonly method: string;
  /** Without query values that could be secret. */
  readonly url: string;
}

/** A Failure that Sophos answered. */
export class CentralError extends Failure {
  readonly status: number;
  readonly centralCode: string | undefined;
  readonly correlationId: string | undefined;
  readonly requestId: string | undefined;
  readonly method: string;
  readonly url: string;

  constructor(kind: FailureKind, code: string, message: string, detail: CentralDetail) {
    super(kind, code, message, detail);
    this.name = 'CentralError';
    this.status = detail.status;
    this.centralCode = detail.centralCode;
    this.correlationId = detail.correlationId;
    this.requestId = detail.requestId;
    this.method = detail.method;
    this.url = detail.url;
  }
}

/** Was this thrown because `signal` was aborted, and not because something failed? */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}
