import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { compare, idsOf, nothingWrong, plentyOfCalls } from './house.ts';
import { openStage, type Stage, until } from './stage.ts';

const configuration = `central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h, limit: 200 } }
sinks: { archive: { type: file, path: "out/{tenant.id}.ndjson" } }
routes: [{ from: events, to: archive }]
state: ./state
`;
const simulated = { account: 'partner', tenants: 3, eventsPerTenant: 2_000, alertsPerTenant: 0 };

async function expectAllOnce(stage: Stage): Promise<void> {
  const files = await stage.folder.read('out');
  expect(compare(await stage.simulator.truth('&stream=events'), [...files.values()].flatMap(idsOf))).toEqual(nothingWrong);
}

const isRunning = (stage: Stage, pid: number | undefined) => until(async () => (await stage.status()).running?.pid === pid, 'the service runs');

describe('one writer for each state', () => {
  it('refuses a second run with 1 and names the holder, and does not disturb it', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, simulated);
    await stage.configure(configuration);
    const service = stage.start('run');
    await isRunning(stage, service.child.pid);
    for (const args of [['run'], ['run', '--once']]) {
      const { code, stdout, stderr } = await stage.run(...args);
      expect(code, stderr).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toContain(`run, process ${service.child.pid} on ${hostname()}`);
    }
    await until(async () => (await stage.status()).routes[0]?.delivered === 6_000, 'all is delivered');
    service.child.kill('SIGTERM');
    expect((await service.ended).code).toBe(0);
    expect((await stage.status()).running).toBeNull();
    await expectAllOnce(stage);
  });

  it('lets a new one start at once after the holder was killed', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, simulated);
    await stage.configure(configuration);
    const { child, ended } = stage.start('run');
    await isRunning(stage, child.pid);
    child.kill('SIGKILL');
    await ended;
    expect((await stage.status()).running).toBeNull();
    const next = await stage.run('run', '--once');
    expect(next.code, next.stderr).toBe(0);
    await expectAllOnce(stage);
  });

  it('makes overlapping `run --once` safe: one works, the others end with 1', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, simulated);
    await stage.configure(configuration);
    const passes = await Promise.all([1, 2, 3, 4].map(() => stage.run('run', '--once')));
    const codes = passes.map(({ code }) => code);
    expect(codes, passes.map(({ stderr }) => stderr).join('\n')).toContain(0);
    // A late starter may find the state free again, and then finds nothing new.
    for (const { code, stderr } of passes) if (code !== 0) expect([code, stderr]).toEqual([1, expect.stringContaining('in use by')]);
    await expectAllOnce(stage);
  });
});
