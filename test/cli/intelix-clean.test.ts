/** `intelix clean` against a simulated Central: what a dry run lists is what the real run deletes, and nothing else. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { linesOf } from './actions-scene.ts';
import { configuration, type IntelixScene, interposed, kindOfReport, openIntelixScene, reportNamed, type Site } from './intelix-scene.ts';

interface Row {
  readonly object: { readonly id: string; readonly name: string };
  readonly result: string;
  readonly reason?: string;
}

let scene: IntelixScene;

beforeAll(async () => {
  scene = await openIntelixScene();
});
beforeEach(async () => {
  scene.begin();
  await scene.reset();
});
afterEach(() => scene.end());
afterAll(() => scene.close());

const urlsOf = (sites: readonly { readonly url: string }[]) => sites.map(({ url }) => url).sort();
const contentOf = (sites: readonly (Site & { readonly tenant: string })[]) => sites.map(({ id: _id, ...content }) => content);
const deletedIds = async () => (await scene.changes()).map(({ path }) => path.split('/').at(-1)).sort();
const rowsOf = (out: string) => linesOf<Row>(out);

const dangerous = ['203.0.113.7', '203.0.113.7', '../../etc/passwd', 'BAD.example.com', 'bad.example.com', 'https://BAD.example.com/'];
const medium = ['203.0.113.8', 'middle.example.com/a b?x=1'];
const low = ['low.example.com', 'low.example.com'];
const trusted = ['good.example.com'];

describe('intelix clean', () => {
  it.each([
    ['ALL', [...dangerous, ...medium, ...low, ...trusted]],
    ['HIGH', dangerous],
    ['HIGH_MEDIUM', [...dangerous, ...medium]],
    ['MEDIUM', medium],
    ['low', low],
  ])('deletes at level %s exactly what its dry run lists', async (level, expected) => {
    const before = await scene.estate();
    const dry = await scene.intelix(['clean', '--level', level, '--dry-run']);
    expect({ code: dry.code, changes: await scene.changes() }).toEqual({ code: 0, changes: [] });
    const listed = rowsOf(dry.out).map(({ object }) => object.id);
    expect(urlsOf(before.filter(({ id }) => listed.includes(id)))).toEqual([...expected].sort());
    const asked = await scene.lookups();

    const real = await scene.intelix(['clean', '--level', level, '--yes']);
    expect({ code: real.code, deleted: await deletedIds() }).toEqual({ code: 0, deleted: [...listed].sort() });
    expect(contentOf(await scene.estate())).toEqual(contentOf(before.filter(({ id }) => !listed.includes(id))));
    expect(await scene.lookups()).toEqual(asked);
  });

  it('leaves a report for every tenant, and details from which everything is put back', async () => {
    const before = await scene.estate();
    await scene.intelix(['clean', '--level', 'HIGH', '--dry-run']);
    await scene.intelix(['clean', '--level', 'HIGH', '--yes']);
    const reports = scene.reports();
    const tenants = await scene.tenants();
    expect([...reports.keys()].map(kindOfReport).sort()).toEqual(
      tenants.flatMap(({ id }) => ['deletion_details', 'deletion_report', 'dry_run_report'].map((kind) => `${id}_<stamp>_HIGH_${kind}.json`)).sort(),
    );
    const idsIn = (kind: string) =>
      [...reports].flatMap(([name, report]) =>
        name.endsWith(`${kind}.json`) ? report.sites.map((each: { site: Site; outcome: string }) => [each.site.id, each.outcome]) : [],
      );
    expect(idsIn('deletion_report')).toEqual(idsIn('dry_run_report').map(([id]) => [id, 'deleted']));
    for (const [name] of reports) {
      expect(statSync(join(scene.folder, 'intelix', name)).mode & 0o777).toBe(0o600);
      if (!name.endsWith('details.json')) continue;
      expect((await scene.type(['local-site', 'restore', join('intelix', name), '--yes'])).code).toBe(0);
    }
    expect(contentOf(await scene.estate())).toEqual(contentOf(before));
    expect(scene.log().filter(({ state, action }) => state === 'done' && action === 'delete')).toHaveLength(dangerous.length);
  });

  it('asks for entries that the list tells in brief, so that their details are whole', async () => {
    const before = await scene.estate();
    await scene.control('POST', '/_sim/settings', { localSitesBrief: true });
    expect((await scene.intelix(['clean', '--level', 'MEDIUM', '--yes'])).code).toBe(0);
    const details = [...scene.reports()].find(([name]) => name.endsWith('details.json'))?.[1];
    const gone = before.filter(({ url }) => medium.includes(url)).map(({ tenant: _tenant, ...site }) => site);
    expect(details.map(({ site }: { site: Site }) => site)).toEqual(expect.arrayContaining(gone));
    expect(details).toHaveLength(2);
  });

  it.each([
    ['nobody says yes', [], {}, 2],
    ['the answer is no', [], { input: 'no\n', columns: 200 }, 0],
    ['there are more than `--max`', ['--yes', '--max', '5'], {}, 2],
  ] as const)('sends and writes nothing when %s', async (_when, line, typed, code) => {
    const said = await scene.intelix(['clean', '--level', 'HIGH', ...line], typed);
    expect({ code: said.code, changes: await scene.changes() }).toEqual({ code, changes: [] });
    expect(() => scene.reports()).toThrow('ENOENT');
  });

  it('never deletes what could not be looked up, says why, and ends with 4', async () => {
    const before = await scene.estate();
    await scene.control('POST', '/_sim/intelix', { quota: 3, retryAfterS: 3600 });
    const { code, out, err } = await scene.intelix(['clean', '--level', 'ALL', '--yes']);
    expect(code).toBe(4);
    const left = rowsOf(out).filter(({ result }) => result === 'left out');
    const deleted = await deletedIds();
    expect(left.length).toBeGreaterThan(5);
    for (const { reason } of left) expect(reason).toContain('not looked up: ');
    expect(err).toContain('they are not deleted');
    expect(deleted.filter((id) => left.some(({ object }) => object.id === id))).toEqual([]);
    expect(await scene.estate()).toHaveLength(before.length - deleted.length);
    const report = reportNamed(
      scene.reports(),
      `${(await scene.tenants())[2]?.id}_${[...scene.reports().keys()][0]?.split('_').slice(1, 3).join('_')}_ALL_deletion_report.json`,
    );
    expect(report.notLookedUp.length).toBeGreaterThan(0);
  });

  it('cleans the other tenants when one is forbidden, and ends with 4', async () => {
    const [first] = await scene.tenants();
    await scene.control('POST', '/_sim/faults', { forbidden: { tenants: [first?.id] } });
    const { code, err } = await scene.intelix(['clean', '--level', 'HIGH', '--yes']);
    expect({ code, tenants: new Set((await scene.changes()).map(({ tenant }) => tenant)).size }).toEqual({ code: 4, tenants: 2 });
    expect(err).toContain('tenant Acme');
  });

  it('ends with 3 when Intelix refuses the credential, and has deleted nothing', async () => {
    const { code } = await scene.intelix(['clean', '--level', 'ALL', '--yes'], { env: { SOPHOS_INTELIX_CLIENT_SECRET: 'wrong' } });
    expect({ code, changes: await scene.changes() }).toEqual({ code: 3, changes: [] });
  });

  it('does not delete a category of IP addresses that the configuration calls unclassified', async () => {
    writeFileSync(
      join(scene.folder, 'sophos-central.yaml'),
      configuration.replace('intelix: {', 'intelix: { ipRisk: { botnet: UNCLASSIFIED, enduser_network: UNCLASSIFIED },'),
    );
    const { out } = await scene.intelix(['clean', '--level', 'ALL', '--dry-run']);
    expect(rowsOf(out).map(({ object }) => object.name)).not.toContain('203.0.113.7');
  });

  it('deletes the others when one has changed after it was listed, and says which', async () => {
    const [site] = (await scene.estate()).filter(({ url }) => url === 'middle.example.com/a b?x=1');
    const change = { tenant: site?.tenant, name: 'local-sites', put: [{ id: site?.id, comment: 'now needed' }] };
    // The list was whole, so the first call for the entry by itself is the look before the deletion.
    const { http, close } = interposed(`/local-sites/${site?.id}`, () => scene.control('POST', '/_sim/collection', change));
    const said = await scene.intelix(['clean', '--level', 'MEDIUM', '--yes'], { world: { http } });
    await close();
    expect(said.code).toBe(4);
    expect(rowsOf(said.out).map(({ result, reason }) => [result, reason])).toEqual(
      expect.arrayContaining([
        ['done', undefined],
        ['failed', expect.stringContaining('comment is now "now needed"')],
      ]),
    );
    expect(await deletedIds()).toHaveLength(1);
  });

  it.each([['UNCLASSIFIED'], ['all of it'], ['']])('refuses the level `%s` before anything is asked', async (level) => {
    expect(await scene.intelix(['clean', '--level', level, '--yes'])).toMatchObject({ code: 2, out: '' });
    expect([await scene.lookups(), await scene.changes()]).toEqual([{}, []]);
  });
});
