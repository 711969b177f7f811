/**
 * `--new`: only what this output has not had.
 *
 * Each output has a small journal of its own for each stream, in the state folder, so `run`'s place is never touched and two streams can be read
 * side by side. What is read goes into it with the checkpoint; whatever the output says it has, for good, is settled at once. So after a kill, or
 * when an output fails, exactly that comes again of which the output has not said so.
 *
 * The lane's route names the output: what is remembered says itself for whom it is.
 */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { Store } from '../../core/store.ts';
import type { Checkpoint, Lane, Page, Stream, StreamRecord } from '../../core/types.ts';
import type { CommandContext } from '../command.ts';
import { broken, fetchPage, ReadFailure } from './reading.ts';

/** Records, and the number up to which these are all that there are. */
export interface Given {
  readonly records: readonly StreamRecord[];
  readonly upTo: number;
}

export interface Remembered {
  /**
   * Reads what is new and gives all records that this output has not had, in order.
   *
   * Throws   ReadFailure when not all could be read, after it has given what there is.
   */
  records(stream: Stream, from: Checkpoint, onGap: (page: Page) => void, signal: AbortSignal): AsyncGenerator<Given>;
  /** The output has all that was given of this stream up to a number. */
  took(stream: string, upTo: number): Promise<void>;
  /** Removes what the output has. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

const atOnce = { records: 1000, bytes: 8 << 20 };
/** How other processes are told of this one. */
export const holder = 'get --new';

/** Opens the journal of one output and kind of stream; `output` is what makes it this one. */
export async function openRemembered(context: CommandContext, statePath: string, output: string, kind: string): Promise<Remembered> {
  const folder = folderOf(statePath);
  const { openStore } = await import('../../journal/index.ts');
  const { clock, report } = context.world;
  const name = createHash('sha256').update(`${output} ${kind}`).digest('hex').slice(0, 16);
  const store: Store = await openStore(join(folder, name), {
    mode: 'own',
    holder,
    clock,
    report: (each) => (each.name === 'journal.made' ? undefined : report(each)),
  });
  const laneOf = (stream: string): Lane => ({ route: output, stream });
  /** How far each stream is settled. */
  const settled = new Map<string, number>();

  /** Whatever was read is in the journal, also when there could have been more; why there is not. */
  async function read(stream: Stream, from: Checkpoint, onGap: (page: Page) => void, signal: AbortSignal): Promise<ReadFailure | null> {
    let place = await store.journal.place(stream.id);
    for (;;) {
      try {
        const page = await fetchPage(stream, place.at ?? from, signal);
        if (page.gap) onGap(page);
        place = (await store.journal.append(stream, page, place, clock.now())).place;
        if (!page.more) return page.brokenOff === undefined ? null : broken(page.brokenOff);
      } catch (error) {
        if (error instanceof ReadFailure) return error;
        throw error;
      }
    }
  }

  return {
    async *records(stream, from, onGap, signal) {
      const lane = laneOf(stream.id);
      await store.directory.openLanes([{ lane, origin: { stream: stream.stream, tenant: stream.tenant }, start: 'oldest' }]);
      const failure = await read(stream, from, onGap, signal);
      // After a reset, what still waited is read once more.
      const given = new Set<string>();
      for (let after: number | undefined; ; ) {
        const batch = await store.journal.read(lane, atOnce, after);
        if (after === undefined) settled.set(stream.id, batch.after);
        const last = batch.records.at(-1);
        if (!last) break;
        yield { records: batch.records.filter(({ key }) => !given.has(key) && given.add(key)), upTo: last.seq };
        after = last.seq;
      }
      if (failure) throw failure;
    },
    async took(stream, upTo) {
      const after = settled.get(stream);
      if (after === undefined || upTo <= after) return;
      await store.journal.settle([{ lane: laneOf(stream), after, upTo, filtered: 0 }], { refused: [] }, clock.now());
      settled.set(stream, upTo);
    },
    async tidy() {
      await store.journal.trim(clock.now() + 1);
    },
    close: () => store.close(),
  };
}

/** What `get --new` remembers somewhere. */
export interface Memory {
  readonly output: string;
  readonly path: string;
}

/** Of which outputs something is remembered of a kind of stream. */
export async function memoriesOf(context: CommandContext, statePath: string, kind: string): Promise<readonly Memory[]> {
  const { openStore } = await import('../../journal/index.ts');
  const { clock, report } = context.world;
  const memories: Memory[] = [];
  for (const name of await namesIn(folderOf(statePath))) {
    const path = join(folderOf(statePath), name);
    try {
      const store = await openStore(path, { mode: 'beside', clock, report });
      try {
        const outputs = (await store.directory.lanes()).filter(({ origin }) => origin.stream === kind).map(({ route }) => route);
        memories.push(...[...new Set(outputs)].map((output) => ({ output, path })));
      } finally {
        await store.close();
      }
    } catch (error) {
      // Begun, and killed before anything was read.
      if (!(error instanceof Failure) || error.code !== 'journal.none') throw error;
    }
  }
  return memories.sort((a, b) => (a.output < b.output ? -1 : 1));
}

function folderOf(statePath: string): string {
  return join(statePath, 'get');
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
