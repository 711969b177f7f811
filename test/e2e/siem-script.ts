/**
 * siem.py as its folder shows it, told again from its documented behaviour and not from our code: asks the simulator page by page, writes each
 * record's line as it comes and its cursor after the page. The lines are those that siem.py 2.1.0 printed (test/fixtures/siem).
 */
import { readFileSync } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openStage, type Stage } from './stage.ts';

export type SiemFormat = 'json' | 'cef' | 'keyvalue';
export type Feed = 'events' | 'alerts';

/** A record as Central gives it, and as siem.py prints it. */
export interface Sample {
  readonly feed: Feed;
  readonly id: string;
  readonly text: string;
  readonly lines: Readonly<Record<SiemFormat, string>>;
}

const fixtures = join(import.meta.dirname, '../fixtures/siem');
const rowsOf = (file: string) => readFileSync(join(fixtures, file), 'utf8').trimEnd().split('\n');

/** Samples as if they had been recorded from `from` on, one each `stepMs`, of the tenant. */
export function samplesOf(
  count: number,
  options: { readonly tenant: string; readonly from: number; readonly stepMs?: number; readonly skip?: number },
): readonly Sample[] {
  const { tenant, from, stepMs = 1000, skip = 0 } = options;
  const printed = Object.fromEntries(
    (['json', 'cef', 'keyvalue'] as const).map((format) => [format, rowsOf(`${format}.ndjson`).map((row) => String(JSON.parse(row)))]),
  );
  return rowsOf('items.ndjson')
    .slice(skip, skip + count)
    .map((row, i) => {
      const [, kind, text = ''] = /^\{"_stream": "(event|alert)", "item": (.*)\}$/.exec(row) ?? [];
      const { id, created_at: was, customer_id: customer } = JSON.parse(text) as Record<'id' | 'created_at' | 'customer_id', string>;
      const is = new Date(from + i * stepMs).toISOString();
      const moved = (line: string) => line.replaceAll(was, is).replaceAll(customer, tenant);
      const line = (format: SiemFormat) => moved(printed[format]?.[skip + i] ?? '');
      return {
        feed: kind === 'event' ? 'events' : 'alerts',
        id,
        text: moved(text),
        lines: { json: line('json'), cef: line('cef'), keyvalue: line('keyvalue') },
      } as const;
    });
}

/** Makes records that can be read at once. */
export async function record({ simulator }: Stage, tenant: string, samples: readonly Sample[]): Promise<void> {
  for (const feed of ['events', 'alerts'] as const) {
    const texts = samples.filter((sample) => sample.feed === feed).map(({ text }) => text);
    if (texts.length > 0) await simulator.ask('POST', '/_sim/events', { tenant, stream: feed === 'events' ? 'events' : 'siem-alerts', texts });
  }
}

/** A partner with three tenants, and no credentials in the environment: they stand in siem.py's folder. */
export async function bareStage(onTestFinished: Parameters<typeof openStage>[0], options: object = {}): Promise<Stage> {
  const stage = await openStage(onTestFinished, { account: 'partner', tenants: 3, eventsPerTenant: 0, alertsPerTenant: 0, ...options });
  for (const name of Object.keys(stage.env)) delete stage.env[name];
  return stage;
}

/** `import siem` of that folder, which must succeed; resolves with its report. */
export async function importSiem(stage: Stage, ...options: string[]): Promise<string> {
  const { code, stderr } = await stage.run('import', 'siem', 'siem', ...options);
  expect(code, stderr).toBe(0);
  return stderr;
}

export interface SiemFolder {
  readonly home: string;
  /** The output's bytes, as text. */
  output(): Promise<string>;
  /** One run for one tenant; `stopAfter`: killed after so many lines. */
  run(tenant: string, samples: readonly Sample[], options?: { readonly stopAfter?: number; readonly at?: number }): Promise<void>;
  state(): Promise<SiemStateFile>;
  writeState(state: unknown): Promise<void>;
}

interface SiemStateFile {
  tenants: Record<string, { eventsLastFetched?: string; alertsLastFetched?: string; dataRegionUrl?: string; lastRunAt?: number }>;
  account: Record<string, unknown>;
}

