/** Tokens of Google: a service account's key, a person's login, or the metadata server of the machine. */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { HttpReply } from '../../core/world.ts';
import { clean, expectJson, type Fields, jsonOf, textField } from './answer.ts';
import { badAnswer, noIdentity, refused } from './failures.ts';
import { readSecretFile } from './secret-file.ts';
import { type Ready, variable } from './settings.ts';

export interface GcpIdentity {
  readonly token: string;
  /** As whom, in words. */
  readonly name: string;
  /** The identity's own project. */
  readonly project: string | undefined;
  readonly isMetadata: boolean;
}

const scope = 'https://www.googleapis.com/auth/cloud-platform';
const tokenUri = 'https://oauth2.googleapis.com/token';
const sources = 'set GOOGLE_APPLICATION_CREDENTIALS to the key file of a service account, or run `gcloud auth application-default login`';

/**
 * Asks for a token, as the first of: `secrets.gcp.credentialsFile`, GOOGLE_APPLICATION_CREDENTIALS, gcloud's file, the metadata server.
 *
 * Throws   config `secret.no-identity` when there is none, `secret.refused` when Google says no.
 * Source   developers.google.com/identity/protocols/oauth2/service-account, "HTTP/REST"; cloud.google.com/docs/authentication/application-default-credentials.
 */
export async function gcpIdentity(ready: Ready, signal: AbortSignal): Promise<GcpIdentity> {
  const file = fileOf(ready);
  return file === undefined ? byMetadata(ready, signal) : byFile(ready, file, signal);
}

function fileOf({ settings, env, folder }: Ready): string | undefined {
  const given = settings.gcp?.credentialsFile ?? variable(env, 'GOOGLE_APPLICATION_CREDENTIALS');
  if (given !== undefined) return path.resolve(folder, given);
  const home = variable(env, 'HOME') ?? variable(env, 'USERPROFILE') ?? homedir();
  const gcloud =
    variable(env, 'CLOUDSDK_CONFIG') ??
    (process.platform === 'win32' ? path.join(variable(env, 'APPDATA') ?? home, 'gcloud') : path.join(home, '.config', 'gcloud'));
  const usual = path.join(gcloud, 'application_default_credentials.json');
  return existsSync(usual) ? usual : undefined;
}

async function byFile(ready: Ready, file: string, signal: AbortSignal): Promise<GcpIdentity> {
  const what = `the credentials file \`${clean(file)}\` of Google`;
  const fields = jsonOf(Buffer.from(await readSecretFile(file, what, 'check GOOGLE_APPLICATION_CREDENTIALS or `secrets.gcp.credentialsFile`')));
  const type = textField(fields, 'type');
  const project = textField(fields, 'project_id') ?? textField(fields, 'quota_project_id');
  if (fields && type === 'service_account') {
    const email = textField(fields, 'client_email');
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertionOf(fields, email, what, ready.world.clock.now()) };
    return {
      token: await tokenFor(ready, uriOf(fields, what), form, `the service account ${clean(email ?? '')}`, signal),
      name: `the service account ${clean(email ?? '')}`,
      project,
      isMetadata: false,
    };
  }
  if (fields && type === 'authorized_user') {
    const [id, secret, refresh] = ['client_id', 'client_secret', 'refresh_token'].map((name) => textField(fields, name));
    if (id === undefined || secret === undefined || refresh === undefined) throw noIdentity(`${what} is not complete`, sources);
    const form = { grant_type: 'refresh_token', client_id: id, client_secret: secret, refresh_token: refresh };
    return { token: await tokenFor(ready, uriOf(fields, what), form, 'the login of gcloud', signal), name: 'the login of gcloud', project, isMetadata: false };
  }
  const seen = type === undefined ? 'is no credentials file' : `is of the type \`${clean(type)}\`, which is not served`;
  throw noIdentity(`${what} ${seen}`, 'use the key file of a service account, a login of gcloud, or the metadata server of the machine');
}

/** The assertion goes where the file says, as Google's own libraries do; in the clear only to this machine. */
function uriOf(fields: Fields, what: string): string {
  const uri = textField(fields, 'token_uri') ?? tokenUri;
  if (URL.canParse(uri)) {
    const { protocol, hostname } = new URL(uri);
    if (protocol === 'https:' || (protocol === 'http:' && /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname))) return uri;
  }
  throw noIdentity(`the \`token_uri\` in ${what} is no https URL`, 'load the key file again from Google');
}

