import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { usualPlaces } from '../../src/config/find.ts';
import { type LoadInput, loadConfig } from '../../src/config/load.ts';
import type { Plan } from '../../src/config/plan.ts';
import { showConfig } from '../../src/config/show.ts';
import { chooseTenants } from '../../src/config/tenants.ts';
import { recordOf } from '../laws/format.laws.ts';
import { registers } from './kinds.ts';

let folder = '';
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'config-'));
});
afterAll(() => rm(folder, { recursive: true }));

const env = { SOPHOS_CLIENT_ID: 'id-from-env', SOPHOS_CLIENT_SECRET: 'secret-from-env', HEC_TOKEN: 'hec-token-value' };

async function load(text: string, more: Partial<LoadInput> = {}): Promise<Plan> {
  const file = path.join(folder, `right-${count++}.yaml`);
  await writeFile(file, text, { mode: 0o600 });
  return loadConfig({ file, cwd: '/', env, registers, ...more });
}

const whole = `
central:
  clientId: ${'${env:SOPHOS_CLIENT_ID}'}
  clientSecret: ${'${file:secrets/central}'}
  authUrl: http://127.0.0.1:1/
  apiUrl: http://127.0.0.1:2
  rateLimits: { second: 5, day: 1000 }
  proxy: "http://user:proxy-password@proxy:3128"
  timeoutMs: 5000
tenants:
  include: ["*"]
  exclude: ["Trial *"]
  labels: { "Acme*": { index: acme, cost: "42" }, "*": { cost: "7" } }
streams:
  events:      { every: 60s, since: 12h, excludeTypes: ["Event::Endpoint::UpdateSuccess"] }
  siem-alerts: { every: 90s }
  alerts:      { days: 2 }
  endpoints:
sinks:
  splunk:  { type: splunk-hec, url: "https://splunk:8088", token: "${'${env:HEC_TOKEN}'}", ack: true, ackPollMs: 1000, ackTimeoutMs: 300000, sourcetype: "sophos:central:{stream}", index: "{tenant.label.index}" }
  archive: { type: file, path: "out/{tenant.name}/{stream}-{date}.ndjson", rotate: { size: 100MB, keep: 30, gzip: true } }
  slow:    { type: stdout, every: 5m }
routes:
  - { from: [events, siem-alerts], to: splunk }
  - { from: "*", to: archive, format: raw }
  - { from: events, where: 'type ~ "*Pua*Detect*" and tenant.name =~ "^A"', to: slow, format: { type: dressed, convertDhost: false } }
  - { name: slow-2, from: events, to: slow, every: 1m, start: oldest }
defaults: { output: table, days: 3, pageSize: { events: 500 } }
state: ./state
journal: { keep: 12h, maxSize: 20GB, minFree: 1GiB, whenFull: drop }
log: { level: debug, format: json, file: log/connector.log, rotate: { size: 50MB, keep: 5 } }
`;

