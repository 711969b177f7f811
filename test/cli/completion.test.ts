import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formats } from '../../src/formats/index.ts';
import { streams } from '../../src/streams/index.ts';
import { type } from './terminal.ts';

const has = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;

describe('completion', () => {
  let folder: string;
  let bash: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'completion-'));
    bash = join(folder, 'bash');
    writeFileSync(bash, (await type(['completion', 'bash'])).out);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What bash offers for the last of these words. */
  function offers(...words: readonly string[]): readonly string[] {
    const script = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _sophos_central; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr, status } = spawnSync('bash', ['-c', script, bash, 'sophos-central', ...words], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.split('\n').filter((line) => line !== '');
  }

  it('is a valid script for bash', () => {
    expect(spawnSync('bash', ['-n', bash], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it.each(['zsh', 'fish'])('is a valid script for %s, as far as this machine can tell', async (shell) => {
    const { code, out } = await type(['completion', shell]);
    expect(code).toBe(0);
    for (const word of ['whoami', 'siem-alerts', 'dead-letter', 'log-level']) expect(out).toContain(word);
    if (!has(shell)) return;
    const file = join(folder, shell);
    writeFileSync(file, out);
    expect(spawnSync(shell, ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it('offers commands, their commands, streams, options and fixed values', () => {
    expect(offers('')).toEqual(expect.arrayContaining(['demo', 'get', 'run', 'help']));
    expect(offers('wh')).toEqual(['whoami']);
    expect(offers('config', '')).toEqual(['check', 'show', 'schema']);
    expect(offers('get', '')).toEqual(streams.map(({ name }) => name));
    expect(offers('get', 'events', '--out')).toEqual(['--output', '--out-dir']);
    expect(offers('completion', 'z')).toEqual(['zsh']);
    expect(offers('--log-level', 'd')).toEqual(['debug']);
    expect(offers('help', 'res')).toEqual(['reset']);
  });

  it('offers after an option the values that it has with this command', () => {
    expect(offers('get', 'events', '--output', '')).toEqual([...new Set(['table', 'ndjson', 'json', 'csv', 'raw', ...formats.map(({ name }) => name)])]);
    expect(offers('tenants', '--output', 'c')).toEqual(['csv']);
    expect(offers('simulate', '--output', '')).toEqual(['text', 'json']);
    expect(offers('get', '--log-format', 'j')).toEqual(['json']);
  });

  it('steps over options and their values on its way', () => {
    expect(offers('--config', 'get', 'config', 's')).toEqual(['show', 'schema']);
    expect(offers('--quiet', 'dead-letter', 'retry', '--r')).toEqual(['--route']);
  });

  it('refuses another shell, with those there are', async () => {
    const { code, err } = await type(['completion', 'tcsh']);
    expect(code).toBe(2);
    expect(err).toContain('bash, zsh, fish');
  });
});
