import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readLegacyToken } from '../core/legacy-token.ts';
import type { z } from '../core/schema.ts';
import { secret } from '../core/secret.ts';
import type { Secret, Via } from '../core/world.ts';
import type { Env } from './find.ts';
import type { AccountPlan, Credentials } from './plan.ts';
import type { Reading } from './reading.ts';
import { account as accountSchema, betterName, nameForm, nameRule } from './sections.ts';
import type { Path } from './source.ts';
import { didYouMean } from './suggest.ts';

type Written = z.output<typeof accountSchema>;

export interface AccountsInput {
  readonly env: Env;
  readonly folder: string;
  /** May there be no credentials at all? */
  readonly optional: boolean;
  /** Was there a file? */
  readonly hasFile: boolean;
}

/** Reads `central` or `accounts`, completed from the environment. Problems go to the reading. */
export async function readAccounts(reading: Reading, input: AccountsInput): Promise<readonly AccountPlan[]> {
  const { central, accounts } = reading.tree;
  if (central !== undefined && central !== null && accounts !== undefined && accounts !== null) {
    reading.complain(['accounts'], '`central` and `accounts` exclude each other', 'make `central` one of the accounts', { target: 'key' });
  }
  if (accounts !== undefined && accounts !== null) return readSeveral(reading, input);
  const plan = await readOne(reading, 'central', ['central'], central ?? {}, input, input.env);
  return plan ? [plan] : [];
}

async function readSeveral(reading: Reading, input: AccountsInput): Promise<readonly AccountPlan[]> {
  const written = reading.tree.accounts;
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    reading.complain(['accounts'], 'expected a map of names and accounts', 'write `accounts: { acme: { clientId: ..., clientSecret: ... } }`');
    return [];
  }
  if (Object.keys(written).length === 0) reading.complain(['accounts'], 'holds no account', 'add one below it, or use `central`', { target: 'key' });
  const plans: AccountPlan[] = [];
  for (const [name, value] of Object.entries(written)) {
    if (!nameForm.test(name)) reading.complain(['accounts', name], `the account's name ${nameRule}`, betterName(name), { target: 'key' });
    const plan = await readOne(reading, name, ['accounts', name], value ?? {}, input, {});
    if (plan) plans.push(plan);
  }
  return plans;
}

async function readOne(
  reading: Reading,
  name: string,
  at: Path,
  value: Reading['tree'][string],
  input: AccountsInput,
  env: Env,
): Promise<AccountPlan | undefined> {
  const written = reading.check(accountSchema, value, at);
  if (!written) return undefined;
  const credentials = credentialsOf(reading, at, written, input, env);
  const authUrl = urlFrom(reading, 'SOPHOS_CENTRAL_AUTH_URL', input.env, at) ?? written.authUrl ?? null;
  const apiUrl = urlFrom(reading, 'SOPHOS_CENTRAL_API_URL', input.env, at) ?? written.apiUrl ?? null;
  const via = await viaOf(reading, at, written, input.folder);
  if (!credentials) return undefined;
  return { name, credentials, authUrl, apiUrl, rateLimits: written.rateLimits, via, timeoutMs: written.timeoutMs };
}

function credentialsOf(reading: Reading, at: Path, written: Written, input: AccountsInput, env: Env): Credentials | undefined {
  if (written.siemToken) {
    if (written.clientId ?? written.clientSecret)
      reading.complain([...at, 'siemToken'], '`siemToken` and `clientId` exclude each other', 'keep one of the two', { target: 'key' });
    return tokenOf(reading, [...at, 'siemToken'], written.siemToken);
  }
  const clientId = written.clientId ?? filled(env.SOPHOS_CLIENT_ID);
  const fromEnv = filled(env.SOPHOS_CLIENT_SECRET);
  const clientSecret = written.clientSecret ?? (fromEnv === undefined ? undefined : secret(fromEnv));
  if (clientId !== undefined && clientSecret !== undefined) return { kind: 'client', clientId, clientSecret };
  if (!(input.optional && clientId === undefined && clientSecret === undefined)) complainMissing(reading, at, input, env, { clientId, clientSecret });
  return undefined;
}

