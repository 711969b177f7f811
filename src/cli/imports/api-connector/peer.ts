/** A folder of sophos-central-api-connector, read as a whole. */
import { join } from 'node:path';
import type { Tree } from '../../../config/source.ts';
import type { Tenant } from '../../../core/types.ts';
import type { Draft } from '../../draft.ts';
import type { Finding, FoundSecret, ImportSurroundings, Peer, Takeover } from '../takeover.ts';
import { centralPart } from './central.ts';
import { type Constants, readConstants } from './constants.ts';
import { packageFolder, readSettings, readText } from './folder.ts';
import { intelixPart } from './intelix.ts';
import { leftOverOf, readFailedEvents } from './left-over.ts';
import type { Part, Settings, SplunkSink, Started } from './part.ts';
import { type Polling, readPolling } from './polling.ts';
import { positionsOf } from './positions.ts';
import { type SplunkPart, splunkPart } from './splunk.ts';
import { usesOf } from './uses.ts';

/** sophos-central-api-connector, releases 0.1.x. */
export const apiConnector: Peer = apiConnectorWith(null);

/** The same, where it is known how it was started. */
export function apiConnectorWith(started: Started | null): Peer {
  return { name: 'api-connector', read: (folder, around) => readApiConnector(folder, around, started) };
}

async function readApiConnector(folder: string, around: ImportSurroundings, started: Started | null): Promise<Takeover> {
  const found = await packageFolder(folder);
  const constants = await constantsOf(found);
  const polling = (await readPolling(found, around.world.clock.now())) ?? started?.begins ?? null;
  const central = centralPart((await settingsOf(found, 'sophos_config.ini')) ?? (await settingsOf(found, 'sophos_central_config.ini')), constants, started);
  const splunk = await splunkOf(found, started?.output ?? null, constants);
  const intelixSettings = await settingsOf(found, 'intelix_config.ini');
  const parts: Part[] = [central, ...(intelixSettings === null ? [] : [intelixPart(intelixSettings, started)]), ...(splunk === null ? [] : [splunk])];
  const regions = regionsOf(parts);
  const route = splunk?.route ?? null;
  const drafted = draftOf({ folder: found, parts, region: regions.region, route, tail: splunk?.tail ?? [], constants });
  const secrets = parts.flatMap((part) => part.secrets);
  const position = polling === null || route === null ? null : await positionOf({ folder: found, polling, route, draft: drafted, secrets, around });
  const used = await usesOf(found);
  const findings = [
    ...parts.flatMap((part) => part.findings),
    ...regions.findings,
    ...constants.findings,
    ...defaultFindings(constants),
    ...(position?.findings ?? []),
    ...(position === null ? [] : await leftOutFindings(found)),
    ...streamFindings(polling, route),
    ...used.findings,
  ];
  return {
    draft: position?.draft ?? drafted,
    secrets,
    streams: position?.streams ?? [],
    leftOver: position?.leftOver ?? [],
    findings,
    commands: [...(route === null ? [] : ['run --once']), ...used.commands],
  };
}

async function settingsOf(folder: string, name: string): Promise<Settings | null> {
  const file = join(folder, 'config', name);
  const ini = await readSettings(file);
  return ini === null ? null : { name, file, ini };
}

async function constantsOf(folder: string): Promise<Constants> {
  const config = await readText(join(folder, 'config', 'sophos_central_api_config.py'));
  return readConstants({ config, main: await readText(join(folder, 'sophos_central_main.py')) });
}

async function splunkOf(folder: string, output: SplunkSink | null, { output: usual }: Constants): Promise<SplunkPart | null> {
  const settings = await settingsOf(folder, 'splunk_config.ini');
  return settings === null ? null : splunkPart(settings, { output, usual, code: await readText(join(folder, 'sophos_central_hec_splunk.py')) });
}

/** Secrets of one configuration lie in one region. */
function regionsOf(parts: readonly Part[]): { readonly region: string | null; readonly findings: readonly Finding[] } {
  const named = [...new Set(parts.flatMap(({ region }) => (region === null ? [] : [region])))];
  const [region = null, ...others] = named.filter((each) => /^[a-z]{2,}(-[a-z0-9]+)+$/.test(each));
  const findings: Finding[] = [];
  if (region !== null)
    findings.push({ outcome: 'taken', what: 'region_name', how: '`secrets.aws.region`. The keys of AWS come from where the AWS tools have them.' });
  if (others.length > 0)
    findings.push({
      outcome: 'left',
      what: 'region_name',
      how: `All secrets of AWS are asked for in ${region ?? ''}: replicate those of ${others.join(', ')} to it.`,
    });
  if (named.length > others.length + (region === null ? 0 : 1))
    findings.push({ outcome: 'left', what: 'region_name', how: 'It is no region such as `eu-central-1`: set AWS_REGION.' });
  return { region, findings };
}

interface DraftWish {
  readonly folder: string;
  readonly parts: readonly Part[];
  readonly region: string | null;
  readonly route: SplunkSink | null;
  readonly tail: readonly string[];
  readonly constants: Constants;
}

/** What the peer told of each alert: that it was raised. */
const raisedOnly = 'not exists(change)';

