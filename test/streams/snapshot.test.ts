/** Snapshot streams against a small Central that keeps lists, and misbehaves. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Stream } from '../../src/core/types.ts';
import { endpoints } from '../../src/streams/endpoints.ts';
import { localSites } from '../../src/streams/local-sites.ts';
import { users } from '../../src/streams/snapshots.ts';
import { told } from '../clients/world.ts';
import type { FarList, FarThing } from '../far-ends/lists.ts';
import { keysOf, streamLaws } from '../laws/stream.laws.ts';
import { changesOf, day, hour, ListScene, minute, never, readOn, toldBy } from './inventory-scene.ts';

const path = '/endpoint/v1/endpoints';
const scenes: ListScene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});

function things(count: number, first = 0): FarThing[] {
  return Array.from({ length: count }, (_, i) => ({ id: `id-${first + i}`, hostname: `host-${first + i}`, lastSeenAt: '2026-11-20T11:00:00.000Z' }));
}

async function begin(count: number, style: FarList['style'] = 'key', at = path) {
  const list: FarList = { path: at, style, max: 500, items: things(count) };
  const scene = await ListScene.open(list);
  scenes.push(scene);
  return { scene, list };
}

const itemOf = (key: string) => (key.endsWith('#end') ? null : key.slice(key.indexOf('/') + 1));

for (const [kind, at, style] of [
  [endpoints, path, 'key'],
  [users, '/common/v1/directory/users', 'page'],
] as const) {
  streamLaws(kind.name, async () => {
    const list: FarList = { path: at, style, max: 500, items: [] };
    const scene = await ListScene.open(list);
    return {
      open: () => scene.stream(kind, { pageSize: 25 }),
      add: (count) => {
        list.items.push(...things(count, list.items.length));
        scene.far.now += 1000;
      },
      keys: () => list.items.map(({ id }) => String(id)),
      failOnce: () => scene.far.failNext(at, 'cut'),
      hangOnce: () => scene.far.failNext(at, 'hang'),
      severalPages: 90,
      itemOf,
      close: () => scene.close(),
    };
  });
}

describe('a snapshot', () => {
  it('is named after its beginning; its end is a record with the count', async () => {
    const { scene } = await begin(3);
    const told = toldBy((await readOn(() => scene.stream(endpoints, { pageSize: 2 }), null)).pages);
    const snapshot = { id: '20261120T120000000Z', at: '2026-11-20T12:00:00.000Z' };
    expect(told.map(({ key }) => key)).toEqual([...['id-0', 'id-1', 'id-2'].map((id) => `${snapshot.id}/${id}`), `${snapshot.id}#end`]);
    expect(new Set(told.map(({ time }) => time))).toEqual(new Set([scene.far.now]));
    expect(told.slice(0, 3).map(({ meta }) => meta)).toEqual([{ snapshot }, { snapshot }, { snapshot }]);
    expect(told[3]).toMatchObject({ item: { snapshot: { ...snapshot, end: true }, items: 3 }, meta: { snapshot: { ...snapshot, end: true, items: 3 } } });
  });

  it('costs one call for each page, and asks again for what every page must repeat', async () => {
    const { scene } = await begin(1200);
    await readOn(() => scene.stream(endpoints), null);
    const asked = scene.far.to(path).map(({ query }) => [query.get('view'), query.get('pageSize')]);
    expect(asked).toEqual([
      ['full', '500'],
      ['full', '500'],
      ['full', '500'],
    ]);
  });

  it('is taken at most once in its time, and says when the next is due', async () => {
    const { scene } = await begin(3);
    const stream = scene.stream(endpoints, {}, day);
    const first = await stream.fetch(null, never);
    expect(first).toMatchObject({ more: false, againMs: day });
    scene.far.now += 5 * hour;
    const rest = await stream.fetch(first.next, never);
    expect(rest).toMatchObject({ next: first.next, more: false, againMs: 19 * hour });
    expect(rest.items.count).toBe(0);
    expect(scene.calls(path)).toBe(1);
    // Who reads by the clock may come a little early.
    scene.far.now += 18 * hour;
    expect((await stream.fetch(first.next, never)).items.count).toBe(4);
  });

  it('is not put off by a clock that shows a time before the last one', async () => {
    const { scene } = await begin(1);
    const { at } = await readOn(() => scene.stream(endpoints, {}, day), null);
    scene.skew = -400 * day;
    expect((await scene.stream(endpoints, {}, day).fetch(at, never)).items.count).toBe(2);
  });

  it('never has the name of the one before, though the clock may stand still', async () => {
    const { scene } = await begin(1);
    const first = await readOn(() => scene.stream(endpoints), null);
    const second = await readOn(() => scene.stream(endpoints), first.at);
    expect(new Set(keysOf([...first.pages, ...second.pages])).size).toBe(4);
  });

  it('goes on where it was broken off; after 10 minutes it begins anew under its name; after a day it is another', async () => {
    const { scene } = await begin(6);
    const open = () => scene.stream(endpoints, { pageSize: 2 });
    const first = await open().fetch(null, never);
    const names = async (waitMs: number) => {
      scene.far.now += waitMs;
      const keys = keysOf((await readOn(open, first.next)).pages);
      scene.far.now -= waitMs;
      return [new Set(keys.map((key) => key.slice(0, 19))).size, keys[0]?.slice(0, 19), keys.length];
    };
    expect(await names(9 * minute)).toEqual([1, '20261120T120000000Z', 5]);
    expect(await names(11 * minute)).toEqual([1, '20261120T120000000Z', 7]);
    expect(await names(25 * hour)).toEqual([1, '20261121T130000000Z', 7]);
  });

  it.each([400, 404])('begins anew under its name when its position is refused with %i', async (status) => {
    const { scene } = await begin(6);
    const open = () => scene.stream(endpoints, { pageSize: 2 });
    const first = await open().fetch(null, never);
    scene.far.failNext(path, { status, body: { error: 'badRequest' } });
    const { pages } = await readOn(open, first.next);
    expect(new Set(keysOf([first, ...pages])).size).toBe(7);
    expect(keysOf(pages)).toHaveLength(7);
    expect(told(scene.reports)).toMatchObject([{ name: 'stream.cursor-refused' }]);
  });

  it('is broken off when its positions are refused for ever, and goes on later', async () => {
    const { scene } = await begin(6);
    scene.lists.misbehave = ({ query }) => (query.has('pageFromKey') ? { status: 404, body: {} } : null);
    const open = () => scene.stream(endpoints, { pageSize: 2 }, day);
    const { pages, at } = await readOn(open, null);
    expect(pages.at(-1)).toMatchObject({ more: false, againMs: hour });
    expect(pages.at(-1)?.brokenOff).toContain('404');
    expect(scene.calls(path)).toBeLessThan(12);
    scene.lists.misbehave = () => null;
    expect(new Set(keysOf([...pages, ...(await readOn(open, at)).pages])).size).toBe(7);
  });

  it.each(['key', 'page'] as const)('is broken off when its pages run in a circle (%s)', async (style) => {
    const { scene } = await begin(6, style, style === 'key' ? path : '/common/v1/directory/users');
    scene.lists.misbehave = (_, { body }) => {
      const { items, pages } = body as { items: FarThing[]; pages: FarThing };
      return style === 'key' ? { body: { items, pages: { ...pages, nextKey: '0|000000001' } } } : { body: { items: things(2), pages } };
    };
    const { pages } = await readOn(() => scene.stream(style === 'key' ? endpoints : users, { pageSize: 2 }), null);
    expect(pages.at(-1)).toMatchObject({ more: false, brokenOff: 'the pages that Central sends run in a circle' });
    expect(pages.length).toBeLessThan(40);
  });

  it('follows empty and short pages as long as they promise more, and not for ever', async () => {
    const { scene } = await begin(4);
    let asked = 0;
    scene.lists.misbehave = () => {
      asked++;
      if (asked > 5 && asked !== 9) return null;
      return { body: { items: asked === 3 ? things(1) : [], pages: { nextKey: `0|${String(100 + asked).padStart(9, '0')}`, size: 2 } } };
    };
    const open = () => scene.stream(endpoints, { pageSize: 2 });
    const { pages } = await readOn(open, null);
    expect(toldBy(pages).map(({ item }) => item.id ?? 'end')).toEqual(['id-0', 'end']);
    asked = 0;
    scene.lists.misbehave = () => ({ body: { items: [], pages: { nextKey: `0|${String(++asked).padStart(9, '0')}`, size: 2 } } });
    const first = (await open().fetch(null, never)).next as { readonly steps: object };
    const end = (await readOn(open, { ...first, steps: { ...first.steps, empties: 990 } })).pages.at(-1);
    expect(end).toMatchObject({ more: false, brokenOff: expect.stringContaining('empty pages') });
    expect(asked).toBe(11);
  });
});

describe('only what changed', () => {
  const changes = { changes: true, pageSize: 2 };

  it('is whole when a list that says nothing of pages gives all of it, whatever page is asked for', async () => {
    const { scene, list } = await begin(7, 'page', '/common/v1/directory/users');
    scene.lists.misbehave = (asked) => (asked.path === list.path ? { body: { items: list.items } } : null);
    const { pages } = await readOn(() => scene.stream(users), null);
    const told = toldBy(pages);
    expect(told.map(({ key }) => itemOf(key))).toEqual([...list.items.map(({ id }) => id), null]);
    expect(told.at(-1)).toMatchObject({ item: { items: 7 } });
    expect(pages.some(({ brokenOff }) => brokenOff !== undefined)).toBe(false);
    expect(scene.far.to(list.path)).toHaveLength(2);
  });

  it('tells everything as added, then what was added, changed or removed, and no end', async () => {
    const { scene, list } = await begin(5);
    const open = () => scene.stream(endpoints, changes);
    const first = await readOn(open, null);
    expect(changesOf(toldBy(first.pages))).toEqual(['added id-0', 'added id-1', 'added id-2', 'added id-3', 'added id-4']);
    scene.far.now += hour;
    const second = await readOn(open, first.at);
    expect(toldBy(second.pages)).toEqual([]);
    list.items = [{ hostname: 'new name', id: 'id-0' }, ...list.items.slice(2), ...things(1, 9)];
    const third = toldBy((await readOn(open, second.at)).pages);
    expect(changesOf(third)).toEqual(['changed id-0', 'added id-9', 'removed id-1']);
    expect(third[2]?.item).toEqual({ id: 'id-1', hostname: 'host-1' });
  });

  it('takes another order of members, and what changes by itself, for no change', async () => {
    const { scene, list } = await begin(2);
    const first = await readOn(() => scene.stream(endpoints, changes), null);
    list.items = list.items.map(({ id, hostname }) => ({ online: false, lastSeenAt: 'later', hostname, id }));
    expect(toldBy((await readOn(() => scene.stream(endpoints, changes), first.at)).pages)).toEqual([]);
    expect(toldBy((await readOn(() => scene.stream(endpoints, { ...changes, ignore: [] }), first.at)).pages)).toHaveLength(2);
  });

  it('ignores what lies deeper, and nothing beside it', async () => {
    const { scene, list } = await begin(0);
    const open = () => scene.stream(endpoints, { changes: true, ignore: ['os.build', 'no.such', 'os.name.more'] });
    const of = (build: number, name: string) => [{ id: 'a', os: { build, name } }];
    list.items = of(1, 'one');
    const { at } = await readOn(open, null);
    list.items = of(2, 'one');
    expect(toldBy((await readOn(open, at)).pages)).toEqual([]);
    list.items = of(1, 'two');
    expect(changesOf(toldBy((await readOn(open, at)).pages))).toEqual(['changed a']);
  });

  it('tells nothing as removed before the snapshot is whole, and nothing twice when it begins anew', async () => {
    const { scene, list } = await begin(6);
    const open = () => scene.stream(endpoints, changes);
    const { at } = await readOn(open, null);
    list.items = [...list.items.slice(1), ...things(2, 6)];
    const page = await open().fetch(at, never);
    expect(changesOf(toldBy([page]))).toEqual([]);
    scene.far.now += 11 * minute;
    const rest = await readOn(open, page.next);
    expect(changesOf(toldBy(rest.pages))).toEqual(['added id-6', 'added id-7', 'removed id-0']);
    scene.far.now += hour;
    expect(toldBy((await readOn(open, rest.at)).pages)).toEqual([]);
  });

  it('takes what a numbered page hides for no removal: it looks again', async () => {
    const { scene, list } = await begin(6, 'page', '/common/v1/directory/users');
    const open = () => scene.stream(users, changes);
    const { at } = await readOn(open, null);
    scene.calls('/common/');
    const page = await open().fetch(at, never);
    // What stood on the second page now stands on the first, which has been read.
    list.items = list.items.slice(1);
    const second = await readOn(open, page.next);
    expect(changesOf(toldBy(second.pages))).toEqual([]);
    expect(scene.calls('/common/')).toBe(6);
    expect(changesOf(toldBy((await readOn(open, second.at)).pages))).toEqual(['removed id-0']);
    expect(scene.calls('/common/')).toBe(6);
  });

  it('knows after a day what it had begun to read', async () => {
    const { scene, list } = await begin(4);
    const open = () => scene.stream(endpoints, changes);
    const { at } = await readOn(open, null);
    const page = await open().fetch(at, never);
    list.items = [{ ...list.items[1], hostname: 'new name' }, ...list.items.slice(2)];
    scene.far.now += 25 * hour;
    expect(changesOf(toldBy((await readOn(open, page.next)).pages))).toEqual(['changed id-1', 'removed id-0']);
  });

  it('knows whatever an id may be', async () => {
    const { scene, list } = await begin(0);
    const ids = ['__proto__', 'constructor', 'end', '#end', 'a/b', '../..', '7', '3', 'x'.repeat(10_240), 'Zoë "\\" \u2028', 'toString'];
    list.items = ids.map((id) => ({ id, hostname: id }));
    const open = () => scene.stream(endpoints, changes);
    const whole = keysOf((await readOn(() => scene.stream(endpoints, { pageSize: 2 }), null)).pages);
    expect(new Set(whole).size).toBe(ids.length + 1);
    const first = await readOn(open, null);
    expect(toldBy(first.pages).map(({ item }) => item.id)).toEqual(ids);
    list.items = [];
    const gone = toldBy((await readOn(open, first.at)).pages);
    expect(gone.map(({ item }) => item.id)).toEqual(ids);
    expect(gone[0]?.item).toEqual({ id: '__proto__', hostname: '__proto__' });
  });

  it('knows items without an id by their text', async () => {
    const { scene, list } = await begin(0, 'page', '/common/v1/directory/users');
    const open = () => scene.stream(users, { changes: true });
    list.items = [{ name: 'a' }, { name: 'b' }];
    const first = await readOn(open, null);
    expect(first.pages[0]?.odd).toBe(2);
    list.items = [{ name: 'a' }];
    const told = toldBy((await readOn(open, first.at)).pages);
    expect(told.map(({ item, meta }) => [item.name, meta.change])).toEqual([['b', 'removed']]);
  });
});

describe('local sites', () => {
  const sites = '/endpoint/v1/settings/web-control/local-sites';
  const categories = '/endpoint/v1/settings/web-control/categories';
  const names = [
    { id: 7, name: 'Chat', label: 'chat' },
    { id: 10, name: 'Downloads', label: 'downloads' },
  ];

  async function beginSites(list: unknown) {
    const { scene, list: far } = await begin(0, 'page', sites);
    far.max = 100;
    far.items = Array.from({ length: 130 }, (_, i) => ({ id: `s${i}`, url: `site${i}.example`, ...(i % 3 === 0 ? {} : { categoryId: i % 3 === 1 ? 7 : 99 }) }));
    const { answer } = scene.lists;
    scene.far.intercept = (asked) => (asked.path === categories ? { body: list } : answer.call(scene.lists, asked));
    return scene;
  }

  it('have the name of their category, which are asked for once in a snapshot', async () => {
    const scene = await beginSites(names);
    const open = (): Stream => scene.stream(localSites);
    const { pages, at } = await readOn(open, null);
    expect(
      toldBy(pages)
        .slice(0, 3)
        .map(({ meta }) => meta.category),
    ).toEqual([undefined, { id: 7, name: 'Chat' }, { id: 99 }]);
    expect([pages.length, scene.far.to(categories).length, scene.calls(sites)]).toEqual([2, 1, 2]);
    await readOn(open, at);
    expect(scene.calls(categories)).toBe(1);
  });

  it('are read though the names of the categories may not be', async () => {
    const scene = await beginSites(names);
    scene.far.failNext(categories, { status: 403, body: { error: 'Forbidden' } });
    const { pages } = await readOn(() => scene.stream(localSites), null);
    expect(toldBy(pages)[1]?.meta.category).toEqual({ id: 7 });
    expect([toldBy(pages).length, scene.calls(categories)]).toEqual([131, 1]);
  });
});
