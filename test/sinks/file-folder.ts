import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { TenantNames } from '../../src/core/kinds.ts';
import type { Sink } from '../../src/core/types.ts';
import type { Clock, Report, World } from '../../src/core/world.ts';
import { file } from '../../src/sinks/file.ts';
import { noon } from '../laws/parcels.ts';
import { SmallEngine } from '../laws/sink.laws.ts';

const cleanups: (() => Promise<void>)[] = [];

/** Closes every sink and removes every folder of a test. */
export async function closeAll(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'file-sink-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A clock that stands still until it is told. */
export interface StillClock extends Clock {
  advance(ms: number): void;
}

export function stillClock(): StillClock {
  let now = noon;
  return {
    now: () => now,
    monotonic: () => now,
    sleep: () => Promise.reject(new Error('a sink never sleeps')),
    advance: (ms) => {
      now += ms;
    },
  };
}

/** Names as they come: the hardest for whoever uses them. */
const names: TenantNames = { of: (tenant) => tenant.name };

export interface Opened {
  readonly sink: Sink;
  readonly reports: Report[];
  readonly clock: StillClock;
}

export async function openFile(folder: string, options: unknown, clock = stillClock()): Promise<Opened> {
  const reports: Report[] = [];
  const world: World = {
    clock,
    random: () => 0.5,
    http: () => Promise.reject(new Error('no network here')),
    report: (report) => reports.push(report),
  };
  const sink = await file.open(file.options.parse(options), world, { name: 'archive', folder, names });
  cleanups.push(() => sink.close());
  return { sink, reports, clock };
}

/** A sink that was opened and resumed from the marks of `engine`. */
export async function engineOf(folder: string, options: unknown, engine = new SmallEngine(), clock = stillClock()) {
  const opened = await openFile(folder, options, clock);
  await opened.sink.resume(engine.marks, engine.signal);
  return { ...opened, engine };
}

/** All files below a folder, by relative path, unpacked. */
export async function filesIn(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    found.set(path.slice(folder.length + 1), (entry.name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
  }
  return found;
}

/** All lines below a folder, rotated and compressed ones included, files in the order of their names. */
export async function allLines(folder: string, layout: 'lines' | 'array' = 'lines'): Promise<string[]> {
  const files = [...(await filesIn(folder))].sort(([a], [b]) => (a < b ? -1 : 1));
  return files.flatMap(([, text]) => {
    if (layout === 'array') return (JSON.parse(text) as unknown[]).map((item) => JSON.stringify(item));
    return text === '' ? [] : text.slice(0, -1).split('\n');
  });
}
