/** A terminal that a person sits at: tmux, driven key by key; what it shows is read back as a person would read it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { expect } from 'vitest';

/** Why there is none; `null` when there is one. */
export const withoutTmux: string | null = spawnSync('tmux', ['-V']).status === 0 ? null : 'tmux is not installed';

export interface Person {
  /** Types, as fast as one can; names of keys such as `Enter` or `C-c` stand alone. */
  press(...keys: readonly string[]): void;
  /** Types this text, letter by letter. */
  type(text: string): void;
  /** Everything that has been shown, lines that the terminal broke put together again. */
  screen(): string;
  /** Waits until that is shown. */
  sees(what: string | RegExp, timeout?: number): Promise<void>;
  /** How many keys have been pressed; what was pasted counts as one. */
  readonly keystrokes: number;
  /** Pastes a text, as one does with ids and secrets. */
  paste(text: string): void;
  leave(): void;
}

/** Opens a shell in a terminal of 80 columns. */
export function sitDown({ cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> }): Person {
  const socket = `sophos-central-${process.pid}-${Math.trunc(performance.now())}`;
  const tmux = (...args: readonly string[]) => execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' });
  const variables = Object.entries({ PATH: process.env.PATH ?? '', HOME: cwd, TERM: 'xterm-256color', PS1: '$ ', LANG: 'C.UTF-8', ...env });
  tmux(
    '-f',
    '/dev/null',
    'new-session',
    '-d',
    '-s',
    'main',
    '-x',
    '80',
    '-y',
    '50',
    '-c',
    cwd,
    'env',
    '-i',
    ...variables.map(([name, value]) => `${name}=${value}`),
    'bash',
    '--norc',
    '--noprofile',
  );
  let keystrokes = 0;
  const screen = () => tmux('capture-pane', '-p', '-J', '-t', 'main', '-S', '-2000');
  return {
    press(...keys) {
      keystrokes += keys.length;
      tmux('send-keys', '-t', 'main', ...keys);
    },
    type(text) {
      keystrokes += text.length;
      tmux('send-keys', '-t', 'main', '-l', text);
    },
    paste(text) {
      keystrokes++;
      tmux('send-keys', '-t', 'main', '-l', text);
    },
    screen,
    sees: (what, timeout = 20_000) =>
      expect
        .poll(screen, { timeout, interval: 50 })
        .toMatch(typeof what === 'string' ? new RegExp(what.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : what) as unknown as Promise<void>,
    get keystrokes() {
      return keystrokes;
    },
    leave: () => void spawnSync('tmux', ['-L', socket, 'kill-server']),
  };
}
