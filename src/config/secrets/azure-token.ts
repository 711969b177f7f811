/** Tokens of Microsoft Entra for a Key Vault: a client with a secret, a workload identity, a managed identity. */
import path from 'node:path';
import type { HttpReply } from '../../core/world.ts';
import { clean, expectJson, jsonOf, textField } from './answer.ts';
import { badAnswer, noIdentity, refused } from './failures.ts';
import { readSecretFile } from './secret-file.ts';
import { type Ready, variable } from './settings.ts';

export interface AzureToken {
  readonly token: string;
  /** As whom, in words. */
  readonly identity: string;
}

/** Key Vault's domain -> who gives tokens for it; learn.microsoft.com, "Authentication with national clouds". */
const authorities: Readonly<Record<string, string>> = {
  'vault.usgovcloudapi.net': 'https://login.microsoftonline.us',
  'vault.azure.cn': 'https://login.chinacloudapi.cn',
};

const sources = 'set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run with a workload identity or a managed identity';

/**
 * Asks for a token, as the first of: the configuration's client, the environment's client, a workload identity, a managed identity.
 *
 * Throws   config `secret.no-identity` when there is none, `secret.refused` when Entra says no.
 */
export async function azureToken(domain: string, ready: Ready, signal: AbortSignal): Promise<AzureToken> {
  const { settings, env, folder } = ready;
  const tenantId = settings.azure?.tenantId ?? variable(env, 'AZURE_TENANT_ID');
  const clientId = settings.azure?.clientId ?? variable(env, 'AZURE_CLIENT_ID');
  const secret = settings.azure?.clientSecret?.reveal() ?? variable(env, 'AZURE_CLIENT_SECRET');
  const federated = variable(env, 'AZURE_FEDERATED_TOKEN_FILE');
  if (secret !== undefined || federated !== undefined) {
    const lacking = [tenantId === undefined ? '`tenantId`' : '', clientId === undefined ? '`clientId`' : ''].filter((each) => each !== '');
    if (tenantId === undefined || clientId === undefined)
      throw noIdentity(`Azure cannot be asked: ${lacking.join(' and ')} of \`secrets.azure\` is not set`, sources);
    if (!/^[A-Za-z0-9.-]+$/.test(tenantId))
      throw noIdentity('Azure cannot be asked: the tenant is neither an id nor a domain', 'copy the id of the directory from the portal');
    if (secret !== undefined) return byClient(ready, domain, tenantId, { client_id: clientId, client_secret: secret }, `the client ${clean(clientId)}`, signal);
    const assertion = await readSecretFile(
      path.resolve(folder, federated ?? ''),
      'the file of AZURE_FEDERATED_TOKEN_FILE',
      'check the workload identity of the pod',
    );
    const form = { client_id: clientId, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion.trim() };
    return byClient(ready, domain, tenantId, form, `the workload identity ${clean(clientId)}`, signal);
  }
  return byManaged(ready, domain, clientId, signal);
}

async function byClient(
  ready: Ready,
  domain: string,
  tenantId: string,
  form: Readonly<Record<string, string>>,
  identity: string,
  signal: AbortSignal,
): Promise<AzureToken> {
  const authority = settingAuthority(ready) ?? authorities[domain] ?? 'https://login.microsoftonline.com';
  const who = `Microsoft Entra at ${new URL(authority).host}`;
  const body = new URLSearchParams({ ...form, grant_type: 'client_credentials', scope: `https://${domain}/.default` }).toString();
  const url = `${authority}/${tenantId}/oauth2/v2.0/token`;
  const reply = await ready.asking.send(
    { method: 'POST', url, headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' }, body },
    who,
    signal,
  );
  if (reply.status !== 200) throw refusal(reply, `${who} gives no token to ${identity}`, Object.values(form));
  return { token: tokenIn(reply, who), identity };
}

function settingAuthority({ settings, env }: Ready): string | undefined {
  const given = settings.azure?.authority ?? variable(env, 'AZURE_AUTHORITY_HOST')?.replace(/\/+$/, '');
  if (given === undefined || (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol))) return given;
  throw noIdentity('AZURE_AUTHORITY_HOST is no URL', 'write it as `https://login.microsoftonline.com`');
}

function refusal(reply: HttpReply, told: string, secrets: readonly string[]): Error {
  const said = textField(jsonOf(reply.body), 'error_description') ?? textField(jsonOf(reply.body), 'error') ?? '';
  const [code] = /AADSTS\d+/.exec(said) ?? [];
  // Entra adds trace ids and times, each on a line of its own.
  const message = `${told}: ${reply.status}${said === '' ? '' : ` ${clean(said.split(/[\r\n]/)[0] ?? '', secrets)}`}`;
  const advices: Readonly<Record<string, string>> = {
    AADSTS7000215: 'check the client secret: it must be the value, not the id of the secret',
    AADSTS7000222: 'make a new client secret: this one has expired',
    AADSTS700016: 'check `clientId` and `tenantId`: the application is not in this directory',
    AADSTS90002: 'check `tenantId`: there is no such directory',
    AADSTS900023: 'check `tenantId`: there is no such directory',
  };
  return refused(message, (code === undefined ? undefined : advices[code]) ?? 'check `tenantId`, `clientId` and the secret or federation of the application');
}

/** App Service and its kin name an endpoint; machines have the one of their network; learn.microsoft.com, "How to use managed identities". */
async function byManaged(ready: Ready, domain: string, clientId: string | undefined, signal: AbortSignal): Promise<AzureToken> {
  const { env } = ready;
  const [endpoint, header] = [variable(env, 'IDENTITY_ENDPOINT'), variable(env, 'IDENTITY_HEADER')];
  const isApp = endpoint !== undefined && header !== undefined;
  const base = isApp
    ? endpoint
    : `${variable(env, 'AZURE_POD_IDENTITY_AUTHORITY_HOST')?.replace(/\/+$/, '') ?? 'http://169.254.169.254'}/metadata/identity/oauth2/token`;
  if (!URL.canParse(base)) throw noIdentity('IDENTITY_ENDPOINT is no URL', sources);
  const url = new URL(base);
  url.searchParams.set('api-version', isApp ? '2019-08-01' : '2018-02-01');
  url.searchParams.set('resource', `https://${domain}`);
  if (clientId !== undefined) url.searchParams.set('client_id', clientId);
  const who = `the managed identity at ${url.host}`;
  const headers = { accept: 'application/json', ...(isApp ? { 'x-identity-header': header } : { metadata: 'true' }) };
  // No proxy leads to an address that only this machine has.
  const reply = await ready.asking.send({ method: 'GET', url: url.href, headers, via: { proxy: null } }, who, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    if (isApp || !isNobody(error)) throw error;
    throw noIdentity(
      'Azure cannot be asked, as there is no identity; looked at `secrets.azure`, AZURE_CLIENT_SECRET, AZURE_FEDERATED_TOKEN_FILE, IDENTITY_ENDPOINT and the metadata service of the machine',
      sources,
      error,
    );
  });
  if (reply.status !== 200) throw refusal(reply, `${who} gives no token`, [header ?? '']);
  return { token: tokenIn(reply, who), identity: clientId === undefined ? 'the managed identity' : `the managed identity ${clean(clientId)}` };
}

function isNobody(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'secret.unreachable';
}

function tokenIn(reply: HttpReply, who: string): string {
  const token = textField(expectJson(reply, who), 'access_token');
  if (token !== undefined && /^[\x21-\x7e]+$/.test(token)) return token;
  throw badAnswer(`${who} answered without a token`, 'check the address of the token service');
}
