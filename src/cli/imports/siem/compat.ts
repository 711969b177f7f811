import { join, resolve } from 'node:path';
import type { Tree } from '../../../config/source.ts';
import type { Command, CommandContext } from '../../command.ts';
import { exitCodes, usage } from '../../exit.ts';
import { mapOf } from '../map-of.ts';
import type { Takeover } from '../takeover.ts';
import type { SiemKnown } from './peer.ts';

interface SiemFlags {
  readonly since?: string;
  readonly light?: boolean;
  readonly debug?: boolean;
  readonly version?: boolean;
  readonly quiet?: boolean;
}

/** The release whose flags and formats these are. */
const version = '2.1.0';
const daySeconds = 86_400;

/**
 * siem.py's own command line.
 *
 * Source   Sophos-Central-SIEM-Integration, siem.py and its README: flags, `SOPHOS_SIEM_HOME`. `-c` and `--quiet` are taken where ours are.
 */
export const compatSiem: Command<SiemFlags> = {
  name: 'siem',
  summary: 'take the flags of siem.py and its config.ini, and read once',
  description:
    'For a cron line that goes on with one word changed. Reads `config.ini` in the folder that SOPHOS_SIEM_HOME names, else in the current one, and does one pass as `run --once` would. The first time, reading goes on where siem.py stopped; from then on the place lies in `sophos-central-state` beside its state file, which is no longer written. `-c` names another file, as it does there.',
  examples: ['compat siem -l -q', 'compat siem -c /opt/siem/config.ini'],
  declare(parser) {
    parser
      .option('-s, --since <unix>', 'begin at this Unix time, at most 24 hours ago, where there is no place yet (default: 12 hours back)')
      .option('-l, --light', 'leave out the noisy events')
      .option('-d, --debug', 'log more')
      .option('-v, --version', 'print the version of siem.py whose flags these are')
      .option('-q', 'no status messages', false);
  },
  async run(context, _args, flags) {
    const isQuiet = context.quiet || (flags as { readonly q?: boolean }).q === true;
    if (flags.version) {
      if (!isQuiet) context.note(version);
      return exitCodes.done;
    }
    const change = changeOf(context, flags);
    const [{ readSettings }, { readSiem }, { runCompat }, { statePathOf }] = await Promise.all([
      import('./settings.ts'),
      import('./peer.ts'),
      import('../compat-run.ts'),
      import('../plan.ts'),
    ]);
    const home = resolve(context.cwd, context.env.SOPHOS_SIEM_HOME || '.');
    const configFile = context.globals.config === undefined ? join(home, 'config.ini') : resolve(context.cwd, context.globals.config);
    const settings = await readSettings(home, configFile);
    const statePath = statePathOf(context, join(settings.stateFile, '..', 'sophos-central-state'));
    return runCompat(context, {
      peer: { name: 'siem', read: async (_folder, around) => readSiem(settings, around, await knownIn(context, statePath)) },
      folder: home,
      statePath,
      lines: [['run', '--once']],
      change,
      settings: flags.light && settings.endpoint !== 'alert' ? ['streams.events.preset: light'] : [],
      // Lines of a file say what was delivered. An array is not looked into, and what went elsewhere nobody knows.
      remembers: !['syslog', 'stdout'].includes(settings.filename) && settings.format !== 'non-streamed-json',
      quiet: isQuiet,
      tenants: 'remembered',
      ...(flags.debug ? { logLevel: 'debug' } : {}),
    });
  },
};

async function knownIn(context: CommandContext, statePath: string): Promise<SiemKnown | null> {
  const [{ askBeside }, { readHere }, { readMark }, { fileRoute }] = await Promise.all([
    import('../../store.ts'),
    import('../adoption.ts'),
    import('../../../sinks/file/mark.ts'),
    import('./output.ts'),
  ]);
  return askBeside(context, { statePath }, async (store) => ({
    streams: new Set((await readHere(store)).keys()),
    marks: [...(await store.journal.marks(fileRoute)).values()].flatMap((mark) => readMark(mark) ?? []),
  }));
}

/** What the flags change in the configuration. */
function changeOf(context: CommandContext, { since, light }: SiemFlags): (takeover: Takeover) => Takeover {
  const back = since === undefined ? null : secondsBack(context, since);
  return (takeover) => {
    const { streams, ...rest } = takeover.draft.tree;
    const changed: { [stream: string]: Tree } = {};
    for (const [stream, options] of Object.entries(mapOf(streams)))
      changed[stream] = { ...mapOf(options), ...(back === null ? {} : { since: `${back}s` }), ...(light && stream === 'events' ? { preset: 'light' } : {}) };
    return { ...takeover, draft: { ...takeover.draft, tree: { ...rest, streams: changed } } };
  };
}

function secondsBack({ world, warn }: CommandContext, text: string): number {
  if (!/^\d{1,12}$/.test(text))
    throw usage(
      'since',
      `\`--since\` takes a Unix time in seconds; seen \`${text}\``,
      'Give the seconds since 1970, as `date -d "6 hours ago" +%s` prints them.',
    );
  const back = Math.ceil(world.clock.now() / 1000) - Number(text);
  if (back > daySeconds) warn('`--since` is more than 24 hours ago: Central remembers 24 hours');
  return Math.max(1, Math.min(back, daySeconds));
}
