/** `${ini:PATH#section.key}`: a secret that stays in another tool's file. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { iniSecrets } from '../../src/config/secrets/ini.ts';
import { Failure } from '../../src/core/failure.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ini-secrets-'));
  await mkdir(join(folder, 'siem #1'));
  await writeFile(
    join(folder, 'siem #1', 'config.ini'),
    '[DEFAULT]\nregion = eu\n[login]\nclient_id = id-1\nClient_Secret = s3;c#r=e%%t\nempty =\n[a.b]\nc.d = deep\n',
  );
  await writeFile(join(folder, 'sophos.conf'), 'client_id = id-2\nclient_secret = 100%\nx.y = dotted\n');
});
afterAll(() => rm(folder, { recursive: true }));

const signal = new AbortController().signal;
const resolve = async (name: string) => (await iniSecrets(folder).resolve(name, signal)).reveal();

it.each([
  ['siem #1/config.ini#login.client_secret', 's3;c#r=e%t'],
  ['siem #1/config.ini#login.CLIENT_SECRET', 's3;c#r=e%t'],
  ['siem #1/config.ini#login.region', 'eu'],
  ['siem #1/config.ini#a.b.c.d', 'deep'],
  ['sophos.conf#client_secret', '100%'],
  ['sophos.conf#x.y', 'dotted'],
])('`%s` is found', async (name, value) => {
  expect(await resolve(name)).toBe(value);
});

it.each([
  ['siem #1/config.ini#login.client_secert', /section `login` .* has no key `client_secert`/, 'did you mean `login.client_secret`?'],
  ['siem #1/config.ini#login.other', /has no key `other`/, /its keys are `region`, `client_id`/],
  ['siem #1/config.ini#logn.client_id', /has no section `logn`/, 'did you mean `login.client_id`?'],
  ['siem #1/config.ini#client_secret', /has no key `client_secret` outside of sections/, /did you mean `login.client_secret`/],
  ['siem #1/config.ini#wibble.wobble', /has no section `wibble`/, /its sections are `DEFAULT`, `login`, `a.b`/],
  ['siem #1/config.ini#login.empty', /is empty/, /give/],
  ['nowhere.ini#a.b', /^the file `nowhere.ini` does not exist$/, /relative paths/],
  ['.#a.b', /no regular file|cannot be read/, /relative paths/],
  ['sophos.conf', /does not say which value/, /ini:PATH#section\.key/],
  ['#a.b', /does not say which value/, /ini:PATH#section\.key/],
])('`%s` is told with what was probably meant', async (name, message, advice) => {
  const error: unknown = await resolve(name).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Failure);
  expect(error).toMatchObject({ kind: 'config', code: 'secret.missing', message: expect.stringMatching(message), advice: expect.stringMatching(advice) });
});

it('serves a configuration, from the place of its file', async () => {
  const text = 'central:\n  clientId: "${ini:siem #1/config.ini#login.client_id}"\n  clientSecret: "${ini:siem #1/config.ini#login.client_secret}"\n';
  const plan = await loadConfig({ file: join(folder, 'sophos-central.yaml'), text, cwd: tmpdir(), env: {} });
  expect(plan.accounts[0]).toMatchObject({ credentials: { clientId: 'id-1' } });
  expect(JSON.stringify(plan)).not.toContain('s3;c#r');
});
