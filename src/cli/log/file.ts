import { appendFileSync, chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The log file: appended to, readable by its owner only.
 *
 * Shape    with `rotate`, the file becomes `<path>.1`, that one `<path>.2` and so on up to `keep`, when it would grow beyond `maxBytes`.
 */
export function openLogFile(path: string, rotate?: { readonly maxBytes: number; readonly keep: number }): { write(text: string): void } {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  appendFileSync(path, '', { mode: 0o600 });
  chmodSync(path, 0o600);
  let size = statSync(path).size;
  return {
    write(text) {
      const bytes = Buffer.byteLength(text);
      if (rotate && size > 0 && size + bytes > rotate.maxBytes) {
        shift(path, rotate.keep);
        size = 0;
      }
      appendFileSync(path, text, { mode: 0o600 });
      size += bytes;
    },
  };
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
