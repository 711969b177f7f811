/** `init` as somebody types it, against a Central of our own. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningSimulator } from '../../src/simulator/index.ts';
import { type Said, type Typed, type } from './terminal.ts';

export const enter = '\r';
export const ctrlC = '\u0003';

export interface Scene {
  readonly folder: string;
  /** Both hosts of the simulator. */
  readonly hosts: Readonly<Record<string, string>>;
  /** These and the credential. */
  readonly env: Readonly<Record<string, string>>;
  /** `init` with these options. */
  init(options: readonly string[], typed?: Typed): Promise<Said>;
  /** The same on a terminal of 80 columns, with everything typed ahead. */
  answer(keys: readonly string[], options?: readonly string[], env?: Readonly<Record<string, string>>): Promise<Said>;
  /** The text of a file in the folder. */
  read(name?: string): string;
  has(name: string): boolean;
  names(): readonly string[];
  remove(): void;
}

export function openScene({ url, clientId, clientSecret }: RunningSimulator): Scene {
  const folder = mkdtempSync(join(tmpdir(), 'init-'));
  const hosts = { SOPHOS_CENTRAL_AUTH_URL: url, SOPHOS_CENTRAL_API_URL: url, NO_PROXY: '127.0.0.1' };
  const env = { ...hosts, SOPHOS_CLIENT_ID: clientId, SOPHOS_CLIENT_SECRET: clientSecret };
  return {
    folder,
    hosts,
    env,
    init: (options, typed = {}) => type(['init', ...options], { cwd: folder, env, ...typed }),
    answer: (keys, options = [], more = hosts) => type(['init', ...options], { cwd: folder, env: more, columns: 80, input: keys.join('') }),
    read: (name = 'sophos-central.yaml') => readFileSync(join(folder, name), 'utf8'),
    has: (name) => existsSync(join(folder, name)),
    names: () => readdirSync(folder),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
