/** `${keyring:SERVICE/ACCOUNT}` against the real key store of a Linux desktop, unlocked, locked, silent and absent. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { keyringName, keyringPlaceholder, keyringSecrets, openKeyring } from '../../src/config/secrets/keyring.ts';
import { Failure } from '../../src/core/failure.ts';
import { secret } from '../../src/core/secret.ts';
import { type KeyStore, openKeyStore, openSilentBus, withoutKeyStore } from '../far-ends/key-store.ts';

const { signal } = new AbortController();
const timeoutMs = 60_000;
const failing = (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => {
      if (error instanceof Failure) return error;
      throw error;
    },
  );

describe('the name of a secret', () => {
  it.each([
    ['sophos-central/acme', 'sophos-central', 'acme'],
    ['client-secret', 'sophos-central', 'client-secret'],
    ['siem/prod/eu', 'siem', 'prod/eu'],
    [' a b / c d ', 'a b', 'c d'],
    ['dienst/schlüssel', 'dienst', 'schlüssel'],
  ])('`%s` is cut at its first slash', (text, service, account) => {
    expect(keyringName(text)).toEqual({ service, account });
    expect(keyringName(keyringPlaceholder({ service, account }).slice('${keyring:'.length, -1))).toEqual({ service, account });
  });

  it.each(['', '/', '/a', 'a/', ' / ', 'a{b', 'a}', 'a/\u001b[2J', 'a\u202eb', 'x'.repeat(256)])('`%s` is refused', (text) => {
    expect(() => keyringName(text)).toThrow(expect.objectContaining({ kind: 'config', code: 'keyring.name', advice: expect.stringMatching(/^write/) }));
  });
});

describe.skipIf(withoutKeyStore !== null)('a key store', () => {
  let store: KeyStore;
  beforeAll(async () => {
    store = await openKeyStore();
  });
  afterAll(() => store.close());
  const open = () => openKeyring({ env: store.env, timeoutMs });
  const resolve = (name: string) => keyringSecrets({ env: store.env }).resolve(name, signal);

  it('gives what it was given, whatever it is', async () => {
    for (const value of ['simple', 'pässwörd "\'\\ ${x} 100%', 'two\nlines\n', ' blanks ', '😀'.repeat(1000), 'x'.repeat(64 * 1024)]) {
      await open().set({ service: 'svc', account: 'any/name ü' }, secret(value), signal);
      expect((await resolve('svc/any/name ü')).reveal()).toBe(value);
    }
    expect(await open().accounts('svc', signal)).toEqual(['any/name ü']);
    expect(await open().delete({ service: 'svc', account: 'any/name ü' }, signal)).toBe(true);
    expect(await open().delete({ service: 'svc', account: 'any/name ü' }, signal)).toBe(false);
    expect(await open().has({ service: 'svc', account: 'any/name ü' }, signal)).toBe(false);
    expect(await open().accounts('svc', signal)).toEqual([]);
  });

  it('is the one that other programs use', async () => {
    await open().set({ service: 'sophos-central', account: 'theirs' }, secret('from-us'), signal);
    expect(store.run('secret-tool', ['lookup', 'service', 'sophos-central', 'username', 'theirs'])).toBe('from-us');
    store.run('secret-tool', ['store', '--label=x', 'service', 'sophos-central', 'username', 'theirs'], 'from-them');
    expect((await resolve('theirs')).reveal()).toBe('from-them');
  });

  it('is asked for a configuration', async () => {
    await open().set({ service: 'sophos-central', account: 'acme' }, secret('s3cret-of-acme'), signal);
    const text = 'central: { clientId: id, clientSecret: "${keyring:sophos-central/acme}" }\n';
    const plan = await loadConfig({ file: '/nowhere/sophos-central.yaml', text, cwd: '/', env: store.env });
    const [account] = plan.accounts;
    expect(account?.credentials.kind === 'client' && account.credentials.clientSecret.reveal()).toBe('s3cret-of-acme');
    expect(JSON.stringify(plan)).not.toContain('s3cret-of-acme');
  });

  it('that lacks a secret is told by name, with the one that was meant', async () => {
    await open().set({ service: 'sophos-central', account: 'client-secret' }, secret('x'), signal);
    expect(await failing(resolve('client-secert'))).toMatchObject({
      kind: 'config',
      code: 'secret.missing',
      message: 'the secret `sophos-central/client-secert` is not in the key store',
      advice: 'did you mean `client-secret`?',
    });
    expect(await failing(resolve('elsewhere/x'))).toMatchObject({ code: 'secret.missing', advice: 'run `sophos-central secret set elsewhere/x`' });
  });

  it('survives its own end: what is stored is not in memory alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keys-'));
    const first = await openKeyStore({ folder });
    await openKeyring({ env: first.env, timeoutMs }).set({ service: 's', account: 'a' }, secret('kept'), signal);
    await first.close();
    const second = await openKeyStore({ folder });
    expect((await openKeyring({ env: second.env, timeoutMs }).get({ service: 's', account: 'a' }, signal))?.reveal()).toBe('kept');
    await second.close();
    const third = await openKeyStore({ folder, locked: true });
    const locked = await failing(keyringSecrets({ env: third.env }).resolve('s/a', signal));
    expect(locked).toMatchObject({
      kind: 'transient',
      code: 'keyring.locked',
      message: expect.stringMatching(/locked/),
      advice: expect.stringMatching(/^unlock it.*\$\{env:NAME\}/),
    });
    await third.close();
    rmSync(folder, { recursive: true, force: true });
  });
});

describe.skipIf(withoutKeyStore !== null)('a key store that does not answer', () => {
  it('is given up in time, and is not waited for again for the next secret', async ({ onTestFinished }) => {
    const bus = await openSilentBus();
    onTestFinished(() => bus.close());
    const provider = keyringSecrets({ env: bus.env, timeoutMs: 300 });
    const first = await failing(provider.resolve('a/b', signal));
    expect(first).toMatchObject({ kind: 'transient', code: 'keyring.timeout', message: 'the key store did not answer within 0.3 s' });
    expect(await failing(provider.resolve('a/c', signal))).toBe(first);
  });

  it('is left at once on an abort', async ({ onTestFinished }) => {
    const bus = await openSilentBus();
    onTestFinished(() => bus.close());
    const stop = new AbortController();
    const reason = new Error('enough');
    const asked = openKeyring({ env: bus.env, timeoutMs: 600_000 }).get({ service: 'a', account: 'b' }, stop.signal);
    await bus.connected;
    stop.abort(reason);
    await expect(asked).rejects.toBe(reason);
    await expect(openKeyring({ env: bus.env, timeoutMs }).get({ service: 'a', account: 'b' }, stop.signal)).rejects.toBe(reason);
  });
});

describe('where there is no key store', () => {
  it.skipIf(process.platform !== 'linux')('that is said, with what to use instead', async () => {
    for (const address of ['unix:path=/nowhere/bus', 'nonsense']) {
      const env = { HOME: '/nowhere', DBUS_SESSION_BUS_ADDRESS: address };
      const failure = await failing(keyringSecrets({ env }).resolve('a/b', signal));
      expect(failure).toMatchObject({ kind: 'config', code: 'keyring.unavailable', advice: expect.stringMatching(/\$\{systemd:NAME\}/) });
      expect(await failing(openKeyring({ env, timeoutMs }).accounts('a', signal))).toMatchObject({ code: 'keyring.unavailable' });
    }
  });

  it('nor the package for it, that is said too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nothing-'));
    const from = pathToFileURL(join(folder, 'x.js'));
    const absent = keyringSecrets({ env: {}, from }).resolve('a/b', signal);
    expect(await failing(absent)).toMatchObject({ kind: 'config', code: 'keyring.not-installed', message: expect.stringMatching(/is not installed/) });
    rmSync(folder, { recursive: true });
  });

  it('nor a package that can be loaded, its own words are shown', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'broken-'));
    const file = join(folder, 'node_modules', '@napi-rs', 'keyring');
    const { mkdirSync } = await import('node:fs');
    mkdirSync(file, { recursive: true });
    writeFileSync(join(file, 'index.js'), 'throw new Error("Cannot find native\\u001b binding");');
    const failure = await failing(keyringSecrets({ env: {}, from: pathToFileURL(join(folder, 'x.js')) }).resolve('a/b', signal));
    expect(failure).toMatchObject({ code: 'keyring.not-installed', message: expect.stringContaining('cannot be loaded (Cannot find native  binding)') });
    writeFileSync(join(file, 'index.js'), 'process.stdout.write("half a sec"); process.exit(1);');
    const half = await failing(keyringSecrets({ env: {}, from: pathToFileURL(join(folder, 'x.js')) }).resolve('a/b', signal));
    expect(half).toMatchObject({ kind: 'transient', code: 'keyring.failed', message: 'the key store could not be used: its process ended without an answer' });
    rmSync(folder, { recursive: true });
  });
});
