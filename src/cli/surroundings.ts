import type { Readable } from 'node:stream';
import type { World } from '../core/world.ts';
import type { Terminal } from './command.ts';

/** What a process gives to the command line; tests give their own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The user's home folder. */
  readonly home: string;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Parts of the world that a test holds still. */
  readonly world?: Partial<World>;
}
