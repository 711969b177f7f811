import { Failure } from '../../core/failure.ts';
import type { Json } from '../../core/types.ts';
import { badBody, jsonOf } from '../request.ts';
import { kindOfAddress, segmentOf } from './address.ts';
import type { IntelixAnswer, IntelixCaller } from './caller.ts';
import { correlationIdOf } from './correlation.ts';
import { fileForm } from './multipart.ts';

/** `static` looks at a file, `dynamic` runs it in a sandbox. */
export type AnalysisKind = 'static' | 'dynamic';

export interface AnalysisJob {
  readonly jobId: string;
  /** An open enumeration: `IN_PROGRESS`, `SUCCESS`, or the name of an error. */
  readonly jobStatus: string;
  /** As Intelix gives it, once there is one; it may be there at once. */
  readonly report?: Readonly<Record<string, Json>>;
}

export interface AnalysisOptions {
  readonly signal?: AbortSignal;
  readonly correlationId?: string;
}

/**
 * Analysis of files. Source: reference, 11.4.
 *
 * Calls    each is metered; a submission whose answer was lost is not repeated by itself. Files stay in the region of the client.
 */
export class Analysis {
  readonly #caller: IntelixCaller;
  readonly #random: () => number;

  constructor(caller: IntelixCaller, random: () => number) {
    this.#caller = caller;
    this.#random = random;
  }

  /** Hands a file over. The name is told to Intelix: leave it out if it says too much. */
  async submit(kind: AnalysisKind, file: Uint8Array, { name = 'file', signal, correlationId }: AnalysisOptions & { readonly name?: string } = {}) {
    const call = {
      method: 'POST',
      path: pathOf(kind, ''),
      purpose: `to have a file of ${file.byteLength} bytes analysed`,
      correlationId: correlationIdOf(correlationId, this.#random),
      body: fileForm('file', name, file, this.#random),
      signal,
    };
    return await this.#caller.call(call, jobOf);
  }

  /** How far an analysis is, by its job or by the SHA-256 of the file; with the report when it is done. */
  async report(kind: AnalysisKind, of: { readonly jobId: string } | { readonly sha256: string }, options: AnalysisOptions = {}): Promise<AnalysisJob> {
    const call = {
      path: pathOf(kind, 'jobId' in of ? `/reports/${jobSegment(of.jobId)}` : `/reports?sha256=${hashOf(of.sha256)}`),
      purpose: 'to read the report of an analysis',
      correlationId: correlationIdOf(options.correlationId, this.#random),
      signal: options.signal,
    };
    return await this.#caller.call(call, jobOf);
  }
}

function pathOf(kind: AnalysisKind, rest: string): string {
  if (kind !== 'static' && kind !== 'dynamic') throw badInput('An analysis is `static` or `dynamic`');
  return `/analysis/file/${kind}/v1${rest}`;
}

function jobSegment(jobId: string): string {
  if (/^\.{0,2}$/.test(jobId)) throw badInput('There is no such `jobId`');
  return segmentOf(jobId);
}

function hashOf(sha256: string): string {
  if (kindOfAddress(sha256) !== 'file') throw badInput('`sha256` is not 64 hex digits');
  return sha256.trim().toLowerCase();
}

function jobOf({ reply, ask }: IntelixAnswer): AnalysisJob {
  const answer = jsonOf(reply, ask);
  const { jobId, jobStatus, report } = typeof answer === 'object' && answer !== null ? (answer as Readonly<Record<string, Json>>) : {};
  if (typeof jobStatus !== 'string') throw badBody(ask, reply, 'there is no `jobStatus` in it');
  const isReport = typeof report === 'object' && report !== null && !Array.isArray(report);
  return { jobId: typeof jobId === 'string' ? jobId : '', jobStatus, ...(isReport ? { report: report as Readonly<Record<string, Json>> } : {}) };
}

function badInput(message: string): Failure {
  return new Failure('rejected', 'intelix.bad-input', `${message}: nothing was sent`, { advice: 'Give what `submit` answered, or the SHA-256 of the file.' });
}
