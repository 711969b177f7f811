import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startProxy } from '../far-ends/proxy.ts';
import { plentyOfCalls, startSimulator } from './house.ts';
import { addRecords, openStage } from './stage.ts';

const proxyPassword = 'proxy-pass-5f1c77aa02';

const plain = `streams: { events: { since: 24h } }
sinks: { archive: { type: file, path: "out/all.ndjson" } }
routes: [{ from: events, to: archive }]
state: ./state
`;

/** A partner and a legacy token, a file and a Splunk with acknowledgement, all of it through a proxy with a password. */
async function openSecretStage(onTestFinished: Parameters<typeof openStage>[0]) {
  const proxy = await startProxy({ password: proxyPassword });
  onTestFinished(() => proxy.close());
  const stage = await openStage(onTestFinished, { account: 'partner', tenants: 3, eventsPerTenant: 300, alertsPerTenant: 10, seed: 11 });
  const legacy = await startSimulator({ account: 'tenant', eventsPerTenant: 100, alertsPerTenant: 5, seed: 12 });
  onTestFinished(() => legacy.close());
  const { simulator } = stage;
  await stage.configure(`accounts:
  acme: { clientId: "\${env:ACME_ID}", clientSecret: "\${env:ACME_SECRET}", authUrl: "${simulator.url}", apiUrl: "${simulator.url}", proxy: "${proxy.url}", ${plentyOfCalls} }
  beta: { siemToken: "\${file:beta.token}", authUrl: "${legacy.url}", apiUrl: "${legacy.url}", proxy: "${proxy.url}", ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h }, siem-alerts: { every: 1s, since: 24h } }
sinks:
  archive: { type: file, path: "out/{tenant.name}/{stream}.ndjson" }
  splunk: { type: splunk-hec, url: "${simulator.hecUrl}", token: "${simulator.hecAckToken}", ack: true, ackPollMs: 50, proxy: "${proxy.url}" }
routes: [{ from: "*", to: archive }, { from: "*", to: splunk }]
state: ./state
`);
  await stage.folder.write('beta.token', legacy.siemToken);
  for (const name of Object.keys(stage.env)) delete stage.env[name];
  Object.assign(stage.env, { ACME_ID: simulator.clientId, ACME_SECRET: simulator.clientSecret });
  const [, apiKey = '', authorization = ''] = /x-api-key: (\S+), Authorization: Basic (\S+)/.exec(legacy.siemToken) ?? [];
  const fixed = { clientSecret: simulator.clientSecret, hecToken: simulator.hecAckToken, apiKey, authorization, proxyPassword };
  return { stage, legacy, proxy, fixed };
}

/** Every file below a folder, byte for byte. */
async function filesBelow(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(path, await readFile(path));
  }
  return files;
}

/** Everything that Central ever answered with an access token in it, as it came through the proxy. */
function tokensIn(requests: readonly { readonly answer: Buffer }[]): string[] {
  return requests.flatMap(({ answer }) => {
    const found = /"(?:access|refresh)_token":"([^"]+)"/g;
    return [...answer.toString('latin1').matchAll(found)].map(([, token]) => token ?? '');
  });
}

function expectClean(secrets: Readonly<Record<string, string>>, texts: ReadonlyMap<string, Buffer>): void {
  for (const [name, value] of Object.entries(secrets)) {
    expect(value.length, `${name} is known`).toBeGreaterThan(8);
    const spellings = [
      value,
      Buffer.from(value).toString('base64').replace(/=+$/, ''),
      Buffer.from(`user:${value}`).toString('base64'),
      encodeURIComponent(value),
    ];
    for (const [place, bytes] of texts) for (const spelling of spellings) expect(bytes.includes(spelling), `${name} in ${place}`).toBe(false);
  }
}

