/** What the files of Sophos API Connect are read as, whatever is in them. */
import { mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readArray } from '../../../../src/cli/imports/api-connect/array.ts';
import { itemsOf, readHeld } from '../../../../src/cli/imports/api-connect/held.ts';
import { rememberedMs } from '../../../../src/cli/imports/api-connect/window.ts';
import { Failure } from '../../../../src/core/failure.ts';

const now = Date.parse('2026-11-21T12:00:00.000Z');
const hour = 3_600_000;
const at = (hoursAgo: number) => new Date(now - hoursAgo * hour).toISOString();

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'api-connect-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof Failure) return thrown;
  throw new Error(`no Failure: ${String(thrown)}`);
}

const event = (id: string, hoursAgo: number, name = 'n') =>
  `[Timestamp: ${at(hoursAgo)}] [EventID: ${id}] [Severity: low] [Name: ${name}] [IP: ][EventType: t] [SourceInfo: {'ip': '10.0.0.1'}] [Location: l] [Group: g] [CustomerID: c-1]`;
const alert = (id: string, hoursAgo: number) =>
  `[Reporter: Sophos Central] [Timestamp: ${at(hoursAgo)}] [AlertID: ${id}] [Severity: low] [IP: ][Description: t d] [AlertType: t] [Data: {}] [Location: l]`;

const textIds = async (content: string | Uint8Array) => [...(await readHeld(await put('t', content), 'text', now)).times.keys()].sort();

describe('a text file', () => {
  it('gives the ids of its lines, of events and alerts alike', async () => {
    expect(await textIds(`${event('a', 2)}\n${alert('b', 1)}\n`)).toEqual(['a', 'b']);
  });

  it('gives the id of the record and not one that a value pretends', async () => {
    expect(await textIds(`${event('real', 1, 'x] [EventID: forged] [y')}\n`)).toEqual(['real']);
  });

  it('may have lines of other versions, lines without an id, CR LF and bytes of another encoding', async () => {
    const old = `[Timestamp: ${at(3)}] [AlertID: older] [Severity: low] [Description: d] [GroupKey: g]`;
    const bytes = Buffer.concat([Buffer.from(`${old}\r\nno id here\r\n`), Buffer.from([0xff, 0xfe, 0x0d, 0x0a]), Buffer.from(`${event('a', 1, 'Zoë')}\r\n`)]);
    const held = await readHeld(await put('t', bytes), 'text', now);
    expect([...held.times.keys()].sort()).toEqual(['a', 'older']);
    expect(held.remarks.join()).toMatch(/CR LF.*2 lines/);
  });

  it('counts a last line without an end where it is whole, and not where it is torn', async () => {
    expect(await textIds(`${event('a', 2)}\n${event('b', 1)}`)).toEqual(['a', 'b']);
    for (const cut of [1, 20, 60, 120]) {
      const held = await readHeld(await put('t', `${event('a', 2)}\n${event('b', 1).slice(0, -cut)}`), 'text', now);
      expect([...held.times.keys()]).toEqual(['a']);
      expect(held.remarks.join()).toContain('not whole');
    }
    expect(await textIds(alert('c', 1).slice(0, -1))).toEqual([]);
  });

  it('gives what may come again and nothing older, wherever the pieces are cut in which it is read', async () => {
    const lines = Array.from({ length: 9_000 }, (_, i) => event(`id-${i}`, 90 - i / 100, 'x'.repeat(i % 700)));
    const ids = await textIds(`${lines.join('\n')}\n`);
    // Counted from the newest line.
    expect(new Set(ids)).toEqual(new Set(lines.slice(-1 - (100 * rememberedMs) / hour).map((_, i, all) => `id-${9_000 - all.length + i}`)));
  });

  it('is not read further for one line with a strange time', async () => {
    expect(await textIds(`${event('a', 2)}\n${event('ancient', 9_000)}\n${event('b', 1)}\n`)).toEqual(['a', 'b']);
  });

  it('may be missing, empty, or a link', async () => {
    expect(await readHeld(join(folder, 'none'), 'text', now)).toMatchObject({ isThere: false });
    expect(await textIds('')).toEqual([]);
    const target = await put('target', `${event('a', 1)}\n`);
    await symlink(target, join(folder, 'link'));
    const held = await readHeld(join(folder, 'link'), 'text', now);
    expect(held).toMatchObject({ path: target, isThere: true });
    expect(held.times.size).toBe(1);
  });

  it('without any line end is refused', async () => {
    expect(await failureOf(textIds(Buffer.alloc(17_000_000, 0x41)))).toMatchObject({ kind: 'config', code: 'import.damaged' });
  });
});

