/**
 * What another tool has done so far, told to the journal.
 *
 *   positions   adopted in one transaction; the same import may be repeated until the first read
 *   left over   one page in a stream of its own, which no read can bring again; a lane for its route; then refused, so that it is among the
 *               dead letters. Whoever puts it back gets it once, by the same stream.
 *   waiting     the same, and not refused: its route delivers it first (backlog.ts)
 *
 * A kill between any two steps leaves something that the same import completes.
 */
import { createHash } from 'node:crypto';
import type { Plan } from '../../config/plan.ts';
import { Failure } from '../../core/failure.ts';
import { packItems } from '../../core/pack.ts';
import type { Adopted, Store } from '../../core/store.ts';
import type { Lane, Millis } from '../../core/types.ts';
import type { CommandContext } from '../command.ts';
import { openOwnStore } from '../compose.ts';
import { askBeside } from '../store.ts';
import { leftOverStream, queueAll } from './backlog.ts';
import type { LeftOver, Takeover } from './takeover.ts';

export interface AdoptionOptions {
  /** `first`: a state that has read one of the streams is refused. `unread`: those that were read here stay as they are. */
  readonly which: 'first' | 'unread';
  /** With `unread`: what the other tool delivered of streams that were read here is remembered too. */
  readonly remembers?: boolean;
  /** What others are told who holds the state, such as `import siem`. */
  readonly command: string;
}

export interface Adoption {
  readonly streams: readonly Adopted[];
  /** Streams that this state had read already; only with `unread`. */
  readonly known: readonly Adopted[];
  /** Those of them that the other tool has read since. */
  readonly behind: readonly Adopted[];
  readonly deadLetters: number;
}

/**
 * Takes over positions and what could not be delivered.
 *
 * Throws   config `journal.owned` when another process has the state; config `journal.already-read`, with `first`.
 */
export async function adoptAll(context: CommandContext, plan: Plan, { streams, leftOver }: Takeover, options: AdoptionOptions): Promise<Adoption> {
  // Nothing to tell: then it does not matter either who has the state.
  if (streams.length === 0 && leftOver.length === 0) return { streams: [], known: [], behind: [], deadLetters: 0 };
  const store = await openOwnStore(plan, context.world, options.command);
  try {
    const read = options.which === 'first' ? new Map<string, Millis>() : await readHere(store);
    const fresh = streams.filter(({ id }) => !read.has(id));
    if (fresh.length > 0) await store.adopt(fresh);
    let deadLetters = 0;
    const now = context.world.clock.now();
    for (const each of leftOver) if (each.becomes !== 'waiting') deadLetters += await refuseAll(store, each, now);
    const waiting = leftOver.filter(({ becomes }) => becomes === 'waiting');
    await queueAll(store, fresh, waiting, now);
    const known = streams.filter(({ id }) => read.has(id));
    if (options.remembers) await store.remember(known);
    const behind = known.filter(({ id, readUpTo }) => (readUpTo ?? 0) > (read.get(id) ?? 0));
    return { streams: fresh, known, behind, deadLetters };
  } finally {
    await store.close();
  }
}

/** Has the state read one of the streams? It is left as it is. */
export async function hasRead(context: CommandContext, plan: Plan, streams: readonly Adopted[]): Promise<boolean> {
  const read = await askBeside(context, plan, readHere);
  return read !== null && streams.some(({ id }) => read.has(id));
}

/** What was read here, and when last. */
export async function readHere(store: Store): Promise<ReadonlyMap<string, Millis>> {
  const states = await store.directory.streams();
  return new Map(states.flatMap(({ id, upTo, askedAt }) => (upTo > 0 || askedAt !== null ? [[id, askedAt ?? 0]] : [])));
}

/** The records as dead letters of their route. Resolves with how many there are; the same ones again change nothing. */
async function refuseAll({ journal, directory }: Store, { origin, route, reason, items }: LeftOver, now: number): Promise<number> {
  if (items.length === 0) return 0;
  const digest = createHash('sha256').update(JSON.stringify(items)).digest('hex');
  const stream = leftOverStream(`retry/${route}/${origin.tenant.id}/${origin.stream}/imported-${digest.slice(0, 12)}`, origin);
  const lane: Lane = { route, stream: stream.id };
  const place = await journal.place(stream.id);
  if (place.at === null) {
    await directory.openLane(lane, origin, 'oldest');
    await journal.append(stream, { items: packItems(items), next: { imported: digest }, more: false }, place, now);
  }
  const waiting = (await directory.lanes(route)).find((each) => each.stream === stream.id);
  if (waiting === undefined || waiting.offset >= items.length) return items.length;
  const refused = items.map((_, i) => ({ lane, seq: i + 1, code: 'import.left-over', reason }));
  await journal.settle([{ lane, after: 0, upTo: items.length, filtered: 0 }], { refused }, now);
  return items.length;
}

/** What the journal refuses, told with what to do about it at an import. */
export function withImportAdvice(error: unknown, statePath: string): unknown {
  if (!(error instanceof Failure)) return error;
  const { code, message } = error;
  if (code === 'journal.already-read')
    return new Failure('config', 'journal.already-read', `${message} (${statePath})`, {
      cause: error,
      advice: 'It is past the import: go on with `sophos-central run`. To begin anew from where the other tool is now, name another state with `--state`.',
    });
  if (code === 'journal.owned')
    return new Failure('config', 'journal.owned', message, { cause: error, advice: 'Stop it before the import, or name another state with `--state`.' });
  return error;
}
