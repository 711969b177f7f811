import { systemClock } from '../../src/core/clock.ts';
import { textOf } from '../../src/core/pack.ts';
import type { Checkpoint, Json, Millis, Page, Stream } from '../../src/core/types.ts';
import type { Clock, Report, World } from '../../src/core/world.ts';
import { SophosCentral } from '../../src/index.ts';
import type { StreamKind } from '../../src/streams/kind.ts';
import { openTestWorld } from '../clients/world.ts';
import { FarCentral } from '../far-ends/central.ts';
import { type FarList, FarLists, type FarThing } from '../far-ends/lists.ts';

export const never = new AbortController().signal;
export const minute: Millis = 60_000;
export const hour: Millis = 60 * minute;
export const day: Millis = 24 * hour;

/** One record as a reader of the journal would see it. */
export interface Told {
  readonly key: string;
  readonly time: Millis;
  readonly item: FarThing;
  readonly meta: Readonly<Record<string, Json>>;
}

/** A far end with lists, and a world whose clock shows its time (plus an error, if wanted). */
export class ListScene {
  readonly far: FarCentral;
  readonly lists: FarLists;
  readonly reports: Report[];
  readonly #world: World;
  readonly #close: () => Promise<void>;
  skew = 0;

  private constructor(far: FarCentral, lists: readonly FarList[]) {
    this.far = far;
    this.lists = new FarLists(...lists);
    far.intercept = (asked) => this.lists.answer(asked);
    const clock: Clock = { now: () => far.now + this.skew, monotonic: () => far.now, sleep: systemClock.sleep };
    const { world, reports, close } = openTestWorld(clock);
    this.#world = world;
    this.reports = reports;
    this.#close = close;
  }

  static async open(...lists: readonly FarList[]): Promise<ListScene> {
    return new ListScene(await new FarCentral().open(), lists);
  }

  async close(): Promise<void> {
    await this.#close();
    await this.far.close();
  }

  /** As a new process would. */
  stream(kind: StreamKind, options: Record<string, unknown> = {}, everyMs = 0): Stream {
    const { clientId, clientSecret, url, accountId } = this.far;
    const rateLimits = { second: 10_000, minute: 100_000, hour: 1_000_000, day: 1_000_000 };
    const client = new SophosCentral({ clientId, clientSecret, authUrl: url, apiUrl: url, rateLimits, retries: 0, world: this.#world });
    return kind.open(kind.options.parse(options), { id: accountId, name: 'Acme', labels: {}, apiHost: url }, client, this.#world, everyMs);
  }

  /** How often a path was asked since the last look. */
  calls(path: string): number {
    const count = this.far.to(path).length;
    this.far.asked.length = 0;
    return count;
  }
}

export function toldBy(pages: readonly Page[]): Told[] {
  return pages.flatMap(({ items }) =>
    items.keys.map((key, i) => ({
      key,
      time: items.times[i] as number,
      item: JSON.parse(Buffer.from(textOf(items, i)).toString()),
      meta: (items.metas?.[i] ?? {}) as Readonly<Record<string, Json>>,
    })),
  );
}

/** Reads to the end, from checkpoints as they come back from disk. */
export async function readOn(open: () => Stream, from: Checkpoint | null): Promise<{ readonly pages: Page[]; readonly at: Checkpoint }> {
  const pages: Page[] = [];
  let at = from;
  for (;;) {
    const page = await open().fetch(at, never);
    pages.push(page);
    at = JSON.parse(JSON.stringify(page.next));
    if (!page.more) return { pages, at };
    if (pages.length > 3000) throw new Error('this read does not end');
  }
}

export function changesOf(told: readonly Told[]): string[] {
  return told.map(({ item, meta }) => `${String(meta.change)} ${String(item.id)}`);
}
