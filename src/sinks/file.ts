import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Failure } from '../core/failure.ts';
import type { SinkPlace } from '../core/kinds.ts';
import { defineSink } from '../core/kinds.ts';
import { choice, duration, either, flag, integer, object, size, text } from '../core/schema.ts';
import { compilePathTemplate } from '../core/template.ts';
import type { Mark, Marks, Parcel, Sink } from '../core/types.ts';
import type { Report, World } from '../core/world.ts';
import { Attic } from './file/attic.ts';
import { Claims } from './file/claims.ts';
import { type Cut, cutByPath } from './file/cuts.ts';
import { errnoOf, fileFailure } from './file/failure.ts';
import { syncFolder } from './file/folders.ts';
import { inParallel } from './file/in-parallel.ts';
import { arrayLayout, linesLayout } from './file/layout.ts';
import { readMark, tellsBirth, writeMark } from './file/mark.ts';
import { OpenFiles } from './file/open-files.ts';
import { Place, type Surroundings, sharedFile } from './file/place.ts';
import type { Rotation } from './file/rotation.ts';
import { folderOf, shapeOf } from './file/shape.ts';

/** Files worked on at once: enough to keep a disk busy, few enough for the thread pool. */
const width = 8;
/** Handles kept open, far below the usual limit of 1,024. */
const mostOpen = 64;
/** A mark that was not needed for so long is given up; the file is looked at again before it is next written. */
const idleMs = 6 * 3_600_000;
const parcelBytes = 8_000_000;
/** Less free space than this is a full disk to `check`. */
const leastFree = 16_000_000;

const options = object({
  path: text()
    .superRefine((path, context) => {
      try {
        compilePathTemplate(path);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        context.addIssue({ code: 'custom', message: `${error.message}. ${error.advice ?? ''}` });
      }
    })
    .meta({ examples: ['out/{tenant.name}/{stream}-{date}.ndjson'] })
    .describe('Path of the file, with `{tenant.id}`, `{tenant.name}`, `{tenant.label.X}`, `{stream}`, `{date}`; relative to the configuration file'),
  layout: choice('lines', 'array').default('lines').describe('One record per line, or one JSON array per file'),
  rotate: object({
    size: size().optional().describe('Put a file aside before it grows beyond this'),
    every: either(choice('day', 'hour'), duration({ min: 1000 }))
      .optional()
      .describe('Put a file aside when a new day, hour or period (UTC) has begun'),
    keep: integer({ min: 1 }).optional().describe('How many rotated files stay of each; all, if unset'),
    gzip: flag().default(false).describe('Compress rotated files'),
  })
    .prefault({})
    .describe('When a file is put aside'),
});

type Options = ReturnType<typeof options.parse>;

/**
 * Files, each record exactly once.
 *
 * Marks    a row per file, see `file/place.ts`, anew before each delivery; ended when a file was not written to for six hours.
 * Throws   config `file.permission`, `file.symlink`, `file.not-regular`, `file.not-array`, `file.shared`, `file.name`, `file.too-large`;
 *          transient `file.disk-full`, `file.too-many-open`, `file.changed`, `file.io`. A delivery that failed has left no trace.
 * Reports  `file.changed` when something else changed a file; `file.rotation-failed` when gzip or removal of a rotated one failed.
 * Calls    one sink for each route; prepare, keep its marks, deliver, settle, in this order. `resume` may be called again whenever
 *          a delivery could not be settled.
 */
export const file = defineSink({
  name: 'file',
  summary: 'Files below a templated path, with rotation and gzip; each record exactly once',
  options,
  open: async (chosen: Options, world: World, at: SinkPlace): Promise<Sink> => new FileSink(chosen, world, at, await tellsBirth()),
});

