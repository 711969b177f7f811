import { appendFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readable } from '../../../../src/cli/imports/placeholders.ts';
import { planOfDraft } from '../../../../src/cli/imports/plan.ts';
import { readSiem, siem } from '../../../../src/cli/imports/siem/peer.ts';
import { readSettings } from '../../../../src/cli/imports/siem/settings.ts';
import type { ImportSurroundings, Takeover } from '../../../../src/cli/imports/takeover.ts';
import type { Tenant } from '../../../../src/core/types.ts';
import type { FileMark } from '../../../../src/sinks/file/mark.ts';
import { contextIn } from '../context.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'siem-folder-'));
  await Promise.all(['state', 'log'].map((name) => mkdir(join(home, name))));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const credential = { client_id: 'someone', client_secret: 'hunter2' };
const tenants = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000003'];

async function read(values: Readonly<Record<string, string>>, state?: unknown, known: readonly Tenant[] | null = null, bom = ''): Promise<Takeover> {
  await writeFile(
    join(home, 'config.ini'),
    `${bom}[login]\r\n${Object.entries({ ...credential, ...values })
      .map(([key, value]) => `${key} = ${value}\r\n`)
      .join('')}`,
  );
  if (state !== undefined) await writeFile(join(home, 'state', 'siem_sophos.json'), typeof state === 'string' ? state : JSON.stringify(state));
  const { world, signal } = contextIn(home);
  const around: ImportSurroundings = { env: {}, folder: home, world, signal, tenants: async () => known };
  return siem.read(home, around);
}

/** What the draft says once it has been read as a configuration, which it must pass. */
async function planOf(takeover: Takeover) {
  return planOfDraft(contextIn(home), join(home, 'sophos-central.yaml'), readable(takeover.draft, takeover.secrets, {}));
}

