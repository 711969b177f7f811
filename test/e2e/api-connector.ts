/** A folder of sophos-central-api-connector, and what it would have done against the simulator. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ask, type Folder, type Simulator } from './house.ts';

/** An alert as the simulator ever listed it. */
export interface Truth {
  readonly tenant: string;
  readonly id: string;
  readonly item: { readonly id: string; readonly raisedAt: string };
}

export async function truthOf({ ask: control }: Simulator): Promise<readonly Truth[]> {
  const text = await control('GET', '/_sim/truth?stream=alerts');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Truth);
}

/** The alerts that Splunk has, by id, repeats included: sent by whomever. */
export async function splunkHas({ ask: control }: Simulator): Promise<string[]> {
  const text = await control('GET', '/_sim/hec?list=events');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { readonly event: { readonly id: string } }).event.id);
}

/** `fields.sophos_record` of what Splunk has from here, repeats included; what the tool sent has none. */
export async function recordsIn({ ask: control }: Simulator): Promise<string[]> {
  const text = await control('GET', '/_sim/hec?list=ids');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
    .filter((record): record is string => typeof record === 'string');
}

/** Sends alerts as the tool does: one by one, the item alone. */
export async function sendAsTool(simulator: Simulator, alerts: readonly Truth[]): Promise<void> {
  for (const { item } of alerts) {
    const response = await fetch(`${simulator.hecUrl}/services/collector`, {
      method: 'POST',
      headers: { authorization: `Splunk ${simulator.hecToken}` },
      body: JSON.stringify({ event: item }),
    });
    if (!response.ok) throw new Error(`Splunk answered ${response.status}`);
  }
}

export interface ToolFolder {
  readonly simulator: Simulator;
  readonly sent?: readonly Truth[];
  /** Of an earlier run, while another one is under way. */
  readonly sentBefore?: readonly Truth[];
  readonly failed?: unknown;
  /** When the last run ended; `null`: it never polled. */
  readonly lastRun: Date | null;
  readonly transform?: string;
  /** Files that are written otherwise, by their path. */
  readonly files?: Readonly<Record<string, string>>;
}

const idList = (alerts: readonly Truth[]) =>
  JSON.stringify(Object.fromEntries(alerts.map(({ id, tenant, item }) => [id, { raised_at: item.raisedAt, tenant_id: tenant }])), null, 2);

/** The folder as `pip install` into a virtual environment leaves it; its path below. */
export async function writeTool(folder: Folder, name: string, tool: ToolFolder): Promise<string> {
  const root = join(folder.path, name);
  const inside = join(root, 'lib', 'python3.11', 'site-packages', 'sophos_central_api_connector');
  for (const [path, text] of Object.entries({ ...filesOf(tool), ...tool.files })) {
    await mkdir(dirname(join(inside, path)), { recursive: true });
    await writeFile(join(inside, path), text, { mode: 0o600 });
  }
  return root;
}

function filesOf({ simulator, sent = [], sentBefore, failed, lastRun, transform = '' }: ToolFolder): Record<string, string> {
  const { url, clientId, clientSecret, hecUrl, hecToken } = simulator;
  const at = lastRun?.toISOString();
  const poll = {
    last_run_datetime: at,
    firsttime_run: 'False',
    last_run_success_bool: 'True',
    last_run_success_datetime: at,
    first_loop: 'True',
    failures_seen: 'False',
  };
  return {
    'config/sophos_config.ini': `#Settings\n[aws]\nsecret_name:\nregion_name:\nclient_id_key:\nclient_secret_key:\n\n[static]\nclient_id: ${clientId}\nclient_secret: ${clientSecret}\n\n[page_size]\ninventory_ps: 50\nalerts_ps: 7\n`,
    'config/splunk_config.ini': `[splunk_aws]\nsplunk_aws: 0\nsecret_name:\nregion_name:\ntoken_key:\n[splunk_static]\ntoken: ${hecToken}\n[splunk_hec]\nsplunk_url: ${hecUrl}/services/collector\nsplunk_ack_enabled: 0\nverify_ack_result: 0\nchannel:\nack_batch_size:\n[splunk_transform]\n${transform}`,
    'config/sophos_central_api_config.py': `auth_uri = '${url}/api/v2/oauth2/token'\nwhoami_uri = '${url}/whoami/v1'\ntenants_ptr_uri = '${url}/partner/v1/tenants'\ntenants_org_uri = '${url}/organization/v1/tenants'\n`,
    ...(lastRun === null
      ? {}
      : {
          'polling/poll_config.json': JSON.stringify(sentBefore === undefined ? poll : { ...poll, first_loop: 'False' }),
          'polling/alert_ids.json': idList(sent),
        }),
    ...(sentBefore === undefined ? {} : { 'polling/temp_alert_ids.json': idList(sentBefore) }),
    ...(failed === undefined ? {} : { 'logs/failed_events.json': JSON.stringify(failed) }),
  };
}

/** Raises alerts; when the answer comes, Central lists them. */
export async function raise(simulator: Simulator, wish: object): Promise<void> {
  await ask(`${simulator.url}/_sim/alerts`, 'POST', wish);
}
