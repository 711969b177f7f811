import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The end-to-end tests run what a user runs: the compiled program. */
export default function setup(): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('the build failed');
}
