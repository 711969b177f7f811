import type { HttpReply } from '../../core/world.ts';
import { clean, expectJson, type Fields, field, fieldsOf, jsonOf, pick } from './answer.ts';
import { badAnswer, missing, refused, wrongForm } from './failures.ts';
import type { RemoteSource } from './provider.ts';
import { type Ready, type Setting, variable } from './settings.ts';
import { loginOf, type VaultLink, vaultWords } from './vault-login.ts';

/** A secret of Vault as a placeholder names it. */
interface VaultName {
  readonly mount: string;
  readonly path: string;
  readonly key: string;
}

/** `PATH#KEY`; the first part of PATH is the mount, unless the configuration names one. Throws config `secret.form`. */
function readName(name: string, setting: string | undefined): VaultName {
  const hash = name.lastIndexOf('#');
  const key = hash < 0 ? '' : name.slice(hash + 1).trim();
  if (key === '') throw wrongForm('no key is named', 'write `PATH#KEY`: a secret of Vault is a map of keys and values');
  const parts = name
    .slice(0, hash)
    .trim()
    .replace(/^\/+|\/+$/g, '')
    .split('/');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a path in a URL must hold none
  if (parts.some((part) => part === '' || part === '.' || part === '..' || /[\u0000-\u001f\u007f]/.test(part)))
    throw wrongForm('this is no path of a secret', 'write `mount/path#key`, such as `secret/sophos#client_secret`');
  if (setting !== undefined) return { mount: setting.replace(/^\/+|\/+$/g, ''), path: parts.join('/'), key };
  const [mount = '', ...rest] = parts;
  if (rest.length === 0) throw wrongForm('the path names no mount', 'write `mount/path#key`, or set `secrets.vault.mount`');
  return { mount, path: rest.join('/'), key };
}

function addressOf({ settings, env }: Setting): string {
  const address = settings.vault?.address ?? variable(env, 'VAULT_ADDR');
  if (address === undefined) throw wrongForm('no address of Vault is known', 'add `secrets: { vault: { address: https://vault:8200 } }`, or set VAULT_ADDR');
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) throw wrongForm('VAULT_ADDR is no URL', 'write it as `https://vault:8200`');
  return address.replace(/\/+$/, '');
}

/** Can this be asked for, and whom? Throws config `secret.form`. */
export async function checkVault(name: string, setting: Setting): Promise<void> {
  readName(name, setting.settings.vault?.mount);
  addressOf(setting);
}

/**
 * `${vault:PATH#KEY}`: one key of a secret in HashiCorp Vault or OpenBao, KV version 2.
 *
 * Throws   config when path, token or policy are at fault; transient when it may pass (sealed, standby, overload, network).
 * Calls    once per secret for all its keys; one login for all secrets.
 * Source   developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2, "Read secret version".
 */
export function vaultSecrets(ready: Ready): RemoteSource {
  const { asking } = ready;
  return {
    scheme: 'vault',
    check: (name) => checkVault(name, ready),
    async resolve(written, signal) {
      const address = addressOf(ready);
      const { mount, path, key } = readName(written, ready.settings.vault?.mount);
      const link = await asking.once('vault login', () => loginOf(address, ready, signal), signal);
      const data = await asking.once(`vault ${mount} ${path}`, () => readSecret(link, mount, path, signal), signal);
      return pick(data, key, `the secret \`${clean(path)}\` in the mount \`${clean(mount)}\` of ${link.who}`);
    },
  };
}

async function readSecret(link: VaultLink, mount: string, path: string, signal: AbortSignal): Promise<Fields> {
  const reply = await link.get(`${encoded(mount)}/data/${encoded(path)}`, signal);
  const what = `the secret \`${clean(path)}\` in the mount \`${clean(mount)}\``;
  const asked = `${link.who} (asked with ${link.identity}) does not give ${what}`;
  if (reply.status === 404) throw await notThere(link, mount, path, reply, asked, signal);
  if (reply.status !== 200) throw refusal(reply, mount, path, asked, link);
  const data = fieldsOf(field(expectJson(reply, link.who), 'data'));
  const inner = fieldsOf(field(data, 'data'));
  if (inner) return inner;
  if (data && field(data, 'metadata') === undefined)
    throw missing(
      `${asked}: the mount is of KV version 1, and only version 2 is served`,
      'upgrade it with `vault kv enable-versioning`, or name another mount',
    );
  if (data) throw deleted(data, asked);
  throw badAnswer(`${link.who} gave an answer that is none of a KV mount`, 'check the address and the mount');
}

function deleted(data: Fields, asked: string): Error {
  const metadata = fieldsOf(field(data, 'metadata'));
  const version = field(metadata, 'version');
  const how = field(metadata, 'destroyed') === true ? 'destroyed' : 'deleted';
  return missing(
    `${asked}: its newest version${typeof version === 'number' ? ` (${version})` : ''} is ${how}`,
    how === 'deleted' ? 'restore it with `vault kv undelete`, or write a new version' : 'write a new version',
  );
}

async function notThere(link: VaultLink, mount: string, path: string, reply: HttpReply, asked: string, signal: AbortSignal): Promise<Error> {
  const data = fieldsOf(field(jsonOf(reply.body), 'data'));
  if (data && fieldsOf(field(data, 'metadata'))) return deleted(data, asked);
  // Any token that may see something in a mount may ask this; a mount of version 1 answers 404 to every path of version 2.
  const about = await link.get(`sys/internal/ui/mounts/${encoded(mount)}`, signal);
  const told = about.status === 200 ? fieldsOf(field(jsonOf(about.body), 'data')) : null;
  const version = field(fieldsOf(field(told, 'options')), 'version');
  if (told && field(told, 'type') === 'kv' && version !== '2')
    return missing(
      `${asked}: the mount is of KV version 1, and only version 2 is served`,
      'upgrade it with `vault kv enable-versioning`, or name another mount',
    );
  const hint = path.startsWith('data/')
    ? 'leave out `data/`: the path is as `vault kv get` takes it'
    : 'check mount, path and namespace; the mount is the first part of the path, unless `secrets.vault.mount` names it';
  return missing(`${asked}: nothing is there (404)`, hint);
}

function refusal(reply: HttpReply, mount: string, path: string, asked: string, link: VaultLink): Error {
  const { status, headers } = reply;
  const said = vaultWords(reply, link.secrets);
  if (status >= 300 && status < 400) {
    const to = URL.canParse(headers.location ?? '') ? new URL(headers.location ?? '').host : 'somewhere';
    return refused(`${asked}: it points to ${clean(to)} (${status})`, 'set the address to the active server, or to the load balancer in front of all');
  }
  if (status === 401 || status === 403)
    return refused(
      `${asked}: ${status}${said}`,
      `give the token's policy \`path "${clean(mount)}/data/${clean(path)}" { capabilities = ["read"] }\`; check whether the token has expired, and the namespace`,
    );
  return refused(`${asked}: ${status}${said}`, 'check address, namespace, mount and path');
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
