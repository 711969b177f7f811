/** Where a secret of AWS lies, and which profile says so. Nothing here asks anybody. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Env } from '../find.ts';
import { wrongForm } from './failures.ts';
import { type Setting, variable } from './settings.ts';

/** A secret of Secrets Manager as a placeholder names it. */
export interface AwsName {
  /** Name or ARN. */
  readonly id: string;
  /** `null`: all of the secret. */
  readonly key: string | null;
  /** Of an ARN. */
  readonly region: string | null;
}

const arn = /^arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):\d{12}:secret:[A-Za-z0-9/_+=.@!-]{1,520}$/;
/** Source: API reference of CreateSecret, `Name`; `!` stands in the names of secrets that AWS makes itself. */
const plain = /^[A-Za-z0-9/_+=.@!-]{1,512}$/;

/** `NAME#KEY`, `NAME`, `ARN#KEY` or `ARN`. Throws config `secret.form`. */
export function readAwsName(name: string): AwsName {
  const hash = name.lastIndexOf('#');
  const id = (hash < 0 ? name : name.slice(0, hash)).trim();
  const key = hash < 0 ? null : name.slice(hash + 1).trim();
  if (key === '') throw wrongForm('no key stands behind the `#`', 'write `NAME#KEY`, or leave the `#` out for the whole secret');
  if (id.startsWith('arn:')) {
    const [, region] = arn.exec(id) ?? [];
    if (region === undefined) throw wrongForm('this is no ARN of a secret', 'copy it as `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-AbCdEf`');
    return { id, key, region };
  }
  if (!plain.test(id)) throw wrongForm('this is no name that a secret of AWS can have', 'it is letters, digits and `/_+=.@-`, then `#` and the key');
  return { id, key, region: null };
}

/**
 * The region to ask: the configuration's, an ARN's own, the environment's, the profile's.
 *
 * The setting was written for this tool, so it goes first; AWS says so where an ARN is not of that region. The ARN goes before the
 * environment and the profile, which are meant for everything on the machine.
 * Throws   config `secret.form` when nothing names one.
 */
export async function regionOf(name: AwsName, { settings, env }: Setting): Promise<string> {
  const region =
    settings.aws?.region ??
    name.region ??
    variable(env, 'AWS_REGION') ??
    variable(env, 'AWS_DEFAULT_REGION') ??
    (await profileRegion(profileOf(settings.aws?.profile, env), env));
  if (region === undefined)
    throw wrongForm('no region is named for AWS Secrets Manager', 'add `secrets: { aws: { region: eu-central-1 } }`, or set AWS_REGION');
  if (!/^[a-z]{2,}(-[a-z0-9]+)+$/.test(region)) throw wrongForm('the region for AWS Secrets Manager is none', 'write it such as `eu-central-1`');
  return region;
}

export function profileOf(setting: string | undefined, env: Env): string | undefined {
  return setting ?? variable(env, 'AWS_PROFILE');
}

/** The two shared files of AWS; https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html */
export function sharedFiles(env: Env): { readonly config: string; readonly credentials: string } {
  const home = variable(env, 'HOME') ?? variable(env, 'USERPROFILE') ?? homedir();
  return {
    config: variable(env, 'AWS_CONFIG_FILE') ?? path.join(home, '.aws', 'config'),
    credentials: variable(env, 'AWS_SHARED_CREDENTIALS_FILE') ?? path.join(home, '.aws', 'credentials'),
  };
}

async function profileRegion(profile = 'default', env: Env): Promise<string | undefined> {
  const { config, credentials } = sharedFiles(env);
  const [inConfig, inCredentials] = await Promise.all([regionIn(config, profile), regionIn(credentials, profile)]);
  return inConfig ?? inCredentials;
}

/** As https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html: `[default]`, `[profile NAME]`, in the credentials file `[NAME]`. */
async function regionIn(file: string, profile: string): Promise<string | undefined> {
  // A file that is not there or cannot be read says nothing; the SDK tells what is wrong when it needs it.
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text.length > 1_000_000) return undefined;
  let isOurs = false;
  for (const line of text.split(/\r?\n/)) {
    const [, section] = /^\s*\[\s*(?:profile\s+)?"?([^\]"]*?)"?\s*\]/.exec(line) ?? [];
    if (section !== undefined) isOurs = section === profile;
    const [, region] = /^region\s*=\s*([^\s#;]+)/.exec(line) ?? [];
    if (isOurs && region !== undefined) return region;
  }
  return undefined;
}
