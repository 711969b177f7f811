/**
 * The host law: where a token may go.
 *
 * Tokens are sent to `https://*.sophos.com` and to the exact origins of `authUrl` and `apiUrl`, and nowhere else, whatever Central's
 * replies name. Everything that two URL readers could read in two ways (user names, backslashes, blanks, letters beyond ASCII) is
 * refused instead of understood.
 */
import { Failure } from '../../core/failure.ts';
import { quoted } from '../quoted.ts';

export const centralUrls = { auth: 'https://id.sophos.com', api: 'https://api.central.sophos.com' } as const;

export interface Hosts {
  /** Where tokens are asked for. */
  readonly tokenUrl: string;
  /** The base of everything global. */
  readonly apiUrl: string;
  /**
   * The base of calls to a host that Central named: https, no trailing slash.
   *
   * Throws   rejected `central.foreign-host` for any host that is not Sophos', naming `namedBy`.
   */
  admit(url: string, namedBy: string): string;
}

/**
 * Reads the two URLs that the user may set.
 *
 * Throws   config `central.url` when one of them is no http or https URL.
 */
export function openHosts(authUrl: string = centralUrls.auth, apiUrl: string = centralUrls.api): Hosts {
  const auth = readOwn(authUrl, 'authUrl');
  const api = readOwn(apiUrl, 'apiUrl');
  const own = new Set([auth.origin, api.origin]);
  const tokenBase = baseOf(auth);
  return {
    // The whole URL is what another tool's configuration holds under the same name.
    tokenUrl: tokenBase.endsWith('/oauth2/token') ? tokenBase : `${tokenBase}/api/v2/oauth2/token`,
    apiUrl: baseOf(api),
    admit(url, namedBy) {
      const admitted = admit(url, own);
      if (admitted !== null) return admitted;
      throw new Failure('rejected', 'central.foreign-host', `${namedBy} named the host ${show(url)}, which is not Sophos': nothing was sent there`, {
        advice: 'If this host is meant, give it as `apiUrl`. Otherwise somebody may be after the token: find out who answered.',
      });
    },
  };
}

function readOwn(text: string, option: string): URL {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  if (url && isHttp(url) && url.username === '' && url.password === '' && url.search === '' && url.hash === '') return url;
  throw new Failure('config', 'central.url', `\`${option}\` is not an http or https URL without user, query and fragment`, {
    advice: `Leave it out, or write it as \`${centralUrls.api}\`.`,
  });
}

function admit(text: string, own: ReadonlySet<string>): string | null {
  if (!/^https?:\/\/[A-Za-z0-9.:[\]-]+(?:\/[A-Za-z0-9._~/-]*)?$/i.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (!isHttp(url)) return null;
  if (own.has(url.origin)) return baseOf(url);
  url.protocol = 'https:';
  if (own.has(url.origin)) return baseOf(url);
  return url.hostname.endsWith('.sophos.com') && url.port === '' ? baseOf(url) : null;
}

function isHttp(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:';
}

function baseOf(url: URL): string {
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/** As far as a line of a log can bear it. */
function show(url: string): string {
  return quoted(url.replace(/\/\/[^/@]*@/, '//[user]@').slice(0, 100));
}

/**
 * The base of a tenant's own calls.
 *
 * Throws   rejected `central.no-api-host` when it has none yet, `central.foreign-host` when it is not Sophos'.
 */
export function regionOf(hosts: Hosts, tenantId: string, apiHost: string | null | undefined): string {
  if (apiHost) return hosts.admit(apiHost, `the account, for tenant ${tenantId},`);
  throw new Failure('rejected', 'central.no-api-host', `Tenant ${tenantId} has no API host yet: it is not provisioned, and nothing can be read from it`, {
    advice: 'Wait until Sophos has set the tenant up, or leave it out with `tenants.exclude`.',
  });
}
