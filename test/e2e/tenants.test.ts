import { describe, expect, it } from 'vitest';
import { compare, idsOf, nothingWrong, plentyOfCalls } from './house.ts';
import { addRecords, filedIds, indexedIds, openStage, pass, type Stage, tenantIds, until } from './stage.ts';

const toFiles = `central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h } }
sinks: { archive: { type: file, path: "out/{tenant.name}.ndjson" } }
routes: [{ from: events, to: archive }]
state: ./state
`;

const truthOf = async (stage: Stage, id: string | undefined) => await stage.simulator.truth(`&stream=events&tenant=${id}`);

describe('tenants come and go', () => {
  it('begins a new file when a tenant is renamed, and leaves the old one as it is', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, {
      account: 'partner',
      tenants: 2,
      tenantNames: ['Old name', 'Other'],
      eventsPerTenant: 100,
      alertsPerTenant: 0,
    });
    await stage.configure(toFiles);
    await pass(stage);
    const before = (await stage.folder.read('out')).get('Old name.ndjson');
    await stage.simulator.ask('POST', '/_sim/tenants', { update: [{ tenant: 0, name: 'New name' }] });
    const ids = await addRecords(stage, { tenant: 0, count: 4 });
    await pass(stage);
    const files = await stage.folder.read('out');
    expect([...files.keys()].sort()).toEqual(['New name.ndjson', 'Old name.ndjson', 'Other.ndjson']);
    expect(files.get('Old name.ndjson')).toBe(before);
    expect(idsOf(files.get('New name.ndjson') ?? '').sort()).toEqual([...ids].sort());
    expect(compare(await stage.simulator.truth('&stream=events'), await filedIds(stage))).toEqual(nothingWrong);
  });

  it('delivers what was read of a tenant that has since left the list or is excluded', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'partner', tenants: 3, tenantNames: ['A', 'B', 'C'], eventsPerTenant: 100, alertsPerTenant: 0 });
    const configuration = (tenants: string) => `central: { ${plentyOfCalls} }
tenants: { ${tenants} }
streams: { events: { every: 1s, since: 24h } }
sinks: { splunk: { type: splunk-hec, url: "${stage.simulator.hecUrl}", token: "${stage.simulator.hecToken}" } }
routes: [{ from: events, to: splunk }]
state: ./state
`;
    await stage.configure(configuration(''));
    await stage.simulator.ask('POST', '/_sim/hec/faults', { down: true });
    const { child, ended } = stage.start('run');
    await until(async () => (await stage.status()).routes[0]?.waiting === 300, 'all is read');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    const truth = await stage.simulator.truth('&stream=events');

    await stage.simulator.ask('POST', '/_sim/tenants', { remove: [0] });
    await stage.configure(configuration('exclude: ["B"]'));
    await stage.simulator.ask('DELETE', '/_sim/hec/faults');
    await pass(stage);
    expect(compare(truth, await indexedIds(stage.simulator))).toEqual(nothingWrong);
  });

  it('sets a forbidden tenant aside with its reason, serves the others, and reads it as soon as it is allowed', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'partner', tenants: 3, eventsPerTenant: 100, alertsPerTenant: 0 });
    await stage.configure(toFiles);
    const [, forbidden] = await tenantIds(stage);
    await stage.simulator.ask('POST', '/_sim/faults', { forbidden: { tenants: [1], form: 'A', reason: 'Partner assistance is off' } });
    const first = await stage.run('run', '--once');
    expect(first.code, first.stderr).toBe(4);
    expect(first.stderr).toMatch(new RegExp(`tenant .*${forbidden}.* could not be served: .*403`));
    expect(await filedIds(stage)).toHaveLength(200);
    const aside = async () => (await stage.status()).tenants.filter((tenant) => tenant.aside !== null).map(({ id }) => id);
    expect(await aside()).toEqual([forbidden]);

    await stage.simulator.ask('DELETE', '/_sim/faults');
    await pass(stage);
    expect(compare(await stage.simulator.truth('&stream=events'), await filedIds(stage))).toEqual(nothingWrong);
    expect(await aside()).toEqual([]);
    expect((await stage.status()).streams.filter(({ error }) => error !== null)).toEqual([]);
  });

  it('says of a tenant that was listed as not provisioned why nothing is read, and takes it back when it is', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'partner', tenants: 2, eventsPerTenant: 50, alertsPerTenant: 0 });
    await stage.configure(toFiles);
    await stage.simulator.ask('POST', '/_sim/tenants', { update: [{ tenant: 1, apiHost: null }] });
    const first = await stage.run('run', '--once');
    expect(first.code, first.stderr).toBe(4);
    expect(first.stderr).toMatch(/not provisioned/);
    await stage.simulator.ask('POST', '/_sim/tenants', { update: [{ tenant: 1, apiHost: '' }] });
    await pass(stage);
    expect(compare(await stage.simulator.truth('&stream=events'), await filedIds(stage))).toEqual(nothingWrong);
    expect((await stage.status()).tenants.map(({ aside }) => aside)).toEqual([null, null]);
  });

  it('reads a tenant that was added', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'partner', tenants: 1, eventsPerTenant: 50, alertsPerTenant: 0 });
    await stage.configure(toFiles);
    await pass(stage);
    await stage.simulator.ask('POST', '/_sim/tenants', { add: [{ name: 'Newcomer', events: 70 }] });
    await pass(stage);
    const [, added] = await tenantIds(stage);
    expect(idsOf((await stage.folder.read('out')).get('Newcomer.ndjson') ?? '').sort()).toEqual([...(await truthOf(stage, added))].sort());
    expect(compare(await stage.simulator.truth('&stream=events'), await filedIds(stage))).toEqual(nothingWrong);
  });
});