function assertionOf(fields: Fields, email: string | undefined, what: string, now: number): string {
  const issuedAt = Math.floor(now / 1000);
  const keyId = textField(fields, 'private_key_id');
  const head = { alg: 'RS256', typ: 'JWT', ...(keyId === undefined ? {} : { kid: keyId }) };
  const claims = { iss: email, scope, aud: textField(fields, 'token_uri') ?? tokenUri, iat: issuedAt, exp: issuedAt + 3600 };
  const text = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${sign('sha256', Buffer.from(text), keyIn(fields, email, what)).toString('base64url')}`;
}

function keyIn(fields: Fields, email: string | undefined, what: string): KeyObject {
  const pem = textField(fields, 'private_key');
  try {
    const key = pem === undefined || email === undefined ? null : createPrivateKey(pem);
    if (key?.asymmetricKeyType === 'rsa') return key;
  } catch {
    // The reason would quote the key: told below without it.
    return notUsable(what);
  }
  return notUsable(what);
}

function notUsable(what: string): never {
  throw noIdentity(`${what} holds no usable key of a service account`, 'load the key file again from Google');
}

async function tokenFor({ asking }: Ready, url: string, form: Readonly<Record<string, string>>, name: string, signal: AbortSignal): Promise<string> {
  const who = `Google at ${new URL(url).host}`;
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
  const reply = await asking.send({ method: 'POST', url, headers, body: new URLSearchParams(form).toString() }, who, signal);
  if (reply.status === 200) return tokenIn(reply, who);
  const body = jsonOf(reply.body);
  const said = [textField(body, 'error'), textField(body, 'error_description')].filter((part) => part !== undefined).join(': ');
  const isClock = /iat|exp|time/i.test(said);
  throw refused(
    `${who} gives no token to ${name}: ${reply.status} ${clean(said, [form.assertion, form.client_secret, form.refresh_token])}`,
    isClock
      ? 'set the clock of this machine, and check the key'
      : 'check whether the account and its key still exist; for a login, run `gcloud auth application-default login` again',
  );
}

function metadataUrl({ env }: Ready, at: string): string {
  const host = variable(env, 'GCE_METADATA_HOST') ?? 'metadata.google.internal';
  const url = `http://${host}/computeMetadata/v1/${at}`;
  if (URL.canParse(url)) return url;
  throw noIdentity('GCE_METADATA_HOST is no host', 'write it as `host` or `host:port`');
}

const metadata = { 'metadata-flavor': 'Google' };

async function byMetadata(ready: Ready, signal: AbortSignal): Promise<GcpIdentity> {
  const url = metadataUrl(ready, 'instance/service-accounts/default/token');
  const who = `the metadata server at ${new URL(url).host}`;
  const reply = await ready.asking.send({ method: 'GET', url, headers: metadata, via: { proxy: null } }, who, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    if (!(error instanceof Error && 'code' in error && error.code === 'secret.unreachable')) throw error;
    throw noIdentity(
      'Google cannot be asked, as there is no identity; looked at `secrets.gcp.credentialsFile`, GOOGLE_APPLICATION_CREDENTIALS, the login of gcloud and the metadata server',
      sources,
      error,
    );
  });
  if (reply.status !== 200) throw refused(`${who} gives no token: ${reply.status}`, 'give the machine a service account');
  return { token: tokenIn(reply, who), name: 'the service account of the machine', project: undefined, isMetadata: true };
}

/** The project of the machine. */
export async function metadataProject(ready: Ready, signal: AbortSignal): Promise<string | undefined> {
  const url = metadataUrl(ready, 'project/project-id');
  const reply = await ready.asking.send({ method: 'GET', url, headers: metadata, via: { proxy: null } }, 'the metadata server', signal);
  const project = reply.body.toString('utf8').trim();
  return reply.status === 200 && /^[a-z0-9.:-]{1,63}$/.test(project) ? project : undefined;
}

function tokenIn(reply: HttpReply, who: string): string {
  const token = textField(expectJson(reply, who), 'access_token');
  if (token !== undefined && /^[\x21-\x7e]+$/.test(token)) return token;
  throw badAnswer(`${who} answered without a token`, 'check the address of the token service');
}
