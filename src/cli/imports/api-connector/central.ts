/** sophos_config.ini: the credential, and how much is asked for at once. */
import type { Tree } from '../../../config/source.ts';
import type { Finding } from '../takeover.ts';
import type { Constants } from './constants.ts';
import { oddities, type Part, readCredential, type Settings, type Started, setting } from './part.ts';

/** Our stream for each key of `[page_size]`, and what its API allows (reference, sections 5 and 6). */
const pageSizes = [
  { keys: ['inventory_ps'], stream: 'endpoints', most: 500 },
  { keys: ['alerts_ps'], stream: 'alerts', most: 1000 },
  { keys: ['localsite_ps', 'localsites_ps', 'local_site_ps', 'local_sites_ps', 'ls_ps'], stream: 'local-sites', most: 100 },
] as const;

const known = {
  aws: ['secret_name', 'region_name', 'client_id_key', 'client_secret_key'],
  static: ['client_id', 'client_secret'],
  page_size: pageSizes.flatMap(({ keys }) => keys as readonly string[]),
};

/** `settings` is `null` when there is no such file. */
export function centralPart(settings: Settings | null, { authUrl, apiUrl }: Pick<Constants, 'authUrl' | 'apiUrl'>, started: Started | null): Part {
  const urls = { ...(authUrl === null ? {} : { authUrl }), ...(apiUrl === null ? {} : { apiUrl }) };
  if (settings === null) {
    const central = { clientId: '${env:SOPHOS_CLIENT_ID}', clientSecret: '${env:SOPHOS_CLIENT_SECRET}', ...urls };
    const missing: Finding = { outcome: 'left', what: 'sophos_config.ini', how: 'There is none: set SOPHOS_CLIENT_ID and SOPHOS_CLIENT_SECRET.' };
    return { tree: { central }, comments: {}, secrets: [], findings: [missing], region: null };
  }
  const findings: Finding[] = [];
  const { tree, secrets, findings: own, region } = readCredential({ settings, aws: 'aws', at: 'central', variable: 'SOPHOS_CLIENT_SECRET', started });
  findings.push(...own);
  if (tree.clientSecret === undefined)
    findings.push({ outcome: 'left', what: `${settings.name} [static]`, how: 'It holds no client secret: set SOPHOS_CLIENT_ID and SOPHOS_CLIENT_SECRET.' });
  const pageSize = readPageSizes(settings, findings);
  const central = {
    clientId: tree.clientId ?? '${env:SOPHOS_CLIENT_ID}',
    clientSecret: tree.clientSecret ?? '${env:SOPHOS_CLIENT_SECRET}',
    ...urls,
  };
  findings.push(...oddities(settings, known));
  const defaults: { [section: string]: Tree } = Object.keys(pageSize).length === 0 ? {} : { defaults: { pageSize } };
  return { tree: { central, ...defaults }, comments: {}, secrets, findings, region };
}

function readPageSizes(settings: Settings, findings: Finding[]): { [stream: string]: number } {
  const sizes: { [stream: string]: number } = {};
  for (const { keys, stream, most } of pageSizes) {
    for (const key of keys) {
      const value = setting(settings, 'page_size', key);
      if (value === '') continue;
      const what = `${settings.name} [page_size] ${key}`;
      const count = /^\d{1,9}$/.test(value) ? Number(value) : 0;
      if (count < 1) findings.push({ outcome: 'left', what, how: 'It is no whole number above 0; as many as the API allows are asked for.' });
      else if (count > most) {
        sizes[stream] = most;
        findings.push({ outcome: 'changed', what, how: `The API allows at most ${most} for ${stream}, so that is asked for.` });
      } else {
        sizes[stream] = count;
        findings.push({ outcome: 'taken', what, how: `\`defaults.pageSize.${stream}\`${stream === 'alerts' ? ' and `streams.alerts.pageSize`' : ''}.` });
      }
    }
  }
  return sizes;
}
