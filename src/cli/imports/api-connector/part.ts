/** What one file of the tool becomes: parts are put together in peer.ts. */
import type { IniFile } from '../../../config/ini.ts';
import { iniValue } from '../../../config/ini.ts';
import type { Tree } from '../../../config/source.ts';
import { secret } from '../../../core/secret.ts';
import { usage } from '../../exit.ts';
import type { Finding, FoundSecret } from '../takeover.ts';
import type { Polling } from './polling.ts';

export interface Part {
  readonly tree: { readonly [section: string]: Tree };
  /** As `Draft.comments`. */
  readonly comments: Readonly<Record<string, string>>;
  readonly secrets: readonly FoundSecret[];
  readonly findings: readonly Finding[];
  /** The region of Amazon's store, where this file names one that is used. */
  readonly region: string | null;
}

/** One settings file of the tool. */
export interface Settings {
  /** As the report calls it, such as `sophos_config.ini`. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly ini: IniFile;
}

/** A value, empty where it is not set. */
export function setting({ ini }: Settings, section: string, key: string): string {
  return iniValue(ini, section, key) ?? '';
}

/** What is wrong with the file's form, and what it holds that the tool itself does not know. */
export function oddities({ name, ini }: Settings, known: Readonly<Record<string, readonly string[] | 'any'>>): Finding[] {
  const findings: Finding[] = ini.problems.map(({ line, message }) => ({
    outcome: 'left',
    what: `${name}, line ${line}`,
    how: `${message}; the rest of the file was read.`,
  }));
  for (const [section, entries] of ini.sections) {
    const keys = Object.hasOwn(known, section) ? known[section] : [];
    if (section === 'DEFAULT' || keys === 'any') continue;
    for (const [key, { value, line }] of entries) {
      if (value === '' || keys?.includes(key)) continue;
      findings.push({
        outcome: 'left',
        what: `${name} [${shortened(section)}] ${shortened(key)}`,
        how: `The tool does not read this key either (line ${line}).`,
      });
    }
  }
  return findings;
}

/** Nobody's file of settings has longer names; a report is read by people. */
function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

/** A value of the tool as a value here, where `${` begins a placeholder. */
export function plain(text: string): string {
  // A function: in a text, `$$` would stand for one `$`.
  return text.replaceAll('${', () => '$${');
}

/**
 * The placeholder of a value in AWS Secrets Manager, or `null` when one of the names is missing or could not be written in one.
 *
 * Source   names of AWS secrets: letters, digits and `/_+=.@-`, or the secret's ARN.
 */
export function awsPlaceholder(name: string, key: string): string | null {
  return /^[\w/+=.@:!-]{1,512}$/.test(name) && /^[^{}#\s]([^{}#]{0,254}[^{}#\s])?$/u.test(key) ? `\${aws-secret:${name}#${key}}` : null;
}

/** What is read of a credential: both halves, from AWS where the file names all that this needs, otherwise from the file itself. */
export interface CredentialWish {
  readonly settings: Settings;
  /** The section that names the secret in AWS. */
  readonly aws: string;
  /** Where the credential stands in our configuration: `central` or `intelix`. */
  readonly at: 'central' | 'intelix';
  /** The variable that may hold its secret. */
  readonly variable: string;
  /** `null`: AWS is used if all is named that it needs. */
  readonly started: Started | null;
}

/** The tool's command line, where it is known. */
export interface Started {
  readonly auth: 'static' | 'aws';
  /** Where a credential must be, for what is done. */
  readonly needs: readonly ('central' | 'intelix')[];
  /** Where records go, if it is Splunk. */
  readonly output: SplunkSink | null;
  /** Where polling begins that was never done, neither by the tool nor here; `null`: nothing is polled, or it was. */
  readonly begins: Polling | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type SplunkSink = 'splunk' | 'splunk_trans';

export interface Credential {
  readonly tree: { readonly clientId?: string; readonly clientSecret?: string };
  readonly secrets: readonly FoundSecret[];
  readonly findings: readonly Finding[];
  readonly region: string | null;
}

/** Throws config `usage.peer-flag` where `--auth` names a section that does not hold the credential. */
export function readCredential(wish: CredentialWish): Credential {
  const { settings, aws, at, variable, started } = wish;
  const { name, file } = settings;
  const auth = started?.auth ?? null;
  const [secretName, region, idKey, secretKey] = ['secret_name', 'region_name', 'client_id_key', 'client_secret_key'].map((key) =>
    setting(settings, aws, key),
  ) as [string, string, string, string];
  const [clientId, clientSecret] = [setting(settings, 'static', 'client_id'), setting(settings, 'static', 'client_secret')];
  const hasStatic = clientId !== '' || clientSecret !== '';
  const [idPlace, secretPlace] = [awsPlaceholder(secretName, idKey), awsPlaceholder(secretName, secretKey)];
  const what = `${name} [${aws}]`;
  if (idPlace !== null && secretPlace !== null && auth !== 'static') {
    const findings: Finding[] = [
      { outcome: 'taken', what, how: `The credential is read from AWS Secrets Manager, as \`${at}.clientId\` and \`${at}.clientSecret\`.` },
    ];
    if (hasStatic)
      findings.push({
        outcome: 'left',
        what: `${name} [static]`,
        how: `The credential from AWS is used (\`--auth aws\`). This one stands in the file as plain text: take it away, and revoke it if nobody uses it.`,
      });
    return { tree: { clientId: idPlace, clientSecret: secretPlace }, secrets: [], findings, region: region === '' ? null : region };
  }
  const findings: Finding[] = [];
  if ((idPlace === null || secretPlace === null) && [secretName, region, idKey, secretKey].some((value) => value !== ''))
    findings.push({ outcome: 'left', what, how: 'It names no secret, or not both keys in it, or a name that AWS does not allow.' });
  if (started !== null) refuseMissing(wish, started, { clientId, clientSecret });
  if (auth === 'aws') return { tree: {}, secrets: [], findings, region: null };
  if (clientSecret === '') return { tree: clientId === '' ? {} : { clientId: plain(clientId) }, secrets: [], findings, region: null };
  findings.push({ outcome: 'changed', what: `${name} [static]`, how: `The id is \`${at}.clientId\`; the secret is not copied, see below.` });
  const found: FoundSecret = { at: `${at}.clientSecret`, variable, file, key: 'static.client_secret', value: secret(clientSecret) };
  return { tree: { ...(clientId === '' ? {} : { clientId: plain(clientId) }), clientSecret: `\${env:${variable}}` }, secrets: [found], findings, region: null };
}

/** Another credential than the one that is named would be somebody else's. */
function refuseMissing(
  { settings, aws, at, variable }: CredentialWish,
  { auth, needs, env }: Started,
  found: Record<'clientId' | 'clientSecret', string>,
): void {
  if (!needs.includes(at)) return;
  const [section, keys] = auth === 'aws' ? [aws, '`secret_name`, `client_id_key` and `client_secret_key`'] : ['static', '`client_id` and `client_secret`'];
  const isInEnvironment = (half: string, name: string) => half !== '' || (env[name] ?? '') !== '';
  if (auth === 'static' && isInEnvironment(found.clientId, variable.replace(/SECRET$/, 'ID')) && isInEnvironment(found.clientSecret, variable)) return;
  throw usage(
    'peer-flag',
    `\`--auth ${auth}\` is the credential of \`[${section}]\`, and in ${settings.file} that section does not say it`,
    `Fill in ${keys} there, or say \`--auth ${auth === 'aws' ? 'static' : 'aws'}\` if that is the one that is meant.`,
  );
}

/** A mark that the tool writes as `1` or `0`. */
export function isOn(value: string): boolean {
  return value === '1';
}
