import { appendFileSync, chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The log file: appended to, readable by its owner only.
 *
 * Shape    with `rotate`, the file becomes `<path>.1`, that one `<path>.2` and so on up to `keep`, when it would grow beyond `maxBytes`.
 *          Whoever else moves it away (logrotate) need not tell: the next line begins a new one.
 * Throws   never: a full disk or a wrong path must not end what the log is about. Lines that cannot be written go `aside`, with a word on why
 *          when that begins.
 */
export function openLogFile(
  path: string,
  aside: (text: string) => void,
  rotate?: { readonly maxBytes: number; readonly keep: number },
): { write(text: string): void } {
  let isWell = true;

  function begin(): void {
    makeFolder(dirname(path));
    appendFileSync(path, '', { mode: 0o600 });
    chmodSync(path, 0o600);
  }

  function append(text: string): void {
    if (rotate) {
      const size = existsSync(path) ? statSync(path).size : 0;
      if (size > 0 && size + Buffer.byteLength(text) > rotate.maxBytes) shift(path, rotate.keep);
    }
    appendFileSync(path, text, { mode: 0o600 });
  }

  function attempt(step: () => void): boolean {
    try {
      step();
      isWell = true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (isWell) aside(`warning: the log file ${path} cannot be written (${reason}); its lines stand here\n`);
      isWell = false;
    }
    return isWell;
  }

  attempt(begin);
  return {
    write(text) {
      if (!attempt(() => append(text))) aside(text);
    },
  };
}

/** One folder after the other: where nothing can be made (below /proc), Node's own recursion does not end. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

function shift(path: string, keep: number): void {
  if (keep < 1) {
    rmSync(path, { force: true });
    return;
  }
  for (let number = keep - 1; number >= 1; number--) {
    if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`);
  }
  renameSync(path, `${path}.1`);
}
