/** A key store as a Linux desktop has it: GNOME Keyring on a session bus of its own, in a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface KeyStore {
  /** What a program needs to find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a program of the system against it; resolves with its standard output. */
  run(program: string, args: readonly string[], input?: string): string;
  close(): Promise<void>;
}

/** Why there can be none on this machine; `null` when there can. */
export const withoutKeyStore: string | null =
  process.platform !== 'linux'
    ? 'the key store of this test is that of Linux'
    : (['dbus-run-session', 'gnome-keyring-daemon', 'secret-tool']
        .map((name) => (spawnSync('which', [name]).status === 0 ? null : `${name} is not installed`))
        .find((why) => why !== null) ?? null);

if (withoutKeyStore !== null) console.log(`skipped: tests of the key store: ${withoutKeyStore}`);

/** Opens a key store; `locked` asks for its password, and there is nobody to type it. Its `folder` outlives it when it was given. */
export async function openKeyStore({ folder, locked = false }: { readonly folder?: string; readonly locked?: boolean } = {}): Promise<KeyStore> {
  const home = folder ?? mkdtempSync(join(tmpdir(), 'keys-'));
  chmodSync(home, 0o700);
  const env = { HOME: home, XDG_DATA_HOME: home, XDG_RUNTIME_DIR: home, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home, PATH: process.env.PATH ?? '' };
  const daemon = locked ? 'gnome-keyring-daemon --start --components=secrets' : 'printf pw | gnome-keyring-daemon --unlock --components=secrets';
  // Lives as long as its standard input: the daemon ends with the bus.
  const script = `${daemon} >/dev/null 2>&1; printf '%s\\n' "$DBUS_SESSION_BUS_ADDRESS"; cat >/dev/null`;
  const session = spawn('dbus-run-session', ['--', 'sh', '-c', script], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const address = await firstLine(session);
  const all = { ...env, DBUS_SESSION_BUS_ADDRESS: address };
  return {
    env: all,
    run(program, args, input = '') {
      const { status, stdout, stderr } = spawnSync(program, args, { env: all, input, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${program} ends with ${status}: ${stderr}`);
      return stdout;
    },
    async close() {
      const ended = new Promise((resolve) => session.once('close', resolve));
      session.stdin?.end();
      await ended;
      if (folder === undefined) rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function firstLine(session: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (!session.stdout) throw new Error('there is no standard output');
    createInterface({ input: session.stdout }).once('line', resolve);
    session.once('error', reject).once('close', (code) => reject(new Error(`the session ended with ${code}`)));
  });
}

/** A session bus that takes connections and never says a word. */
export async function openSilentBus(): Promise<{ readonly env: Readonly<Record<string, string>>; readonly connected: Promise<void>; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'bus-'));
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const connected = new Promise<void>((resolve) => {
    server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      resolve();
    });
  });
  const path = join(folder, 'bus');
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  return {
    env: { HOME: folder, DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` },
    connected,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server?.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
