/**
 * Where the secrets go that stand in the files of another tool. Never into ours: a configuration is copied, mailed and committed.
 *
 * env       the environment is to have it; which variable is said, its value never
 * keyring   the operating system's key store gets it now
 * keep      it stays in the other tool's file, and our configuration refers to that place
 * auto      env where the environment has this very value already, otherwise keep: what works without anybody doing anything
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { iniSecrets } from '../../config/secrets/ini.ts';
import { type Keyring, type KeyringName, keyringPlaceholder, openKeyring, ownService } from '../../config/secrets/keyring.ts';
import { Failure } from '../../core/failure.ts';
import type { Secret } from '../../core/world.ts';
import { shellWord } from '../output/shell-word.ts';
import type { Finding, FoundSecret, Peer } from './takeover.ts';

export const secretChoices = ['auto', 'env', 'keyring', 'keep'] as const;
export type SecretChoice = (typeof secretChoices)[number];

export interface PlacesAround {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the configuration will lie, absolute. */
  readonly folder: string;
  /** The tool whose files they are; names in the key store begin with it. */
  readonly tool: Peer['name'];
  /** Nothing is stored. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /** Default: that of the user who runs this. */
  readonly keyring?: Keyring;
}

export interface PlacedSecrets {
  /** By `FoundSecret.at`: what stands there in the configuration. Each of them gives the very value, once the steps are done. */
  readonly placeholders: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
  /** What somebody has to do, one sentence each. */
  readonly steps: readonly string[];
}

interface Placed {
  readonly placeholder: string;
  readonly how: string;
  readonly steps: readonly string[];
}

const unlockMs = 120_000;

/**
 * Finds a place for each secret.
 *
 * Throws   the failures of the key store, for `keyring`; the signal's reason on abort. Nothing else is changed by then.
 */
export async function placeSecrets(choice: SecretChoice, found: readonly FoundSecret[], around: PlacesAround): Promise<PlacedSecrets> {
  const keyring = around.keyring ?? openKeyring({ env: around.env, timeoutMs: unlockMs });
  const variables = new Map<string, Secret>();
  const placeholders = new Map<string, string>();
  const findings: Finding[] = [];
  const steps: string[] = [];
  for (const each of found) {
    around.signal.throwIfAborted();
    const placed = await place(each);
    placeholders.set(each.at, placed.placeholder);
    const finding: Finding = { outcome: 'changed', what: standsAt(each), how: placed.how };
    // One that two sinks need is told once.
    if (!findings.some(({ what, how }) => what === finding.what && how === finding.how)) findings.push(finding);
    steps.push(...placed.steps.filter((step) => !steps.includes(step)));
  }
  for (const file of new Set(found.map((each) => each.file))) {
    const open = await openToOthers(file);
    if (open === null) continue;
    findings.push({ outcome: 'left', what: path.basename(file), how: `it holds secrets, and every user of this machine can read it (mode ${open})` });
    steps.push(`Run \`chmod 600 ${shellWord(file)}\`: it holds secrets, and every user can read it.`);
  }
  return { placeholders, findings, steps };

  function place(each: FoundSecret): Promise<Placed> {
    const isSet = around.env[each.variable] === each.value.reveal();
    if (choice === 'keyring') return inKeyring(each, keyring, around);
    return choice === 'env' || (choice === 'auto' && isSet) ? Promise.resolve(inEnvironment(each, variables, around)) : kept(each, variables, around);
  }
}

/** Two secrets that would share a variable get one each. */
function inEnvironment(each: FoundSecret, taken: Map<string, Secret>, { env }: PlacesAround): Placed {
  let name = each.variable;
  for (let i = 2; taken.has(name) && taken.get(name)?.reveal() !== each.value.reveal(); i++) name = `${each.variable}_${i}`;
  taken.set(name, each.value);
  const now = Object.hasOwn(env, name) ? env[name] : undefined;
  const state = now === each.value.reveal() ? 'which has this value here' : now ? 'which has another value here' : 'which is not set here';
  const from = `\`${each.key}\` of ${each.file}`;
  return {
    placeholder: `\${env:${name}}`,
    how: `comes from the variable \`${name}\`, ${state}`,
    steps:
      now === each.value.reveal()
        ? [`See that \`${name}\` is also set where the service runs; under systemd with \`EnvironmentFile=\` and a file that only root can read.`]
        : [
            `Set \`${name}\` to ${from} before the start; under systemd with \`EnvironmentFile=\` and a file that only root can read, or with \`LoadCredential=\` and \`\${systemd:NAME}\` instead.`,
          ],
  };
}

