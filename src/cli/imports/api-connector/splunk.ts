/**
 * splunk_config.ini: one collector, and two ways to send to it.
 *
 *   --output splunk         a sink that leaves host, source and source type to the token
 *   --output splunk_trans   another one that sets them, as `[splunk_transform]` says
 *
 * Nothing on disk tells which of the two was polled with: where values are set for the second, that one is meant.
 */
import { isAbsolute } from 'node:path';
import type { Tree } from '../../../config/source.ts';
import { secret } from '../../../core/secret.ts';
import type { Finding, FoundSecret } from '../takeover.ts';
import { awsPlaceholder, isOn, oddities, type Part, plain, type Settings, setting } from './part.ts';

export interface SplunkPart extends Part {
  /** The sink, and the route, that polled alerts go to; `null` when Splunk was not set up. */
  readonly route: SplunkSink | null;
}

export type SplunkSink = 'splunk' | 'splunk_trans';

const known = {
  splunk_aws: ['splunk_aws', 'secret_name', 'region_name', 'token_key'],
  splunk_static: ['token'],
  splunk_hec: ['splunk_url', 'splunk_ack_enabled', 'verify_ack_result', 'channel', 'ack_batch_size'],
  splunk_transform: ['host', 'source', 'sourcetype'],
};

const guid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const variable = 'SPLUNK_HEC_TOKEN';

/** `code` is the text of the tool's own `sophos_central_hec_splunk.py`, where people switch certificates off by hand. */
export function splunkPart(settings: Settings, code: string | null): SplunkPart {
  const findings: Finding[] = [];
  const url = readUrl(settings, findings);
  const token = url === null ? null : readToken(settings, findings);
  findings.push(...oddities(settings, known));
  if (url === null || token === null) return { tree: {}, comments: {}, secrets: [], findings, region: null, route: null };

  const overrides = readOverrides(settings, findings);
  const collector = { type: 'splunk-hec', url, token: token.text, ...readAcknowledgement(settings, findings), ...readTrust(code, findings) };
  const sinks: { [name: string]: Tree } = { splunk: collector };
  if (overrides !== null) sinks.splunk_trans = { ...collector, ...overrides };
  const route: SplunkSink = overrides === null ? 'splunk' : 'splunk_trans';
  findings.push(...spoken(settings, overrides !== null));
  const names = Object.keys(sinks);
  const secrets =
    token.found === null
      ? []
      : names.map(
          (name): FoundSecret => ({ at: `sinks.${name}.token`, variable, file: settings.file, key: 'splunk_static.token', value: secret(token.found ?? '') }),
        );
  const comments: Record<string, string> = { 'sinks.splunk': 'As `--output splunk`: host, source and source type are what the token says.' };
  if (overrides !== null) comments['sinks.splunk_trans'] = 'As `--output splunk_trans`: they are what [splunk_transform] said.';
  return { tree: { sinks }, comments, secrets, findings, region: token.region, route };
}

