// Compiles src/ to dist/. With --if-possible (the `prepare` script) it stays quiet where there is no compiler:
// `npm ci --omit=dev` in a clone, or an install from the packed tarball, which carries dist/ already.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
if (!existsSync(tsc)) {
  if (process.argv.includes('--if-possible')) process.exit(0);
  console.error('build: TypeScript is not installed; run `npm ci` first.');
  process.exit(1);
}
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (status === 0) chmodSync(fileURLToPath(new URL('../dist/cli/bin.js', import.meta.url)), 0o755);
process.exit(status ?? 1);
