/** `${azure-kv:VAULT/NAME}`: identities, versions and refusals. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AzureWays, type FarAzure, startAzure } from '../far-ends/azure-vault.ts';
import { openSecretsWorld, type SecretsWorld } from './secrets-world.ts';

const ways = {
  tenantId: 'tenant-1',
  clientId: 'client-1',
  clientSecret: 'azure-hunter2-secret',
  assertion: 'federated-hunter2',
  identityHeader: 'app-hunter2',
};
const client = { AZURE_TENANT_ID: ways.tenantId, AZURE_CLIENT_ID: ways.clientId };
const inEnv = { ...client, AZURE_CLIENT_SECRET: ways.clientSecret };
const one = '${azure-kv:siem-vault/central}';

let world: SecretsWorld;
beforeEach(async () => {
  world = await openSecretsWorld();
});
afterEach(() => world.close());

async function start(more: Partial<AzureWays> = {}): Promise<FarAzure> {
  const far = await startAzure({ ...ways, ...more });
  world.later(far.close);
  far.put('central', 'hunter2-of-azure');
  far.put('central/0123abc', 'hunter2-of-old');
  far.put('pair', '{"id":"i","secret":"s"}');
  return far;
}

const section = (far: FarAzure, more = '') => `secrets: { azure: { authority: "${far.url}", endpoint: "${far.url}"${more} } }`;

describe('a secret of Azure', () => {
  it('is read with one token for all, each of them once', async () => {
    const far = await start();
    const names = [one, '${azure-kv:siem-vault/central/0123abc}', '${azure-kv:siem-vault.vault.azure.net/pair#id}', '${azure-kv:siem-vault/pair#secret}'];
    expect(await world.secrets(names, section(far), inEnv)).toEqual(['hunter2-of-azure', 'hunter2-of-old', 'i', 's']);
    expect(far.requests.map(({ path }) => path).sort()).toEqual([
      '/secrets/central',
      '/secrets/central/0123abc',
      '/secrets/pair',
      '/tenant-1/oauth2/v2.0/token',
    ]);
  });

  it.each<[string, string, (far: FarAzure) => Readonly<Record<string, string>>]>([
    ['a client of the settings', ', tenantId: tenant-1, clientId: client-1, clientSecret: "${env:MINE}"', () => ({ MINE: ways.clientSecret })],
    ['a workload identity', '', () => ({ ...client, AZURE_FEDERATED_TOKEN_FILE: 'federated' })],
    ['the identity of an app', '', ({ url }) => ({ IDENTITY_ENDPOINT: `${url}/msi`, IDENTITY_HEADER: ways.identityHeader })],
    ['the identity of a machine', '', ({ url }) => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: url, HTTP_PROXY: 'http://127.0.0.1:1' })],
  ])('is read as %s', async (_what, more, env) => {
    const far = await start();
    await writeFile(join(world.folder, 'federated'), `${ways.assertion}\n`);
    expect(await world.secrets([one], section(far, more), env(far))).toEqual(['hunter2-of-azure']);
  });
});

describe('what goes wrong with a secret of Azure', () => {
  const mistakes: readonly [what: string, placeholder: string, env: Readonly<Record<string, string>>, told: RegExp][] = [
    [
      'a name that is not there',
      '${azure-kv:siem-vault/nowhere}',
      inEnv,
      /^3:38 .*Azure Key Vault at 127.*asked as the client client-1.*404 SecretNotFound.*check the names/,
    ],
    ['no role', '${azure-kv:siem-vault/denied}', inEnv, /403 ForbiddenByRbac.*role `Key Vault Secrets User`/],
    ['a disabled secret', '${azure-kv:siem-vault/disabled}', inEnv, /SecretDisabled.*enable the secret/],
    ['a value that is no text', '${azure-kv:siem-vault/odd}', inEnv, /answer without a value/],
    ['a wrong secret', one, { ...inEnv, AZURE_CLIENT_SECRET: 'hunter2-wrong' }, /AADSTS7000215: .*\[secret\].*must be the value, not the id/],
    ['a wrong client', one, { ...inEnv, AZURE_CLIENT_ID: 'other' }, /AADSTS700016.*check `clientId` and `tenantId`/],
    ['a wrong tenant', one, { ...inEnv, AZURE_TENANT_ID: 'other' }, /AADSTS90002.*no such directory/],
    ['a tenant that is a path', one, { ...inEnv, AZURE_TENANT_ID: '../x' }, /neither an id nor a domain/],
    ['half an identity', one, { AZURE_CLIENT_SECRET: 'x' }, /`tenantId` and `clientId` of `secrets.azure` is not set/],
    [
      'no identity',
      one,
      { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:1' },
      /there is no identity; looked at .*metadata service.*set AZURE_TENANT_ID/,
    ],
    ['no vault', '${azure-kv:central}', inEnv, /names no secret of Azure/],
    ['a vault that can be none', '${azure-kv:a_b/central}', inEnv, /names no vault of Azure/],
    ['a way out', '${azure-kv:siem-vault/../x}', inEnv, /names no secret/],
  ];

  it.each(mistakes)('is told with its place and a cure: %s', async (_what, placeholder, env, told) => {
    const far = await start();
    far.deny('denied');
    far.disable('disabled');
    far.put('odd', { a: 1 });
    const said = await world.mistake(placeholder, section(far), env);
    expect(said).toMatch(told);
    expect(said).not.toMatch(/hunter2|\p{Cc}/u);
  });

  it('sends its token to no host that is not a vault', async () => {
    const far = await start();
    expect(await world.mistake('${azure-kv:vault.example.org/central}', `secrets: { azure: { authority: "${far.url}" } }`, inEnv)).toMatch(
      /no host of Azure Key Vault.*secrets.azure.endpoint/,
    );
    expect(far.requests).toEqual([]);
  });

  it('is transient when the vault is busy three times', async () => {
    const far = await start();
    far.faults.push({ status: 429, body: '' }, { status: 500, body: '' });
    expect(await world.secrets([one], section(far), inEnv)).toEqual(['hunter2-of-azure']);
    far.faults.push('reset', 'reset', 'reset');
    expect(await world.mistake(one, section(far), inEnv)).toMatch(/^transient secret\.unreachable: /);
  });
});
