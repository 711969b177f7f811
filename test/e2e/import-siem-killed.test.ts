import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { bareStage, makeSiemFolder, record, samplesOf } from './siem-script.ts';
import { pass, tenantIds } from './stage.ts';

const sorted = (whole: string) => whole.split('\n').sort();

describe('an import', () => {
  it('is completed by the same import, and the first run by the next, after `kill -9` at any moment', async ({ onTestFinished }) => {
    const stage = await bareStage(onTestFinished);
    const siem = await makeSiemFolder(stage, { endpoint: 'all' });
    const tenants = (await tenantIds(stage)).map((id, i) => ({ id, samples: samplesOf(130, { tenant: id, from: Date.now() - 3_600_000, skip: i * 130 }) }));
    for (const { id, samples } of tenants) {
      await record(stage, id, samples.slice(0, 50));
      await siem.run(id, samples);
    }
    const before = await siem.output();
    for (const { id, samples } of tenants) await record(stage, id, samples.slice(50));

    let killed = 0;
    for (let delayMs = 120; ; delayMs *= 1.2) {
      const importing = stage.start('import', 'siem', 'siem', '--output', 'json');
      const kill = setTimeout(() => importing.child.kill('SIGKILL'), delayMs);
      const { code, stderr } = await importing.ended;
      clearTimeout(kill);
      if (code !== null) {
        expect(code === 0 || /is there already/.test(stderr), stderr).toBe(true);
        break;
      }
      killed++;
    }
    expect(killed).toBeGreaterThan(0);
    expect(await siem.output()).toBe(before);

    // The moment of the kill is where the service says that it has read or delivered something.
    for (const word of ['reading', 'engine', 'page', 'parcel']) {
      const running = stage.start('run', '--once', '--log-level', 'trace', '--log-format', 'json');
      running.child.stderr?.on('data', () => {
        if (running.said().includes(word)) running.child.kill('SIGKILL');
      });
      await Promise.race([running.ended, once(running.child, 'close')]);
    }
    await pass(stage);
    const output = await siem.output();
    expect(output.startsWith(before)).toBe(true);
    expect(sorted(output)).toEqual(sorted(tenants.flatMap(({ samples }) => samples.map(({ lines }) => `${lines.json}\n`)).join('')));
  });
});
