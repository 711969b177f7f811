/** Alerts that another tool has told so far, against a small Central whose list forgets what is closed. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../src/core/types.ts';
import { alertsAdopted } from '../../src/streams/alert-window.ts';
import { alerts } from '../../src/streams/alerts.ts';
import type { FarList } from '../far-ends/lists.ts';
import { changesOf, day, hour, ListScene, minute, never, readOn, type Told, toldBy } from './inventory-scene.ts';

const path = '/common/v1/alerts';

let list: FarList;
let scene: ListScene;
let at: Checkpoint;

beforeEach(async () => {
  list = { path, style: 'key', max: 1000, items: [], time: 'raisedAt' };
  scene = await ListScene.open(list);
});
afterEach(() => scene.close());

const now = () => scene.far.now;

function raise(id: string, agoMs: number): { readonly id: string; readonly raisedAt: number } {
  const raisedAt = now() - agoMs;
  list.items.push({ id, raisedAt: new Date(raisedAt).toISOString(), severity: 'high' });
  return { id, raisedAt };
}

function change(id: string, fields: object): void {
  list.items = list.items.map((item) => (item.id === id ? { ...item, ...fields } : item));
}

function close(id: string): void {
  list.items = list.items.filter((item) => item.id !== id);
}

function adopt(sinceMs: number, readMs: number, known: Parameters<typeof alertsAdopted>[0]['known']): void {
  at = JSON.parse(JSON.stringify(alertsAdopted({ since: now() - sinceMs, readUpTo: now() - readMs, known })));
}

async function read(options: Record<string, unknown> = {}): Promise<Told[]> {
  const read = await readOn(() => scene.stream(alerts, options), at);
  at = read.at;
  return read.pages.flatMap((page) => toldBy([page]));
}

const ids = (told: readonly Told[]) => told.map(({ item }) => item.id);
/** How long before now each reading began. */
const asked = () => scene.far.to(path).map(({ query }) => now() - Date.parse(query.get('from') ?? ''));

