// How long a user waits for `--help`, against bare Node doing nothing. Medians of BENCH_STARTS (15), taken in turn.
import { fileURLToPath } from 'node:url';
import { measure, median } from './measure.mjs';

const bin = fileURLToPath(new URL('../dist/cli/bin.js', import.meta.url));
const starts = Number(process.env.BENCH_STARTS ?? 15);
const seconds = { bare: [], help: [] };
for (let i = 0; i < starts; i++) {
  seconds.bare.push((await measure(process.execPath, ['-e', '0'])).seconds);
  seconds.help.push((await measure(process.execPath, [bin, '--help'])).seconds);
}
const [bare, help] = [median(seconds.bare), median(seconds.help)];
console.log(`bare node ${Math.round(bare * 1_000)} ms, --help ${Math.round(help * 1_000)} ms: ${(help / bare).toFixed(2)} times`);
