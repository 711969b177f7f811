/**
 * Intake: one page in.
 *
 * The journal's place is where a stream goes on, so starting again after any failure *is* the retry, and no crash can separate a
 * page's records from its checkpoint. Asked-for pages are fetched one ahead: while the journal writes a page, the next is on its way.
 */
import type { Clock, Journal, Millis, Page, Stream } from '../core/types.ts';

export interface Taken {
  readonly accepted: number;
  readonly repeated: number;
  /** More waits right now. */
  readonly more: boolean;
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
  const ahead = new AbortController();
  const both = AbortSignal.any([signal, ahead.signal]);
  let coming: Promise<Page> | null = null;
  try {
    for (let taken = 1; ; taken++) {
      const page: Page = await (coming ?? stream.fetch(place.at, signal));
      const goesOn = page.more && taken < pages && !pause() && !signal.aborted;
      coming = goesOn ? stream.fetch(page.next, both) : null;
      // Its failure is seen when it is awaited; an append that fails first must not leave it unheard.
      coming?.catch(() => undefined);
      const fetchedAt: Millis = clock.now();
      const appended = await journal.append(stream, page, place, fetchedAt);
      place = appended.place;
      accepted += appended.accepted;
      repeated += appended.repeated;
      onPage(stream, page, appended.accepted, appended.repeated, appended.journalBytes);
      if (!goesOn) return { accepted, repeated, more: page.more };
    }
  } finally {
    ahead.abort();
  }
}