describe('alerts that another tool has told', () => {
  it('are not told again; all others raised since are, with nothing said of a change', async () => {
    const known = [raise('a', 20 * hour), raise('b', 2 * hour)];
    raise('late', 15 * hour);
    raise('new', 5 * minute);
    adopt(25 * hour, hour, known);
    const told = await read();
    expect(ids(told)).toEqual(['late', 'new']);
    expect(told.map(({ key, meta }) => [key, meta])).toEqual([
      ['late', {}],
      ['new', {}],
    ]);
    expect(await read()).toEqual([]);
    expect(asked()[0]).toBe(25 * hour);
  });

  it('are told again for what changes after they were seen here, and never for what changed before', async () => {
    adopt(day, hour, [raise('a', 10 * hour)]);
    change('a', { severity: 'low' });
    expect(await read()).toEqual([]);
    change('a', { severity: 'medium' });
    scene.far.now += hour;
    expect(changesOf(await read())).toEqual(['changed a']);
    close('a');
    scene.far.now += hour;
    expect(changesOf(await read())).toEqual(['closed a']);
  });

  it('are forgotten in silence when Central never lists them here, and still known should they come back', async () => {
    const known = [raise('gone', 10 * hour)];
    const [item] = list.items;
    close('gone');
    adopt(day, hour, known);
    expect(await read()).toEqual([]);
    scene.far.now += hour;
    expect(await read()).toEqual([]);
    if (item) list.items.push(item);
    scene.far.now += hour;
    expect(await read()).toEqual([]);
    change('gone', { severity: 'low' });
    scene.far.now += hour;
    expect(changesOf(await read())).toEqual(['changed gone']);
  });

  it('leave the window like any other, and the checkpoint with it', async () => {
    adopt(
      day,
      hour,
      Array.from({ length: 50 }, (_, i) => raise(`id-${i}`, 20 * hour)),
    );
    await read();
    scene.far.now += 2 * day;
    expect(await read()).toEqual([]);
    expect(JSON.stringify(at)).not.toContain('id-');
  });

  it('are not remembered when they were raised before the place where reading begins, and not told either', async () => {
    const older = raise('older', 30 * hour);
    adopt(day, hour, [older, raise('a', hour)]);
    expect(JSON.stringify(at)).not.toContain('older');
    // Also by a list that ignores where it is asked to begin.
    const items = [...list.items];
    scene.lists.misbehave = () => ({ body: { items, pages: {} } });
    expect(await read()).toEqual([]);
    expect(await read({ days: 90 })).toEqual([]);
  });

  it.each([1, 2, 7])('are not told by a first reading that breaks off after page %i of many and begins anew', async (pages) => {
    const known = Array.from({ length: 20 }, (_, i) => raise(`known-${i}`, 20 * hour - i * minute));
    for (let i = 0; i < 20; i++) raise(`new-${i}`, 10 * hour - i * minute);
    adopt(day, hour, known);
    const open = () => scene.stream(alerts, { pageSize: 5 });
    const told: Told[] = [];
    for (let i = 0; i < pages; i++) {
      const page = await open().fetch(at, never);
      told.push(...toldBy([page]));
      at = JSON.parse(JSON.stringify(page.next));
    }
    scene.far.now += 20 * minute;
    told.push(...(await read({ pageSize: 5 })));
    expect(ids(told)).toEqual(Array.from({ length: 20 }, (_, i) => `new-${i}`));
  });

  it('are not told when the first reading is refused its order and its position', async () => {
    const known = Array.from({ length: 6 }, (_, i) => raise(`known-${i}`, 20 * hour - i * minute));
    raise('new', hour);
    adopt(day, hour, known);
    scene.lists.misbehave = ({ query }) => (query.has('sort') ? { status: 400, body: { error: 'badRequest', message: 'sort is not known' } } : null);
    const page = await scene.stream(alerts, { pageSize: 2 }).fetch(at, never);
    expect(toldBy([page])).toEqual([]);
    at = page.next;
    scene.far.failNext(path, { status: 404, body: {} });
    expect(ids(await read({ pageSize: 2 }))).toEqual(['new']);
  });

  it('may have any id', async () => {
    const odd = ['__proto__', 'constructor', '?', 'a/b#1', '12', 'x'.repeat(1000)];
    adopt(
      day,
      hour,
      odd.map((id) => raise(id, 2 * hour)),
    );
    expect(await read({ pageSize: 2 })).toEqual([]);
    scene.far.now += hour;
    expect(await read()).toEqual([]);
  });
});

describe('when nobody read for long', () => {
  it('reading begins where the other tool would have begun, however long ago', async () => {
    raise('between', 40 * day);
    adopt(61 * day, 60 * day, []);
    const { pages } = await readOn(() => scene.stream(alerts), at);
    expect(ids(toldBy(pages))).toEqual(['between']);
    expect(pages[0]?.gap).toBeUndefined();
  });

  it('what Central does not list any more is a gap from the end of its last run, told once', async () => {
    raise('old', 89 * day);
    adopt(101 * day, 100 * day, []);
    const readUpTo = now() - 100 * day;
    const { pages, at: next } = await readOn(() => scene.stream(alerts), at);
    expect(ids(toldBy(pages))).toEqual(['old']);
    expect(pages[0]?.gap).toMatchObject({ since: readUpTo, until: now() - 90 * day });
    scene.far.now += hour;
    expect((await readOn(() => scene.stream(alerts), next)).pages[0]?.gap).toBeUndefined();
  });

  it('a last run in the future is one now', async () => {
    raise('new', minute);
    adopt(-2 * hour, -3 * hour, []);
    await read();
    scene.far.now += 4 * hour;
    raise('newer', minute);
    expect(ids(await read())).toContain('newer');
  });
});

it('10,000 of them take less than 1 MB, and a reading of them all tells nothing', async () => {
  const known = Array.from({ length: 10_000 }, (_, i) => raise(`0aa1b2c3-${String(i).padStart(8, '0')}-4d5e-8f90-a1b2c3d4`, 20 * hour - i));
  adopt(day, hour, known);
  expect(JSON.stringify(at).length).toBeLessThan(1_000_000);
  expect(await read()).toEqual([]);
});
