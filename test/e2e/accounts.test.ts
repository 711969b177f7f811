import { describe, expect, it } from 'vitest';
import { compare, idsOf, nothingWrong, plentyOfCalls, startSimulator } from './house.ts';
import { openStage, type Stage } from './stage.ts';

const rest = `streams: { events: { since: 24h }, siem-alerts: { since: 24h } }
sinks: { archive: { type: file, path: "out/{tenant.name}/{stream}.ndjson" } }
routes: [{ from: "*", to: archive }]
state: ./state
`;

async function idsIn(stage: Stage, stream: string): Promise<string[]> {
  return [...(await stage.folder.read('out'))].filter(([path]) => path.endsWith(`/${stream}.ndjson`)).flatMap(([, text]) => idsOf(text));
}

describe('every kind of account', () => {
  for (const account of ['tenant', 'organization', 'partner'] as const) {
    it(`is read whole: ${account}`, async ({ onTestFinished }) => {
      const tenants = account === 'tenant' ? 1 : 3;
      const stage = await openStage(onTestFinished, { account, tenants, eventsPerTenant: 300, alertsPerTenant: 20 });
      await stage.configure(`central: { ${plentyOfCalls} }\n${rest}`);
      const { code, stderr } = await stage.run('run', '--once');
      expect(code, stderr).toBe(0);
      for (const stream of ['events', 'siem-alerts']) {
        const truth = await stage.simulator.truth(`&stream=${stream}`);
        expect(truth).toHaveLength(tenants * (stream === 'events' ? 300 : 20));
        expect(compare(truth, await idsIn(stage, stream))).toEqual(nothingWrong);
      }
    });
  }

  it('is read whole: a legacy API token, whose tenant its first record tells and whose name the configuration', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 300, alertsPerTenant: 20 });
    const { url, siemToken } = stage.simulator;
    await stage.configure(`accounts: { acme: { siemToken: "${siemToken}", authUrl: "${url}", apiUrl: "${url}", ${plentyOfCalls} } }\n${rest}`);
    for (const name of Object.keys(stage.env)) delete stage.env[name];
    for (let pass = 0; pass < 2; pass++) {
      const { code, stderr } = await stage.run('run', '--once');
      expect(code, stderr).toBe(0);
      expect([...(await stage.folder.read('out')).keys()].map((path) => path.split('/')[0])).toEqual(['acme', 'acme']);
      for (const stream of ['events', 'siem-alerts']) {
        expect(compare(await stage.simulator.truth(`&stream=${stream}`), await idsIn(stage, stream))).toEqual(nothingWrong);
      }
    }
    const { tenants } = await stage.status();
    expect(tenants).toHaveLength(1);
    expect(tenants[0]?.id).toMatch(/^[0-9a-f]{8}-/);
  });

  it('a legacy token without a single record is no failure, and its first records are found later', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 0, alertsPerTenant: 0 });
    const { url, siemToken } = stage.simulator;
    await stage.configure(`accounts: { acme: { siemToken: "${siemToken}", authUrl: "${url}", apiUrl: "${url}" } }\n${rest}`);
    const empty = await stage.run('run', '--once');
    expect(empty.code, empty.stderr).toBe(0);
    await stage.simulator.ask('POST', '/_sim/events', { count: 3 });
    const { code, stderr } = await stage.run('run', '--once');
    expect(code, stderr).toBe(0);
    expect(compare(await stage.simulator.truth('&stream=events'), await idsIn(stage, 'events'))).toEqual(nothingWrong);
  });

  it('is read beside another in one run, each with its own credential; what one refuses does not hinder the other', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'partner', tenants: 2, eventsPerTenant: 200, alertsPerTenant: 10, seed: 1 });
    const other = await startSimulator({ account: 'tenant', eventsPerTenant: 200, alertsPerTenant: 10, seed: 2 });
    onTestFinished(() => other.close());
    const accountOf = ({ url, clientId }: typeof other, clientSecret: string) =>
      `{ clientId: "${clientId}", clientSecret: "${clientSecret}", authUrl: "${url}", apiUrl: "${url}", ${plentyOfCalls} }`;
    for (const name of Object.keys(stage.env)) delete stage.env[name];

    await stage.configure(
      `accounts:\n  acme: ${accountOf(stage.simulator, stage.simulator.clientSecret)}\n  beta: ${accountOf(other, 'wrong-secret-value')}\n${rest}`,
    );
    const half = await stage.run('run', '--once');
    expect(half.code, half.stderr).toBe(4);
    expect(half.stderr).toContain('account beta could not be served');
    expect(compare(await stage.simulator.truth('&stream=events'), await idsIn(stage, 'events'))).toEqual(nothingWrong);

    await stage.configure(
      `accounts:\n  acme: ${accountOf(stage.simulator, stage.simulator.clientSecret)}\n  beta: ${accountOf(other, other.clientSecret)}\n${rest}`,
    );
    const whole = await stage.run('run', '--once');
    expect(whole.code, whole.stderr).toBe(0);
    const truth = [...(await stage.simulator.truth('&stream=events')), ...(await other.truth('&stream=events'))];
    expect(compare(truth, await idsIn(stage, 'events'))).toEqual(nothingWrong);
  });
});
