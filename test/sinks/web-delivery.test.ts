/** The sinks that send requests, driven by the real engine over a real journal while their far ends misbehave: every record, and its fate. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Sink } from '../../src/core/types.ts';
import { openDelivery } from '../../src/engine/delivery.ts';
import { elasticsearch } from '../../src/sinks/elasticsearch.ts';
import { http } from '../../src/sinks/http.ts';
import { otlp } from '../../src/sinks/otlp.ts';
import { quickly, routeTo, Scene } from '../engine/scene.ts';
import { startCluster } from '../far-ends/elasticsearch.ts';
import { startWebhook } from '../far-ends/http.ts';
import type { WebFault } from '../far-ends/misbehaving.ts';
import { startOtlp } from '../far-ends/otlp.ts';
import { opening, openWebSink } from './web-world.ts';

const keep = opening();
afterEach(() => keep.closeAll());

const tenants = ['t1', 't2', 't3'];
const each = 40;

interface Stage {
  readonly open: () => Promise<Sink>;
  readonly faults: WebFault[];
  /** Ids of the items that the far end holds, in the order in which they came. */
  readonly held: () => readonly string[];
  readonly refuse: (text: string) => void;
  /** Some records of the next requests are answered "not now". */
  readonly delay: (text: string) => void;
}

const idIn = (line: string) => /"id":"([^"]+)"/.exec(line.replaceAll('\\"', '"'))?.[1] ?? '';

const stages: Readonly<Record<string, () => Promise<Stage>>> = {
  async http() {
    const far = keep(await startWebhook());
    const open = async () => keep(await openWebSink(http, { url: `${far.url}/{tenant.id}`, batch: { records: 30 } }));
    return { open, faults: far.faults, held: () => far.taken.map(({ line }) => idIn(line)), refuse: far.refuseLinesWith, delay: () => undefined };
  },
  async 'http one by one'() {
    const far = keep(await startWebhook());
    const open = async () => keep(await openWebSink(http, { url: far.url, layout: 'one' }));
    return { open, faults: far.faults, held: () => far.taken.map(({ line }) => idIn(line)), refuse: far.refuseLinesWith, delay: () => undefined };
  },
  async otlp() {
    const far = keep(await startOtlp());
    const open = async () => keep(await openWebSink(otlp, { url: far.url, batch: { records: 30 } }));
    return { open, faults: far.faults, held: () => far.records.map(({ body }) => idIn(String(body))), refuse: far.refuseBodiesWith, delay: () => undefined };
  },
  async elasticsearch() {
    const far = keep(await startCluster());
    const open = async () => keep(await openWebSink(elasticsearch, { url: far.url, batch: { records: 30 } }));
    const delay = (text: string) => far.answerItems(text, { status: 429 }, { status: 503 });
    return { open, faults: far.faults, held: () => far.documents.map(({ source }) => idIn(source)), refuse: far.refuseSourcesWith, delay };
  },
};

const faults: readonly WebFault[] = ['reset', 'reset-mid-body', 'lost-answer', { status: 429 }, { status: 503 }, { status: 413 }];

describe.each(Object.keys(stages))('%s', (name) => {
  it('loses nothing, and names what was refused, however its far end misbehaves and wherever it is killed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...faults), { maxLength: 6 }),
        fc.option(fc.nat(each - 1)),
        fc.array(fc.nat(each - 1), { maxLength: 2 }),
        fc.boolean(),
        async (planned, guilty, delayed, isKilled) => {
          const scene = keep(await Scene.open(quickly(2)));
          const stage = await stages[name]?.();
          if (!stage) throw new Error('no such stage');
          for (const id of tenants) {
            await scene.openLane(`${id}/events`);
            await scene.append(each, { id: `${id}/events` });
          }
          stage.faults.push(...planned);
          if (guilty !== null) stage.refuse(`t2/events:${guilty}`);
          for (const i of delayed) stage.delay(`t1/events:${i}"`);
          if (isKilled) {
            const kill = new AbortController();
            const first = openDelivery(routeTo(await stage.open()), { store: scene.store, world: scene.world, patience: null });
            const work = first.run(kill.signal, kill.signal);
            await new Promise((resolve) => setImmediate(resolve));
            kill.abort();
            await work;
          }
          const delivery = openDelivery(routeTo(await stage.open()), { store: scene.store, world: scene.world, patience: null });
          delivery.finish();
          const never = new AbortController().signal;
          expect(await delivery.run(never, never)).toBeNull();

          const held = stage.held();
          const dead = (await scene.store.deadLetters.list({})).map(({ json }) => idIn(json));
          const all = tenants.flatMap((id) => Array.from({ length: each }, (_, i) => `${id}/events:${i}`));
          expect([...new Set([...held, ...dead])].sort()).toEqual(all.toSorted());
          // The mark is a beginning: `:3` stands for `:3` and `:30` to `:39`.
          const isGuilty = (id: string) => guilty !== null && id.startsWith(`t2/events:${guilty}`);
          const isLarge = planned.some((fault) => typeof fault === 'object' && fault.status === 413);
          const wanted = all.filter(isGuilty);
          // A record whose answer was lost may be refused as too large when it is sent again: then it is there, and a dead letter.
          if (isLarge) expect(dead).toEqual(expect.arrayContaining(wanted));
          else {
            expect(dead.toSorted()).toEqual(wanted.toSorted());
            expect(held.filter((id) => dead.includes(id))).toEqual([]);
          }
          if (name === 'elasticsearch') expect(new Set(held).size).toBe(held.length);
          expect(await scene.backlog()).toBe(0);
          await keep.closeAll();
        },
      ),
      { numRuns: 12 },
    );
  });
});
