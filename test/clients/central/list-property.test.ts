/** A list against far ends of every manner, by chance: whatever they leave out, clamp, repeat or cut, each item comes once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import type { Clock, World } from '../../../src/core/world.ts';
import { type Position, SophosCentral } from '../../../src/index.ts';
import { randomFrom } from '../../../src/simulator/random.ts';
import { type Asked, FarCentral, type Fault } from '../../far-ends/central.ts';
import { openTestWorld } from '../world.ts';

const hasty: Clock = { ...systemClock, sleep: (_, signal) => systemClock.sleep(0, signal) };

let far: FarCentral;
let world: World;
let close: () => Promise<void>;

beforeAll(async () => {
  far = await new FarCentral().open();
  const opened = openTestWorld(hasty);
  world = opened.world;
  close = async () => {
    await opened.close();
    await far.close();
  };
});
afterAll(() => close());

/** How a far end is, for the length of one list. */
interface Manner {
  readonly count: number;
  readonly maxSize: number;
  readonly refuses: boolean;
  readonly tells: readonly ('size' | 'maxSize' | 'total' | 'nothing')[];
  /** Items of the page before that come again. */
  readonly overlap: number;
  readonly empties: number;
  readonly lastKey: '' | null | undefined;
  readonly troubles: number;
}

function mannerOf(random: () => number): Manner {
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const tells = (['size', 'maxSize', 'total', 'nothing'] as const).filter(() => random() < 0.4);
  const [lastKey] = (['', null, undefined] as const).slice(upTo(2));
  return {
    count: upTo(1) * upTo(700),
    maxSize: [50, 60, 100, 300, 1000][upTo(4)] as number,
    refuses: random() < 0.5,
    tells,
    overlap: upTo(1) * upTo(20),
    empties: upTo(1) * upTo(2),
    lastKey,
    troubles: random() * 0.3,
  };
}

const itemsOf = (from: number, to: number) => Array.from({ length: Math.max(0, to - from) }, (_, i) => ({ id: `id-${from + i}` }));
const troubles: readonly Fault[] = ['reset', 'cut', { raw: '{"items":[{"id":"id-0"' }, { status: 503, raw: 'busy' }, { status: 500, body: {} }, { raw: '' }];

function answerOf(manner: Manner, random: () => number): (asked: Asked) => Fault | null {
  const { count, maxSize, refuses, tells, overlap, empties, lastKey } = manner;
  let emptied = 0;
  return ({ path, query, body }) => {
    if (path.startsWith('/api/v2')) return null;
    if (random() < manner.troubles) return troubles[Math.floor(random() * troubles.length)] as Fault;
    const wanted = new Map<string, string>([
      ...query,
      ...(body ? Object.entries(JSON.parse(body)).map(([name, value]) => [name, String(value)] as const) : []),
    ]);
    const asked = Number(wanted.get('pageSize') ?? 50);
    if (asked > maxSize && refuses) return { status: 400, body: { error: 'badRequest' } };
    const size = Math.min(asked, maxSize);
    const byNumber = wanted.has('page');
    const start = byNumber ? (Number(wanted.get('page')) - 1) * size : Number(wanted.get('pageFromKey') ?? 0);
    const isEmptied = !byNumber && start > 0 && emptied < empties && random() < 0.5;
    if (isEmptied) emptied++;
    const end = isEmptied ? start : Math.min(count, start + size);
    const nextKey = end < count ? String(end) : lastKey;
    const items = isEmptied ? [] : itemsOf(Math.max(0, start - (start < count ? overlap : 0)), end);
    const told = {
      ...(tells.includes('size') ? { size } : {}),
      ...(tells.includes('maxSize') ? { maxSize } : {}),
      ...(tells.includes('total') ? { total: Math.ceil(count / size) } : {}),
      // An emptied page leads to a place of its own.
      ...(byNumber ? {} : { nextKey: isEmptied ? `${start}.${'0'.repeat(emptied)}` : nextKey }),
    };
    return { body: { items, ...(byNumber && tells.includes('nothing') ? {} : { pages: told }) } };
  };
}

describe('a list', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => [seed]))('gives each item once, of the far end number %i', async (seed) => {
    const random = randomFrom(0x5eed ^ (seed * 7919));
    const manner = mannerOf(random);
    far.intercept = answerOf(manner, random);
    const { clientId, clientSecret, url } = far;
    const rateLimits = { second: 100_000, minute: 1_000_000, hour: 1_000_000, day: 1_000_000 };
    const central = new SophosCentral({ clientId, clientSecret, authUrl: url, apiUrl: url, rateLimits, retries: 60, world });
    const { localSites, endpoints, alerts } = central.forTenant({ id: far.accountId, apiHost: url });
    const expected = itemsOf(0, manner.count).map(({ id }) => id);
    for (const list of [localSites.list(), endpoints.list(), alerts.list(), alerts.search({})]) {
      expect((await list.all()).map(({ id }) => id)).toEqual(expected);
      // Begun anew after each page, as after a crash: nothing is missing.
      const found = new Set<string>();
      let at: Position | null = null;
      do {
        const { value } = await list.pages(at).next();
        for (const { id } of value?.items ?? []) found.add(id);
        at = JSON.parse(JSON.stringify(value?.next ?? null));
      } while (at !== null);
      expect([...found]).toEqual(expected);
    }
  });
});