/** A folder as its own sample configuration makes it, with the simulator's hosts filled in. */
export async function makeSiemFolder(stage: Stage, settings: Readonly<Record<string, string>> = {}): Promise<SiemFolder> {
  const { simulator, folder } = stage;
  const home = join(folder.path, 'siem');
  await Promise.all(['log', 'state'].map((name) => mkdir(join(home, name), { recursive: true })));
  const values = {
    token_info: '<Copy API Access URL + Headers block from Sophos Central here>',
    client_id: simulator.clientId,
    client_secret: simulator.clientSecret,
    tenant_id: '',
    auth_url: `${simulator.url}/api/v2/oauth2/token`,
    api_host: simulator.url,
    format: 'json',
    filename: 'result.txt',
    endpoint: 'event',
    address: '/var/run/syslog',
    facility: 'daemon',
    socktype: 'udp',
    append_nul: 'false',
    state_file_path: 'state/siem_sophos.json',
    events_from_date_offset_minutes: '0',
    alerts_from_date_offset_minutes: '0',
    convert_dhost_field_to_valid_fqdn: 'true',
    logging_level: 'INFO',
    ...settings,
  };
  const ini = Object.entries(values).map(([key, value]) => `${key} = ${value.replaceAll('%', '%%')}\n`);
  await writeFile(join(home, 'config.ini'), `[login]\n# The sample's comments\n${ini.join('\n')}`, { mode: 0o600 });
  const outputFile = join(home, 'log', values.filename);
  const stateFile = join(home, values.state_file_path);
  const state = async (): Promise<SiemStateFile> => JSON.parse(await readFile(stateFile, 'utf8').catch(() => '{"account":{},"tenants":{}}')) as SiemStateFile;
  const writeState = (value: unknown) => writeFile(stateFile, JSON.stringify(value, null, 4));

  async function run(
    tenant: string,
    samples: readonly Sample[],
    { stopAfter = Number.POSITIVE_INFINITY, at = Date.now() }: { readonly stopAfter?: number; readonly at?: number } = {},
  ): Promise<void> {
    const lines = new Map(samples.map(({ id, lines }) => [id, lines[values.format as SiemFormat]]));
    const token = await tokenOf(stage);
    const known = await state();
    known.account[values.client_id] = { jwt: token, jwtExpiresAt: at / 1000 + 3480, whoami: {} };
    let left = stopAfter;
    for (const feed of values.endpoint === 'all' ? (['events', 'alerts'] as const) : ([values.endpoint === 'alert' ? 'alerts' : 'events'] as const)) {
      const place = known.tenants[tenant] ?? {};
      known.tenants[tenant] = place;
      const key = `${feed}LastFetched` as const;
      for (let where = place[key] === undefined ? `from_date=${Math.floor(Date.now() / 1000) - 12 * 3600}` : `cursor=${place[key]}`; ; ) {
        const page = await pageOf(stage, token, tenant, feed, where);
        for (const { id } of page.items) {
          if (left-- <= 0) return;
          await appendFile(outputFile, `${lines.get(id) ?? `{"unknown": "${id}"}`}\n`);
        }
        place[key] = page.next_cursor;
        place.dataRegionUrl = simulator.url;
        place.lastRunAt = at / 1000;
        await writeState(known);
        if (!page.has_more) break;
        where = `cursor=${page.next_cursor}`;
      }
    }
  }

  return { home, output: () => readFile(outputFile, 'utf8').catch(() => ''), run, state, writeState };
}

interface SiemPage {
  readonly items: readonly { readonly id: string }[];
  readonly next_cursor: string;
  readonly has_more: boolean;
}

async function tokenOf({ simulator }: Stage): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'client_credentials', scope: 'token', client_id: simulator.clientId, client_secret: simulator.clientSecret });
  const answer = await fetch(`${simulator.url}/api/v2/oauth2/token`, { method: 'POST', body: form });
  return ((await answer.json()) as { readonly access_token: string }).access_token;
}

async function pageOf({ simulator }: Stage, token: string, tenant: string, feed: Feed, where: string): Promise<SiemPage> {
  const headers = { 'X-Tenant-ID': tenant, Authorization: `Bearer ${token}` };
  const answer = await fetch(`${simulator.url}/siem/v1/${feed}?limit=1000&${where}&from_date_offset_minutes=0`, { headers });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()) as SiemPage;
}
