/** How placeholders are resolved: in two rounds, each once, several at a time, and not at all where nobody may be asked. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/json-schema.ts';
import { loadConfig } from '../../src/config/load.ts';
import { showConfig } from '../../src/config/show.ts';
import { type } from '../cli/terminal.ts';
import { startVault } from '../far-ends/vault.ts';
import { registers } from './kinds.ts';
import { openSecretsWorld, type SecretsWorld } from './secrets-world.ts';

const token = 'hvs.hunter2-token';
let world: SecretsWorld;
beforeEach(async () => {
  world = await openSecretsWorld();
});
afterEach(() => world.close());

async function vault() {
  const far = await startVault({ token });
  world.later(far.close);
  return far;
}

describe('a placeholder', () => {
  it('in `secrets` is replaced first, so that the others can be asked for with it', async () => {
    const far = await vault();
    far.put('app', { k: 'found', mount: 'secret' });
    await mkdir(join(world.folder, 'creds'));
    await writeFile(join(world.folder, 'creds', 'vault-token'), `${token}\n`);
    const section = 'secrets: { vault: { address: "${env:WHERE}", token: "${systemd:vault-token}" } }';
    expect(await world.secrets(['${vault:secret/app#k}'], section, { WHERE: far.url, CREDENTIALS_DIRECTORY: join(world.folder, 'creds') })).toEqual(['found']);
  });

  it('is told alone when `secrets` itself cannot be replaced: nobody is asked with half of the settings', async () => {
    const far = await vault();
    const text = `secrets: { vault: { address: "${far.url}", token: "\${env:NOWHERE}" } }\ncentral: { clientId: a, clientSecret: "\${vault:secret/app#k}" }\n`;
    await expect(world.load(text, { VAULT_TOKEN: token })).rejects.toMatchObject({ problems: [{ line: 1, path: 'secrets.vault.token' }] });
    expect(far.requests).toEqual([]);
  });

  it('is asked for once, however often it stands there; at most eight are under way; mistakes come in the order of the file', async () => {
    const far = await vault();
    for (let i = 0; i < 40; i++) far.put(`app-${i}`, { k: `value-${i}` });
    const names = Array.from({ length: 40 }, (_, i) => `\${vault:secret/app-${i}#k}`);
    const found = await world.secrets([...names, ...names], `secrets: { vault: { address: "${far.url}" } }`, { VAULT_TOKEN: token });
    expect(found.slice(0, 40)).toEqual(found.slice(40));
    expect(found.slice(38, 40)).toEqual(['value-38', 'value-39']);
    expect(far.requests).toHaveLength(40);
    expect(world.most()).toBe(8);
    const wrong = [3, 1, 2].map((i) => `\${vault:secret/gone-${i}#k}`);
    await expect(world.secrets([...wrong, ...names], `secrets: { vault: { address: "${far.url}" } }`, { VAULT_TOKEN: token })).rejects.toMatchObject({
      problems: [3, 1, 2].map((i) => ({ message: expect.stringContaining(`gone-${i}`) })),
    });
  });

  it('may stand within a text, several times, beside `$${`', async () => {
    const far = await vault();
    far.put('app', { a: 'x$&y', b: '${env:HOME}' });
    const text = '[${vault:secret/app#a}|$${vault:no}|${vault:secret/app#b}]';
    expect(await world.secrets([text], `secrets: { vault: { address: "${far.url}" } }`, { VAULT_TOKEN: token })).toEqual(['[x$&y|${vault:no}|${env:HOME}]']);
    expect(far.requests).toHaveLength(1);
  });
});

describe('`${systemd:}`', () => {
  const read = (name: string, env: Readonly<Record<string, string>>) => world.mistake(`\${systemd:${name}}`, '', env);

  it('is a file of the service, without its last line break', async () => {
    await writeFile(join(world.folder, 'central'), 'from systemd\n');
    expect(await world.secrets(['${systemd:central}'], '', { CREDENTIALS_DIRECTORY: world.folder })).toEqual(['from systemd']);
  });

  it('says what is wrong', async () => {
    const env = { CREDENTIALS_DIRECTORY: world.folder };
    await writeFile(join(world.folder, 'empty'), '\n');
    await writeFile(join(world.folder, 'large'), 'x'.repeat(70_000));
    await writeFile(join(world.folder, 'bytes'), new Uint8Array([0xff, 0xfe]));
    await mkdir(join(world.folder, 'folder'));
    expect(await read('central', {})).toMatch(/CREDENTIALS_DIRECTORY is not set.*LoadCredential=central:/);
    expect(await read('gone', env)).toMatch(/`gone` of systemd does not exist \(add `LoadCredential=gone:/);
    expect(await read('empty', env)).toMatch(/is empty/);
    expect(await read('large', env)).toMatch(/larger than 65536 bytes/);
    expect(await read('bytes', env)).toMatch(/is not UTF-8 text/);
    expect(await read('folder', env)).toMatch(/is no regular file/);
    for (const name of ['../x', 'a/b', '..', '/etc/passwd']) expect(await read(name, env)).toMatch(/is no name of a credential/);
  });
});

const offline = `
secrets: { aws: { region: eu-central-1 }, vault: { address: "http://127.0.0.1:1", token: plain-hunter2, tokenFile: t }, azure: { clientSecret: "\${env:S}" } }
central: { clientId: "\${vault:secret/app#id}", clientSecret: "\${aws-secret:a#b}", authUrl: "\${vault:secret/app#url}", rateLimits: { second: 3 } }
sinks: { out: { type: "\${vault:secret/app#type}" }, log: { type: stdout } }
routes: [{ from: "*", to: log, format: "\${vault:secret/app#format}" }, { from: events, to: log, name: second }]
journal: { keep: "\${gcp-secret:keep}", maxSize: 5GB, minFree: "\${systemd:free}" }
log: { file: "\${azure-kv:vault/log}", level: "\${vault:secret/app#level}" }
`;

describe('without a world', () => {
  it('nobody is asked, and what is not known is neither missing nor wrong', async () => {
    const { shown, ...plan } = await world.load(offline, { S: 'azure-hunter2' }, { world: undefined } as never);
    expect(plan.accounts).toMatchObject([{ name: 'central', authUrl: null, rateLimits: { second: 3 } }]);
    expect(plan).toMatchObject({ journal: { keepMs: 86_400_000, maxBytes: 5e9 }, log: { level: 'info', file: null } });
    expect(plan.plainSecrets).toEqual(['secrets.vault.token']);
    expect(plan.routes.map(({ name }) => name)).toEqual(['second']);
    const text = showConfig({ shown } as never);
    expect(text).toContain('region: eu-central-1');
    expect(text).toContain('tokenFile: t');
    expect(text).not.toContain('hunter2');
  });

  it.each([
    ['clientSecret: "${aws-secret:x#}"', 'no key stands behind'],
    ['clientSecret: "${vault:x}"', 'no key is named'],
    ['clientSecret: "${vaul:x}"', 'is unknown'],
    ['clientSecret: "${systemd:../x}"', 'no name of a credential'],
    ['clientSecret: "${env:NOPE}"', 'is not set'],
    ['clientSecret: b, authUrl: "${azure-kv:xyz}"', 'names no secret'],
  ])('the form of each is checked all the same: %s', async (written, told) => {
    const text = `secrets: { aws: { region: eu-central-1 }, vault: { address: "https://v" } }\ncentral: { clientId: a, ${written} }\n`;
    await expect(world.load(text, {}, { world: undefined } as never)).rejects.toMatchObject({
      problems: [{ line: 2, message: expect.stringContaining(told) }],
    });
  });

  it('is how `config check` and `config show` read: they need no network', async () => {
    const text = 'secrets: { vault: { address: "http://127.0.0.1:1", token: t } }\ncentral: { siemToken: "${vault:secret/app#token}" }\n';
    await writeFile(join(world.folder, 'sophos-central.yaml'), text, { mode: 0o600 });
    const check = await type(['config', 'check'], { cwd: world.folder });
    expect([check.code, check.err]).toEqual([0, '']);
    expect(check.out).toContain('is in order: 1 account');
    const show = await type(['config', 'show'], { cwd: world.folder });
    expect(show).toMatchObject({ code: 0, out: expect.stringContaining('siemToken: "[secret]"') });
    const whoami = await type(['whoami'], {
      cwd: world.folder,
      world: {
        clock: {
          now: Date.now,
          monotonic: () => 0,
          sleep: async (ms, signal) => void (ms > 4000 && (await new Promise((_, no) => signal.addEventListener('abort', no)))),
        },
      },
    });
    expect(whoami.code).toBe(1);
    expect(whoami.err).toMatch(/^error: .*sophos-central\.yaml:2:\d+: central\.siemToken: .*Vault at 127\.0\.0\.1:1 could not be asked/);
  });
});

it('is in the JSON Schema, with a description of every key', () => {
  const undescribed = (node: unknown, at: string): string[] => {
    const { properties = {}, description } = node as { properties?: Readonly<Record<string, unknown>>; description?: string };
    return [...(description ? [] : [at]), ...Object.entries(properties).flatMap(([key, value]) => undescribed(value, `${at}.${key}`))];
  };
  const { properties } = configSchema(registers) as { properties: { secrets: unknown } };
  expect(undescribed(properties.secrets, 'secrets')).toEqual([]);
});

it('keeps a file without the section as it was', async () => {
  await writeFile(join(world.folder, 'sophos-central.yaml'), 'central: { clientId: a, clientSecret: "${env:S}" }\n');
  const plan = await loadConfig({ cwd: world.folder, env: { S: 'x' }, registers });
  expect(plan.accounts).toHaveLength(1);
  expect(showConfig(plan)).not.toContain('secrets:');
});
