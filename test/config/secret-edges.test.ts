/** Secrets at the edges: what a pipe of a file's name, a child process, a log and a broken file of settings get to see of them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readIni } from '../../src/config/ini.ts';
import { loadConfig } from '../../src/config/load.ts';
import { fileSecrets } from '../../src/config/secrets/file.ts';
import { openKeyring } from '../../src/config/secrets/keyring.ts';

const { signal } = new AbortController();

function folderFor(onTestFinished: (end: () => void) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'edges-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('secrets', () => {
  it.skipIf(process.platform === 'win32')('are not waited for at a pipe that nobody writes to', async ({ onTestFinished }) => {
    const folder = folderFor(onTestFinished);
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(fileSecrets(folder).resolve('pipe', signal)).rejects.toMatchObject({ code: 'secret.missing', message: 'the file `pipe` is no regular file' });
  });

  it('of the environment are not handed to the process that talks to the key store', async ({ onTestFinished }) => {
    const folder = folderFor(onTestFinished);
    const library = join(folder, 'node_modules', '@napi-rs', 'keyring');
    mkdirSync(library, { recursive: true });
    writeFileSync(join(library, 'index.js'), 'exports.Entry = class { getPassword() { return JSON.stringify(process.env); } };');
    const env = {
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere',
      XDG_RUNTIME_DIR: '/run/user/1',
      HOME: '/home/x',
      LC_ALL: 'C.UTF-8',
      SOPHOS_CLIENT_SECRET: 'canary-1',
      AWS_SECRET_ACCESS_KEY: 'canary-2',
      VAULT_TOKEN: 'canary-3',
      SOPHOS_CENTRAL_IMPORTED_0: 'canary-4',
      https_proxy: 'http://user:canary-5@proxy',
      NODE_OPTIONS: '--title=canary-6',
      DATABASE_URL: 'canary-7',
    };
    const keyring = openKeyring({ env, timeoutMs: 60_000, from: pathToFileURL(join(folder, 'x.js')) });
    const seen = (await keyring.get({ service: 's', account: 'a' }, signal))?.reveal() ?? '';
    expect(seen).not.toContain('canary');
    const passed: unknown = JSON.parse(seen);
    expect(passed).toMatchObject({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere', XDG_RUNTIME_DIR: '/run/user/1', HOME: '/home/x', LC_ALL: 'C.UTF-8' });
  });

  it('in the URL of a proxy are told to the log, and what stands for one that is not there is not', async () => {
    const told: string[] = [];
    const text = `central: { clientId: id, clientSecret: "\${env:ABSENT}", proxy: "http://user:\${env:PROXY}@host:1" }
sinks: { web: { type: http, url: "https://host/", bearer: "bearer-canary" } }
`;
    const conceal = (secrets: Iterable<string>) => void told.push(...secrets);
    const loading = loadConfig({ file: '/nowhere/c.yaml', text, cwd: '/', env: { PROXY: 'pass%2Fword' }, conceal }, signal);
    await expect(loading).rejects.toMatchObject({ code: 'config.invalid' });
    expect(told).toEqual(expect.arrayContaining(['pass%2Fword', 'pass/word', 'bearer-canary']));
    expect(told.join(' ')).not.toContain('${env:ABSENT}');
  });

  it('that were broken into two lines do not come out as the name of a key', () => {
    const broken = 'c2Vjb25kTGluZU9mQVNlY3JldA';
    const { problems } = readIni(
      `[login]\nclient_secret = abc\n${broken}==\n${broken}==\n${broken}: 1\n${broken}: 2\n[${broken}=]\n[${broken}=]\nshort_key = 1\nshort_key = 2\n`,
    );
    expect(problems.map(({ message }) => message).join('\n')).toMatch(/\(not shown\)/);
    expect(problems.map(({ message }) => message).join('\n')).toContain('`short_key`');
    expect(JSON.stringify(problems).toLowerCase()).not.toContain(broken.toLowerCase());
  });
});
