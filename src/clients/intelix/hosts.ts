/**
 * The host law, for Intelix: the token goes to the two hosts that are settled when the client is made, and nowhere else. No answer
 * names a host that we would go to, and redirects are not followed.
 */
import { Failure } from '../../core/failure.ts';

/** Where lookups are answered and files are kept; the token service has no region. */
export const intelixRegions = ['us', 'de'] as const;
export type IntelixRegion = (typeof intelixRegions)[number];

export interface IntelixHosts {
  readonly tokenUrl: string;
  /** Without a trailing slash. */
  readonly apiUrl: string;
}

/**
 * Settles where to ask. Source: reference, 11.1 and 11.2.
 *
 * Throws   config `intelix.region` for a region that is not known, `intelix.url` when a URL is not one.
 */
export function openIntelixHosts(region: string = 'us', authUrl: string = 'https://api.labs.sophos.com', apiUrl?: string): IntelixHosts {
  if (!intelixRegions.some((each) => each === region))
    throw new Failure('config', 'intelix.region', `The \`region\` of Intelix is none of ${intelixRegions.join(', ')}`, {
      advice: 'Leave it out for `us`; for another region give its host as `apiUrl`.',
    });
  const tokenBase = baseOf(authUrl, 'authUrl');
  return {
    tokenUrl: tokenBase.endsWith('/oauth2/token') ? tokenBase : `${tokenBase}/oauth2/token`,
    apiUrl: baseOf(apiUrl ?? `https://${region}.api.labs.sophos.com`, 'apiUrl'),
  };
}

function baseOf(text: string, option: string): string {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  const isPlain = url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (isPlain) return url.origin + url.pathname.replace(/\/+$/, '');
  throw new Failure('config', 'intelix.url', `\`${option}\` of Intelix is not an http or https URL without user, query and fragment`, {
    advice: 'Leave it out, or write it as `https://us.api.labs.sophos.com`.',
  });
}
