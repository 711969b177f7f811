/**
 * The operating system's key store: Keychain, Credential Manager, or the Secret Service of a Linux desktop.
 *
 * Every access is a short process of its own. The library connects, waits for the user to unlock and answers all in one native call
 * that nothing can end: a store that stays silent would hold the whole program, and even its exit. A process can be ended.
 * What is asked and answered goes through its pipes, so that no value is ever among its arguments.
 *
 * On Linux the library would fall back to the kernel's keyring, which forgets everything at a reboot; we insist on the Secret Service.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { systemClock } from '../../core/clock.ts';
import { Failure } from '../../core/failure.ts';
import { secret } from '../../core/secret.ts';
import type { Millis } from '../../core/types.ts';
import type { Clock, Secret, SecretProvider } from '../../core/world.ts';
import type { Env } from '../find.ts';
import { didYouMean } from '../suggest.ts';
import { keyringProgram } from './keyring-program.ts';

/** Where one secret is kept. */
export interface KeyringName {
  /** Without a slash. */
  readonly service: string;
  readonly account: string;
}

/** The service of names that say none. */
export const ownService = 'sophos-central';

export interface Keyring {
  /** `null` when there is none. */
  get(name: KeyringName, signal: AbortSignal): Promise<Secret | null>;
  has(name: KeyringName, signal: AbortSignal): Promise<boolean>;
  /** Replaces what was there. */
  set(name: KeyringName, value: Secret, signal: AbortSignal): Promise<void>;
  /** Was there one? */
  delete(name: KeyringName, signal: AbortSignal): Promise<boolean>;
  /** Which accounts a service has, in order. */
  accounts(service: string, signal: AbortSignal): Promise<readonly string[]>;
}

export interface KeyringInput {
  /** Names the session bus on Linux. */
  readonly env: Env;
  /** How long the store may take; somebody may have to unlock it first. */
  readonly timeoutMs: Millis;
  readonly clock?: Clock;
  /** The file from which the library is looked for; default: this one. */
  readonly from?: string | URL;
}

const maxNameLength = 255;

/**
 * Reads `SERVICE/ACCOUNT`, or `ACCOUNT` alone for our own service. The first slash parts them: an account may hold more.
 *
 * Throws   config `keyring.name` when a part is missing, is too long, or cannot stand in a placeholder.
 */
export function keyringName(text: string): KeyringName {
  const slash = text.indexOf('/');
  const service = slash < 0 ? ownService : text.slice(0, slash).trim();
  const account = text.slice(slash + 1).trim();
  const finding =
    service === '' || account === ''
      ? 'lacks a part'
      : /[{}\p{Cc}\p{Cf}\u2028\u2029]/u.test(text)
        ? 'holds a brace or a character that cannot be seen'
        : text.length > maxNameLength
          ? `is longer than ${maxNameLength} characters`
          : null;
  if (finding === null) return { service, account };
  throw new Failure('config', 'keyring.name', `${finding === 'lacks a part' ? `the name \`${text}\`` : 'the name of a secret'} ${finding}`, {
    advice: `write it as \`SERVICE/ACCOUNT\`, such as \`${ownService}/client-secret\``,
  });
}

/** The placeholder that stands for a secret in a configuration. */
export function keyringPlaceholder({ service, account }: KeyringName): string {
  return `\${keyring:${service}/${account}}`;
}

/** What is no better for the next name. */
const ofTheStore: ReadonlySet<string> = new Set(['keyring.not-installed', 'keyring.unavailable', 'keyring.locked', 'keyring.timeout']);

/** How long a configuration waits: long enough for a desktop to ask its user. */
const patienceMs = 30_000;

/**
 * `${keyring:SERVICE/ACCOUNT}`: a secret in the operating system's key store.
 *
 * Throws   config `secret.missing` when there is none of that name; the failures of `openKeyring`.
 */
export function keyringSecrets(input: Omit<KeyringInput, 'timeoutMs'> & { readonly timeoutMs?: Millis }): SecretProvider {
  const keyring = openKeyring({ timeoutMs: patienceMs, ...input });
  const known = new Map<string, Secret>();
  let down: Failure | null = null;
  return {
    scheme: 'keyring',
    async resolve(text, signal) {
      const before = known.get(text);
      if (before) return before;
      // A store that did not answer once is not waited for again for each secret.
      if (down) throw down;
      try {
        const name = keyringName(text);
        const value = await keyring.get(name, signal);
        if (value?.reveal()) {
          known.set(text, value);
          return value;
        }
        throw await missing(keyring, name, value === null ? 'is not' : 'is empty', signal);
      } catch (error) {
        if (error instanceof Failure && ofTheStore.has(error.code)) down = error;
        throw error;
      }
    },
  };
}

async function missing(keyring: Keyring, { service, account }: KeyringName, finding: string, signal: AbortSignal): Promise<Failure> {
  // Only for a better advice: some stores do not list what they hold back.
  const known = await keyring.accounts(service, signal).catch((error: unknown) => {
    if (error instanceof Failure) return [];
    throw error;
  });
  return new Failure('config', 'secret.missing', `the secret \`${service}/${account}\` ${finding} in the key store`, {
    advice: didYouMean(account, known) ?? `run \`sophos-central secret set ${service}/${account}\``,
  });
}

type Answer = { readonly value?: unknown; readonly found?: unknown; readonly accounts?: unknown; readonly error?: unknown; readonly where?: unknown };

/**
 * The key store of the user who runs this.
 *
 * Throws   config `keyring.not-installed` without the library, `keyring.unavailable` where there is no store;
 *          transient `keyring.locked`, `keyring.timeout`, `keyring.failed`; the signal's reason on abort. Each when it is used, never here.
 */
