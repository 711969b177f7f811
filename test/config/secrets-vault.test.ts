/** `${vault:PATH#KEY}`: tokens, logins, versions and every way in which Vault says no. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeCertificates } from '../far-ends/certificates.ts';
import { type FarVault, startVault, type VaultWays } from '../far-ends/vault.ts';
import { openSecretsWorld, type SecretsWorld } from './secrets-world.ts';

const token = 'hvs.hunter2-token';
const one = '${vault:secret/sophos/central#client_secret}';

let world: SecretsWorld;
beforeEach(async () => {
  world = await openSecretsWorld();
});
afterEach(() => world.close());

async function start(more: Partial<VaultWays> = {}): Promise<FarVault> {
  const far = await startVault({ token, ...more });
  world.later(far.close);
  far.put('sophos/central', { client_id: 'id-1', client_secret: 'hunter2-of-vault', port: 8088, empty: '' });
  return far;
}

const section = (far: FarVault, more = '') => `secrets: { vault: { address: "${far.url}/"${more} } }`;

describe('a secret of Vault', () => {
  it('is read once for all its keys, with the token of the environment', async () => {
    const far = await start();
    const names = ['client_id', 'client_secret', 'port'].map((key) => `\${vault:secret/sophos/central#${key}}`);
    expect(await world.secrets(names, '', { VAULT_ADDR: far.url, VAULT_TOKEN: token })).toEqual(['id-1', 'hunter2-of-vault', '8088']);
    expect(far.requests.map(({ path }) => path)).toEqual(['/v1/secret/data/sophos/central']);
  });

  it.each<[string, Partial<VaultWays>, string, Readonly<Record<string, string>>]>([
    ['a token of the settings, itself from a variable', {}, ', token: "${env:MINE}"', { MINE: token, VAULT_TOKEN: 'other' }],
    ['a token file', {}, ', tokenFile: token', {}],
    ['the file that `vault login` leaves', {}, '', {}],
    ['a namespace', { namespace: 'team/a' }, ', token: "${env:MINE}", namespace: team/a', { MINE: token }],
    ['the namespace of the environment', { namespace: 'team/b' }, ', token: "${env:MINE}"', { MINE: token, VAULT_NAMESPACE: 'team/b' }],
    ['an AppRole', { approle: { roleId: 'r', secretId: 's-hunter2' } }, ', approle: { roleId: r, secretId: "${env:MINE}" }', { MINE: 's-hunter2' }],
    ['a Kubernetes role', { kubernetes: { role: 'siem', jwt: 'pod-jwt' } }, ', kubernetes: { role: siem, tokenFile: jwt }', {}],
  ])('is read with %s', async (_what, ways, more, env) => {
    const far = await start(ways);
    await Promise.all([
      writeFile(join(world.folder, 'token'), `${token}\n`),
      writeFile(join(world.folder, '.vault-token'), token),
      writeFile(join(world.folder, 'jwt'), 'pod-jwt'),
    ]);
    expect(await world.secrets([one, '${vault:secret/sophos/central#client_id}'], section(far, more), env)).toEqual(['hunter2-of-vault', 'id-1']);
    expect(far.requests.filter(({ method }) => method === 'POST').length).toBeLessThanOrEqual(1);
  });

  it('is read over TLS with an authority of its own', async () => {
    const { server: tls, authority, remove } = makeCertificates();
    world.later(async () => remove());
    const far = await start({ tls });
    await writeFile(join(world.folder, 'ca.pem'), authority.cert);
    expect(await world.secrets([one], section(far, ', caFile: ca.pem'), { VAULT_TOKEN: token })).toEqual(['hunter2-of-vault']);
    expect(await world.secrets([one], section(far), { VAULT_TOKEN: token, VAULT_CACERT: join(world.folder, 'ca.pem') })).toEqual(['hunter2-of-vault']);
    expect(await world.mistake(one, section(far), { VAULT_TOKEN: token })).toMatch(/^3:38 .*the certificate/);
  });

  it('stands below the mount that the settings name, which may hold slashes', async () => {
    const far = await start();
    far.put('app', { k: 'deep' }, 'team/kv');
    expect(await world.secrets(['${vault:app#k}'], section(far, ', mount: team/kv'), { VAULT_TOKEN: token })).toEqual(['deep']);
    expect(far.requests[0]?.path).toBe('/v1/team/kv/data/app');
  });
});

describe('what goes wrong with a secret of Vault', () => {
  const mistakes: readonly [what: string, placeholder: string, told: RegExp][] = [
    [
      'a path that is not there',
      '${vault:secret/nowhere#k}',
      /^3:38 `\$\{vault:secret\/nowhere#k\}`: Vault at 127.* \(asked with VAULT_TOKEN\).*nothing is there \(404\) \(check mount, path and namespace/,
    ],
    ['a path as the API has it', '${vault:secret/data/sophos/central#k}', /leave out `data\/`/],
    ['a key that is not there', '${vault:secret/sophos/central#client-secret}', /has no key `client-secret` \(did you mean `client_secret`\?\)/],
    ['a key of the prototype', '${vault:secret/sophos/central#constructor}', /has no key `constructor`/],
    ['an empty value', '${vault:secret/sophos/central#empty}', /`empty` .* is empty/],
    ['keys below a key', '${vault:secret/odd#nested}', /holds keys and values, not a text/],
    ['a number that lost digits', '${vault:secret/odd#large}', /too large to be read exactly, not a text \(store it as a text, in quotes\)/],
    ['a policy', '${vault:secret/denied#k}', /403: .*permission denied.*path "secret\/data\/denied" \{ capabilities = \["read"\] \}/],
    ['a deleted version', '${vault:secret/deleted#k}', /newest version \(3\) is deleted \(restore it with `vault kv undelete`/],
    ['a destroyed version', '${vault:secret/destroyed#k}', /is destroyed \(write a new version\)/],
    ['a mount of version 1', '${vault:old/app#k}', /KV version 1, and only version 2 is served/],
    ['no key', '${vault:secret/app}', /no key is named/],
    ['no mount', '${vault:app#k}', /the path names no mount/],
    ['a way out', '${vault:secret/../sys/seal#k}', /no path of a secret/],
  ];

  it.each(mistakes)('is told with its place and a cure: %s', async (_what, placeholder, told) => {
    const far = await start();
    far.put('odd', { nested: { a: 1 }, large: 2 ** 64 });
    far.put('app', { k: 'x' }, 'old');
    far.delete('deleted', 'deleted');
    far.delete('destroyed', 'destroyed');
    far.deny('denied');
    const said = await world.mistake(placeholder, section(far), { VAULT_TOKEN: token });
    expect(said).toMatch(told);
    expect(said).not.toMatch(/hunter2|\p{Cc}/u);
  });

  it('is told when there is no address, no token, a wrong one, or a login is refused', async () => {
    const far = await start();
    expect(await world.mistake(one, '', { VAULT_TOKEN: token })).toMatch(/no address of Vault is known.*VAULT_ADDR/);
    expect(await world.mistake(one, section(far))).toMatch(/there is no token; looked at .*VAULT_TOKEN and ~\/.vault-token/);
    expect(await world.mistake(one, section(far), { VAULT_TOKEN: 'hunter2-wrong' })).toMatch(/403: permission denied; invalid token \[secret\]/);
    const refused = await world.mistake(one, section(far, ', approle: { roleId: rrr, secretId: "${env:MINE}" }'), { MINE: 'hunter2-secret-id' });
    expect(refused).toMatch(/refused the login by approle at `auth\/approle`: 400.*\[secret\] is wrong/);
    expect(refused).not.toContain('hunter2');
    await writeFile(join(world.folder, 'token'), 'not a\ntoken');
    expect(await world.mistake(one, section(far, ', tokenFile: token'))).toMatch(/`token` holds no token/);
    expect(await world.mistake(one, section(far, ', tokenFile: gone'))).toMatch(/`gone` does not exist/);
  });

  it.skipIf(process.getuid?.() === 0)('is told when the token file may not be read', async () => {
    const far = await start();
    await writeFile(join(world.folder, 'token'), token);
    await chmod(join(world.folder, 'token'), 0);
    expect(await world.mistake(one, section(far, ', tokenFile: token'))).toMatch(/cannot be read \(EACCES\)/);
  });

  it('is transient while Vault is sealed or away, after three tries', async () => {
    const far = await start();
    far.faults.push('reset', { status: 429, body: '' });
    expect(await world.secrets([one], section(far), { VAULT_TOKEN: token })).toEqual(['hunter2-of-vault']);
    far.seal();
    expect(await world.mistake(one, section(far), { VAULT_TOKEN: token })).toMatch(
      /^transient secret\.busy: .*sophos-central\.yaml:3:38: .*Vault at 127.* answered 503 \(Vault is sealed\)/,
    );
    expect(far.requests).toHaveLength(6);
    await far.close();
    expect(await world.mistake(one, section(far), { VAULT_TOKEN: token })).toMatch(/^transient secret\.unreachable: /);
  });

  it('is not waited for again for each secret when Vault is away, and said of each', async () => {
    const port = new URL((await start()).url).port;
    await world.close();
    world = await openSecretsWorld();
    const names = Array.from({ length: 30 }, (_, i) => `\${vault:secret/app-${i}#k}`);
    const failure = await world
      .secrets(names, `secrets: { vault: { address: "http://127.0.0.1:${port}" } }`, { VAULT_TOKEN: token })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'secret.unreachable', message: expect.stringContaining('accounts.a0.clientSecret') });
    // Eight at once, three times each.
    expect(world.asked()).toBeLessThanOrEqual(24);
  });

  it('repeats nothing of a login that it was too busy for', async () => {
    const far = await start();
    const busy = (asked: string) => ({ status: 503, body: { errors: [`try later ${asked}`] } });
    far.faults.push(busy(token), busy(token), busy(token));
    const said = await world.mistake(one, section(far), { VAULT_TOKEN: token });
    expect(said).toMatch(/^transient secret\.busy: .*try later \[secret\]/);
  });

  it('is a mistake before it is transient, when there is one besides', async () => {
    const far = await start();
    far.seal();
    const text = `${section(far)}\nstreems: {}\ncentral: { clientId: a, clientSecret: "${one}" }\n`;
    await expect(world.load(text, { VAULT_TOKEN: token })).rejects.toMatchObject({
      kind: 'config',
      problems: [{ line: 2 }, { line: 3, message: expect.stringContaining('503') }],
    });
  });

  it.each([
    ['a page', { status: 200, body: '<html>' }],
    ['no data', { status: 200, body: { data: null } }],
    ['a list', { status: 200, body: '[1]' }],
    ['a prototype', { status: 200, body: '{"__proto__":{"data":{"data":{"client_secret":"hunter2"}}}}' }],
    ['something of KV 1', { status: 200, body: { data: { client_secret: 'hunter2' } } }],
    ['far too much', { status: 200, body: 'x'.repeat(3_000_000) }],
    ['a redirect', { status: 307, headers: { location: 'https://active.example:8200/v1/secret/data/x' } }],
    ['an error that is hostile', { status: 400, body: { errors: ['\u001b[2J\r\nerror: forged', 7] } }],
  ])('is told when Vault says %s', async (_what, answer) => {
    const far = await start();
    far.faults.push(answer);
    const said = await world.mistake(one, section(far), { VAULT_TOKEN: token });
    expect(said).toMatch(/^3:38 /);
    expect(said).not.toMatch(/hunter2|\p{Cc}/u);
  });

  it('ends at once on abort, also between two tries', async () => {
    const far = await start();
    const stop = new AbortController();
    far.faults.push('hang');
    const reading = world.load(`${section(far)}\ncentral: { clientId: a, clientSecret: "${one}" }\n`, { VAULT_TOKEN: token }, {}, stop.signal);
    await vi.waitFor(() => expect(far.requests).toHaveLength(1));
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });
});
