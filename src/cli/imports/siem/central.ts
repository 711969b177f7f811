/** Whom siem.py reads as: its credential or legacy token, and the hosts that it asks. */
import { withoutPasswords } from '../../../config/mask.ts';
import type { Tree } from '../../../config/source.ts';
import { Failure } from '../../../core/failure.ts';
import { readLegacyToken } from '../../../core/legacy-token.ts';
import type { Finding, FoundSecret } from '../takeover.ts';
import { type SiemSettings, usualApiHost, usualAuthUrl } from './settings.ts';

/** The account that siem.py uses. */
export interface CentralPart {
  readonly section: { readonly [key: string]: Tree } | null;
  readonly secrets: readonly FoundSecret[];
  readonly isLegacy: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Credential, token and hosts.
 *
 * Throws   config `import.siem` for a token that is none.
 */
export function centralOf(settings: SiemSettings): CentralPart {
  const { configFile, clientId, clientSecret, token } = settings;
  const hosts = hostsOf(settings);
  if (clientId !== '' && clientSecret !== null) {
    const left: Finding[] =
      token === null ? [] : [{ outcome: 'left', what: 'token_info', how: 'siem.py does not use it either when there is a client id and secret' }];
    return {
      section: { clientId: plain(clientId), clientSecret: '${env:SOPHOS_CLIENT_SECRET}', ...hosts.section },
      secrets: [{ at: 'central.clientSecret', variable: 'SOPHOS_CLIENT_SECRET', file: configFile, key: 'login.client_secret', value: clientSecret }],
      isLegacy: false,
      findings: [{ outcome: 'taken', what: 'client_id, client_secret', how: 'the same credential; the secret is not copied' }, ...hosts.findings, ...left],
    };
  }
  if (token === null) {
    const how = 'neither a credential nor a token is filled in: set SOPHOS_CLIENT_ID and SOPHOS_CLIENT_SECRET, or write `central`';
    return {
      section: hosts.section === null ? null : hosts.section,
      secrets: [],
      isLegacy: false,
      findings: [{ outcome: 'left', what: 'client_id, client_secret', how }, ...hosts.findings],
    };
  }
  const read = readLegacyToken(token);
  if (read === null || !URL.canParse(read.url))
    throw new Failure('config', 'import.siem', `could not take over \`token_info\` of ${configFile}: it is not the line that Central shows`, {
      advice: 'Copy "API Access URL + Headers" again: `url: ..., x-api-key: ..., Authorization: Basic ...`, on one line.',
    });
  const { protocol, hostname, origin } = new URL(read.url);
  // Where siem.py sent the token without asking, we send it only when the configuration names the host.
  const isSophos = protocol === 'https:' && /(^|\.)sophos\.com$/.test(hostname);
  return {
    section: { siemToken: '${env:SOPHOS_SIEM_TOKEN}', ...(isSophos ? {} : { apiUrl: origin }) },
    secrets: [{ at: 'central.siemToken', variable: 'SOPHOS_SIEM_TOKEN', file: configFile, key: 'login.token_info', value: token }],
    isLegacy: true,
    findings: [{ outcome: 'taken', what: 'token_info', how: 'the same token. Such tokens end after a year: make an API credential when you can' }],
  };
}

function hostsOf({ authUrl, apiHost }: SiemSettings): { readonly section: { readonly [key: string]: Tree } | null; readonly findings: readonly Finding[] } {
  const section: { [key: string]: Tree } = {};
  const findings: Finding[] = [];
  if (authUrl !== '' && authUrl !== usualAuthUrl) {
    section.authUrl = plain(authUrl);
    findings.push({ outcome: 'taken', what: `auth_url = ${withoutPasswords(authUrl)}`, how: '`central.authUrl`' });
  }
  if (apiHost !== '' && apiHost !== usualApiHost) {
    const url = addressOf(apiHost.replace(/\/+$/, ''), authUrl);
    section.apiUrl = plain(url);
    findings.push({
      outcome: 'taken',
      what: `api_host = ${withoutPasswords(apiHost).replace(/^[^/@]+@/, '[secret]@')}`,
      how: `\`central.apiUrl\`: ${withoutPasswords(url)}`,
    });
  }
  return { section: Object.keys(section).length === 0 ? null : section, findings };
}

/** siem.py puts https before a bare host. Where `auth_url` says that this very host and port speak http, that cannot be. */
function addressOf(host: string, authUrl: string): string {
  if (/^https?:\/\//i.test(host)) return host;
  const auth = URL.canParse(authUrl) ? new URL(authUrl) : null;
  return auth?.protocol === 'http:' && auth.host === host.toLowerCase() ? `http://${host}` : `https://${host}`;
}

/** A text of theirs in a place where ours may hold placeholders. */
export function plain(text: string): string {
  return text.replaceAll('${', () => '$${');
}
