/** `secret set` as a person uses it: the real program on a real terminal, with a real key store behind it. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type KeyStore, openKeyStore, openSilentBus, withoutKeyStore } from '../far-ends/key-store.ts';
import { bin, run } from './house.ts';

const hasPython = spawnSync('python3', ['-c', 'import pty']).status === 0;
const reason = withoutKeyStore ?? (hasPython ? null : 'a terminal needs python3');
if (reason !== null) console.log(`skipped: secrets on a terminal: ${reason}`);

/** Runs a program on a terminal of its own; what it prints comes out, what it is sent is typed. Ends with its exit code. */
const terminal = `
import os, pty, select, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
keys = True
while True:
    ready, _, _ = select.select([fd, 0] if keys else [fd], [], [])
    if 0 in ready:
        typed = os.read(0, 1024)
        keys = len(typed) > 0
        if keys: os.write(fd, typed)
    if fd in ready:
        try:
            shown = os.read(fd, 1024)
        except OSError:
            break
        if not shown: break
        os.write(1, shown)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 99)
`;

/** Types the keys as soon as the words before them are shown. */
async function onTerminal(args: readonly string[], env: Readonly<Record<string, string>>, keys: readonly (readonly [RegExp, string])[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'terminal-'));
  const child = spawn('python3', ['-c', terminal, process.execPath, bin, ...args], { cwd, env: { ...env, TERM: 'xterm' }, stdio: ['pipe', 'pipe', 'pipe'] });
  const waiting = [...keys];
  let shown = '';
  child.stdout.on('data', (part: Buffer) => {
    shown += part.toString();
    const [next] = waiting;
    if (next?.[0].test(shown)) child.stdin.write(waiting.shift()?.[1] ?? '');
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  rmSync(cwd, { recursive: true });
  return { code, shown };
}

async function open(onTestFinished: (after: () => Promise<void>) => void): Promise<KeyStore> {
  const store = await openKeyStore();
  onTestFinished(() => store.close());
  return store;
}

it.skipIf(reason !== null)('is typed unseen, found by the next command, and gone after Ctrl-C', async ({ onTestFinished }) => {
  const store = await open(onTestFinished);
  const typed = await onTerminal(['secret', 'set', 'acme'], store.env, [[/not shown\): $/, 'hunter2 ü\u007fu\r']]);
  expect(typed.code).toBe(0);
  expect(typed.shown).toContain('${keyring:sophos-central/acme}');
  expect(typed.shown).not.toMatch(/hunter|\*/);
  expect(store.run('secret-tool', ['lookup', 'service', 'sophos-central', 'username', 'acme'])).toBe('hunter2 u');

  const stopped = await onTerminal(['secret', 'set', 'other'], store.env, [[/not shown\): $/, 'hunter2\u0003']]);
  expect(stopped.code).toBe(130);
  expect(stopped.shown).not.toContain('hunter2');
  const { stdout } = await run(['secret', 'list'], { cwd: tmpdir(), env: store.env });
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { account: string }).account),
  ).toEqual(['acme']);
});

it.skipIf(reason !== null)('is not waited for when the key store never answers: Ctrl-C ends it at once', async ({ onTestFinished }) => {
  const bus = await openSilentBus();
  onTestFinished(() => bus.close());
  const child = spawn(process.execPath, [bin, 'secret', 'list'], { env: bus.env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await bus.connected;
  child.kill('SIGINT');
  expect(await ended).toBe(130);
});
