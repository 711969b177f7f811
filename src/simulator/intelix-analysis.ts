import { createHash } from 'node:crypto';
import { type Call, headerOf, parameterOf } from './call.ts';
import type { Item } from './collection.ts';
import { intelixAnswer } from './intelix-answers.ts';
import { idOf, mix32 } from './random.ts';

type Sandbox = 'static' | 'dynamic';

interface Job {
  readonly id: string;
  readonly sandbox: Sandbox;
  readonly sha256: string;
  readonly doneAt: number;
}

/** What an analysis request comes to: a status and a body, or a status that says why not. */
export type Analysed = { readonly status: 200; readonly body: Item } | { readonly status: 400 | 404 | 405 | 413 };

const PATH = /^\/analysis\/file\/(static|dynamic)\/v1(?:(\/reports)(?:\/([^/]+))?)?$/;
const MOST_BYTES = 64 * 1024 * 1024;
/** A file that is only looked at needs no time; one that is run does. */
const TAKES_MS: Readonly<Record<Sandbox, number>> = { static: 0, dynamic: 30_000 };

/** The sandbox for files: submissions become jobs, and jobs reports when their time has come. */
export class IntelixAnalysis {
  readonly #seed: number;
  readonly #jobs = new Map<string, Job>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The path under which a call is counted; `null` when it is none of ours. */
  counted(path: string): string | null {
    const [, sandbox, reports, id] = PATH.exec(path) ?? [];
    return sandbox === undefined ? null : `/analysis/file/${sandbox}/v1${reports ?? ''}${id === undefined ? '' : '/{jobId}'}`;
  }

  /** Reads no token: that is done before. */
  answer(call: Call, now: number): Analysed {
    const [, sandbox, reports, id] = PATH.exec(call.path) ?? [];
    if (sandbox !== 'static' && sandbox !== 'dynamic') return { status: 404 };
    if (reports === undefined) return call.method === 'POST' ? this.#submit(sandbox, call, now) : { status: 405 };
    if (call.method !== 'GET') return { status: 405 };
    const sha256 = parameterOf(call.query, 'sha256')?.toLowerCase();
    if (id === undefined && (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256))) return { status: 400 };
    const jobs = [...this.#jobs.values()].reverse();
    const job = jobs.find((one) => one.sandbox === sandbox && (id === undefined ? one.sha256 === sha256 && one.doneAt <= now : one.id === id));
    return job === undefined ? { status: 404 } : { status: 200, body: this.#shown(job, now) };
  }

  #submit(sandbox: Sandbox, call: Call, now: number): Analysed {
    if (call.body.length > MOST_BYTES) return { status: 413 };
    const file = filePart(headerOf(call, 'content-type'), call.body);
    if (file === null) return { status: 400 };
    const sha256 = createHash('sha256').update(file).digest('hex');
    const id = idOf(mix32(this.#seed ^ 0x1417e), this.#jobs.size).replaceAll('-', '');
    const job = { id, sandbox, sha256, doneAt: now + TAKES_MS[sandbox] };
    this.#jobs.set(id, job);
    return { status: 200, body: this.#shown(job, now) };
  }

  #shown({ id, sandbox, sha256, doneAt }: Job, now: number): Item {
    if (now < doneAt) return { jobId: id, jobStatus: 'IN_PROGRESS' };
    const known = intelixAnswer(this.#seed, 'files', sha256) ?? { reputationScore: 50 };
    const report = {
      submission: new Date(doneAt).toISOString(),
      analysis_type: sandbox,
      score: known.reputationScore,
      ...(known.detectionName === undefined ? {} : { detection: { sophos: known.detectionName } }),
      analysis_subject: { sha256 },
    };
    return { jobId: id, jobStatus: 'SUCCESS', report };
  }
}

/** The bytes of the part named `file` of a multipart body; `null` when there is none. */
function filePart(contentType: string | undefined, body: Buffer): Buffer | null {
  const [, quoted, plain] = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType ?? '') ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return null;
  const mark = Buffer.from(`--${boundary}`);
  let at = body.indexOf(mark);
  while (at >= 0) {
    const next = body.indexOf(mark, at + mark.length);
    const headEnd = body.indexOf('\r\n\r\n', at);
    if (next < 0 || headEnd < 0 || headEnd > next) return null;
    const head = body.subarray(at + mark.length, headEnd).toString('latin1');
    if (/^content-disposition:.*;\s*name="?file"?(?:;|\s*$)/im.test(head)) return body.subarray(headEnd + 4, next - 2);
    at = next;
  }
  return null;
}
