import { dirname, resolve } from 'node:path';
import type { Command, CommandContext, Parser } from '../../command.ts';
import { usage } from '../../exit.ts';
import { cleanLevels, flagTable, readFlags } from './flags.ts';

/** The tool's folder, when the command line does not name it. */
const homeVariable = 'SOPHOS_API_CONNECTOR_HOME';

/**
 * The command line of sophos_central_main.py.
 *
 * Its flags go beyond what commander knows (`-pa`, `-ll`, `-dr`, names cut short), so commander hands the words on as they are, and flags.ts
 * reads them. Only `-c`, which is `--config` everywhere here, has been read by then: what it holds is looked at again.
 */
export const compatApiConnector: Command = {
  name: 'api-connector',
  summary: 'take the flags of sophos_central_main.py and its configuration files',
  description: `For a cron line that goes on with one word changed: \`sophos-central compat api-connector\` in place of \`python\`. The folder of sophos-central-api-connector is that of the script on the line, otherwise what ${homeVariable} names, otherwise the current one. The first time, alerts that it has sent are not sent again; from then on the place lies in \`sophos-central-state\` beside its folder \`polling\`, which is no longer written.`,
  examples: [
    'compat api-connector --auth aws --get alerts --poll_alerts --output splunk',
    'compat api-connector /opt/sophos_central_api_connector/sophos_central_main.py --auth static --get inventory --output json',
    'compat api-connector -a aws --intelix clean_ls --clean_level HIGH --dry_run',
  ],
  declare(parser) {
    parser.argument('[script]', 'sophos_central_main.py, or its folder').allowUnknownOption().allowExcessArguments();
    parser.addHelpText('after', flagsHelp());
    handWordsOn(parser);
  },
  async run(context, args) {
    const { script, words } = wordsOf(context, args);
    const flags = readFlags(words);
    if (flags.tenant !== undefined && !/^[\w-]{1,64}$/.test(flags.tenant))
      throw usage('peer-flag', '`--tenant` takes the id of a tenant', '`sophos-central tenants` lists them.');
    const [{ packageFolder }, { apiConnectorWith }, { pollingFrom }, { beginOf, standIn }, { runCompat }, { statePathOf }] = await Promise.all([
      import('./folder.ts'),
      import('./peer.ts'),
      import('./polling.ts'),
      import('./stand-in.ts'),
      import('../compat-run.ts'),
      import('../plan.ts'),
    ]);
    const named = script ?? (context.env[homeVariable] || '.');
    const path = resolve(context.cwd, named);
    const folder = await packageFolder(/\.py$/i.test(path) ? dirname(path) : path);
    const now = context.world.clock.now();
    const { lines, change, logLevel, started } = standIn(flags, folder, now);
    const statePath = statePathOf(context, resolve(folder, 'sophos-central-state'));
    const isFirst = flags.pollAlerts && !(await hasPolled(context, statePath));
    return runCompat(context, {
      peer: apiConnectorWith({ ...started, begins: isFirst ? pollingFrom(beginOf(flags.days, now)) : null, env: context.env }),
      folder,
      statePath,
      lines,
      change,
      quiet: false,
      logLevel,
    });
  },
};

/** Has this state a place among alerts, be it one that was taken over and not read from yet? */
async function hasPolled(context: CommandContext, statePath: string): Promise<boolean> {
  const { askBeside } = await import('../../store.ts');
  const streams = (await askBeside(context, { statePath }, ({ directory }) => directory.streams())) ?? [];
  return streams.some(({ stream, readUpTo, askedAt }) => stream === 'alerts' && (readUpTo !== null || askedAt !== null));
}

/** Commander must not take them apart: nothing is declared but globals, and those have been read before. */
function handWordsOn(parser: Parser): void {
  const parse = parser.parseOptions.bind(parser);
  parser.parseOptions = (argv) => (argv.some((word) => word === '-h' || word === '--help') ? parse(argv) : { operands: [...argv], unknown: [] });
}

/** The words as they were typed, without the script. */
function wordsOf({ globals: { config } }: CommandContext, args: readonly string[]): { readonly script?: string; readonly words: readonly string[] } {
  const [first] = args;
  const hasScript = first !== undefined && !first.startsWith('-') && !isLevel(first);
  const words = hasScript ? args.slice(1) : [...args];
  const script = hasScript ? { script: first } : {};
  if (config === undefined) return { ...script, words };
  // `-c HIGH`, or `-cl HIGH`, of which `-c` has taken the `l`.
  if (isLevel(config)) return { ...script, words: [...words, '--clean_level', config] };
  const at = config === 'l' ? words.findIndex(isLevel) : -1;
  const level = words[at];
  if (level !== undefined) return { ...script, words: [...words.slice(0, at), ...words.slice(at + 1), '--clean_level', level] };
  throw usage('peer-flag', 'sophos_central_main.py has no `--config`', 'Its configuration lies in its folder: name that, or the script in it.');
}

function isLevel(word: string): boolean {
  return cleanLevels.some((each) => each === word);
}

function flagsHelp(): string {
  const rows = flagTable.map(({ long, short, about }) => [`  ${short[0] ?? ''}, --${long}`, about] as const);
  const width = Math.max(...rows.map(([flag]) => flag.length)) + 2;
  return `\nFlags of sophos_central_main.py:\n${rows.map(([flag, about]) => `${flag.padEnd(width)}${about}\n`).join('')}`;
}
