import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { Failure } from '../../src/core/failure.ts';
import { isExhausted, openBackoff } from '../../src/engine/backoff.ts';
import { openDueQueue } from '../../src/engine/due.ts';
import { openTurns } from '../../src/engine/turns.ts';

describe('the due queue', () => {
  it('gives the earliest first, whatever the order of arrival', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000)), (times) => {
        const queue = openDueQueue<{ dueAt: number }>();
        for (const dueAt of times) queue.push({ dueAt });
        const taken: number[] = [];
        for (let each = queue.pop(); each; each = queue.pop()) taken.push(each.dueAt);
        expect(taken).toEqual([...times].sort((a, b) => a - b));
      }),
    );
  });
});

describe('turns', () => {
  it('run no more tasks at once than allowed, and end when none is left', async () => {
    const turns = openTurns(systemClock, 3, () => false);
    let running = 0;
    let most = 0;
    let taken = 0;
    for (let i = 0; i < 20; i++) {
      let left = 3;
      turns.add({
        dueAt: 0,
        async turn() {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setImmediate(resolve));
          running--;
          taken++;
          return --left > 0 ? 0 : null;
        },
      });
    }
    await turns.run(new AbortController().signal);
    expect({ most, taken }).toEqual({ most: 3, taken: 60 });
  });

  it('end on abort while tasks still wait for their time', async () => {
    const turns = openTurns(systemClock, 3, () => false);
    turns.add({ dueAt: systemClock.monotonic() + 3_600_000, turn: async () => 0 });
    const stop = new AbortController();
    const over = turns.run(stop.signal);
    stop.abort();
    await over;
  });

  it('give nobody a turn while paused', async () => {
    let paused = true;
    let taken = 0;
    const turns = openTurns(systemClock, 3, () => paused);
    turns.add({
      dueAt: 0,
      turn: async () => {
        taken++;
        return null;
      },
    });
    const over = turns.run(new AbortController().signal);
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBe(0);
    paused = false;
    await over;
    expect(taken).toBe(1);
  });

  it('pass on a bug instead of swallowing it', async () => {
    const turns = openTurns(systemClock, 1, () => false);
    turns.add({ dueAt: 0, turn: async () => Promise.reject(new TypeError('a bug')) });
    await expect(turns.run(new AbortController().signal)).rejects.toThrow('a bug');
  });
});

describe('back-off', () => {
  const transient = new Failure('transient', 'x', 'x');

  it('starts at 0.2 s, doubles, and stays within 30 s', () => {
    const backoff = openBackoff(() => 1);
    const pauses = Array.from({ length: 10 }, () => backoff.failed(transient, 0));
    expect(pauses.slice(0, 4)).toEqual([200, 400, 800, 1_600]);
    expect(Math.max(...pauses)).toBe(30_000);
  });

  it("takes the far end's wish as a minimum", () => {
    const backoff = openBackoff(() => 1);
    expect(backoff.failed(new Failure('transient', 'x', 'x', { retryAfterMs: 7_000 }), 0)).toBe(7_000);
  });

  it('gives up only after enough time and enough tries', () => {
    const backoff = openBackoff(() => 0.5);
    const patience = { ms: 1_000, tries: 3 };
    backoff.failed(transient, 0);
    expect(isExhausted(backoff, patience, 5_000)).toBe(false);
    backoff.failed(transient, 10);
    backoff.failed(transient, 20);
    expect(isExhausted(backoff, patience, 500)).toBe(false);
    expect(isExhausted(backoff, patience, 1_000)).toBe(true);
    backoff.succeeded();
    expect(isExhausted(backoff, patience, 5_000)).toBe(false);
  });
});
