import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bareStage, importSiem, makeSiemFolder, record, type Sample, type SiemFolder, type SiemFormat, samplesOf } from './siem-script.ts';
import { pass, type Stage, tenantIds } from './stage.ts';

const text = (samples: readonly Sample[], format: SiemFormat = 'json') => samples.map(({ lines }) => `${lines[format]}\n`).join('');
/** The lines, whatever their order between tenants; each of the tests keeps them in order within one. */
const sorted = (whole: string) => whole.split('\n').sort();

/** Three tenants that siem.py has read one after the other, each with records before and after the switch. */
async function threeTenants(stage: Stage, siem: SiemFolder, perTenant = 30) {
  const now = Date.now();
  const ids = await tenantIds(stage);
  const tenants = ids.map((id, i) => {
    const samples = samplesOf(2 * perTenant, { tenant: id, from: now - 3_600_000, skip: i * 2 * perTenant });
    return { id, before: samples.slice(0, perTenant), after: samples.slice(perTenant) };
  });
  for (const { id, before } of tenants) {
    await record(stage, id, before);
    await siem.run(id, before);
  }
  return tenants;
}

describe('after `import siem` and `run --once`', () => {
  it.for([
    { format: 'json', endpoint: 'event' },
    { format: 'cef', endpoint: 'alert' },
    { format: 'keyvalue', endpoint: 'all' },
  ] as const)(
    'the file goes on with $format of `$endpoint`: nothing lost, nothing repeated, the same bytes',
    async ({ format, endpoint }, { onTestFinished }) => {
      const stage = await bareStage(onTestFinished);
      const siem = await makeSiemFolder(stage, { format, endpoint });
      const tenants = await threeTenants(stage, siem);
      const untouched = await siem.output();
      expect(untouched.length).toBeGreaterThan(1000);
      for (const { id, after } of tenants) await record(stage, id, after);
      const said = await importSiem(stage);
      expect(said).toMatch(/Reading goes on \((3|6) streams\)/);
      await pass(stage);
      const wanted = (sample: Sample) => endpoint === 'all' || sample.feed === (endpoint === 'event' ? 'events' : 'alerts');
      const output = await siem.output();
      expect(output.startsWith(untouched)).toBe(true);
      const added = output.slice(untouched.length);
      expect(sorted(added)).toEqual(
        sorted(
          text(
            tenants.flatMap(({ after }) => after.filter(wanted)),
            format,
          ),
        ),
      );
      // Each tenant's own order is Central's.
      for (const { after } of tenants)
        for (const feed of ['events', 'alerts'] as const) {
          const mine = after.filter((sample) => wanted(sample) && sample.feed === feed).map(({ lines }) => added.indexOf(`${lines[format]}\n`));
          expect(mine).toEqual([...mine].sort((a, b) => a - b));
        }
      await pass(stage);
      expect(await siem.output()).toBe(output);
    },
  );

  it('reads the tenants of the state and no others, and only `tenant_id` where it is set', async ({ onTestFinished }) => {
    const stage = await bareStage(onTestFinished, { tenants: 5 });
    const [first = '', second = '', third = ''] = await tenantIds(stage);
    const siem = await makeSiemFolder(stage, { tenant_id: second });
    for (const [i, id] of [first, second].entries()) await siem.run(id, samplesOf(1, { tenant: id, from: Date.now(), skip: i }));
    const said = await importSiem(stage, '--config', 'one.yaml', '--state', 'one');
    expect(said).toContain('the places of 1 more in the state');
    expect(await readFile(join(stage.folder.path, 'one.yaml'), 'utf8')).toMatch(new RegExp(`include: \\[ ?${second} ?\\]`));
    const other = await makeSiemFolder(stage);
    await importSiem(stage, '--config', 'two.yaml', '--state', 'two');
    const yaml = await readFile(join(stage.folder.path, 'two.yaml'), 'utf8');
    expect([first, second, third].map((id) => yaml.includes(id))).toEqual([true, true, false]);
    for (const [i, id] of (await tenantIds(stage)).entries()) await record(stage, id, samplesOf(20, { tenant: id, from: Date.now() - 60_000, skip: 20 * i }));
    await pass(stage, '--config', 'two.yaml', '--state', 'two');
    expect(
      new Set(
        (await other.output())
          .trimEnd()
          .split('\n')
          .map((line) => (JSON.parse(line) as { customer_id: string }).customer_id),
      ),
    ).toEqual(new Set([first, second]));
  });

  it('writes nothing again that siem.py wrote before it was killed in the middle of a page', async ({ onTestFinished }) => {
    const stage = await bareStage(onTestFinished);
    const siem = await makeSiemFolder(stage, { endpoint: 'all' });
    const [tenant = ''] = await tenantIds(stage);
    const samples = samplesOf(120, { tenant, from: Date.now() - 3_600_000 });
    await record(stage, tenant, samples.slice(0, 60));
    await siem.run(tenant, samples);
    await record(stage, tenant, samples.slice(60));
    await siem.run(tenant, samples, { stopAfter: 17 });
    const before = await siem.output();
    await importSiem(stage);
    await pass(stage);
    expect((await siem.output()).startsWith(before)).toBe(true);
    expect(sorted(await siem.output())).toEqual(sorted(text(samples)));
  });

  it('also has what arrives late, which siem.py would have missed', async ({ onTestFinished }) => {
    const stage = await bareStage(onTestFinished);
    const siem = await makeSiemFolder(stage);
    const [tenant = ''] = await tenantIds(stage);
    const samples = samplesOf(60, { tenant, from: Date.now() - 60_000 }).filter(({ feed }) => feed === 'events');
    await record(stage, tenant, samples.slice(0, 10));
    await siem.run(tenant, samples);
    await importSiem(stage);
    await pass(stage);
    const from = Date.now() + 60_000;
    await stage.simulator.ask('POST', '/_sim/clock', { advanceMs: 300_000 });
    const later = samplesOf(60, { tenant, from, skip: 100 }).filter(({ feed }) => feed === 'events');
    await record(stage, tenant, later.slice(10));
    await pass(stage);
    await record(stage, tenant, later.slice(0, 10));
    await stage.simulator.ask('POST', '/_sim/clock', { advanceMs: 360_000 });
    await pass(stage);
    expect(sorted(await siem.output())).toEqual(sorted(text([...samples.slice(0, 10), ...later])));
  });

  it('says which hole a cursor of two days makes, and has it in the ledger', async ({ onTestFinished }) => {
    const stage = await bareStage(onTestFinished);
    const siem = await makeSiemFolder(stage);
    const [tenant = ''] = await tenantIds(stage);
    const at = Date.now() - 48 * 3_600_000;
    await siem.run(tenant, [], { at });
    const samples = samplesOf(20, { tenant, from: Date.now() - 3_600_000 }).filter(({ feed }) => feed === 'events');
    await record(stage, tenant, samples);
    const said = await importSiem(stage);
    expect(said).toContain(`warning: \`events\` of`);
    expect(said).toContain(new Date(at).toISOString().slice(0, 19));
    await pass(stage);
    expect(await siem.output()).toBe(text(samples));
    expect((await stage.status()).gaps).toBe(1);
  });
});

