import type { Writable } from 'node:stream';

/**
 * Standard error: lines that stay, and at most one line below them that is redrawn.
 *
 * Calls    lines and the status line may come in any order; the status line is taken away before a line is written and put back after it.
 */
export interface Screen {
  readonly isTerminal: boolean;
  readonly columns: number;
  line(text: string): void;
  /** `null` takes the status line away. Nothing happens where there is no terminal. */
  status(text: string | null): void;
  /** Lets data onto the same terminal, by another stream: the status line makes room, and waits while the data's last line is open. */
  makeRoom(write: () => void, endsLine: boolean): void;
}

const clear = '\r\u001b[2K';

export function openScreen(stream: Writable & { readonly isTTY?: boolean; readonly columns?: number }): Screen {
  const isTerminal = stream.isTTY === true;
  let shown: string | null = null;
  let isLineOpen = false;
  // Nobody is left to be told when standard error itself is gone.
  stream.on('error', () => undefined);
  return {
    isTerminal,
    get columns() {
      return stream.columns ?? 100;
    },
    line(text) {
      const ended = text.endsWith('\n') ? text : `${text}\n`;
      stream.write(shown === null ? ended : `${clear}${ended}${shown}`);
    },
    status(text) {
      if (!isTerminal || text === shown || (isLineOpen && text !== null)) return;
      if (shown !== null || text !== null) stream.write(`${clear}${text ?? ''}`);
      shown = text;
    },
    makeRoom(write, endsLine) {
      const before = shown;
      this.status(null);
      write();
      isLineOpen = !endsLine;
      this.status(before);
    },
  };
}
