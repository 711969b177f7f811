/** Who keeps how far a stream has been read: `run`, and each output of `get --new`. */
import { resolve } from 'node:path';
import type { Plan } from '../../config/plan.ts';
import type { Store, StreamState } from '../../core/store.ts';
import type { Millis } from '../../core/types.ts';
import type { CommandContext } from '../command.ts';
import { usage } from '../exit.ts';
import { openBeside } from '../store.ts';
import { identityOf, optionsOfIdentity } from './outputs.ts';
import { holder, memoriesOf } from './remembered.ts';

export interface Keeper {
  /** Such as `run` or `get alerts --new --output sink:splunk`. */
  readonly command: string;
  /** Its journal's folder. */
  readonly path: string;
  readonly isService: boolean;
  /** Those of the kind that is asked for. */
  readonly streams: readonly StreamState[];
  /** Every kind that it knows. */
  readonly kinds: readonly string[];
  /** How many records it has had of some streams that were read from then on; `null`: ever. */
  count(ids: ReadonlySet<string>, since: Millis | null): number;
}

export interface KeeperOptions {
  readonly output?: string;
  readonly outDir?: string;
}

/**
 * All who keep a kind of stream; with `--output` or `--out-dir` only that output. `run` is told with no streams too, if it has a journal.
 *
 * Throws   config `usage.output` when nothing is remembered of that output.
 */
export async function keepersOf(context: CommandContext, plan: Plan, kind: string, options: KeeperOptions): Promise<readonly Keeper[]> {
  const memories = await memoriesOf(context, plan.statePath, kind);
  const commandOf = (output: string) => `get ${kind} --new ${optionsOfIdentity(output)}`;
  const wanted = wantedOf(context, options);
  if (wanted !== null && !memories.some(({ output }) => output === wanted)) {
    const known = memories.map(({ output }) => `\`${commandOf(output)}\``).join(', ');
    throw usage('output', `nothing is remembered of \`${commandOf(wanted)}\``, known === '' ? 'Nothing of any output is.' : `Something is of ${known}.`);
  }
  const keepers: Keeper[] = [];
  if (wanted === null) {
    const store = await openBeside(context, plan);
    if (store) keepers.push(await keeperIn(store, { command: 'run', path: plan.statePath, isService: true }, kind));
  }
  const { openStore } = await import('../../journal/index.ts');
  const { clock, report } = context.world;
  for (const { output, path } of memories) {
    if (wanted !== null && output !== wanted) continue;
    const store = await openStore(path, { mode: 'beside', clock, report });
    keepers.push(await keeperIn(store, { command: commandOf(output), path, isService: false }, kind));
  }
  return keepers;
}

function wantedOf({ cwd }: CommandContext, { output, outDir }: KeeperOptions): string | null {
  if (output === undefined && outDir === undefined) return null;
  return identityOf(cwd, output ?? 'json', outDir === undefined ? undefined : resolve(cwd, outDir));
}

async function keeperIn(store: Store, known: Pick<Keeper, 'command' | 'path' | 'isService'>, kind: string): Promise<Keeper> {
  try {
    const states = await store.directory.streams();
    const counts = await store.ledger.counts();
    return {
      ...known,
      streams: states.filter(({ stream }) => stream === kind),
      kinds: [...new Set(states.map(({ stream }) => stream))],
      count(ids, since) {
        if (since === null) return states.filter(({ id }) => ids.has(id)).reduce((sum, { read }) => sum + read, 0);
        // Records are counted by the hour in which they were read; none of those from `since` on can have been read before.
        const hour = since - (since % 3_600_000);
        return counts.filter((row) => row.route === '' && ids.has(row.stream) && row.hour >= hour).reduce((sum, { read }) => sum + read, 0);
      },
    };
  } finally {
    await store.close();
  }
}

/** Makes the journals of outputs one's own, all or none, so that nobody reads while they are set back. */
export async function ownJournals(context: CommandContext, keepers: readonly Keeper[]): Promise<readonly { readonly keeper: Keeper; readonly store: Store }[]> {
  const { openStore } = await import('../../journal/index.ts');
  const { clock, report } = context.world;
  const owned: { readonly keeper: Keeper; readonly store: Store }[] = [];
  try {
    for (const keeper of keepers) owned.push({ keeper, store: await openStore(keeper.path, { mode: 'own', holder: `reset of ${holder}`, clock, report }) });
    return owned;
  } catch (error) {
    for (const { store } of owned) await store.close();
    throw error;
  }
}
