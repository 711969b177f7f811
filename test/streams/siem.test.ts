import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { Stream } from '../../src/core/types.ts';
import type { Clock, Report, World } from '../../src/core/world.ts';
import { SophosCentral } from '../../src/index.ts';
import { events } from '../../src/streams/events.ts';
import type { StreamKind } from '../../src/streams/kind.ts';
import { siemAlerts } from '../../src/streams/siem-alerts.ts';
import { openTestWorld, told } from '../clients/world.ts';
import { FarCentral, type FarItem } from '../far-ends/central.ts';
import { drain, keysOf, streamLaws } from '../laws/stream.laws.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const never = new AbortController().signal;
const generous = { second: 10_000, minute: 100_000, hour: 1_000_000, day: 1_000_000 };

/** A far end, and a world whose clock shows the far end's time (plus an error, if wanted). */
class Scene {
  readonly far: FarCentral;
  readonly reports: Report[];
  readonly #world: World;
  readonly #close: () => Promise<void>;
  /** How wrong the local clock is. */
  skew = 0;
  #counted = 0;

  constructor(far: FarCentral) {
    this.far = far;
    const clock: Clock = { now: () => far.now + this.skew, monotonic: () => far.now, sleep: systemClock.sleep };
    const { world, reports, close } = openTestWorld(clock);
    this.#world = world;
    this.reports = reports;
    this.#close = close;
  }
  async close(): Promise<void> {
    await this.#close();
    await this.far.close();
  }
  /** As a new process would. */
  open(kind: StreamKind = events, options: Record<string, unknown> = {}): Stream {
    const { clientId, clientSecret, url, accountId } = this.far;
    const client = new SophosCentral({ clientId, clientSecret, authUrl: url, apiUrl: url, rateLimits: generous, retries: 0, world: this.#world });
    return kind.open(kind.options.parse({ limit: 200, ...options }), { id: accountId, name: 'Acme', labels: {}, apiHost: url }, client, this.#world);
  }
  /** Records an item now, or so long ago. */
  add(count = 1, agoMs = 0, feed = 'events'): FarItem[] {
    const items = Array.from({ length: count }, () => ({
      id: `id-${this.#counted++}`,
      created_at: new Date(this.far.now - agoMs).toISOString(),
      name: 'Zoë said "\\u2033"',
    }));
    this.far.feeds[feed]?.push(...items);
    return items;
  }
  /** Queries of the feed since the last look. */
  queries(): { from?: number; cursor?: string }[] {
    const asked = this.far.to('/siem/').map(({ query }) => {
      const [from, cursor] = [query.get('from_date'), query.get('cursor')];
      return { ...(from === null ? {} : { from: Number(from) * 1000 }), ...(cursor === null ? {} : { cursor }) };
    });
    this.far.asked.length = 0;
    return asked;
  }
}

let scene: Scene;
beforeEach(async () => {
  scene = new Scene(await new FarCentral().open());
});
afterEach(() => scene.close());

for (const [kind, feed] of [
  [events, 'events'],
  [siemAlerts, 'alerts'],
] as const) {
  streamLaws(kind.name, async () => {
    const own = new Scene(await new FarCentral().open());
    const { far } = own;
    return {
      open: () => own.open(kind),
      add: (count) => {
        // A second for each page keeps times apart; the clock moves too little for a look back.
        far.now += second;
        own.add(count, 0, feed);
      },
      keys: () => far.feeds[feed]?.map(({ id }) => id) ?? [],
      failOnce: () => far.failNext('/siem/', 'cut'),
      hangOnce: () => far.failNext('/siem/', 'hang'),
      severalPages: 750,
      close: () => own.close(),
    };
  });
}

describe('the first read', () => {
  it('begins 12 h ago, or `since`, in whole seconds', async () => {
    scene.far.now += 123;
    await drain(scene.open(), null);
    await drain(scene.open(events, { since: '90m' }), null);
    const whole = scene.far.now - 123;
    expect(scene.queries().map(({ from }) => from)).toEqual([whole - 12 * hour, whole - 90 * minute]);
  });

  it('never begins where Central could say that it is too old', async () => {
    await drain(scene.open(events, { since: '24h' }), null);
    expect(scene.queries()).toEqual([{ from: scene.far.now - day + minute }]);
  });

  it('learns Central’s time from a refusal, when the local clock is late', async () => {
    scene.skew = -2 * hour;
    scene.add();
    const pages = await drain(scene.open(events, { since: '24h' }), null);
    expect(keysOf(pages)).toEqual(['id-0']);
    expect(scene.queries()).toEqual([{ from: scene.far.now - day + minute - 2 * hour }, { from: scene.far.now - day + minute }]);
    expect(told(scene.reports)).toMatchObject([{ name: 'stream.window-refused' }]);
  });

  it('begins at the moment that a reset names, within what Central still has', async () => {
    await drain(scene.open(), events.restart(scene.far.now - 3 * hour));
    await drain(scene.open(), events.restart(scene.far.now - 3 * day));
    await drain(scene.open(), events.restart(scene.far.now + day));
    expect(scene.queries()).toEqual([{ from: scene.far.now - 3 * hour }, { from: scene.far.now - day + minute }, { from: scene.far.now }]);
  });
});

describe('reading on', () => {
  it('follows the cursor, and looks back by twice the overlap each overlap', async () => {
    const stream = scene.open(events, { since: '6h' });
    let at = (await drain(stream, null)).at(-1)?.next ?? null;
    scene.queries();
    const start = scene.far.now;
    const looks: number[] = [];
    for (let n = 1; n <= 30; n++) {
      scene.far.now += minute;
      at = (await drain(stream, at)).at(-1)?.next ?? null;
      const [query] = scene.queries();
      if (query?.from !== undefined) looks.push((scene.far.now - start) / minute, (scene.far.now - query.from) / minute);
      else expect(query?.cursor).toBeTypeOf('string');
    }
    // At minutes 10, 20 and 30; each begins 20 minutes before the poll of a minute ago.
    expect(looks).toEqual([10, 21, 20, 21, 30, 21]);
  });

  it('finds records that arrive late, behind the cursor', async () => {
    const stream = scene.open();
    scene.add(5, 30 * minute);
    scene.far.now += hour;
    scene.add(5);
    let at = (await drain(stream, null)).at(-1)?.next ?? null;
    // Recorded now, as if 9 minutes ago; a position in time has passed it.
    scene.far.feeds.events?.splice(3, 0, { id: 'late', created_at: new Date(scene.far.now - 9 * minute).toISOString() });
    scene.far.feeds.events?.sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
    const seen: string[] = [];
    for (let n = 0; n < 11; n++) {
      scene.far.now += minute;
      const pages = await drain(stream, at);
      seen.push(...keysOf(pages));
      at = pages.at(-1)?.next ?? null;
    }
    expect(seen).toContain('late');
  });

  it('never looks back to before the first moment whose keys are remembered', async () => {
    const stream = scene.open(events, { since: '1m', overlap: '10m' });
    const began = scene.far.now - minute;
    let at = (await drain(stream, null)).at(-1)?.next ?? null;
    scene.far.now += 10 * minute;
    scene.queries();
    at = (await drain(stream, at)).at(-1)?.next ?? null;
    expect(scene.queries()).toEqual([{ from: began }]);
    scene.far.now += 10 * minute;
    at = (await drain(stream, at)).at(-1)?.next ?? null;
    expect(scene.queries()).toEqual([{ from: began }]);
    scene.far.now += 10 * minute;
    await drain(stream, at);
    expect(scene.queries()).toEqual([{ from: scene.far.now - 30 * minute }]);
  });

  it('never looks back when the overlap is 0', async () => {
    const stream = scene.open(events, { overlap: '0s' });
    let at = (await drain(stream, null)).at(-1)?.next ?? null;
    scene.queries();
    for (let n = 0; n < 5; n++) {
      scene.far.now += hour;
      at = (await drain(stream, at)).at(-1)?.next ?? null;
    }
    expect(scene.queries().every(({ from }) => from === undefined)).toBe(true);
  });

  it('never looks back in the middle of a read', async () => {
    const stream = scene.open();
    scene.add(500);
    const first = await stream.fetch(null, never);
    scene.far.now += hour;
    scene.queries();
    await drain(stream, first.next);
    expect(scene.queries().every(({ from }) => from === undefined)).toBe(true);
  });

  it('prefers the cursor when the look back would begin too long ago', async () => {
    const stream = scene.open();
    const at = (await drain(stream, null)).at(-1)?.next ?? null;
    scene.far.now += day - minute;
    scene.queries();
    await drain(stream, at);
    expect(scene.queries()).toEqual([{ cursor: expect.any(String) }]);
  });
});

describe('an imported cursor', () => {
  it('is followed first, and nothing before that moment is asked for again', async () => {
    scene.add(3, hour);
    const cursor = scene.far.cursorAt(1);
    scene.add(2);
    const stream = scene.open();
    let at = (await drain(stream, { cursor })).at(-1)?.next ?? null;
    expect(keysOf(await drain(stream, { cursor }))).toEqual(['id-1', 'id-2', 'id-3', 'id-4']);
    const imported = scene.far.now;
    expect(scene.queries()).toEqual([{ cursor }, { cursor }]);
    scene.far.now += 11 * minute;
    at = (await drain(stream, at)).at(-1)?.next ?? null;
    expect(scene.queries()).toEqual([{ from: imported }]);
  });

  it('that is refused gives way to all that Central has', async () => {
    scene.add(2, 20 * hour);
    const pages = await drain(scene.open(), { cursor: 'bm9uc2Vuc2U=' });
    expect(keysOf(pages)).toEqual(['id-0', 'id-1']);
    expect(scene.queries()).toEqual([{ cursor: 'bm9uc2Vuc2U=' }, { from: scene.far.now - day + minute }]);
    expect(pages[0]?.gap).toBeUndefined();
  });
});

describe('a refused cursor', () => {
  const refuse = { status: 400, body: { error: 'badRequest', message: 'cursor is not valid' } };

  it('is dropped within the same fetch, and the read begins twice the overlap before read-up-to', async () => {
    const stream = scene.open();
    const at = (await drain(stream, null)).at(-1)?.next ?? null;
    const readUpTo = scene.far.now;
    scene.far.now += 3 * hour;
    scene.queries();
    // A look back is due; so that the cursor is asked, it must be in the middle of nothing else.
    const quiet = scene.open(events, { overlap: '6h' });
    scene.add(2);
    scene.far.failNext('/siem/', refuse);
    const pages = await drain(quiet, at);
    expect(keysOf(pages)).toEqual(['id-0', 'id-1']);
    expect(scene.queries()).toEqual([{ cursor: expect.any(String) }, { from: readUpTo - 12 * hour }]);
    expect(told(scene.reports)).toMatchObject([{ name: 'stream.cursor-refused', tenant: 'Acme' }]);
  });

  it('in the middle of a read loses nothing', async () => {
    const stream = scene.open(events, { overlap: '0s' });
    for (let n = 0; n < 500; n++) {
      scene.far.now += second;
      scene.add();
    }
    const first = await stream.fetch(null, never);
    scene.far.failNext('/siem/', refuse);
    const rest = await drain(stream, first.next);
    expect(new Set([...keysOf([first]), ...keysOf(rest)])).toEqual(new Set(scene.far.feeds.events?.map(({ id }) => id)));
  });

  it('that nothing can replace is told', async () => {
    const stream = scene.open();
    const at = (await drain(stream, null)).at(-1)?.next ?? null;
    scene.far.failNext('/siem/', refuse, refuse);
    await expect(stream.fetch(at, never)).rejects.toMatchObject({ kind: 'rejected', code: 'central.bad-request' });
  });

  it('is not what a forbidden tenant is', async () => {
    scene.far.failNext('/siem/', { status: 403 });
    await expect(scene.open().fetch(null, never)).rejects.toMatchObject({ kind: 'rejected', code: 'central.forbidden' });
    expect(scene.queries()).toHaveLength(1);
  });
});

describe('read-up-to', () => {
  it('is the newest `created_at` until the read ends, then Central’s time at the last request', async () => {
    scene.add(300, 2 * hour);
    const [first, last] = await drain(scene.open(), null);
    expect(first?.readUpTo).toBe(scene.far.now - 2 * hour);
    expect(last?.readUpTo).toBe(scene.far.now);
  });

  it('leaves out what Central was asked to hold back', async () => {
    const [page] = await drain(scene.open(events, { offsetMinutes: 15 }), null);
    expect(page?.readUpTo).toBe(scene.far.now - 15 * minute);
  });

  it('does not go back in the middle of a look back', async () => {
    const stream = scene.open();
    const at = (await drain(stream, null)).at(-1)?.next ?? null;
    const before = scene.far.now;
    scene.add(300, 15 * minute);
    scene.far.now += 10 * minute;
    const page = await stream.fetch(at, never);
    expect(page.more).toBe(true);
    expect(page.readUpTo).toBe(before);
  });

  it('is not told by a record without a time, or with one in the future', async () => {
    scene.far.intercept = ({ path }) =>
      path.startsWith('/siem/')
        ? {
            body: {
              has_more: true,
              items: [{ id: 'a' }, 7, { id: 'b', created_at: '2099-01-01T00:00:00.000Z' }, { id: 'c', created_at: '2026-11-20T10:00:00.000Z' }],
              next_cursor: 'x',
            },
          }
        : null;
    const page = await scene.open().fetch(null, never);
    expect(page.readUpTo).toBe(Date.parse('2026-11-20T10:00:00.000Z'));
    expect(page.odd).toBe(2);
    expect(page.items.count).toBe(4);
  });
});

describe('a gap', () => {
  it('is told once, when a read begins more than 24 h after read-up-to', async () => {
    const at = (await drain(scene.open(), null)).at(-1)?.next ?? null;
    const readUpTo = scene.far.now;
    scene.far.now += hour;
    scene.add(1);
    scene.far.now += 29 * hour;
    scene.add(500);
    const pages = await drain(scene.open(), at);
    expect(pages.map(({ gap }) => gap)).toEqual([
      { since: readUpTo, until: scene.far.now - day, reason: expect.stringContaining('24 h') },
      undefined,
      undefined,
    ]);
    expect(keysOf(pages)).toHaveLength(500);
    scene.far.now += hour;
    expect((await drain(scene.open(), pages.at(-1)?.next ?? null)).every(({ gap }) => gap === undefined)).toBe(true);
  });

  it('waits for the read that succeeds', async () => {
    const stream = scene.open();
    const at = (await drain(stream, null)).at(-1)?.next ?? null;
    scene.far.now += 30 * hour;
    scene.far.failNext('/siem/', { status: 503 });
    await expect(stream.fetch(at, never)).rejects.toMatchObject({ kind: 'transient' });
    expect((await stream.fetch(at, never)).gap).toBeDefined();
  });

  it('is found in the middle of a read too', async () => {
    const stream = scene.open();
    scene.add(300, hour);
    const first = await stream.fetch(null, never);
    scene.far.now += 40 * hour;
    const rest = await drain(stream, first.next);
    expect(rest[0]?.gap).toMatchObject({ since: first.readUpTo, until: scene.far.now - day });
  });

  it('is not told for a tenant that was merely quiet', async () => {
    const stream = scene.open();
    let at = (await drain(stream, null)).at(-1)?.next ?? null;
    for (let n = 0; n < 20; n++) {
      scene.far.now += 6 * hour;
      const pages = await drain(stream, at);
      expect(pages.map(({ gap }) => gap)).toEqual([undefined]);
      at = pages.at(-1)?.next ?? null;
    }
  });

  it('reaches to where the read really began, when the cursor was lost as well', async () => {
    const stream = scene.open(events, { overlap: '0s' });
    const at = (await drain(stream, null)).at(-1)?.next ?? null;
    const readUpTo = scene.far.now;
    scene.far.now += 30 * hour;
    scene.far.failNext('/siem/', { status: 400 });
    const [page] = await drain(stream, at);
    expect(page?.gap).toMatchObject({ since: readUpTo, until: scene.far.now - day + minute });
  });
});

describe('a cursor that leads nowhere', () => {
  /** Answers pages with these cursors, over and over. */
  function loop(cursors: readonly string[], times: number): void {
    let n = 0;
    scene.far.intercept = ({ path }) => {
      if (!path.startsWith('/siem/') || n >= times) return null;
      const items = [{ id: `loop-${n}`, created_at: new Date(scene.far.now - hour).toISOString() }];
      return { body: { has_more: true, items, next_cursor: cursors[n++ % cursors.length] } };
    };
  }

  it.each([[['a']], [['a', 'b']], [['a', 'b', 'c', 'd', 'e', 'f', 'g']]])('ends the read: %j', async (cursors) => {
    loop(cursors, Number.POSITIVE_INFINITY);
    const pages = await drain(scene.open(), null);
    expect(pages.length).toBeLessThan(150);
    expect(scene.reports.some(({ name }) => name === 'stream.cursor-stuck')).toBe(true);
    // The next one begins at a time.
    scene.queries();
    scene.far.intercept = () => null;
    scene.add(3);
    expect(keysOf(await drain(scene.open(), pages.at(-1)?.next ?? null))).toEqual(['id-0', 'id-1', 'id-2']);
    expect(scene.queries()).toEqual([{ from: expect.any(Number) }]);
  });

  it('for a while only, does not keep a read from its end', async () => {
    scene.add(450, hour);
    loop(['a'], 3);
    const pages = await drain(scene.open(), null);
    expect(keysOf(pages).filter((key) => key.startsWith('id-'))).toEqual(scene.far.feeds.events?.map(({ id }) => id));
  });

  it('is none at all when more is promised', async () => {
    scene.far.intercept = ({ path }) => (path.startsWith('/siem/') ? { body: { has_more: true, items: [] } } : null);
    const pages = await drain(scene.open(), null);
    expect(pages.at(-1)?.more).toBe(false);
    expect(scene.reports.some(({ name }) => name === 'stream.cursor-stuck')).toBe(true);
  });
});

describe('empty pages that promise more', () => {
  const empties = (times: number, cursorOf: (n: number) => string) => {
    let n = 0;
    scene.far.intercept = ({ path }) => (path.startsWith('/siem/') && n < times ? { body: { has_more: true, items: [], next_cursor: cursorOf(n++) } } : null);
  };

  it('are survived', async () => {
    scene.add(3);
    empties(300, (n) => Buffer.from(`at|0|${scene.far.now + n}`).toString('base64'));
    expect(keysOf(await drain(scene.open(), null))).toEqual(['id-0', 'id-1', 'id-2']);
    scene.add(3);
    empties(5, () => scene.far.cursorAt(3));
    expect(keysOf(await drain(scene.open(), { cursor: scene.far.cursorAt(3) }))).toEqual(['id-3', 'id-4', 'id-5']);
  });

  it('end the read in the end, and it goes on from its cursor next time', async () => {
    empties(Number.POSITIVE_INFINITY, () => scene.far.cursorAt(0));
    const pages = await drain(scene.open(), null);
    expect(pages.length).toBeLessThan(30);
    expect(told(scene.reports)).toMatchObject([{ name: 'stream.empty-pages' }]);
    scene.far.intercept = () => null;
    scene.add(1);
    scene.queries();
    expect(keysOf(await drain(scene.open(), pages.at(-1)?.next ?? null))).toEqual(['id-0']);
    expect(scene.queries()).toEqual([{ cursor: expect.any(String) }]);
  });

  it('are bounded also when each names another cursor', async () => {
    empties(Number.POSITIVE_INFINITY, (n) => `c-${n}`);
    expect(await drain(scene.open(), null)).toHaveLength(1000);
  });
});

describe('the options', () => {
  it('are checked', () => {
    expect(events.options.parse({})).toEqual({ since: 12 * hour, overlap: 10 * minute, limit: 1000, offsetMinutes: 0, excludeTypes: [] });
    expect(siemAlerts.options.parse({ since: '7h' })).toMatchObject({ since: 7 * hour });
    for (const wrong of [{ since: '25h' }, { limit: 100 }, { limit: 1001 }, { overlap: '7h' }, { excludeTypes: [''] }, { since: 5 }, { typo: 1 }]) {
      expect(() => events.options.parse(wrong), JSON.stringify(wrong)).toThrow();
    }
    expect(() => siemAlerts.options.parse({ excludeTypes: ['x'] })).toThrow();
  });

  it('hands excluded types to Central', async () => {
    await drain(scene.open(events, { excludeTypes: ['Event::A', 'Event::B'] }), null);
    expect(scene.far.to('/siem/')[0]?.query.get('exclude_types')).toBe('Event::A,Event::B');
  });
});
