/** The `local-site` commands against a simulated Central. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readDeletedSites, writeDeletedSites } from '../../src/cli/actions/deleted-site.ts';
import { interrupted } from '../../src/cli/exit.ts';
import { openHttp } from '../../src/clients/http.ts';
import { Failure } from '../../src/core/failure.ts';
import type { Http } from '../../src/core/world.ts';
import { linesOf, openScene, type Scene } from './actions-scene.ts';

interface Site {
  readonly tenant: { readonly id: string; readonly name: string };
  readonly id: string;
  readonly url: string;
  readonly categoryId?: number;
  readonly category?: string;
  readonly tags?: readonly string[];
  readonly comment?: string;
}

interface Row {
  readonly object: { readonly id: string; readonly name: string };
  readonly result: string;
  readonly reason?: string;
}

const sites = '/endpoint/v1/settings/web-control/local-sites';
const log = 'state/actions.ndjson';
let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
});
beforeEach(() => scene.begin());
afterEach(() => scene.end());
afterAll(() => scene.close());

async function list(...line: string[]): Promise<readonly Site[]> {
  const { code, out } = await scene.type(['local-site', 'list', ...line]);
  expect(code).toBe(0);
  return linesOf(out);
}

/** Everything that Central keeps of a site, but its id. */
const contents = (all: readonly Site[]) =>
  all.map(({ tenant, url, categoryId, tags, comment }) => JSON.stringify({ tenant: tenant.id, url, categoryId, tags, comment })).sort();
const rowsOf = (out: string) => linesOf<Row>(out);
const resultsOf = (out: string) => rowsOf(out).map(({ result }) => result);

describe('local-site list', () => {
  it('names the categories, also when the list tells addresses only', async () => {
    const all = await list();
    expect(all).toHaveLength(27);
    for (const { categoryId, category } of all) expect(typeof category).toBe(categoryId === undefined ? 'undefined' : 'string');
    await scene.control('POST', '/_sim/settings', { localSitesBrief: true });
    try {
      expect((await list()).every(({ categoryId }) => categoryId === undefined)).toBe(true);
      expect(await list('--full')).toEqual(all);
    } finally {
      await scene.control('POST', '/_sim/settings', { localSitesBrief: false });
    }
  });
});