describe('a folder of siem.py', () => {
  it('as its sample makes it is a file, events, and the credential, and nothing that is ours by default', async () => {
    const takeover = await read({
      auth_url: 'https://id.sophos.com/api/v2/oauth2/token',
      api_host: 'api.central.sophos.com',
      tenant_id: '',
      token_info: '<Copy it here>',
    });
    expect(takeover.draft.tree).toEqual({
      central: { clientId: 'someone', clientSecret: '${env:SOPHOS_CLIENT_SECRET}' },
      streams: { events: {} },
      sinks: { log: { type: 'file', path: 'log/result.txt' } },
      routes: [{ from: '*', to: 'log', format: 'siem-json' }],
      state: './sophos-central-state',
    });
    expect(takeover.secrets.map(({ at, key, value }) => [at, key, value.reveal()])).toEqual([['central.clientSecret', 'login.client_secret', 'hunter2']]);
    expect((await planOf(takeover)).accounts[0]?.credentials).toMatchObject({ kind: 'client', clientId: 'someone' });
  });

  it.for([
    [{ endpoint: 'ALL' }, { streams: { events: {}, 'siem-alerts': {} } }],
    [{ endpoint: 'alert', alerts_from_date_offset_minutes: '7', events_from_date_offset_minutes: '9' }, { streams: { 'siem-alerts': { offsetMinutes: 7 } } }],
    [{ format: 'CEF' }, { routes: [{ from: '*', to: 'log', format: 'siem-cef' }] }],
    [
      { format: 'keyvalue', convert_dhost_field_to_valid_fqdn: 'false' },
      { routes: [{ from: '*', to: 'log', format: { type: 'siem-keyvalue', convertDhost: false } }] },
    ],
    [{ format: 'non-streamed-json' }, { sinks: { log: { type: 'file', path: 'log/result.txt', layout: 'array' } } }],
    [{ filename: '/var/log/sophos.log' }, { sinks: { log: { type: 'file', path: '/var/log/sophos.log' } } }],
    [{ filename: 'a ${b}.txt'.replace(/[{}]/g, '') }, { sinks: { log: { type: 'file', path: 'log/a $b.txt' } } }],
    [{ api_host: 'proxy.example.com/' }, { central: { apiUrl: 'https://proxy.example.com' } }],
    [
      { auth_url: 'http://127.0.0.1:8080/api/v2/oauth2/token', api_host: '127.0.0.1:8080' },
      { central: { authUrl: 'http://127.0.0.1:8080/api/v2/oauth2/token', apiUrl: 'http://127.0.0.1:8080' } },
    ],
    [{ auth_url: 'http://127.0.0.1:8080/api/v2/oauth2/token', api_host: '127.0.0.1:9090' }, { central: { apiUrl: 'https://127.0.0.1:9090' } }],
    [{ auth_url: 'https://id.example.com/api/v2/oauth2/token' }, { central: { authUrl: 'https://id.example.com/api/v2/oauth2/token' } }],
    [{ logging_level: 'debug' }, { log: { level: 'debug' } }],
    [{ filename: 'stdout' }, { sinks: { stdout: { type: 'stdout' } } }],
    [
      { filename: 'syslog', address: 'soc:514', append_nul: 'false' },
      { sinks: { syslog: { address: 'udp://soc:514', rfc: 'none', severity: 'info', facility: 'daemon', maxBytes: '65KB' } } },
    ],
    [{ filename: 'syslog', address: 'soc:514' }, { sinks: { syslog: { address: 'udp://soc:514', framing: 'nul' } } }],
    [{ filename: 'syslog', address: '/run/log', socktype: 'tcp', append_nul: 'true' }, { sinks: { syslog: { address: 'unix:///run/log', framing: 'nul' } } }],
    [{ filename: 'syslog', address: '/dev/log', socktype: 'udp' }, { sinks: { syslog: { address: 'tcp://127.0.0.1:514', framing: 'lf' } } }],
    [
      { client_id: 'a${b', tenant_id: tenants[0] ?? '' },
      { central: { clientId: 'a$${b' }, tenants: { include: [tenants[0]] } },
    ],
  ] as const)('with %o gives a configuration that is valid here', async ([values, expected]) => {
    const takeover = await read(values as Readonly<Record<string, string>>, undefined, null, '\uFEFF');
    expect(takeover.draft.tree).toMatchObject(expected);
    await planOf(takeover);
  });

  it('without credential says what to do, and is still a configuration', async () => {
    const takeover = await read({ client_id: '', client_secret: '' });
    expect(takeover.findings.find(({ outcome, what }) => outcome === 'left' && what.startsWith('client_id'))?.how).toMatch(/set SOPHOS_CLIENT_ID/);
    await planOf(takeover);
  });

  it('gives each tenant its cursor, the time of its last run less the delay, and its name where Central told it', async () => {
    const [a = '', b = '', c = ''] = tenants;
    const state = {
      tenants: {
        [a]: { eventsLastFetched: 'cursor-a', alertsLastFetched: 'alert-a', lastRunAt: 1_790_000_000.75, dataRegionUrl: 'https://api-eu01.central.sophos.com' },
        [b]: { alertsLastFetched: 'alert-b', lastRunAt: 1_790_000_000 },
        [c]: { dataRegionUrl: 'https://api-eu01.central.sophos.com' },
        '../../x': { eventsLastFetched: 'x' },
      },
    };
    const takeover = await read(
      { endpoint: 'all', events_from_date_offset_minutes: '2' },
      `${JSON.stringify(state).slice(0, -2)},"__proto__":{"eventsLastFetched":"p"}}}`,
      [{ id: a, name: 'Acme', labels: {} }],
    );
    const at = 1_790_000_000_750;
    expect(takeover.streams.map(({ id, origin, checkpoint, readUpTo }) => [id, origin.tenant.name, checkpoint, readUpTo])).toEqual([
      [`${a}/events`, 'Acme', { cursor: 'cursor-a', readUpTo: at - 120_000 }, at - 120_000],
      [`${a}/siem-alerts`, 'Acme', { cursor: 'alert-a', readUpTo: at }, at],
      [`${b}/siem-alerts`, b, { cursor: 'alert-b', readUpTo: at - 750 }, at - 750],
    ]);
    expect(takeover.draft.tree.tenants).toEqual({ include: [a, b] });
    const told = takeover.findings.map(({ what, how }) => `${what}: ${how}`).join('\n');
    expect(told).toMatch(new RegExp(`\`events\` of ${b}: .*12 hours back`));
    expect(told).toMatch(/the place of \.\.\/\.\.\/x: that is no id of a tenant/);
    expect(told).toMatch(/the place of __proto__/);
    expect(Object.prototype).not.toHaveProperty('eventsLastFetched');
  });

  it('knows by the end of the output file what has been written, and takes no half line and no forged field for it', async () => {
    const [a = '', b = ''] = tenants;
    const now = new Date().toISOString();
    const json = (id: string, more: object = {}) => JSON.stringify({ id, customer_id: a, rt: now, datastream: 'event', ...more });
    const lines = [
      json('one'),
      json('two', { datastream: 'alert' }),
      json('three', { customer_id: b }),
      json('old', { rt: '2020-01-01T00:00:00.000Z' }),
      `CEF:0|sophos|sophos central|1.0|T|id=forged|5|customer_id=${a} rt=${now} id=four datastream=event`,
      `${now} rt="${now}"; id="five"; customer_id="${a}"; datastream="event";`,
      `${now} rt="${now}"; name="x"; id="forged";"; id="six"; customer_id="${a}"; datastream="event";`,
      json('seven').slice(0, -8),
    ];
    await writeFile(join(home, 'log', 'result.txt'), lines.join('\n'));
    const takeover = await read({ endpoint: 'all' }, { tenants: { [a]: { eventsLastFetched: 'x', alertsLastFetched: 'y', lastRunAt: 1_790_000_000 } } });
    expect(takeover.streams.map(({ delivered }) => delivered.map(({ key }) => key))).toEqual([['one', 'four', 'five'], ['two']]);
  });

  it('reads a state of ten thousand tenants', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [
        `aaaaaaaa-0000-4000-8000-${String(i).padStart(12, '0')}`,
        { eventsLastFetched: `c${i}`, lastRunAt: 1_790_000_000 },
      ]),
    );
    const takeover = await read({}, { tenants: many });
    expect(takeover.streams).toHaveLength(10_000);
    await planOf(takeover);
  });

  it('is looked into at the end of its output file only where that may say something new', async () => {
    const [tenant = ''] = tenants;
    const line = (id: string) => `${JSON.stringify({ id, datastream: 'event', rt: new Date().toISOString(), customer_id: tenant })}\n`;
    const file = join(home, 'log', 'result.txt');
    await writeFile(file, line('ours'));
    const { ino, size } = await stat(file);
    const mark = { inode: String(ino), device: null, born: null, length: size, wroteAt: 0 };
    await read({}, { tenants: { [tenant]: { eventsLastFetched: 'c', lastRunAt: Date.now() / 1000 } } });
    const settings = await readSettings(home, join(home, 'config.ini'));
    const { world, signal } = contextIn(home);
    const told = async (streams: readonly string[], ...marks: FileMark[]) => {
      const around: ImportSurroundings = { env: {}, folder: home, world, signal, tenants: async () => null };
      const takeover = await readSiem(settings, around, { streams: new Set(streams), marks });
      return takeover.streams.flatMap(({ delivered }) => delivered.map(({ key }) => key));
    };
    const known = [`${tenant}/events`];
    expect(await told(known, mark)).toEqual([]);
    expect(await told([], mark), 'a stream that was not read yet').toEqual(['ours']);
    expect(await told(known), 'a file that we have not written').toEqual(['ours']);
    await appendFile(file, line('theirs'));
    expect(await told(known, mark)).toEqual(['ours', 'theirs']);
    const more = size + line('theirs').length;
    expect(await told(known, { ...mark, upTo: more }), 'what is not settled is cut off at the next run').toEqual(['ours']);
    expect(await told(known, { ...mark, upTo: more - 1 })).toEqual(['ours', 'theirs']);
  });

  it.each([
    ['cef', (id: string) => `CEF:0|sophos|sophos central|1.0|x|y|1|datastream=event customer_id=${tenants[0]} rt=${new Date().toISOString()} id=${id}`],
    ['keyvalue', (id: string) => `datastream="event"; customer_id="${tenants[0]}"; rt="${new Date().toISOString()}"; id="${id}";`],
    ['json', (id: string) => JSON.stringify({ datastream: 'event', rt: new Date().toISOString(), id })],
  ])('has delivered no record whose line is cut short, as %s', async (format, line) => {
    const file = join(home, 'log', 'result.txt');
    await writeFile(file, `${line('whole')}\n${line('torn')}`.slice(0, format === 'json' ? -1 : undefined));
    const { streams } = await read({ format }, { tenants: { [tenants[0] ?? '']: { eventsLastFetched: 'c' } } });
    expect(streams.map(({ delivered }) => delivered.map(({ key }) => key))).toEqual([['whole']]);
  });
});