describe('a right configuration', () => {
  beforeAll(async () => {
    await mkdir(path.join(folder, 'secrets'));
    await writeFile(path.join(folder, 'secrets/central'), 'central-secret\r\n');
  });

  it('becomes a plan', async () => {
    const plan = await load(whole);
    expect(plan.accounts).toMatchObject([
      {
        name: 'central',
        credentials: { kind: 'client', clientId: 'id-from-env' },
        authUrl: 'http://127.0.0.1:1',
        apiUrl: 'http://127.0.0.1:2',
        rateLimits: { second: 5, minute: 100, hour: 1000, day: 1000 },
        via: { proxy: 'http://user:proxy-password@proxy:3128' },
        timeoutMs: 5000,
      },
    ]);
    expect(secretOf(plan)).toBe('central-secret');
    expect(plan.streams.map(({ kind, options, everyMs }) => [kind.name, options, everyMs])).toEqual([
      ['events', { since: 43_200_000, excludeTypes: ['Event::Endpoint::UpdateSuccess'] }, 60_000],
      ['siem-alerts', { excludeTypes: [] }, 90_000],
      ['alerts', { days: 2 }, 300_000],
      ['endpoints', {}, 86_400_000],
    ]);
    expect([...plan.sinks.values()].map(({ name, kind, everyMs }) => [name, kind.name, everyMs])).toEqual([
      ['splunk', 'splunk-hec', undefined],
      ['archive', 'file', undefined],
      ['slow', 'stdout', 300_000],
    ]);
    expect(plan.sinks.get('archive')?.options).toMatchObject({ layout: 'lines', rotate: { size: 100_000_000, keep: 30, gzip: true } });
    expect(
      plan.routes.map(({ name, from, sink, format, everyMs, start }) => [name, [...from], sink, format.kind.name, format.options, everyMs, start]),
    ).toEqual([
      ['splunk', ['events', 'siem-alerts'], 'splunk', 'json', {}, undefined, 'now'],
      ['archive', ['events', 'siem-alerts', 'alerts', 'endpoints'], 'archive', 'raw', {}, undefined, 'now'],
      ['slow', ['events'], 'slow', 'dressed', { convertDhost: false }, 300_000, 'now'],
      ['slow-2', ['events'], 'slow', 'json', {}, 60_000, 'oldest'],
    ]);
    expect(plan).toMatchObject({
      folder,
      statePath: path.join(folder, 'state'),
      journal: { keepMs: 43_200_000, maxBytes: 20e9, minFreeBytes: 2 ** 30, whenFull: 'drop' },
      log: { level: 'debug', format: 'json', file: path.join(folder, 'log/connector.log'), rotate: { maxBytes: 50e6, keep: 5 } },
      defaults: { output: 'table', days: 3, pageSize: { events: 500 } },
      http: null,
      warnings: [],
      plainSecrets: ['central.proxy'],
    });
  });

  it('filters by the fields of json', async () => {
    const where = (await load(whole)).routes[2]?.where;
    const acme = { stream: 'events', tenant: { id: 't', name: 'Acme', labels: {} } };
    const beta = { stream: 'events', tenant: { id: 't', name: 'Beta', labels: {} } };
    const pua = recordOf('{"type":"Event::Endpoint::CorePuaDetection"}');
    expect([where?.test(pua, acme), where?.test(pua, beta), where?.test(recordOf('{"type":"x"}'), acme), where?.test(recordOf('not json'), acme)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(where?.paths).toEqual(['type', 'tenant.name']);
  });

  it('chooses tenants and labels them by id, name or glob', async () => {
    const choice = chooseTenants((await load(whole)).tenants);
    expect([choice.wants({ id: '1', name: 'Acme West' }), choice.wants({ id: '2', name: 'trial 7' })]).toEqual([true, false]);
    expect([choice.labelsOf({ id: '1', name: 'ACME West' }), choice.labelsOf({ id: '2', name: 'Beta' })]).toEqual([
      { index: 'acme', cost: '7' },
      { cost: '7' },
    ]);
    const one = chooseTenants({ include: ['b7', 'Odd [name]?'], exclude: [], labels: [] });
    expect([one.wants({ id: 'B7', name: 'x' }), one.wants({ id: 'b8', name: 'x' }), one.wants({ id: 'x', name: 'Odd [name]?' })]).toEqual([true, false, true]);
  });

  it('may be nearly empty: events and siem-alerts are read, credentials come from the environment', async () => {
    for (const text of ['', '{}', '# nothing\n', 'central:\nstreams:\nroutes:\n']) {
      const plan = await load(text);
      expect(plan.streams.map(({ kind }) => kind.name)).toEqual(['events', 'siem-alerts']);
      expect(plan.accounts).toMatchObject([
        { name: 'central', credentials: { clientId: 'id-from-env' }, authUrl: null, apiUrl: null, timeoutMs: 60_000, via: {} },
      ]);
      expect(plan).toMatchObject({
        statePath: path.join(folder, 'sophos-central-state'),
        journal: { keepMs: 86_400_000, maxBytes: 20e9, minFreeBytes: 1e9, whenFull: 'pause' },
        log: { level: 'info', format: null, file: null, rotate: null },
        tenants: { include: ['*'], exclude: [], labels: [] },
        routes: [],
        defaults: { output: 'table', days: 1 },
      });
    }
  });

  it('may name several accounts, each with its own budget', async () => {
    const plan = await load(
      'accounts:\n  acme: { clientId: a, clientSecret: "${env:HEC_TOKEN}", rateLimits: { hour: 5 } }\n  beta: { clientId: b, clientSecret: s2 }\n',
    );
    expect(plan.accounts.map(({ name, rateLimits }) => [name, rateLimits.hour])).toEqual([
      ['acme', 5],
      ['beta', 1000],
    ]);
    expect(plan.plainSecrets).toEqual(['accounts.beta.clientSecret']);
  });

  it('takes a proxy for a secret only when a password stands in it', async () => {
    const proxies = async (proxy: string) => (await load(`central: { clientId: a, clientSecret: "\${env:HEC_TOKEN}", proxy: "${proxy}" }\n`)).plainSecrets;
    expect(await proxies('http://proxy:3128')).toEqual([]);
    expect(await proxies('http://me:hunter2@proxy:3128')).toEqual(['central.proxy']);
  });

  it('keeps dollar signs, and a placeholder whose dollar is doubled', async () => {
    const plan = await load('sinks:\n  f: { type: file, path: "a$$b/${env:HEC_TOKEN}" }\ndefaults: { output: "$${env:X}" }\n');
    expect(plan.sinks.get('f')?.options).toMatchObject({ path: 'a$$b/hec-token-value' });
    expect(plan.defaults.output).toBe('${env:X}');
  });

  it('reads YAML anchors', async () => {
    const plan = await load('streams:\n  events: &a { every: 2m }\n  siem-alerts: *a\n');
    expect(plan.streams.map(({ everyMs }) => everyMs)).toEqual([120_000, 120_000]);
  });

  it('reads certificates beside the file', async () => {
    await writeFile(path.join(folder, 'ca.pem'), '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n');
    const plan = await load('central: { caFile: ca.pem, proxy: none }\n');
    expect(plan.accounts[0]?.via).toEqual({ ca: expect.stringContaining('BEGIN'), proxy: null });
  });

  it('is beaten by the environment, and both by options', async () => {
    const plan = await load('central: { authUrl: https://file.example }\nstate: a\nlog: { level: warn }\n', {
      env: { ...env, SOPHOS_CENTRAL_AUTH_URL: 'http://env.example/' },
      cwd: '/somewhere',
      overrides: { state: 'b', logLevel: 'trace', logFile: 'l.log', logFormat: 'pretty' },
    });
    expect(plan.accounts[0]?.authUrl).toBe('http://env.example');
    expect(plan.statePath).toBe(path.resolve('/somewhere/b'));
    expect(plan.log).toMatchObject({ level: 'trace', format: 'pretty', file: path.resolve('/somewhere/l.log') });
  });

  it('warns of a sink without route, and of plain secrets that everybody can read', async () => {
    const file = path.join(folder, 'open.yaml');
    await writeFile(file, 'central: { clientId: a, clientSecret: plain }\nsinks: { idle: { type: stdout } }\n');
    await chmod(file, 0o644);
    const { warnings } = await loadConfig({ file, cwd: folder, env, registers });
    expect(warnings).toEqual(
      process.platform === 'win32' ? [expect.stringContaining('idle')] : [expect.stringContaining('central.clientSecret'), expect.stringContaining('idle')],
    );
    expect(warnings.join()).not.toContain('plain)');
    await chmod(file, 0o600);
    expect((await loadConfig({ file, cwd: folder, env, registers })).warnings).toHaveLength(1);
  });
});

describe('without --config', () => {
  it('the file is looked for where the user is, then in the user`s folder', async () => {
    const home = path.join(folder, 'home');
    const here = path.join(folder, 'here');
    const places = usualPlaces(here, { HOME: home, XDG_CONFIG_HOME: path.join(home, 'xdg'), APPDATA: path.join(home, 'xdg') });
    expect(places[0]).toBe(path.join(here, 'sophos-central.yaml'));
    expect(places[1]).toBe(path.join(home, 'xdg', 'sophos-central', 'sophos-central.yaml'));
    await mkdir(path.dirname(places[1] as string), { recursive: true });
    await mkdir(here);
    const input = { cwd: here, env: { ...env, HOME: home, XDG_CONFIG_HOME: path.join(home, 'xdg'), APPDATA: path.join(home, 'xdg') }, registers };
    await writeFile(places[1] as string, 'defaults: { days: 2 }\n');
    expect(await loadConfig(input)).toMatchObject({ file: places[1], defaults: { days: 2 } });
    await writeFile(places[0] as string, 'defaults: { days: 3 }\n');
    expect(await loadConfig(input)).toMatchObject({ file: places[0], folder: here, defaults: { days: 3 } });
  });

  it('two variables are enough', async () => {
    const cwd = path.join(folder, 'nothing-here');
    const bare = { HOME: cwd, APPDATA: cwd };
    const plan = await loadConfig({ cwd, env: { ...env, ...bare }, registers });
    expect(plan).toMatchObject({ file: null, folder: cwd, statePath: path.join(cwd, 'sophos-central-state'), accounts: [{ name: 'central' }] });
    expect((await loadConfig({ cwd, env: bare, registers, credentials: 'optional' })).accounts).toEqual([]);
    await expect(loadConfig({ cwd, env: { ...bare, SOPHOS_CLIENT_ID: 'a', SOPHOS_CLIENT_SECRT: 'b' }, registers })).rejects.toMatchObject({
      problems: [{ file: null, message: expect.stringContaining('SOPHOS_CLIENT_SECRET is not set'), path: 'central.clientSecret' }],
    });
  });

  it('a file that is named must be there', async () => {
    await expect(loadConfig({ file: 'no.yaml', cwd: folder, env, registers })).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringContaining('does not exist'),
    });
    await expect(loadConfig({ file: '.', cwd: folder, env, registers })).rejects.toMatchObject({ message: expect.stringContaining('is a folder') });
  });

  it('an abort ends the reading', async () => {
    const reason = new Error('stop');
    await expect(
      load('state: "${file:secrets/central}"\n', {}).then(() => loadConfig({ cwd: folder, env, registers }, AbortSignal.abort(reason))),
    ).rejects.toBe(reason);
  });
});