describe('local-site add', () => {
  it('adds with the category by name, leaves out what is there, and is the same when done twice', async () => {
    const line = [
      'local-site',
      'add',
      'new-a.example.com',
      'new-b.example.com/x',
      '--category',
      'games',
      '--comment',
      'Ticket 4711',
      '--tenant',
      'Acme',
      '--yes',
    ];
    const first = await scene.type(line);
    expect({ code: first.code, results: resultsOf(first.out) }).toEqual({ code: 0, results: ['done', 'done'] });
    expect((await list('--tenant', 'Acme')).filter(({ url }) => url.startsWith('new-'))).toMatchObject([
      { url: 'new-a.example.com', category: 'Games', comment: 'Ticket 4711' },
      { url: 'new-b.example.com/x', category: 'Games', comment: 'Ticket 4711' },
    ]);
    expect(await scene.type(line)).toMatchObject({ code: 0, err: expect.stringContaining('Nothing to do') });
    const other = await scene.type(['local-site', 'add', 'NEW-A.example.com', '--tags', 'a', '--tenant', 'Acme', '--yes']);
    expect(other).toMatchObject({ code: 1, out: expect.stringContaining('use `local-site update`') });
    expect(await scene.changes()).toHaveLength(2);
  });

  it('adds to several tenants only when that is said', async () => {
    expect(await scene.type(['local-site', 'add', 'all.example.com', '--tags', 'a', '--yes'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('3 tenants'),
    });
    const { code, out } = await scene.type(['local-site', 'add', 'all.example.com', '--tags', 'a,b', '--tenant', '*', '--yes']);
    expect({ code, results: resultsOf(out) }).toEqual({ code: 0, results: ['done', 'done', 'done'] });
    expect((await list()).filter(({ url }) => url === 'all.example.com')).toMatchObject([{ tags: ['a', 'b'] }, { tags: ['a', 'b'] }, { tags: ['a', 'b'] }]);
  });

  it('says when there is no such category, and adds nothing', async () => {
    const { code, out } = await scene.type(['local-site', 'add', 'x.example.com', '--category', 'Gamse', '--tenant', 'Acme', '--yes']);
    expect({ code, reason: rowsOf(out)[0]?.reason }).toEqual({ code: 1, reason: 'it has no web category called `Gamse`; did you mean `Games`?' });
    expect(await scene.changes()).toEqual([]);
  });

  it('looks after a lost answer, and does not add twice', async () => {
    await scene.control('POST', '/_sim/faults', {
      sequence: [
        { path: sites, kind: 'ok', times: 1 },
        { path: sites, kind: 'reset', times: 1 },
      ],
    });
    const { code, out } = await scene.type(['local-site', 'add', 'lost.example.com', '--tags', 'a', '--tenant', 'Acme', '--yes']);
    expect({ code, results: resultsOf(out) }).toEqual({ code: 0, results: ['done'] });
    expect(await scene.changes()).toHaveLength(1);
    expect((await list()).filter(({ url }) => url === 'lost.example.com')).toHaveLength(1);
  });
});

describe('local-site update', () => {
  it('changes what is named, wherever the address is, and keeps what it was in the log', async () => {
    await scene.type(['local-site', 'add', 'change.example.com', '--category', '17', '--tags', 'a', '--comment', 'c', '--tenant', '*', '--yes']);
    const line = ['local-site', 'update', 'change.example.com', '--category', 'News', '--tags', '', '--exclude-tenant', 'Beta*', '--yes'];
    expect(await scene.type(line)).toMatchObject({ code: 0 });
    const now = (await list()).filter(({ url }) => url === 'change.example.com');
    expect(now.map(({ category, comment }) => [category, comment])).toEqual([
      ['News', 'c'],
      ['Games', 'c'],
      ['News', 'c'],
    ]);
    expect(scene.log().at(-1)).toMatchObject({ action: 'update', detail: { before: { categoryId: 17, tags: ['a'], comment: 'c' }, change: { tags: [] } } });
    expect(await scene.type(line)).toMatchObject({ code: 0, err: expect.stringContaining('Nothing to do') });
    expect(await scene.type(['local-site', 'update', now[1]?.id ?? '', '--url', 'changed.example.com', '--yes'])).toMatchObject({ code: 0 });
    expect((await list('--tenant', 'Beta*')).some(({ url }) => url === 'changed.example.com')).toBe(true);
    expect(await scene.type(['local-site', 'update', 'nowhere.example.com', '--comment', 'x', '--yes'])).toMatchObject({ code: 1 });
  });
});

describe('local-site delete and restore', () => {
  it('send nothing in a dry run, above the limit, without a yes, or after a no', async () => {
    const urls = (await list('--tenant', 'Acme')).map(({ url }) => url);
    writeFileSync(
      join(scene.folder, 'report.json'),
      JSON.stringify([{ tenant: { id: (await list('--tenant', 'Acme'))[0]?.tenant.id }, site: { url: 'gone.example.com', categoryId: 1 } }]),
    );
    for (const line of [
      ['local-site', 'delete', ...urls],
      ['local-site', 'restore', 'report.json'],
      ['local-site', 'add', 'n.example.com', '--tags', 'a', '--tenant', 'Acme'],
      ['local-site', 'update', urls[0] ?? '', '--comment', 'another'],
    ]) {
      expect((await scene.type([...line, '--dry-run'])).code).toBe(0);
      expect(await scene.type([...line, '--yes', '--max', '0'])).toMatchObject({ code: 2 });
      expect(await scene.type(line)).toMatchObject({ code: 2 });
      expect(await scene.type(line, { columns: 90, input: 'n\n' })).toMatchObject({ code: 0, err: expect.stringContaining('Nothing was changed.') });
    }
    expect(await scene.changes()).toEqual([]);
  });

  it('delete in every chosen tenant, and put everything back as it was, twice over', async () => {
    const before = await list();
    const shared = before.map(({ url }) => url);
    const gone = await scene.type(['local-site', 'delete', ...new Set(shared), '--yes', '--max', '500']);
    expect(gone.code).toBe(0);
    expect(await list()).toEqual([]);
    expect(await scene.type(['local-site', 'restore', log, '--yes'])).toMatchObject({ code: 0 });
    expect(contents(await list())).toEqual(contents(before));
    expect(await scene.type(['local-site', 'restore', log, '--yes'])).toMatchObject({ code: 0, err: expect.stringContaining('Nothing to do') });
    expect(await scene.type(['local-site', 'delete', 'no.example.com', '--yes'])).toMatchObject({ code: 1, out: expect.stringContaining('no.example.com') });
  });

  it('go on after a kill in the middle: nothing is made twice, and no deletion is forgotten', async () => {
    const before = await list('--tenant', 'Acme');
    expect((await scene.type(['local-site', 'delete', ...before.map(({ url }) => url), '--tenant', 'Acme', '--yes'])).code).toBe(0);
    await scene.control('DELETE', '/_sim/requests');
    // The third answer never comes, though Central has done what was asked: then the process is no more.
    const { http, close } = openHttp();
    const dead = new AbortController();
    let posts = 0;
    const stopped = new Promise<void>((resolve) => {
      const dying: Http = async (request) => {
        const reply = await http(request);
        if (request.method !== 'POST' || !request.url.includes(sites) || ++posts < 3) return reply;
        resolve();
        return await new Promise((_, reject) => dead.signal.addEventListener('abort', () => reject(new Failure('transient', 'http.reset', 'dead'))));
      };
      void scene.type(['local-site', 'restore', log, '--tenant', 'Acme', '--yes'], { world: { http: dying }, signal: dead.signal }).then(() => resolve());
    });
    await stopped;
    copyFileSync(join(scene.folder, log), join(scene.folder, 'kept.ndjson'));
    writeFileSync(join(scene.folder, 'kept.ndjson'), `${readFileSync(join(scene.folder, 'kept.ndjson'), 'utf8')}{"at":"2026-11-2`);
    expect(
      linesOf<{ state: string; action: string }>(readFileSync(join(scene.folder, log), 'utf8'))
        .filter(({ action }) => action === 'restore')
        .map(({ state }) => state),
    ).toEqual([...['begun', 'done', 'begun', 'done', 'begun']]);
    const rest = await scene.type(['local-site', 'restore', 'kept.ndjson', '--tenant', 'Acme', '--yes', '--state', 'second']);
    expect(rest).toMatchObject({ code: 0, err: expect.stringContaining('1 entries of kept.ndjson could not be read') });
    expect(contents(await list('--tenant', 'Acme'))).toEqual(contents(before));
    expect((await scene.changes()).filter(({ method }) => method === 'POST')).toHaveLength(before.length);
    dead.abort(interrupted());
    await close();
  });

  it('puts back what a report tells, whoever wrote it, and tells of tenants that are not there', async () => {
    const [{ tenant }] = (await list('--tenant', 'Acme')) as [Site];
    const path = join(scene.folder, `${tenant.id}_2026-11-20_10-15-00_HIGH_deletion_details.json`);
    const deletedAt = '2026-11-20T10:15:00.000Z';
    const entry = { tenant, site: { id: 'x', url: 'report.example.com', categoryId: 34, tags: ['a'], comment: 'c\nd' }, reason: 'HIGH', deletedAt };
    await writeDeletedSites(path, [entry, { ...entry, tenant: { id: 'f0000000-0000-4000-8000-000000000000', name: 'Gone' } }]);
    expect(await readDeletedSites(path)).toMatchObject({ sites: [entry, {}], unreadable: 0 });
    const { code, out } = await scene.type(['local-site', 'restore', path, '--yes']);
    expect({ code, results: resultsOf(out) }).toEqual({ code: 4, results: ['done', 'left out'] });
    expect((await list('--tenant', 'Acme')).find(({ url }) => url === 'report.example.com')).toMatchObject({ categoryId: 34, tags: ['a'], comment: 'c\nd' });
    expect(await scene.type(['local-site', 'restore', path, '--where', 'reason == "LOW"', '--yes'])).toMatchObject({
      code: 0,
      err: expect.stringContaining('Nothing to do'),
    });
  });

  it.each([
    ['not JSON at all', 'no deleted local site'],
    ['[{"tenant":{"id":"a"},"site":{"url":7}}]', 'no deleted local site'],
    ['[{"tenant":{"id":"a"},"site":{"url":"u","categoryId":"34"}}]', 'no deleted local site'],
    ['[{"__proto__":{"tenant":{"id":"a"},"site":{"url":"u"}}}]', 'no deleted local site'],
    [null, 'ENOENT'],
  ])('restore refuses %j with 2', async (text, hint) => {
    if (text !== null) writeFileSync(join(scene.folder, 'odd.json'), text);
    expect(await scene.type(['local-site', 'restore', 'odd.json', '--yes'])).toMatchObject({ code: 2, out: '', err: expect.stringContaining(hint) });
    expect(await scene.changes()).toEqual([]);
  });
});

it.each([
  [['local-site', 'add', 'x.example.com', '--tenant', 'Acme'], 'category, or tags'],
  [['local-site', 'add', ' ', '--tags', 'a'], 'an address is empty'],
  [['local-site', 'add', 'a\nb', '--tags', 'a'], 'control characters'],
  [['local-site', 'update', 'x.example.com'], 'nothing is to be changed'],
  [['local-site', 'delete', ''], 'an empty address'],
  [['local-site', 'delete'], "missing required argument 'sites'"],
  [['local-site', 'restore', 'x', '--where', 'a ='], 'column'],
])('%j is refused with 2', async (line, hint) => {
  const { code, out, err } = await scene.type(line);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(hint);
});