describe('secrets', () => {
  it('stand in no output, no log, no state file and no command, whatever goes wrong on the way', async ({ onTestFinished }) => {
    const { stage, legacy, proxy, fixed } = await openSecretStage(onTestFinished);
    const texts = new Map<string, Buffer>();
    const keep = async (name: string, args: readonly string[]) => {
      const { code, stdout, stderr } = await stage.run(...args);
      texts.set(`${name}: stdout`, Buffer.from(stdout)).set(`${name}: stderr`, Buffer.from(stderr));
      return code;
    };
    const loud = ['--log-level', 'trace', '--log-format', 'json'];
    const faults = { rate: 0.15, seed: 5, kinds: ['401', '403', '429', '500', '502-html', 'reset', 'truncate', 'revoke', 'html-200'] };
    await stage.simulator.ask('POST', '/_sim/faults', faults);
    await legacy.ask('POST', '/_sim/faults', { ...faults, kinds: ['500', 'reset', '502-html'] });
    await stage.simulator.ask('POST', '/_sim/hec/faults', { codes: { 9: 0.2 }, reset: 0.2, seed: 4, times: 4 });
    await keep('run', ['run', '--once', ...loud, '--log-file', 'run.log']);
    await keep('run to stderr', ['run', '--once', ...loud]);
    // Refused by Splunk, by the identity service, and by the proxy.
    await addRecords(stage, { count: 5 });
    await stage.simulator.ask('DELETE', '/_sim/faults');
    await stage.simulator.ask('POST', '/_sim/hec/faults', { disabledToken: true });
    expect(await keep('refused token', ['run', '--once', ...loud])).toBe(4);
    for (const args of [
      ['status', '--json'],
      ['status'],
      ['config', 'show'],
      ['config', 'check'],
      ['whoami'],
      ['tenants'],
      ['test-sink', 'splunk'],
      ['dead-letter', 'list'],
      ['get', 'events', '--limit', '5'],
    ])
      await keep(args.join(' '), [...args, ...loud]);
    const tokens = tokensIn(proxy.requests);
    expect(tokens.length, 'access tokens came through the proxy').toBeGreaterThan(1);

    const { ACME_SECRET: right = '' } = stage.env;
    stage.env.ACME_SECRET = 'wrong-secret-0c9a8b7d6e';
    await keep('wrong secret', ['run', '--once', ...loud]);
    stage.env.ACME_SECRET = right;
    await proxy.close();
    await keep('no proxy', ['test-sink', 'splunk', ...loud]);

    for (const [path, bytes] of await filesBelow(join(stage.folder.path, 'state'))) texts.set(path, bytes);
    texts.set('run.log', await readFile(join(stage.folder.path, 'run.log')));
    expect(texts.get('run.log')?.length, 'there was something to log').toBeGreaterThan(1_000);
    const secrets = { ...fixed, wrongSecret: 'wrong-secret-0c9a8b7d6e', ...Object.fromEntries(tokens.map((token, n) => [`token ${n}`, token])) };
    expectClean(secrets, texts);
  });

  it('and the state are private to their owner', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 100, alertsPerTenant: 0 });
    await stage.configure(plain);
    expect((await stage.run('run', '--once', '--log-file', 'run.log', '--log-level', 'debug')).code).toBe(0);
    const state = join(stage.folder.path, 'state');
    expect((await stat(state)).mode & 0o777).toBe(0o700);
    const files = await filesBelow(state);
    expect(files.size).toBeGreaterThan(0);
    for (const path of files.keys()) expect((await stat(path)).mode & 0o777, path).toBe(0o600);
    expect((await stat(join(stage.folder.path, 'run.log'))).mode & 0o077).toBe(0);
  });

  it('and levels cannot be forged by a name that holds a log line', async ({ onTestFinished }) => {
    const forged = 'A\n{"level":"error","msg":"forged"}\u001b[31m';
    const stage = await openStage(onTestFinished, { account: 'partner', tenants: 1, tenantNames: [forged], eventsPerTenant: 5, alertsPerTenant: 0 });
    await stage.configure(plain.replace('out/all', 'out/{tenant.name}'));
    const { code, stderr } = await stage.run('run', '--once', '--log-level', 'trace', '--log-format', 'json');
    expect(code, stderr).toBe(0);
    const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(JSON.parse(line)).not.toMatchObject({ msg: 'forged' });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
    expect(stderr).not.toMatch(/\u001b/);
  });
});