const item = (id: string, hoursAgo: number, more: object = {}) => JSON.stringify({ id, created_at: at(hoursAgo), customer_id: 'c-1', ...more });

describe('a JSON file', () => {
  it('gives ids and tenants, whatever its blanks, texts and nesting', async () => {
    const odd = { name: 'a "quoted" ] } [ { \\ text\\', nested: { list: [[{}], [], '}]'], id: 'inner' } };
    const file = await put('j', `\uFEFF[\n${item('a', 1, odd)} ,\r\n\t${item('b', 2)}\n]\n\n`);
    const held = await readHeld(file, 'json', now);
    expect([...held.times.keys()]).toEqual(['a', 'b']);
    expect([...held.customers]).toEqual(['c-1']);
    expect((await itemsOf(file, new Set(['a']), now)).map(({ json }) => JSON.parse(json))).toEqual([JSON.parse(item('a', 1, odd))]);
  });

  it('may be empty, or an empty array', async () => {
    for (const content of ['', '[]', ' [ ]\n']) expect((await readHeld(await put('j', content), 'json', now)).times.size).toBe(0);
  });

  it('is the same wherever the pieces are cut in which it is read', async () => {
    const items = Array.from({ length: 3_000 }, (_, i) => item(`id-${i}`, 1, { name: '"\\]}'.repeat(i % 400) }));
    const text = `[${items.join(', ')}]`;
    expect(text.length).toBeGreaterThan(2_500_000);
    const handle = await open(await put('j', text));
    try {
      const seen: string[] = [];
      expect(await readArray(handle, 'j', (_, each) => void seen.push(each))).toBe(3_000);
      expect(seen).toEqual(items);
    } finally {
      await handle.close();
    }
  });

  it('is refused wherever it is cut off, and the place is named', async () => {
    const text = `[${item('a', 1)}, ${item('b', 1)}]`;
    for (let length = 1; length < text.length; length++) {
      const failure = await failureOf(readHeld(await put('j', text.slice(0, length)), 'json', now));
      expect(failure).toMatchObject({ code: 'import.damaged', message: expect.stringMatching(`ends at byte ${length}`) });
    }
  });

  it.each([
    ['{"id": "a"}', /does not begin with `\[`/],
    ['   ', /ends at byte 3/],
    [`[${item('a', 1)}] [`, /more follows/],
    [`[${item('a', 1)} ${item('b', 1)}]`, /neither an item nor the end/],
    [`[${item('a', 1)},]`, /neither an item nor the end/],
    ['["text"]', /neither an item nor the end/],
    ['[{"id": NaN}]', /item 1, which begins at byte 1, is no JSON/],
  ])('is refused when it is %s', async (content, message) => {
    const failure = await failureOf(readHeld(await put('j', content), 'json', now));
    expect(failure.code).toBe('import.damaged');
    expect(failure.message).toMatch(message);
  });

  it('forgets what is too old, and what is from the future makes it forget nothing', async () => {
    const items = [item('old', 30), item('a', 25), item('future', -900), item('b', 1), JSON.stringify({ id: 'timeless' }), '{"no":"id"}'];
    expect([...(await readHeld(await put('j', `[${items.join(',')}]`), 'json', now)).times.keys()]).toEqual(['a', 'future', 'b', 'timeless']);
  });
});
