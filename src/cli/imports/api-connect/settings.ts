/** The settings of Sophos API Connect: `sophos.conf`, lines `key = value`. */
import { dirname, resolve } from 'node:path';
import { type IniEntry, readIniFile } from '../../../config/ini.ts';
import { Failure } from '../../../core/failure.ts';
import { type LogLevel, logLevels } from '../../../core/reports.ts';
import { secret } from '../../../core/secret.ts';
import type { Secret } from '../../../core/world.ts';
import { type Acknowledgement, acknowledgementKeys, acknowledgementOf } from './acknowledgement.ts';

/** What it writes of one kind of record. */
export interface Outputs {
  /** Absolute; `null` when it writes no such file. */
  readonly text: string | null;
  readonly json: string | null;
}

export interface Settings {
  /** Its file, absolute. */
  readonly file: string;
  readonly clientId: string | null;
  readonly clientSecret: Secret | null;
  readonly pullSeconds: number;
  /** `run`: `False` stops it before its next pull. */
  readonly runs: boolean;
  readonly events: Outputs;
  readonly alerts: Outputs;
  /** Its own number, 0 to 4, and the word in the file. */
  readonly level: { readonly rank: number; readonly word: string; readonly ours: LogLevel };
  /** Its log, absolute; `null` when none is named. */
  readonly logFile: string | null;
  readonly acknowledgement: Acknowledgement | null;
  /** Every key that stands there and is known. */
  readonly said: ReadonlyMap<string, IniEntry>;
  /** What stands there and means nothing to it. */
  readonly strange: readonly { readonly what: string; readonly how: string }[];
}

/** Of what is missing (reference, Sophos API Connect, "Settings"). */
const defaults = {
  pull_time: '10',
  run: 'True',
  save_file_location: '',
  txt_file_creation: 'True',
  json_file_creation: 'False',
  events_txt_file_name: 'sophos_events',
  alerts_txt_file_name: 'sophos_alerts',
  events_json_file_name: 'sophos_events.json',
  alerts_json_file_name: 'sophos_alerts.json',
  log_level: 'INFO',
  log_file_name: 'Sophos_log.log',
} as const;
type Key = keyof typeof defaults;

/** Its words for how much it logs, in its order; the README and the program do not agree on all. */
const ranks: Readonly<Record<string, number>> = { OFF: 0, ERROR: 1, INFO: 2, LOG: 2, 'INFO+': 3, 'LOG+': 3, VERBOSE: 4 };
const oursByRank: readonly LogLevel[] = logLevels.filter((level) => level !== 'warn');

/**
 * Reads `sophos.conf`; `file` is absolute.
 *
 * Shape    names of files are joined as the tool joins them, and what is relative begins in its folder, where it is always started.
 * Throws   config `ini.unreadable`; config `import.setting`, with line, for a value that means nothing; config `import.no-output`.
 */
export async function readSettings(file: string): Promise<Settings> {
  const folder = dirname(file);
  const { sections, problems } = await readIniFile(file, { dialect: 'plain', valueless: true });
  // It knows no sections: a line in brackets means nothing to it.
  const entries = new Map([...sections.values()].flatMap((section) => [...section]));
  const strange = problems.map(({ line, message }) => ({ what: `sophos.conf, line ${line}`, how: message }));
  const known = new Set<string>(['client_id', 'client_secret', ...Object.keys(defaults), ...acknowledgementKeys]);
  for (const [key, { line }] of entries) if (!known.has(key)) strange.push({ what: `sophos.conf, line ${line}`, how: 'a setting that the tool does not know' });

  const text = (key: Key) => entries.get(key)?.value || defaults[key];
  const where = { file, entries };
  const flag = (key: Key) => flagOf(text(key), key, where);
  const pathOf = (key: Key) => resolve(folder, (entries.get('save_file_location')?.value ?? '') + text(key));
  const [txt, json] = [flag('txt_file_creation'), flag('json_file_creation')];
  if (!txt && !json)
    throw new Failure('config', 'import.no-output', `\`${file}\` says that no file is written: txt_file_creation and json_file_creation are both False`, {
      advice: 'Set the one that you want to `True` in it, and import again.',
    });
  return {
    file,
    clientId: entries.get('client_id')?.value || null,
    clientSecret: secretOf(entries.get('client_secret')?.value),
    pullSeconds: secondsOf(text('pull_time'), where),
    runs: flag('run'),
    events: { text: txt ? pathOf('events_txt_file_name') : null, json: json ? pathOf('events_json_file_name') : null },
    alerts: { text: txt ? pathOf('alerts_txt_file_name') : null, json: json ? pathOf('alerts_json_file_name') : null },
    level: levelOf(text('log_level'), where),
    logFile: entries.get('log_file_name')?.value === '' ? null : resolve(folder, text('log_file_name')),
    acknowledgement: acknowledgementOf(
      (key) => entries.get(key)?.value,
      (key, value, advice) => badSetting(key, value, where, advice),
    ),
    said: new Map([...entries].filter(([key]) => known.has(key))),
    strange,
  };
}

interface Where {
  readonly file: string;
  readonly entries: ReadonlyMap<string, IniEntry>;
}

function badSetting(key: string, value: string, { file, entries }: Where, advice: string): Failure {
  const line = entries.get(key)?.line;
  const shown = value.replace(/[\p{Cc}\p{Cf}\u2028\u2029`]/gu, '?').slice(0, 60);
  return new Failure(
    'config',
    'import.setting',
    `could not take over \`${key}\` of \`${file}\`${line === undefined ? '' : `, line ${line}`}: it is \`${shown}\``,
    {
      advice,
    },
  );
}

function flagOf(value: string, key: string, where: Where): boolean {
  const word = value.toLowerCase();
  if (word === 'true') return true;
  if (word === 'false') return false;
  throw badSetting(key, value, where, 'Write `True` or `False`.');
}

function secondsOf(value: string, where: Where): number {
  const seconds = /^[+-]?\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(seconds)) throw badSetting('pull_time', value, where, 'Write a number of seconds, such as `10`.');
  return seconds;
}

function levelOf(value: string, where: Where): Settings['level'] {
  const word = value.toUpperCase();
  const rank = /^[0-4]$/.test(word) ? Number(word) : Object.hasOwn(ranks, word) ? ranks[word] : undefined;
  if (rank === undefined) throw badSetting('log_level', value, where, 'Write OFF, ERROR, INFO, INFO+ or VERBOSE.');
  return { rank, word: value, ours: oursByRank[rank] ?? 'info' };
}

function secretOf(value: string | undefined): Secret | null {
  return value ? secret(value) : null;
}
