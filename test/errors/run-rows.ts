/** Searches that Central carries out on its own, and that come to nothing. */
import { runDetections } from '../../src/clients/central/runs.ts';
import type { Asked, Fault } from '../far-ends/central.ts';
import { type Bench, correlationId, formA, hostile } from './bench.ts';
import type { Row } from './row.ts';

type Answer = Fault | ((asked: Asked) => Fault);

const run = { id: 'run-1', status: 'started', result: 'notAvailable', expiresAt: '2026-11-21T12:00:00.000Z' };

/** The run is started, and the first question how far it has come is answered so. */
async function search(bench: Bench, answer: Answer): Promise<unknown> {
  const far = await bench.central('/detections', (asked) =>
    asked.method === 'POST' ? { status: 201, body: run } : typeof answer === 'function' ? answer(asked) : answer,
  );
  return await runDetections(bench.client(far.url).forTenant({ id: 'tenant-1', apiHost: far.url }), {}, { everyMs: 1, withinMs: 1 }).all();
}

export const runRows: readonly Row[] = [
  {
    what: 'a search that fails',
    kind: 'rejected',
    code: 'central.run-failed',
    exit: 1,
    attempted: /^The search for detections "run-1" came to its end without success: /,
    seen: /Central says status "finished", result "failed", message "/,
    provoke: (bench) => search(bench, { body: { ...run, status: 'finished', result: 'failed', message: hostile } }),
  },
  {
    what: 'a search that does not end',
    kind: 'transient',
    code: 'central.run-unfinished',
    exit: 1,
    attempted: /^The search for detections "run-1" has not come to its end in \d+ s: /,
    seen: /Central says status "started", result "notAvailable"/,
    provoke: (bench) => search(bench, { body: run }),
  },
  {
    what: 'a search that is over',
    kind: 'rejected',
    code: 'central.run-gone',
    exit: 1,
    attempted: /^The search for detections "run-1" is not there any more; its time was told to end at "2026-11-21T12:00:00\.000Z"\. /,
    seen: new RegExp(`404, .*correlation id ${correlationId}`),
    provoke: (bench) => search(bench, formA(404, 'ResourceNotFound')),
  },
];
