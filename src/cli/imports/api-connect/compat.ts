import { dirname, join, resolve } from 'node:path';
import type { Tree } from '../../../config/source.ts';
import { Failure } from '../../../core/failure.ts';
import type { Millis } from '../../../core/types.ts';
import type { Command, CommandContext } from '../../command.ts';
import { type ExitCode, exitCodes, untilStopped, usage } from '../../exit.ts';
import { mapOf } from '../map-of.ts';
import type { ImportSurroundings, Takeover } from '../takeover.ts';
import type { Settings } from './settings.ts';

interface ApiConnectFlags {
  readonly alerts?: boolean;
  readonly events?: boolean;
  readonly run?: boolean;
  readonly whoami?: boolean;
}

type Stream = 'events' | 'siem-alerts';

const longFlags: ReadonlySet<string> = new Set(['-alerts', '-events', '-run', '-whoami', '-help']);
/** Where the places lie, beside `sophos.conf`. Two that pull one kind each may run side by side, as there. */
const stateOf = { both: 'sophos-central-state', events: 'sophos-central-state-events', 'siem-alerts': 'sophos-central-state-alerts' } as const;

/**
 * The command line of Sophos API Connect.
 *
 * Source   its `sophos_auto.py`: `-a` alerts, `-e` events, `-r` both, `-w` whoami; each pulls until it is stopped, or until `run` says False.
 */
export const compatApiConnect: Command<ApiConnectFlags> = {
  name: 'api-connect',
  summary: 'take the flags of Sophos API Connect and its sophos.conf, and pull until stopped',
  description:
    'For a start script that goes on with one word changed. Reads `sophos.conf` in the current folder, or the one that `-c` names, and goes on with the files that it names, until SIGTERM or Ctrl-C, or until `run = False` stands in it. The first time, what the files hold is taken over; from then on the place lies in `sophos-central-state` beside it.',
  examples: ['compat api-connect -r', 'compat api-connect -w -c /opt/sophos/sophos.conf'],
  declare(parser) {
    parser
      .option('-a, --alerts', 'pull alerts')
      .option('-e, --events', 'pull events')
      .option('-r, --run', 'pull both')
      .option('-w, --whoami', 'say which account the credentials open');
    // Its long flags have one dash, which commander reads as a row of short ones.
    const parse = parser.parseOptions.bind(parser);
    parser.parseOptions = (argv) => parse(argv.map((word) => (longFlags.has(word) ? `-${word}` : word)));
  },
  async run(context, _args, flags) {
    const streams = streamsOf(flags);
    if (streams.length === 0 && !flags.whoami) throw usage('peer-flag', 'no flag of Sophos API Connect says what to do', 'Give `-a`, `-e`, `-r` or `-w`.');
    const { readSettings } = await import('./settings.ts');
    const file = resolve(context.cwd, context.globals.config ?? 'sophos.conf');
    const settings = await readSettings(file);
    const whoami = flags.whoami ? await tellAccount(context, settings) : exitCodes.done;
    if (streams.length === 0 || whoami !== exitCodes.done) return whoami;
    if (settings.runs) return untilStopped(context.signal, () => pull(context, settings, streams));
    context.note(`compat: nothing is pulled, because \`run\` is False in ${file}.`);
    return exitCodes.done;
  },
};

function streamsOf({ alerts, events, run }: ApiConnectFlags): readonly Stream[] {
  return [...(events || run ? (['events'] as const) : []), ...(alerts || run ? (['siem-alerts'] as const) : [])];
}

async function tellAccount(context: CommandContext, settings: Settings): Promise<ExitCode> {
  const [{ surroundings }, { readApiConnect }, { readable }, { planOfDraft }, { runNative }] = await Promise.all([
    import('../importing.ts'),
    import('./peer.ts'),
    import('../placeholders.ts'),
    import('../plan.ts'),
    import('../native.ts'),
  ]);
  const folder = dirname(settings.file);
  const { draft, secrets } = await readApiConnect(settings, surroundings(context, folder, { asks: 'nobody', warn: context.warn }), []);
  const plan = await planOfDraft(context, join(folder, 'sophos-central.yaml'), readable(draft, secrets, context.env));
  context.note('compat: this stands for `sophos-central whoami`');
  return runNative({ ...context, loadPlan: async () => plan }, ['whoami']);
}

