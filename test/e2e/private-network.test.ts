import { describe, expect, it } from 'vitest';
import { startProxy } from '../far-ends/proxy.ts';
import { compare, makeFolder, nothingWrong, plentyOfCalls } from './house.ts';
import { filedIds, indexedIds, makeCertificate, openStage, pass, type Stage } from './stage.ts';

const configuration = (stage: Stage, central = '', splunk = '') => `central: { ${plentyOfCalls}${central} }
streams: { events: { since: 24h } }
sinks:
  archive: { type: file, path: "out/{tenant.id}.ndjson" }
  splunk: { type: splunk-hec, url: "${stage.simulator.hecUrl}", token: "${stage.simulator.hecToken}"${splunk} }
routes: [{ from: events, to: archive }, { from: events, to: splunk }]
state: ./state
`;

type OnFinished = Parameters<typeof openStage>[0];

/** A simulator that speaks https, with a certificate that nobody knows; `ca.pem` beside the configuration holds it. */
async function openTlsStage(onTestFinished: OnFinished) {
  const folder = await makeFolder();
  onTestFinished(() => folder.remove());
  const tls = await makeCertificate({ folder });
  const stage = await openStage(onTestFinished, { account: 'partner', tenants: 2, eventsPerTenant: 100, alertsPerTenant: 0, tls });
  await stage.folder.write('ca.pem', tls.cert);
  expect(stage.simulator.url).toMatch(/^https:/);
  return stage;
}

describe('a private certificate', () => {
  it('is trusted through `caFile`, of Central and of Splunk', async ({ onTestFinished }) => {
    const stage = await openTlsStage(onTestFinished);
    await stage.configure(configuration(stage, ', caFile: ca.pem', ', caFile: ca.pem'));
    await pass(stage);
    const truth = await stage.simulator.truth('&stream=events');
    expect(compare(truth, await filedIds(stage))).toEqual(nothingWrong);
    expect(compare(truth, await indexedIds(stage.simulator))).toEqual(nothingWrong);
  });

  it('is not trusted without: it is said what is wrong with it and what helps, and no secret is sent', async ({ onTestFinished }) => {
    const stage = await openTlsStage(onTestFinished);
    await stage.configure(configuration(stage));
    const { code, stderr } = await stage.run('run', '--once');
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(/certificate/);
    expect(stderr).toMatch(/caFile/);
    expect(JSON.parse(await stage.simulator.ask('GET', '/_sim/stats')).total).toBe(0);
  });

  it('that only the sink is not trusted for stops only that sink', async ({ onTestFinished }) => {
    const stage = await openTlsStage(onTestFinished);
    await stage.configure(configuration(stage, ', caFile: ca.pem'));
    const { code, stderr } = await stage.run('run', '--once');
    expect(code, stderr).toBe(4);
    expect(stderr).toMatch(/route splunk could not be served: .*certificate/);
    expect(compare(await stage.simulator.truth('&stream=events'), await filedIds(stage))).toEqual(nothingWrong);
  });
});

describe('a forward proxy', () => {
  it('carries every call to Central and to Splunk', async ({ onTestFinished }) => {
    const proxy = await startProxy({ password: 'open-sesame' });
    onTestFinished(() => proxy.close());
    const stage = await openStage(onTestFinished, { account: 'partner', tenants: 2, eventsPerTenant: 100, alertsPerTenant: 0 });
    await stage.configure(configuration(stage, `, proxy: "${proxy.url}"`, `, proxy: "${proxy.url}"`));
    await pass(stage);
    const truth = await stage.simulator.truth('&stream=events');
    expect(compare(truth, await filedIds(stage))).toEqual(nothingWrong);
    const paths = proxy.requests.filter(({ method }) => method !== 'CONNECT').map(({ target }) => new URL(target).pathname);
    const { total } = JSON.parse(await stage.simulator.ask('GET', '/_sim/stats')) as { readonly total: number };
    expect(paths.filter((path) => !path.startsWith('/services/collector'))).toHaveLength(total);
    const { requests } = JSON.parse(await stage.simulator.ask('GET', '/_sim/hec')) as { readonly requests: number };
    expect(paths.filter((path) => path.startsWith('/services/collector'))).toHaveLength(requests);
    expect(requests).toBeGreaterThan(0);
  });

  it('carries https through a tunnel that cannot read it', async ({ onTestFinished }) => {
    const proxy = await startProxy();
    onTestFinished(() => proxy.close());
    const stage = await openTlsStage(onTestFinished);
    await stage.configure(configuration(stage, `, caFile: ca.pem, proxy: "${proxy.url}"`, ', caFile: ca.pem, proxy: none'));
    await pass(stage);
    expect(compare(await stage.simulator.truth('&stream=events'), await filedIds(stage))).toEqual(nothingWrong);
    expect(proxy.requests.length).toBeGreaterThan(0);
    expect(new Set(proxy.requests.map(({ method, target }) => `${method} ${target}`))).toEqual(new Set([`CONNECT ${new URL(stage.simulator.url).host}`]));
    expect(JSON.stringify(proxy.requests.map(({ headers }) => headers))).not.toMatch(/bearer|splunk/i);
  });

  it('of the environment is used where the configuration names none, and is not with `none`', async ({ onTestFinished }) => {
    const proxy = await startProxy();
    onTestFinished(() => proxy.close());
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 20, alertsPerTenant: 0 });
    await stage.configure(configuration(stage, '', ', proxy: none'));
    Object.assign(stage.env, { HTTP_PROXY: proxy.url, http_proxy: proxy.url, NO_PROXY: '', no_proxy: '' });
    await pass(stage);
    const through = proxy.requests.length;
    expect(through).toBeGreaterThan(0);
    expect(proxy.requests.filter(({ target }) => target.includes('/services/collector'))).toEqual([]);
    await stage.configure(configuration(stage, ', proxy: none', ', proxy: none'));
    await pass(stage);
    expect(proxy.requests).toHaveLength(through);
  });
});
