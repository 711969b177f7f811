import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compare, idsOf, nothingWrong, plentyOfCalls } from './house.ts';
import { addRecords, filedIds, openStage, pass } from './stage.ts';

const configuration = (sink: string) => `central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h } }
sinks: { archive: { type: file, ${sink} } }
routes: [{ from: events, to: archive }]
state: ./state
`;

describe('files', () => {
  it('are rotated by size and compressed, with every record once and nothing else in the folder', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'partner', tenants: 2, eventsPerTenant: 3_000, alertsPerTenant: 0 });
    await stage.configure(configuration('path: "out/{tenant.id}.ndjson", rotate: { size: 500KB, gzip: true }'));
    await pass(stage);
    await addRecords(stage, { tenant: '*', count: 10 });
    await pass(stage);
    const files = await stage.folder.read('out');
    const zipped = [...files.keys()].filter((name) => name.endsWith('.gz'));
    expect(zipped.length).toBeGreaterThan(2);
    expect([...files.keys()].filter((name) => !/\.ndjson(\.gz)?$/.test(name))).toEqual([]);
    // The limit is for what is put aside before a write; one parcel may be larger than it alone.
    expect(compare(await stage.simulator.truth('&stream=events'), await filedIds(stage))).toEqual(nothingWrong);
  });

  it('with `layout: array` are one valid JSON array after each run', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 700, alertsPerTenant: 0 });
    await stage.configure(configuration('path: "out/{tenant.id}.json", layout: array'));
    for (let run = 0; run < 3; run++) {
      await pass(stage);
      const files = await stage.folder.read('out');
      expect(files.size).toBe(1);
      const ids = [...files.values()].flatMap((text) => (JSON.parse(text) as { id: string }[]).map(({ id }) => id));
      expect(compare(await stage.simulator.truth('&stream=events'), ids)).toEqual(nothingWrong);
      await addRecords(stage, { count: 5 });
    }
  });

  it('that somebody else began are continued, and not one byte of theirs is touched', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 200, alertsPerTenant: 0 });
    await stage.configure(configuration('path: "out/events.ndjson"'));
    await mkdir(join(stage.folder.path, 'out'));
    const foreign = '{"id":"not ours"}\n{"id":"cut off';
    await stage.folder.write('out/events.ndjson', foreign);
    await pass(stage);
    await addRecords(stage, { count: 5 });
    await pass(stage);
    const text = (await stage.folder.read('out')).get('events.ndjson') ?? '';
    expect(text.startsWith(`${foreign}\n`)).toBe(true);
    expect(compare(await stage.simulator.truth('&stream=events'), idsOf(text.slice(foreign.length)))).toEqual(nothingWrong);
  });

  it('are private: nobody but their owner may read them', async ({ onTestFinished }) => {
    const { stat } = await import('node:fs/promises');
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 10, alertsPerTenant: 0 });
    await stage.configure(configuration('path: "out/{tenant.id}/{stream}.ndjson"'));
    await pass(stage);
    for (const name of (await stage.folder.read('out')).keys()) expect((await stat(join(stage.folder.path, 'out', name))).mode & 0o077).toBe(0);
  });
});
