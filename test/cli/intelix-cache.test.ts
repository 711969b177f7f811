/** The kept lookups: what is saved comes back, and nothing that is wrong with the file ends a command. */
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeptLookups, openLookupCache } from '../../src/cli/intelix/cache.ts';
import type { Report } from '../../src/core/world.ts';
import type { CachedLookup, Lookup } from '../../src/intelix.ts';
import { HandClock } from '../clients/world.ts';

let folder: string;
let path: string;
let clock: HandClock;
let reports: Report[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'intelix-cache-'));
  path = join(folder, 'intelix', 'lookups.json');
  clock = new HandClock();
  reports = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (): Promise<KeptLookups> => openLookupCache(path, { clock, report: (report) => reports.push(report) });
const about = (input: string) => ({ input, cached: false, lookedUpAt: 1_795_000_000_000, ttl: 3600, requestId: 'r', correlationId: 'c' });
const kept = (lookup: Lookup, lifeMs = 3_600_000): CachedLookup => ({ lookup, expiresAt: clock.now() + lifeMs });
const url = (address: string, riskLevel = 'LOW'): Lookup => ({ kind: 'url', riskLevel, ...about(address) });
const hash = 'a'.repeat(64);

async function save(...lookups: readonly Lookup[]): Promise<void> {
  const { cache, save } = await open();
  for (const lookup of lookups) cache.put(lookup.kind, lookup.input, kept(lookup));
  await save();
}

describe('what is saved', () => {
  it('comes back as it was, of every kind', async () => {
    const ip: Lookup = { kind: 'ip', categories: ['bot', 'malware'], ...about('192.0.2.1') };
    const file: Lookup = { kind: 'file', reputationScore: 25, band: 'pua', detectionName: 'x', ...about(hash) };
    const odd = url('__proto__/ä"\\,😀');
    await save(url('example.com'), ip, file, odd);
    const { cache } = await open();
    for (const lookup of [url('example.com'), ip, file, odd])
      expect(cache.get(lookup.kind, lookup.input)).toEqual({ lookup: { ...lookup, cached: true }, expiresAt: clock.now() + 3_600_000 });
    expect(cache.get('ip', 'example.com')).toBeUndefined();
    expect(reports).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('is for its owner only, also when it stood open before', async () => {
    await save(url('a.example'));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'intelix'))).mode & 0o777).toBe(0o700);
    await chmod(path, 0o644);
    await open();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('is written only when there is something new', async () => {
    await (await open()).save();
    expect(existsSync(path)).toBe(false);
    await save(url('a.example'));
    const { ino } = await stat(path);
    const { save: again } = await open();
    await again();
    expect((await stat(path)).ino).toBe(ino);
    expect(await readdir(join(folder, 'intelix'))).toEqual(['lookups.json']);
  });

  it('goes together with what others have saved meanwhile', async () => {
    const first = await open();
    const second = await open();
    first.cache.put('url', 'a.example', kept(url('a.example')));
    second.cache.put('url', 'b.example', kept(url('b.example')));
    second.cache.put('url', 'a.example', kept(url('a.example', 'HIGH')));
    await first.save();
    await Promise.all([second.save(), second.save()]);
    const { cache } = await open();
    expect(cache.get('url', 'a.example')?.lookup).toMatchObject({ riskLevel: 'HIGH' });
    expect(cache.get('url', 'b.example')).toBeDefined();
    expect(first.cache.get('url', 'b.example')).toBeUndefined();
  });

  it('is dropped when it has expired', async () => {
    const { cache, save } = await open();
    cache.put('url', 'short.example', kept(url('short.example'), 1000));
    cache.put('url', 'long.example', kept(url('long.example'), 86_400_000));
    await save();
    await clock.pass(2000);
    expect((await open()).cache.get('url', 'short.example')).toBeUndefined();
    cache.put('url', 'third.example', kept(url('third.example')));
    await save();
    const text = await readFile(path, 'utf8');
    expect(text).toContain('long.example');
    expect(text).not.toContain('short.example');
  });

  it('is at most 200,000 lookups, the youngest', async () => {
    const { cache, save } = await open();
    const lookup = url('x');
    for (let at = 0; at < 200_010; at++) cache.put('url', `h${at}.example`, kept(lookup));
    await save();
    const { cache: again } = await open();
    expect(again.get('url', 'h9.example')).toBeUndefined();
    expect(again.get('url', 'h10.example')).toBeDefined();
    expect(again.get('url', 'h200009.example')).toBeDefined();
  });

  it('is never more than can be read again', async () => {
    const world = { clock, report: (report: Report) => reports.push(report) };
    const limits = { entries: 1000, bytes: 20_000 };
    const { cache, save } = await openLookupCache(path, world, limits);
    for (let at = 0; at < 10; at++) cache.put('url', `h${at}.example/${'ä'.repeat(1500)}`, kept(url('x')));
    await save();
    expect((await stat(path)).size).toBeLessThanOrEqual(limits.bytes);
    const { cache: again } = await openLookupCache(path, world, limits);
    expect(again.get('url', `h9.example/${'ä'.repeat(1500)}`)).toBeDefined();
    expect(again.get('url', `h0.example/${'ä'.repeat(1500)}`)).toBeUndefined();
    expect(reports).toEqual([]);
    await openLookupCache(path, world, { ...limits, bytes: 1000 });
    expect(reports).toMatchObject([{ name: 'intelix.cache-broken', reason: expect.stringContaining('bytes') }]);
  });

  it('leaves no half files behind, and clears those of who was killed', async () => {
    await save(url('a.example'));
    const [old, young, other] = [`${path}.0123456789ab.part`, `${path}.ba9876543210.part`, `${path}.x.part`];
    for (const each of [old, young, other]) {
      await writeFile(each, 'half');
      const at = clock.now() / 1000 - (each === young ? 60 : 7200);
      await utimes(each, at, at);
    }
    await save(url('b.example'));
    expect([old, young, other].map(existsSync)).toEqual([false, true, true]);
  });
});