function draftOf({ folder, parts, region, route, tail, constants }: DraftWish): Draft {
  const merged: { [section: string]: Tree } = Object.assign({}, ...parts.map(({ tree }) => tree));
  const { central = {}, intelix, sinks, defaults: own = {} } = merged;
  const pageSize = (own as { readonly pageSize?: Readonly<Record<string, number>> }).pageSize ?? {};
  const defaults: { [key: string]: Tree } = {
    ...(constants.output === null ? {} : outputOf(constants.output, route)),
    ...(constants.days === null ? {} : { days: constants.days }),
    ...(Object.keys(pageSize).length === 0 ? {} : { pageSize }),
  };
  const alerts = { ...(constants.days === null ? {} : { days: constants.days }), ...(pageSize.alerts === undefined ? {} : { pageSize: pageSize.alerts }) };
  const tree: { [section: string]: Tree } = {
    ...(region === null ? {} : { secrets: { aws: { region } } }),
    central,
    ...(intelix === undefined ? {} : { intelix }),
    ...(route === null ? {} : { streams: { alerts } }),
    ...(sinks === undefined ? {} : { sinks }),
    ...(route === null ? {} : { routes: [{ from: 'alerts', to: route, format: 'raw', where: raisedOnly }] }),
    ...(Object.keys(defaults).length === 0 ? {} : { defaults }),
  };
  const comments: Record<string, string> = Object.assign({}, ...parts.map((part) => part.comments));
  if (route !== null) comments.routes = 'Each alert once, when it was raised. Without `where`, also when it changes and when it is closed.';
  return { head: ['Made by `sophos-central import api-connector` from', folder.replace(/[\r\n]/g, '?')], tree, comments, tail };
}

function outputOf(output: string, route: SplunkSink | null): { readonly output?: string } {
  if (output === 'json') return { output };
  return route === null ? {} : { output: `sink:${route}` };
}

function defaultFindings({ output, days }: Constants): Finding[] {
  const findings: Finding[] = [];
  if (output !== null)
    findings.push({
      outcome: 'changed',
      what: 'DEFAULT_OUTPUT',
      how: output === 'json' ? '`defaults.output`; for files as before, add `--out-dir FOLDER`.' : '`defaults.output`: to the sink of that name.',
    });
  if (days !== null) findings.push({ outcome: 'taken', what: 'DEFAULT_DAYS', how: '`defaults.days` and `streams.alerts.days`.' });
  return findings;
}

interface PositionWish {
  readonly folder: string;
  readonly polling: Polling;
  readonly route: string;
  readonly draft: Draft;
  readonly secrets: readonly FoundSecret[];
  readonly around: ImportSurroundings;
}

async function positionOf({ folder, polling, route, draft, secrets, around }: PositionWish): Promise<Omit<Takeover, 'secrets' | 'commands'>> {
  const now = around.world.clock.now();
  const asked = await around.tenants(draft, secrets);
  const live = asked?.length === 0 ? null : asked;
  const tenants = live ?? tenantsIn(polling);
  const failed = await readFailedEvents(folder, tenants, polling.sent, now);
  const { streams, findings } = positionsOf(polling, tenants, failed.alerts);
  const leftOver = leftOverOf(failed.alerts, route);
  const all = [...findings, ...failed.findings];
  if (live !== null) return { draft, streams, leftOver, findings: all };
  // A tenant that is in no list begins as a new one does: early enough for what was raised since the last run.
  const days = Math.min(90, Math.max(1, Math.ceil((now - polling.since) / 86_400_000)));
  const widened = widen(draft, days);
  const finding: Finding = {
    outcome: 'changed',
    what: 'polling: tenants',
    how: `Central was not asked, so only tenants in the lists are taken over. All others begin \`streams.alerts.days\` back, which is ${days}, and may repeat what is older than the last run.`,
  };
  return { draft: widened, streams, leftOver, findings: [...all, finding] };
}

/** Some releases take every alert for sent, from their second run on. */
async function leftOutFindings(folder: string): Promise<Finding[]> {
  const code = await readText(join(folder, 'sophos_central_api_polling.py'));
  if (code === null || !/\.get\('id'\)[ \t]{1,9}or[ \t][^\n]{0,200}[ \t]in[ \t]{1,9}temp_alert_ids\b/.test(code)) return [];
  const how =
    'This release sends nothing from its second run on: it takes every alert for sent. What was raised before is not made up for; `reset alerts --days N` reads it, and sends again what was sent of it.';
  return [{ outcome: 'changed', what: 'sophos_central_api_polling.py', how }];
}

function tenantsIn({ sent }: Polling): Tenant[] {
  const ids = new Set<string>();
  // What is no id of Central can be the id of no tenant.
  for (const { tenantId } of sent.values()) if (tenantId !== null && /^[\w-]{1,64}$/.test(tenantId)) ids.add(tenantId);
  return [...ids].map((id) => ({ id, name: id, labels: {} }));
}

function widen(draft: Draft, days: number): Draft {
  const streams = draft.tree.streams as { readonly alerts: { readonly days?: number } };
  return { ...draft, tree: { ...draft.tree, streams: { alerts: { ...streams.alerts, days: Math.max(days, streams.alerts.days ?? 1) } } } };
}

function streamFindings(polling: Polling | null, route: string | null): Finding[] {
  if (route === null) {
    const findings: Finding[] = [
      {
        outcome: 'changed',
        what: '--output stdout, json',
        how: 'There is no Splunk to send to, so nothing runs by itself: `sophos-central get` reads what is asked for.',
      },
    ];
    if (polling !== null)
      findings.push({ outcome: 'left', what: 'polling', how: 'The tool polls for Splunk alone, and that is not set up: nothing would go on here.' });
    return findings;
  }
  const line = `\`run --once\`, or \`run\` as a service: the stream \`alerts\` and the route \`${route}\`.`;
  const findings: Finding[] = [{ outcome: 'changed', what: '--get alerts --poll_alerts', how: line }];
  if (polling === null) findings.push({ outcome: 'left', what: 'polling', how: 'The tool has never polled: the first run sends the alerts of the last day.' });
  return findings;
}
