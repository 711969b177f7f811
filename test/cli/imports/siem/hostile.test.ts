/** Folders of siem.py that somebody prepared, or broke: nothing is waited for, nobody is let in, and nothing secret is told or written. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Said, type } from '../../terminal.ts';

const secret = 'canary-of-the-client-0123456789';

function folderFor(onTestFinished: (end: () => void) => void, settings: Readonly<Record<string, string>>, more = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'siem', 'log'), { recursive: true });
  const lines = Object.entries({ client_id: 'id', client_secret: secret, ...settings }).map(([key, value]) => `${key} = ${value}\n`);
  writeFileSync(join(folder, 'siem', 'config.ini'), `[login]\n${lines.join('')}${more}`);
  return folder;
}

const imported = (cwd: string, ...options: string[]): Promise<Said> => type(['import', 'siem', 'siem', '--offline', ...options], { cwd });

describe('a hostile folder of siem.py', () => {
  it.skipIf(process.platform === 'win32')('with a pipe as its output file is not waited for', async () => {
    const cwd = folderFor(onTestFinished, { filename: 'pipe' });
    execFileSync('mkfifo', [join(cwd, 'siem', 'log', 'pipe')]);
    expect(await imported(cwd)).toMatchObject({ code: 0 });
  });

  it.each(['*', 'a*', '?', '[a-z]*', '{a,b}', '${env:HOME}', '../x', '__proto__'])('with the tenant `%s` is refused: it would be a pattern', async (tenant) => {
    const cwd = folderFor(onTestFinished, { tenant_id: tenant });
    const { code, err } = await imported(cwd);
    expect(err).toContain('`tenant_id`');
    expect(code).toBe(2);
    expect(existsSync(join(cwd, 'sophos-central.yaml'))).toBe(false);
  });

  it.each([{ client_id: '%(client_secret)s' }, { filename: '%(client_secret)s' }, { auth_url: 'https://h/%(client_secret)s' }])(
    'whose secret stands in another setting, as in %o, is refused: it would be copied',
    async (settings) => {
      const cwd = folderFor(onTestFinished, settings);
      for (const options of [[], ['--dry-run'], ['--output', 'json']]) {
        const { code, out, err } = await imported(cwd, ...options);
        expect(code, err).toBe(2);
        expect(out + err).not.toContain(secret);
      }
      expect(existsSync(join(cwd, 'sophos-central.yaml'))).toBe(false);
    },
  );

  it('whose addresses hold a password is refused without telling it', async () => {
    for (const settings of [{ auth_url: 'https://user:pass-canary@host/' }, { api_host: 'user:pass-canary@host' }]) {
      const { code, out, err } = await imported(folderFor(onTestFinished, settings));
      expect(code, err).toBe(2);
      expect(err).toContain('[secret]@host');
      expect(out + err).not.toContain('pass-canary');
    }
  });

  it('with a NUL in the path of its state is refused, and it is said what is wrong', async () => {
    const { code, err } = await imported(folderFor(onTestFinished, { state_file_path: 'state/a\0b.json' }));
    expect(code, err).toBe(2);
    expect(err).toMatch(/`state_file_path` of .*config\.ini: .*a NUL/);
  });

  it('whose secret was broken into two lines does not show the second one', async () => {
    const second = 'c2Vjb25kTGluZU9mQVNlY3JldA';
    const cwd = folderFor(onTestFinished, {}, `${second}==\n${second}: 1\nlittle_key = 1\n`);
    const { code, err } = await imported(cwd, '--dry-run');
    expect(code, err).toBe(0);
    expect(err).toContain('little_key');
    expect(err.toLowerCase()).not.toContain(second.toLowerCase());
  });
});
