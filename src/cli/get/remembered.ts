/**
 * `--new`: only what this output has not had.
 *
 * Each output has a small journal of its own in the state folder, so `run`'s place is never touched. What is read goes into it with the
 * checkpoint; what the output took is settled when the output is whole. An output that fails is not remembered: its records come again.
 */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settled, Store } from '../../core/store.ts';
import type { Checkpoint, Lane, Stream, StreamRecord } from '../../core/types.ts';
import type { CommandContext } from '../command.ts';
import { fetchPage } from './reading.ts';

export interface Remembered {
  /** Reads what is new and gives all records that this output has not had, in order. */
  records(stream: Stream, from: Checkpoint, signal: AbortSignal): AsyncGenerator<readonly StreamRecord[]>;
  /** The output has all that was given. */
  keep(): Promise<void>;
  close(): Promise<void>;
}

const route = 'get';
const atOnce = { records: 1000, bytes: 8 << 20 };

/** Opens the journal of one output; `output` is what makes it this one. */
export async function openRemembered(context: CommandContext, statePath: string, output: string): Promise<Remembered> {
  const folder = join(statePath, 'get');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { openStore } = await import('../../journal/index.ts');
  const { clock, report } = context.world;
  const name = createHash('sha256').update(output).digest('hex').slice(0, 16);
  const store: Store = await openStore(join(folder, name), {
    mode: 'own',
    holder: 'get --new',
    clock,
    report: (each) => (each.name === 'journal.made' ? undefined : report(each)),
  });
  const given = new Map<string, Settled>();

  return {
    async *records(stream, from, signal) {
      const lane: Lane = { route, stream: stream.id };
      await store.directory.openLanes([{ lane, origin: { stream: stream.stream, tenant: stream.tenant }, start: 'oldest' }]);
      let place = await store.journal.place(stream.id);
      for (;;) {
        const page = await fetchPage(stream, place.at ?? from, signal);
        place = (await store.journal.append(stream, page, place, clock.now())).place;
        if (!page.more) break;
      }
      for (let after: number | undefined; ; ) {
        const batch = await store.journal.read(lane, atOnce, after);
        const last = batch.records.at(-1);
        if (!last) return;
        yield batch.records;
        after = last.seq;
        given.set(stream.id, { lane, after: given.get(stream.id)?.after ?? batch.after, upTo: last.seq, filtered: 0 });
      }
    },
    async keep() {
      if (given.size === 0) return;
      await store.journal.settle([...given.values()], { refused: [] }, clock.now());
      given.clear();
      await store.journal.trim(clock.now() + 1);
    },
    close: () => store.close(),
  };
}
