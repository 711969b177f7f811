/** Reading one stream of one tenant from a beginning until it is caught up. */
import { Failure } from '../../core/failure.ts';
import { recordsOf } from '../../core/pack.ts';
import type { Checkpoint, Millis, Page, Stream, StreamRecord } from '../../core/types.ts';
import type { World } from '../../core/world.ts';

export interface ReadLimits {
  /** Records after this instant are left out. */
  readonly until: Millis | null;
  readonly where: ((record: StreamRecord, origin: Stream) => boolean) | null;
}

/** What a tenant could not give, told apart from an output that could not take it. */
export class ReadFailure extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'ReadFailure';
    this.failure = failure;
  }
}

/**
 * Pages, as they come.
 *
 * Throws   ReadFailure for what the stream said; the signal's reason on abort.
 */
export async function* pagesFrom(stream: Stream, from: Checkpoint, signal: AbortSignal): AsyncGenerator<Page> {
  for (let at = from; ; ) {
    const page = await fetchPage(stream, at, signal);
    yield page;
    if (page.brokenOff !== undefined) throw broken(page.brokenOff);
    if (!page.more) return;
    at = page.next;
  }
}

/** Of a read that ended before its end: what there is may look whole, and is not. */
export function broken(reason: string): ReadFailure {
  return new ReadFailure(
    new Failure('transient', 'stream.broken-off', `it could not be read to its end: ${reason}`, {
      advice: 'Try again; what was read before that is incomplete.',
    }),
  );
}

/** One page; what went wrong is a ReadFailure. */
export async function fetchPage(stream: Stream, at: Checkpoint, signal: AbortSignal): Promise<Page> {
  signal.throwIfAborted();
  try {
    return await stream.fetch(at, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof Failure ? new ReadFailure(error) : error;
  }
}

/** Each record once, in the API's order, as far as the limits want it. */
export async function* recordsFrom(
  stream: Stream,
  from: Checkpoint,
  { until, where }: ReadLimits,
  { clock }: World,
  onGap: (page: Page) => void,
  signal: AbortSignal,
): AsyncGenerator<readonly StreamRecord[]> {
  const seen = new Set<string>();
  let seq = 1;
  for await (const page of pagesFrom(stream, from, signal)) {
    if (page.gap) onGap(page);
    const wanted = recordsOf(page.items, seq, clock.now()).filter((record) => {
      if (seen.has(record.key)) return false;
      seen.add(record.key);
      return (until === null || record.time <= until) && (where === null || where(record, stream));
    });
    seq += page.items.count;
    if (wanted.length > 0) yield wanted;
  }
}
