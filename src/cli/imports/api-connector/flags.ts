/** The command line of sophos_central_main.py, read as Python's argparse reads it. */
import { usage } from '../../exit.ts';

export interface Flags {
  readonly auth: 'static' | 'aws';
  readonly get?: Kind;
  readonly tenant?: string;
  readonly output: Output;
  readonly pollAlerts: boolean;
  readonly days: number;
  readonly reset: boolean;
  readonly logLevel?: PeerLogLevel;
  readonly intelix?: 'test' | 'report' | 'clean_ls';
  readonly cleanLevel?: CleanLevel;
  readonly dryRun: boolean;
}

const kinds = ['inventory', 'alerts', 'tenants', 'local-sites'] as const;
export type Kind = (typeof kinds)[number];
const outputs = ['stdout', 'json', 'splunk', 'splunk_trans'] as const;
type Output = (typeof outputs)[number];
const logLevels = ['INFO', 'DEBUG', 'CRITICAL', 'WARNING', 'ERROR'] as const;
export type PeerLogLevel = (typeof logLevels)[number];
export const cleanLevels = ['ALL', 'HIGH', 'HIGH_MEDIUM', 'MEDIUM', 'LOW'] as const;
type CleanLevel = (typeof cleanLevels)[number];

interface Flag {
  readonly long: string;
  /** The one that help shows first, then other spellings. */
  readonly short: readonly string[];
  /** What its value may be; absent: any; `null`: it has none. */
  readonly choices?: readonly string[] | null;
  readonly about: string;
}

/**
 * Source   `add_argument` calls of sophos_central_main.py 0.1.x (`-pa`, `-ll`); the rest from its documentation.
 *          argparse takes the beginning of a name for it where it is the only one: `--poll`, also `-p` for `-pa`.
 */
export const flagTable: readonly Flag[] = [
  { long: 'auth', short: ['-a'], choices: ['static', 'aws'], about: 'where its credential was; both are read from its files' },
  { long: 'get', short: ['-g'], choices: kinds, about: 'what is read' },
  { long: 'tenant', short: ['-t'], about: 'one tenant, by its id (default: all)' },
  { long: 'output', short: ['-o'], choices: outputs, about: 'where it goes' },
  { long: 'poll_alerts', short: ['-pa', '-p'], choices: null, about: 'alerts that were not sent yet, to Splunk' },
  { long: 'days', short: ['-d'], choices: Array.from({ length: 90 }, (_, i) => String(i + 1)), about: 'how many days back, 1 to 90' },
  { long: 'reset', short: ['-r'], choices: null, about: 'with --poll_alerts: forget what was sent' },
  { long: 'log_level', short: ['-ll', '-l'], choices: logLevels, about: 'how much is logged' },
  { long: 'intelix', short: ['-i'], choices: ['test', 'report', 'clean_ls'], about: 'SophosLabs Intelix on local sites' },
  { long: 'clean_level', short: ['-cl', '-c'], choices: cleanLevels, about: 'what clean_ls deletes' },
  { long: 'dry_run', short: ['-dr'], choices: null, about: 'with clean_ls: delete nothing' },
];

/** Reads the words. Throws config `usage.peer-flag`, as argparse would complain. */
export function readFlags(words: readonly string[]): Flags {
  const given = new Map<string, string>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const { flag, attached } = flagOf(word);
    if (flag.choices === null) {
      if (attached !== undefined) throw wrong(`\`--${flag.long}\` takes no value; seen \`${word}\``);
      given.set(flag.long, '');
      continue;
    }
    const value = attached ?? words[++i];
    if (value === undefined || (attached === undefined && /^-[^\d]/.test(value))) throw wrong(`\`--${flag.long}\` needs a value`);
    if (flag.choices && !flag.choices.includes(value))
      throw wrong(
        `\`--${flag.long}\` takes ${flag.long === 'days' ? 'a whole number from 1 to 90' : flag.choices.map((each) => `\`${each}\``).join(', ')}; seen \`${value}\``,
      );
    given.set(flag.long, value);
  }
  return flagsFrom(given);
}

function flagOf(word: string): { readonly flag: Flag; readonly attached?: string } {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  const name = equals < 0 ? word : word.slice(0, equals);
  const attached = equals < 0 ? {} : { attached: word.slice(equals + 1) };
  const exact = flagTable.find(({ long, short }) => name === `--${long}` || short.includes(name));
  if (exact) return { flag: exact, ...attached };
  if (name.startsWith('--') && name.length > 2) {
    const meant = flagTable.filter(({ long }) => long.startsWith(name.slice(2)));
    if (meant.length === 1 && meant[0]) return { flag: meant[0], ...attached };
    if (meant.length > 1) throw wrong(`\`${name}\` could be ${meant.map(({ long }) => `\`--${long}\``).join(' or ')}`);
  }
  // `-aaws`, as argparse takes it.
  const joined = flagTable.find(
    ({ short, choices }) => choices !== null && short.some((each) => each.length === 2 && word.startsWith(each) && !word.startsWith('--')),
  );
  if (joined) return { flag: joined, attached: word.slice(2).replace(/^=/, '') };
  throw wrong(`sophos_central_main.py has no flag \`${word}\``);
}

function flagsFrom(given: ReadonlyMap<string, string>): Flags {
  const choice = <T extends string>(name: string, of: readonly T[]): T | undefined => of.find((each) => each === given.get(name));
  const auth = choice('auth', ['static', 'aws'] as const);
  if (auth === undefined) throw wrong('`--auth` is missing: it is `static` or `aws`');
  const get = choice('get', kinds);
  const intelix = choice('intelix', ['test', 'report', 'clean_ls'] as const);
  const logLevel = choice('log_level', logLevels);
  const cleanLevel = choice('clean_level', cleanLevels);
  const tenant = given.get('tenant');
  const pollAlerts = given.has('poll_alerts');
  const output = choice('output', outputs) ?? 'stdout';
  if (get === undefined && intelix === undefined) throw wrong('neither `--get` nor `--intelix` says what to do');
  if (get !== undefined && intelix !== undefined) throw wrong('`--get` and `--intelix` are two things to do');
  if (intelix === 'clean_ls' && cleanLevel === undefined) throw wrong(`\`--intelix clean_ls\` needs \`--clean_level\`: ${cleanLevels.join(', ')}`);
  if (pollAlerts && get === 'alerts' && (output === 'stdout' || output === 'json'))
    throw wrong(`\`--poll_alerts\` is for \`--output splunk\` or \`splunk_trans\`; seen \`${output}\``);
  return {
    auth,
    output,
    pollAlerts: pollAlerts && get === 'alerts',
    days: Number(given.get('days') ?? '1'),
    reset: given.has('reset'),
    dryRun: given.has('dry_run'),
    ...(get === undefined ? {} : { get }),
    ...(intelix === undefined ? {} : { intelix }),
    ...(cleanLevel === undefined ? {} : { cleanLevel }),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(tenant === undefined ? {} : { tenant }),
  };
}

function wrong(message: string) {
  return usage('peer-flag', message, 'See `sophos-central help compat api-connector`.');
}