class FileSink implements Sink {
  readonly limits;
  readonly #template;
  readonly #at: SinkPlace;
  readonly #world: World;
  readonly #places = new Map<string, Place>();
  readonly #around: Surroundings;
  readonly #report: (report: Report) => void;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(chosen: Options, world: World, at: SinkPlace, birthIsTold: boolean) {
    const { rotate, layout } = chosen;
    const rotation: Rotation = { ...rotate, gzip: rotate.gzip };
    this.#template = compilePathTemplate(chosen.path);
    this.#at = at;
    this.#world = world;
    this.#report = (report) => world.report({ ...report, sink: at.name });
    this.#around = {
      world,
      layout: layout === 'array' ? arrayLayout : linesLayout,
      openFiles: new OpenFiles(mostOpen),
      claims: new Claims(at.name),
      rotation,
      attic: new Attic(rotation, this.#report),
      report: this.#report,
      birthIsTold,
    };
    // A parcel goes into one file whole, so one above the rotation's size would overshoot it.
    this.limits = { records: 20_000, bytes: Math.min(parcelBytes, Math.max(rotate.size ?? parcelBytes, 65_536)) };
  }

  async check(): Promise<string> {
    const folder = resolve(this.#at.folder, folderOf(this.#template.text));
    let there = folder;
    try {
      for (; ; there = dirname(there)) {
        const seen = await stat(there).catch((error: unknown) => {
          if (errnoOf(error) === 'ENOENT') return null;
          throw error;
        });
        if (!seen) continue;
        if (!seen.isDirectory())
          throw new Failure('config', 'file.not-folder', `could not write below \`${there}\`: it is not a folder`, { advice: 'Change `path`.' });
        break;
      }
      await access(there, constants.W_OK | constants.X_OK);
      const { bavail, bsize } = await statfs(there);
      const free = bavail * bsize;
      if (free < leastFree)
        throw new Failure('transient', 'file.disk-full', `could not count on space below \`${there}\`: ${free} bytes are free`, { advice: 'Free some space.' });
      const space = `${(free / 1e9).toFixed(1)} GB are free`;
      return there === folder ? `the folder \`${folder}\` can be written to, ${space}` : `the folder \`${folder}\` can be made, ${space}`;
    } catch (error) {
      throw fileFailure(error, 'write below', there);
    }
  }

  resume(marks: Marks): Promise<void> {
    return this.#exclusively(async () => {
      await inParallel(marks, width, async ([path, kept]) => {
        const mark = readMark(kept);
        const place = this.#placeAt(path);
        if (mark && mark.inode !== null) await this.#on(place, 'resume', () => place.resume(mark));
      });
      const { rotation, attic } = this.#around;
      if (rotation.size === undefined && rotation.every === undefined) return;
      attic.finish(resolve(this.#at.folder, folderOf(this.#template.text)), shapeOf(this.#template.text));
    });
  }

  prepare(parcel: Parcel): Promise<Marks> {
    return this.#exclusively(async () => {
      const fresh = new Map<string, Mark>();
      await inParallel(this.#cut(parcel), width, async ([path, cuts]) => {
        const place = this.#placeAt(path);
        const claim = this.#around.claims.path(place.file, cuts[0]?.section.lane.route ?? '');
        if (claim) throw sharedFile(place.file, claim.path, claim.sink);
        const mark = await this.#on(place, 'prepare', () => place.prepare(cuts));
        fresh.set(path, writeMark(mark));
      });
      return fresh;
    });
  }

  deliver(parcel: Parcel, signal: AbortSignal) {
    return this.#exclusively(async () => {
      const cuts = this.#cut(parcel);
      const touched: Place[] = [];
      try {
        await inParallel(cuts, width, async ([path, mine]) => {
          signal.throwIfAborted();
          const place = this.#placeAt(path);
          touched.push(place);
          await this.#on(place, 'write to', () => place.write(mine));
        });
        const folders = new Set(touched.filter((place) => place.isNew).map((place) => dirname(place.file)));
        await inParallel(folders, width, (folder) => syncFolder(folder).catch((error: unknown) => Promise.reject(fileFailure(error, 'sync', folder))));
      } catch (error) {
        await this.#undo(touched);
        throw error;
      }
      const marks = new Map<string, Mark>();
      for (const place of touched) {
        marks.set(place.path, writeMark(place.commit()));
        // Those used last stand last.
        this.#places.delete(place.path);
        this.#places.set(place.path, place);
      }
      for (const path of await this.#leaveIdle()) marks.set(path, null);
      return { refused: [], marks };
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#exclusively(async () => {
      const { openFiles, claims, attic } = this.#around;
      try {
        await inParallel(this.#places.values(), width, (place) => place.leave());
        await attic.close();
      } finally {
        await openFiles.closeAll();
        claims.dropAll();
      }
    });
  }

  /** One step at a time, in the order of the calls. */
  #exclusively<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(step);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #cut(parcel: Parcel): Map<string, Cut[]> {
    return cutByPath(parcel, this.#template, this.#at.names);
  }

  #placeAt(path: string): Place {
    const known = this.#places.get(path);
    if (known) return known;
    const place = new Place(path, resolve(this.#at.folder, path), this.#around);
    this.#places.set(path, place);
    return place;
  }

  async #on<T>(place: Place, doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw fileFailure(error, doing, place.file);
    }
  }

  /** Takes back a delivery. What cannot be cut now is cut before the file is next written, or by the next start. */
  async #undo(places: readonly Place[]): Promise<void> {
    await inParallel(places, width, async (place) => {
      try {
        await place.undo();
      } catch (error) {
        this.#report({ name: 'file.undo-failed', path: place.file, reason: error instanceof Error ? error.message : String(error) });
      }
    });
  }

  async #leaveIdle(): Promise<string[]> {
    const left: string[] = [];
    const since = this.#world.clock.monotonic() - idleMs;
    for (const [path, place] of this.#places) {
      if (place.usedAt > since) break;
      this.#places.delete(path);
      await place.leave();
      left.push(path);
    }
    return left;
  }
}