function complainMissing(
  reading: Reading,
  at: Path,
  { hasFile }: AccountsInput,
  env: Env,
  found: { readonly clientId: unknown; readonly clientSecret: unknown },
): void {
  const isNothing =
    !hasFile && found.clientId === undefined && found.clientSecret === undefined && !Object.keys(env).some((name) => name.startsWith('SOPHOS_C'));
  if (isNothing) {
    const message = 'there is no configuration: no file in the usual places, and SOPHOS_CLIENT_ID and SOPHOS_CLIENT_SECRET are not set';
    const suggestion = 'set both, or name a file with --config; `sophos-central demo` needs neither';
    reading.add({ path: '', file: null, line: null, column: null, message, suggestion });
    return;
  }
  for (const [key, variable] of [
    ['clientId', 'SOPHOS_CLIENT_ID'],
    ['clientSecret', 'SOPHOS_CLIENT_SECRET'],
  ] as const) {
    if (found[key] !== undefined || reading.isUnresolved([...at, key])) continue;
    const similar = didYouMean(
      variable,
      Object.keys(env).filter((name) => name !== 'SOPHOS_CLIENT_ID' && name !== 'SOPHOS_CLIENT_SECRET' && name.startsWith('SOPHOS')),
    );
    const inFile = hasFile ? `\`${key}\` is missing` : `there is no configuration file, and ${variable} is not set`;
    const advice =
      at[0] === 'accounts'
        ? `write \`${key}: \${env:...}\``
        : (similar ?? `set ${variable}${hasFile ? `, or write \`${key}: \${env:...}\`` : ', or name a file with --config'}`);
    reading.complain([...at, key], inFile, advice, { target: 'key' });
  }
}

/** The one line that Central shows for a legacy token. */
function tokenOf(reading: Reading, at: Path, token: Secret): Credentials | undefined {
  const legacy = readLegacyToken(token);
  if (legacy) return { kind: 'token', token: legacy };
  // Not asked for, or told already: somebody's token, but nobody can use it.
  if (reading.isUnresolved(at)) return { kind: 'token', token: { url: '', apiKey: token, authorization: token } };
  reading.complain(at, 'this is not the line that Central shows for an API token', 'copy all of `url: https://..., x-api-key: ..., Authorization: Basic ...`');
  return undefined;
}

function urlFrom(reading: Reading, variable: string, env: Env, at: Path): string | undefined {
  const value = filled(env[variable]);
  if (value === undefined) return undefined;
  const parsed = accountSchema.shape.authUrl.safeParse(value);
  if (parsed.success) return parsed.data;
  const already = reading.hasProblemAt([variable]);
  if (!already)
    reading.add({
      path: variable,
      file: null,
      line: null,
      column: null,
      message: `the environment variable is not a URL such as \`https://host\` (needed for \`${at.join('.')}\`)`,
      suggestion: `set ${variable} to a URL, or unset it`,
    });
  return undefined;
}

async function viaOf(reading: Reading, at: Path, { proxy, caFile }: Written, folder: string): Promise<Via> {
  const ca =
    caFile === undefined || reading.isUnresolved([...at, 'caFile'])
      ? undefined
      : await readCertificates(reading, [...at, 'caFile'], path.resolve(folder, caFile));
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(proxy === undefined ? {} : { proxy: proxy === 'none' ? null : proxy.reveal() }),
  };
}

async function readCertificates(reading: Reading, at: Path, file: string): Promise<string | undefined> {
  try {
    const pem = await readFile(file, 'utf8');
    if (pem.includes('-----BEGIN CERTIFICATE-----') || pem.includes('-----BEGIN TRUSTED CERTIFICATE-----')) return pem;
    reading.complain(at, 'this file holds no certificate in PEM form', 'name a file with `-----BEGIN CERTIFICATE-----` in it');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    reading.complain(
      at,
      code === 'ENOENT' ? 'this file does not exist' : `this file cannot be read (${code})`,
      'relative paths start at the folder of the configuration file',
    );
  }
  return undefined;
}

function filled(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
