import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { compare, idsOf, nothingWrong, plentyOfCalls } from './house.ts';
import { indexedIds, openStage, type Stage, until } from './stage.ts';

const configuration = (stage: Stage) => `central: { ${plentyOfCalls} }
streams: { events: { since: 24h } }
sinks:
  archive: { type: file, path: "out/{tenant.id}.ndjson" }
  splunk: { type: splunk-hec, url: "${stage.simulator.hecUrl}", token: "${stage.simulator.hecToken}", timeout: 120s }
routes: [{ from: events, to: archive }, { from: events, to: splunk }]
state: ./state
`;

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// Ten tries with growing pauses take about a minute, nearly all of it asleep: so they sleep side by side.
describe.concurrent('patience', () => {
  it('gives up on a dead sink with 4 and its name, while the others are served; the next run delivers all to it', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'partner', tenants: 3, eventsPerTenant: 500, alertsPerTenant: 0 });
    await stage.configure(configuration(stage));
    await stage.simulator.ask('POST', '/_sim/hec/faults', { down: true });
    const first = await stage.run('run', '--once', '--give-up', '1s');
    expect(first.code, first.stderr).toBe(4);
    expect(first.stderr).toMatch(/route splunk could not be served: .*503/);
    const truth = await stage.simulator.truth('&stream=events');
    const files = [...(await stage.folder.read('out')).values()].flatMap(idsOf);
    expect(compare(truth, files)).toEqual(nothingWrong);
    const { routes } = await stage.status();
    expect(routes.map(({ route, waiting, delivered }) => ({ route, waiting, delivered }))).toEqual(
      expect.arrayContaining([
        { route: 'archive', waiting: 0, delivered: 1_500 },
        { route: 'splunk', waiting: 1_500, delivered: 0 },
      ]),
    );
    expect(routes.find(({ route }) => route === 'splunk')?.error).toMatch(/503/);

    await stage.simulator.ask('DELETE', '/_sim/hec/faults');
    const second = await stage.run('run', '--once', '--give-up', '1s');
    expect(second.code, second.stderr).toBe(0);
    expect(compare(truth, await indexedIds(stage.simulator))).toEqual(nothingWrong);
    expect((await stage.status()).routes.every(({ error }) => error === null)).toBe(true);
  });

  it('gives up on a Central that cannot be reached with 1, and says where it knocked', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 1, alertsPerTenant: 0 });
    await stage.configure(configuration(stage));
    const nowhere = `http://127.0.0.1:${await closedPort()}`;
    stage.env.SOPHOS_CENTRAL_AUTH_URL = nowhere;
    stage.env.SOPHOS_CENTRAL_API_URL = nowhere;
    const before = performance.now();
    const { code, stderr } = await stage.run('run', '--once', '--give-up', '1s');
    expect(code, stderr).toBe(1);
    expect(stderr).toContain(nowhere.replace('http://', ''));
    expect(stderr).toMatch(/refused/);
    expect(performance.now() - before).toBeLessThan(100_000);
  });

  it('waits at most 25 s after SIGTERM for a sink that hangs, ends with 0, and loses nothing', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 300, alertsPerTenant: 0 });
    await stage.configure(configuration(stage));
    await stage.simulator.ask('POST', '/_sim/hec/faults', { hang: 1, hangMs: 300_000 });
    const { child, ended } = stage.start('run');
    await until(async () => JSON.parse(await stage.simulator.ask('GET', '/_sim/hec')).requests > 0, 'a request hangs');
    const before = performance.now();
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    const tookMs = performance.now() - before;
    expect(code, stderr).toBe(0);
    expect(tookMs).toBeGreaterThan(20_000);
    expect(tookMs).toBeLessThan(29_000);

    await stage.simulator.ask('DELETE', '/_sim/hec/faults');
    const next = await stage.run('run', '--once');
    expect(next.code, next.stderr).toBe(0);
    const truth = await stage.simulator.truth('&stream=events');
    expect(compare(truth, await indexedIds(stage.simulator))).toMatchObject({ lost: 0, strange: 0 });
  });
});
