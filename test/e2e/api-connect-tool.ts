/** What Sophos API Connect does at a pull, re-enacted from what is known of it: nothing of it is taken from the program that is tested. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Simulator } from './house.ts';

type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };
type Item = { readonly [key: string]: Value };

export interface ToolSettings {
  readonly text: boolean;
  readonly json: boolean;
  /** Further lines of `sophos.conf`. */
  readonly more?: string;
}

export const toolFiles = ['sophos_events', 'sophos_alerts', 'sophos_events.json', 'sophos_alerts.json'] as const;

/** The folder's `sophos.conf`. */
export function writeSettings(folder: string, { clientId, clientSecret }: Simulator, { text, json, more = '' }: ToolSettings): void {
  const word = (flag: boolean) => (flag ? 'True' : 'False');
  const lines = [
    `client_id = ${clientId}`,
    `client_secret = ${clientSecret}`,
    '',
    'pull_time = 1',
    'run = True',
    'save_file_location =',
    `txt_file_creation = ${word(text)}`,
    `json_file_creation = ${word(json)}`,
    'alerts_txt_file_name = sophos_alerts',
    'events_txt_file_name = sophos_events',
    'alerts_json_file_name = sophos_alerts.json',
    'events_json_file_name = sophos_events.json',
    'log_level = INFO',
    'log_file_name = Sophos_log.log',
    more,
  ];
  writeFileSync(join(folder, 'sophos.conf'), `${lines.join('\n')}\n`, { mode: 0o600 });
}

/** One pull of each kind: the last 24 h are asked for, and what a file does not hold is added to it. */
export async function pull(folder: string, simulator: Simulator, { text, json }: ToolSettings): Promise<void> {
  const [events, alerts] = [await newest(simulator, 'events'), await newest(simulator, 'alerts')];
  if (text) {
    addLines(join(folder, 'sophos_events'), events, 'EventID: ', eventLine);
    addLines(join(folder, 'sophos_alerts'), alerts, 'AlertID: ', alertLine);
  }
  if (!json) return;
  addItems(join(folder, 'sophos_events.json'), events);
  addItems(join(folder, 'sophos_alerts.json'), alerts);
}

async function newest({ url, clientId, clientSecret }: Simulator, feed: 'events' | 'alerts'): Promise<readonly Item[]> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope: 'token' });
  const token = (await (await fetch(`${url}/api/v2/oauth2/token`, { method: 'POST', body })).json()) as { readonly access_token: string };
  const headers = { Authorization: `Bearer ${token.access_token}`, Accept: 'application/json' };
  const account = (await (await fetch(`${url}/whoami/v1`, { headers })).json()) as { readonly id: string; readonly apiHosts: { readonly dataRegion: string } };
  const items: Item[] = [];
  for (let query = 'limit=1000'; ; ) {
    const answer = await fetch(`${account.apiHosts.dataRegion}/siem/v1/${feed}?${query}`, { headers: { ...headers, 'X-Tenant-ID': account.id } });
    if (!answer.ok) throw new Error(`${feed}: ${answer.status} ${await answer.text()}`);
    const page = (await answer.json()) as { readonly items: readonly Item[]; readonly has_more: boolean; readonly next_cursor: string };
    items.push(...page.items);
    if (!page.has_more) return items;
    query = `limit=1000&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
}

function addLines(file: string, items: readonly Item[], mark: string, line: (item: Item) => string): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const ids = new Set(before.split('\n').flatMap((each) => each.split(mark)[1]?.split(']')[0] ?? []));
  writeFileSync(
    file,
    before +
      items
        .filter(({ id }) => !ids.has(String(id)))
        .map((item) => `${line(item)}\n`)
        .join(''),
  );
}

function addItems(file: string, items: readonly Item[]): void {
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Item[]) : [];
  const ids = new Set(before.map(({ id }) => id));
  writeFileSync(file, dumped([...before, ...items.filter(({ id }) => !ids.has(id))]));
}

function eventLine(item: Item): string {
  const of = (key: string) => oneLine(item[key] ?? '');
  const source = item.source_info === undefined ? '' : printed(item.source_info);
  return `[Timestamp: ${of('created_at')}] [EventID: ${of('id')}] [Severity: ${of('severity')}] [Name: ${of('name')}] [IP: ][EventType: ${of('type')}] [SourceInfo: ${source}] [Location: ${of('location')}] [Group: ${of('group')}] [CustomerID: ${of('customer_id')}]`;
}

function alertLine(item: Item): string {
  const of = (key: string) => oneLine(item[key] ?? '');
  const data = item.data === undefined ? '' : printed(item.data);
  return `[Reporter: Sophos Central] [Timestamp: ${of('created_at')}] [AlertID: ${of('id')}] [Severity: ${of('severity')}] [IP: ][Description: ${of('type')} ${of('description')}] [AlertType: ${of('type')}] [Data: ${data}] [Location: ${of('location')}]`;
}

function oneLine(value: Value): string {
  return String(value).replace(/[\r\n]+/g, ' ');
}

/** As Python's `str` prints what JSON holds. */
function printed(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') {
    const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
    const inner = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t').replaceAll(quote, `\\${quote}`);
    return `${quote}${inner}${quote}`;
  }
  if (Array.isArray(value)) return `[${value.map(printed).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, member]) => `${printed(key)}: ${printed(member)}`)
    .join(', ')}}`;
}

/** As Python's `json.dump` writes it: on one line, in ASCII, with blanks after commas and colons, and no line end. */
export function dumped(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(dumped).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, member]) => `${dumped(key)}: ${dumped(member)}`)
      .join(', ')}}`;
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