async function pull(outside: CommandContext, settings: Settings, streams: readonly Stream[]): Promise<ExitCode> {
  const [{ runCompat }, { readApiConnect }, { statePathOf }] = await Promise.all([import('../compat-run.ts'), import('./peer.ts'), import('../plan.ts')]);
  const folder = dirname(settings.file);
  const [single] = streams;
  const statePath = statePathOf(outside, join(folder, streams.length > 1 || !single ? stateOf.both : stateOf[single]));
  const over = new AbortController();
  const context: CommandContext = { ...outside, signal: AbortSignal.any([outside.signal, over.signal]) };
  const stopped = new AbortController();
  const watching = watchRun(context, settings, over, AbortSignal.any([context.signal, stopped.signal]));
  try {
    const read = async (_folder: string, around: ImportSurroundings) =>
      ofOneTenant(await readApiConnect(settings, around, await toldByFiles(context, statePath, folder, streams)));
    return await runCompat(context, {
      peer: { name: 'api-connect', read },
      folder,
      statePath,
      lines: [['run']],
      change: (takeover) => only(takeover, streams),
      remembers: true,
      quiet: context.quiet,
      logLevel: settings.level.ours,
    });
  } finally {
    stopped.abort();
    await watching;
  }
}

/** The tool reads one tenant. Which one it is stands in the files, and those are not looked into each time. */
function ofOneTenant(takeover: Takeover): Takeover {
  if (takeover.draft.tree.tenants === undefined) return takeover;
  throw new Failure('config', 'import.tenant', 'could not take over the position: the credential opens several tenants', {
    advice: 'Use the credential of the tenant itself, as the tool did; or use `sophos-central import api-connect`.',
  });
}

/**
 * Those that this state has not read before, or not last: `-r` keeps its place in one state, `-a` and `-e` each in one of their own, and all
 * write to the same files. Of the others a state knows more than their files, of which a kill may have left one half written: they are mended
 * by the sink that wrote them.
 */
async function toldByFiles(context: CommandContext, statePath: string, folder: string, streams: readonly Stream[]): Promise<readonly Stream[]> {
  const here = await lastReads(context, statePath);
  const beside = Object.values(stateOf).map((name) => join(folder, name));
  const others = await Promise.all(beside.filter((path) => path !== statePath).map((path) => lastReads(context, path)));
  return streams.filter((wanted) => {
    const last = here.get(wanted);
    return last === undefined || others.some((reads) => (reads.get(wanted) ?? 0) > last);
  });
}

/** When each kind was asked for last, with this state. */
async function lastReads(context: CommandContext, statePath: string): Promise<ReadonlyMap<string, Millis>> {
  const { askBeside } = await import('../../store.ts');
  const states = (await askBeside(context, { statePath }, ({ directory }) => directory.streams())) ?? [];
  return new Map(states.flatMap(({ id, stream, askedAt }) => (id.startsWith('retry/') || askedAt === null ? [] : [[stream, askedAt]])));
}

/** Looks at `run` before each pull, as the tool does. */
async function watchRun({ world, note, warn }: CommandContext, { file, pullSeconds }: Settings, over: AbortController, until: AbortSignal): Promise<void> {
  const { readSettings } = await import('./settings.ts');
  let isBroken = false;
  while (!until.aborted) {
    await world.clock.sleep(Math.max(1, pullSeconds) * 1000, until).catch((error: unknown) => {
      if (!until.aborted) throw error;
    });
    if (until.aborted) return;
    try {
      const { runs } = await readSettings(file);
      isBroken = false;
      if (runs) continue;
      note(`compat: stopping, because \`run\` is False in ${file}.`);
      over.abort();
    } catch (error) {
      // An editor may be writing it just now; what was read at the start goes on to hold.
      if (!isBroken) warn(`${file} cannot be read, and what it said before goes on to hold: ${error instanceof Error ? error.message : String(error)}`);
      isBroken = true;
    }
  }
}

/** Without what is not pulled. */
function only(takeover: Takeover, wanted: readonly Stream[]): Takeover {
  const { streams, sinks, routes, ...rest } = takeover.draft.tree;
  const without = (['events', 'siem-alerts'] as const).filter((stream) => !wanted.includes(stream));
  const kept = (Array.isArray(routes) ? routes : []).flatMap((route: Tree): Tree[] => {
    const { from = '', ...others } = mapOf(route);
    const left = (Array.isArray(from) ? from : [from]).filter((stream) => !without.some((each) => each === stream));
    return left.length === 0 ? [] : [{ from: left, ...others }];
  });
  const named = new Set(kept.map((route) => mapOf(route).to));
  const tree = {
    ...rest,
    streams: pick(streams, (name) => !without.some((each) => each === name)),
    sinks: pick(sinks, (name) => named.has(name)),
    routes: kept,
  };
  return {
    ...takeover,
    draft: { ...takeover.draft, tree, comments: {} },
    streams: takeover.streams.filter(({ origin }) => wanted.some((each) => each === origin.stream)),
    leftOver: takeover.leftOver.filter(({ origin }) => wanted.some((each) => each === origin.stream)),
  };
}

function pick(value: Tree | undefined, keeps: (name: string) => boolean): Tree {
  return Object.fromEntries(Object.entries(mapOf(value)).filter(([name]) => keeps(name)));
}