describe('`import siem`', () => {
  it('changes nothing with `--dry-run`, and prints a configuration that can be used', async ({ onTestFinished }) => {
    const stage = await bareStage(onTestFinished);
    const siem = await makeSiemFolder(stage);
    await threeTenants(stage, siem, 5);
    const before = await stage.folder.read('.');
    const { code, stdout, stderr } = await stage.run('import', 'siem', 'siem', '--dry-run');
    expect(code, stderr).toBe(0);
    expect(await stage.folder.read('.')).toEqual(before);
    for (const hidden of [stage.simulator.clientSecret, (await siem.state()).account[stage.simulator.clientId]])
      expect(stdout + stderr).not.toContain(String((hidden as { jwt?: string }).jwt ?? hidden));
    await stage.configure(stdout);
    expect((await stage.run('config', 'check')).stderr).toBe('');
  });

  it('asks nobody with `--offline`, tells all of it as JSON, and never puts a secret anywhere', async ({ onTestFinished }) => {
    const stage = await bareStage(onTestFinished);
    const siem = await makeSiemFolder(stage);
    await threeTenants(stage, siem, 5);
    await stage.simulator.close();
    const { code, stdout, stderr } = await stage.run('import', 'siem', 'siem', '--offline', '--output', 'json', '--secrets', 'env');
    expect(code, stderr).toBe(0);
    const report = JSON.parse(stdout) as { streams: object[]; secrets: object[]; configuration: object };
    expect(report.streams).toHaveLength(3);
    expect(report.secrets).toMatchObject([{ at: 'central.clientSecret', placeholder: '${env:SOPHOS_CLIENT_SECRET}' }]);
    const files = await stage.folder.read('.');
    for (const [name, content] of files) if (!name.startsWith('siem/')) expect(content.includes(stage.simulator.clientSecret), name).toBe(false);
    expect((await stat(join(stage.folder.path, 'sophos-central.yaml'))).mode & 0o077).toBe(0);
  });

  it('may be repeated until the first read, takes the newer place, and then refuses', async ({ onTestFinished }) => {
    const stage = await bareStage(onTestFinished);
    const siem = await makeSiemFolder(stage);
    const [tenant = ''] = await tenantIds(stage);
    const samples = samplesOf(60, { tenant, from: Date.now() - 3_600_000 }).filter(({ feed }) => feed === 'events');
    await record(stage, tenant, samples.slice(0, 10));
    await siem.run(tenant, samples);
    await importSiem(stage);
    const again = await stage.run('import', 'siem', 'siem');
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('--force') });
    await record(stage, tenant, samples.slice(10, 20));
    await siem.run(tenant, samples);
    await record(stage, tenant, samples.slice(20));
    await importSiem(stage, '--force');
    await pass(stage);
    expect(await siem.output()).toBe(text(samples));
    const late = await stage.run('import', 'siem', 'siem', '--force');
    const dry = await stage.run('import', 'siem', 'siem', '--dry-run');
    expect([dry.code, dry.stderr]).toEqual([0, expect.stringMatching(/is there already.*needs `--force`[\s\S]*has read some of these streams already/)]);
    expect(late).toMatchObject({ code: 2, stderr: expect.stringContaining('go on with `sophos-central run`') });
  });

  it('leaves the journal alone while another process has it', async ({ onTestFinished }) => {
    const stage = await bareStage(onTestFinished);
    const siem = await makeSiemFolder(stage);
    const [tenant = ''] = await tenantIds(stage);
    await siem.run(tenant, []);
    await importSiem(stage);
    const service = stage.start('run', '--log-level', 'info');
    await expect.poll(async () => (await stage.status()).running).not.toBeNull();
    const { code, stderr } = await stage.run('import', 'siem', 'siem', '--force');
    expect([code, stderr]).toEqual([1, expect.stringContaining('Stop it before the import')]);
    service.child.kill('SIGTERM');
    expect((await service.ended).code).toBe(0);
  });

  it('tells a damaged state with its file, and nothing is written', async ({ onTestFinished }) => {
    const stage = await bareStage(onTestFinished);
    const siem = await makeSiemFolder(stage);
    const file = join(siem.home, 'state', 'siem_sophos.json');
    for (const broken of [
      '',
      '{"tenants": {"a',
      '[]',
      '{"tenants": 3}',
      '{"tenants": {"x": []}}',
      '{"tenants": {"x": {"eventsLastFetched": 3}}}',
      '{"tenants":{"x":{"eventsLastFetched":"a b"}}}',
    ]) {
      await writeFile(file, broken);
      const { code, stderr } = await stage.run('import', 'siem', 'siem');
      expect([code, stderr], broken).toEqual([2, expect.stringContaining(file)]);
      expect(stderr, broken).toContain('bring the file back from a backup');
    }
    await mkdir(join(stage.folder.path, 'empty'));
    expect(await stage.run('import', 'siem', 'empty')).toMatchObject({ code: 2, stderr: expect.stringContaining('config.ini` does not exist') });
    expect([...(await stage.folder.read('.')).keys()].filter((name) => !name.startsWith('siem/'))).toEqual([]);
  });
});