describe('a file that is broken', () => {
  it.each([
    ['half of it', '{"version":1,"lookups":[{"kind":"ur'],
    ['nothing', ''],
    ['a list', '[]'],
    ['another version', '{"version":2,"lookups":[]}'],
    ['no lookups', '{"version":1,"lookups":{}}'],
    ['zeros', '\0'.repeat(4096)],
  ])('with %s is put aside with a report, and a fresh one begun', async (_what, text) => {
    await mkdir(join(folder, 'intelix'));
    await writeFile(path, text);
    const { cache, save } = await open();
    expect(reports).toEqual([{ name: 'intelix.cache-broken', path, aside: `${path}.broken`, reason: expect.any(String) }]);
    expect(await readFile(`${path}.broken`, 'utf8')).toBe(text);
    cache.put('url', 'a.example', kept(url('a.example')));
    await save();
    expect((await open()).cache.get('url', 'a.example')).toBeDefined();
    expect(reports).toHaveLength(1);
  });

  it('between opening and saving loses nothing of ours', async () => {
    await save(url('a.example'));
    const { cache, save: again } = await open();
    cache.put('url', 'b.example', kept(url('b.example')));
    await writeFile(path, '{"version":1');
    await again();
    expect(reports.map(({ name }) => name)).toEqual(['intelix.cache-broken']);
    const { cache: after } = await open();
    expect(after.get('url', 'a.example')).toBeDefined();
    expect(after.get('url', 'b.example')).toBeDefined();
  });

  it('in single lookups gives the others', async () => {
    await save(url('good.example'));
    const text = await readFile(path, 'utf8');
    const [, line = ''] = text.split('\n');
    const change = (from: string | RegExp, to: string) => line.replace('good.example', 'bad.example').replace(from, to);
    const bad = [
      ...['null', '7', '[]', '{}', '{"__proto__":{"kind":"url"}}'],
      change('"kind":"url"', '"kind":"toString"'),
      change('"address":"bad.example"', '"address":["bad.example"]'),
      change('"address":"bad.example"', `"address":"${'a'.repeat(9000)}"`),
      change('bad.example', 'bad\\u0000.example'),
      change(/"expiresAt":\d+/, '"expiresAt":"9e99"'),
      change(/"expiresAt":\d+/, '"expiresAt":9e99'),
      change(/"lookedUpAt":\d+/, '"lookedUpAt":null'),
      change(/"lookup":.*/, '"lookup":null}'),
    ];
    await writeFile(path, `{"version":1,"lookups":[${[...bad, line].join(',\n')}]}`);
    const { cache } = await open();
    expect(cache.get('url', 'good.example')).toBeDefined();
    for (const address of ['bad.example', 'bad\0.example', 'a'.repeat(9000)]) expect(cache.get('url', address)).toBeUndefined();
    expect(reports).toEqual([]);
  });

  it('cannot bring in more than an answer could', async () => {
    await save(url('example.com'));
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"riskLevel":"LOW"', '"riskLevel":"\\u001b[2JHIGH","evil":{"a":1},"cached":false,"kind":"ip","input":"other"'));
    const { cache } = await open();
    expect(cache.get('url', 'example.com')?.lookup).toEqual({ ...url('example.com'), riskLevel: '[2JHIGH', cached: true });
  });
});

describe('a place that cannot be used', () => {
  it('is told, and ends nothing', async () => {
    await writeFile(join(folder, 'intelix'), 'a file where the folder should be');
    const { cache, save } = await open();
    cache.put('url', 'a.example', kept(url('a.example')));
    await save();
    expect(cache.get('url', 'a.example')).toBeDefined();
    expect(reports.map(({ name }) => name)).toContain('intelix.cache-unkept');
  });

  it('is put aside when it is a folder', async () => {
    await mkdir(path, { recursive: true });
    await save(url('a.example'));
    expect(reports.map(({ name }) => name)).toEqual(['intelix.cache-broken']);
    expect((await open()).cache.get('url', 'a.example')).toBeDefined();
  });

  it.skipIf(process.platform === 'win32')('does not lead elsewhere by a link when it is written', async () => {
    await mkdir(join(folder, 'intelix'));
    const elsewhere = join(folder, 'elsewhere');
    await writeFile(elsewhere, '{"version":1,"lookups":[]}');
    await symlink(elsewhere, path);
    await save(url('a.example'));
    expect(await readFile(elsewhere, 'utf8')).toBe('{"version":1,"lookups":[]}');
    expect((await open()).cache.get('url', 'a.example')).toBeDefined();
  });
});