describe('config show', () => {
  it('shows what applies and leaks none of the secrets', async () => {
    const seeded = ['secret-from-env', 'hec-token-value', 'central-secret', 'proxy-password', 'plain-hec', 'url-password', 'odd-password'];
    const text = whole
      .replace('slow:    {', 'plain: { type: splunk-hec, url: ["https://u:url-password@h", "https://x?hec-token-value"], token: plain-hec }\n  slow:    {')
      .replace('cost: "7"', 'cost: "7", password: odd-password');
    const shown = showConfig(await load(text));
    for (const secret of seeded) expect(shown).not.toContain(secret);
    for (const kept of [
      'every: 1m',
      'clientSecret: "[secret]"',
      'token: "[secret]"',
      'Event::Endpoint::UpdateSuccess',
      'minute: 100',
      `state: ${path.join(folder, 'state')}`,
    ])
      expect(shown).toContain(kept);
  });

  it('shows the defaults of an empty file', async () => {
    const shown = showConfig(await load('central: { clientId: my-id, clientSecret: my-secret }\n'));
    expect(shown).toContain('clientId: my-id');
    expect(shown).not.toContain('my-secret');
    expect(shown).toContain('keep: 1d');
    expect(shown).toContain('maxSize: 20GB');
    expect(shown).toContain('events:');
  });
});

function secretOf({ accounts }: Plan): string | undefined {
  const credentials = accounts[0]?.credentials;
  return credentials?.kind === 'client' ? credentials.clientSecret.reveal() : undefined;
}