export function openKeyring({ env, timeoutMs, clock = systemClock, from = import.meta.url }: KeyringInput): Keyring {
  async function ask(request: object, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const input = JSON.stringify({ ...request, module: locate(from), isLinux: process.platform === 'linux' });
    const over = new AbortController();
    const ended = AbortSignal.any([signal, over.signal]);
    const late = clock.sleep(timeoutMs, ended).then(
      () => null,
      () => null,
    );
    try {
      const text = await Promise.race([exchange(input, env, ended), late]);
      signal.throwIfAborted();
      if (text === null) throw silent(timeoutMs);
      const answer = parse(text);
      if (typeof answer.error === 'string') throw failed(answer.error, answer.where === 'load');
      return answer;
    } finally {
      over.abort();
    }
  }
  return {
    async get(name, signal) {
      const { value } = await ask({ act: 'get', ...name }, signal);
      return typeof value === 'string' ? secret(value) : null;
    },
    has: async (name, signal) => (await ask({ act: 'has', ...name }, signal)).found === true,
    async set(name, value, signal) {
      await ask({ act: 'set', ...name, value: value.reveal() }, signal);
    },
    delete: async (name, signal) => (await ask({ act: 'delete', ...name }, signal)).found === true,
    async accounts(service, signal) {
      const { accounts } = await ask({ act: 'accounts', service }, signal);
      return Array.isArray(accounts) ? accounts.filter((each) => typeof each === 'string').sort() : [];
    },
  };
}

function locate(from: string | URL): string {
  const require = createRequire(from);
  try {
    return require.resolve('@napi-rs/keyring');
  } catch (cause) {
    throw notInstalled('is not installed', cause);
  }
}

function notInstalled(finding: string, cause: unknown): Failure {
  return new Failure('config', 'keyring.not-installed', `the key store cannot be used: the package \`@napi-rs/keyring\` ${finding}`, {
    cause,
    advice: `install the program again without leaving out optional packages, or ${insteadOfIt}`,
  });
}

const insteadOfIt = 'use `${env:NAME}`, `${file:PATH}`, `${systemd:NAME}` or `${vault:PATH#KEY}`';

/**
 * Variables of the session, the user, the language and the loader. No others: secrets stand among them, and options of Node are meant for this
 * program, where a debugger would keep the other one waiting.
 */
const passedOn =
  /^(?:(?:DBUS|XDG|LC|LD|DYLD|NIX_LD)_\w+|HOME|PATH|USER|LOGNAME|LANG|LANGUAGE|TZ|TMPDIR|TEMP|TMP|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|SECURITYSESSIONID|__CF_USER_TEXT_ENCODING|SystemRoot|SystemDrive|windir|ProgramData|APPDATA|LOCALAPPDATA|USERPROFILE|USERNAME|USERDOMAIN|COMPUTERNAME|HOMEDRIVE|HOMEPATH)$/i;

/** One question to a process of its own, and what it wrote; empty when it was ended. */
function exchange(input: string, env: Env, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const mine = Object.fromEntries(Object.entries(env).filter(([name]) => passedOn.test(name)));
    // Windows cannot start a program without this variable.
    const system = process.env.SystemRoot === undefined ? {} : { SystemRoot: process.env.SystemRoot };
    const child = spawn(process.execPath, ['-e', keyringProgram], { env: { ...system, ...mine }, stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true });
    const kill = () => void child.kill('SIGKILL');
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => void parts.push(part));
    // When it ended before it had read everything, its answer says why, or that there is none.
    child.stdin.on('error', () => undefined);
    child.on('error', (cause) => {
      signal.removeEventListener('abort', kill);
      reject(other(`a process for it could not be started: ${cause.message}`));
    });
    child.on('close', () => {
      signal.removeEventListener('abort', kill);
      resolve(Buffer.concat(parts).toString('utf8'));
    });
    signal.addEventListener('abort', kill, { once: true });
    child.stdin.end(input);
  });
}

function parse(text: string): Answer {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === 'object' && answer !== null) return answer;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  // Not what it wrote: half an answer may be half a secret.
  throw other('its process ended without an answer');
}

function silent(timeoutMs: Millis): Failure {
  return new Failure('transient', 'keyring.timeout', `the key store did not answer within ${timeoutMs / 1000} s`, {
    advice: `it may be locked and waiting for its password: unlock it and try again. On a server, ${insteadOfIt}`,
  });
}

/** The library's own words, which differ from system to system, in ours. */
function failed(said: string, isLoading: boolean): Failure {
  const words = `(${plain(said)})`;
  if (isLoading) return notInstalled(`cannot be loaded ${words}`, undefined);
  if (/locked|dismissed|denied|cancel|not ?allowed|interaction/i.test(said))
    return new Failure('transient', 'keyring.locked', `the key store is locked, or did not let us in ${words}`, {
      advice: `unlock it and try again. On a server, where nobody can, ${insteadOfIt}`,
    });
  if (/d-?bus|no result found|secret service|no such (file|interface)|logon session|not available|no storage/i.test(said))
    return new Failure('config', 'keyring.unavailable', `there is no key store for this user ${words}`, {
      advice: `run it in a session with a Secret Service such as GNOME Keyring, KWallet or KeePassXC. On a server, ${insteadOfIt}`,
    });
  // Another program may have given its entries more attributes than these two.
  if (/matched by|ambiguous/i.test(said)) return other('several entries have this service and account');
  return other(plain(said));
}

function other(finding: string): Failure {
  return new Failure('transient', 'keyring.failed', `the key store could not be used: ${finding}`, {
    advice: `look at it with the system's own program, or ${insteadOfIt}`,
  });
}

function plain(said: string): string {
  return said.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').slice(0, 200);
}
