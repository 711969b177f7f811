/** Secrets that are kept elsewhere: the key store, and the files of other tools. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readIniFile } from '../../src/config/ini.ts';
import { keyringSecrets } from '../../src/config/secrets/keyring.ts';
import { type Bench, hostile } from './bench.ts';
import type { Row } from './row.ts';

const { signal } = new AbortController();

/** A library for the key store that does this when it is loaded or asked; `null`: there is none. */
async function ask(bench: Bench, name: string, library: string | null): Promise<unknown> {
  const folder = await bench.folder();
  const place = join(folder, 'node_modules', '@napi-rs', 'keyring');
  if (library !== null) await mkdir(place, { recursive: true });
  if (library !== null) await writeFile(join(place, 'index.js'), library);
  // A script that never ends is given up soon; the others have ended long before.
  const timeoutMs = library?.includes('for (;;)') ? 200 : 60_000;
  return keyringSecrets({ env: {}, from: pathToFileURL(join(folder, 'program.js')), timeoutMs }).resolve(name, signal);
}

const saying = (words: string) => `exports.Entry = class { getPassword() { throw new Error(${JSON.stringify(`${words} ${hostile}`)}); } };`;

const keyring = (what: string, code: string, library: string | null, attempted: RegExp, seen: RegExp): Row => ({
  what,
  kind: ['keyring.not-installed', 'keyring.unavailable'].includes(code) ? 'config' : 'transient',
  code,
  exit: code === 'keyring.not-installed' || code === 'keyring.unavailable' ? 2 : 1,
  attempted,
  seen,
  provoke: (bench) => ask(bench, 'service/account', library),
});

export const secretRows: readonly Row[] = [
  keyring('the package for the key store is missing', 'keyring.not-installed', null, /key store/, /`@napi-rs\/keyring` is not installed/),
  keyring('the package for the key store cannot be loaded', 'keyring.not-installed', 'throw new Error("no binding");', /key store/, /loaded \(no binding\)/),
  keyring('there is no key store', 'keyring.unavailable', saying('Platform failure: DBus error: no address'), /no key store for this user/, /DBus error/),
  keyring('the key store is locked', 'keyring.locked', saying('unlock prompt was dismissed'), /key store is locked/, /dismissed/),
  keyring('the key store never answers', 'keyring.timeout', 'for (;;);', /key store did not answer/, /within 0\.2 s/),
  keyring('the key store does something else', 'keyring.failed', saying('out of paper'), /key store could not be used/, /out of paper/),
  keyring(
    'the key store takes its process along',
    'keyring.failed',
    'process.kill(process.pid, "SIGKILL");',
    /key store could not be used/,
    /without an answer/,
  ),
  {
    what: 'the name of a secret lacks a part',
    kind: 'config',
    code: 'keyring.name',
    exit: 2,
    attempted: /the name `service\/`/,
    seen: /lacks a part/,
    provoke: (bench) => ask(bench, 'service/', null),
  },
  {
    what: 'the settings of another tool are not there',
    kind: 'config',
    code: 'ini.unreadable',
    exit: 2,
    attempted: /config\.ini`/,
    seen: /does not exist/,
    provoke: async (bench) => readIniFile(join(await bench.folder(), 'config.ini')),
  },
];
