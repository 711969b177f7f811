import { clean, expectJson, field, fieldsOf, jsonOf, keyOf, sealed, textField } from './answer.ts';
import { crc32c } from './crc32c.ts';
import { badAnswer, missing, refused, wrongForm } from './failures.ts';
import { type GcpIdentity, gcpIdentity, metadataProject } from './gcp-token.ts';
import type { RemoteSource } from './provider.ts';
import { type Ready, type Setting, variable } from './settings.ts';

/** A secret of Google Secret Manager as a placeholder names it. */
interface GcpName {
  /** `null`: that of the identity. */
  readonly project: string | null;
  readonly location: string | null;
  readonly secret: string;
  readonly version: string;
  readonly key: string | null;
}

const project = '[a-z0-9](?:[a-z0-9.:-]{0,61}[a-z0-9])?';
const full = new RegExp(`^projects/(${project})(?:/locations/([a-z0-9-]+))?/secrets/([A-Za-z0-9_-]{1,255})(?:/versions/([A-Za-z0-9_-]+))?$`);
const short = new RegExp(`^(?:(${project})/)?([A-Za-z0-9_-]{1,255})$`);

/** `PROJECT/NAME`, `NAME`, or `projects/P/secrets/N/versions/V`, each with `#KEY` if wanted. Throws config `secret.form`. */
function readName(written: string): GcpName {
  const hash = written.lastIndexOf('#');
  const path = (hash < 0 ? written : written.slice(0, hash)).trim();
  const key = hash < 0 ? null : written.slice(hash + 1).trim();
  if (key === '') throw wrongForm('no key stands behind the `#`', 'leave the `#` out for the whole secret');
  const long = full.exec(path);
  if (long) return { project: long[1] ?? null, location: long[2] ?? null, secret: long[3] ?? '', version: long[4] ?? 'latest', key };
  const brief = short.exec(path);
  if (brief) return { project: brief[1] ?? null, location: null, secret: brief[2] ?? '', version: 'latest', key };
  throw wrongForm('this is no name of a secret of Google', 'write `PROJECT/NAME`, `NAME`, or `projects/P/secrets/N/versions/V`');
}

/** Can this be asked for? Throws config `secret.form`. */
export async function checkGcp(name: string, _setting: Setting): Promise<void> {
  readName(name);
}

/**
 * `${gcp-secret:PROJECT/NAME}`: a secret of Google Secret Manager, its newest version unless one is named.
 *
 * Throws   config when name, identity or role are at fault; transient when it may pass.
 * Calls    one token for all; once per secret.
 * Source   cloud.google.com/secret-manager/docs/reference/rest, "projects.secrets.versions.access".
 */
export function gcpSecrets(ready: Ready): RemoteSource {
  const { asking } = ready;
  return {
    scheme: 'gcp-secret',
    check: (name) => checkGcp(name, ready),
    async resolve(written, signal) {
      const name = readName(written);
      const identity = await asking.once('gcp identity', () => gcpIdentity(ready, signal), signal);
      const projectId = name.project ?? (await projectOf(ready, identity, signal));
      const where = name.location === null ? '' : `/locations/${name.location}`;
      const at = `projects/${encodeURIComponent(projectId)}${where}/secrets/${name.secret}/versions/${name.version}`;
      const what = `the secret \`${name.secret}\` (version ${name.version}) of the project \`${clean(projectId)}\``;
      const value = await asking.once(`gcp ${at}`, () => access(ready, identity, at, name.location, what, signal), signal);
      return name.key === null ? sealed(value, what) : keyOf(value, name.key, what);
    },
  };
}

async function projectOf(ready: Ready, identity: GcpIdentity, signal: AbortSignal): Promise<string> {
  const { settings, env } = ready;
  const known = settings.gcp?.project ?? variable(env, 'GOOGLE_CLOUD_PROJECT') ?? variable(env, 'GCLOUD_PROJECT') ?? identity.project;
  if (known !== undefined) return known;
  const found = identity.isMetadata ? await ready.asking.once('gcp project', () => metadataProject(ready, signal), signal) : undefined;
  if (found !== undefined) return found;
  throw wrongForm('no project of Google is named', 'write `PROJECT/NAME`, or add `secrets: { gcp: { project: ... } }`');
}

async function access(ready: Ready, identity: GcpIdentity, at: string, location: string | null, what: string, signal: AbortSignal): Promise<string> {
  const base = ready.settings.gcp?.endpoint ?? `https://secretmanager.${location === null ? '' : `${location}.rep.`}googleapis.com`;
  const who = `Google Secret Manager at ${new URL(base).host}`;
  const headers = { accept: 'application/json', authorization: `Bearer ${identity.token}` };
  const reply = await ready.asking.send({ method: 'GET', url: `${base}/v1/${at}:access`, headers }, who, signal);
  if (reply.status !== 200) throw refusal(reply.status, jsonOf(reply.body), `${who} (asked as ${identity.name}) does not give ${what}`, identity.token);
  const payload = fieldsOf(field(expectJson(reply, who), 'payload'));
  const encoded = field(payload, 'data');
  if (typeof encoded !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(encoded))
    throw badAnswer(`${who} gave an answer without a payload`, 'check the address, and look for a proxy in between that answers by itself');
  const data = Buffer.from(encoded, 'base64');
  const sum = field(payload, 'dataCrc32c');
  if (sum !== undefined && String(sum) !== String(crc32c(data)))
    throw badAnswer(`${who} gave a payload that does not fit its checksum`, 'try again; then look for what changes answers in between');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    throw missing(`${what} is binary and no UTF-8 text`, 'store it as a text');
  }
}

function refusal(status: number, body: ReturnType<typeof jsonOf>, asked: string, token: string): Error {
  const error = fieldsOf(field(body, 'error'));
  const said = [textField(error, 'status'), textField(error, 'message')].filter((part) => part !== undefined).join(': ');
  const told = `${asked}: ${status}${said === '' ? '' : ` ${clean(said, [token])}`}`;
  if (status === 404) return missing(told, 'check the project, the name of the secret, and whether it has a version');
  if (status === 400 && said.includes('DESTROYED')) return missing(told, 'add a new version');
  if (status === 400 && /FAILED_PRECONDITION/.test(said)) return missing(told, 'enable this version, or name another');
  if (status === 403)
    return refused(told, 'give the identity the role `roles/secretmanager.secretAccessor` on the secret, and enable the Secret Manager API in the project');
  if (status === 401) return refused(told, 'check the key of the service account, and the clock of this machine');
  return refused(told, 'check the project, the identity and the name of the secret');
}
