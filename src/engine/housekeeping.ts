/** What keeps the journal within its limits, and takes the wishes that other commands leave in it. */
import { Failure } from '../core/failure.ts';
import type { Store, Wish } from '../core/store.ts';
import type { Json, Millis } from '../core/types.ts';
import type { World } from '../core/world.ts';

export interface JournalLimits {
  /** How long delivered records stay for replay. */
  readonly keepMs: Millis;
  readonly maxBytes: number;
  /** Free space that the disk must keep. */
  readonly minFreeBytes: number;
  readonly whenFull: 'pause' | 'drop';
  /** Free space on the journal's disk now; `null` where that cannot be told. */
  readonly freeBytes: () => Promise<number | null>;
}

export interface HousekeepingOptions {
  readonly store: Store;
  readonly world: World;
  readonly limits: JournalLimits;
  /** Grants a wish; resolves with the answer. */
  readonly grant: (wish: Wish) => Promise<Json>;
}

export interface Housekeeping {
  /** Nothing may be read at present. */
  isFull(): boolean;
  /** After each append: what the journal holds. */
  holds(bytes: number): void;
  run(signal: AbortSignal): Promise<void>;
}

const second = 1_000;
const trimEveryMs = 60_000;
const diskEveryMs = 5_000;
const warnAt = [0.95, 0.8, 0.5] as const;

export function openHousekeeping({ store, world, limits, grant }: HousekeepingOptions): Housekeeping {
  const { clock } = world;
  let bytes = store.bytes();
  let diskFull = false;
  let full = false;
  let warned = 0;
  /** Another process has left something; what fails for now is looked at again. */
  let wished = true;

  function look(): void {
    const was = full;
    full = diskFull || bytes >= limits.maxBytes;
    if (full === was) return;
    world.report({ name: full ? 'journal.full' : 'journal.has-room', bytes, maxBytes: limits.maxBytes, disk: diskFull });
  }

  function warn(): void {
    const level = warnAt.find((share) => bytes >= limits.maxBytes * share) ?? 0;
    if (level > warned) world.report({ name: 'journal.filling', percent: Math.round(level * 100), bytes, maxBytes: limits.maxBytes });
    warned = level;
  }

  async function makeRoom(): Promise<void> {
    await store.journal.trim(clock.now() - limits.keepMs);
    bytes = store.bytes();
    // Delivered records are kept for replay only while there is room for them.
    if (bytes >= limits.maxBytes * 0.9 || diskFull) {
      await store.journal.trim(clock.now());
      bytes = store.bytes();
    }
    if (limits.whenFull === 'drop' && bytes >= limits.maxBytes) {
      const given = await store.directory.giveUpOldest(Math.ceil(bytes - limits.maxBytes * 0.9), clock.now());
      for (const { lane, records } of given)
        world.report({ name: 'records.given-up', route: lane.route, stream: lane.stream, records, reason: 'the journal is full' });
      await store.journal.trim(clock.now());
      bytes = store.bytes();
    }
    await store.directory.giveUpLanes(clock.now() - limits.keepMs, clock.now());
  }

  async function lookAtDisk(): Promise<void> {
    const free = await limits.freeBytes();
    diskFull = free !== null && free < limits.minFreeBytes;
  }

  async function takeWishes(): Promise<void> {
    wished ||= store.wishes.changed();
    if (!wished) return;
    for (const wish of await store.wishes.open()) {
      let answer: Json;
      try {
        answer = await grant(wish);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        answer = { error: error.message };
      }
      await store.wishes.answer(wish.id, answer, clock.now());
    }
    wished = false;
  }

  return {
    isFull: () => full,
    holds(now) {
      bytes = now;
      warn();
      look();
    },
    async run(signal) {
      let trimmedAt = clock.monotonic();
      let diskAt = Number.NEGATIVE_INFINITY;
      while (!signal.aborted) {
        try {
          const now = clock.monotonic();
          if (now - diskAt >= diskEveryMs) {
            diskAt = now;
            await lookAtDisk();
          }
          if (now - trimmedAt >= trimEveryMs || diskFull || bytes >= limits.maxBytes) {
            trimmedAt = now;
            await makeRoom();
          }
          warn();
          look();
          await takeWishes();
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          world.report({ name: 'housekeeping.failed', code: error.code, reason: error.message });
        }
        await clock.sleep(second, signal).catch((reason: unknown) => {
          if (!signal.aborted) throw reason;
        });
      }
    },
  };
}