async function inKeyring(each: FoundSecret, keyring: Keyring, around: PlacesAround): Promise<Placed> {
  const name = around.dryRun ? accountOf(each, around, 1) : await freeName(each, keyring, around);
  if (!around.dryRun) await keyring.set(name, each.value, around.signal);
  return {
    placeholder: keyringPlaceholder(name),
    how: `goes into the key store as \`${name.service}/${name.account}\``,
    steps: [
      'The key store is that of the user who ran this: run the service as this user, in a session where the store is unlocked.',
      `Once the other tool no longer runs, remove \`${each.key}\` from ${each.file}.`,
    ],
  };
}

/** What another configuration has stored under a name is not overwritten: the next name is taken. */
async function freeName(each: FoundSecret, keyring: Keyring, around: PlacesAround): Promise<KeyringName> {
  for (let i = 1; ; i++) {
    const name = accountOf(each, around, i);
    const there = await keyring.get(name, around.signal);
    if (there === null || there.reveal() === each.value.reveal()) return name;
  }
}

/** `siem-client-secret` for `central.clientSecret`, `siem-splunk-token` for `sinks.splunk.token`. */
function accountOf({ at }: FoundSecret, { tool }: PlacesAround, attempt: number): KeyringName {
  const [, ...inner] = at.split('.');
  const words = /^(central|accounts|sinks)\./.test(at) ? inner : at.split('.');
  const account = [tool, ...words]
    .join('-')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-');
  return { service: ownService, account: attempt === 1 ? account : `${account}-${attempt}` };
}

/** Only where our reader finds the same value there; what it would not find goes the way of the environment. */
async function kept(each: FoundSecret, variables: Map<string, Secret>, around: PlacesAround): Promise<Placed> {
  const inner = `${shortest(around.folder, each.file)}#${each.key}`;
  const same = /[{}\p{Cc}\u2028\u2029]|^\s|\s$/u.test(inner) ? false : await finds(inner, each, around);
  if (!same) {
    const placed = inEnvironment(each, variables, around);
    return { ...placed, how: `cannot be referred to where it stands, and ${placed.how}` };
  }
  return {
    placeholder: `\${ini:${inner}}`,
    how: `stays there; the configuration refers to it as \`\${ini:${inner}}\``,
    steps: [
      `Keep ${each.file}: the configuration reads secrets from it. To be rid of it, store them with \`sophos-central secret set\` or in the environment.`,
    ],
  };
}

async function finds(inner: string, each: FoundSecret, { folder, signal }: PlacesAround): Promise<boolean> {
  try {
    return (await iniSecrets(folder).resolve(inner, signal)).reveal() === each.value.reveal();
  } catch (error) {
    if (error instanceof Failure && error.code === 'secret.missing') return false;
    throw error;
  }
}

/** Relative to the configuration when it lies below or beside it; a long way through `..` would break as soon as either is moved. */
function shortest(folder: string, file: string): string {
  const relative = path.relative(folder, file);
  const shown = /^\.\.[/\\]\.\.(?:[/\\]|$)/.test(relative) ? file : relative;
  return path.sep === '\\' ? shown.replaceAll('\\', '/') : shown;
}

/** `config.ini [login] client_secret`, as the other tool's users call it. */
function standsAt({ file, key }: FoundSecret): string {
  const dot = key.lastIndexOf('.');
  return `${path.basename(file)} ${dot < 0 ? key : `[${key.slice(0, dot)}] ${key.slice(dot + 1)}`}`;
}

/** The file's mode when users beside its owner and group may read it. Windows says nothing about that in a mode. */
async function openToOthers(file: string): Promise<string | null> {
  if (process.platform === 'win32') return null;
  const mode = await stat(file).then(
    (stats) => stats.mode,
    () => 0,
  );
  return (mode & 0o004) === 0 ? null : (mode & 0o777).toString(8);
}
