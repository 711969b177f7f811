import { clean, expectJson, field, fieldsOf, jsonOf, keyOf, sealed, textField } from './answer.ts';
import { azureToken } from './azure-token.ts';
import { badAnswer, missing, refused, wrongForm } from './failures.ts';
import type { RemoteSource } from './provider.ts';
import type { Ready, SecretSettings, Setting } from './settings.ts';

/** A secret of Azure Key Vault as a placeholder names it. */
interface AzureName {
  readonly host: string;
  readonly name: string;
  readonly version: string | null;
  readonly key: string | null;
}

/** Source: learn.microsoft.com/rest/api/keyvault/secrets/get-secret. */
const apiVersion = '7.4';
const advice = 'write `VAULT/NAME`, or `VAULT/NAME/VERSION`; VAULT is its name, or its host in another cloud';

/** `VAULT/NAME`, with `/VERSION` and `#KEY` if wanted. Throws config `secret.form`. */
function readName(written: string): AzureName {
  const [path = '', ...keys] = written.split('#');
  const [vault = '', name = '', version, ...more] = path.trim().split('/');
  const key = keys.length === 0 ? null : keys.join('#').trim();
  const isHost = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(vault);
  if ((!isHost && !/^[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$/.test(vault)) || more.length > 0) throw wrongForm('this names no vault of Azure', advice);
  if (!/^[A-Za-z0-9-]{1,127}$/.test(name)) throw wrongForm('this names no secret of Azure: it is letters, digits and `-`', advice);
  if (version !== undefined && !/^[0-9A-Za-z]{1,64}$/.test(version)) throw wrongForm('the version is none', advice);
  if (key === '') throw wrongForm('no key stands behind the `#`', 'leave the `#` out for the whole secret');
  return { host: isHost ? vault.toLowerCase() : `${vault.toLowerCase()}.vault.azure.net`, name, version: version ?? null, key };
}

/** Can this be asked for? Throws config `secret.form`. */
export async function checkAzure(name: string, _setting: Setting): Promise<void> {
  readName(name);
}

/** A token must go to no host but a vault's: Azure's clouds, or what the configuration names. */
function baseOf(host: string, { azure }: SecretSettings): string {
  if (azure?.endpoint !== undefined) return azure.endpoint;
  if (/\.vault\.(azure\.net|azure\.cn|usgovcloudapi\.net|microsoftazure\.de)$/.test(host)) return `https://${host}`;
  throw wrongForm(`${host} is no host of Azure Key Vault`, 'for a vault behind another name, set `secrets.azure.endpoint`');
}

/**
 * `${azure-kv:VAULT/NAME}`: a secret of Azure Key Vault.
 *
 * Throws   config when name, identity or role are at fault; transient when it may pass.
 * Calls    one token for all vaults of a cloud; once per secret.
 */
export function azureSecrets(ready: Ready): RemoteSource {
  const { asking, settings } = ready;
  return {
    scheme: 'azure-kv',
    check: (name) => checkAzure(name, ready),
    async resolve(written, signal) {
      const { host, name, version, key } = readName(written);
      const base = baseOf(host, settings);
      const scope = host.replace(/^[^.]+\./, '');
      const { token, identity } = await asking.once(`azure token ${scope}`, () => azureToken(scope, ready, signal), signal);
      const at = `/secrets/${name}${version === null ? '' : `/${version}`}?api-version=${apiVersion}`;
      const what = `the secret \`${name}\` of the vault ${host}`;
      const value = await asking.once(
        `azure:${host} ${at}`,
        async () => {
          const who = `Azure Key Vault at ${new URL(base).host}`;
          const reply = await asking.send(
            { method: 'GET', url: `${base}${at}`, headers: { accept: 'application/json', authorization: `Bearer ${token}` } },
            who,
            signal,
          );
          if (reply.status !== 200) throw refusal(reply.status, jsonOf(reply.body), `${who} (asked as ${identity}) does not give ${what}`, token);
          const found = field(expectJson(reply, who), 'value');
          if (typeof found === 'string') return found;
          throw badAnswer(`${who} gave an answer without a value`, 'check the address, and look for a proxy in between that answers by itself');
        },
        signal,
      );
      return key === null ? sealed(value, what) : keyOf(value, key, what);
    },
  };
}

function refusal(status: number, body: ReturnType<typeof jsonOf>, asked: string, token: string): Error {
  const error = fieldsOf(field(body, 'error'));
  const inner = textField(fieldsOf(field(error, 'innererror')), 'code');
  const code = inner ?? textField(error, 'code');
  const said = [code, textField(error, 'message')].filter((part) => part !== undefined).join(': ');
  const told = `${asked}: ${status}${said === '' ? '' : ` ${clean(said, [token])}`}`;
  if (status === 404) return missing(told, 'check the names of vault and secret, and its version');
  if (code === 'SecretDisabled') return missing(told, 'enable the secret, or name another version');
  if (code === 'ForbiddenByFirewall' || code === 'ForbiddenByConnection')
    return refused(told, 'allow the address of this machine in the network settings of the vault');
  if (status === 403) return refused(told, 'give the identity the role `Key Vault Secrets User` on the vault, or an access policy with `get` for secrets');
  if (status === 401) return refused(told, 'check `tenantId`: the token must come from the tenant of the vault');
  return refused(told, 'check the vault, the identity and the name of the secret');
}
