/** The configuration of siem.py: one section of an `.ini` file, with the values that siem.py itself would use. */
import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type IniFile, iniValue, readIniFile } from '../../../config/ini.ts';
import { Failure } from '../../../core/failure.ts';
import { secret } from '../../../core/secret.ts';
import type { Secret } from '../../../core/world.ts';

/** What one folder says; texts are as they were written, without blanks around them. */
export interface SiemSettings {
  /** The folder that relative paths start at: `SOPHOS_SIEM_HOME`. */
  readonly home: string;
  readonly configFile: string;
  readonly stateFile: string;
  readonly clientId: string;
  readonly clientSecret: Secret | null;
  readonly token: Secret | null;
  readonly tenantId: string;
  readonly authUrl: string;
  readonly apiHost: string;
  readonly format: string;
  readonly filename: string;
  readonly endpoint: string;
  readonly address: string;
  readonly facility: string;
  readonly socktype: string;
  readonly appendNul: boolean;
  readonly eventsOffset: string;
  readonly alertsOffset: string;
  readonly convertDhost: boolean;
  readonly loggingLevel: string;
  /** Keys that siem.py does not know, and what is odd in the file. */
  readonly unknown: readonly string[];
  readonly problems: readonly string[];
}

/** What stands there when a key is missing: as in the sample that comes with siem.py. */
const sample = {
  token_info: '',
  client_id: '',
  client_secret: '',
  tenant_id: '',
  auth_url: 'https://id.sophos.com/api/v2/oauth2/token',
  api_host: 'api.central.sophos.com',
  format: 'json',
  filename: 'result.txt',
  endpoint: 'event',
  address: '/var/run/syslog',
  facility: 'daemon',
  socktype: 'udp',
  // Python's handler ends each message with a NUL unless it is told otherwise.
  append_nul: 'true',
  state_file_path: 'state/siem_sophos.json',
  events_from_date_offset_minutes: '0',
  alerts_from_date_offset_minutes: '0',
  convert_dhost_field_to_valid_fqdn: 'true',
  logging_level: 'INFO',
} as const;
type Key = keyof typeof sample;

export const usualAuthUrl = sample.auth_url;
export const usualApiHost = sample.api_host;

/** The folder and the file, for a folder or a file that was named. */
export async function placesOf(named: string): Promise<{ readonly home: string; readonly configFile: string }> {
  const isFile = await stat(named).then(
    (found) => found.isFile(),
    () => false,
  );
  return isFile ? { home: dirname(named), configFile: named } : { home: named, configFile: join(named, 'config.ini') };
}

/**
 * Reads the configuration; changes nothing.
 *
 * Throws   config `ini.unreadable`; config `import.siem` when the file is not one of siem.py.
 * Source   reference, siem.py, "Configuration and state"; Sophos-Central-SIEM-Integration, config.ini and config.py.
 */
export async function readSettings(home: string, configFile: string): Promise<SiemSettings> {
  const ini = await readIniFile(configFile);
  if (!ini.sections.has('login'))
    throw new Failure('config', 'import.siem', `${configFile} is not a configuration of siem.py: it has no section \`[login]\``, {
      advice: 'Name the folder in which siem.py has its `config.ini`.',
    });
  const value = (key: Key): string => (iniValue(ini, 'login', key) ?? sample[key]).trim();
  const stateFile = value('state_file_path') || sample.state_file_path;
  if (stateFile.includes('\0'))
    throw new Failure('config', 'import.siem', `could not take over \`state_file_path\` of ${configFile}: no path has a NUL in it, as this one does`, {
      advice: 'Correct it there, and import again.',
    });
  return {
    home,
    configFile,
    stateFile: isAbsolute(stateFile) ? stateFile : resolve(home, stateFile),
    clientId: unfilled(value('client_id')),
    clientSecret: sealed(unfilled(value('client_secret'))),
    token: sealed(unfilled(value('token_info'))),
    tenantId: unfilled(value('tenant_id')),
    authUrl: value('auth_url'),
    apiHost: value('api_host'),
    format: value('format').toLowerCase(),
    filename: value('filename'),
    endpoint: value('endpoint').toLowerCase(),
    address: value('address'),
    facility: value('facility').toLowerCase(),
    socktype: value('socktype').toLowerCase(),
    appendNul: value('append_nul').toLowerCase() === 'true',
    eventsOffset: value('events_from_date_offset_minutes'),
    alertsOffset: value('alerts_from_date_offset_minutes'),
    convertDhost: value('convert_dhost_field_to_valid_fqdn').toLowerCase() === 'true',
    loggingLevel: value('logging_level').toUpperCase(),
    unknown: unknownKeys(ini),
    problems: ini.problems.map(({ line, message }) => `line ${line}: ${message}`),
  };
}

/** The sample says `<Copy ... here>` where nothing has been filled in. */
function unfilled(text: string): string {
  return /^<.*>$/s.test(text) ? '' : text;
}

function sealed(text: string): Secret | null {
  return text === '' ? null : secret(text);
}

function unknownKeys(ini: IniFile): readonly string[] {
  return [...(ini.sections.get('login') ?? new Map<string, unknown>()).keys()].filter((key) => !Object.hasOwn(sample, key));
}
