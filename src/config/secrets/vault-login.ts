/** Who we are for Vault: a token, or a login that gives one. */
import { homedir } from 'node:os';
import path from 'node:path';
import type { HttpReply, Via } from '../../core/world.ts';
import { clean, expectJson, field, fieldsOf, jsonOf, textField } from './answer.ts';
import { badAnswer, noIdentity, refused } from './failures.ts';
import { readSecretFile } from './secret-file.ts';
import { type Ready, variable } from './settings.ts';

/** A way to Vault, with a token. */
export interface VaultLink {
  /** For messages: `Vault at HOST`. */
  readonly who: string;
  /** As whom, in words. */
  readonly identity: string;
  readonly secrets: readonly string[];
  /** `path` is what stands behind `/v1/`. */
  get(path: string, signal: AbortSignal): Promise<HttpReply>;
}

/** Where Kubernetes puts the token of a pod's account. */
const podToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

interface Identity {
  readonly token: string;
  readonly from: string;
}

/**
 * Finds the token: the configuration's own ways first, then VAULT_TOKEN, then `~/.vault-token`.
 *
 * Throws   config `secret.no-identity` when there is none, `secret.refused` when a login is refused.
 */
export async function loginOf(address: string, ready: Ready, signal: AbortSignal): Promise<VaultLink> {
  const who = `Vault at ${new URL(address).host}`;
  const via = await viaOf(ready);
  const namespace = ready.settings.vault?.namespace ?? variable(ready.env, 'VAULT_NAMESPACE');
  const headers = { accept: 'application/json', 'x-vault-request': 'true', ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }) };
  const send = (method: string, at: string, more: { readonly token?: string; readonly body?: object }, stop: AbortSignal) =>
    ready.asking.send(
      {
        method,
        url: `${address}/v1/${at}`,
        via,
        headers: {
          ...headers,
          ...(more.token === undefined ? {} : { 'x-vault-token': more.token }),
          ...(more.body ? { 'content-type': 'application/json' } : {}),
        },
        ...(more.body ? { body: JSON.stringify(more.body) } : {}),
      },
      who,
      stop,
    );
  const login = async (kind: string, mount: string, body: Readonly<Record<string, string>>): Promise<string> => {
    const reply = await send('POST', `auth/${encodeURIComponent(mount)}/login`, { body }, signal);
    if (reply.status !== 200)
      throw refused(
        `${who} refused the login by ${kind} at \`auth/${clean(mount)}\`: ${reply.status}${vaultWords(reply, Object.values(body))}`,
        `check \`secrets.vault.${kind}\`: role, mount, and whether its secret has expired`,
      );
    const token = textField(fieldsOf(field(expectJson(reply, who), 'auth')), 'client_token');
    if (token === undefined) throw badAnswer(`${who} answered the login by ${kind} without a token`, 'check the address and the mount of the login');
    return token;
  };
  const { token, from } = await identityOf(ready, login);
  return { who, identity: from, secrets: [token], get: (at, stop) => send('GET', at, { token }, stop) };
}

async function identityOf(
  { settings, env, folder }: Ready,
  login: (kind: string, mount: string, body: Readonly<Record<string, string>>) => Promise<string>,
): Promise<Identity> {
  const { token, tokenFile, approle, kubernetes } = settings.vault ?? {};
  if (token !== undefined) return { token: token.reveal(), from: 'the token of `secrets.vault`' };
  if (tokenFile !== undefined) return { token: await fileToken(path.resolve(folder, tokenFile), tokenFile), from: `the token in ${tokenFile}` };
  if (approle !== undefined)
    return {
      token: await login('approle', approle.mount, {
        role_id: approle.roleId,
        ...(approle.secretId === undefined ? {} : { secret_id: approle.secretId.reveal() }),
      }),
      from: 'an AppRole',
    };
  if (kubernetes !== undefined) {
    const file = kubernetes.tokenFile === undefined ? podToken : path.resolve(folder, kubernetes.tokenFile);
    return {
      token: await login('kubernetes', kubernetes.mount, { role: kubernetes.role, jwt: await fileToken(file, file) }),
      from: `the Kubernetes role \`${clean(kubernetes.role)}\``,
    };
  }
  const given = variable(env, 'VAULT_TOKEN');
  if (given !== undefined) return { token: given, from: 'VAULT_TOKEN' };
  const home = path.join(variable(env, 'HOME') ?? variable(env, 'USERPROFILE') ?? homedir(), '.vault-token');
  const left = await fileToken(home, '~/.vault-token').catch(() => '');
  if (left !== '') return { token: left, from: '~/.vault-token' };
  throw noIdentity(
    'Vault cannot be asked, as there is no token; looked at `secrets.vault` (token, tokenFile, approle, kubernetes), VAULT_TOKEN and ~/.vault-token',
    'set VAULT_TOKEN, or add one of these to `secrets.vault`',
  );
}

async function fileToken(file: string, told: string): Promise<string> {
  const what = `the token file \`${clean(told)}\``;
  const token = (await readSecretFile(file, what, 'check the path and whether this user may read it')).trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw noIdentity(`${what} holds no token`, 'write the token into it, and nothing else');
}

async function viaOf({ settings, env, folder }: Ready): Promise<Via> {
  const file = settings.vault?.caFile ?? variable(env, 'VAULT_CACERT');
  if (file === undefined) return {};
  return {
    ca: await readSecretFile(path.resolve(folder, file), `the certificate file \`${clean(file)}\` for Vault`, 'check `secrets.vault.caFile` or VAULT_CACERT'),
  };
}

/** `: ` and what Vault says, or nothing. */
export function vaultWords({ body }: HttpReply, secrets: readonly string[]): string {
  const errors = field(jsonOf(body), 'errors');
  const said = Array.isArray(errors) ? errors.filter((each) => typeof each === 'string').join('; ') : '';
  return said === '' ? '' : `: ${clean(said, secrets)}`;
}
