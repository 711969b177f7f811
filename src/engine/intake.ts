/**
 * Intake: one page in.
 *
 * The journal's place is where a stream goes on, so starting again after any failure *is* the retry, and no crash can separate a
 * page's records from its checkpoint. Asked-for pages are fetched one ahead: while the journal writes a page, the next is on its way.
 */
import type { Journal } from '../core/store.ts';
import type { Millis, Page, Stream } from '../core/types.ts';
import type { Clock } from '../core/world.ts';

export interface Taken {
  readonly accepted: number;
  readonly repeated: number;
  /** More waits right now. */
  readonly more: boolean;
  /** Why it ended although more was promised. */
  readonly brokenOff: string | null;
  /** Nothing can be new before this time is over. */
  readonly againMs: Millis | null;
}

export interface IntakeWorld {
  readonly journal: Journal;
  readonly clock: Clock;
  /** After each append. */
  readonly onPage: (stream: Stream, page: Page, accepted: number, repeated: number, journalBytes: number) => void;
}

/** Takes up to `pages` pages of a stream, until it is caught up or `pause` says that the journal is full. */
export async function takePages(
  stream: Stream,
  { journal, clock, onPage }: IntakeWorld,
  pages: number,
  pause: () => boolean,
  signal: AbortSignal,
): Promise<Taken> {
  let accepted = 0;
  let repeated = 0;
  let place = await journal.place(stream.id);
  // One controller for both ends, not AbortSignal.any: on Node 20 that keeps something for ever with each turn.
  const ahead = new AbortController();
  const onAbort = () => ahead.abort(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort);
  let coming: Promise<Page> | null = null;
  try {
    for (let taken = 1; ; taken++) {
      const page: Page = await (coming ?? stream.fetch(place.at, ahead.signal));
      const goesOn = page.more && taken < pages && !pause() && !signal.aborted;
      coming = goesOn ? stream.fetch(page.next, ahead.signal) : null;
      // Its failure is seen when it is awaited; an append that fails first must not leave it unheard.
      coming?.catch(() => undefined);
      const fetchedAt: Millis = clock.now();
      const appended = await journal.append(stream, page, place, fetchedAt);
      place = appended.place;
      accepted += appended.accepted;
      repeated += appended.repeated;
      onPage(stream, page, appended.accepted, appended.repeated, appended.journalBytes);
      if (!goesOn) return { accepted, repeated, more: page.more, brokenOff: page.brokenOff ?? null, againMs: page.againMs ?? null };
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    ahead.abort();
  }
}
