/** Folders of siem.py that somebody prepared, or broke: nothing is waited for, nobody is let in, and nothing secret is told or written. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { start } from '../../terminal.ts';

const secret = 'canary-of-the-client-0123456789';

function folderFor(onTestFinished: (end: () => void) => void, settings: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'siem', 'log'), { recursive: true });
  const lines = Object.entries({ client_id: 'id', client_secret: secret, ...settings }).map(([key, value]) => `${key} = ${value}\n`);
  writeFileSync(join(folder, 'siem', 'config.ini'), `[login]\n${lines.join('')}`);
  return folder;
}
