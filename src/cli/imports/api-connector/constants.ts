/** What the tool keeps in its own Python code: addresses, paths, and what is used when an option is not given. */
import type { Finding } from '../takeover.ts';

/** As far as they were changed from what the tool is shipped with. */
export interface Constants {
  readonly authUrl: string | null;
  readonly apiUrl: string | null;
  readonly output: string | null;
  readonly days: number | null;
  readonly findings: readonly Finding[];
}

/** Texts of `sophos_central_api_config.py` and `sophos_central_main.py`; `null` where there is none. */
export interface Sources {
  readonly config: string | null;
  readonly main: string | null;
}

const own = {
  auth_uri: 'https://id.sophos.com/api/v2/oauth2/token',
  whoami_uri: 'https://api.central.sophos.com/whoami/v1',
  tenants_ptr_uri: 'https://api.central.sophos.com/partner/v1/tenants',
  tenants_org_uri: 'https://api.central.sophos.com/organization/v1/tenants',
} as const;

const configName = 'sophos_central_api_config.py';
const outputs: readonly string[] = ['stdout', 'json', 'splunk', 'splunk_trans'];

export function readConstants({ config, main }: Sources): Constants {
  const findings: Finding[] = [];
  const authUrl = baseOf('auth_uri', '/api/v2/oauth2/token', config, findings);
  const apiUrl = baseOf('whoami_uri', '/whoami/v1', config, findings);
  for (const name of ['tenants_ptr_uri', 'tenants_org_uri'] as const) {
    const value = assigned(config, name);
    if (value !== null && value !== own[name] && !(apiUrl !== null && value.startsWith(`${apiUrl}/`)))
      findings.push({ outcome: 'left', what: `${configName} ${name}`, how: 'The list of tenants is asked where `whoami` is: see `central.apiUrl`.' });
  }
  const output = assigned(config, 'DEFAULT_OUTPUT') ?? optionDefault(main, 'output');
  const days = assigned(config, 'DEFAULT_DAYS') ?? optionDefault(main, 'days');
  const count = days !== null && /^\d{1,3}$/.test(days) ? Number(days) : null;
  if (output !== null && !outputs.includes(output))
    findings.push({ outcome: 'left', what: 'DEFAULT_OUTPUT', how: `The tool knows no output of this name either: it knows ${outputs.join(', ')}.` });
  if (days !== null && (count === null || count < 1 || count > 90))
    findings.push({ outcome: 'left', what: 'DEFAULT_DAYS', how: 'It is no whole number from 1 to 90.' });
  return {
    authUrl,
    apiUrl,
    output: output !== null && outputs.includes(output) && output !== 'stdout' ? output : null,
    days: count !== null && count > 1 && count <= 90 ? count : null,
    findings,
  };
}

/** `null` when it is Sophos' own, or cannot be one. */
function baseOf(name: 'auth_uri' | 'whoami_uri', path: string, config: string | null, findings: Finding[]): string | null {
  const value = assigned(config, name);
  if (value === null || value === own[name]) return null;
  const base = value.endsWith(path) ? value.slice(0, -path.length) : null;
  const key = name === 'auth_uri' ? 'central.authUrl' : 'central.apiUrl';
  if (base === null || !isPlainUrl(base)) {
    findings.push({
      outcome: 'left',
      what: `${configName} ${name}`,
      how: `It is no URL that ends in \`${path}\`; Sophos' own is used. Another host goes to \`${key}\`.`,
    });
    return null;
  }
  findings.push({ outcome: 'taken', what: `${configName} ${name}`, how: `\`${key}\`: it is not Sophos' own address.` });
  return base;
}

function isPlainUrl(value: string): boolean {
  if (!/^[\x21-\x7e]+$/.test(value) || value.includes('${') || !URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return (protocol === 'https:' || protocol === 'http:') && `${username}${password}${search}${hash}` === '';
}

/** A constant at the beginning of a line, a text or a number. The last one counts, as in Python. */
function assigned(source: string | null, name: string): string | null {
  const line = new RegExp(`^${name}[ \\t]{0,20}=[ \\t]{0,20}(?:'([^'\\n]{0,500})'|"([^"\\n]{0,500})"|(\\d{1,9}))[ \\t]{0,20}(?:#.*)?\\r?$`, 'gm');
  const found = [...(source ?? '').matchAll(line)].at(-1);
  return found ? (found[1] ?? found[2] ?? found[3] ?? null) : null;
}

/** `default=` of an option, in the call that declares it. */
function optionDefault(source: string | null, option: string): string | null {
  const at = (source ?? '').search(new RegExp(`['"]--${option}['"]`));
  if (source === null || at < 0) return null;
  const found = /\bdefault[ \t]{0,20}=[ \t]{0,20}(?:'([^'\n]{0,100})'|"([^"\n]{0,100})"|(\d{1,9}))/.exec(
    source.slice(at, at + 1000).split('add_argument')[0] ?? '',
  );
  return found ? (found[1] ?? found[2] ?? found[3] ?? null) : null;
}
