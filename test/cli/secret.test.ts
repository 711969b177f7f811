/** `secret set`, `list` and `delete`, against the real key store of a Linux desktop. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { type KeyStore, openKeyStore, withoutKeyStore } from '../far-ends/key-store.ts';
import { type as typeLine } from './terminal.ts';

const hidden = 'hunter2 ü;#%';

describe('a secret on the command line', () => {
  it('is refused, told why, and not repeated', async () => {
    for (const argv of [
      ['secret', 'set', 'name', 'hunter2'],
      ['secret', 'set', 'name', 'hunter2', 'and', 'more'],
      ['secret', 'set', 'name', '--value=hunter2'],
      ['secret', 'set', '--value=hunter2'],
      ['secret', 'set', '--password', 'hunter2', 'name', '--quiet'],
    ]) {
      const { code, err, out } = await typeLine(argv);
      expect(code).toBe(2);
      expect(err).toMatch(/not taken as an argument: the list of processes and the history of the shell/);
      expect(out + err).not.toContain('hunter2');
    }
  });

  it.each(['a/', '/a', '', 'a{b}'])('with the name `%s` is refused before it is asked for', async (name) => {
    expect(await typeLine(['secret', 'set', name])).toMatchObject({ code: 2, err: expect.stringMatching(/write it as `SERVICE\/ACCOUNT`/) });
  });
});

describe.skipIf(withoutKeyStore !== null)('with a key store', () => {
  let store: KeyStore;
  let cwd = '';
  beforeAll(async () => {
    store = await openKeyStore();
    cwd = mkdtempSync(join(tmpdir(), 'secret-'));
  });
  afterAll(async () => {
    await store.close();
    rmSync(cwd, { recursive: true });
  });
  const type = (argv: readonly string[], more: { readonly input?: string; readonly columns?: number } = {}) => typeLine(argv, { cwd, env: store.env, ...more });
  const lookUp = (account: string, service = 'sophos-central') => store.run('secret-tool', ['lookup', 'service', service, 'username', account]);

  /** Through a pipe, in pieces. */
  async function pipe(argv: readonly string[], ...parts: readonly (string | Buffer)[]) {
    const said = { out: '', err: '' };
    const end = (name: 'out' | 'err') =>
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          said[name] += chunk.toString();
          done();
        },
      });
    const stdin = Readable.from(parts.map((part) => Buffer.from(part)));
    const { signal } = new AbortController();
    const code = await main(argv, { env: store.env, cwd, home: cwd, stdin, stdout: end('out'), stderr: end('err'), signal });
    return { code, ...said };
  }

  it('a piped secret is stored without its last line break, and the placeholder is printed', async () => {
    for (const [given, kept] of [
      [`${hidden}\n`, hidden],
      [`${hidden}\r\n`, hidden],
      [hidden, hidden],
      ['two\nlines\n\n', 'two\nlines\n'],
      ['\uFEFFfrom-powershell\r\n', 'from-powershell'],
      [`${'x'.repeat(64 * 1024)}\n`, 'x'.repeat(64 * 1024)],
    ] as const) {
      const bytes = Buffer.from(given);
      const { code, out, err } = await pipe(['secret', 'set', 'piped'], bytes.subarray(0, 9), bytes.subarray(9));
      expect({ code, out }).toEqual({ code: 0, out: '${keyring:sophos-central/piped}\n' });
      expect(err).toMatch(/^Stored as `sophos-central\/piped`/);
      expect(err).not.toContain('hunter2');
      expect(lookUp('piped')).toBe(kept);
    }
  });

  it.each([
    ['empty', ''],
    ['empty', '\n'],
    ['longer than 65536 bytes', 'x'.repeat(64 * 1024 + 1)],
    ['longer than 65536 bytes', 'x'.repeat(10_000_000)],
    ['not UTF-8', Buffer.from([0x70, 0xff, 0xfe])],
  ])('a piped secret that is %s is refused', async (why, given) => {
    const { code, err } = await pipe(['secret', 'set', 'refused'], given);
    expect(code).toBe(2);
    expect(err).toContain(why);
    expect((await type(['secret', 'list'])).out).not.toContain('refused');
  });

  it('a typed secret is asked for and not shown', async () => {
    const { code, out, err } = await type(['secret', 'set', 'siem/prod'], { input: `${hidden}x\u007f\r`, columns: 100 });
    expect({ code, out }).toEqual({ code: 0, out: '${keyring:siem/prod}\n' });
    expect(err).toMatch(/^The secret for \$\{keyring:siem\/prod\} \(it is not shown\): \nStored as `siem\/prod`/);
    expect(err).not.toMatch(/hunter|\*/);
    expect(lookUp('prod', 'siem')).toBe(hidden);
  });

  it('is not stored after Ctrl-C, Ctrl-D or an empty line', async () => {
    expect(await type(['secret', 'set', 'nothing'], { input: 'hunter2\u0003', columns: 100 })).toMatchObject({ code: 130 });
    expect(await type(['secret', 'set', 'nothing'], { input: '\u0004', columns: 100 })).toMatchObject({ code: 130 });
    expect(await type(['secret', 'set', 'nothing'], { input: '\r', columns: 100 })).toMatchObject({ code: 2 });
    expect((await type(['secret', 'list'])).out).not.toContain('nothing');
  });

  it('is not asked for on a terminal that could not show the question', async () => {
    expect(await type(['secret', 'set', 'x'], { input: 'y\r' })).toMatchObject({ code: 2, err: expect.stringContaining('standard error is not one') });
  });

  it('an abort ends the asking', async () => {
    const stop = new AbortController();
    const stdin: Readable & { isTTY?: boolean } = new PassThrough();
    stdin.isTTY = true;
    const nowhere = () => Object.assign(new Writable({ write: (_chunk, _encoding, done) => done() }), { isTTY: true, columns: 80 });
    const { interrupted } = await import('../../src/cli/exit.ts');
    const stderr = nowhere();
    const asked = new Promise<void>((resolve) => {
      stderr._write = (_chunk, _encoding, done) => {
        done();
        resolve();
      };
    });
    const code = main(['secret', 'set', 'x'], { env: store.env, cwd, home: cwd, stdin, stdout: nowhere(), stderr, signal: stop.signal });
    await asked;
    stop.abort(interrupted());
    expect(await code).toBe(130);
  });

  it('names are listed with what the configuration expects, values never', async () => {
    await pipe(['secret', 'set', 'acme'], hidden);
    await pipe(['secret', 'set', 'elsewhere/other'], hidden);
    const config = [
      'central: { clientId: id, clientSecret: "${keyring:acme}" }',
      '# no: ${keyring:commented/out}',
      'sinks: { a: { type: stdout, x: "$${keyring:escaped/y}", y: "${keyring:elsewhere/missing}" }',
      'not even YAML: [',
    ];
    writeFileSync(join(cwd, 'sophos-central.yaml'), config.join('\n'));
    const { code, out } = await type(['secret', 'list', '--output', 'json']);
    expect(code).toBe(0);
    const rows = JSON.parse(out) as { service: string; account: string }[];
    expect(rows.filter(({ account }) => /acme|other|missing/.test(account))).toEqual([
      { service: 'sophos-central', account: 'acme', stored: true, used: true, placeholder: '${keyring:sophos-central/acme}' },
      { service: 'elsewhere', account: 'missing', stored: false, used: true, placeholder: '${keyring:elsewhere/missing}' },
      { service: 'elsewhere', account: 'other', stored: true, used: false, placeholder: '${keyring:elsewhere/other}' },
    ]);
    expect(new Set(rows.map(({ service }) => service))).toEqual(new Set(['sophos-central', 'elsewhere']));
    expect(out).not.toContain('hunter2');
    const table = await type(['secret', 'list'], { input: '', columns: 100 });
    expect(table.out).toContain('PLACEHOLDER');
    expect(await type(['secret', 'list', '--config', 'nowhere.yaml'])).toMatchObject({ code: 2, err: expect.stringContaining('does not exist') });
    rmSync(join(cwd, 'sophos-central.yaml'));
  });

  it('is not chosen among several of one name', async () => {
    for (const extra of ['1', '2'])
      store.run('secret-tool', ['store', '--label=x', 'service', 'sophos-central', 'username', 'twice', 'extra', extra], `${hidden}${extra}`);
    const { code, err } = await pipe(['secret', 'set', 'twice'], 'new');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('several entries have this service and account') });
    store.run('secret-tool', ['clear', 'service', 'sophos-central', 'username', 'twice']);
  });

  it('is deleted after a yes, and told when there was none', async () => {
    await pipe(['secret', 'set', 'gone'], hidden);
    expect(await type(['secret', 'delete', 'gone'])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    expect(await type(['secret', 'delete', 'gone', '--dry-run'])).toMatchObject({ code: 0, err: expect.stringContaining('Nothing was changed') });
    expect(await type(['secret', 'delete', 'gone'], { input: 'n\n', columns: 80 })).toMatchObject({
      code: 0,
      err: expect.stringContaining('Nothing was changed'),
    });
    expect(lookUp('gone')).toBe(hidden);
    writeFileSync(join(cwd, 'sophos-central.yaml'), 'central: { clientSecret: "${keyring:gone}" }');
    const removed = await type(['secret', 'delete', 'gone'], { input: 'y\n', columns: 80 });
    expect(removed).toMatchObject({ code: 0, err: expect.stringMatching(/the configuration refers to it[\s\S]*Removed `sophos-central\/gone`/) });
    rmSync(join(cwd, 'sophos-central.yaml'));
    expect(await type(['secret', 'delete', 'gone', '--yes'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no secret `sophos-central/gone`'),
    });
  });
});

it.skipIf(process.platform !== 'linux')('without a key store it says what to use instead', async () => {
  const env = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
  for (const argv of [
    ['secret', 'list'],
    ['secret', 'delete', 'x', '--yes'],
  ])
    expect(await typeLine(argv, { env })).toMatchObject({ code: 2, err: expect.stringMatching(/there is no key store for this user .*[\s\S]*\$\{env:NAME\}/) });
});
