import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { start } from './house.ts';
import { makeSiemFolder, record, type Sample, samplesOf } from './siem-script.ts';
import { openStage, type Stage, tenantIds } from './stage.ts';

const silent = { account: 'partner', tenants: 3, eventsPerTenant: 0, alertsPerTenant: 0 };
const text = (samples: readonly Sample[]) => samples.map(({ lines }) => `${lines.json}\n`).join('');
const noisy =
  /"type": "Event::Endpoint::(NonCompliant|Compliant|Device::AlertedOnly|UpdateFailure|SavScanComplete|Application::Allowed|UpdateSuccess|WebControlViolation|WebFilteringBlocked)"/;

/** A cron line of siem.py with one word changed, in the folder where cron starts it. */
async function compat(stage: Stage, cwd: string, ...flags: string[]) {
  const { SOPHOS_SIEM_HOME } = stage.env;
  const running = start(['compat', 'siem', ...flags], { cwd, env: SOPHOS_SIEM_HOME === undefined ? {} : { SOPHOS_SIEM_HOME } });
  return running.ended;
}

describe('`compat siem`', () => {
  it('goes on where siem.py stopped, each time it is called, and says what it stands for', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, silent);
    const [tenant = ''] = await tenantIds(stage);
    const siem = await makeSiemFolder(stage, { tenant_id: tenant });
    const samples = samplesOf(120, { tenant, from: Date.now() - 3_600_000 }).filter(({ feed }) => feed === 'events');
    await record(stage, tenant, samples.slice(0, 20));
    await siem.run(tenant, samples);
    const stateBefore = await siem.state();
    for (const upTo of [40, 60]) {
      await record(stage, tenant, samples.slice(upTo - 20, upTo));
      const { code, stderr, stdout } = await compat(stage, siem.home);
      expect([code, stdout], stderr).toEqual([0, '']);
      expect(stderr).toContain('`sophos-central run --once --state');
      expect(stderr.includes('1 stream taken over')).toBe(upTo === 40);
      expect(await siem.output()).toBe(text(samples.slice(0, upTo)));
    }
    expect(await siem.state(), 'theirs is left alone').toEqual(stateBefore);
    expect([...(await stage.folder.read('siem')).keys()].filter((name) => /\.yaml$/.test(name))).toEqual([]);
  });

  it('does not repeat what siem.py itself wrote to the file in between, killed within a page or not', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, silent);
    const [tenant = ''] = await tenantIds(stage);
    const siem = await makeSiemFolder(stage, { tenant_id: tenant, endpoint: 'all' });
    const samples = samplesOf(150, { tenant, from: Date.now() - 3_600_000 });
    const goOn = async (upTo: number) => {
      await record(stage, tenant, samples.slice(upTo - 30, upTo));
      const before = await siem.output();
      const { code, stderr } = await compat(stage, siem.home);
      expect([code, stderr.includes('delivered again')], stderr).toEqual([0, false]);
      const after = await siem.output();
      expect(after.startsWith(before)).toBe(true);
      const missing = samples.slice(0, upTo).filter(({ lines }) => !before.includes(lines.json));
      expect(after.slice(before.length).split('\n').sort()).toEqual(text(missing).split('\n').sort());
      return missing.length;
    };
    await goOn(30);
    await record(stage, tenant, samples.slice(30, 60));
    await siem.run(tenant, samples);
    expect(await goOn(90)).toBe(30);
    await siem.run(tenant, samples, { stopAfter: 10 });
    expect(await goOn(120)).toBeGreaterThanOrEqual(20);
    expect(await goOn(150)).toBe(30);
  });

  it('says so where it cannot know what siem.py delivered in between', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, silent);
    const [tenant = ''] = await tenantIds(stage);
    const siem = await makeSiemFolder(stage, { tenant_id: tenant, filename: 'stdout' });
    const samples = samplesOf(30, { tenant, from: Date.now() - 3_600_000 }).filter(({ feed }) => feed === 'events');
    await record(stage, tenant, samples);
    await siem.run(tenant, samples);
    expect((await compat(stage, siem.home)).stderr).not.toContain('warning');
    await siem.run(tenant, samples);
    expect((await compat(stage, siem.home)).stderr).toMatch(/warning: siem has read since this state did .*is delivered again/);
  });

  it('has its state where `--state` says, and asks for the tenants once', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, silent);
    const [tenant = ''] = await tenantIds(stage);
    const siem = await makeSiemFolder(stage);
    const samples = samplesOf(60, { tenant, from: Date.now() - 3_600_000 }).filter(({ feed }) => feed === 'events');
    await record(stage, tenant, samples);
    await siem.run(tenant, samples);
    const asked = async () => {
      const { code, stderr } = await compat(stage, siem.home, '--state', '../kept');
      expect(code, stderr).toBe(0);
      expect(stderr).toContain(`--state ${join(stage.folder.path, 'kept')}`);
      const requests = (await stage.simulator.ask('GET', '/_sim/requests')).split('\n').filter((line) => line.includes('/partner/v1/tenants'));
      await stage.simulator.ask('DELETE', '/_sim/requests');
      return requests.length;
    };
    await stage.simulator.ask('DELETE', '/_sim/requests');
    const [first, second] = [await asked(), await asked()];
    expect(second, 'the tenants that the state knows are not asked for before the run').toBeLessThan(first);
    expect([...(await stage.folder.read('kept')).keys()]).not.toEqual([]);
    expect((await stage.folder.read('siem')).has('state/sophos-central-state')).toBe(false);
  });

  it('leaves out the noisy events with `-l`, says nothing with `-q`, and finds its folder by SOPHOS_SIEM_HOME', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, silent);
    const [tenant = ''] = await tenantIds(stage);
    const siem = await makeSiemFolder(stage, { tenant_id: tenant });
    const samples = samplesOf(300, { tenant, from: Date.now() - 3_600_000 }).filter(({ feed }) => feed === 'events');
    await record(stage, tenant, samples);
    stage.env.SOPHOS_SIEM_HOME = siem.home;
    const { code, stderr, stdout } = await compat(stage, stage.folder.path, '-l', '-q');
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: '' });
    const loud = samples.filter(({ lines }) => !noisy.test(lines.json));
    expect(loud.length).toBeLessThan(samples.length);
    expect(await siem.output()).toBe(text(loud));
    expect((await compat(stage, stage.folder.path, '-l')).stderr, 'what `-l` is here').toContain(', with `streams.events.preset: light`\n');
    expect((await compat(stage, stage.folder.path)).stderr).not.toContain('preset');
  });

  it('begins at `-s` where there is no place yet, and takes the file of `-c`', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, silent);
    const [tenant = ''] = await tenantIds(stage);
    const siem = await makeSiemFolder(stage, { tenant_id: tenant, filename: 'stdout' });
    await writeFile(join(stage.folder.path, 'other.ini'), await readFile(join(siem.home, 'config.ini')));
    await writeFile(join(siem.home, 'config.ini'), '');
    const now = Date.now();
    const samples = samplesOf(60, { tenant, from: now - 20 * 3_600_000, stepMs: 1_200_000 }).filter(({ feed }) => feed === 'events');
    await record(stage, tenant, samples);
    const since = Math.floor(now / 1000) - 2 * 3600;
    const { code, stdout, stderr } = await compat(stage, siem.home, '-s', String(since), '-c', join(stage.folder.path, 'other.ini'), '-d');
    expect(code, stderr).toBe(0);
    const timeOf = ({ text: item }: Sample) => Date.parse((JSON.parse(item) as { created_at: string }).created_at);
    const wanted = samples.filter((sample) => timeOf(sample) >= since * 1000);
    expect(wanted.length).toBeGreaterThan(0);
    expect(stdout).toBe(text(wanted));
  });

  it('tells a wrong flag, a wrong time and a folder without configuration, with exit code 2', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, silent);
    expect(await compat(stage, stage.folder.path, '-x')).toMatchObject({ code: 2, stderr: expect.stringContaining("unknown option '-x'") });
    expect(await compat(stage, stage.folder.path, '-s', 'yesterday')).toMatchObject({ code: 2, stderr: expect.stringContaining('Unix time') });
    expect(await compat(stage, stage.folder.path)).toMatchObject({ code: 2, stderr: expect.stringContaining('config.ini` does not exist') });
    expect(await compat(stage, stage.folder.path, '-v')).toMatchObject({ code: 0, stderr: '2.1.0\n' });
    const siem = await makeSiemFolder(stage, { client_secret: 'wrong' });
    expect(await compat(stage, siem.home, '-q')).toMatchObject({ code: 3, stderr: expect.stringContaining('refused') });
  });
});
