/**
 * What a sink remembers of its mails: when they left (for `maxPerHour`), and what was about to leave when the process died.
 *
 *   prepare   a mark `mail <Message-ID>` for each mail that a parcel will become: the spans of its records       durable before deliver
 *   deliver   the mail is sent
 *   settle    the mark ends; `sent` is when mails left within the last hour
 *   killed    between deliver and settle: the mark is still there. The parcel that comes then may hold more: what has arrived since.
 *             The records of the mark go as the same mail again, with the same Message-ID, and the others as another one.
 *
 * So a record is in two mails only if they are the same mail, which mail systems fold.
 */
import type { Json, Marks, Millis } from '../../core/types.ts';
import type { Address } from './address.ts';
import type { Fact } from './facts.ts';
import { type Content, messageIdOf } from './mail.ts';

const hour: Millis = 3_600_000;
const sentPlace = 'sent';
const mailPrefix = 'mail ';

/** By stream the first and the last number of its records, as far as the mail had them. */
type Runs = ReadonlyMap<string, readonly [first: number, last: number]>;

/** One mail to be sent. */
export interface Planned {
  readonly messageId: string;
  readonly content: Content;
}

export interface Postbook {
  resume(marks: Marks): void;
  /** The mails that these records become. */
  plan(facts: readonly Fact[]): readonly Planned[];
  /** Marks for mails that have none. */
  prepare(mails: readonly Planned[]): Marks;
  /** A mail left. */
  sent(at: Millis): void;
  /** How long to wait until another may leave. */
  waitMs(now: Millis): Millis;
  /** All records of these mails are delivered. */
  settled(facts: readonly Fact[], now: Millis): Marks;
}

export function openPostbook({ mode, maxPerHour, from }: { readonly mode: 'digest' | 'each'; readonly maxPerHour: number; readonly from: Address }): Postbook {
  const open = new Map<string, Runs>();
  let sentAt: Millis[] = [];

  /** Of times in the future a clock that was set back is to blame. */
  const recent = (now: Millis) => sentAt.filter((at) => at > now - hour && at <= now);

  return {
    resume(marks) {
      open.clear();
      for (const [place, mark] of marks) {
        const runs = place.startsWith(mailPrefix) ? readRuns(mark) : null;
        if (runs) open.set(place.slice(mailPrefix.length), runs);
        else if (place === sentPlace && Array.isArray(mark)) sentAt = mark.filter((at): at is number => typeof at === 'number' && Number.isFinite(at));
      }
    },
    plan(facts) {
      const planned: Planned[] = [];
      const add = (some: readonly Fact[], messageId = messageIdOf(some, from)) => {
        const [first, ...others] = some;
        if (first) planned.push({ messageId, content: [first, ...others] });
      };
      if (mode === 'each') {
        for (const fact of facts) add([fact]);
        return planned;
      }
      let rest = facts;
      for (const [messageId, runs] of open) {
        const same = rest.filter((fact) => isWithin(fact, runs));
        if (same.length === 0 || messageIdOf(same, from) !== messageId) continue;
        add(same, messageId);
        const taken = new Set(same);
        rest = rest.filter((fact) => !taken.has(fact));
      }
      add(rest);
      return planned;
    },
    prepare(mails) {
      const marks = new Map<string, Json>();
      if (mode === 'each') return marks;
      for (const { messageId, content } of mails) {
        if (open.has(messageId)) continue;
        const runs = runsOf(content);
        open.set(messageId, runs);
        marks.set(
          `${mailPrefix}${messageId}`,
          [...runs].map(([stream, [first, last]]) => [stream, first, last]),
        );
      }
      return marks;
    },
    sent(at) {
      sentAt = [...recent(at), at];
    },
    waitMs(now) {
      const left = recent(now);
      const oldest = left.at(-maxPerHour);
      return oldest === undefined ? 0 : oldest + hour - now;
    },
    settled(facts, now) {
      const marks = new Map<string, Json | null>([[sentPlace, recent(now)]]);
      for (const [messageId, runs] of open) {
        if (!facts.some((fact) => isWithin(fact, runs))) continue;
        open.delete(messageId);
        marks.set(`${mailPrefix}${messageId}`, null);
      }
      return marks;
    },
  };
}

function isWithin({ section, record }: Fact, runs: Runs): boolean {
  const run = runs.get(section.lane.stream);
  return run !== undefined && record.seq >= run[0] && record.seq <= run[1];
}

function runsOf(content: Content): Runs {
  const runs = new Map<string, [number, number]>();
  for (const { section, record } of content) {
    const { stream } = section.lane;
    const [first, last] = runs.get(stream) ?? [record.seq, record.seq];
    runs.set(stream, [Math.min(first, record.seq), Math.max(last, record.seq)]);
  }
  return runs;
}

/** Marks are our own, and yet nothing in them is taken for granted. */
function readRuns(mark: Json): Runs | null {
  if (!Array.isArray(mark)) return null;
  const runs = new Map<string, [number, number]>();
  for (const run of mark as readonly Json[]) {
    if (!Array.isArray(run)) return null;
    const [stream, first, last] = run as readonly Json[];
    if (typeof stream !== 'string' || typeof first !== 'number' || typeof last !== 'number') return null;
    runs.set(stream, [first, last]);
  }
  return runs;
}
