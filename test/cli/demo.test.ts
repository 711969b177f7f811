/** `demo`: the whole way, and its own count of it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type } from './terminal.ts';

it('runs the whole way without an account, and counts nothing lost and nothing repeated', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'demo-'));
  try {
    const { code, out, err } = await type(['demo', '--seconds', '1', '--dir', join(folder, 'here')], { cwd: folder });
    expect(code, err).toBe(0);
    const counted = new Map([...out.matchAll(/^(\S.*?) {2,}([\d,]+)$/gm)].map(([, what = '', figure = '']) => [what, Number(figure.replaceAll(',', ''))]));
    const made = counted.get('made available by Central') ?? 0;
    expect(made).toBeGreaterThan(4000);
    expect([...counted]).toEqual([
      ['made available by Central', made],
      ['delivered to the files', made],
      ['delivered to Splunk', made],
      ['lost', 0],
      ['repeated', 0],
    ]);
    const names = readdirSync(join(folder, 'here'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ndjson'));
    const lines = names.flatMap((name) =>
      readFileSync(join(folder, 'here', name), 'utf8')
        .trimEnd()
        .split('\n'),
    );
    expect(new Set(names.map((name) => name.split(/[\\/]/).at(-2))).size).toBe(25);
    // The simulator goes on while the last pass is made.
    expect(lines.length).toBeGreaterThanOrEqual(made);
    expect(new Set(lines).size).toBe(lines.length);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
