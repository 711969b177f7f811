/** `intelix plan` and `intelix apply` against a simulated Central: a plan is looked through, applied, resumed, and refused where it no longer fits. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { interrupted } from '../../src/cli/exit.ts';
import { linesOf } from './actions-scene.ts';
import { type IntelixScene, interposed, openIntelixScene, type Report, type Site } from './intelix-scene.ts';

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

const rowsOf = (out: string) => linesOf<Row>(out);
const contentOf = (sites: readonly (Site & { readonly tenant: string })[]) => sites.map(({ id: _id, ...content }) => content);
const deletedIds = async () => (await scene.changes()).map(({ path }) => path.split('/').at(-1) ?? '').sort();
const idsOf = (plan: Report): readonly string[] => plan.sites.map(({ site }: { site: Site }) => site.id).sort();

async function planned(level = 'HIGH'): Promise<Report> {
  const { code } = await scene.intelix(['plan', '--level', level, '--out', 'plan.json']);
  expect(code).toBe(0);
  return JSON.parse(readFileSync(join(scene.folder, 'plan.json'), 'utf8'));
}

const apply = (...line: string[]) => scene.intelix(['apply', 'plan.json', ...line]);

/** The sites in all details, in the order of their ids; of each run the reports lie in a folder of their own. */
function detailIds(folder: string): readonly string[] {
  const details = [...scene.reports(folder)].filter(([name]) => name.endsWith('_deletion_details.json'));
  return details.flatMap(([, sites]) => sites.map(({ site }: { site: Site }) => site.id)).sort();
}

describe('intelix plan', () => {
  it('writes whole entries and what is known of them, and changes nothing', async () => {
    await scene.control('POST', '/_sim/settings', { localSitesBrief: true });
    const plan = await planned('ALL');
    const estate = new Map((await scene.estate()).map(({ tenant, ...site }) => [site.id, { tenant, site }]));
    expect(plan).toMatchObject({ kind: 'intelix-plan', version: 1, level: 'ALL' });
    expect(plan.sites).toHaveLength(11);
    for (const { tenant, site } of plan.sites) expect({ tenant: tenant.id, site }).toEqual(estate.get(site.id));
    expect(statSync(join(scene.folder, 'plan.json')).mode & 0o777).toBe(0o600);
    expect(await scene.changes()).toEqual([]);
  });

  it('never writes over a file, and has a name of its own when it is given none', async () => {
    await planned();
    expect(await scene.intelix(['plan', '--level', 'HIGH', '--out', 'plan.json'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('it exists already'),
    });
    expect((await scene.intelix(['plan', '--level', 'high'])).code).toBe(0);
    expect([...scene.reports().keys()]).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_HIGH_plan\.json$/)]);
  });
});

