/**
 * The lookups that the state folder keeps, so that no address is paid for twice while its answer is good.
 *
 * One JSON file, for its owner only, replaced whole: written beside, synced, renamed. It is only a saving, so nothing that is wrong
 * with it ends a command: it is told, what cannot be read is put aside, and lookups are made again.
 *
 * Several commands may use the file at once: whoever saves takes in first what others have saved since.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LookupKind } from '../../clients/intelix/address.ts';
import { type CachedLookup, isFresh, type LookupCache, MemoryCache } from '../../clients/intelix/cache.ts';
import { readLookup } from '../../clients/intelix/lookups.ts';
import type { Millis } from '../../core/types.ts';
import type { World } from '../../core/world.ts';
import { syncFolder } from '../../sinks/file/folders.ts';

export interface KeptLookups {
  readonly cache: LookupCache;
  /** Writes what is new; nothing when nothing is. Never throws. */
  save(): Promise<void>;
}

const version = 1;
/** Lookups of common length take 60 MB then. */
const most: Most = { entries: 200_000, bytes: 128 << 20 };
/** Longer than any address that is looked up (see segmentOf). */
const longestAddress = 8192;
/** What a kill leaves behind is removed when nobody can still be writing it. */
const leftoverMs: Millis = 3_600_000;

/** What the file may hold; beyond it the oldest are dropped. */
export interface Most {
  readonly entries: number;
  readonly bytes: number;
}

interface Entry {
  readonly kind: LookupKind;
  readonly address: string;
  readonly cached: CachedLookup;
}

/** Opens the file, or begins one. Reports `intelix.cache-broken` and `intelix.cache-unkept`. */
export async function openLookupCache(path: string, { clock, report }: Pick<World, 'clock' | 'report'>, limits: Most = most): Promise<KeptLookups> {
  const all = new MemoryCache(limits.entries);
  /** What this process has learnt, which wins over what others have saved. */
  const own = new Map<string, Entry>();
  let seen = '';
  let saving: Promise<void> = Promise.resolve();

  async function takeIn(): Promise<void> {
    const stamp = await stampOf(path);
    if (stamp === seen) return;
    seen = stamp;
    const entries = await load();
    for (const { kind, address, cached } of [...entries, ...own.values()]) all.put(kind, address, cached);
  }

  async function load(): Promise<readonly Entry[]> {
    try {
      const text = await readPrivate(path, limits.bytes);
      return text === null ? [] : entriesOf(text, clock.now(), limits.entries);
    } catch (error) {
      const aside = `${path}.broken`;
      const isAside = await rename(path, aside).then(
        () => true,
        () => false,
      );
      report({ name: 'intelix.cache-broken', path, aside: isAside ? aside : undefined, reason: reasonOf(error) });
      return [];
    }
  }

  async function write(): Promise<void> {
    if (own.size === 0) return;
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await takeIn();
      const written = [...own];
      await replace(path, textOf(all.fresh(clock.now()), limits.bytes));
      seen = await stampOf(path);
      for (const [key, entry] of written) if (own.get(key) === entry) own.delete(key);
      await removeLeftovers(path, clock.now());
    } catch (error) {
      report({ name: 'intelix.cache-unkept', path, reason: reasonOf(error) });
    }
  }

  await takeIn();
  return {
    cache: {
      get: (kind, address) => all.get(kind, address),
      put(kind, address, cached) {
        all.put(kind, address, cached);
        own.set(`${kind} ${address}`, { kind, address, cached });
      },
    },
    save() {
      saving = saving.then(write);
      return saving;
    },
  };
}

/** Tells one state of the file from another; empty when there is none. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    // Whatever keeps it from being seen will keep it from being read, and is told then.
    return '';
  }
}

async function readPrivate(path: string, mostBytes: number): Promise<string | null> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { size, mode } = await file.stat();
    if (size > mostBytes) throw new Error(`it has ${size} bytes, more than it can have`);
    // What stood open to others until now may be theirs, but it only holds what Sophos told.
    if ((mode & 0o077) !== 0 && process.platform !== 'win32') await file.chmod(0o600);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function entriesOf(text: string, now: Millis, mostEntries: number): readonly Entry[] {
  const whole: unknown = parse(text);
  if (!isObject(whole) || whole.version !== version || !Array.isArray(whole.lookups)) throw new Error(`it is not a list of lookups of version ${version}`);
  // The last are the youngest.
  return whole.lookups.slice(-mostEntries).flatMap((each: unknown) => entryOf(each, now) ?? []);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words repeat what stands there.
    throw new Error('it is not JSON, or not all of it');
  }
}

/** `null`: expired, or not what we write. */
function entryOf(value: unknown, now: Millis): Entry | null {
  if (!isObject(value)) return null;
  const { kind, address, expiresAt, lookup } = value;
  if (!isKind(kind) || !isAddress(address) || typeof expiresAt !== 'number' || !isObject(lookup)) return null;
  const { lookedUpAt } = lookup;
  if (typeof lookedUpAt !== 'number' || !Number.isFinite(lookedUpAt)) return null;
  const cached = { lookup: readLookup[kind](lookup, { input: address, cached: true, lookedUpAt }), expiresAt };
  return isFresh(cached, now) ? { kind, address, cached } : null;
}

function isKind(value: unknown): value is LookupKind {
  return value === 'url' || value === 'ip' || value === 'file';
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longestAddress && !/[\p{Cc}\p{Surrogate}]/u.test(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One lookup per line, so that a person can read it. */
function textOf(entries: Iterable<readonly [address: string, cached: CachedLookup]>, mostBytes: number): string {
  const lines: string[] = [];
  let bytes = 64;
  for (const [address, { expiresAt, lookup }] of entries) {
    const { kind, input: _input, cached: _cached, ...rest } = lookup;
    const line = JSON.stringify({ kind, address, expiresAt, lookup: rest });
    lines.push(line);
    bytes += Buffer.byteLength(line) + 2;
  }
  let first = 0;
  for (; bytes > mostBytes && first < lines.length; first++) bytes -= Buffer.byteLength(lines[first] ?? '') + 2;
  return `{"version":${version},"lookups":[\n${lines.slice(first).join(',\n')}\n]}\n`;
}

async function replace(path: string, text: string): Promise<void> {
  const part = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    const file = await open(part, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

async function removeLeftovers(path: string, now: Millis): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)];
  for (const each of await readdir(folder)) {
    if (!each.startsWith(`${name}.`) || !/^\.[0-9a-f]{12}\.part$/.test(each.slice(name.length))) continue;
    const leftover = join(folder, each);
    // Another command may have removed it in between.
    const { mtimeMs } = await stat(leftover).catch(() => ({ mtimeMs: now }));
    if (now - mtimeMs > leftoverMs) await rm(leftover, { force: true });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