function readUrl(settings: Settings, findings: Finding[]): string | null {
  const value = setting(settings, 'splunk_hec', 'splunk_url');
  // As it is shipped: a name in angle brackets.
  if (value === '' || value.includes('<')) return null;
  const what = `${settings.name} [splunk_hec] splunk_url`;
  const url = URL.canParse(value) ? new URL(value) : null;
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (!isHttp || /[${}\s]/.test(value) || `${url.username}${url.password}${url.search}${url.hash}` !== '' || /\/raw(\/1\.0)?\/*$/.test(url.pathname)) {
    findings.push({
      outcome: 'left',
      what,
      how: 'It is no address such as `https://host:8088/services/collector`, without user, password or query: no sink was made of it.',
    });
    return null;
  }
  findings.push({ outcome: 'taken', what, how: '`sinks.splunk.url`.' });
  return value;
}

interface Token {
  readonly text: string;
  readonly found: string | null;
  readonly region: string | null;
}

function readToken(settings: Settings, findings: Finding[]): Token | null {
  const isAws = setting(settings, 'splunk_aws', 'splunk_aws');
  const [name, key, region] = ['secret_name', 'token_key', 'region_name'].map((each) => setting(settings, 'splunk_aws', each)) as [string, string, string];
  const placeholder = awsPlaceholder(name, key);
  const token = setting(settings, 'splunk_static', 'token');
  const fromAws = placeholder !== null && (isOn(isAws) || (isAws !== '0' && token === ''));
  if (fromAws) {
    findings.push({ outcome: 'taken', what: `${settings.name} [splunk_aws]`, how: 'The token is read from AWS Secrets Manager.' });
    if (token !== '')
      findings.push({
        outcome: 'left',
        what: `${settings.name} [splunk_static] token`,
        how: 'The token from AWS is used. This one stands in the file as plain text: take it away.',
      });
    return { text: placeholder, found: null, region: region === '' ? null : region };
  }
  if (isOn(isAws))
    findings.push({ outcome: 'left', what: `${settings.name} [splunk_aws]`, how: 'It names no secret, or no key in it, or a name that AWS does not allow.' });
  if (token === '') {
    findings.push({ outcome: 'left', what: `${settings.name} [splunk_static] token`, how: 'There is no token, so no sink was made.' });
    return null;
  }
  findings.push({ outcome: 'changed', what: `${settings.name} [splunk_static] token`, how: 'The token is not copied, see below.' });
  return { text: `\${env:${variable}}`, found: token, region: null };
}

function readAcknowledgement(settings: Settings, findings: Finding[]): { ack?: boolean; channel?: string } {
  const channel = setting(settings, 'splunk_hec', 'channel');
  for (const key of ['verify_ack_result', 'ack_batch_size'])
    if (setting(settings, 'splunk_hec', key) !== '')
      findings.push({ outcome: 'left', what: `${settings.name} [splunk_hec] ${key}`, how: 'The tool never looked at it.' });
  if (!isOn(setting(settings, 'splunk_hec', 'splunk_ack_enabled'))) {
    if (channel !== '')
      findings.push({ outcome: 'left', what: `${settings.name} [splunk_hec] channel`, how: 'It is only for tokens with acknowledgement, which was off.' });
    return {};
  }
  findings.push({
    outcome: 'changed',
    what: `${settings.name} [splunk_hec] splunk_ack_enabled`,
    how: '`ack: true`: here the acknowledgements are asked for too, and what is not acknowledged is sent again.',
  });
  if (guid.test(channel)) findings.push({ outcome: 'taken', what: `${settings.name} [splunk_hec] channel`, how: '`channel`.' });
  else if (channel !== '')
    findings.push({ outcome: 'left', what: `${settings.name} [splunk_hec] channel`, how: 'It is no GUID, as Splunk wants it; one is made at each start.' });
  return { ack: true, ...(guid.test(channel) ? { channel } : {}) };
}

/** `null` when nothing of it is set. */
function readOverrides(settings: Settings, findings: Finding[]): { readonly [key: string]: string } | null {
  const overrides: { [key: string]: string } = {};
  for (const key of ['host', 'source', 'sourcetype']) {
    const value = setting(settings, 'splunk_transform', key);
    if (value === '') continue;
    const what = `${settings.name} [splunk_transform] ${key}`;
    if (/[{}\n]/.test(value)) {
      findings.push({ outcome: 'left', what, how: 'It holds braces or more than one line, which a template here cannot have.' });
      continue;
    }
    // The tool adds what is read to it: `alerts` or `inventory`.
    overrides[key] = key === 'sourcetype' ? `${plain(value)}{stream}` : plain(value);
    findings.push({
      outcome: 'taken',
      what,
      how:
        key === 'sourcetype'
          ? '`sinks.splunk_trans.sourcetype`, and the name of the stream after it, as before: `alerts`; for endpoints it was `inventory`.'
          : `\`sinks.splunk_trans.${key}\`.`,
    });
  }
  return Object.keys(overrides).length === 0 ? null : overrides;
}

/** The tool has no setting for certificates; who needs one changes its code. */
function readTrust(code: string | null, findings: Finding[]): { caFile?: string } {
  const what = 'sophos_central_hec_splunk.py verify';
  const file = /\bverify\s{0,9}=\s{0,9}['"]([^'"\n]{1,500})['"]/.exec(code ?? '')?.[1];
  if (/\bverify\s{0,9}=\s{0,9}False\b/.test(code ?? ''))
    findings.push({ outcome: 'left', what, how: "Here certificates are always checked. Name the one that signed Splunk's: `caFile` of the sink, a PEM file." });
  else if (file !== undefined && isAbsolute(file)) {
    findings.push({ outcome: 'taken', what, how: '`caFile` of the sink.' });
    return { caFile: plain(file) };
  } else if (file !== undefined) findings.push({ outcome: 'left', what, how: 'It is no absolute path: name the PEM file as `caFile` of the sink.' });
  return {};
}

function spoken({ name }: Settings, hasBoth: boolean): Finding[] {
  const which = hasBoth
    ? 'Both sinks are there. Values are set in [splunk_transform], so the route of the alerts leads to `splunk_trans`; if the tool ran with `--output splunk`, write `to: splunk`.'
    : 'There are no values in [splunk_transform], so `splunk` and `splunk_trans` are the same: one sink, `splunk`.';
  return [
    { outcome: 'taken', what: '--output splunk, splunk_trans', how: which },
    {
      outcome: 'changed',
      what: `${name}: what Splunk gets`,
      how: 'The event is the alert as before. Its time is when it was raised, no more when it came; `sophos_record` names it for ever; many go in one request, compressed.',
    },
  ];
}