describe('intelix apply', () => {
  it('deletes what the plan names, and restore brings the estate back', async () => {
    const before = await scene.estate();
    const plan = await planned('ALL');
    const dry = await apply('--dry-run');
    expect({ code: dry.code, changes: await scene.changes() }).toEqual({ code: 0, changes: [] });
    expect(
      rowsOf(dry.out)
        .map(({ object }) => object.id)
        .sort(),
    ).toEqual(idsOf(plan));
    expect(await apply('--yes')).toMatchObject({ code: 0 });
    expect(await deletedIds()).toEqual(idsOf(plan));
    expect(await scene.estate()).toHaveLength(before.length - plan.sites.length);
    expect((await scene.type(['local-site', 'restore', 'state/actions.ndjson', '--yes'])).code).toBe(0);
    expect(contentOf(await scene.estate())).toEqual(contentOf(before));
  });

  it('refuses what has changed since, counts what is gone as done, and tells each', async () => {
    const plan = await planned();
    const [changed, gone, ...rest] = plan.sites as [Report, Report, ...Report[]];
    await scene.control('POST', '/_sim/collection', { tenant: changed.tenant.id, name: 'local-sites', put: [{ id: changed.site.id, tags: ['new'] }] });
    await scene.control('POST', '/_sim/collection', { tenant: gone.tenant.id, name: 'local-sites', remove: [gone.site.id] });
    const dry = await apply('--dry-run');
    expect(dry.code).toBe(4);
    const { code, out } = await apply('--yes');
    expect({ code, deleted: await deletedIds() }).toEqual({ code: 4, deleted: rest.map(({ site }) => site.id).sort() });
    const reasonOf = (id: string) => rowsOf(out).find(({ object }) => object.id === id)?.reason;
    expect(reasonOf(changed.site.id)).toContain('it has changed since the plan was made: tags is now ["new"]');
    expect(reasonOf(gone.site.id)).toBe('it is gone already');
    expect(detailIds('intelix')).toEqual(rest.map(({ site }) => site.id).sort());
  });

  it('sees a change that a brief list does not tell', async () => {
    const plan = await planned('MEDIUM');
    await scene.control('POST', '/_sim/settings', { localSitesBrief: true });
    const [changed, other] = plan.sites as [Report, Report];
    await scene.control('POST', '/_sim/collection', { tenant: changed.tenant.id, name: 'local-sites', put: [{ id: changed.site.id, comment: 'x' }] });
    const { code } = await apply('--yes');
    expect({ code, deleted: await deletedIds() }).toEqual({ code: 4, deleted: [other.site.id] });
  });

  it('goes on where it was interrupted, and its details know everything', async () => {
    const plan = await planned();
    const stop = new AbortController();
    const third = plan.sites[2].site.id;
    const { http, close } = interposed(`/local-sites/${third}`, async () => stop.abort(interrupted()));
    const broken = await scene.intelix(['apply', 'plan.json', '--yes', '--concurrency', '1', '--out-dir', 'first'], { signal: stop.signal, world: { http } });
    await close();
    expect(broken.code).toBe(130);
    const first = await deletedIds();
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThan(plan.sites.length);
    expect(detailIds('first')).toEqual(first);
    expect(await apply('--yes', '--out-dir', 'second')).toMatchObject({ code: 0 });
    expect(await deletedIds()).toEqual(idsOf(plan));
    expect(detailIds('second')).toEqual(idsOf(plan));
    expect(await apply('--yes', '--out-dir', 'third')).toMatchObject({ code: 0, err: expect.stringContaining('Nothing to do') });
    expect([await deletedIds(), detailIds('third')]).toEqual([idsOf(plan), idsOf(plan)]);
  });

  it.each([
    ['which was never sent', false],
    ['which was sent', true],
  ] as const)('looks first at a deletion that was begun by a run that died, and %s', async (_which, isGone) => {
    const plan = await planned();
    const [{ tenant, site }] = plan.sites;
    await apply('--yes', '--tenant', tenant.id, '--out-dir', 'first');
    // The same history, but for the end of the first deletion; and the site may be there again, under its id.
    const log = join(scene.folder, 'state', 'actions.ndjson');
    const lines = scene.log().filter(({ state, object }) => state === 'begun' || object.id !== site.id);
    writeFileSync(log, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"at":"torn`);
    if (!isGone) await scene.control('POST', '/_sim/collection', { tenant: tenant.id, name: 'local-sites', put: [site] });
    await scene.control('DELETE', '/_sim/requests');
    expect(await apply('--yes', '--out-dir', 'second')).toMatchObject({ code: 0 });
    expect((await deletedIds()).includes(site.id)).toBe(!isGone);
    expect(detailIds('second')).toEqual(idsOf(plan));
  });

  it('does not take what somebody else deleted for its own', async () => {
    const plan = await planned('MEDIUM');
    const [{ tenant, site }] = plan.sites;
    const remove = { tenant: tenant.id, name: 'local-sites', remove: [site.id] };
    // Gone between the list and the look right before the deletion.
    const { http, close } = interposed(`/local-sites/${site.id}`, () => scene.control('POST', '/_sim/collection', remove));
    const { code, out } = await scene.intelix(['apply', 'plan.json', '--yes'], { world: { http } });
    await close();
    expect({ code, row: rowsOf(out).find(({ object }) => object.id === site.id)?.result }).toEqual({ code: 0, row: 'done already' });
    expect(detailIds('intelix')).toEqual(idsOf(plan).filter((id) => id !== site.id));
    expect((await scene.type(['local-site', 'restore', 'state/actions.ndjson', '--yes'])).code).toBe(0);
    expect((await scene.estate()).filter(({ url }) => url === site.url)).toEqual([]);
  });

  it('finds out by looking whether a deletion whose answer was lost was made, and keeps it in the details', async () => {
    const plan = await planned('MEDIUM');
    await scene.control('POST', '/_sim/faults', {
      sequence: [
        { path: '^/endpoint/v1/settings/web-control/local-sites/', kind: 'ok', times: 1 },
        { path: '^/endpoint/v1/settings/web-control/local-sites/', kind: 'truncate', times: 1 },
      ],
    });
    expect(await apply('--yes', '--concurrency', '1')).toMatchObject({ code: 0 });
    expect(new Set(await deletedIds())).toEqual(new Set(idsOf(plan)));
    expect(detailIds('intelix')).toEqual(idsOf(plan));
  });

  it.each([
    ['nobody says yes', [], {}, 2],
    ['the answer is no', [], { input: 'n\n', columns: 200 }, 0],
    ['there are more than `--max`', ['--yes', '--max', '1'], {}, 2],
  ] as const)('sends nothing when %s', async (_when, line, typed, code) => {
    await planned();
    const said = await scene.intelix(['apply', 'plan.json', ...line], typed);
    expect({ code: said.code, changes: await scene.changes() }).toEqual({ code, changes: [] });
  });

  it('sends nothing when the reports cannot be written: what is deleted has to be kept first', async () => {
    await planned();
    writeFileSync(join(scene.folder, 'taken'), '');
    expect(await apply('--yes', '--out-dir', 'taken')).toMatchObject({ code: 2, err: expect.stringContaining('could not write') });
    expect(await scene.changes()).toEqual([]);
    expect(await apply('--yes')).toMatchObject({ code: 0 });
  });

  it('tells of tenants that the credential does not open, and ends with 4', async () => {
    const plan = await planned();
    plan.sites[0].tenant.id = '00000000-0000-4000-8000-000000000000';
    writeFileSync(join(scene.folder, 'plan.json'), JSON.stringify(plan));
    const { code, out } = await apply('--yes');
    expect({ code, left: rowsOf(out).filter(({ result }) => result === 'left out').length }).toEqual({ code: 4, left: 1 });
    const other = plan.sites.at(-1).tenant.id;
    expect((await apply('--yes', '--tenant', other)).code).toBe(0);
  });

  const broken: readonly (readonly [string, (plan: Report) => unknown])[] = [
    ['a risk that its level does not name', (plan) => ({ ...plan, sites: [{ ...plan.sites[0], risk: 'LOW' }] })],
    ['what is not classified', (plan) => ({ ...plan, level: 'ALL', sites: [{ ...plan.sites[0], risk: 'UNCLASSIFIED' }] })],
    ['an id that climbs', (plan) => ({ ...plan, sites: [{ ...plan.sites[0], site: { ...plan.sites[0].site, id: '../../alerts/1' } }] })],
    ['a tenant that climbs', (plan) => ({ ...plan, sites: [{ ...plan.sites[0], tenant: { id: '../x', name: '' } }] })],
    ['another version', (plan) => ({ ...plan, version: 2 })],
    ['keys of its own', (plan) => ({ ...plan, also: true })],
    ['no lookup', (plan) => ({ ...plan, sites: [{ ...plan.sites[0], lookup: [] }] })],
    ['an endless address', (plan) => ({ ...plan, sites: [{ ...plan.sites[0], site: { ...plan.sites[0].site, url: 'x'.repeat(5000) } }] })],
    ['a list', () => []],
  ];
  it.each(broken)('refuses a plan with %s before anything is asked', async (_what, change) => {
    const plan = await planned();
    writeFileSync(join(scene.folder, 'plan.json'), JSON.stringify(change(plan)));
    const { code, err } = await apply('--yes');
    expect({ code, changes: await scene.changes() }).toEqual({ code: 2, changes: [] });
    expect(err).toContain('could not use');
  });

  it('refuses what is no plan, and takes prototype keys for strange ones', async () => {
    const plan = JSON.stringify(await planned());
    for (const text of ['', '{', 'null', plan.slice(0, -9), `{"__proto__":{"kind":"intelix-plan"},${plan.slice(1)}`]) {
      writeFileSync(join(scene.folder, 'plan.json'), text);
      expect(await apply('--yes')).toMatchObject({ code: 2, err: expect.stringContaining('could not use') });
    }
    rmSync(join(scene.folder, 'plan.json'));
    expect(await apply('--yes')).toMatchObject({ code: 2 });
    expect(await scene.intelix(['apply', '.', '--yes'])).toMatchObject({ code: 2 });
    expect(await scene.changes()).toEqual([]);
  });
});
