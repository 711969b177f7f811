import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import type { CommandEntry } from '../../src/cli/command.ts';
import { main } from '../../src/cli/main.ts';
import type { World } from '../../src/core/world.ts';

export interface Typed {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Standard output and error are terminals of this width. */
  readonly columns?: number;
  /** What is typed on standard input, which is then a terminal. */
  readonly input?: string;
  readonly signal?: AbortSignal;
  readonly world?: Partial<World>;
  readonly table?: readonly CommandEntry[];
  /** Standard output, if it is to misbehave. */
  readonly stdout?: Writable;
}

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Types one command line into the program and resolves with what it said. */
export async function type(argv: readonly string[], typed: Typed = {}): Promise<Said> {
  const out = gathering(typed.columns);
  const err = gathering(typed.columns);
  const folder = typed.cwd ?? mkdtempSync(join(tmpdir(), 'cli-'));
  const stdin: Readable & { isTTY?: boolean } = typed.input === undefined ? Readable.from([]) : new PassThrough();
  if (typed.input !== undefined) {
    stdin.isTTY = true;
    if (stdin instanceof PassThrough) stdin.write(typed.input);
  }
  try {
    const code = await main(
      argv,
      {
        env: { HOME: folder, ...typed.env },
        cwd: folder,
        home: folder,
        stdin,
        stdout: typed.stdout ?? out.stream,
        stderr: err.stream,
        signal: typed.signal ?? new AbortController().signal,
        ...(typed.world ? { world: typed.world } : {}),
      },
      typed.table,
    );
    return { code, out: out.text(), err: err.text() };
  } finally {
    if (typed.cwd === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function gathering(columns: number | undefined): { stream: Writable & { isTTY?: boolean; columns?: number }; text(): string } {
  const parts: Buffer[] = [];
  const stream: Writable & { isTTY?: boolean; columns?: number } = new Writable({
    write(chunk: Buffer, _encoding, done) {
      parts.push(Buffer.from(chunk));
      done();
    },
  });
  if (columns !== undefined) Object.assign(stream, { isTTY: true, columns });
  return { stream, text: () => Buffer.concat(parts).toString('utf8') };
}
