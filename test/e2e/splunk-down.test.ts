import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { compare, credentials, type Folder, makeFolder, plentyOfCalls, type Simulator, start, startSimulator } from './house.ts';

// The full measure: RECORDS=300000 npx vitest run --project e2e splunk-down
const records = Number(process.env.RECORDS ?? 60_000);

describe('Splunk down for the first half of a run', () => {
  let simulator: Simulator;
  let folder: Folder;
  afterEach(async () => {
    await simulator.close();
    await folder.remove();
  });

  it(`receives all ${records} records once it is back, though it loses replies and never acknowledges some batches`, async () => {
    simulator = await startSimulator({ account: 'partner', tenants: 10, eventsPerTenant: records / 10, alertsPerTenant: 0 });
    folder = await makeFolder();
    await folder.write(
      'sophos-central.yaml',
      `central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h } }
sinks:
  splunk: { type: splunk-hec, url: "${simulator.hecUrl}", token: "${simulator.hecAckToken}", ack: true, ackPollMs: 100, ackTimeoutMs: 3000 }
routes: [{ from: events, to: splunk }]
state: ./state
`,
    );
    await simulator.ask('POST', '/_sim/hec/faults', { down: true });
    const { child, ended } = start(['run', '--log-level', 'warn'], { cwd: folder.path, env: credentials(simulator) });
    // All of it is read while nothing can be delivered; until the journal is there, there is no status.
    await expect
      .poll(
        () =>
          access(join(folder.path, 'state', 'journal.sqlite')).then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true);
    await expect.poll(async () => (await statusOf(folder, simulator)).backlog, { timeout: 240_000, interval: 1_000 }).toBe(records);
    await simulator.ask('DELETE', '/_sim/hec/faults');
    await simulator.ask('POST', '/_sim/hec/faults', { loseReply: 0.05, neverAck: 0.03, lostAck: 0.03, seed: 3 });
    await expect.poll(async () => (await statusOf(folder, simulator)).backlog, { timeout: 240_000, interval: 1_000 }).toBe(0);
    child.kill('SIGTERM');
    const { code, stderr, peakBytes } = await ended;
    expect(code, stderr).toBe(0);
    const truth = await simulator.truth('&stream=events');
    const indexed = (await simulator.indexed()).map((record) => record.split('/').at(-1) ?? '');
    const { lost, strange, repeated } = compare(truth, indexed);
    console.log(`records ${truth.length}: lost ${lost}, repeated ${repeated}, peak memory ${Math.round(peakBytes / 1e6)} MB`);
    expect({ count: truth.length, lost, strange }).toEqual({ count: records, lost: 0, strange: 0 });
    if (peakBytes > 0) expect(peakBytes).toBeLessThan(300e6);
  });
});

async function statusOf(folder: Folder, simulator: Simulator): Promise<{ readonly backlog: number }> {
  const { ended } = start(['status', '--json'], { cwd: folder.path, env: credentials(simulator) });
  const { stdout, stderr, code } = await ended;
  if (code !== 0) throw new Error(stderr);
  const { routes } = JSON.parse(stdout) as { readonly routes: readonly { readonly waiting: number }[] };
  return { backlog: routes.reduce((sum, { waiting }) => sum + waiting, 0) };
}
