/**
 * splunk_config.ini: one collector, and two ways to send to it.
 *
 *   --output splunk         leaves host, source and source type to the token
 *   --output splunk_trans   sets them, as `[splunk_transform]` says
 *
 * One of them becomes a sink: the other would have no route, and be warned of at each start. It is told how to add it. Unless the command line or
 * DEFAULT_OUTPUT names one, nothing on disk tells which of the two was polled with: where values are set for the second, that one is meant.
 */
import { isAbsolute } from 'node:path';
import type { Tree } from '../../../config/source.ts';
import { secret } from '../../../core/secret.ts';
import { textOfDraft } from '../../draft.ts';
import type { Finding, FoundSecret } from '../takeover.ts';
import { awsPlaceholder, isOn, oddities, type Part, plain, type Settings, type SplunkSink, setting } from './part.ts';

export interface SplunkPart extends Part {
  /** The sink, and the route, that polled alerts go to; `null` when Splunk was not set up. */
  readonly route: SplunkSink | null;
  /** How the other output would be had, as lines of a comment. */
  readonly tail: readonly string[];
}

interface SplunkWish {
  /** The output that is meant, where it is known. */
  readonly output: SplunkSink | null;
  /** What is meant unless `output` says so. */
  readonly usual: string | null;
  /** The text of the tool's own `sophos_central_hec_splunk.py`, where people switch certificates off by hand. */
  readonly code: string | null;
}

const known = {
  splunk_aws: ['splunk_aws', 'secret_name', 'region_name', 'token_key'],
  splunk_static: ['token'],
  splunk_hec: ['splunk_url', 'splunk_ack_enabled', 'verify_ack_result', 'channel', 'ack_batch_size'],
  splunk_transform: ['host', 'source', 'sourcetype'],
};

const guid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const variable = 'SPLUNK_HEC_TOKEN';

export function splunkPart(settings: Settings, { output, usual, code }: SplunkWish): SplunkPart {
  const findings: Finding[] = [];
  const url = readUrl(settings, findings);
  const token = url === null ? null : readToken(settings, findings);
  findings.push(...oddities(settings, known));
  if (url === null || token === null) return { tree: {}, comments: {}, secrets: [], findings, region: null, route: null, tail: [] };

  const overrides = readOverrides(settings, findings);
  const collector = { type: 'splunk-hec', url, token: token.text, ...readAcknowledgement(settings, findings), ...readTrust(code, findings) };
  // Without values of its own the second output is the first one.
  const route: SplunkSink = output ?? (overrides === null || usual === 'splunk' ? 'splunk' : 'splunk_trans');
  const isBare = route === 'splunk' || overrides === null;
  const sinks: { [name: string]: Tree } = { [route]: isBare ? collector : { ...collector, ...overrides } };
  findings.push(...spoken(settings, route, overrides !== null));
  const secrets: FoundSecret[] =
    token.found === null ? [] : [{ at: `sinks.${route}.token`, variable, file: settings.file, key: 'splunk_static.token', value: secret(token.found) }];
  const comment = isBare
    ? 'As `--output splunk`: host, source and source type are what the token says.'
    : 'As `--output splunk_trans`: host, source and source type are what [splunk_transform] said.';
  const tail = overrides === null ? [] : tailOf(route, overrides);
  return { tree: { sinks }, comments: { [`sinks.${route}`]: comment }, secrets, findings, region: token.region, route, tail };
}

/** What the other sink would be, told by its difference: the token stands in one place. */
function tailOf(route: SplunkSink, overrides: { readonly [key: string]: string }): readonly string[] {
  const lines = textOfDraft({ head: [], tree: overrides }).trimEnd().split('\n');
  if (route === 'splunk_trans')
    return [
      'As `--output splunk`, for a route of its own, or for `sophos-central get alerts --output sink:splunk`:',
      `a sink \`splunk\`, a copy of \`splunk_trans\` without ${Object.keys(overrides).join(', ')}.`,
    ];
  return [
    'As `--output splunk_trans`, for a route of its own, or for `sophos-central get alerts --output sink:splunk_trans`:',
    'a sink `splunk_trans`, a copy of `splunk` with',
    ...lines.filter((line) => line !== '').map((line) => `  ${line}`),
  ];
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
  findings.push({ outcome: 'taken', what, how: '`url` of the sink.' });
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
          ? '`sourcetype` of `splunk_trans`, and the name of the stream after it, as before: `alerts`; for endpoints it was `inventory`.'
          : `\`${key}\` of \`splunk_trans\`.`,
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

function spoken({ name }: Settings, route: SplunkSink, hasValues: boolean): Finding[] {
  const which = !hasValues
    ? 'There are no values in [splunk_transform], so `splunk` and `splunk_trans` are the same: one sink, `splunk`.'
    : route === 'splunk_trans'
      ? 'The sink `splunk_trans`, and the route of the alerts to it, because values are set in [splunk_transform]. If the tool ran with `--output splunk`, take host, source and sourcetype away.'
      : 'The sink `splunk`, and the route of the alerts to it, because DEFAULT_OUTPUT names it. How to have `splunk_trans` too stands at the end of the configuration.';
  return [
    { outcome: 'taken', what: '--output splunk, splunk_trans', how: which },
    {
      outcome: 'changed',
      what: `${name}: what Splunk gets`,
      how: 'The event is the alert as before. Its time is when it was raised, no more when it came; `sophos_record` names it for ever; many go in one request, compressed.',
    },
  ];
}
