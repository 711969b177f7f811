/** Microsoft Entra, a managed identity and an Azure Key Vault on one loopback address. */
import { type Answer, type Asked, type Misbehaving, startMisbehaving } from './misbehaving.ts';

export interface AzureWays {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** A workload identity's token. */
  readonly assertion?: string;
  /** What App Service gives to its own. */
  readonly identityHeader?: string;
}

export interface FarAzure extends Misbehaving {
  put(name: string, value: unknown): void;
  deny(name: string): void;
  disable(name: string): void;
}

const no = (status: number, code: string, message: string, inner?: string): Answer => ({
  status,
  body: { error: { code, message, ...(inner === undefined ? {} : { innererror: { code: inner } }) } },
});
const noToken = (code: string, said: string): Answer => ({
  status: 401,
  body: { error: 'invalid_client', error_description: `${code}: ${said}\r\nTrace ID: 00000000\r\nCorrelation ID: 1`, error_codes: [Number(code.slice(6))] },
});

export async function startAzure(ways: AzureWays): Promise<FarAzure> {
  const secrets = new Map<string, unknown>();
  const denied = new Set<string>();
  const disabled = new Set<string>();
  const token = 'azure-hunter2-token';
  const given = { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: 3599 } };

  function giveToken(asked: Asked): Answer {
    const form = new URLSearchParams(asked.body);
    if (asked.path !== `/${ways.tenantId}/oauth2/v2.0/token`) return noToken('AADSTS90002', 'Tenant not found.');
    if (form.get('scope') !== 'https://vault.azure.net/.default' || form.get('grant_type') !== 'client_credentials')
      return noToken('AADSTS70011', 'The scope is not valid.');
    if (form.get('client_id') !== ways.clientId) return noToken('AADSTS700016', 'Application was not found in the directory.');
    const isKnown = ways.clientSecret !== undefined && form.get('client_secret') === ways.clientSecret;
    const isTrusted =
      ways.assertion !== undefined && form.get('client_assertion') === ways.assertion && form.get('client_assertion_type')?.endsWith(':jwt-bearer') === true;
    // It repeats what it was given, as nobody should.
    return isKnown || isTrusted
      ? given
      : noToken('AADSTS7000215', `Invalid client secret provided: ${form.get('client_secret') ?? form.get('client_assertion')}`);
  }

  function take(asked: Asked): Answer {
    const { path, query, headers } = asked;
    if (path.endsWith('/oauth2/v2.0/token')) return giveToken(asked);
    if (path === '/msi')
      return headers['x-identity-header'] === ways.identityHeader && query.get('resource') === 'https://vault.azure.net' ? given : { status: 401, body: {} };
    if (path === '/metadata/identity/oauth2/token')
      return headers.metadata === 'true' && query.get('resource') === 'https://vault.azure.net'
        ? given
        : { status: 400, body: { error: 'invalid_request', error_description: 'Identity not found' } };
    if (headers.authorization !== `Bearer ${token}`) return no(401, 'Unauthorized', `AKV10032: Invalid issuer in ${headers.authorization}`);
    const [, root, name = '', version = ''] = path.split('/');
    if (root !== 'secrets' || query.get('api-version') === null) return no(400, 'BadParameter', 'what?');
    if (denied.has(name)) return no(403, 'Forbidden', 'Caller is not authorized to perform action on resource.', 'ForbiddenByRbac');
    if (disabled.has(name)) return no(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', 'SecretDisabled');
    const value = secrets.get(version === '' ? name : `${name}/${version}`);
    return value === undefined
      ? no(404, 'SecretNotFound', `A secret with (name/id) ${name} was not found in this key vault.`)
      : { status: 200, body: { value, id: `https://v/secrets/${name}` } };
  }

  const far = await startMisbehaving({ bringsRecords: ({ path }) => path.startsWith('/secrets'), take });
  return { ...far, put: (name, value) => void secrets.set(name, value), deny: (name) => void denied.add(name), disable: (name) => void disabled.add(name) };
}
