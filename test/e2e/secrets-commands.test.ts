/** The commands that meet secrets before there is a configuration: what they print, log, write and start is searched for every secret. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { spellingsOf } from '../../src/core/secret.ts';
import { startMisbehaving } from '../far-ends/misbehaving.ts';
import { plentyOfCalls } from './house.ts';
import { openStage, type Stage } from './stage.ts';

const canaries = {
  client: 'canary+client/0011=22',
  token: 'canary-hec/token+3344',
  intelix: 'canary=intelix%5566',
  proxy: 'canary/proxy:7788',
  vault: 'canary.vault+token/9900',
};

/** Answers everything with what it was given, as no server should. */
async function startEcho(onTestFinished: (end: () => Promise<void>) => void): Promise<string> {
  const far = await startMisbehaving({
    bringsRecords: () => false,
    take({ headers, body }) {
      const said = `${body} ${JSON.stringify(headers)} ${headers['x-vault-token']} ${headers.authorization} ${headers['proxy-authorization']}`;
      return { status: 400, body: { error: said, message: said, errorCode: said, text: said, code: 4, errors: [said], correlationId: said.slice(0, 200) } };
    },
  });
  onTestFinished(() => far.close());
  return far.url;
}

async function writePeers({ folder }: Stage, url: string): Promise<ReadonlySet<string>> {
  const tool = join(folder.path, 'connector', 'sophos_central_api_connector');
  const files: Readonly<Record<string, string>> = {
    'siem/config.ini': `[login]\nclient_id = id\nclient_secret = ${canaries.client}\nauth_url = ${url}\napi_host = ${url}\nendpoint = event\n`,
    'siem/state/siem_sophos.json': JSON.stringify({
      tenants: { '11111111-1111-4111-8111-111111111111': { eventsLastFetched: 'abc', lastRunAt: 1 } },
      account: { id: { jwt: 'canary.jwt.aabbcc' } },
    }),
    'connector/sophos_central_api_connector/config/sophos_config.ini': `[static]\nclient_id = id\nclient_secret = ${canaries.client}\n`,
    'connector/sophos_central_api_connector/config/splunk_config.ini': `[splunk_static]\ntoken = ${canaries.token}\n[splunk_hec]\nsplunk_url = ${url}/services/collector\n`,
    'connector/sophos_central_api_connector/config/intelix_config.ini': `[static]\nclient_id = id\nclient_secret = ${canaries.intelix.replace('%', '%%')}\n`,
    'connector/sophos_central_api_connector/config/sophos_central_api_config.py': `auth_uri = '${url}/api/v2/oauth2/token'\nwhoami_uri = '${url}/whoami/v1'\n`,
    'connector/sophos_central_api_connector/polling/poll_config.json': '{}',
    'connect/sophos.conf': `client_id = id\nclient_secret = ${canaries.client}\n`,
  };
  await mkdir(tool, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder.path, name, '..'), { recursive: true });
    await writeFile(join(folder.path, name), text);
  }
  return new Set(Object.keys(files).map((name) => join(folder.path, name)));
}

async function expectNone(stage: Stage, said: ReadonlyMap<string, string>, sources: ReadonlySet<string>): Promise<void> {
  const texts = new Map([...said].map(([name, text]) => [name, Buffer.from(text)]));
  for (const entry of await readdir(stage.folder.path, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !sources.has(path)) texts.set(path, await readFile(path));
  }
  expect(texts.size).toBeGreaterThan(20);
  for (const [name, canary] of Object.entries({ ...canaries, jwt: 'canary.jwt.aabbcc' }))
    for (const spelling of spellingsOf(canary)) for (const [place, bytes] of texts) expect(bytes.includes(spelling), `${name} in ${place}`).toBe(false);
}

describe('secrets of those who come', () => {
  it('stand in no report, no log, no configuration and no state, when Central, Splunk and Vault repeat all they are given', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 0, alertsPerTenant: 0 });
    for (const name of Object.keys(stage.env)) delete stage.env[name];
    const url = await startEcho(onTestFinished);
    Object.assign(stage.env, {
      SOPHOS_CENTRAL_AUTH_URL: url,
      SOPHOS_CENTRAL_API_URL: url,
      VAULT_ADDR: url,
      VAULT_TOKEN: canaries.vault,
      SOPHOS_CLIENT_ID: 'id',
      SOPHOS_CLIENT_SECRET: canaries.client,
    });
    const sources = new Set(await writePeers(stage, url));
    const said = new Map<string, string>();
    const keep = async (...args: string[]) => {
      const { code, stdout, stderr } = await stage.run(...args);
      said.set(`${said.size} ${args.join(' ')}: stdout`, stdout).set(`${said.size} ${args.join(' ')}: stderr`, stderr);
      expect(stderr, args.join(' ')).not.toContain('internal error');
      return code;
    };
    const peers = { siem: 'siem', 'api-connector': 'connector', 'api-connect': 'connect' };
    let n = 0;
    for (const [peer, folder] of Object.entries(peers)) {
      for (const options of [
        ['--dry-run', '--secrets', 'env'],
        ['--output', 'json', '--secrets', 'keep'],
        ['--log-format', 'json'],
      ]) {
        n++;
        const where = ['--config', `c${n}.yaml`, '--state', `s${n}`, '--log-level', 'trace', '--log-file', `l${n}.log`];
        expect(await keep('import', peer, folder, ...where, ...options)).toBe(0);
      }
    }
    await keep('compat', 'siem', '-c', 'siem/config.ini', '--log-level', 'trace');
    await keep('init', '--from-env', '--log-level', 'trace', '--config', 'init.yaml');
    await stage.configure(`central: { clientId: id, clientSecret: "\${vault:secret/a#k}" }\n`);
    await keep('config', 'check', '--log-level', 'trace');
    await keep('doctor', '--json', '--log-level', 'trace');
    const proxy = `${url.replace('://', `://user:${encodeURIComponent(canaries.proxy)}@`)}`;
    await stage.configure(`central: { clientId: id, clientSecret: "\${env:SOPHOS_CLIENT_SECRET}", proxy: "\${env:PROXY}", ${plentyOfCalls} }
sinks: { splunk: { type: splunk-hec, url: "${url}", token: "\${ini:connector/sophos_central_api_connector/config/splunk_config.ini#splunk_static.token}" } }
routes: [{ from: events, to: splunk }]
`);
    Object.assign(stage.env, { PROXY: proxy });
    for (const args of [
      ['doctor'],
      ['doctor', '--json', '--send'],
      ['config', 'show'],
      ['whoami'],
      ['test-sink', 'splunk'],
      ['run', '--once', '--give-up', '1s'],
    ])
      await keep(...args, '--log-level', 'trace');
    await keep('status', '--json');
    await expectNone(stage, said, sources);
  });
});
